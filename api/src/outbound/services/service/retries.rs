//! Whether and when a question that failed is asked again.

use super::Fault;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How often, and after which pauses, a question is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// How often at most.
    pub most: u32,
    /// The pause before the first repetition; it doubles with each.
    pub first: Duration,
    /// The longest pause, unless the service asks for more.
    pub longest: Duration,
}

impl Retries {
    /// The pause before the question is asked again, or nothing if it is not.
    ///
    /// `attempts` is how often it has been asked, `left` the time there is, and `jitter` a number from 0 to 1 that keeps those who
    /// failed together from coming back together. What the service asks for is waited for, but never past the time there is.
    pub fn pause(&self, attempts: u32, fault: Fault, left: Duration, jitter: f64) -> Option<Duration> {
        if attempts > self.most || !fault.may_pass() {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(16);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        let pause = whole.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        Some(pause.max(fault.retry_after().unwrap_or_default())).filter(|pause| *pause < left)
    }
}

/// What a `Retry-After` header asks for: seconds, or a date, which the answer's own `Date` is held against.
pub(super) fn retry_after(header: &str, date: Option<&str>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let (until, now) = (http_date(header)?, http_date(date?.trim())?);
    (until - now).to_std().ok()
}

fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RETRIES: Retries = Retries { most: 4, first: Duration::from_millis(200), longest: Duration::from_secs(5) };
    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn pauses_double_up_to_the_longest() {
        let retries = Retries { most: 20, ..RETRIES };
        let pause = |attempts| retries.pause(attempts, Fault::TimedOut, HOUR, 1.0).unwrap().as_millis();
        assert_eq!([pause(1), pause(2), pause(3), pause(6), pause(20)], [200, 400, 800, 5000, 5000]);
        assert_eq!(retries.pause(1, Fault::TimedOut, HOUR, 0.0).unwrap().as_millis(), 100);
    }

    #[test]
    fn what_cannot_pass_is_not_asked_again() {
        let refused = |status| Fault::Refused { status, retry_after: None };
        for fault in [Fault::Malformed("x"), Fault::TooLarge, Fault::CircuitOpen, Fault::Crowded, refused(403)] {
            assert_eq!(RETRIES.pause(1, fault, HOUR, 0.5), None, "{fault}");
        }
        for fault in [Fault::Unreachable, Fault::TimedOut, Fault::Cut, refused(502)] {
            assert!(RETRIES.pause(1, fault, HOUR, 0.5).is_some(), "{fault}");
        }
    }

    #[test]
    fn what_the_service_asks_for_is_waited_for_unless_it_is_too_long() {
        let limited = Fault::RateLimited { retry_after: Some(Duration::from_secs(20)) };
        assert_eq!(RETRIES.pause(1, limited, HOUR, 0.5), Some(Duration::from_secs(20)));
        assert_eq!(RETRIES.pause(1, limited, Duration::from_secs(20), 0.5), None);
    }

    #[test]
    fn a_header_asks_by_seconds_or_by_date() {
        let date = Some("Sun, 22 Nov 2026 09:00:00 GMT");
        assert_eq!(retry_after(" 7 ", None), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 22 Nov 2026 09:01:00 GMT", date), Some(Duration::from_mins(1)));
        for wrong in ["", "-1", "soon", "7.5", "Sun, 22 Nov 2026 08:00:00 GMT"] {
            assert_eq!(retry_after(wrong, date), None, "{wrong:?}");
        }
        assert_eq!(retry_after("Sun, 22 Nov 2026 09:01:00 GMT", None), None);
    }

    fn faults() -> impl Strategy<Value = Fault> {
        let asked = || prop::option::of((0..100_000_u64).prop_map(Duration::from_millis));
        prop_oneof![
            Just(Fault::Unreachable),
            Just(Fault::TimedOut),
            Just(Fault::Cut),
            Just(Fault::Malformed("x")),
            Just(Fault::TooLarge),
            Just(Fault::CircuitOpen),
            Just(Fault::Crowded),
            asked().prop_map(|retry_after| Fault::RateLimited { retry_after }),
            (300..600_u16, asked()).prop_map(|(status, retry_after)| Fault::Refused { status, retry_after }),
        ]
    }

    proptest! {
        #[test]
        fn no_pause_is_too_short_for_the_service_or_too_long_for_us(
            attempts in 0..100_u32, fault in faults(), left in 0..200_000_u64, jitter in any::<f64>(),
        ) {
            let left = Duration::from_millis(left);
            if let Some(pause) = RETRIES.pause(attempts, fault, left, jitter) {
                prop_assert!(attempts <= RETRIES.most && fault.may_pass() && pause < left);
                prop_assert!(pause >= fault.retry_after().unwrap_or_default());
                prop_assert!(pause <= RETRIES.longest.max(fault.retry_after().unwrap_or_default()));
            }
        }

        #[test]
        fn any_header_is_read_or_ignored(header in ".*", date in prop::option::of(".*")) {
            let _ = retry_after(&header, date.as_deref());
        }
    }
}

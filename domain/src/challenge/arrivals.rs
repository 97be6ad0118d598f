//! How fast submissions come, now and usually.

use chrono::{DateTime, TimeDelta, Utc};

/// The seconds over which the present pace is taken.
const NOW: f64 = 10.0;

/// The seconds over which the usual pace is taken: an hour.
const USUALLY: f64 = 3600.0;

/// A server that is used less than once a second counts as used once a second.
const LEAST_USUAL: f64 = 1.0;

/// The pace of submissions: averages in which what is longer ago counts less.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrivals {
    /// How many a second, now.
    now: f64,
    /// How many a second, usually.
    usual: f64,
    last: Option<DateTime<Utc>>,
}

impl Arrivals {
    /// The paces with one more submission.
    #[must_use]
    pub fn with_one_at(self, moment: DateTime<Utc>) -> Self {
        let Self { now, usual, .. } = self.at(moment);
        Self { now: now + 1.0 / NOW, usual: usual + 1.0 / USUALLY, last: self.last.max(Some(moment)) }
    }

    /// How many times the usual pace the present one is.
    pub fn times_usual(self, moment: DateTime<Utc>) -> f64 {
        let Self { now, usual, .. } = self.at(moment);
        now / usual.max(LEAST_USUAL)
    }

    /// The paces as they are when nothing has come since the last submission.
    fn at(self, moment: DateTime<Utc>) -> Self {
        let since = self.last.map_or(TimeDelta::zero(), |last| moment - last);
        let seconds = since.as_seconds_f64().max(0.0);
        Self { now: self.now * (-seconds / NOW).exp(), usual: self.usual * (-seconds / USUALLY).exp(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many a second, for so many seconds from a moment on.
    fn run(mut arrivals: Arrivals, from: i64, seconds: i64, per_second: i64) -> Arrivals {
        for number in 0..seconds * per_second {
            arrivals = arrivals.with_one_at(at(from * 1000 + number * 1000 / per_second));
        }
        arrivals
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn a_pace_that_stays_becomes_the_usual_one() {
        let arrivals = run(Arrivals::default(), 0, 4 * 3600, 5);
        let times = arrivals.times_usual(at(4 * 3_600_000));
        assert!((0.9..1.1).contains(&times), "{times}");
    }

    #[test]
    fn a_rush_shows_within_seconds_and_is_over_within_a_minute() {
        let arrivals = run(run(Arrivals::default(), 0, 3600, 2), 3600, 20, 100);
        let rush = arrivals.times_usual(at(3_620_000));
        assert!(rush > 30.0, "{rush}");
        let later = arrivals.times_usual(at(3_680_000));
        assert!(later < 0.5, "{later}");
    }

    #[test]
    fn a_quiet_server_is_not_surprised_by_a_few() {
        let arrivals = run(Arrivals::default(), 0, 5, 3);
        assert!(arrivals.times_usual(at(5000)) < 3.0);
    }

    #[test]
    fn a_clock_that_goes_back_changes_nothing() {
        let arrivals = Arrivals::default().with_one_at(at(5000)).with_one_at(at(0));
        assert_eq!(arrivals.last, Some(at(5000)));
        assert!(arrivals.times_usual(at(0)) <= 0.2 + f64::EPSILON);
    }
}

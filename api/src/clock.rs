//! The only place that reads the time, so that tests can move it.

use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::uk_day;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Tells the time in whole microseconds, which is what both databases keep.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Still(Arc<AtomicI64>),
    Moved(Ahead),
    /// Stands still, and panics when it has been read so many times: a crash at a chosen place.
    #[cfg(test)]
    Breaking(Arc<AtomicI64>, Arc<AtomicI64>),
}

/// The lead of a clock over the machine's, in microseconds.
pub type Ahead = fn() -> i64;

impl Clock {
    /// The time of the machine.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The time of the machine, and as much more as `ahead` says each time: for tests of what takes months.
    pub const fn moved(ahead: Ahead) -> Self {
        Self(Source::Moved(ahead))
    }

    /// A clock that stands still until it is moved; its clones move with it.
    pub fn still(at: DateTime<Utc>) -> Self {
        Self(Source::Still(Arc::new(AtomicI64::new(at.timestamp_micros()))))
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match &self.0 {
            Source::System => system_micros(),
            Source::Still(micros) => micros.load(Ordering::SeqCst),
            Source::Moved(ahead) => system_micros().saturating_add(ahead()),
            #[cfg(test)]
            Source::Breaking(micros, left) => {
                crash_at(left.fetch_sub(1, Ordering::SeqCst));
                micros.load(Ordering::SeqCst)
            }
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The day in the United Kingdom: elections and dissolutions go by it.
    pub fn today(&self) -> NaiveDate {
        uk_day(self.now())
    }

    /// Moves a still clock forward. The machine's time cannot be moved: then nothing happens.
    pub fn advance(&self, by: Duration) {
        if let Source::Still(micros) = &self.0 {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
fn crash_at(left: i64) {
    if left == 0 {
        // Without the panic hook: a thousand backtraces take longer than the simulation.
        std::panic::resume_unwind(Box::new("the crash that was asked for"));
    }
}

#[cfg(test)]
impl Clock {
    /// A clock that stands still, and whose readings can be made to end in a crash.
    pub(crate) fn breaking(at: DateTime<Utc>) -> Self {
        Self(Source::Breaking(Arc::new(AtomicI64::new(at.timestamp_micros())), Arc::new(AtomicI64::new(-1))))
    }

    /// Crashes at the reading after `readings` more; a negative number never does.
    pub(crate) fn crash_after(&self, readings: i64) {
        if let Source::Breaking(_, left) = &self.0 {
            left.store(readings, Ordering::SeqCst);
        }
    }

    /// Moves a breaking clock, back too.
    pub(crate) fn step(&self, by: chrono::TimeDelta) {
        if let Source::Breaking(micros, _) = &self.0 {
            micros.fetch_add(by.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
fn system_micros() -> i64 {
    Utc::now().timestamp_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_clock_moves_only_when_it_is_moved() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Clock::still(start);
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!((other.now() - start).num_seconds(), 90);
    }
}

//! The days by which offices are taken and left.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::London;

/// The day in the United Kingdom at a moment: elections and dissolutions go by it, in summer too.
pub fn uk_day(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&London).date_naive()
}

/// A moment as British clocks show it, an hour ahead in summer.
pub fn uk_clock(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&London).fixed_offset()
}

/// The moment at which a day begins in the United Kingdom; the clocks never change at midnight there.
pub fn uk_midnight(day: NaiveDate) -> DateTime<Utc> {
    uk_moment(day.and_time(NaiveTime::MIN))
}

/// The first moment at which British clocks show this time, or the next one that they show.
pub(crate) fn uk_moment(local: NaiveDateTime) -> DateTime<Utc> {
    let shown = |local: NaiveDateTime| London.from_local_datetime(&local).earliest();
    shown(local).or_else(|| shown(local + TimeDelta::hours(1))).map_or_else(|| local.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summer_night_belongs_to_the_next_day_an_hour_earlier() {
        let day = |text: &str| uk_day(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-05-06T22:59:59Z"), "2026-05-06");
        assert_eq!(day("2026-05-06T23:00:00Z"), "2026-05-07");
        assert_eq!(day("2026-11-25T23:30:00Z"), "2026-11-25");
    }

    #[test]
    fn a_summer_day_begins_an_hour_earlier() {
        let begins = |text: &str| uk_midnight(text.parse().unwrap()).to_rfc3339();
        assert_eq!(begins("2026-05-07"), "2026-05-06T23:00:00+00:00");
        assert_eq!(begins("2026-11-25"), "2026-11-25T00:00:00+00:00");
    }
}

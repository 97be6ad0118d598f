//! The days by which offices are taken and left.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;

/// The day in the United Kingdom at a moment: elections and dissolutions go by it, in summer too.
pub fn uk_day(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&London).date_naive()
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
}

//! The hours of the day in which messages to representatives leave, by the clocks of the United Kingdom (B26).

use crate::Flaw;
use crate::calendar::uk_moment;
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::London;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const DAY: u32 = 24 * 60;

/// From a minute of the day until before another: `08:00-20:00`, or `00:00-24:00` for always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SendingHours {
    from: u32,
    until: u32,
}

impl SendingHours {
    /// Around the clock.
    pub const ALWAYS: Self = Self { from: 0, until: DAY };

    /// The moment at which the hours begin next; nothing within them.
    pub fn next_opening(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&London).naive_local();
        let minute = local.hour() * 60 + local.minute();
        if (self.from..self.until).contains(&minute) {
            return None;
        }
        let day = local.date() + Days::new(u64::from(minute >= self.until));
        let opening = NaiveTime::from_num_seconds_from_midnight_opt(self.from * 60, 0).unwrap_or_default();
        Some(uk_moment(day.and_time(opening)))
    }

    /// The time that the hours of a day last.
    pub fn length(self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.until - self.from))
    }

    /// The moment at which work that takes so long is done, if it goes on within the hours only.
    pub fn done(self, now: DateTime<Utc>, work: TimeDelta) -> DateTime<Utc> {
        let (mut now, mut left) = (now, work);
        // A thousand days are longer than any queue; the loop ends also for absurd numbers.
        for _ in 0..1000 {
            now = self.next_opening(now).unwrap_or(now);
            let today = self.closing(now) - now;
            if self == Self::ALWAYS || left <= today {
                return now.checked_add_signed(left).unwrap_or(now);
            }
            left -= today;
            now += today;
        }
        now
    }

    /// The moment at which the hours end that `now` lies in.
    fn closing(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let day = now.with_timezone(&London).date_naive();
        let midnight = day.and_time(NaiveTime::MIN);
        uk_moment(midnight + TimeDelta::minutes(self.until.into()))
    }
}

impl FromStr for SendingHours {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("hours_invalid", "must be hours of a day such as 08:00-20:00");
        let minute = |text: &str| {
            let (hours, minutes) = text.split_once(':')?;
            let number = |digits: &str| (digits.len() == 2).then(|| digits.parse::<u32>().ok())?;
            let (hours, minutes) = (number(hours)?, number(minutes)?);
            (minutes < 60).then_some(hours * 60 + minutes).filter(|minute| *minute <= DAY)
        };
        let (from, until) = text.split_once('-').ok_or_else(flaw)?;
        match (minute(from), minute(until)) {
            (Some(from), Some(until)) if from < until => Ok(Self { from, until }),
            _ => Err(flaw()),
        }
    }
}

impl TryFrom<String> for SendingHours {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        text.parse()
    }
}

impl From<SendingHours> for String {
    fn from(hours: SendingHours) -> Self {
        hours.to_string()
    }
}

impl fmt::Display for SendingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hours(text: &str) -> SendingHours {
        text.parse().unwrap()
    }

    fn opening(text: &str, now: &str) -> Option<String> {
        hours(text).next_opening(now.parse().unwrap()).map(|at| at.to_rfc3339())
    }

    #[test]
    fn hours_go_by_british_clocks_in_winter_and_in_summer() {
        let winter = |now| opening("08:00-20:00", now);
        assert_eq!(winter("2026-11-25T07:59:59Z").unwrap(), "2026-11-25T08:00:00+00:00");
        assert_eq!(winter("2026-11-25T08:00:00Z"), None);
        assert_eq!(winter("2026-11-25T19:59:59Z"), None);
        assert_eq!(winter("2026-11-25T20:00:00Z").unwrap(), "2026-11-26T08:00:00+00:00");
        assert_eq!(winter("2026-07-01T06:59:59Z").unwrap(), "2026-07-01T07:00:00+00:00");
        assert_eq!(winter("2026-07-01T19:00:00Z").unwrap(), "2026-07-02T07:00:00+00:00");
        assert_eq!(opening("00:00-24:00", "2026-11-25T23:59:59Z"), None);
    }

    #[test]
    fn both_changes_of_the_clock_are_kept() {
        // Clocks go forward on 29 March 2026 at 01:00, and back on 25 October 2026 at 02:00.
        assert_eq!(opening("01:30-05:00", "2026-03-29T00:10:00Z").unwrap(), "2026-03-29T01:30:00+00:00");
        assert_eq!(opening("08:00-20:00", "2026-03-28T21:00:00Z").unwrap(), "2026-03-29T07:00:00+00:00");
        assert_eq!(opening("08:00-20:00", "2026-10-24T20:00:00Z").unwrap(), "2026-10-25T08:00:00+00:00");
        assert_eq!(opening("01:30-05:00", "2026-10-24T23:00:00Z").unwrap(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn work_goes_on_within_the_hours_only() {
        let done = |text: &str, now: &str, hours_of_work| {
            hours(text).done(now.parse().unwrap(), TimeDelta::hours(hours_of_work)).to_rfc3339()
        };
        assert_eq!(done("08:00-20:00", "2026-11-25T10:00:00Z", 3), "2026-11-25T13:00:00+00:00");
        assert_eq!(done("08:00-20:00", "2026-11-25T18:00:00Z", 3), "2026-11-26T09:00:00+00:00");
        assert_eq!(done("08:00-20:00", "2026-11-25T22:00:00Z", 25), "2026-11-28T09:00:00+00:00");
        assert_eq!(done("00:00-24:00", "2026-11-25T22:00:00Z", 50), "2026-11-28T00:00:00+00:00");
    }

    #[test]
    fn what_are_no_hours_is_refused() {
        for text in ["", "08:00", "20:00-08:00", "08:00-08:00", "8:00-20:00", "08:00-24:01", "08:60-20:00", "a-b"] {
            assert!(text.parse::<SendingHours>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn hours_read_back_and_an_opening_is_open(from in 0_u32..1440, length in 1_u32..1440, seconds in 0_i64..63_072_000) {
            let hours = SendingHours { from, until: (from + length).min(DAY) };
            prop_assert_eq!(hours.to_string().parse::<SendingHours>().unwrap(), hours);
            let now = DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap();
            if let Some(opens) = hours.next_opening(now) {
                prop_assert!(opens > now && opens - now <= TimeDelta::hours(25));
                // Only the hour that is left out in March may lie between.
                prop_assert!(hours.next_opening(opens).is_none_or(|later| later - opens < TimeDelta::hours(24)));
            }
        }
    }
}

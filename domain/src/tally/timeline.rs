//! Actions over time, by the clocks of the United Kingdom.

use super::CampaignTally;
use crate::words::words;
use crate::{Flaw, uk_day, uk_midnight};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeMap;

words! {
    /// What a timeline counts by.
    Interval, "interval_unknown" {
        /// An hour of the clock; the one that is shown twice in October is two.
        Hour = "hour",
        /// A day, of 23 hours in March and of 25 in October when the clocks change.
        Day = "day",
    }
}

impl Interval {
    /// How many days a timeline may hold.
    pub const fn most_days(self) -> u64 {
        match self {
            Self::Hour => 31,
            Self::Day => 1_100,
        }
    }
}

/// How many acted in one hour or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// When it begins.
    pub begins_at: DateTime<Utc>,
    /// Confirmed actions made in it.
    pub actions: i64,
}

/// Which days a timeline holds, and by what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    interval: Interval,
    first: NaiveDate,
    last: NaiveDate,
}

impl Timeline {
    /// From one day to another, both included: not the other way round, and not too many.
    pub fn new(interval: Interval, first: NaiveDate, last: NaiveDate) -> Result<Self, Flaw> {
        let most = interval.most_days();
        if first > last {
            return Err(Flaw::new("range_reversed", "must not be after the last day"));
        }
        if u64::try_from((last - first).num_days()).is_ok_and(|days| days >= most) {
            return Err(Flaw::new(
                "range_too_long",
                format!("must be at most {} days before the last day, by {interval}", most - 1),
            ));
        }
        Ok(Self { interval, first, last })
    }

    /// From the first day that counts anything until `last`: the latest days of it, if they are too many.
    pub fn until(interval: Interval, last: NaiveDate, tally: &CampaignTally) -> Self {
        let began = tally.hours().next().map_or(last, |(hour, _)| uk_day(hour)).min(last);
        let earliest = last.checked_sub_days(Days::new(interval.most_days() - 1)).unwrap_or(last);
        Self { interval, first: began.max(earliest), last }
    }

    /// What it counts by.
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// The first day.
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub const fn last(&self) -> NaiveDate {
        self.last
    }

    /// Every hour or day of it that has begun, oldest first, those without an action too.
    pub fn points(&self, tally: &CampaignTally, now: DateTime<Utc>) -> Vec<Point> {
        let (begin, end) = (uk_midnight(self.first), day_after(self.last));
        let counted: BTreeMap<_, _> = tally.hours().filter(|(hour, _)| (begin..end).contains(hour)).collect();
        let mut points = Vec::new();
        let mut begins_at = begin;
        while begins_at < end && begins_at <= now {
            let next = self.next(begins_at);
            points.push(Point { begins_at, actions: counted.range(begins_at..next).map(|(_, count)| count).sum() });
            begins_at = next;
        }
        points
    }

    fn next(&self, begins_at: DateTime<Utc>) -> DateTime<Utc> {
        match self.interval {
            Interval::Hour => begins_at + TimeDelta::hours(1),
            Interval::Day => day_after(uk_day(begins_at)),
        }
    }
}

fn day_after(day: NaiveDate) -> DateTime<Utc> {
    uk_midnight(day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::TallyKey;

    fn tally(counts: &[(&str, i64)]) -> CampaignTally {
        let mut tally = CampaignTally::new();
        for (at, count) in counts {
            tally.apply(TallyKey::hour(at.parse().unwrap()), *count, 1);
        }
        tally
    }

    fn now() -> DateTime<Utc> {
        "2026-12-01T14:30:00Z".parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn points(interval: Interval, first: &str, last: &str, tally: &CampaignTally) -> Vec<(String, i64)> {
        let points = Timeline::new(interval, day(first), day(last)).unwrap().points(tally, now());
        points.into_iter().map(|point| (point.begins_at.format("%dT%H").to_string(), point.actions)).collect()
    }

    #[test]
    fn a_summer_evening_counts_for_the_day_of_the_clock() {
        let tally = tally(&[("2026-07-01T22:59:00Z", 2), ("2026-07-01T23:00:00Z", 3), ("2026-07-02T22:10:00Z", 5)]);
        let points = points(Interval::Day, "2026-07-01", "2026-07-03", &tally);
        assert_eq!(points, [("30T23".to_owned(), 2), ("01T23".to_owned(), 8), ("02T23".to_owned(), 0)]);
    }

    #[test]
    fn the_days_on_which_the_clocks_change_are_an_hour_shorter_and_longer() {
        let none = CampaignTally::new();
        let hours = |on: &str| points(Interval::Hour, on, on, &none).len();
        assert_eq!(["2026-03-29", "2026-03-30", "2026-10-25"].map(hours), [23, 24, 25]);
        let tally = tally(&[("2026-10-25T00:30:00Z", 1), ("2026-10-25T01:30:00Z", 2), ("2026-10-26T00:00:00Z", 4)]);
        let october = points(Interval::Hour, "2026-10-25", "2026-10-25", &tally);
        assert_eq!(october[1..3], [("25T00".to_owned(), 1), ("25T01".to_owned(), 2)], "half past one, and again");
        assert_eq!(points(Interval::Day, "2026-10-25", "2026-10-25", &tally), [("24T23".to_owned(), 3)]);
    }

    #[test]
    fn what_has_not_begun_is_not_shown() {
        let none = CampaignTally::new();
        assert_eq!(points(Interval::Hour, "2026-12-01", "2026-12-01", &none).len(), 15);
        assert_eq!(points(Interval::Day, "2026-11-30", "2026-12-24", &none).len(), 2);
        assert_eq!(points(Interval::Day, "2026-12-24", "2026-12-24", &none), []);
    }

    #[test]
    fn a_timeline_is_neither_reversed_nor_too_long() {
        let refused = |interval, first, last| Timeline::new(interval, day(first), day(last)).unwrap_err().code();
        assert_eq!(refused(Interval::Day, "2026-11-02", "2026-11-01"), "range_reversed");
        assert_eq!(refused(Interval::Hour, "2026-11-01", "2026-12-02"), "range_too_long");
        assert!(Timeline::new(Interval::Hour, day("2026-11-01"), day("2026-12-01")).is_ok());
    }

    #[test]
    fn without_a_first_day_it_begins_where_counting_began() {
        let tally = tally(&[("2026-11-20T10:00:00Z", 1)]);
        let first = |interval, last| Timeline::until(interval, day(last), &tally).first().to_string();
        assert_eq!(first(Interval::Day, "2026-12-01"), "2026-11-20");
        assert_eq!(first(Interval::Hour, "2027-12-01"), "2027-11-01");
        assert_eq!(first(Interval::Day, "2026-11-01"), "2026-11-01", "nothing was counted before");
    }
}

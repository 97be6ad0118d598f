//! A digest: one mail a day or a week to a representative, in place of single letters.

mod compose;

pub use compose::{DigestEntry, DigestSection, compose_digest};

use crate::calendar::{uk_day, uk_moment};
use crate::words::words;
use crate::{FieldErrors, Findings};
use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// The hour at which digests leave, by British clocks.
const MORNING: i64 = 8;

words! {
    /// How often a digest is sent.
    DigestInterval, "digest_interval_unknown" {
        /// Every morning.
        Day = "day",
        /// Every Monday morning.
        Week = "week",
    }
}

words! {
    /// What a digest shows of the people who wrote.
    DigestDetail, "digest_detail_unknown" {
        /// How many they are, and from which postcode districts.
        Counts = "counts",
        /// Their names too.
        Names = "names",
        /// Their names and postcodes too.
        NamesAndPostcodes = "names_and_postcodes",
    }
}

/// A rule for digests before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented where it is checked: DigestRule")]
pub struct DigestRuleFields {
    pub every: String,
    pub shows: String,
}

/// One mail in place of single letters: how often, and what it shows of the people who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DigestRuleFields", into = "DigestRuleFields")]
pub struct DigestRule {
    /// How often.
    pub every: DigestInterval,
    /// What it shows.
    pub shows: DigestDetail,
}

impl DigestRule {
    /// Checks a rule; pointers are `/every` and `/shows`.
    pub fn new(fields: &DigestRuleFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let every = findings.check("/every", fields.every.parse());
        let shows = findings.check("/shows", fields.shows.parse());
        findings.finish(every.zip(shows).map(|(every, shows)| Self { every, shows }))
    }

    /// Checks a rule where there is one; pointers are `/digest/every` and `/digest/shows`.
    pub fn check_optional(findings: &mut Findings, fields: Option<&DigestRuleFields>) -> Option<Option<Self>> {
        let Some(fields) = fields else { return Some(None) };
        findings.absorb(Self::new(fields).map_err(|errors| errors.under("/digest"))).map(Some)
    }

    /// The rule for a letter: the representative's wish says how often, and neither sees more than the other allows. Nothing if it
    /// goes alone.
    pub fn of(representative: Option<Self>, campaign: Option<Self>) -> Option<Self> {
        let (Some(wish), Some(term)) = (representative, campaign) else { return representative.or(campaign) };
        Some(Self { every: wish.every, shows: wish.shows.min(term.shows) })
    }
}

impl DigestInterval {
    /// The moment at which a digest leaves that a letter of `now` is for: the next time that it is eight in the morning, on a Monday if
    /// weekly.
    pub fn next_due(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = uk_day(now);
        let (first, period) = match self {
            Self::Day => (0, 1),
            Self::Week => ((7 - today.weekday().days_since(Weekday::Mon)) % 7, 7),
        };
        let morning = |days: u32| {
            let midnight = (today + Days::new(days.into())).and_time(NaiveTime::MIN);
            uk_moment(midnight + TimeDelta::hours(MORNING))
        };
        let next = morning(first);
        if now < next { next } else { morning(first + period) }
    }
}

impl TryFrom<DigestRuleFields> for DigestRule {
    type Error = FieldErrors;

    fn try_from(fields: DigestRuleFields) -> Result<Self, FieldErrors> {
        Self::new(&fields)
    }
}

impl From<DigestRule> for DigestRuleFields {
    fn from(rule: DigestRule) -> Self {
        Self { every: rule.every.to_string(), shows: rule.shows.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn rule(every: DigestInterval, shows: DigestDetail) -> DigestRule {
        DigestRule { every, shows }
    }

    #[test]
    fn a_wish_says_how_often_and_nobody_sees_more_than_both_allow() {
        use DigestDetail::{Counts, Names, NamesAndPostcodes};
        use DigestInterval::{Day, Week};
        assert_eq!(DigestRule::of(None, None), None);
        assert_eq!(DigestRule::of(None, Some(rule(Day, Names))), Some(rule(Day, Names)));
        assert_eq!(DigestRule::of(Some(rule(Week, Names)), None), Some(rule(Week, Names)));
        assert_eq!(
            DigestRule::of(Some(rule(Week, NamesAndPostcodes)), Some(rule(Day, Counts))),
            Some(rule(Week, Counts))
        );
        assert_eq!(
            DigestRule::of(Some(rule(Day, Counts)), Some(rule(Week, NamesAndPostcodes))),
            Some(rule(Day, Counts))
        );
    }

    #[test]
    fn a_digest_leaves_in_the_morning_by_british_clocks() {
        let due = |every: DigestInterval, now: &str| every.next_due(now.parse().unwrap()).to_rfc3339();
        assert_eq!(due(DigestInterval::Day, "2026-07-01T07:00:00Z"), "2026-07-02T07:00:00+00:00");
        assert_eq!(due(DigestInterval::Day, "2026-07-01T23:00:00Z"), "2026-07-02T07:00:00+00:00", "after midnight");
        assert_eq!(due(DigestInterval::Day, "2026-10-24T10:00:00Z"), "2026-10-25T08:00:00+00:00", "the clocks go back");
        assert_eq!(due(DigestInterval::Week, "2026-11-29T10:00:00Z"), "2026-11-30T08:00:00+00:00", "from a Sunday");
        assert_eq!(
            due(DigestInterval::Week, "2026-11-30T07:59:59Z"),
            "2026-11-30T08:00:00+00:00",
            "from an early Monday"
        );
        assert_eq!(due(DigestInterval::Week, "2026-11-30T08:00:00Z"), "2026-12-07T08:00:00+00:00", "from a Monday");
    }

    #[test]
    fn a_rule_is_stored_as_it_is_written() {
        let stored = serde_json::to_string(&rule(DigestInterval::Day, DigestDetail::Names)).unwrap();
        assert_eq!(stored, r#"{"every":"day","shows":"names"}"#);
        assert_eq!(
            serde_json::from_str::<DigestRule>(&stored).unwrap(),
            rule(DigestInterval::Day, DigestDetail::Names)
        );
        assert!(serde_json::from_str::<DigestRule>(r#"{"every":"hour","shows":"all"}"#).is_err());
    }
}

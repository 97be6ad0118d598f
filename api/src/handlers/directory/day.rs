//! The day on which the directory is asked about.

use chrono::{Datelike, NaiveDate};
use postbag_domain::Flaw;
use serde::{Deserialize, Deserializer};

/// A day from 1900 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day(NaiveDate);

impl Day {
    /// The day itself.
    pub(crate) const fn date(self) -> NaiveDate {
        self.0
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let day = text.parse::<NaiveDate>().ok().filter(|day| (1900..=2100).contains(&day.year()));
        let flaw = || Flaw::new("day_range", "must be a day such as 2026-05-07, from 1900 to 2100");
        day.map(Self).ok_or_else(|| serde::de::Error::custom(flaw()))
    }
}

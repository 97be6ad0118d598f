//! Months, as postcode files date the end of a postcode.

use crate::Flaw;
use chrono::{Datelike, NaiveDate};
use std::fmt;
use std::num::NonZeroU16;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth(NonZeroU16);

impl YearMonth {
    /// The month with this number (1 to 12) of this year (1900 to 2999).
    pub fn new(year: u16, month: u16) -> Option<Self> {
        if !(1900..3000).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        Self::from_number(year * 12 + month - 1)
    }

    /// Takes `YYYYMM`, as ONS files write it.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("month_invalid", "must be a month written as YYYYMM");
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(flaw());
        }
        let number: u32 = text.parse().map_err(|_error| flaw())?;
        let part = |part: u32| u16::try_from(part).ok();
        part(number / 100).zip(part(number % 100)).and_then(|(year, month)| Self::new(year, month)).ok_or_else(flaw)
    }

    /// The year.
    pub const fn year(self) -> u16 {
        self.0.get() / 12
    }

    /// The month of the year, from 1.
    pub const fn month(self) -> u16 {
        self.0.get() % 12 + 1
    }

    /// True if the month has begun on `day`.
    pub fn has_begun(self, day: NaiveDate) -> bool {
        (day.year(), day.month()) >= (i32::from(self.year()), u32::from(self.month()))
    }

    /// Months since the year 0, for storage.
    pub(super) const fn number(self) -> u16 {
        self.0.get()
    }

    /// The month with this number, if it is one of the years that [`YearMonth::new`] takes.
    pub(super) fn from_number(number: u16) -> Option<Self> {
        let number = NonZeroU16::new(number)?;
        (1900..3000).contains(&(number.get() / 12)).then_some(Self(number))
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_as_ons_writes_it() {
        assert_eq!(YearMonth::parse("202309").unwrap().to_string(), "2023-09");
        assert_eq!(YearMonth::parse("199912").unwrap().to_string(), "1999-12");
        for bad in ["", "AAAAAA", "202313", "202300", "20231", "000001", "+20231", "2023-9"] {
            assert_eq!(YearMonth::parse(bad).unwrap_err().code(), "month_invalid", "{bad:?}");
        }
    }

    #[test]
    fn a_month_begins_on_its_first_day() {
        let month = YearMonth::new(2023, 9).unwrap();
        let begun = |y, m, d| month.has_begun(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert!(begun(2023, 9, 1) && begun(2024, 1, 1) && !begun(2023, 8, 31));
    }
}

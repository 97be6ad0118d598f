//! Days and times in requests, of years that both databases can keep.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use postbag_domain::Flaw;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::ops::RangeInclusive;

/// The years of which anything could be known.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// Reads a day such as `2026-05-07`.
pub(crate) fn parse_day(text: &str) -> Result<NaiveDate, Flaw> {
    let day = text.parse().ok().filter(|day: &NaiveDate| YEARS.contains(&day.year()));
    day.ok_or_else(|| Flaw::new("day_invalid", "must be a day from 1900 to 2200, written as 2026-05-07"))
}

/// Reads a time with an offset, such as `2026-05-07T09:00:00Z` (RFC 3339).
pub(crate) fn parse_time(text: &str) -> Result<DateTime<Utc>, Flaw> {
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    let time = time.filter(|time| YEARS.contains(&time.year()));
    let detail = "must be a time from 1900 to 2200 with its offset, written as 2026-05-07T09:00:00Z";
    time.ok_or_else(|| Flaw::new("time_invalid", detail))
}

/// Reads a field that holds a day or nothing.
pub(crate) fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref().map(parse_day).transpose().map_err(coded)
}

/// Reads a field that holds a time or nothing.
pub(crate) fn optional_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref().map(parse_time).transpose().map_err(coded)
}

/// What stands before and after the code of a flaw that crosses serde.
const MARK: char = '\u{1}';

/// The flaws that cross serde.
const CODES: [&str; 3] = ["day_invalid", "time_invalid", "limit_range"];

/// Carries a flaw through serde, whose errors are only text.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub(crate) fn coded<E: Error>(flaw: Flaw) -> E {
    E::custom(format_args!("{MARK}{}{MARK}{}", flaw.code(), flaw.detail()))
}

/// The flaw that [`coded`] put into a message of serde's.
pub(super) fn decoded(message: &str) -> Option<Flaw> {
    let (code, detail) = message.strip_prefix(MARK)?.split_once(MARK)?;
    let code = CODES.iter().find(|known| **known == code)?;
    Some(Flaw::new(code, detail.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_years_that_both_databases_keep_are_read() {
        for text in ["1900-01-01", "2026-05-07", "2200-12-31"] {
            assert!(parse_day(text).is_ok(), "{text}");
            assert!(parse_time(&format!("{text}T00:00:00+01:00")).is_ok() || text == "1900-01-01", "{text}");
        }
        for text in ["1899-12-31", "2201-01-01", "-4800-01-01", "2026-13-01", "7 May", ""] {
            assert_eq!(parse_day(text).unwrap_err().code(), "day_invalid", "{text}");
        }
        for text in ["2026-01-01", "2026-01-01T00:00:00", "-200000-01-01T00:00:00Z", "2201-01-01T00:00:00Z"] {
            assert_eq!(parse_time(text).unwrap_err().code(), "time_invalid", "{text}");
        }
    }

    #[test]
    fn a_flaw_keeps_its_code_through_serde() {
        let error: serde::de::value::Error = coded(Flaw::new("day_invalid", "must be a day"));
        assert_eq!(decoded(&error.to_string()), Some(Flaw::new("day_invalid", "must be a day")));
        assert_eq!(decoded("must be a day"), None);
    }
}

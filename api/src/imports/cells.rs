//! What cells say: names, dates and the words that stand for nothing.

use chrono::{Datelike, NaiveDate};
use postbag_domain::text::{self, Limit};
use postbag_domain::{EmailAddress, Flaw, YearMonth};

/// A name of a person, a place or an organisation, its words one space apart: letters greet by it.
pub(super) fn name(cell: &str) -> Result<String, Flaw> {
    let words: Vec<_> = cell.split_whitespace().collect();
    text::line(&words.join(" "), Limit::of(200))
}

/// A day: `2026-05-07`, or the beginning of a timestamp that starts so.
pub(super) fn date(cell: &str) -> Result<NaiveDate, Flaw> {
    let day = cell.split_once('T').map_or(cell, |(day, _time)| day);
    let day = if day.len() == 10 { day.parse().ok() } else { None };
    day.ok_or_else(|| Flaw::new("date_invalid", "must be a date written as YYYY-MM-DD"))
}

/// The month of a day written as `1/9/1995 00:00:00`: day, month, year, as the Scottish Postcode Directory writes it.
pub(super) fn scottish_month(cell: &str) -> Result<YearMonth, Flaw> {
    let flaw = || Flaw::new("date_invalid", "must be a date written as D/M/YYYY");
    let day = cell.split_once(' ').map_or(cell, |(day, _time)| day);
    let day = NaiveDate::parse_from_str(day, "%d/%m/%Y").map_err(|_error| flaw())?;
    let year = u16::try_from(day.year()).map_err(|_error| flaw())?;
    YearMonth::new(year, u16::try_from(day.month()).unwrap_or_default()).ok_or_else(flaw)
}

/// An address; of several the first. The words that tables write instead of one mean that there is none.
///
/// An address is never made up: what is neither an address nor such a word is a flaw.
pub(super) fn email(cell: &str) -> Result<Option<EmailAddress>, Flaw> {
    const NONE: [&str; 8] = ["no email found", "not found", "not available", "unknown", "none", "n/a", "z", "-"];
    if NONE.contains(&cell.to_lowercase().as_str()) {
        return Ok(None);
    }
    let first = cell.split([';', ',']).next().unwrap_or(cell);
    let first = first.split(" / ").next().unwrap_or(first).trim();
    EmailAddress::parse(first.strip_prefix("mailto:").unwrap_or(first)).map(Some)
}

/// True if the cell says that the seat is vacant.
pub(super) fn is_vacant(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "vacant" | "vacancy" | "vacant seat")
}

/// The same name without what sources spell differently: capitals, accents, punctuation, `&`.
pub(super) fn folded(name: &str) -> String {
    let spelled = name.to_lowercase().replace('&', "and");
    spelled.chars().filter(|c| c.is_alphanumeric()).map(without_accent).collect()
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ŵ' | 'ẁ' | 'ẃ' | 'ẅ' => 'w',
        'ŷ' | 'ỳ' | 'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// The date in a file's name: `…2026-06-27…`, `…2025-11…`, `…NOV_2025…`, `…nov2025…`; a month means its first day.
pub(super) fn date_in(file_name: &str) -> Option<NaiveDate> {
    let name = file_name.to_lowercase();
    let parts: Vec<&str> = pieces(&name);
    let whole = parts.windows(5).find_map(|parts| match parts {
        [year, "-", month, "-", day] => day_of(year, month, day),
        _ => None,
    });
    let month = || {
        parts.windows(3).find_map(|parts| match parts {
            [first, "_" | "-" | " ", last] => {
                day_of(first, last, "01").or_else(|| day_of(last, number_of(first)?, "01"))
            }
            _ => None,
        })
    };
    let joined = || {
        parts.windows(2).find_map(|parts| match parts {
            [month, year] => day_of(year, number_of(month)?, "01"),
            _ => None,
        })
    };
    whole.or_else(month).or_else(joined)
}

/// A name cut where digits, letters and everything else meet.
fn pieces(name: &str) -> Vec<&str> {
    let sort = |c: char| if c.is_ascii_digit() { 0 } else { 1 + u8::from(!c.is_alphabetic()) };
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in name.char_indices().skip(1) {
        let before = name.get(start..at).and_then(|piece| piece.chars().last());
        if before.is_some_and(|before| sort(before) != sort(c)) {
            pieces.extend(name.get(start..at));
            start = at;
        }
    }
    pieces.extend(name.get(start..));
    pieces
}

fn day_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year: i32 = if year.len() == 4 { year.parse().ok()? } else { return None };
    let day = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?);
    day.filter(|_day| (1990..2100).contains(&year))
}

fn number_of(month: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        ("jan", "01"),
        ("feb", "02"),
        ("mar", "03"),
        ("apr", "04"),
        ("may", "05"),
        ("jun", "06"),
        ("jul", "07"),
        ("aug", "08"),
        ("sep", "09"),
        ("oct", "10"),
        ("nov", "11"),
        ("dec", "12"),
    ];
    MONTHS.iter().find(|(name, _number)| month.starts_with(name) && month.len() < 10).map(|(_name, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_name_stand_one_space_apart() {
        assert_eq!(name(" Lucy  Rigby ").unwrap(), "Lucy Rigby");
        assert!(name("  ").is_err());
    }

    #[test]
    fn a_file_name_tells_its_date() {
        let found = |name: &str| date_in(name).map(|day| day.to_string());
        for (name, day) in [
            ("postcodesio_seed_2025-09-12_AB1.csv.gz", "2025-09-12"),
            ("ONSPD_NOV_2025_UK.csv", "2025-11-01"),
            ("onspd_nov2025_rows.csv", "2025-11-01"),
            ("nspl 2024-08.csv", "2024-08-01"),
            ("ONSPD_August_2024.csv", "2024-08-01"),
            ("mps_2026-06-27_dfe.csv", "2026-06-27"),
        ] {
            assert_eq!(found(name).as_deref(), Some(day), "{name}");
        }
        for name in [
            "gb_postcodes.csv.gz",
            "wales_postcodes_senedd_2026.csv.gz",
            "mayor2.csv",
            "",
            "summary2025x",
            "2025-13-01",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn words_that_stand_for_no_address_are_no_address() {
        assert_eq!(email("No email found"), Ok(None));
        assert!(
            email("jo@example.org / other@example.org")
                .unwrap()
                .is_some_and(|email| email.as_str() == "jo@example.org")
        );
        assert!(email("mailto:jo@example.org").unwrap().is_some());
        assert!(email("jo at example.org").is_err());
        assert!(is_vacant("VACANT") && !is_vacant("Vacanti"));
    }

    #[test]
    fn spellings_of_one_place_are_one() {
        assert_eq!(folded("South Holland and The Deepings"), folded("South Holland & the Deepings"));
        assert_eq!(folded("Clwyd East, Glyndŵr"), folded("clwyd east glyndwr"));
        assert_ne!(folded("North Down"), folded("South Down"));
    }

    #[test]
    fn scottish_dates_are_day_month_year() {
        assert_eq!(scottish_month("1/9/1995 00:00:00").unwrap().to_string(), "1995-09");
        assert_eq!(scottish_month("25/1/2017").unwrap().to_string(), "2017-01");
        assert!(scottish_month("1995-09-01").is_err());
        assert!(scottish_month("31/2/1995").is_err());
    }

    #[test]
    fn days_are_written_year_first() {
        assert_eq!(date("2024-07-04T00:00:00").unwrap(), date("2024-07-04").unwrap());
        assert!(date("04/07/2024").is_err() && date("2024-7-4").is_err());
    }
}

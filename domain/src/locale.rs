//! The languages letters and pages are written in.

use crate::words::words;
use chrono::{Datelike, NaiveDate};

words! {
    /// A language, by its BCP 47 tag.
    Locale, "locale_unknown" {
        /// English.
        En = "en",
        /// Welsh.
        Cy = "cy",
        /// Scottish Gaelic.
        Gd = "gd",
    }
}

impl Locale {
    /// A day as people write it: `3 March 2026`, `3 Mawrth 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        let month = usize::try_from(day.month0()).ok().and_then(|month| self.months().get(month).copied());
        format!("{} {} {}", day.day(), month.unwrap_or_default(), day.year())
    }

    const fn months(self) -> [&'static str; 12] {
        match self {
            Self::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::Cy => [
                "Ionawr",
                "Chwefror",
                "Mawrth",
                "Ebrill",
                "Mai",
                "Mehefin",
                "Gorffennaf",
                "Awst",
                "Medi",
                "Hydref",
                "Tachwedd",
                "Rhagfyr",
            ],
            Self::Gd => [
                "Faoilleach",
                "Gearran",
                "Màrt",
                "Giblean",
                "Cèitean",
                "Ògmhios",
                "Iuchar",
                "Lùnastal",
                "Sultain",
                "Dàmhair",
                "Samhain",
                "Dùbhlachd",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_every_language() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        let written = Locale::ALL.iter().map(|locale| locale.day(day)).collect::<Vec<_>>();
        assert_eq!(written, ["3 March 2026", "3 Mawrth 2026", "3 Màrt 2026"]);
    }
}

//! The languages letters and pages are written in.

use crate::words::words;

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

//! The words shown, in every language they were shown in.

use crate::text::{self, Limit};
use crate::{FieldErrors, Findings, Flaw, Locale};
use std::collections::BTreeMap;

/// The longest wording of a question, and of a notice's short text.
const SHORT: Limit = Limit::of(2_000);

/// The longest text of all.
const LONG: Limit = Limit::of(10_000);

/// One text in at least one language. Once recorded as shown, wordings never change: evidence rests on them (B1).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "BTreeMap<Locale, String>", into = "BTreeMap<Locale, String>")]
pub struct Wordings(BTreeMap<Locale, String>);

impl Wordings {
    /// Takes texts of up to 2,000 characters by language; pointers of errors are relative to the map: `/cy`.
    pub fn new(texts: BTreeMap<Locale, String>) -> Result<Self, FieldErrors> {
        Self::within(texts, SHORT)
    }

    /// [`Wordings::new`], for texts of up to 10,000 characters.
    pub fn long(texts: BTreeMap<Locale, String>) -> Result<Self, FieldErrors> {
        Self::within(texts, LONG)
    }

    fn within(texts: BTreeMap<Locale, String>, limit: Limit) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let mut checked = BTreeMap::new();
        for (locale, wording) in texts {
            if let Some(wording) = findings.check(format!("/{locale}"), text::prose(&wording, limit)) {
                checked.insert(locale, wording);
            }
        }
        if checked.is_empty() && findings.is_empty() {
            findings.note("", Flaw::new("wording_missing", "must be worded in at least one language"));
        }
        findings.finish(Some(Self(checked)))
    }

    /// The language and text shown to somebody who reads `locale`: that language, else `default`, else the first there is.
    pub fn shown(&self, locale: Locale, default: Locale) -> (Locale, &str) {
        let of = |locale: &Locale| self.0.get_key_value(locale);
        let found = of(&locale).or_else(|| of(&default)).or_else(|| self.0.first_key_value());
        found.map_or((default, ""), |(locale, text)| (*locale, text))
    }

    /// Every language with its text.
    pub fn iter(&self) -> impl Iterator<Item = (Locale, &str)> {
        self.0.iter().map(|(locale, text)| (*locale, text.as_str()))
    }
}

impl TryFrom<BTreeMap<Locale, String>> for Wordings {
    type Error = FieldErrors;

    fn try_from(texts: BTreeMap<Locale, String>) -> Result<Self, FieldErrors> {
        Self::long(texts)
    }
}

impl From<Wordings> for BTreeMap<Locale, String> {
    fn from(wordings: Wordings) -> Self {
        wordings.0
    }
}

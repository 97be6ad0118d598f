//! Names of people.

use crate::parsed::redacted;
use crate::text::{self, Limit};
use crate::{FieldErrors, Findings};
use serde::{Deserialize, Serialize};

/// A person's name, as the person wrote it (C22).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenName", into = "WrittenName")]
pub struct PersonName {
    title: Option<String>,
    first: String,
    last: String,
}

impl PersonName {
    /// How long a title may be.
    pub const TITLE: Limit = Limit::of(35);
    /// How long a first or a last name may be.
    pub const NAME: Limit = Limit::of(100);

    /// Takes a name; a blank title is no title. Flaws stand at `/title`, `/first_name` and `/last_name`.
    pub fn new(title: Option<&str>, first: &str, last: &str) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let name = Self::check(&mut findings, "", title, first, last);
        findings.finish(name)
    }

    /// Takes a name that stands at `pointer` in a document, noting every flaw under it. A name that looks like an address or a link
    /// is refused: it becomes the sender's name of a letter.
    pub fn check(findings: &mut Findings, pointer: &str, title: Option<&str>, first: &str, last: &str) -> Option<Self> {
        let title = title.filter(|title| !title.trim().is_empty());
        let title =
            findings.check_optional(format!("{pointer}/title"), title, |text| text::person_name(text, Self::TITLE));
        let first = findings.check(format!("{pointer}/first_name"), text::person_name(first, Self::NAME));
        let last = findings.check(format!("{pointer}/last_name"), text::person_name(last, Self::NAME));
        Some(Self { title: title?, first: first?, last: last? })
    }

    /// The title, such as `Ms`.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The first name.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The last name.
    pub fn last(&self) -> &str {
        &self.last
    }

    /// First and last name, without the title.
    pub fn full(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// True if the name mixes scripts that do not go together: worth a look by a person, never a refusal (UTS 39).
    pub fn mixes_scripts(&self) -> bool {
        text::mixes_scripts(&self.full())
    }
}

redacted!(PersonName);

#[derive(Serialize, Deserialize)]
struct WrittenName {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    first_name: String,
    last_name: String,
}

impl TryFrom<WrittenName> for PersonName {
    type Error = FieldErrors;

    fn try_from(name: WrittenName) -> Result<Self, FieldErrors> {
        Self::new(name.title.as_deref(), &name.first_name, &name.last_name)
    }
}

impl From<PersonName> for WrittenName {
    fn from(name: PersonName) -> Self {
        Self { title: name.title, first_name: name.first, last_name: name.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_written() {
        let name = PersonName::new(Some(" "), " Siân ", "O’Neill-Żółć").unwrap();
        assert_eq!((name.title(), name.full().as_str()), (None, "Siân O’Neill-Żółć"));
        assert_eq!(PersonName::new(Some("Dr"), "Ada", "King").unwrap().title(), Some("Dr"));
    }

    #[test]
    fn every_flaw_of_a_name_is_told_at_once() {
        let errors = PersonName::new(Some("x\ny"), "", "a\u{200d}b").unwrap_err();
        let pointers: Vec<&str> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/title", "/first_name", "/last_name"]);
    }

    #[test]
    fn a_name_that_looks_like_an_address_or_a_link_is_refused() {
        for wrong in ["admin@parliament.uk", "Una <una", "una>", "https://evil.example/login", "x://y"] {
            let errors = PersonName::new(None, wrong, "Jessamy").unwrap_err();
            assert_eq!(errors.iter().next().unwrap().pointer(), "/first_name", "{wrong}");
        }
        assert!(PersonName::new(Some("Dr."), "Anne: Marie", "O/Neill").is_ok());
        let separated = PersonName::new(None, "Una\u{2028}Bcc", "x\u{2029}y").unwrap_err();
        assert_eq!(separated.iter().count(), 2);
    }

    #[test]
    fn a_stored_name_comes_back_through_the_same_door() {
        let name = PersonName::new(Some("Ms"), "Ada", "King").unwrap();
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(serde_json::from_str::<PersonName>(&json).unwrap(), name);
        assert!(serde_json::from_str::<PersonName>(r#"{"first_name":"","last_name":"x"}"#).is_err());
        assert_eq!(format!("{name:?}"), "PersonName(redacted)");
    }
}

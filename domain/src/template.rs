//! The text of a letter with places for values, per office and language, in versions.

mod dialect;

use crate::{FieldErrors, Findings, Flaw, Locale, Office, TemplateId};
use serde::{Deserialize, Serialize};

/// The longest subject source, in bytes.
pub const LONGEST_SUBJECT: usize = 1_000;

/// The longest body source, in bytes.
pub const LONGEST_BODY: usize = 32 * 1024;

/// A template as an administrator wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "WrittenTemplate", into = "WrittenTemplate")]
pub struct TemplateSource {
    office: Option<Office>,
    locale: Locale,
    subject: String,
    body: String,
}

impl TemplateSource {
    /// Takes the sources of a subject line and a body: bounded, free of controls, and of nothing by which a value could grow. Line
    /// ends become LF.
    ///
    /// Whether they render is another question: [`EditionContent::check_template`](crate::EditionContent::check_template).
    pub fn new(office: Option<Office>, locale: Locale, subject: &str, body: &str) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let subject = findings.check("/subject", check(subject, LONGEST_SUBJECT, false));
        let body = findings.check("/body", check(body, LONGEST_BODY, true));
        findings.finish(subject.zip(body).map(|(subject, body)| Self { office, locale, subject, body }))
    }

    /// The office it is for; every office of the campaign when absent.
    pub fn office(&self) -> Option<Office> {
        self.office
    }

    /// Its language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The source of the subject line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The source of the body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// What it is for: the newest template of each such pair is the one in use.
    pub fn place(&self) -> (Option<Office>, Locale) {
        (self.office, self.locale)
    }
}

fn check(text: &str, longest: usize, lines: bool) -> Result<String, Flaw> {
    let text = text.replace("\r\n", "\n");
    let is_refused = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\t'));
    if text.trim().is_empty() {
        return Err(Flaw::new("template_missing", "must not be empty"));
    }
    if text.len() > longest {
        return Err(Flaw::new("template_too_long", format!("must be at most {longest} bytes long")));
    }
    if text.chars().any(is_refused) {
        return Err(Flaw::new("template_character_refused", "must not contain control characters"));
    }
    dialect::check(&text)?;
    Ok(text)
}

#[derive(Serialize, Deserialize)]
struct WrittenTemplate {
    #[serde(default)]
    office: Option<Office>,
    locale: Locale,
    subject: String,
    body: String,
}

impl TryFrom<WrittenTemplate> for TemplateSource {
    type Error = FieldErrors;

    fn try_from(template: WrittenTemplate) -> Result<Self, FieldErrors> {
        Self::new(template.office, template.locale, &template.subject, &template.body)
    }
}

impl From<TemplateSource> for WrittenTemplate {
    fn from(template: TemplateSource) -> Self {
        Self { office: template.office, locale: template.locale, subject: template.subject, body: template.body }
    }
}

/// One version of a template. It never changes: letters already accepted are composed from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// Its identity.
    pub id: TemplateId,
    /// Counts up from 1 for its office and language.
    pub version: i32,
    /// The template as it was written.
    pub source: TemplateSource,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(subject: &str, body: &str) -> Vec<&'static str> {
        let errors = TemplateSource::new(None, Locale::En, subject, body).err();
        errors.iter().flat_map(FieldErrors::iter).map(|error| error.flaw().code()).collect()
    }

    #[test]
    fn a_template_is_bounded_and_free_of_controls() {
        assert!(codes("Hello", "a\r\n\tb").is_empty());
        assert_eq!(codes(" ", "\n"), ["template_missing", "template_missing"]);
        assert_eq!(codes("a\nb", "a\0b"), ["template_character_refused", "template_character_refused"]);
        let long = "x".repeat(LONGEST_BODY + 1);
        assert_eq!(codes(&long, &long), ["template_too_long", "template_too_long"]);
    }

    #[test]
    fn a_stored_template_comes_back_through_the_same_door() {
        let source = TemplateSource::new(Some(Office::Ms), Locale::Cy, "Helo", "a\r\nb").unwrap();
        let json = serde_json::to_string(&source).unwrap();
        assert_eq!(json, r#"{"office":"ms","locale":"cy","subject":"Helo","body":"a\nb"}"#);
        assert_eq!(serde_json::from_str::<TemplateSource>(&json).unwrap(), source);
        assert!(serde_json::from_str::<TemplateSource>(&json.replace("Helo", "")).is_err());
    }
}

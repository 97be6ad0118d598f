//! Mails to supporters: which template a mail is made from, and its finished text.
//!
//! An organisation may write its own template for each kind and language; where it has none, a default stands. A template sees
//! what the service and the organisation say and nothing that a visitor typed: a form that names a stranger's address must not write into
//! that stranger's inbox (B31).

mod defaults;

use crate::edition::{finish_body, finish_subject, render_alone, value_of_fields};
use crate::{FieldErrors, Findings, Flaw, Locale, MailKind, TemplateSource};
use minijinja::Value;
use serde::{Deserialize, Serialize};

/// An organisation's template before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented where it is checked: MailTemplate")]
pub struct MailTemplateFields {
    pub kind: String,
    pub locale: String,
    pub subject: String,
    pub body: String,
}

/// A template for one kind of mail in one language, which renders and prints the link or the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTemplate {
    kind: MailKind,
    source: TemplateSource,
}

/// The values of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailValues<'a> {
    /// The organisation's name.
    pub organisation: &'a str,
    /// The campaign's title.
    pub campaign: &'a str,
    /// The names of the representatives who are written to.
    pub representatives: &'a [String],
    /// The address of the page on which the supporter confirms.
    pub link: &'a str,
    /// The code that can be typed there instead.
    pub code: &'a str,
    /// The day until which that is possible.
    pub confirm_by: &'a str,
}

/// A finished mail: one line, and plain text with LF line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// The subject line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The language it is written in.
    pub locale: Locale,
}

impl MailTemplate {
    /// Checks a template: its language, and that it renders and prints the link and the code. Pointers are `/kind`, `/locale`,
    /// `/subject` and `/body`.
    pub fn new(fields: &MailTemplateFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let kind = findings.check("/kind", fields.kind.parse());
        let locale = findings.check("/locale", fields.locale.parse()).unwrap_or(Locale::En);
        let source = findings.absorb(TemplateSource::new(None, locale, &fields.subject, &fields.body));
        let template = kind.zip(source).map(|(kind, source)| Self { kind, source });
        if let Some(Err((part, flaw))) = template.as_ref().map(Self::try_out) {
            findings.note(format!("/{part}"), flaw);
        }
        findings.finish(template)
    }

    /// The kind of mail it is for.
    pub fn kind(&self) -> MailKind {
        self.kind
    }

    /// The language it is written in.
    pub fn locale(&self) -> Locale {
        self.source.locale()
    }

    fn try_out(&self) -> Result<(), (&'static str, Flaw)> {
        let sample = MailValues {
            organisation: "Example Trust",
            campaign: "An example",
            representatives: &["Alex Example".to_owned()],
            link: "https://example.org/confirm#sample",
            code: "SAMP-CODE",
            confirm_by: "31 December 2026",
        };
        let text = self.compose(&sample).map_err(|(part, detail)| (part, Flaw::new("template_syntax", detail)))?;
        if text.body.contains(sample.link) && text.body.contains(sample.code) {
            return Ok(());
        }
        Err(("body", Flaw::new("link_or_code_unused", "must print both {{ link }} and {{ code }}")))
    }

    /// Composes a mail; the part that does not render and why, where a template uses a value that does not exist.
    pub fn compose(&self, values: &MailValues<'_>) -> Result<MailText, (&'static str, String)> {
        let scope = values.scope();
        let render = |part, source| {
            let rendered = render_alone(source, &scope);
            rendered.map_err(|error| (part, error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)))
        };
        let subject = finish_subject(&render("subject", self.source.subject())?);
        let subject = subject.ok_or(("subject", "must render to one line of at most 400 characters".to_owned()))?;
        let body = finish_body(&render("body", self.source.body())?);
        let body = body.ok_or(("body", "must render to plain text".to_owned()))?;
        Ok(MailText { subject, body, locale: self.locale() })
    }

    /// The template of a mail: the organisation's own in the supporter's language, or the default in it.
    pub fn choose(own: &[Self], kind: MailKind, locale: Locale) -> Self {
        let fits = |template: &&Self| template.kind == kind && template.locale() == locale;
        own.iter().find(fits).cloned().unwrap_or_else(|| defaults::template(kind, locale))
    }
}

impl From<MailTemplate> for MailTemplateFields {
    fn from(template: MailTemplate) -> Self {
        Self {
            kind: template.kind.to_string(),
            locale: template.locale().to_string(),
            subject: template.source.subject().to_owned(),
            body: template.source.body().to_owned(),
        }
    }
}

impl MailValues<'_> {
    fn scope(&self) -> Value {
        value_of_fields(vec![
            ("organisation", value_of_fields(vec![("name", Value::from(self.organisation))])),
            ("campaign", value_of_fields(vec![("title", Value::from(self.campaign))])),
            ("representatives", Value::from(self.representatives.to_vec())),
            ("link", Value::from(self.link)),
            ("code", Value::from(self.code)),
            ("confirm_by", Value::from(self.confirm_by)),
        ])
    }
}

/// Checks an organisation's templates: each kind and language once.
pub(crate) fn check_templates(findings: &mut Findings, templates: &[MailTemplateFields]) -> Option<Vec<MailTemplate>> {
    let mut checked: Vec<MailTemplate> = Vec::with_capacity(templates.len());
    for (index, fields) in templates.iter().enumerate() {
        let at = format!("/mails/{index}");
        let template = findings.absorb(MailTemplate::new(fields).map_err(|errors| errors.under(&at)))?;
        if checked.iter().any(|other| other.kind == template.kind && other.locale() == template.locale()) {
            findings.note(at, Flaw::new("repeated", "must not stand in the list twice"));
        }
        checked.push(template);
    }
    Some(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(subject: &str, body: &str) -> MailTemplateFields {
        let (kind, locale) = ("confirmation".to_owned(), "cy".to_owned());
        MailTemplateFields { kind, locale, subject: subject.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn every_default_renders_in_every_language_and_prints_the_link_and_the_code() {
        for kind in MailKind::ALL {
            for locale in Locale::ALL {
                let template = MailTemplate::choose(&[], *kind, *locale);
                assert_eq!((template.kind(), template.locale()), (*kind, *locale));
                assert_eq!(template.try_out(), Ok(()), "{kind} {locale}");
            }
        }
    }

    #[test]
    fn an_organisations_own_template_wins_in_its_language() {
        let own = MailTemplate::new(&fields("Helo", "{{ link }} {{ code }}")).unwrap();
        let all = [own.clone()];
        assert_eq!(MailTemplate::choose(&all, MailKind::Confirmation, Locale::Cy), own);
        assert_ne!(MailTemplate::choose(&all, MailKind::Confirmation, Locale::En), own);
        assert_ne!(MailTemplate::choose(&all, MailKind::Reminder, Locale::Cy), own);
    }

    #[test]
    fn a_template_without_the_link_or_with_what_a_visitor_typed_is_refused() {
        let codes = |subject: &str, body: &str| {
            let errors = MailTemplate::new(&fields(subject, body)).unwrap_err();
            errors.iter().map(|error| (error.pointer().to_owned(), error.flaw().code())).collect::<Vec<_>>()
        };
        assert_eq!(codes("Helo", "{{ code }}"), [("/body".to_owned(), "link_or_code_unused")]);
        assert_eq!(
            codes("{{ supporter.name }}", "{{ link }} {{ code }}"),
            [("/subject".to_owned(), "template_syntax")]
        );
        assert_eq!(codes("Helo", "{{ 7 * 7 }}"), [("/body".to_owned(), "template_syntax")]);
    }
}

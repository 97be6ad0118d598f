//! Mails to supporters: which template a mail is made from, and its finished text.
//!
//! An organisation may write its own template for each kind and language; where it has none, a default stands. A template sees
//! what the service and the organisation say and nothing that a visitor typed: a form that names a stranger's address must not write into
//! that stranger's inbox (B31).

mod defaults;

use crate::edition::{finish_body, finish_subject, render_alone, value_of_fields};
use crate::words::words;
use crate::{FieldErrors, Findings, Flaw, Locale, TemplateSource};
use minijinja::Value;
use serde::{Deserialize, Serialize};

words! {
    /// A kind of mail to a supporter.
    MailKind, "mail_kind_unknown" {
        /// Asks for the confirmation of an action.
        Confirmation = "confirmation",
        /// Asks once more.
        Reminder = "reminder",
        /// Says that letters could not be delivered, and to whom (B29).
        FinalFailure = "final_failure",
        /// Says that letters have been taken, and by whom.
        Receipt = "receipt",
    }
}

impl MailKind {
    /// True if it asks for a confirmation, by a link or a code.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Confirmation | Self::Reminder)
    }
}

/// An organisation's template before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented where it is checked: MailTemplate")]
pub struct MailTemplateFields {
    pub kind: String,
    pub locale: String,
    pub subject: String,
    pub body: String,
}

/// A template for one kind of mail in one language, which renders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTemplate {
    kind: MailKind,
    source: TemplateSource,
}

/// What a mail asks for: the supporter's confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmationRequest<'a> {
    /// The address of the page on which the supporter confirms.
    pub link: &'a str,
    /// The code that can be typed there instead.
    pub code: &'a str,
    /// The day until which that is possible.
    pub confirm_by: &'a str,
}

/// The values of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailValues<'a> {
    /// The organisation's name.
    pub organisation: &'a str,
    /// The campaign's title.
    pub campaign: &'a str,
    /// The names of the representatives it is about: those who are written to, who could not be reached, or whose mail servers have
    /// taken the letter.
    pub representatives: &'a [String],
    /// The names of those whose letters are still on their way.
    pub waiting: &'a [String],
    /// What it asks for. A kind that asks for nothing has none.
    pub request: Option<ConfirmationRequest<'a>>,
    /// The letter that was sent, or could not be. Empty unless the supporter has proved that the address is theirs: a stranger's words
    /// go into nobody's inbox.
    pub letter: &'a str,
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
    /// Checks a template: its language, and that it renders and, where it asks for a confirmation, prints the link and the
    /// code. Pointers are `/kind`, `/locale`,
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
        let (link, code) = ("https://example.org/confirm#sample", "SAMP-CODE");
        let request = ConfirmationRequest { link, code, confirm_by: "31 December 2026" };
        let sample = MailValues {
            organisation: "Example Trust",
            campaign: "An example",
            representatives: &["Alex Example".to_owned()],
            waiting: &[],
            request: self.kind.asks().then_some(request),
            letter: "Dear Alex Example, …",
        };
        let text = self.compose(&sample).map_err(|(part, detail)| (part, Flaw::new("template_syntax", detail)))?;
        if !self.kind.asks() || (text.body.contains(link) && text.body.contains(code)) {
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
        let mut fields = vec![
            ("organisation", value_of_fields(vec![("name", Value::from(self.organisation))])),
            ("campaign", value_of_fields(vec![("title", Value::from(self.campaign))])),
            ("representatives", Value::from(self.representatives.to_vec())),
        ];
        match &self.request {
            Some(request) => fields.extend([
                ("link", Value::from(request.link)),
                ("code", Value::from(request.code)),
                ("confirm_by", Value::from(request.confirm_by)),
            ]),
            None => {
                fields.extend([("letter", Value::from(self.letter)), ("waiting", Value::from(self.waiting.to_vec()))]);
            }
        }
        value_of_fields(fields)
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

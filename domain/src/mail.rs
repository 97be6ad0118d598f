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
        /// Brings the link to a person's preferences, which they asked for (B3).
        PreferencesLink = "preferences_link",
        /// Says what was changed in a person's preferences (B3).
        PreferencesChanged = "preferences_changed",
    }
}

impl MailKind {
    /// True if it asks for a confirmation, by a link or a code.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Confirmation | Self::Reminder)
    }

    /// What a mail of this kind must print, beside the name of each in a template.
    const fn must_print(self) -> &'static [&'static str] {
        match self {
            Self::Confirmation | Self::Reminder => &["link", "code"],
            Self::FinalFailure | Self::Receipt => &[],
            Self::PreferencesLink | Self::PreferencesChanged => &["link"],
        }
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
    /// What the mail is about.
    pub about: MailAbout<'a>,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailAbout<'a> {
    /// An action that waits for its confirmation.
    Request {
        /// The campaign's title.
        campaign: &'a str,
        /// The names of the representatives who are written to.
        representatives: &'a [String],
        /// What is asked for.
        request: ConfirmationRequest<'a>,
    },
    /// What became of an action's letters.
    Letters {
        /// The campaign's title.
        campaign: &'a str,
        /// The names of the representatives who could not be reached, or whose mail servers have taken the letter.
        representatives: &'a [String],
        /// The names of those whose letters are still on their way.
        waiting: &'a [String],
        /// The letter that was sent, or could not be. Empty unless the supporter has proved that the address is theirs: a stranger's
        /// words go into nobody's inbox.
        letter: &'a str,
    },
    /// A person's preferences.
    Preferences {
        /// The address of the page on which the person sees and changes them.
        link: &'a str,
        /// The day until which the link holds.
        valid_until: &'a str,
        /// What was changed, a sentence each.
        changes: &'a [String],
    },
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
    /// Checks a template: its language, and that it renders and prints the link, and the code where there is one. Pointers are `/kind`,
    /// `/locale`, `/subject` and `/body`.
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
        let (link, code, day) = ("https://example.org/confirm#sample", "SAMP-CODE", "31 December 2026");
        let (campaign, representatives) = ("An example", &["Alex Example".to_owned()]);
        let changes = &["You no longer hear from us by email.".to_owned()];
        let about = match self.kind {
            MailKind::Confirmation | MailKind::Reminder => {
                let request = ConfirmationRequest { link, code, confirm_by: day };
                MailAbout::Request { campaign, representatives, request }
            }
            MailKind::FinalFailure | MailKind::Receipt => {
                MailAbout::Letters { campaign, representatives, waiting: &[], letter: "Dear Alex Example, …" }
            }
            MailKind::PreferencesLink | MailKind::PreferencesChanged => {
                MailAbout::Preferences { link, valid_until: day, changes }
            }
        };
        let text = self.compose(&MailValues { organisation: "Example Trust", about });
        let text = text.map_err(|(part, detail)| (part, Flaw::new("template_syntax", detail)))?;
        let prints = |name: &&str| text.body.contains(if *name == "code" { code } else { link });
        if self.kind.must_print().iter().all(prints) {
            return Ok(());
        }
        let names: Vec<_> = self.kind.must_print().iter().map(|name| format!("{{{{ {name} }}}}")).collect();
        Err(("body", Flaw::new("link_or_code_unused", format!("must print {}", names.join(" and ")))))
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
        let mut fields = vec![("organisation", value_of_fields(vec![("name", Value::from(self.organisation))]))];
        fields.extend(self.about.fields());
        value_of_fields(fields)
    }
}

impl MailAbout<'_> {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let list = |names: &[String]| Value::from(names.to_vec());
        let titled = |title: &str| value_of_fields(vec![("title", Value::from(title))]);
        match self {
            Self::Request { campaign, representatives, request } => vec![
                ("campaign", titled(campaign)),
                ("representatives", list(representatives)),
                ("link", Value::from(request.link)),
                ("code", Value::from(request.code)),
                ("confirm_by", Value::from(request.confirm_by)),
            ],
            Self::Letters { campaign, representatives, waiting, letter } => vec![
                ("campaign", titled(campaign)),
                ("representatives", list(representatives)),
                ("waiting", list(waiting)),
                ("letter", Value::from(*letter)),
            ],
            Self::Preferences { link, valid_until, changes } => vec![
                ("link", Value::from(*link)),
                ("valid_until", Value::from(*valid_until)),
                ("changes", list(changes)),
            ],
        }
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

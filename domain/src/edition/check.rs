//! Whether a template renders, tried before it may be saved.

use super::scope::VARIABLES;
use super::{ComposeError, ComposeReason, Edition, EditionContent, LetterPart, engine, sample};
use crate::{
    CampaignId, EditionId, FieldErrors, Findings, Flaw, Office, PersonalMessageRule, TemplateId, TemplateSource,
    TemplateVersion,
};
use uuid::Uuid;

impl EditionContent {
    /// Tries a template that is to be saved, on sample data for every office it covers; pointers are `/subject` and `/body`.
    ///
    /// `offices` are the campaign's. Syntax errors, unknown variables, loops without end, values that some letter would not
    /// have, and a body without `personal_message` where the campaign invites one: each is a flaw.
    pub fn check_template(&self, source: &TemplateSource, offices: &[Office]) -> Result<(), FieldErrors> {
        let mut findings = Findings::new();
        self.try_template(&mut findings, "", source, offices);
        findings.finish(Some(()))
    }

    /// Tries every template of the edition; pointers are `/templates/N/subject` and `/templates/N/body`.
    pub fn check_renders(&self, offices: &[Office]) -> Result<(), FieldErrors> {
        let mut findings = Findings::new();
        for (index, template) in self.templates.iter().enumerate() {
            self.try_template(&mut findings, &format!("/templates/{index}"), &template.source, offices);
        }
        findings.finish(Some(()))
    }

    fn try_template(&self, findings: &mut Findings, at: &str, source: &TemplateSource, offices: &[Office]) {
        let alone = TemplateVersion { id: TemplateId::new(Uuid::nil()), version: 1, source: source.clone() };
        let errors = engine::syntax_errors(&alone);
        for error in &errors {
            findings.note(format!("{at}/{}", error.part), syntax_flaw(error.line, &error.detail));
        }
        let content = Self { templates: vec![alone], default_locale: source.locale(), ..self.clone() };
        let nil = (EditionId::new(Uuid::nil()), CampaignId::new(Uuid::nil()));
        let Ok(edition) = Edition::compile(nil.0, nil.1, content) else { return };
        let known = edition.note_unknown_variables(findings, at);
        if known && let Some((part, flaw)) = edition.first_failure(&covered(source, offices)) {
            findings.note(format!("{at}/{part}"), flaw);
        }
        if self.personal_message.invites() && !edition.uses_personal_message() {
            findings.note(format!("{at}/body"), personal_message_unused());
        }
    }
}

impl Edition {
    fn note_unknown_variables(&self, findings: &mut Findings, at: &str) -> bool {
        let mut all_known = true;
        for part in LetterPart::ALL {
            let variables = self.engine.variables(0, *part);
            for variable in variables.iter().filter(|variable| !is_known(variable)) {
                findings.note(format!("{at}/{part}"), unknown_variable(variable));
                all_known = false;
            }
        }
        all_known
    }

    fn uses_personal_message(&self) -> bool {
        self.engine.variables(0, LetterPart::Body).iter().any(|variable| variable == "personal_message")
    }

    /// The first of the sample letters that cannot be composed.
    fn first_failure(&self, offices: &[Office]) -> Option<(LetterPart, Flaw)> {
        let bodies: &[usize] = if self.content.body_kind.is_some() { &[1, 2] } else { &[0] };
        let messages: &[bool] = match self.content.personal_message {
            PersonalMessageRule::None => &[false],
            PersonalMessageRule::Optional => &[true, false],
            PersonalMessageRule::Required => &[true],
        };
        let cases = offices
            .iter()
            .flat_map(|office| bodies.iter().map(move |bodies| (*office, *bodies)))
            .flat_map(|(office, bodies)| messages.iter().map(move |message| (office, bodies, *message)));
        cases.into_iter().find_map(|(office, bodies, message)| self.failure(office, bodies, message))
    }

    fn failure(&self, office: Office, bodies: usize, message: bool) -> Option<(LetterPart, Flaw)> {
        let words = sample::words(self.content.default_locale, message)?;
        let addressee = sample::addressee(office, self.content.body_kind, bodies)?;
        let error = self.compose(&words, &addressee).err()?;
        let scope = self.engine.shared.with(&words, &addressee);
        let told = self.engine.render(0, error.part, &scope).err();
        Some((error.part, failure_flaw(&error, told.as_ref().and_then(minijinja::Error::detail))))
    }
}

/// The offices a template is used for: its own, or all of the campaign's, or all there are while it has none.
fn covered(source: &TemplateSource, offices: &[Office]) -> Vec<Office> {
    match source.office() {
        Some(office) => vec![office],
        None if offices.is_empty() => Office::ALL.to_vec(),
        None => offices.to_vec(),
    }
}

fn is_known(variable: &str) -> bool {
    let (name, attribute) = variable.split_once('.').map_or((variable, None), |(name, rest)| (name, Some(rest)));
    VARIABLES.iter().any(|(known, attributes)| {
        *known == name && attribute.is_none_or(|attribute| attributes.is_empty() || attributes.contains(&attribute))
    })
}

fn unknown_variable(variable: &str) -> Flaw {
    Flaw::new("template_variable_unknown", format!("there is no variable {variable}"))
}

fn personal_message_unused() -> Flaw {
    let detail = "must print personal_message: the campaign invites supporters to write one";
    Flaw::new("template_personal_message_missing", detail)
}

fn at_line(line: Option<usize>, detail: &str) -> String {
    line.map_or_else(|| detail.to_owned(), |line| format!("line {line}: {detail}"))
}

fn syntax_flaw(line: Option<usize>, detail: &str) -> Flaw {
    Flaw::new("template_syntax", at_line(line, detail))
}

fn failure_flaw(error: &ComposeError, told: Option<&str>) -> Flaw {
    let (code, detail) = match error.reason {
        ComposeReason::ValueMissing => {
            ("template_value_missing", "uses a value that some letters of this campaign do not have")
        }
        ComposeReason::TooMuchWork => ("template_too_much_work", "takes too much work: is there a loop without end?"),
        ComposeReason::TooLong => ("template_output_too_long", "makes too long a letter"),
        ComposeReason::SubjectUnfit => {
            ("template_subject_unfit", "must make one line of at most 400 characters, not empty")
        }
        ComposeReason::BodyUnfit => ("template_body_unfit", "must make plain text, not empty"),
        ComposeReason::NoTemplate | ComposeReason::Refused => {
            ("template_refused", told.unwrap_or("cannot be rendered"))
        }
    };
    Flaw::new(code, at_line(error.line, detail))
}

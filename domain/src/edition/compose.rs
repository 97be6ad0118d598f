//! The one function that makes letters, for the preview and for the post.

use super::{Addressee, Edition, LetterPart, closing};
use crate::text::{self, Limit};
use crate::words::words;
use crate::{Locale, Office, SupporterWords, TemplateId};
use minijinja::ErrorKind;
use std::fmt;

/// The longest subject line, in characters as people count them.
const SUBJECT: Limit = Limit::of(400);

/// A finished letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line, without controls (B22).
    pub subject: String,
    /// Plain text with LF line ends and no space at their ends; ends with one LF.
    pub body: String,
    /// The language it is written in.
    pub locale: Locale,
    /// The template it was composed from.
    pub template_id: TemplateId,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("template_id", &self.template_id).finish_non_exhaustive()
    }
}

words! {
    /// Why a letter could not be composed.
    ComposeReason, "compose_reason_unknown" {
        /// There is no template for the office.
        NoTemplate = "no_template",
        /// It uses a value that this letter does not have: a body where the place has none.
        ValueMissing = "value_missing",
        /// It takes too much work: a loop without end.
        TooMuchWork = "too_much_work",
        /// It grows too long.
        TooLong = "too_long",
        /// Its subject is not one line of plain text.
        SubjectUnfit = "subject_unfit",
        /// Its body is empty or holds what plain text must not.
        BodyUnfit = "body_unfit",
        /// Anything else the template engine refuses.
        Refused = "refused",
    }
}

/// A letter that could not be composed. It says where in the template, and nothing of the person (C31).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {part} of the letter to the {office} cannot be composed: {reason}")]
pub struct ComposeError {
    /// For which office.
    pub office: Office,
    /// The template, where there is one.
    pub template_id: Option<TemplateId>,
    /// Which part of it.
    pub part: LetterPart,
    /// The line in that part, from 1.
    pub line: Option<usize>,
    /// Why.
    pub reason: ComposeReason,
}

impl Edition {
    /// Composes the letter of one supporter to one representative.
    ///
    /// Depends on the edition and its arguments and on nothing else, so composing again gives the same letter. The supporter's words are values:
    /// `{{ 7*7 }}` typed by a supporter arrives as typed (C28). The letter always holds the supporter's name and full postal
    /// address (B23) and ends with a line that names the campaign and the organisation (B24).
    pub fn compose(&self, words: &SupporterWords, addressee: &Addressee) -> Result<Letter, ComposeError> {
        let office = addressee.office;
        let failed = |template_id, part, line, reason| ComposeError { office, template_id, part, line, reason };
        let chosen = self.content().template_for(office, words.locale);
        let (index, template) =
            chosen.ok_or_else(|| failed(None, LetterPart::Body, None, ComposeReason::NoTemplate))?;
        let scope = self.engine.shared.with(words, addressee);
        let render = |part| {
            let rendered = self.engine.render(index, part, &scope);
            rendered.map_err(|error| failed(Some(template.id), part, error.line(), reason(&error)))
        };
        let unfit = |part, reason| failed(Some(template.id), part, None, reason);
        let subject = finish_subject(&render(LetterPart::Subject)?);
        let subject = subject.ok_or_else(|| unfit(LetterPart::Subject, ComposeReason::SubjectUnfit))?;
        let body = finish_body(&render(LetterPart::Body)?);
        let body = body.ok_or_else(|| unfit(LetterPart::Body, ComposeReason::BodyUnfit))?;
        let locale = template.source.locale();
        let body = closing::close(body, words, self, locale);
        Ok(Letter { subject, body, locale, template_id: template.id })
    }
}

pub(super) fn reason(error: &minijinja::Error) -> ComposeReason {
    match error.kind() {
        ErrorKind::UndefinedError => ComposeReason::ValueMissing,
        ErrorKind::OutOfFuel => ComposeReason::TooMuchWork,
        ErrorKind::WriteFailure => ComposeReason::TooLong,
        _ => ComposeReason::Refused,
    }
}

/// One line of plain text, not too long.
pub(crate) fn finish_subject(rendered: &str) -> Option<String> {
    text::line(rendered, SUBJECT).ok()
}

/// LF line ends without space before them, nothing but text.
pub(crate) fn finish_body(rendered: &str) -> Option<String> {
    let mut body = String::with_capacity(rendered.len() + 256);
    for line in rendered.trim().lines() {
        body.push_str(line.trim_end());
        body.push('\n');
    }
    let is_refused = |c: char| c.is_control() && c != '\n' && c != '\t';
    let is_fit = !body.is_empty() && !body.chars().any(is_refused);
    is_fit.then_some(body)
}

//! What a supporter's answers are worth.

use super::{Answer, Channel, ConsentQuestion, Purpose, QuestionVersion};
use crate::{Basis, FieldErrors, Findings, Flaw, Locale, QuestionId};

/// One answer as a form sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerGiven {
    /// The question answered.
    pub question_id: QuestionId,
    /// The version that was shown.
    pub version: i32,
    /// The channel it is about.
    pub channel: Channel,
    /// The answer.
    pub answer: Answer,
}

/// One answer worth recording: explicit, and to a question that was really asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentAnswer {
    /// The question answered.
    pub question_id: QuestionId,
    /// The version that was shown.
    pub version: i32,
    /// The purpose that consent is asked for.
    pub purpose: Purpose,
    /// The channel it is about.
    pub channel: Channel,
    /// Yes or no.
    pub answer: Answer,
    /// The language it was shown in.
    pub locale: Locale,
}

/// Which of the answers given are worth recording, in the order given.
///
/// Nothing is ever added: a question without an answer yields none, and a yes comes only from a yes (B2). Refusing everything
/// is as good as any other answer. An answer to a question, version or channel that was never asked is a field error, as are
/// two different answers to the same question and channel. The same answer twice counts once. `locale` is the language of the
/// form and `default` the campaign's: each answer records the language whose words were shown. A question takes the answers of its basis.
pub fn decide<'q>(
    questions: &(impl Iterator<Item = &'q ConsentQuestion> + Clone),
    answers: &[AnswerGiven],
    locale: Locale,
    default: Locale,
) -> Result<Vec<ConsentAnswer>, FieldErrors> {
    let mut findings = Findings::new();
    let mut decided = Vec::with_capacity(answers.len());
    for (index, given) in answers.iter().enumerate() {
        let earlier = answers.iter().take(index).find(|earlier| same_point(earlier, given));
        match earlier {
            Some(earlier) if earlier == given => {}
            Some(_) => findings.note(format!("/consents/{index}"), contradiction()),
            None => match asked(questions.clone(), given) {
                Ok((question, version)) => decided.push(record(question, version, given, locale, default)),
                Err((field, flaw)) => findings.note(format!("/consents/{index}/{field}"), flaw),
            },
        }
    }
    findings.finish(Some(decided))
}

fn same_point(left: &AnswerGiven, right: &AnswerGiven) -> bool {
    left.question_id == right.question_id && left.channel == right.channel
}

fn contradiction() -> Flaw {
    Flaw::new("consent_contradictory", "the same question and channel is answered twice, differently")
}

/// The question and version that was answered, or the field that names none.
fn asked<'a>(
    mut questions: impl Iterator<Item = &'a ConsentQuestion>,
    given: &AnswerGiven,
) -> Result<(&'a ConsentQuestion, &'a QuestionVersion), (&'static str, Flaw)> {
    let question = questions.find(|question| question.id() == given.question_id);
    let question =
        question.ok_or(("question_id", Flaw::new("question_unknown", "this campaign asks no such question")))?;
    let version = question.at_version(given.version);
    let version = version.ok_or(("version", Flaw::new("question_version_unknown", "there is no such version")))?;
    if !version.channels.contains(&given.channel) {
        return Err(("channel", Flaw::new("channel_not_asked", "this version does not ask for that channel")));
    }
    if !version.answers().contains(&given.answer) {
        return Err(("answer", not_an_answer(version.basis)));
    }
    Ok((question, version))
}

/// A yes to a question that only offers to refuse would be no consent, and the other way round.
fn not_an_answer(basis: Basis) -> Flaw {
    let (code, rule) = match basis {
        Basis::Consent => ("answer_without_consent", "this question asks for consent: answer yes or no"),
        Basis::CharitableSoftOptIn => ("answer_to_opt_out", "this question offers to refuse: answer no or not_refused"),
        Basis::InformationOnly => ("answer_to_information", "this informs and asks nothing: leave out the answer"),
    };
    Flaw::new(code, rule)
}

fn record(
    question: &ConsentQuestion,
    version: &QuestionVersion,
    given: &AnswerGiven,
    locale: Locale,
    default: Locale,
) -> ConsentAnswer {
    ConsentAnswer {
        question_id: given.question_id,
        version: version.version,
        purpose: question.purpose().clone(),
        channel: given.channel,
        answer: given.answer,
        locale: version.wordings.shown(locale, default).0,
    }
}

#[cfg(test)]
mod tests;

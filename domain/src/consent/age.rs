//! Who is too young to consent (DPA 2018 s9, B13).

use super::{Answer, AnswerGiven};
use crate::{FieldErrors, Findings, Flaw};
use chrono::NaiveDate;

/// The age from which a person consents for themself to what is offered online.
const AGE: u32 = 13;

/// True for a person born on this day who is under 13 today. A birthday counts from its morning; one of 29 February falls on 1 March in
/// other years.
pub fn is_under_age(born_on: NaiveDate, today: NaiveDate) -> bool {
    today.years_since(born_on).is_none_or(|years| years < AGE)
}

/// Refuses every answer that would permit marketing to somebody under age. Saying no, and nothing, is open to everybody.
pub fn refuse_under_age(answers: &[AnswerGiven]) -> Result<(), FieldErrors> {
    let mut findings = Findings::new();
    for (index, given) in answers.iter().enumerate().filter(|(_, given)| given.answer != Answer::No) {
        let rule = format!("people under {AGE} cannot agree to this: leave out the answer to {}", given.question_id);
        findings.note(format!("/consents/{index}/answer"), Flaw::new("consent_under_age", rule));
    }
    findings.finish(Some(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, QuestionId};
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_person_is_of_age_from_their_thirteenth_birthday() {
        for (born_on, today, is_under) in [
            ("2013-11-30", "2026-11-29", true),
            ("2013-11-30", "2026-11-30", false),
            ("2012-02-29", "2025-02-28", true),
            ("2012-02-29", "2025-03-01", false),
            ("2027-01-01", "2026-11-30", true),
            ("1950-01-01", "2026-11-30", false),
        ] {
            assert_eq!(is_under_age(day(born_on), day(today)), is_under, "{born_on} on {today}");
        }
    }

    #[test]
    fn only_a_no_is_taken_from_somebody_under_age() {
        let given = |answer| AnswerGiven {
            question_id: QuestionId::new(Uuid::nil()),
            version: 1,
            channel: Channel::Email,
            answer,
        };
        assert_eq!(refuse_under_age(&[given(Answer::No)]), Ok(()));
        let errors = refuse_under_age(&[given(Answer::No), given(Answer::Yes), given(Answer::NotRefused)]).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer().to_owned()).collect();
        assert_eq!(pointers, ["/consents/1/answer", "/consents/2/answer"]);
    }
}

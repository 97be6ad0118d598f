//! What a person may choose: a purpose and a channel each, with the question to answer (B3).

use super::{Permission, Standing};
use crate::{Channel, ConsentQuestion, Purpose};
use std::collections::BTreeMap;

/// One thing that a person may allow or end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<'q> {
    /// What it is for.
    pub purpose: Purpose,
    /// The channel it is about.
    pub channel: Channel,
    /// The question to answer. Where the organisation asks none any more, the person can only say no.
    pub question: Option<&'q ConsentQuestion>,
    /// The decision of today.
    pub permission: Permission,
}

/// Everything a person may choose with an organisation that asks these `questions`, by purpose and channel.
///
/// Of several questions for the same purpose and channel, as campaigns have them, the newest is the one to answer: ids are drawn in the
/// order of time.
pub fn choices<'q>(standing: &Standing, questions: &'q [ConsentQuestion]) -> Vec<Choice<'q>> {
    let mut newest: BTreeMap<(Purpose, Channel), Option<&ConsentQuestion>> = BTreeMap::new();
    newest.extend(standing.asked().into_iter().map(|point| (point, None)));
    for question in questions {
        for channel in question.channels() {
            let known = newest.entry((question.purpose().clone(), *channel)).or_default();
            *known = known.filter(|known| known.id() > question.id()).or(Some(question));
        }
    }
    let choice = |((purpose, channel), question)| {
        let permission = standing.permission(&purpose, channel);
        Choice { purpose, channel, question, permission }
    };
    newest.into_iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::LedgerAnswer;
    use crate::{Answer, Basis, ConsentId, Locale, QuestionId, QuestionTerms, Wordings};
    use uuid::Uuid;

    fn purpose(word: &str) -> Purpose {
        Purpose::parse(word).unwrap()
    }

    fn question(id: u128, word: &str, channels: &[Channel]) -> ConsentQuestion {
        let wordings = Wordings::new([(Locale::En, "May we?".to_owned())].into()).unwrap();
        let terms = QuestionTerms { basis: Basis::Consent, channels: channels.to_vec(), wordings };
        ConsentQuestion::new(QuestionId::new(Uuid::from_u128(id)), None, purpose(word), terms).unwrap()
    }

    #[test]
    fn the_newest_question_of_each_purpose_and_channel_is_offered() {
        let questions = [
            question(2, "news", &[Channel::Email]),
            question(1, "news", &[Channel::Email, Channel::Post]),
            question(3, "appeals", &[Channel::Email]),
        ];
        let offered = choices(&Standing::default(), &questions);
        let offered: Vec<_> =
            offered.iter().map(|one| (one.purpose.as_str(), one.channel, one.question.unwrap().id())).collect();
        let id = |number| QuestionId::new(Uuid::from_u128(number));
        assert_eq!(
            offered,
            [("appeals", Channel::Email, id(3)), ("news", Channel::Email, id(2)), ("news", Channel::Post, id(1))]
        );
    }

    #[test]
    fn what_nobody_asks_any_more_can_still_be_ended() {
        let yes = LedgerAnswer {
            id: ConsentId::new(Uuid::nil()),
            given_at: chrono::DateTime::UNIX_EPOCH,
            purpose: purpose("old_news"),
            channel: Channel::Phone,
            answer: Answer::Yes,
            soft_opt_in: None,
        };
        let standing = Standing::new(vec![yes], Vec::new(), false);
        let offered = choices(&standing, &[]);
        assert_eq!(offered.len(), 1);
        assert!(offered[0].question.is_none() && offered[0].permission.is_given());
    }
}

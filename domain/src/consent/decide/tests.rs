use super::*;
use crate::Wordings;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn wordings(text: &str, locales: &[Locale]) -> Wordings {
    Wordings::new(locales.iter().map(|locale| (*locale, text.to_owned())).collect::<BTreeMap<_, _>>()).unwrap()
}

/// Question 1 asks for email and post, after a version that asked for phone; question 2 asks for every channel, in English only.
fn questions() -> Vec<ConsentQuestion> {
    let purpose = |word| Purpose::parse(word).unwrap();
    let both = [Locale::En, Locale::Cy];
    let first =
        ConsentQuestion::new(id(1), 1, purpose("campaign_news"), vec![Channel::Phone], wordings("May we?", &both));
    let first =
        first.unwrap().asked_anew(1, vec![Channel::Post, Channel::Email], wordings("May we write?", &both)).unwrap();
    let all = Channel::ALL.to_vec();
    vec![first, ConsentQuestion::new(id(2), 2, purpose("research_news"), all, wordings("And?", &[Locale::En])).unwrap()]
}

fn id(number: u128) -> QuestionId {
    QuestionId::new(Uuid::from_u128(number))
}

fn given(question: u128, version: i32, channel: Channel, answer: Answer) -> AnswerGiven {
    AnswerGiven { question_id: id(question), version, channel, answer }
}

fn decide(answers: &[AnswerGiven]) -> Result<Vec<ConsentAnswer>, FieldErrors> {
    super::decide(&questions(), answers, Locale::Cy, Locale::En)
}

fn pointers(answers: &[AnswerGiven]) -> Vec<(String, &'static str)> {
    let errors = decide(answers).unwrap_err();
    errors.iter().map(|error| (error.pointer().to_owned(), error.flaw().code())).collect()
}

#[test]
fn silence_yields_nothing() {
    assert_eq!(decide(&[]), Ok(vec![]));
}

#[test]
fn refusing_everything_is_as_good_as_any_answer() {
    let answers: Vec<_> = Channel::ALL.iter().map(|channel| given(2, 1, *channel, Answer::No)).collect();
    let decided = decide(&answers).unwrap();
    assert_eq!(decided.len(), 4);
    assert!(decided.iter().all(|answer| answer.answer == Answer::No));
}

#[test]
fn an_answer_records_the_version_and_the_language_that_were_shown() {
    let answers = [
        given(1, 2, Channel::Email, Answer::Yes),
        given(1, 1, Channel::Phone, Answer::Yes),
        given(2, 1, Channel::Sms, Answer::No),
    ];
    let decided = decide(&answers).unwrap();
    let told: Vec<_> = decided.iter().map(|answer| (answer.version, answer.locale, answer.purpose.as_str())).collect();
    assert_eq!(
        told,
        [(2, Locale::Cy, "campaign_news"), (1, Locale::Cy, "campaign_news"), (1, Locale::En, "research_news")]
    );
}

#[test]
fn what_was_never_asked_cannot_be_answered() {
    let answers = [
        given(9, 1, Channel::Email, Answer::Yes),
        given(1, 3, Channel::Email, Answer::Yes),
        given(1, 2, Channel::Sms, Answer::Yes),
    ];
    let expected = [
        ("/consents/0/question_id", "question_unknown"),
        ("/consents/1/version", "question_version_unknown"),
        ("/consents/2/channel", "channel_not_asked"),
    ];
    assert_eq!(pointers(&answers), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn the_same_answer_twice_counts_once_and_a_contradiction_is_refused() {
    let (yes, no) = (given(1, 2, Channel::Email, Answer::Yes), given(1, 2, Channel::Email, Answer::No));
    assert_eq!(decide(&[yes, yes]).unwrap().len(), 1);
    assert_eq!(pointers(&[yes, no]), [("/consents/1".to_owned(), "consent_contradictory")]);
}

#[test]
fn new_words_make_a_new_version_and_the_same_words_do_not() {
    let [first, _] = &questions()[..] else { panic!("two questions") };
    let both = [Locale::En, Locale::Cy];
    let again =
        first.clone().asked_anew(5, vec![Channel::Email, Channel::Post], wordings("May we write?", &both)).unwrap();
    assert_eq!((again.version(), again.position()), (2, 5));
    let anew = again.asked_anew(5, vec![Channel::Email], wordings("May we write?", &both)).unwrap();
    assert_eq!((anew.version(), anew.versions().count()), (3, 3));
}

fn answers() -> impl Strategy<Value = Vec<AnswerGiven>> {
    let one = (1u128..4, 0i32..4, proptest::sample::select(Channel::ALL), proptest::sample::select(Answer::ALL));
    proptest::collection::vec(
        one.prop_map(|(question, version, channel, answer)| given(question, version, channel, answer)),
        0..8,
    )
}

proptest! {
    #[test]
    fn no_yes_comes_from_anything_but_an_explicit_yes(answers in answers()) {
        for decided in decide(&answers).iter().flatten() {
            let explicit = given_as(decided);
            prop_assert!(answers.contains(&explicit), "{decided:?} was never given");
        }
    }

    #[test]
    fn every_answer_to_what_was_asked_is_kept(answers in answers()) {
        let Ok(decided) = decide(&answers) else { return Ok(()) };
        for answer in &answers {
            prop_assert_eq!(decided.iter().filter(|decided| given_as(decided) == *answer).count(), 1);
        }
    }

    #[test]
    fn the_order_of_answers_decides_nothing(answers in answers()) {
        let mut backwards = answers.clone();
        backwards.reverse();
        let sorted = |result: Result<Vec<ConsentAnswer>, FieldErrors>| result.ok().map(|mut decided| {
            decided.sort_by_key(|answer| (answer.question_id, answer.channel));
            decided
        });
        prop_assert_eq!(sorted(decide(&answers)), sorted(decide(&backwards)));
    }
}

fn given_as(decided: &ConsentAnswer) -> AnswerGiven {
    AnswerGiven {
        question_id: decided.question_id,
        version: decided.version,
        channel: decided.channel,
        answer: decided.answer,
    }
}

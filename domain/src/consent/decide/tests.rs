use super::*;
use crate::{QuestionTerms, Wordings};
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
    let first = ConsentQuestion::new(id(1), None, purpose("campaign_news"), terms(&[Channel::Phone], "May we?", &both));
    let next = terms(&[Channel::Post, Channel::Email], "May we write?", &both);
    let all = terms(Channel::ALL, "And?", &[Locale::En]);
    let second = ConsentQuestion::new(id(2), None, purpose("research_news"), all).unwrap();
    vec![first.unwrap().revised(next).unwrap(), second]
}

fn terms(channels: &[Channel], text: &str, locales: &[Locale]) -> QuestionTerms {
    QuestionTerms { basis: Basis::Consent, channels: channels.to_vec(), wordings: wordings(text, locales) }
}

fn id(number: u128) -> QuestionId {
    QuestionId::new(Uuid::from_u128(number))
}

fn given(question: u128, version: i32, channel: Channel, answer: Answer) -> AnswerGiven {
    AnswerGiven { question_id: id(question), version, channel, answer }
}

fn decide(answers: &[AnswerGiven]) -> Result<Vec<ConsentAnswer>, FieldErrors> {
    super::decide(&questions().iter(), answers, Locale::Cy, Locale::En)
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
    let again = first.clone().revised(terms(&[Channel::Email, Channel::Post], "May we write?", &both)).unwrap();
    assert_eq!(again.version(), 2);
    let revised = again.revised(terms(&[Channel::Email], "May we write?", &both)).unwrap();
    assert_eq!((revised.version(), revised.versions().count()), (3, 3));
    let on_another_basis =
        QuestionTerms { basis: Basis::CharitableSoftOptIn, ..terms(&[Channel::Email], "May we write?", &both) };
    assert_eq!(revised.revised(on_another_basis).unwrap().version(), 4);
}

/// A question that only offers to refuse.
fn opt_out(channels: &[Channel]) -> Result<ConsentQuestion, FieldErrors> {
    let terms = QuestionTerms {
        basis: Basis::CharitableSoftOptIn,
        ..terms(channels, "Tick if we should not write.", &[Locale::En])
    };
    ConsentQuestion::new(id(3), None, Purpose::parse("appeals").unwrap(), terms)
}

#[test]
fn a_question_that_offers_to_refuse_takes_no_yes_and_one_for_consent_takes_no_silence() {
    let questions = [questions(), vec![opt_out(&[Channel::Email]).unwrap()]].concat();
    let code = |question, answer| {
        let version = if question == 3 { 1 } else { 2 };
        let decided = super::decide(
            &questions.iter(),
            &[given(question, version, Channel::Email, answer)],
            Locale::En,
            Locale::En,
        );
        decided.map_err(|errors| errors.iter().map(|error| error.flaw().code()).collect::<Vec<_>>())
    };
    assert!(code(3, Answer::NotRefused).is_ok() && code(3, Answer::No).is_ok());
    assert_eq!(code(3, Answer::Yes), Err(vec!["answer_to_opt_out"]));
    assert_eq!(code(1, Answer::NotRefused), Err(vec!["answer_without_consent"]));
}

#[test]
fn information_asks_nothing_and_takes_no_answer() {
    let informs = |channels: &[Channel]| {
        let terms =
            QuestionTerms { basis: Basis::InformationOnly, ..terms(channels, "We keep your letter.", &[Locale::En]) };
        ConsentQuestion::new(id(4), None, Purpose::parse("letters").unwrap(), terms)
    };
    let errors = informs(&[Channel::Post]).unwrap_err();
    assert_eq!(errors.iter().next().unwrap().flaw().code(), "channels_of_information");
    let question = informs(&[]).unwrap();
    for answer in Answer::ALL {
        let given = AnswerGiven { question_id: id(4), version: 1, channel: Channel::Post, answer: *answer };
        assert!(super::decide(&std::iter::once(&question), &[given], Locale::En, Locale::En).is_err());
    }
}

#[test]
fn the_soft_opt_in_is_for_electronic_mail_alone() {
    assert!(opt_out(&[Channel::Email, Channel::Sms]).is_ok());
    let errors = opt_out(&[Channel::Email, Channel::Post]).unwrap_err();
    assert_eq!(errors.iter().next().unwrap().flaw().code(), "channel_without_soft_opt_in");
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

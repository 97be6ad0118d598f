use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn moment(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + hour * 3_600, 0).unwrap()
}

fn purpose(word: &str) -> Purpose {
    Purpose::parse(word).unwrap()
}

/// An answer on news by email; its id and its moment grow with `hour`.
fn answer(hour: u8, answer: Answer) -> LedgerAnswer {
    LedgerAnswer {
        id: ConsentId::new(Uuid::from_u128(hour.into())),
        given_at: moment(hour.into()),
        purpose: purpose("news"),
        channel: Channel::Email,
        answer,
        soft_opt_in: (answer == Answer::NotRefused).then(soft_opt_in),
    }
}

fn soft_opt_in() -> SoftOptIn {
    SoftOptIn {
        registered_charity: true,
        collected_by_itself: true,
        interest_or_support: true,
        charitable_purposes_only: true,
        opt_out_at_collection: true,
        opt_out_in_every_message: true,
        collected_on: chrono::NaiveDate::from_ymd_opt(2026, 2, 5).unwrap(),
    }
}

fn objection(hour: u8, stance: Stance) -> LedgerObjection {
    LedgerObjection {
        id: ObjectionId::new(Uuid::from_u128(hour.into())),
        given_at: moment(hour.into()),
        activity: Activity::DirectMarketing,
        stance,
    }
}

fn decided(answers: Vec<LedgerAnswer>, objections: Vec<LedgerObjection>, is_suppressed: bool) -> Permission {
    Standing::new(answers, objections, is_suppressed).permission(&purpose("news"), Channel::Email)
}

fn reason(answers: Vec<LedgerAnswer>) -> PermissionReason {
    decided(answers, Vec::new(), false).reason()
}

#[test]
fn who_was_never_asked_may_not_be_contacted() {
    assert_eq!(decided(Vec::new(), Vec::new(), false), Permission::refused(PermissionReason::NotAsked, None));
    let by_post = LedgerAnswer { channel: Channel::Post, ..answer(1, Answer::Yes) };
    let research = LedgerAnswer { purpose: purpose("research"), ..answer(2, Answer::Yes) };
    assert_eq!(reason(vec![by_post, research]), PermissionReason::NotAsked);
}

#[test]
fn the_last_answer_counts_and_is_named() {
    let permission = decided(vec![answer(3, Answer::Yes), answer(1, Answer::No)], Vec::new(), false);
    assert_eq!(permission.basis(), Some(Basis::Consent));
    assert_eq!(permission.because(), Some(Evidence::Answer(ConsentId::new(Uuid::from_u128(3)))));
    assert_eq!(reason(vec![answer(1, Answer::Yes), answer(2, Answer::No)]), PermissionReason::AnsweredNo);
}

#[test]
fn not_refusing_is_a_basis_of_its_own() {
    let permission = decided(vec![answer(1, Answer::NotRefused)], Vec::new(), false);
    assert_eq!(permission.basis(), Some(Basis::CharitableSoftOptIn));
    assert_eq!(permission.reason(), PermissionReason::NotRefused);
}

#[test]
fn not_refusing_overrides_neither_a_no_nor_a_yes() {
    assert_eq!(reason(vec![answer(1, Answer::No), answer(2, Answer::NotRefused)]), PermissionReason::AnsweredNo);
    assert_eq!(reason(vec![answer(1, Answer::Yes), answer(2, Answer::NotRefused)]), PermissionReason::AnsweredYes);
}

#[test]
fn a_soft_opt_in_without_all_its_conditions_permits_nothing() {
    let third_party = Some(SoftOptIn { collected_by_itself: false, ..soft_opt_in() });
    let conditions = [None, third_party];
    for soft_opt_in in conditions {
        let answer = LedgerAnswer { soft_opt_in, ..answer(1, Answer::NotRefused) };
        let permission = decided(vec![answer], Vec::new(), false);
        assert_eq!((permission.is_given(), permission.reason()), (false, PermissionReason::SoftOptInNotMet));
    }
}

#[test]
fn an_objection_to_marketing_outweighs_a_yes_until_it_is_taken_back() {
    let yes = vec![answer(9, Answer::Yes)];
    let permission = decided(yes.clone(), vec![objection(1, Stance::Objects)], false);
    assert_eq!(permission.reason(), PermissionReason::ObjectsToMarketing);
    assert_eq!(permission.because(), Some(Evidence::Objection(ObjectionId::new(Uuid::from_u128(1)))));
    assert!(decided(yes, vec![objection(2, Stance::Allows), objection(1, Stance::Objects)], false).is_given());
}

#[test]
fn an_objection_to_something_else_stops_no_news() {
    let wealth = LedgerObjection { activity: Activity::WealthResearch, ..objection(1, Stance::Objects) };
    let standing = Standing::new(vec![answer(1, Answer::Yes)], vec![wealth], false);
    assert!(standing.permission(&purpose("news"), Channel::Email).is_given());
    assert_eq!(standing.objection(Activity::WealthResearch), Some(wealth));
    assert_eq!(standing.objection(Activity::DirectMarketing), None);
}

fn answers() -> impl Strategy<Value = Vec<LedgerAnswer>> {
    let one = (0u8..40, prop::sample::select(Answer::ALL), any::<bool>()).prop_map(|(hour, given, is_met)| {
        let mut answer = answer(hour, given);
        answer.soft_opt_in =
            answer.soft_opt_in.map(|conditions| SoftOptIn { registered_charity: is_met, ..conditions });
        answer
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn a_permission_rests_on_an_entry_that_gives_it(answers in answers(), is_suppressed: bool, objects: bool) {
        let objections = objects.then(|| objection(1, Stance::Objects)).into_iter().collect();
        let permission = decided(answers.clone(), objections, is_suppressed);
        if permission.is_given() {
            prop_assert!(!is_suppressed && !objects);
            let Some(Evidence::Answer(id)) = permission.because() else { panic!("a permission without evidence") };
            prop_assert!(answers.iter().any(|answer| answer.id == id && answer.answer != Answer::No));
        }
    }

    #[test]
    fn a_last_no_ends_every_permission(mut answers in answers()) {
        answers.push(answer(50, Answer::No));
        prop_assert_eq!(reason(answers), PermissionReason::AnsweredNo);
    }

    #[test]
    fn a_question_that_is_not_answered_changes_nothing(answers in answers()) {
        let elsewhere = LedgerAnswer { channel: Channel::Sms, ..answer(60, Answer::No) };
        let with = [answers.clone(), vec![elsewhere]].concat();
        prop_assert_eq!(decided(answers, Vec::new(), false), decided(with, Vec::new(), false));
    }

    #[test]
    fn the_order_of_reading_does_not_matter(answers in answers()) {
        let hours: BTreeSet<_> = answers.iter().map(|answer| answer.id).collect();
        prop_assume!(hours.len() == answers.len());
        let backwards = answers.iter().rev().cloned().collect();
        prop_assert_eq!(decided(answers, Vec::new(), false), decided(backwards, Vec::new(), false));
    }
}

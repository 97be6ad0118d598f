//! Invalidations on both databases: what they find, what they change, and that counts stay exact at every stage.

use super::*;
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{CAMPAIGN, ORGANISATION, at, fresh, publish, record, record_to, representative, unconfirmed};
use crate::schema::{actions, deliveries};
use crate::testing::{block_on, each_backend};
use crate::{ActionFilter, Record};
use chrono::TimeDelta;
use postbag_domain::{
    ActionId, ClientTag, ConditionFields, ConfirmedBy, DeliveryState, InvalidationStep, LeaseToken, PersonalMessage,
    TallyKey, TallyKind,
};
use std::sync::Arc;

const FLOOD: ClientTag = ClientTag::new([7; 16]);

fn store_all(store: &Store, records: Vec<Record>) {
    let quiet: TallyListener = Arc::new(|_rows| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    block_on(async {
        for record in records {
            intake.record(record).await.unwrap();
        }
        intake.stop().await;
    });
}

fn from(client: ClientTag, mut record: Record) -> Record {
    record.client = Some(client);
    record
}

/// Ten people from one client, and Ada before and after them from another.
fn flood(store: &Store) {
    publish(store, "retry");
    let mut records = vec![record("ada@example.org", "ada", 0)];
    records.extend((1..=10).map(|n| from(FLOOD, record(&format!("bot{n}@bots.example"), &n.to_string(), n))));
    records.push(record("bea@example.org", "bea", 20));
    store_all(store, records);
}

fn actor() -> Actor {
    Actor { name: "staff".to_owned(), now: at(100), fresh }
}

fn made(store: &Store, conditions: ConditionFields) -> InvalidationId {
    let id = InvalidationId::new(fresh());
    let new = NewInvalidation {
        id,
        organisation_id: ORGANISATION,
        campaign_id: Some(CAMPAIGN),
        conditions: Conditions::new(conditions).unwrap(),
        reason: "A script.".to_owned(),
    };
    block_on(store.invalidate(new, actor())).unwrap().unwrap();
    while block_on(store.look_for_invalid(id, 3, at(100))).unwrap().goes_on {}
    id
}

fn from_flood() -> ConditionFields {
    ConditionFields { clients: vec![FLOOD], ..ConditionFields::default() }
}

fn step(store: &Store, id: InvalidationId, step: InvalidationStep) {
    let stepped = block_on(store.step_invalidation(Reach::All, id, step, actor())).unwrap();
    assert!(matches!(stepped, Stepped::Done(_)), "{step}: {stepped:?}");
}

fn start(store: &Store, id: InvalidationId) {
    step(store, id, InvalidationStep::Start);
    while block_on(store.strike_out(id, 3, at(101))).unwrap().goes_on {}
}

fn undo(store: &Store, id: InvalidationId) {
    step(store, id, InvalidationStep::Undo);
    while block_on(store.put_back(id, 3, at(102))).unwrap().goes_on {}
}

fn stored(store: &Store, id: InvalidationId) -> StoredInvalidation {
    block_on(store.invalidation(Reach::All, id)).unwrap().unwrap()
}

/// The campaign's counts, which a recount must agree with: actions, supporters and queued messages.
fn counts(store: &Store) -> [i64; 3] {
    assert_eq!(block_on(store.recount(None)).unwrap(), [], "a recount finds no difference");
    let count =
        |key: TallyKey| store.read_blocking(move |connection| tallies::count(connection, CAMPAIGN, &key)).unwrap();
    [
        count(TallyKey::total(TallyKind::Actions)),
        count(TallyKey::total(TallyKind::Supporters)),
        count(TallyKey::message(DeliveryState::Queued)),
    ]
}

/// The states of the letters of a person, in the order of their making.
fn letters(store: &Store, key: &str) -> Vec<String> {
    let key = key.to_owned();
    let states = move |connection: &mut AnyConnection| {
        let theirs = deliveries::table
            .inner_join(crate::schema::supporters::table.on(crate::schema::supporters::id.eq(deliveries::supporter_id)))
            .filter(crate::schema::supporters::email_key.eq(key))
            .order((deliveries::created_at, deliveries::id))
            .select(deliveries::state);
        Ok(theirs.load::<String>(connection)?)
    };
    store.read_blocking(states).unwrap()
}

fn work(store: &Store, seconds: i64) -> usize {
    let claim = store.claim_deliveries(LeaseToken::new(fresh()), at(seconds), TimeDelta::minutes(1), 100);
    block_on(claim).unwrap().deliveries.len()
}

#[test]
fn what_was_found_is_struck_out_and_put_back_with_exact_counts_at_every_stage() {
    each_backend(|store| {
        flood(store);
        assert_eq!(counts(store), [12, 12, 24]);
        let id = made(store, from_flood());
        let found = stored(store, id);
        assert_eq!((found.state, found.looked_at, found.found), (InvalidationState::Ready, 12, 10));
        assert_eq!((found.letters_waiting, found.letters_sent, found.struck_out), (20, 0, 0));
        assert_eq!(counts(store), [12, 12, 24], "looking changes nothing");

        step(store, id, InvalidationStep::Start);
        block_on(store.strike_out(id, 4, at(101))).unwrap();
        step(store, id, InvalidationStep::Cancel);
        assert!(!block_on(store.strike_out(id, 4, at(101))).unwrap().goes_on, "nothing is done once it is cancelled");
        assert_eq!((counts(store), stored(store, id).struck_out), ([8, 8, 16], 4));

        step(store, id, InvalidationStep::Resume);
        while block_on(store.strike_out(id, 4, at(101))).unwrap().goes_on {}
        assert_eq!((counts(store), stored(store, id).state), ([2, 2, 4], InvalidationState::Done));
        assert_eq!(letters(store, "bot3@bots.example"), ["cancelled", "cancelled"]);
        assert_eq!(work(store, 102), 4, "only the letters of Ada and Bea leave");

        undo(store, id);
        assert_eq!((counts(store)[..2].to_vec(), stored(store, id).struck_out), (vec![12, 12], 0));
        assert_eq!(letters(store, "bot3@bots.example"), ["queued", "queued"]);
        assert_eq!(stored(store, id).state, InvalidationState::Undone);
        let again = block_on(store.step_invalidation(Reach::All, id, InvalidationStep::Undo, actor())).unwrap();
        assert_eq!(again, Stepped::NotAllowed(InvalidationState::Undone));
    });
}

#[test]
fn what_was_sent_stays_as_it_was_and_keeps_its_counts() {
    each_backend(|store| {
        flood(store);
        let sent = |connection: &mut AnyConnection| {
            let one = deliveries::table
                .filter(deliveries::representative_id.eq(Id::from(representative(1))))
                .select(deliveries::id);
            let ids: Vec<Id> = one.load(connection)?;
            diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
                .set((deliveries::state.eq("accepted"), deliveries::available_at.eq(None::<At>)))
                .execute(connection)?;
            Ok(())
        };
        store.write_blocking(sent).unwrap();
        block_on(store.repair_tallies(None)).unwrap();
        let id = made(store, from_flood());
        let found = stored(store, id);
        assert_eq!((found.letters_waiting, found.letters_sent), (10, 10));
        start(store, id);
        assert_eq!(letters(store, "bot3@bots.example"), ["accepted", "cancelled"]);
        assert_eq!(counts(store), [2, 2, 2]);
        undo(store, id);
        assert_eq!(letters(store, "bot3@bots.example"), ["accepted", "queued"]);
        assert_eq!(counts(store), [12, 12, 12]);
    });
}

#[test]
fn a_person_in_whose_name_a_script_wrote_first_still_counts_and_their_own_letter_leaves() {
    each_backend(|store| {
        publish(store, "retry");
        let own = record("ada@example.org", "own", 50);
        store_all(store, vec![from(FLOOD, record_to("ada@example.org", "script", 0, &[1])), own]);
        assert_eq!(counts(store), [2, 1, 2]);
        let id = made(store, from_flood());
        start(store, id);
        assert_eq!(counts(store), [1, 1, 1]);
        work(store, 103);
        assert_eq!(counts(store)[..2], [1, 1]);
        assert_eq!(letters(store, "ada@example.org"), ["cancelled", "queued", "queued"]);
        let firsts = |connection: &mut AnyConnection| {
            Ok(deliveries::table.filter(deliveries::repeat_of.is_null()).count().get_result::<i64>(connection)?)
        };
        assert_eq!(store.read_blocking(firsts).unwrap(), 3, "the repeat is a first message now");
        undo(store, id);
        assert_eq!(counts(store)[..2], [2, 1], "and the script's is a repeat of it");
        assert_eq!(store.read_blocking(firsts).unwrap(), 2);
    });
}

#[test]
fn a_repeat_that_is_to_be_struck_out_itself_does_not_leave_in_between() {
    each_backend(|store| {
        publish(store, "retry");
        let twice = ["first", "again"].map(|key| from(FLOOD, record_to("ada@example.org", key, 0, &[1])));
        store_all(store, twice.into());
        let id = made(store, from_flood());
        step(store, id, InvalidationStep::Start);
        block_on(store.strike_out(id, 1, at(101))).unwrap();
        assert_eq!(work(store, 102), 0);
        assert_eq!(work(store, 170), 0);
        while block_on(store.strike_out(id, 1, at(171))).unwrap().goes_on {}
        assert_eq!((work(store, 7_200), counts(store)), (0, [0, 0, 0]));
    });
}

#[test]
fn what_waits_for_its_confirmation_cannot_be_confirmed_and_waits_again_once_it_is_put_back() {
    each_backend(|store| {
        publish(store, "retry");
        let waiting = from(FLOOD, unconfirmed("ada@example.org", "1", 0));
        let action = waiting.accepted.action.id;
        store_all(store, vec![waiting]);
        let awaiting = |expected: i64| {
            let key = TallyKey::total(TallyKind::AwaitingConfirmation);
            let count = move |connection: &mut AnyConnection| tallies::count(connection, CAMPAIGN, &key);
            assert_eq!(store.read_blocking(count).unwrap(), expected);
            counts(store);
        };
        awaiting(1);
        let id = made(store, from_flood());
        start(store, id);
        awaiting(0);
        let confirm = |seconds| block_on(store.confirm_action(action, ConfirmedBy::Link, at(seconds))).unwrap().0;
        assert_eq!(confirm(103), crate::Confirmation::Unknown);
        undo(store, id);
        awaiting(1);
        let mails =
            block_on(store.claim_mails(LeaseToken::new(fresh()), at(104), TimeDelta::minutes(1), 10, fresh)).unwrap();
        assert_eq!(mails.mails.len(), 1, "the mail that asks for it leaves");
        assert_eq!(confirm(105), crate::Confirmation::Done);
        assert_eq!(counts(store), [1, 1, 2]);
    });
}

#[test]
fn a_letter_that_was_being_sent_when_it_was_struck_out_is_not_tried_again() {
    each_backend(|store| {
        publish(store, "retry");
        store_all(store, vec![from(FLOOD, record_to("ada@example.org", "1", 0, &[1]))]);
        let set = |state: &'static str| {
            move |connection: &mut AnyConnection| {
                let due = (deliveries::state.eq(state), deliveries::available_at.eq(At::new(at(110))));
                diesel::update(deliveries::table.filter(deliveries::repeat_of.is_null()))
                    .set(due)
                    .execute(connection)?;
                Ok(())
            }
        };
        store.write_blocking(set("sending")).unwrap();
        block_on(store.repair_tallies(None)).unwrap();
        let id = made(store, from_flood());
        start(store, id);
        assert_eq!(letters(store, "ada@example.org"), ["sending"], "it cannot be called back");
        let own = record_to("ada@example.org", "own", 100, &[1]);
        store_all(store, vec![own]);
        store.write_blocking(set("uncertain")).unwrap();
        block_on(store.repair_tallies(None)).unwrap();
        assert_eq!((work(store, 120), letters(store, "ada@example.org")[0].as_str()), (0, "uncertain"));
        counts(store);
        store.write_blocking(set("temporary_failure")).unwrap();
        block_on(store.repair_tallies(None)).unwrap();
        assert_eq!((work(store, 130), letters(store, "ada@example.org")[0].as_str()), (0, "cancelled"));
        counts(store);
        work(store, 140);
        assert_eq!(
            (work(store, 210), letters(store, "ada@example.org")[1].as_str()),
            (1, "queued"),
            "the own one leaves"
        );
        counts(store);
        undo(store, id);
        assert_eq!(counts(store)[..2], [2, 1]);
    });
}

#[test]
fn each_kind_of_condition_finds_what_it_describes() {
    each_backend(|store| {
        publish(store, "retry");
        let message = "My mother waited eleven weeks for her scan, and nobody called her in all that time. She is 71.";
        let mut model = record("model@one.example", "1", 0);
        let mut like = record("like@two.example", "2", 1);
        let mut other = record("other@sub.one.example", "3", 2);
        let words = |record: &mut Record, text: &str| {
            record.accepted.action.words.personal_message = PersonalMessage::parse(text).ok();
        };
        words(&mut model, message);
        words(&mut like, &message.replace("71", "84"));
        words(&mut other, "I am a nurse on that very ward and have never seen it so short of staff as it is now.");
        let id = |record: &Record| record.accepted.action.id;
        let [model_id, like_id, other_id] = [id(&model), id(&like), id(&other)];
        store_all(store, vec![model, like, other]);
        let found = |conditions: ConditionFields| {
            let id = made(store, conditions);
            let filter = ActionFilter { invalidation_id: Some(id), ..ActionFilter::default() };
            let page = PageRequest { limit: 10, after: None };
            let listed = block_on(store.list_actions(Reach::All, filter, page)).unwrap().items;
            let mut ids: Vec<ActionId> = listed.into_iter().map(|action| action.id).collect();
            ids.sort();
            ids
        };
        let sorted = |mut ids: Vec<ActionId>| {
            ids.sort();
            ids
        };
        let none = ConditionFields::default;
        let texts = |text: &str| vec![text.to_owned()];
        let both = sorted(vec![model_id, like_id]);
        assert_eq!(found(ConditionFields { like: Some(model_id), ..none() }), both);
        assert_eq!(found(ConditionFields { ids: vec![other_id], ..none() }), [other_id]);
        assert_eq!(
            found(ConditionFields { email_domains: texts("one.example"), ..none() }),
            sorted(vec![model_id, other_id])
        );
        assert_eq!(found(ConditionFields { email_patterns: texts("l*@*.example"), ..none() }), [like_id]);
        assert_eq!(found(ConditionFields { sources: texts("poster"), ..none() }), []);
        let period = ConditionFields { created_from: Some(at(1)), created_before: Some(at(2)), ..none() };
        assert_eq!(found(period), [like_id]);
    });
}

#[test]
fn another_organisation_sees_no_invalidation_and_takes_no_step() {
    each_backend(|store| {
        flood(store);
        let id = made(store, from_flood());
        let other = Reach::Organisation(OrganisationId::new(Uuid::from_u128(0xbad)));
        assert_eq!(block_on(store.invalidation(other, id)).unwrap(), None);
        let stepped = block_on(store.step_invalidation(other, id, InvalidationStep::Start, actor())).unwrap();
        assert_eq!(stepped, Stepped::Unknown);
        let page = PageRequest { limit: 10, after: None };
        assert_eq!(block_on(store.list_invalidations(other, page)).unwrap().items, []);
        assert_eq!(block_on(store.list_invalidations(Reach::All, page)).unwrap().items.len(), 1);
    });
}

#[test]
fn of_what_was_erased_meanwhile_nothing_is_put_back() {
    each_backend(|store| {
        flood(store);
        let id = made(store, from_flood());
        start(store, id);
        let erased = |connection: &mut AnyConnection| {
            let all = diesel::update(actions::table.filter(actions::status.eq("invalidated")));
            all.set(actions::words.eq(Json::of(&None::<()>)?)).execute(connection)?;
            Ok(())
        };
        store.write_blocking(erased).unwrap();
        undo(store, id);
        assert_eq!(counts(store), [2, 2, 4]);
    });
}

#[test]
fn several_that_wait_for_one_person_are_put_back_with_one_mail() {
    each_backend(|store| {
        publish(store, "retry");
        let waiting = |key: &str| from(FLOOD, unconfirmed("ada@example.org", key, 0));
        store_all(store, vec![waiting("1"), waiting("2"), waiting("3")]);
        let id = made(store, from_flood());
        start(store, id);
        undo(store, id);
        assert_eq!((stored(store, id).state, stored(store, id).struck_out), (InvalidationState::Undone, 0));
        let mails =
            block_on(store.claim_mails(LeaseToken::new(fresh()), at(104), TimeDelta::minutes(1), 10, fresh)).unwrap();
        assert_eq!(mails.mails.len(), 1);
    });
}

#[test]
fn what_nobody_confirmed_is_deleted_and_so_are_the_clients_that_were_looked_for() {
    each_backend(|store| {
        publish(store, "retry");
        store_all(store, vec![from(FLOOD, unconfirmed("ada@example.org", "1", 0))]);
        let id = made(store, from_flood());
        start(store, id);
        let delete = |seconds| block_on(store.delete_unconfirmed_invalid(ORGANISATION, at(seconds), 10)).unwrap();
        assert_eq!((delete(60), delete(60 * 86_400), delete(60 * 86_400)), (0, 1, 0));
        let cutoffs = |days: i64| postbag_domain::RetentionRules::default().cutoffs(at(days * 86_400));
        block_on(store.forget_invalidations(ORGANISATION, cutoffs(29))).unwrap();
        assert_eq!(ConditionFields::from(stored(store, id).conditions).clients, [FLOOD]);
        block_on(store.forget_invalidations(ORGANISATION, cutoffs(31))).unwrap();
        assert_eq!(ConditionFields::from(stored(store, id).conditions).clients, []);
        block_on(store.forget_invalidations(ORGANISATION, cutoffs(800))).unwrap();
        assert_eq!(block_on(store.invalidation(Reach::All, id)).unwrap(), None);
        counts(store);
    });
}

#[test]
fn another_organisations_message_is_nothing_to_be_like() {
    each_backend(|store| {
        publish(store, "retry");
        let mut own = record("ada@example.org", "1", 0);
        let words = "My mother waited eleven weeks for her scan, and nobody called her in all that time.";
        own.accepted.action.words.personal_message = PersonalMessage::parse(words).ok();
        let action = own.accepted.action.id;
        store_all(store, vec![own]);
        let like = |organisation_id| {
            let conditions = ConditionFields { like: Some(action), ..ConditionFields::default() };
            let conditions = Conditions::new(conditions).unwrap();
            let id = InvalidationId::new(fresh());
            let new = NewInvalidation { id, organisation_id, campaign_id: None, conditions, reason: "x".to_owned() };
            block_on(store.invalidate(new, actor())).unwrap().is_some()
        };
        assert!(like(ORGANISATION));
        assert!(!like(OrganisationId::new(Uuid::from_u128(0xbad))));
    });
}

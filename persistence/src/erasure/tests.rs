use super::*;
use crate::HeldData;
use crate::address::DatabaseUrl;
use crate::personal_data::registry::Said;
use crate::personal_data::tests::{ADDRESS, MESSAGE, NOTE, actor, columns, full_person, held, review, run, values};
use crate::samples::{fresh, publish, record};
use crate::testing::{block_on, each_backend};
use crate::{Intake, IntakeOptions, TallyListener, release_key};
use postbag_domain::ReviewDecision;
use serde_json::Value;
use std::sync::Arc;

fn erasure() -> Erasure {
    Erasure { suppression: Some(("1".to_owned(), b"hash".to_vec())), actor: actor(), by_staff: true }
}

fn erased(store: &Store, reach: Reach, supporter: SupporterId) -> Option<Erased> {
    block_on(store.erase_supporter(reach, supporter, erasure())).unwrap()
}

/// True for what is left of a personal value: an empty text, or the id that stands for a forgotten person.
fn is_empty(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.is_empty() || text.starts_with("forgotten "))
}

#[test]
fn an_erasure_empties_every_personal_column_and_keeps_the_evidence() {
    each_backend(|store| {
        let ada = full_person(store);
        let before = held(store, ada);
        let done = erased(store, Reach::All, ada).unwrap();
        assert_eq!((done.actions, done.cancelled, done.letters_and_mails.len()), (1, 2, 5));
        let after = held(store, ada);
        for (table, column) in columns(|said| said == Said::Personal) {
            let left = values(&after, table, column);
            assert!(left.iter().all(is_empty), "{table}.{column}: {left:?}");
        }
        let rows =
            |data: &HeldData, table: &str| data.tables.iter().find(|held| held.name == table).unwrap().rows.clone();
        for table in ["consents", "objections"] {
            assert_eq!(rows(&after, table), rows(&before, table), "{table}");
        }
        assert_eq!(values(&after, "actions", "areas"), values(&before, "actions", "areas"));
        assert_eq!(erased(store, Reach::All, ada), None, "once");
    });
}

#[test]
fn the_counts_are_those_of_the_rows_after_an_erasure() {
    each_backend(|store| {
        let ada = full_person(store);
        // First messages, which count.
        let first = "UPDATE deliveries SET repeat_of = NULL, held_for = NULL";
        store.write_blocking(|connection| run(connection, first)).unwrap();
        assert_eq!(block_on(store.recount(None)).unwrap(), []);
        assert!(!erased(store, Reach::All, ada).unwrap().tallies.is_empty());
        assert_eq!(block_on(store.recount(None)).unwrap(), []);
    });
}

#[test]
fn an_erased_person_stays_suppressed_and_is_out_of_reach_of_others() {
    each_backend(|store| {
        let ada = full_person(store);
        let other = Reach::Organisation(OrganisationId::new(fresh()));
        assert_eq!(erased(store, other, ada), None);
        erased(store, Reach::All, ada).unwrap();
        let ledger = block_on(store.ledger(Reach::All, ada, |_key| vec![b"hash".to_vec()])).unwrap().unwrap();
        assert!(ledger.is_suppressed && ledger.address.is_none());
    });
}

#[test]
fn no_byte_of_the_database_shows_an_erased_person() {
    each_backend(|store| {
        let DatabaseUrl::Sqlite(path) = store.url() else { return };
        let ada = full_person(store);
        let sealed: String = MESSAGE.chars().rev().collect();
        let texts = [ADDRESS, "Sampleton", "Kanarienvogel", &sealed, NOTE, "ada kanarien 1"];
        let is_shown = |text: &&str| {
            let log = std::fs::read(format!("{path}-wal")).unwrap_or_default();
            let bytes = [std::fs::read(path).unwrap(), log].concat();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        assert!(texts.iter().all(is_shown), "all of it is there before");
        erased(store, Reach::All, ada).unwrap();
        assert!(block_on(store.truncate_log()).unwrap());
        let left: Vec<_> = texts.iter().filter(|text| is_shown(text)).collect();
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn an_erased_persons_review_keeps_no_note_once_it_is_an_action() {
    each_backend(|store| {
        publish(store, "retry");
        let mut submitted = record(ADDRESS, "k", 0);
        let (ada, id) = (submitted.supporter_id, submitted.accepted.action.id);
        review(store, id, ReviewDecision::Approve);
        submitted.idempotency = release_key(id);
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
        block_on(async {
            intake.record(submitted).await.unwrap();
            intake.stop().await;
        });
        let note = || block_on(store.review(id)).unwrap().unwrap().note;
        assert_eq!(note().as_deref(), Some(NOTE));
        erased(store, Reach::All, ada).unwrap();
        assert_eq!(note(), None);
    });
}

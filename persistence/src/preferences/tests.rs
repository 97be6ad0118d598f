use super::*;
use crate::connection::AnyConnection;
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{ORGANISATION, at, fresh, publish, record};
use crate::testing::{block_on, each_backend};
use postbag_domain::{
    Activity, Answer, Channel, ConsentId, Locale, MailId, Means, ObjectionId, PreferenceChangeId, Purpose, StaffNote,
    Stance,
};
use std::sync::Arc;

fn run(store: &Store, sql: &str) -> Result<usize, StoreError> {
    store.write_blocking(|connection: &mut AnyConnection| Ok(diesel::sql_query(sql).execute(connection)?))
}

fn actor() -> Actor {
    Actor { name: "crm".to_owned(), now: at(60), fresh }
}

/// Somebody who answered yes by email and no by phone.
fn ada(store: &Store) -> SupporterId {
    publish(store, "hold");
    let submitted = record("ada@example.org", "1", 0);
    let id = submitted.supporter_id;
    block_on(async {
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
        intake.record(submitted).await.unwrap();
        intake.stop().await;
    });
    id
}

fn ledger(store: &Store, supporter: SupporterId) -> Ledger {
    block_on(store.ledger(Reach::All, supporter, |_key| Vec::new())).unwrap().unwrap()
}

fn change() -> NewPreferenceChange {
    let news = Purpose::parse("campaign_news").unwrap();
    NewPreferenceChange {
        id: PreferenceChangeId::new(fresh()),
        means: Means::Telephone,
        note: Some(StaffNote::parse("Rang today.").unwrap()),
        answers: vec![(ConsentId::new(fresh()), RecordedAnswer::Withdrawn(news, Channel::Email))],
        objections: vec![(ObjectionId::new(fresh()), Activity::WealthResearch, Stance::Objects)],
        receipt: (MailId::new(fresh()), Locale::En),
    }
}

fn changed(store: &Store, reach: Reach, supporter: SupporterId) -> bool {
    block_on(store.change_preferences(reach, supporter, change(), actor(), |_key| vec![1])).unwrap()
}

#[test]
fn an_answer_is_read_back_with_the_words_that_were_shown() {
    each_backend(|store| {
        let ada = ada(store);
        let ledger = ledger(store, ada);
        let answers: Vec<_> = ledger.answers.iter().map(|answer| (answer.channel, answer.answer)).collect();
        assert_eq!(answers, [(Channel::Email, Answer::Yes), (Channel::Phone, Answer::No)]);
        let shown = ledger.answers[0].shown.as_ref().unwrap();
        assert_eq!((shown.wording.as_str(), shown.version), ("May we write to you?", 1));
        assert_eq!(ledger.answers[0].source.means, Means::Form);
    });
}

#[test]
fn a_change_adds_to_the_ledger_and_says_who_recorded_it_and_why() {
    each_backend(|store| {
        let ada = ada(store);
        assert!(changed(store, Reach::All, ada));
        let ledger = ledger(store, ada);
        let last = ledger.answers.last().unwrap();
        assert_eq!((last.channel, last.answer, last.shown.is_none()), (Channel::Email, Answer::No, true));
        assert_eq!(last.source.recorded_by.as_deref(), Some("crm"));
        assert_eq!(last.source.note.as_ref().unwrap().as_str(), "Rang today.");
        assert_eq!(ledger.objections[0].stance, Stance::Objects);
        assert_eq!(ledger.objections[0].source, last.source);
    });
}

#[test]
fn a_change_out_of_reach_changes_nothing() {
    each_backend(|store| {
        let ada = ada(store);
        let elsewhere = Reach::Organisation(OrganisationId::new(fresh()));
        assert!(!changed(store, elsewhere, ada));
        assert!(block_on(store.ledger(elsewhere, ada, |_key| Vec::new())).unwrap().is_none());
        assert_eq!(ledger(store, ada).answers.len(), 2);
        assert_eq!(block_on(store.supporter_by_email(ORGANISATION, "ada@example.org".to_owned())).unwrap(), Some(ada));
    });
}

#[test]
fn the_database_refuses_to_change_the_ledger() {
    each_backend(|store| {
        let ada = ada(store);
        assert!(changed(store, Reach::All, ada));
        for (table, change) in [
            ("consents", "answer = 'yes'"),
            ("objections", "stance = 'allows'"),
            ("preference_changes", "recorded_by = 'somebody else'"),
            ("preference_changes", "note = 'something else'"),
        ] {
            assert!(run(store, &format!("UPDATE {table} SET {change}")).is_err(), "{table}: {change}");
            assert!(run(store, &format!("DELETE FROM {table}")).is_err(), "{table}");
        }
        // What staff wrote about a person may go with them.
        assert_eq!(run(store, "UPDATE preference_changes SET note = NULL").unwrap(), 1);
    });
}

#[test]
fn no_permission_is_written_without_its_evidence() {
    each_backend(|store| {
        let ada = ada(store);
        assert!(changed(store, Reach::All, ada));
        let columns = "id, organisation_id, supporter_id, action_id, change_id, question_id, version, purpose, channel, answer, \
            locale, created_at";
        let insert = |evidence: &str, question: &str| {
            let id = if store.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
            let sql = format!(
                "INSERT INTO consents ({columns}) SELECT {id}, organisation_id, supporter_id, {evidence}, {question}, \
                 'campaign_news', 'sms', 'yes', 'en', created_at FROM consents WHERE answer = 'yes'"
            );
            run(store, &sql)
        };
        let question = "question_id, version";
        for evidence in ["NULL, NULL", "id, NULL", "NULL, id", "action_id, (SELECT id FROM preference_changes)"] {
            assert!(insert(evidence, question).is_err(), "{evidence}");
        }
        for question in ["NULL, NULL", "question_id, 2", "action_id, 1"] {
            assert!(insert("action_id, NULL", question).is_err(), "{question}");
        }
        assert_eq!(insert("action_id, NULL", question).unwrap(), 1);
    });
}

#[test]
fn evidence_is_asked_for_where_foreign_keys_are_switched_off() {
    each_backend(|store| {
        if store.is_postgres() {
            return;
        }
        let _ada = ada(store);
        let sql = "INSERT INTO consents (id, organisation_id, supporter_id, action_id, question_id, version, purpose, channel, \
            answer, locale, created_at) SELECT randomblob(16), organisation_id, supporter_id, randomblob(16), question_id, version, \
            purpose, 'sms', 'yes', locale, created_at FROM consents WHERE answer = 'yes'";
        let outside = store.writer_blocking(|connection| {
            diesel::sql_query("PRAGMA foreign_keys = OFF").execute(connection)?;
            let inserted = diesel::sql_query(sql).execute(connection).map_err(StoreError::from);
            diesel::sql_query("PRAGMA foreign_keys = ON").execute(connection)?;
            Ok(inserted.is_ok())
        });
        assert!(!outside.unwrap());
    });
}

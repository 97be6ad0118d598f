//! The intake as its callers see it, on both databases.

use super::*;
use crate::failpoint;
use crate::samples::{CAMPAIGN, at, fresh, held, publish, record, record_to, representative, test_record, unconfirmed};
use crate::testing::each_backend;
use diesel::prelude::*;
use postbag_domain::{ActionId, ActionStatus, TallyKey, TallyKind};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

type Counts = BTreeMap<&'static str, i64>;

fn quiet() -> TallyListener {
    Arc::new(|_| {})
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn start(store: &Store) -> Intake {
    Intake::start(store, IntakeOptions::default(), &quiet()).unwrap()
}

/// How many rows each table of a submission has.
fn rows(store: &Store) -> Counts {
    use crate::schema as s;
    store
        .read_blocking(|c| {
            Ok(Counts::from([
                ("keys", s::idempotency_keys::table.count().get_result(c)?),
                ("challenges", s::spent_challenges::table.count().get_result(c)?),
                ("supporters", s::supporters::table.count().get_result(c)?),
                ("actions", s::actions::table.count().get_result(c)?),
                ("consents", s::consents::table.count().get_result(c)?),
                ("deliveries", s::deliveries::table.count().get_result(c)?),
                ("firsts", s::deliveries::table.filter(s::deliveries::repeat_of.is_null()).count().get_result(c)?),
                ("tallies", s::tallies::table.count().get_result(c)?),
            ]))
        })
        .unwrap()
}

fn count(store: &Store, kind: TallyKind) -> i64 {
    store.read_blocking(|c| crate::tallies::count(c, CAMPAIGN, &TallyKey::total(kind))).unwrap()
}

fn assert_exact(store: &Store) {
    assert_eq!(block_on(store.recount(None)).unwrap(), []);
}

async fn all(intake: &Intake, records: Vec<Record>) -> Vec<Result<Recorded, IntakeError>> {
    let tasks: Vec<_> = records
        .into_iter()
        .map(|record| {
            let intake = intake.clone();
            tokio::spawn(async move { intake.record(record).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// A campaign to submit to, with the question that every submission answers.
fn each_published(test: impl Fn(&Store)) {
    each_backend(|store| {
        publish(store, "retry");
        test(store);
    });
}

#[test]
fn a_submission_is_stored_whole_and_counted() {
    each_published(|store| {
        let intake = start(store);
        let result = block_on(intake.record(record("ada@example.org", "k1", 0))).unwrap();
        assert_eq!(result, Recorded::New { tally_actions: 1 });
        let rows = rows(store);
        assert_eq!((rows["actions"], rows["consents"], rows["deliveries"], rows["keys"]), (1, 2, 2, 1));
        assert_eq!(count(store, TallyKind::Supporters), 1);
        assert_exact(store);
    });
}

#[test]
fn fifty_equal_submissions_at_once_are_one_row_and_fifty_equal_answers() {
    each_published(|store| {
        let intake = start(store);
        let one = record("ada@example.org", "the-key", 0);
        let results = block_on(all(&intake, vec![one.clone(); 50]));
        let news = results.iter().filter(|result| matches!(result, Ok(Recorded::New { .. }))).count();
        assert_eq!(news, 1);
        for result in results {
            if let Recorded::Replayed { answer, .. } = result.unwrap() {
                assert_eq!(answer, one.answer);
            }
        }
        assert_eq!((rows(store)["actions"], rows(store)["keys"]), (1, 1));
        assert_exact(store);
    });
}

#[test]
fn the_same_key_with_another_body_is_refused_at_once_and_later() {
    each_published(|store| {
        let intake = start(store);
        let first = record("ada@example.org", "k", 0);
        let mut other = record("bob@example.org", "k", 0);
        other.idempotency.fingerprint = [8; 32];
        let at_once = [record("c@example.org", "both", 0), record("d@example.org", "both", 0)].map(|mut record| {
            record.idempotency.fingerprint[0] = u8::from(record.accepted.action.supporter_key == "c@example.org");
            record
        });
        let results = block_on(all(&intake, at_once.to_vec()));
        assert_eq!(results.iter().filter(|result| matches!(result, Ok(Recorded::New { .. }))).count(), 1);
        assert_eq!(results.iter().filter(|result| matches!(result, Err(IntakeError::KeyReused))).count(), 1);
        block_on(intake.record(first.clone())).unwrap();
        assert!(matches!(block_on(intake.record(other)), Err(IntakeError::KeyReused)));
        let again = block_on(intake.record(first.clone())).unwrap();
        assert_eq!(again, Recorded::Replayed { answer: first.answer, tally_actions: 2 });
    });
}

#[test]
fn an_expired_key_may_be_used_again() {
    each_published(|store| {
        let intake = start(store);
        block_on(intake.record(record("ada@example.org", "k", 0))).unwrap();
        let later = record("bob@example.org", "k", 49 * 3600);
        assert_eq!(block_on(intake.record(later)).unwrap(), Recorded::New { tally_actions: 2 });
        assert_eq!(block_on(store.purge_expired_keys(at(200 * 3600), 10)).unwrap(), 1);
    });
}

#[test]
fn one_person_at_once_from_many_places_writes_to_each_representative_once() {
    each_published(|store| {
        let intake = Intake::start(store, IntakeOptions { group: 2, ..IntakeOptions::default() }, &quiet()).unwrap();
        let spellings = ["ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG", "ada@example.ORG"];
        let one = |number: usize| {
            record_to(spellings[number % 4], &format!("k{number}"), 0, &[1, 2 + (u128::try_from(number).unwrap() % 3)])
        };
        let results = block_on(all(&intake, (0..40).map(one).collect()));
        assert!(results.iter().all(|result| matches!(result, Ok(Recorded::New { .. }))), "{results:?}");
        let rows = rows(store);
        assert_eq!((rows["supporters"], rows["actions"], rows["deliveries"], rows["firsts"]), (1, 40, 80, 4));
        assert_eq!((count(store, TallyKind::Actions), count(store, TallyKind::Supporters)), (40, 1));
        assert_exact(store);
    });
}

#[test]
fn a_poison_row_in_a_group_fails_alone() {
    each_published(|store| {
        let intake = start(store);
        let poison_id: ActionId = {
            let first = record("first@example.org", "first", 0);
            let id = first.accepted.action.id;
            block_on(intake.record(first)).unwrap();
            id
        };
        let mut records: Vec<Record> =
            (0..64).map(|n| record(&format!("p{n}@example.org"), &format!("k{n}"), n)).collect();
        // An id that is taken: the domain would never make one.
        records[37].accepted.action.id = poison_id;
        let results = block_on(all(&intake, records));
        let failed: Vec<usize> = (0..64).filter(|n| results[*n].is_err()).collect();
        assert_eq!(failed, [37]);
        assert!(matches!(results[37], Err(IntakeError::Store(_))));
        assert_eq!((rows(store)["actions"], count(store, TallyKind::Actions)), (64, 64));
        assert_exact(store);
    });
}

#[test]
fn after_a_failure_at_any_statement_there_is_all_or_nothing() {
    each_published(|store| {
        block_on(start(store).record(record("known@example.org", "known", 0))).unwrap();
        let before = rows(store);
        let mut failures = 0;
        loop {
            let mut records = [record("known@example.org", "a", 1), record("new@example.org", "b", 1)];
            records[0].challenge = Some(SpentChallenge { id: ActionId::new(fresh()).uuid(), expires_at: at(60) });
            let mut entries: Vec<Entry> = records
                .into_iter()
                .map(|record| Entry::new(record, idempotency::KEEP, &store.messages()).unwrap())
                .collect();
            failpoint::arm(Some(failures));
            let stored = store.write_blocking(|connection| group::store(connection, &mut entries));
            failpoint::arm(None);
            if stored.is_ok() {
                break;
            }
            assert_eq!(rows(store), before, "after statement {failures}");
            assert_exact(store);
            failures += 1;
        }
        assert!(failures >= 6, "only {failures} statements were tried");
        assert_eq!(rows(store)["actions"], before["actions"] + 2);
        assert_exact(store);
    });
}

#[test]
fn a_full_queue_says_so_at_once() {
    each_published(|store| {
        let options = IntakeOptions { queue: 1, writers: 1, ..IntakeOptions::default() };
        let intake = Intake::start(store, options, &quiet()).unwrap();
        let held = Arc::new(std::sync::Barrier::new(2));
        let free = Arc::new(std::sync::Barrier::new(2));
        let blocker = std::thread::spawn({
            let (store, held, free) = (store.clone(), Arc::clone(&held), Arc::clone(&free));
            move || {
                store.write_blocking(|connection| {
                    crate::tallies::lock(connection, CAMPAIGN)?;
                    held.wait();
                    free.wait();
                    Ok(())
                })
            }
        });
        held.wait();
        block_on(async {
            let waiting = [spawn(&intake, "a"), spawn_later(&intake, "b").await];
            let started = Instant::now();
            assert!(matches!(intake.record(record("c@example.org", "c", 0)).await, Err(IntakeError::Full)));
            assert!(started.elapsed() < Duration::from_millis(50));
            assert_eq!(intake.waiting(), 1);
            free.wait();
            for task in waiting {
                assert!(matches!(task.await.unwrap(), Ok(Recorded::New { .. })));
            }
        });
        blocker.join().unwrap().unwrap();
    });
}

type Waiting = tokio::task::JoinHandle<Result<Recorded, IntakeError>>;

fn spawn(intake: &Intake, key: &'static str) -> Waiting {
    let intake = intake.clone();
    tokio::spawn(async move { intake.record(record(&format!("{key}@example.org"), key, 0)).await })
}

/// Spawns once the writer has taken what was waiting.
async fn spawn_later(intake: &Intake, key: &'static str) -> Waiting {
    tokio::time::sleep(Duration::from_millis(200)).await;
    let task = spawn(intake, key);
    tokio::time::sleep(Duration::from_millis(100)).await;
    task
}

#[test]
fn a_stop_stores_what_waits_and_takes_nothing_more() {
    each_published(|store| {
        let intake = start(store);
        block_on(async {
            let records = (0..100).map(|n| record(&format!("p{n}@example.org"), &format!("k{n}"), 0)).collect();
            let waiting = tokio::spawn({
                let intake = intake.clone();
                async move { all(&intake, records).await }
            });
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            intake.stop().await;
            let results = waiting.await.unwrap();
            let stored = results.iter().filter(|result| result.is_ok()).count();
            assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(IntakeError::Closed))));
            assert_eq!(rows(store)["actions"], i64::try_from(stored).unwrap());
            assert!(matches!(intake.record(record("z@example.org", "z", 0)).await, Err(IntakeError::Closed)));
        });
    });
}

#[test]
fn a_panic_costs_one_group_and_never_the_writer() {
    each_published(|store| {
        let calls = Arc::new(Mutex::new(0));
        let listener: TallyListener = Arc::new({
            let calls = Arc::clone(&calls);
            move |_| {
                let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
                *calls += 1;
                assert!(*calls != 1, "the first call panics");
            }
        });
        let intake = Intake::start(store, IntakeOptions::default(), &listener).unwrap();
        assert!(block_on(intake.record(record("a@example.org", "a", 0))).is_ok());
        assert!(block_on(intake.record(record("b@example.org", "b", 0))).is_ok());
        assert_eq!(*calls.lock().unwrap_or_else(PoisonError::into_inner), 2);
    });
}

#[test]
fn the_listener_hears_of_counts_before_the_answer_and_versions_only_grow() {
    each_published(|store| {
        let heard: Arc<Mutex<Vec<TallyRow>>> = Arc::default();
        let listener: TallyListener = Arc::new({
            let heard = Arc::clone(&heard);
            move |rows| heard.lock().unwrap().extend_from_slice(rows)
        });
        let intake = Intake::start(store, IntakeOptions::default(), &listener).unwrap();
        for number in 0..3 {
            let result = block_on(intake.record(record(&format!("p{number}@example.org"), &format!("k{number}"), 0)));
            let rows = heard.lock().unwrap().clone();
            let last = rows.iter().rfind(|row| row.key == TallyKey::total(TallyKind::Actions)).unwrap();
            assert_eq!(result.unwrap(), Recorded::New { tally_actions: last.count });
            assert_eq!(last.version, number + 1);
        }
        let versions = block_on(store.tally_versions()).unwrap();
        assert_eq!(versions.iter().map(|row| row.version).collect::<Vec<_>>(), [3]);
        assert!(block_on(store.load_tallies(CAMPAIGN, 3)).unwrap().is_empty());
        assert!(!block_on(store.load_tallies(CAMPAIGN, 2)).unwrap().is_empty());
    });
}

#[test]
fn a_test_is_stored_and_neither_counted_nor_repeated() {
    each_published(|store| {
        let intake = start(store);
        let test = block_on(intake.record(test_record("ada@example.org", "t", 0))).unwrap();
        assert_eq!(test, Recorded::New { tally_actions: 0 });
        let real = block_on(intake.record(record("ada@example.org", "r", 1))).unwrap();
        assert_eq!(real, Recorded::New { tally_actions: 1 });
        assert_eq!(rows(store)["firsts"], 4);
        assert_eq!(count(store, TallyKind::Supporters), 1);
        assert_exact(store);
    });
}

#[test]
fn an_action_that_awaits_confirmation_is_counted_apart() {
    each_published(|store| {
        let intake = start(store);
        let waiting = unconfirmed("ada@example.org", "w", 0);
        assert_eq!(block_on(intake.record(waiting)).unwrap(), Recorded::New { tally_actions: 0 });
        assert_eq!((count(store, TallyKind::AwaitingConfirmation), count(store, TallyKind::Supporters)), (1, 0));
        assert_exact(store);
    });
}

#[test]
fn counts_equal_a_recount_after_a_random_history_and_a_repair_mends_them() {
    each_published(|store| {
        let intake = start(store);
        // A small linear generator: the same history every time.
        let mut seed = 42_u64;
        let mut dice = move |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        let mut records = Vec::new();
        for number in 0..300 {
            let email = format!("p{}@example.org", dice(60));
            let to: Vec<u128> = (0..=dice(3)).map(|step| u128::from(dice(2) * 3 + step)).collect();
            let mut record = record_to(&email, &format!("k{}", dice(280)), number * 1000, &to);
            record.accepted.action.test = dice(10) == 0;
            if dice(5) == 0 {
                record = held(record);
            }
            records.push(record);
        }
        block_on(all(&intake, records));
        assert_exact(store);
        let spoil = |c: &mut crate::AnyConnection| {
            use crate::schema::tallies::dsl::{count, kind, tallies};
            diesel::update(tallies.filter(kind.eq("actions"))).set(count.eq(7_i64)).execute(c)?;
            Ok(())
        };
        store.write_blocking(spoil).unwrap();
        let wrong = block_on(store.recount(Some(CAMPAIGN))).unwrap();
        assert_eq!(wrong.iter().map(|difference| difference.stored).collect::<Vec<_>>(), [7]);
        assert_eq!(block_on(store.repair_tallies(None)).unwrap(), wrong);
        assert_exact(store);
    });
}

#[test]
fn ids_and_representatives_are_as_the_domain_said() {
    each_published(|store| {
        let intake = start(store);
        let submitted = record("ada@example.org", "k", 5);
        let id = submitted.accepted.action.id;
        block_on(intake.record(submitted)).unwrap();
        let receipt = block_on(store.receipt(id)).unwrap().0.unwrap();
        assert_eq!((receipt.status, receipt.created_at, receipt.test), (ActionStatus::Confirmed, at(5), false));
        let to: Vec<_> = receipt.deliveries.iter().map(|line| line.representative_id).collect();
        assert_eq!(to, [representative(1), representative(2)]);
        assert_eq!(block_on(store.receipt(ActionId::new(fresh()))).unwrap(), (None, None));
    });
}

/// Ends every other connection to this database, as a restart of the server does.
fn cut_connections(store: &Store) {
    use diesel::connection::SimpleConnection;
    const SQL: &str = "\
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    store.write_blocking(|connection| Ok(connection.batch_execute(SQL)?)).unwrap();
}

#[test]
fn a_lost_database_is_unavailable_at_once_and_the_intake_recovers() {
    each_published(|store| {
        let intake = start(store);
        for round in 0..5 {
            let records = |name: &'static str| {
                (0..20)
                    .map(move |n| record(&format!("{name}{n}@example.org"), &format!("{name}{round}-{n}"), n))
                    .collect()
            };
            assert!(block_on(all(&intake, records("a"))).iter().all(Result::is_ok));
            if store.is_postgres() {
                cut_connections(store);
            }
            let started = Instant::now();
            for result in block_on(all(&intake, records("b"))) {
                let unavailable = matches!(result, Err(IntakeError::Store(StoreError::Unavailable(_))));
                assert!(result.is_ok() || unavailable, "{result:?}");
            }
            assert!(started.elapsed() < Duration::from_secs(5));
            // What was answered "unavailable" is stored by the same keys now, once.
            for result in block_on(all(&intake, records("b"))) {
                assert!(result.is_ok(), "{result:?}");
            }
            // The readers' connections were cut too.
            drop(block_on(store.tally_versions()));
            assert_eq!(count(store, TallyKind::Actions), 40 * (round + 1));
        }
        assert_exact(store);
    });
}

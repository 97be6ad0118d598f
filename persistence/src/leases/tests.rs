//! Leases over a table of nothing but leased rows, on both databases.

use super::*;
use crate::Store;
use crate::samples::{at, fresh};
use crate::testing::each_empty_backend;
use diesel::connection::SimpleConnection;

const JOBS: LeasedTable = leased_table!("jobs");

#[derive(Clone, Copy)]
enum Job {
    Queued,
    Sending,
    Done,
}

impl StateWord for Job {
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Done => "done",
        }
    }
}

/// Jobs that are due at these seconds.
fn queue(store: &Store, due: &[i64]) -> Vec<Id> {
    const TABLE: &str = "\
        CREATE TABLE jobs (
            id UID PRIMARY KEY, state TEXT NOT NULL, held_for TEXT, available_at INSTANT, lease_token UID,
            attempts INTEGER NOT NULL, reply TEXT, updated_at INSTANT NOT NULL
        )";
    const JOB: &str = "INSERT INTO jobs (id, state, available_at, attempts, updated_at) VALUES (?, 'queued', ?, 0, ?)";
    let ids: Vec<_> = due.iter().map(|_| Id::from(LeaseToken::new(fresh()))).collect();
    let jobs: Vec<_> = ids.iter().copied().zip(due.iter().map(|second| At::new(at(*second)))).collect();
    let made = store.write_blocking(move |connection| {
        let (uid, instant) = match connection {
            AnyConnection::Postgres(_) => ("uuid", "timestamptz"),
            AnyConnection::Sqlite(_) => ("blob", "integer"),
        };
        let table = TABLE.replace("UID", uid).replace("INSTANT", instant);
        on_backend!(connection, c => c.batch_execute(&table))?;
        for (id, due) in jobs {
            on_backend!(connection, c => {
                Statement::<_>::new(JOB).bind::<Uid, _>(id).bind::<Instant, _>(due).bind::<Instant, _>(due).execute(c)
            })?;
        }
        Ok(())
    });
    made.unwrap();
    ids
}

fn token() -> LeaseToken {
    LeaseToken::new(fresh())
}

fn claim(store: &Store, token: LeaseToken, second: i64, limit: u16) -> Vec<Id> {
    store.write_blocking(move |c| JOBS.claim(c, token, at(second), at(second + 60), limit)).unwrap()
}

fn settle(store: &Store, id: Id, token: LeaseToken, from: Job, next: Next<'static, Job>) -> bool {
    store.write_blocking(move |c| JOBS.settle(c, (id, token.into()), from, &next, at(1))).unwrap()
}

fn give_back(store: &Store, id: Id, token: LeaseToken, second: Option<i64>) -> bool {
    store.write_blocking(move |c| JOBS.give_back(c, token, id, second.map(at), None)).unwrap()
}

#[test]
fn the_longest_due_rows_are_leased_first_and_once() {
    each_empty_backend(|store| {
        let ids = queue(store, &[3, 1, 2, 9]);
        let mut first = claim(store, token(), 5, 2);
        first.sort_unstable();
        assert_eq!(first, [ids[1], ids[2]]);
        assert_eq!(claim(store, token(), 5, 9), [ids[0]]);
        assert_eq!(claim(store, token(), 5, 9), []);
    });
}

#[test]
fn a_lease_that_ended_can_be_claimed_and_its_old_worker_changes_nothing() {
    each_empty_backend(|store| {
        let ids = queue(store, &[1]);
        let (old, new) = (token(), token());
        claim(store, old, 1, 9);
        assert_eq!(claim(store, new, 61, 9), ids);
        let done = Next::resting(Job::Done, 1);
        assert!(!settle(store, ids[0], old, Job::Queued, done) && !give_back(store, ids[0], old, Some(1)));
        assert!(settle(store, ids[0], new, Job::Queued, done));
        assert_eq!(claim(store, token(), 1000, 9), []);
    });
}

#[test]
fn a_row_is_settled_only_from_the_state_it_was_read_in() {
    each_empty_backend(|store| {
        let ids = queue(store, &[1]);
        let token = token();
        claim(store, token, 1, 9);
        let sending = Next { leased: true, available_at: Some(at(61)), ..Next::resting(Job::Sending, 1) };
        assert!(settle(store, ids[0], token, Job::Queued, sending));
        assert!(!settle(store, ids[0], token, Job::Queued, sending));
        assert!(!give_back(store, ids[0], token, Some(1)), "what has begun is not given back");
        assert!(settle(store, ids[0], token, Job::Sending, Next::resting(Job::Done, 1)));
    });
}

#[test]
fn what_is_given_back_is_due_when_it_is_said() {
    each_empty_backend(|store| {
        let ids = queue(store, &[1, 1]);
        let holder = token();
        claim(store, holder, 1, 9);
        assert!(give_back(store, ids[0], holder, Some(30)) && give_back(store, ids[1], holder, None));
        assert_eq!(claim(store, token(), 29, 9), []);
        assert_eq!(claim(store, token(), 1000, 9), [ids[0]]);
    });
}

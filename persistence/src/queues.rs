//! How far behind the workers are, for the metrics. Each figure costs a look into an index of what is not dealt with.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Instant};
use crate::{Store, StoreError, alarms, on_backend, reviews};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use postbag_domain::DeliveryState;
use postbag_domain::alarm::RateOf;

/// Work that leaves the process and is not dealt with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// The earliest moment at which a message to a representative is or was due.
    pub deliveries_due_at: Option<DateTime<Utc>>,
    /// The same of mails to supporters.
    pub mails_due_at: Option<DateTime<Utc>>,
    /// The same of digests.
    pub digests_due_at: Option<DateTime<Utc>>,
    /// How many mails to supporters wait, by state.
    pub mails: Vec<(DeliveryState, i64)>,
    /// How many alarms last, by what is counted.
    pub alarms: Vec<(RateOf, i64)>,
    /// How many submissions wait for a person.
    pub in_review: i64,
}

impl Store {
    /// The queues as they are now.
    pub async fn queues(&self) -> Result<Queues, StoreError> {
        self.read(load).await
    }
}

fn load(connection: &mut AnyConnection) -> Result<Queues, StoreError> {
    Ok(Queues {
        deliveries_due_at: first(
            connection,
            "SELECT min(available_at) FROM deliveries WHERE available_at IS NOT NULL",
        )?,
        mails_due_at: first(connection, "SELECT min(available_at) FROM mails WHERE available_at IS NOT NULL")?,
        digests_due_at: first(connection, "SELECT min(available_at) FROM digests WHERE available_at IS NOT NULL")?,
        mails: mails(connection)?,
        alarms: alarms::open(connection)?,
        in_review: reviews::count_waiting(connection)?,
    })
}

fn first(connection: &mut AnyConnection, sql: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let first: Option<At> = on_backend!(connection, c => Statement::<_, Nullable<Instant>>::new(sql).get_result(c))?;
    Ok(first.map(At::time))
}

fn mails(connection: &mut AnyConnection) -> Result<Vec<(DeliveryState, i64)>, StoreError> {
    const SQL: &str = "SELECT state, count(*) FROM mails WHERE available_at IS NOT NULL GROUP BY state";
    let rows: Vec<(String, i64)> = on_backend!(connection, c => Statement::<_, (Text, BigInt)>::new(SQL).load(c))?;
    let read = |(state, count): (String, i64)| {
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("mails", "state", &state))?;
        Ok((state, count))
    };
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{Intake, IntakeOptions, TallyListener};
    use crate::samples::{at, publish, record_to};
    use crate::testing::each_backend;
    use std::sync::Arc;

    #[test]
    fn a_queue_tells_when_its_first_entry_is_due() {
        each_backend(|store| {
            publish(store, "retry");
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                assert_eq!(store.queues().await.unwrap(), Queues::default());
                let quiet: TallyListener = Arc::new(|_| {});
                let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
                for (seconds, person) in [(5, "ada@example.org"), (3, "bea@example.org")] {
                    intake.record(record_to(person, person, seconds, &[1, 2])).await.unwrap();
                }
                intake.stop().await;
                let queues = store.queues().await.unwrap();
                assert_eq!((queues.deliveries_due_at, queues.digests_due_at), (Some(at(3)), None));
                let waiting: i64 = queues.mails.iter().map(|(_, count)| count).sum();
                assert_eq!(queues.mails_due_at.is_some(), waiting > 0);
            });
        });
    }
}

//! The mark of a database that the demo filled: the demo runs on no other that holds anything.

use crate::connection::AnyConnection;
use crate::schema::demo_fillings::dsl;
use crate::schema::{areas, organisations, representatives};
use crate::types::At;
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The answer to a process that wants to fill a database with the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoClaim {
    /// The database is empty and now marked: this process fills it.
    Fill,
    /// Another process is filling it.
    Filling,
    /// The demo filled it before.
    Filled,
    /// It holds something that the demo did not put there.
    Foreign,
}

impl Store {
    /// Marks an empty database as the demo's, or answers what it is. Of several processes that ask at once, one is to fill it.
    pub async fn claim_demo(&self, now: DateTime<Utc>) -> Result<DemoClaim, StoreError> {
        self.write(move |connection| claim(connection, now)).await
    }

    /// Records that the database is filled.
    pub async fn finish_demo(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |connection| {
            diesel::update(dsl::demo_fillings).set(dsl::finished_at.eq(Some(At::new(now)))).execute(connection)?;
            Ok(())
        })
        .await
    }
}

fn claim(connection: &mut AnyConnection, now: DateTime<Utc>) -> Result<DemoClaim, StoreError> {
    if let Some(standing) = standing(connection)? {
        return Ok(standing);
    }
    if holds_anything(connection)? {
        return Ok(DemoClaim::Foreign);
    }
    let row = (dsl::id.eq(1), dsl::started_at.eq(At::new(now)));
    let marked = on_backend!(connection, c => {
        diesel::insert_into(dsl::demo_fillings).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(if marked > 0 { DemoClaim::Fill } else { DemoClaim::Filling })
}

fn standing(connection: &mut AnyConnection) -> Result<Option<DemoClaim>, StoreError> {
    let finished: Option<Option<At>> = dsl::demo_fillings.select(dsl::finished_at).first(connection).optional()?;
    Ok(finished.map(|at| if at.is_some() { DemoClaim::Filled } else { DemoClaim::Filling }))
}

fn holds_anything(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let organisations: i64 = organisations::table.count().get_result(connection)?;
    let areas: i64 = areas::table.count().get_result(connection)?;
    let representatives: i64 = representatives::table.count().get_result(connection)?;
    Ok(organisations + areas + representatives > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::each_backend;

    #[test]
    fn one_process_fills_an_empty_database_and_the_others_wait() {
        each_backend(|store| {
            let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
            let claimed = || store.write_blocking(|c| claim(c, now)).unwrap();
            assert_eq!((claimed(), claimed()), (DemoClaim::Fill, DemoClaim::Filling));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(store.finish_demo(now)).unwrap();
            assert_eq!(claimed(), DemoClaim::Filled);
        });
    }
}

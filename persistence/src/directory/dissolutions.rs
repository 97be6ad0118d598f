//! Dissolutions as rows.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::on_backend;
use crate::schema::dissolutions;
use crate::types::At;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use postbag_domain::{Dissolution, Legislature};

type Stored = (String, NaiveDate, Option<NaiveDate>);

pub(super) fn load(connection: &mut AnyConnection) -> Result<Vec<Dissolution>, StoreError> {
    let rows: Vec<Stored> = dissolutions::table
        .order((dissolutions::dissolved_on, dissolutions::legislature))
        .select((dissolutions::legislature, dissolutions::dissolved_on, dissolutions::election_on))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read((legislature, dissolved_on, election_on): Stored) -> Result<Dissolution, StoreError> {
    let corrupt = |column| StoreError::corrupt("dissolutions", column, format!("{legislature}/{dissolved_on}"));
    let known = legislature.parse().map_err(|_flaw| corrupt("legislature"))?;
    Dissolution::new(known, dissolved_on, election_on).map_err(|_errors| corrupt("election_on"))
}

pub(super) fn upsert(
    connection: &mut AnyConnection,
    dissolution: &Dissolution,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = (
        dissolutions::legislature.eq(dissolution.legislature().as_str()),
        dissolutions::dissolved_on.eq(dissolution.dissolved_on()),
        dissolutions::election_on.eq(dissolution.election_on()),
        dissolutions::announced_at.eq(At::new(now)),
    );
    on_backend!(connection, c => diesel::insert_into(dissolutions::table)
        .values(row)
        .on_conflict((dissolutions::legislature, dissolutions::dissolved_on))
        .do_update()
        .set(dissolutions::election_on.eq(excluded(dissolutions::election_on)))
        .execute(c))?;
    Ok(())
}

pub(super) fn remove(
    connection: &mut AnyConnection,
    legislature: Legislature,
    dissolved_on: NaiveDate,
) -> Result<bool, StoreError> {
    let row = dissolutions::table.find((legislature.as_str(), dissolved_on));
    Ok(diesel::delete(row).execute(connection)? > 0)
}

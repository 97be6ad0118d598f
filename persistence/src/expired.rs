//! Rows that have had their time.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Instant};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;

/// Deletes up to `limit` rows and says how many. The statement takes the moment up to which rows have expired, and the limit.
pub(crate) fn purge(
    connection: &mut AnyConnection,
    sql: &'static str,
    until: DateTime<Utc>,
    limit: u32,
) -> Result<usize, StoreError> {
    let (until, limit) = (At::new(until), i64::from(limit));
    let purged = on_backend!(connection, c => {
        Statement::<_>::new(sql).bind::<Instant, _>(until).bind::<BigInt, _>(limit).execute(c)
    });
    Ok(purged?)
}

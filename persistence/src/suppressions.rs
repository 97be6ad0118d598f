//! Persons in whose name nothing is sent, or to whom nothing is sent, as keyed hashes that outlive erasure (B7).

use crate::connection::AnyConnection;
use crate::schema::suppressions;
use crate::statement::Statement;
use crate::types::{At, Id, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable};
use postbag_domain::OrganisationId;
use std::collections::HashSet;

impl Store {
    /// Suppresses an address for an organisation, by its hash under the key of that id; twice is as good as once.
    pub async fn suppress(
        &self,
        organisation: OrganisationId,
        key_id: String,
        email_hash: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| add(connection, organisation, &key_id, &email_hash, now)).await
    }
}

pub(crate) fn add(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    key_id: &str,
    email_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = (
        suppressions::organisation_id.eq(Id::from(organisation)),
        suppressions::email_hash.eq(email_hash),
        suppressions::key_id.eq(key_id),
        suppressions::created_at.eq(At::new(now)),
    );
    on_backend!(connection, c => {
        diesel::insert_into(suppressions::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// Those of the hashes that are suppressed.
pub(crate) fn among(
    connection: &mut AnyConnection,
    organisation: Id,
    hashes: &[Vec<u8>],
) -> Result<HashSet<Vec<u8>>, StoreError> {
    let found: Vec<Vec<u8>> = suppressions::table
        .filter(suppressions::organisation_id.eq(organisation).and(suppressions::email_hash.eq_any(hashes)))
        .select(suppressions::email_hash)
        .load(connection)?;
    Ok(found.into_iter().collect())
}

/// True if one of the addresses is suppressed.
pub(crate) fn any(connection: &mut AnyConnection, organisation: Id, hashes: &[Vec<u8>]) -> Result<bool, StoreError> {
    any_for(connection, organisation, None, hashes)
}

/// True if one of the addresses of a letter is suppressed: for the controller of its writer, or for the campaign's organisation, which
/// sends it.
pub(crate) fn any_of_letter(
    connection: &mut AnyConnection,
    (organisation, campaign): (Id, Id),
    hashes: &[Vec<u8>],
) -> Result<bool, StoreError> {
    any_for(connection, organisation, Some(campaign), hashes)
}

fn any_for(
    connection: &mut AnyConnection,
    organisation: Id,
    campaign: Option<Id>,
    hashes: &[Vec<u8>],
) -> Result<bool, StoreError> {
    const SQL: &str = "\
        SELECT count(*) FROM suppressions
        WHERE organisation_id IN (?, (SELECT campaigns.organisation_id FROM campaigns WHERE campaigns.id = ?)) AND email_hash = ?";
    for hash in hashes {
        let (count,): (i64,) = on_backend!(connection, c => {
            Statement::<_, (BigInt,)>::new(SQL)
                .bind::<Uid, _>(organisation)
                .bind::<Nullable<Uid>, _>(campaign)
                .bind::<Binary, _>(hash.as_slice())
                .get_result(c)
        })?;
        if count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

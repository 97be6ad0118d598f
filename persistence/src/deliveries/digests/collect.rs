//! Letters that are put into a digest.

use super::super::row::Row;
use super::key;
use crate::connection::AnyConnection;
use crate::leases::Next;
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use postbag_domain::{DeliveryEvent, DeliveryId, DeliveryState, DigestId, DigestInterval, LeaseToken};

/// A letter that is to wait for a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The letter.
    pub id: DeliveryId,
    /// How often its recipient's digests leave.
    pub every: DigestInterval,
    /// A fresh id, should no digest be collecting.
    pub digest_id: DigestId,
}

pub(super) fn collect(
    connection: &mut AnyConnection,
    token: LeaseToken,
    letters: &[Collected],
    now: DateTime<Utc>,
) -> Result<Vec<TallyRow>, StoreError> {
    let mut deltas = Deltas::default();
    for letter in letters {
        let Some(row) = Row::leased(connection, letter.id.into(), token.into())? else { continue };
        if row.state == DeliveryState::Held {
            let queued = Next { leased: true, ..row.resting(row.after(DeliveryEvent::Release)?) };
            deltas.merge(row.campaign, row.transition(connection, &queued, now)?.unwrap_or_default());
        }
        let digest = collecting(connection, &row, letter, now)?;
        put(connection, &row, digest)?;
    }
    tallies::apply(connection, &deltas)
}

/// The digest that collects letters to this representative, begun if there is none. Its row is locked until the commit, so that no
/// letter joins one that has just left.
fn collecting(
    connection: &mut AnyConnection,
    row: &Row,
    letter: &Collected,
    now: DateTime<Utc>,
) -> Result<Id, StoreError> {
    const SQL: &str = "\
        INSERT INTO digests
            (id, organisation_id, representative_id, every, state, available_at, attempts, created_at, updated_at)
        VALUES (?, ?, ?, ?, 'queued', ?, 0, ?, ?)
        ON CONFLICT (representative_id, organisation_id, every) WHERE state = 'queued' AND attempts = 0
        DO UPDATE SET updated_at = excluded.updated_at RETURNING id";
    let (id,): (Id,) = on_backend!(connection, c => {
        Statement::<_, (Uid,)>::new(SQL)
            .bind::<Uid, _>(Id::from(letter.digest_id))
            .bind::<Uid, _>(row.organisation)
            .bind::<Uid, _>(Id::from(row.representative))
            .bind::<Text, _>(letter.every.as_str())
            .bind::<Instant, _>(At::new(letter.every.next_due(now)))
            .bind::<Instant, _>(At::new(now))
            .bind::<Instant, _>(At::new(now))
            .get_result(c)
    })?;
    Ok(id)
}

fn put(connection: &mut AnyConnection, row: &Row, digest: Id) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE deliveries SET digest_id = ?, paced_by = ?, available_at = NULL, lease_token = NULL
        WHERE id = ? AND lease_token = ? AND state <> 'sending'";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Uid, _>(digest)
            .bind::<Text, _>(key(digest).as_str())
            .bind::<Uid, _>(row.id)
            .bind::<Uid, _>(row.token)
            .execute(c)
    })?;
    Ok(())
}

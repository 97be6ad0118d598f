//! Digests as administrators see them.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::{deliveries, digests};
use crate::types::{At, Id};
use crate::{Cursor, Page, PageRequest, Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use postbag_domain::{DeliveryState, DigestId, DigestInterval, OrganisationId, RepresentativeId};
use std::collections::HashMap;

/// One digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSummary {
    /// Its identity.
    pub id: DigestId,
    /// The organisation whose letters it carries.
    pub organisation_id: OrganisationId,
    /// The representative it goes to.
    pub representative_id: RepresentativeId,
    /// How often digests go to them.
    pub every: DigestInterval,
    /// Its state: `queued` while it collects letters.
    pub state: DeliveryState,
    /// How many letters it carries.
    pub letters: i64,
    /// Attempts so far.
    pub attempts: i32,
    /// The moment at which a worker takes it up; never if absent.
    pub due_at: Option<DateTime<Utc>>,
    /// The relay's last reply.
    pub reply: Option<String>,
    /// When its first letter was put into it.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = digests)]
struct Row {
    id: Id,
    organisation_id: Id,
    representative_id: Id,
    every: String,
    state: String,
    available_at: Option<At>,
    attempts: i32,
    reply: Option<String>,
    created_at: At,
}

pub(super) fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    request: PageRequest,
) -> Result<Page<DigestSummary>, StoreError> {
    let mut query = digests::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(digests::organisation_id.eq(Id::from(id)));
    }
    let rows: Vec<Row> = page!(query, digests, request).load(connection)?;
    let ids: Vec<Option<Id>> = rows.iter().map(|row| Some(row.id)).collect();
    let counted: Vec<(Option<Id>, i64)> = deliveries::table
        .filter(deliveries::digest_id.eq_any(ids))
        .group_by(deliveries::digest_id)
        .select((deliveries::digest_id, count_star()))
        .load(connection)?;
    let counted: HashMap<Option<Id>, i64> = counted.into_iter().collect();
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(|row| {
        let letters = counted.get(&Some(row.id)).copied().unwrap_or_default();
        summary(row, letters)
    })
}

fn summary(row: Row, letters: i64) -> Result<DigestSummary, StoreError> {
    let corrupt = |column| StoreError::corrupt("digests", column, row.id);
    Ok(DigestSummary {
        id: row.id.into(),
        organisation_id: row.organisation_id.into(),
        representative_id: row.representative_id.into(),
        every: row.every.parse().map_err(|_flaw| corrupt("every"))?,
        state: row.state.parse().map_err(|_flaw| corrupt("state"))?,
        letters,
        attempts: row.attempts,
        due_at: row.available_at.map(At::time),
        reply: row.reply,
        created_at: row.created_at.time(),
    })
}

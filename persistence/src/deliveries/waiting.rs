//! How many messages a change of the directory would touch.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use postbag_domain::{AreaCode, Office, RepresentativeId};
use std::collections::{BTreeMap, BTreeSet};

/// Messages that have not been sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// On their way, by representative.
    by_representative: BTreeMap<RepresentativeId, i64>,
    /// Held for want of a holder of their seat.
    by_seat: BTreeMap<(Office, AreaCode), i64>,
}

impl Waiting {
    /// How many are on their way to these representatives.
    pub fn for_people(&self, people: &BTreeSet<RepresentativeId>) -> i64 {
        people.iter().filter_map(|id| self.by_representative.get(id)).sum()
    }

    /// How many are held for these seats.
    pub fn for_seats(&self, seats: &BTreeSet<(Office, AreaCode)>) -> i64 {
        seats.iter().filter_map(|seat| self.by_seat.get(seat)).sum()
    }
}

/// The messages that are on their way, as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many there are.
    pub messages: i64,
    /// The moment the oldest of them was accepted.
    pub oldest_since: Option<DateTime<Utc>>,
    /// The earliest moment at which one of them is or was due.
    pub first_due_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The messages that are on their way now.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.read(backlog).await
    }

    /// The messages that wait now, for the command line.
    pub fn waiting_blocking(&self) -> Result<Waiting, StoreError> {
        self.read_snapshot_blocking(load)
    }
}

fn backlog(connection: &mut AnyConnection) -> Result<Backlog, StoreError> {
    const SQL: &str = "\
        SELECT count(*), min(created_at), min(available_at) FROM deliveries
        WHERE (available_at IS NOT NULL OR paced_by IS NOT NULL)
            AND state IN ('queued', 'temporary_failure', 'uncertain') AND repeat_of IS NULL";
    type Stored = (i64, Option<At>, Option<At>);
    type StoredSql = (BigInt, Nullable<Instant>, Nullable<Instant>);
    let (messages, oldest, first): Stored =
        on_backend!(connection, c => Statement::<_, StoredSql>::new(SQL).get_result(c))?;
    Ok(Backlog { messages, oldest_since: oldest.map(At::time), first_due_at: first.map(At::time) })
}

fn load(connection: &mut AnyConnection) -> Result<Waiting, StoreError> {
    // The words of the partial indexes: neither reads what was sent long ago.
    const ON_THEIR_WAY: &str = "\
        SELECT representative_id, count(*) FROM deliveries
        WHERE (available_at IS NOT NULL OR paced_by IS NOT NULL)
            AND state IN ('queued', 'temporary_failure', 'uncertain') AND repeat_of IS NULL
        GROUP BY representative_id";
    const HELD: &str = "\
        SELECT office, area_code, count(*) FROM deliveries
        WHERE state = 'held' AND available_at IS NULL AND held_for = 'vacancy' AND repeat_of IS NULL
        GROUP BY office, area_code";
    let people: Vec<(Id, i64)> =
        on_backend!(connection, c => Statement::<_, (Uid, BigInt)>::new(ON_THEIR_WAY).load(c))?;
    let seats: Vec<(String, String, i64)> =
        on_backend!(connection, c => Statement::<_, (Text, Text, BigInt)>::new(HELD).load(c))?;
    let mut waiting = Waiting::default();
    waiting.by_representative.extend(people.into_iter().map(|(id, count)| (id.into(), count)));
    for (office, code, count) in seats {
        let corrupt = |column, word: &str| StoreError::corrupt("deliveries", column, word);
        let seat = (
            office.parse().map_err(|_flaw| corrupt("office", &office))?,
            code.parse().map_err(|_flaw| corrupt("area_code", &code))?,
        );
        waiting.by_seat.insert(seat, count);
    }
    Ok(waiting)
}

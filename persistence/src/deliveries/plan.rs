//! What waits, and for what.

use crate::connection::AnyConnection;
use crate::schema::digests;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Reach, Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use postbag_domain::delivery::{PaceKey, Queue};
use postbag_domain::{CampaignId, DeliveryState, HeldFor};
use std::collections::{BTreeMap, BTreeSet};

/// The first moment of several, and the last.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// Everything that waits within reach, and the caps that all organisations share.
#[derive(Clone, Debug, Default)]
pub struct WaitingMessages {
    /// What waits for each cap, of everybody: they share it.
    pub queues: Vec<Queue>,
    /// What waits for caps, of those within reach.
    pub paced: BTreeMap<PaceKey, u64>,
    /// When the first digest within reach is due, and the last.
    pub digests: Option<Span>,
    /// What is in the queue: due, put off, or to be tried again.
    pub queued: Vec<QueuedMessages>,
    /// What is held, by reason.
    pub held: BTreeMap<HeldFor, u64>,
}

/// Messages of one campaign in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedMessages {
    /// Their state.
    pub state: DeliveryState,
    /// How many are due now, or in a worker's hands.
    pub due: u64,
    /// How many are due later.
    pub later: u64,
    /// When the first of those is due.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last of those is due.
    pub last_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What waits within reach.
    pub async fn waiting_messages(&self, reach: Reach, now: DateTime<Utc>) -> Result<WaitingMessages, StoreError> {
        self.read(move |connection| load(connection, reach, now)).await
    }
}

fn load(connection: &mut AnyConnection, reach: Reach, now: DateTime<Utc>) -> Result<WaitingMessages, StoreError> {
    let campaigns = campaigns(connection, reach)?;
    let mut waiting = WaitingMessages { queued: queued(connection, &campaigns, now)?, ..WaitingMessages::default() };
    waiting.held = held(connection, &campaigns)?;
    waiting.digests = digests_due(connection, reach)?;
    let arrivals = arrivals(connection)?;
    let mut all: BTreeMap<PaceKey, u64> = BTreeMap::new();
    for (key, campaign, messages) in paced(connection)? {
        *all.entry(key.clone()).or_default() += messages;
        if campaigns.contains(&campaign) {
            *waiting.paced.entry(key).or_default() += messages;
        }
    }
    let queue = |(key, messages): (PaceKey, u64)| Queue { arrival: arrivals.get(&key).copied(), key, messages };
    waiting.queues = all.into_iter().map(queue).collect();
    Ok(waiting)
}

/// The campaigns within reach.
fn campaigns(connection: &mut AnyConnection, reach: Reach) -> Result<BTreeSet<CampaignId>, StoreError> {
    const SQL: &str = "SELECT id, organisation_id FROM campaigns";
    let rows: Vec<(Id, Id)> = on_backend!(connection, c => Statement::<_, (Uid, Uid)>::new(SQL).load(c))?;
    Ok(rows.into_iter().filter(|(_, owner)| reach.covers((*owner).into())).map(|(id, _)| id.into()).collect())
}

fn queued(
    connection: &mut AnyConnection,
    campaigns: &BTreeSet<CampaignId>,
    now: DateTime<Utc>,
) -> Result<Vec<QueuedMessages>, StoreError> {
    // Claimed messages are due until their lease ends: they are in a worker's hands.
    const SQL: &str = "\
        SELECT campaign_id, state,
            count(CASE WHEN lease_token IS NOT NULL OR available_at <= ? THEN 1 END), count(*),
            min(CASE WHEN lease_token IS NULL AND available_at > ? THEN available_at END),
            max(CASE WHEN lease_token IS NULL AND available_at > ? THEN available_at END)
        FROM deliveries
        WHERE available_at IS NOT NULL AND state IN ('queued', 'sending', 'temporary_failure', 'uncertain')
            AND repeat_of IS NULL
        GROUP BY campaign_id, state";
    type Stored = (Id, String, i64, i64, Option<At>, Option<At>);
    type StoredSql = (Uid, Text, BigInt, BigInt, Nullable<Instant>, Nullable<Instant>);
    let now = At::new(now);
    let rows: Vec<Stored> = on_backend!(connection, c => {
        Statement::<_, StoredSql>::new(SQL)
            .bind::<Instant, _>(now)
            .bind::<Instant, _>(now)
            .bind::<Instant, _>(now)
            .load(c)
    })?;
    let mut queued = Vec::new();
    for (campaign, state, due, all, first, last) in rows {
        if !campaigns.contains(&campaign.into()) {
            continue;
        }
        queued.push(QueuedMessages {
            state: state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", &state))?,
            due: number(due),
            later: number(all - due),
            first_at: first.map(At::time),
            last_at: last.map(At::time),
        });
    }
    Ok(queued)
}

fn held(
    connection: &mut AnyConnection,
    campaigns: &BTreeSet<CampaignId>,
) -> Result<BTreeMap<HeldFor, u64>, StoreError> {
    const SQL: &str = "\
        SELECT campaign_id, held_for, count(*) FROM deliveries
        WHERE state = 'held' AND held_for IS NOT NULL AND repeat_of IS NULL GROUP BY campaign_id, held_for";
    let rows: Vec<(Id, String, i64)> =
        on_backend!(connection, c => Statement::<_, (Uid, Text, BigInt)>::new(SQL).load(c))?;
    let mut held = BTreeMap::new();
    for (_, word, messages) in rows.into_iter().filter(|(campaign, ..)| campaigns.contains(&(*campaign).into())) {
        let reason = word.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "held_for", &word))?;
        *held.entry(reason).or_default() += number(messages);
    }
    Ok(held)
}

fn paced(connection: &mut AnyConnection) -> Result<Vec<(PaceKey, CampaignId, u64)>, StoreError> {
    // The words of the partial index, which holds all that is asked for.
    const SQL: &str = "\
        SELECT paced_by, campaign_id, count(*) FROM deliveries WHERE paced_by IS NOT NULL
        GROUP BY paced_by, campaign_id";
    let rows: Vec<(String, Id, i64)> =
        on_backend!(connection, c => Statement::<_, (Text, Uid, BigInt)>::new(SQL).load(c))?;
    let read = |(key, campaign, messages): (String, Id, i64)| {
        let known = PaceKey::parse(&key).ok_or_else(|| StoreError::corrupt("deliveries", "paced_by", &key))?;
        Ok((known, campaign.into(), number(messages)))
    };
    rows.into_iter().map(read).collect()
}

fn digests_due(connection: &mut AnyConnection, reach: Reach) -> Result<Option<Span>, StoreError> {
    let mut due = digests::table
        .filter(digests::available_at.is_not_null())
        .order(digests::available_at)
        .select(digests::available_at)
        .into_boxed();
    if let Reach::Organisation(own) = reach {
        due = due.filter(digests::organisation_id.eq(Id::from(own)));
    }
    let due: Vec<Option<At>> = due.load(connection)?;
    let mut due = due.into_iter().flatten().map(At::time);
    Ok(due.next().map(|first| (first, due.next_back().unwrap_or(first))))
}

fn arrivals(connection: &mut AnyConnection) -> Result<BTreeMap<PaceKey, DateTime<Utc>>, StoreError> {
    const SQL: &str = "SELECT key, arrival FROM paces WHERE wake_at IS NOT NULL AND arrival IS NOT NULL";
    let rows: Vec<(String, At)> = on_backend!(connection, c => Statement::<_, (Text, Instant)>::new(SQL).load(c))?;
    Ok(rows.into_iter().filter_map(|(key, arrival)| Some((PaceKey::parse(&key)?, arrival.time()))).collect())
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

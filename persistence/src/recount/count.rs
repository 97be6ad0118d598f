//! Counting one campaign's rows.

use crate::connection::AnyConnection;
use crate::deliveries::binds;
use crate::schema::deliveries;
use crate::statement::Statement;
use crate::types::{At, Doc, Id, Instant, Json, Uid};
use crate::{StoreError, on_backend};
use chrono::DateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use postbag_domain::{
    AreaKey, CampaignId, CountedAction, DeliveryState, Office, OrganisationId, RepresentativeId, TallyDelta, TallyKey,
    TallyKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Actions read at a time.
const PAGE: i64 = 2_000;

type Action = (Id, String, bool, String, Json, Option<String>, At, Option<Id>);
type ActionSql = (Uid, Text, Bool, Text, Doc, Nullable<Text>, Instant, Nullable<Uid>);

#[derive(Queryable)]
struct Message {
    action_id: Id,
    representative_id: Id,
    office: String,
    state: String,
    repeat_of: Option<Id>,
    held_for: Option<String>,
}

/// Counts the rows of a campaign.
pub(super) fn campaign(connection: &mut AnyConnection, campaign: CampaignId) -> Result<TallyDelta, StoreError> {
    let mut sum = TallyDelta::new();
    sum.add(TallyKey::total(TallyKind::Supporters), supporters(connection, campaign)?);
    let mut after = (At::new(DateTime::UNIX_EPOCH), Id(uuid::Uuid::nil()));
    loop {
        let actions = page(connection, campaign, after)?;
        let Some(last) = actions.last() else {
            return Ok(sum);
        };
        after = (last.6, last.0);
        let mut messages = messages(connection, actions.iter().map(|action| action.0).collect())?;
        for action in actions {
            let of_action = messages.remove(&action.0).unwrap_or_default();
            add(&mut sum, &action, &of_action)?;
        }
    }
}

/// Distinct persons, counted without the rows' own `first` marks.
fn supporters(connection: &mut AnyConnection, campaign: CampaignId) -> Result<i64, StoreError> {
    const SQL: &str = "\
        SELECT count(DISTINCT supporter_id) FROM actions WHERE campaign_id = ? AND status = 'confirmed' AND is_test = ?";
    let (count,): (i64,) = on_backend!(connection, c => {
        Statement::<_, (BigInt,)>::new(SQL).bind::<Uid, _>(Id::from(campaign)).bind::<Bool, _>(false).get_result(c)
    })?;
    Ok(count)
}

fn page(connection: &mut AnyConnection, campaign: CampaignId, (at, id): (At, Id)) -> Result<Vec<Action>, StoreError> {
    const SQL: &str = "\
        SELECT id, status, is_test, nation, areas, source, created_at, partner_id FROM actions
        WHERE campaign_id = ? AND (created_at, id) > (?, ?)
        ORDER BY created_at, id LIMIT ?";
    let rows = on_backend!(connection, c => {
        Statement::<_, ActionSql>::new(SQL)
            .bind::<Uid, _>(Id::from(campaign))
            .bind::<Instant, _>(at)
            .bind::<Uid, _>(id)
            .bind::<BigInt, _>(PAGE)
            .load(c)
    })?;
    Ok(rows)
}

fn messages(connection: &mut AnyConnection, actions: Vec<Id>) -> Result<BTreeMap<Id, Vec<Message>>, StoreError> {
    let rows: Vec<Message> = deliveries::table
        .filter(deliveries::action_id.eq_any(actions))
        .select((
            deliveries::action_id,
            deliveries::representative_id,
            deliveries::office,
            deliveries::state,
            deliveries::repeat_of,
            deliveries::held_for,
        ))
        .load(connection)?;
    let mut by_action: BTreeMap<Id, Vec<Message>> = BTreeMap::new();
    for row in rows {
        by_action.entry(row.action_id).or_default().push(row);
    }
    Ok(by_action)
}

fn add(sum: &mut TallyDelta, action: &Action, messages: &[Message]) -> Result<(), StoreError> {
    let (id, status, test, nation, areas, source, created_at, partner) = action;
    let areas: Vec<AreaKey> = areas.read("actions", "areas", id)?;
    let is_first = |message: &&Message| message.repeat_of.is_none() && binds(message.held_for.as_deref());
    let firsts = || messages.iter().filter(is_first);
    let counted = CountedAction {
        status: status.parse().map_err(|_flaw| StoreError::corrupt("actions", "status", id))?,
        test: *test,
        nation: nation.parse().map_err(|_flaw| StoreError::corrupt("actions", "nation", id))?,
        areas: &areas,
        offices: messages.iter().map(office).collect::<Result<BTreeSet<Office>, _>>()?,
        representatives: messages.iter().map(|message| RepresentativeId::from(message.representative_id)).collect(),
        created_at: created_at.time(),
        source: source.as_deref(),
        partner: partner.map(OrganisationId::from),
        // Persons are counted apart.
        first_of_supporter: false,
    };
    sum.merge(counted.tally());
    for message in firsts().filter(|_| !test) {
        sum.merge(TallyDelta::message(None, state(message)?, message.representative_id.into()));
    }
    Ok(())
}

fn office(message: &Message) -> Result<Office, StoreError> {
    message.office.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "office", message.action_id))
}

fn state(message: &Message) -> Result<DeliveryState, StoreError> {
    message.state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", message.action_id))
}

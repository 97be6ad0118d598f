//! What administrators do with messages, one or many, in one transaction.

use super::{Changed, DeliveryFilter, binds};
use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::schema::deliveries::dsl;
use crate::tallies::{self, Deltas};
use crate::types::{At, Id};
use crate::{Reach, Store, StoreError};
use diesel::dsl::count_star;
use diesel::prelude::*;
use postbag_domain::delivery::DeliveryCommand;
use postbag_domain::{CampaignId, DeliveryId, DeliveryState, HeldFor, TallyDelta};

/// The messages that a command is for.
#[derive(Clone, Debug)]
pub enum Commandable {
    /// These, by their ids.
    Named(Vec<DeliveryId>),
    /// The oldest that match and that the command fits, so many at the most.
    Matching(DeliveryFilter, u16),
}

/// The outcome of a command for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commanded {
    /// The message.
    pub id: DeliveryId,
    /// Its state now.
    pub state: DeliveryState,
    /// True if the command changed it; false where it does not fit its state, or a worker has it.
    pub changed: bool,
}

impl Store {
    /// Does what an administrator wants with messages within reach; those beyond are not answered.
    pub async fn command_deliveries(
        &self,
        reach: Reach,
        command: DeliveryCommand,
        messages: Commandable,
        actor: Actor,
    ) -> Result<Changed<Commanded>, StoreError> {
        self.write(move |connection| run(connection, reach, command, messages, &actor)).await
    }

    /// How many messages within reach are in each state, tests and repeats apart; of one campaign or of all.
    pub async fn count_deliveries(
        &self,
        reach: Reach,
        campaign: Option<CampaignId>,
    ) -> Result<Vec<(DeliveryState, i64)>, StoreError> {
        self.read(move |connection| count(connection, reach, campaign)).await
    }
}

type Row = (Id, Id, Id, Id, (String, Option<String>), bool, Option<Id>, Option<Id>);

fn run(
    connection: &mut AnyConnection,
    reach: Reach,
    command: DeliveryCommand,
    messages: Commandable,
    actor: &Actor,
) -> Result<Changed<Commanded>, StoreError> {
    let mut query = dsl::deliveries
        .order(dsl::id)
        .select((
            dsl::id,
            dsl::organisation_id,
            dsl::campaign_id,
            dsl::representative_id,
            (dsl::state, dsl::held_for),
            dsl::is_test,
            dsl::repeat_of,
            dsl::lease_token,
        ))
        .into_boxed();
    match messages {
        Commandable::Named(ids) => query = query.filter(dsl::id.eq_any(ids.into_iter().map(Id::from))),
        Commandable::Matching(filter, most) => {
            let fits = |state: &&DeliveryState| {
                command.event(**state).is_some() && filter.state.is_none_or(|wanted| wanted == **state)
            };
            let states = DeliveryState::ALL.iter().filter(fits).map(|state| state.as_str());
            query =
                query.filter(dsl::state.eq_any(states)).filter(dsl::repeat_of.is_null().and(dsl::is_test.eq(false)));
            query = query.filter(dsl::held_for.is_null().or(dsl::held_for.ne(HeldFor::Confirmation.as_str())));
            if let Reach::Organisation(own) = reach {
                query = query.filter(dsl::organisation_id.eq(Id::from(own)));
            }
            if let Some(id) = filter.campaign_id {
                query = query.filter(dsl::campaign_id.eq(Id::from(id)));
            }
            if let Some(id) = filter.representative_id {
                query = query.filter(dsl::representative_id.eq(Id::from(id)));
            }
            query = query.limit(most.into());
        }
    }
    let rows: Vec<Row> = query.load(connection)?;
    let (mut each, mut deltas) = (Vec::with_capacity(rows.len()), Deltas::default());
    for row in rows.into_iter().filter(|row| reach.covers(row.1.into())) {
        each.push(change(connection, row, command, actor, &mut deltas)?);
    }
    let tallies = tallies::apply(connection, &deltas)?;
    Ok(Changed { each, tallies })
}

fn change(
    connection: &mut AnyConnection,
    (id, organisation, campaign, representative, (state, held_for), is_test, repeat_of, lease): Row,
    command: DeliveryCommand,
    actor: &Actor,
    deltas: &mut Deltas,
) -> Result<Commanded, StoreError> {
    let before: DeliveryState = state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", id))?;
    let unchanged = Commanded { id: id.into(), state: before, changed: false };
    // Nobody but its supporter can confirm a message (B16).
    let is_first = binds(held_for.as_deref()) && !is_test && repeat_of.is_none() && lease.is_none();
    let Some(event) = command.event(before).filter(|_| is_first) else { return Ok(unchanged) };
    let after = before.next(event).map_err(StoreError::backend)?;
    let due = (after == DeliveryState::Queued).then_some(At::new(actor.now));
    // A worker may have taken it since it was read.
    let row = dsl::deliveries.filter(dsl::id.eq(id)).filter(dsl::state.eq(&state)).filter(dsl::lease_token.is_null());
    let changed = diesel::update(row)
        .set((
            dsl::state.eq(after.as_str()),
            dsl::available_at.eq(due),
            dsl::held_for.eq(None::<String>),
            dsl::paced_by.eq(None::<String>),
            dsl::digest_id.eq(None::<Id>),
            dsl::updated_at.eq(At::new(actor.now)),
        ))
        .execute(connection)?;
    if changed == 0 {
        return Ok(unchanged);
    }
    audit::note(connection, actor, command.action(), (Some(organisation.into()), id.0), None)?;
    deltas.merge(campaign.into(), TallyDelta::message(Some(before), after, representative.into()));
    Ok(Commanded { state: after, changed: true, ..unchanged })
}

fn count(
    connection: &mut AnyConnection,
    reach: Reach,
    campaign: Option<CampaignId>,
) -> Result<Vec<(DeliveryState, i64)>, StoreError> {
    let mut query = dsl::deliveries
        .filter(dsl::is_test.eq(false).and(dsl::repeat_of.is_null()))
        .filter(dsl::held_for.is_null().or(dsl::held_for.ne(HeldFor::Confirmation.as_str())))
        .group_by(dsl::state)
        .select((dsl::state, count_star()))
        .into_boxed();
    if let Reach::Organisation(own) = reach {
        query = query.filter(dsl::organisation_id.eq(Id::from(own)));
    }
    if let Some(campaign) = campaign {
        query = query.filter(dsl::campaign_id.eq(Id::from(campaign)));
    }
    let rows: Vec<(String, i64)> = query.load(connection)?;
    let read = |(state, count): (String, i64)| {
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", &state))?;
        Ok((state, count))
    };
    rows.into_iter().map(read).collect()
}

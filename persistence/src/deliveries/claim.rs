//! Taking due messages under a lease.

use super::policy::after_uncertain;
use super::recipients::Whose;
use super::repeats::{self, Repeat};
use super::row::Row;
use crate::actions::areas::{self, RecordedArea};
use crate::connection::AnyConnection;
use crate::leases::{DELIVERIES, Next};
use crate::retention::DELETED;
use crate::schema::{actions, campaigns, deliveries};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Json};
use crate::words::Messages;
use crate::{Reach, StoreError, invalidations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, AfterUncertain, AreaChoices, AreaKey, CampaignId, CampaignStatus, DeliveryEvent,
    DeliveryId, DeliveryState, DigestId, EditionId, LeaseToken, Office, OrganisationId, RepresentativeId, SupporterId,
    SupporterWords,
};

/// The result of a pass over the queue.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Messages to be sent.
    pub deliveries: Vec<ClaimedDelivery>,
    /// How many rows the pass touched: as many as its limit means that more may be due.
    pub touched: usize,
    /// The counts that changed, as they are now.
    pub tallies: Vec<TallyRow>,
}

/// A message to be sent, with all that its letter and its envelope are made of.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    /// The message.
    pub id: DeliveryId,
    /// The controller through whose form the supporter came.
    pub organisation_id: OrganisationId,
    /// The organisation of the campaign, which sends the letter.
    pub campaign_owner: OrganisationId,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// The campaign's word in addresses.
    pub campaign_slug: String,
    /// The status of the campaign.
    pub campaign_status: CampaignStatus,
    /// The supporter it comes from.
    pub supporter_id: SupporterId,
    /// The action it belongs to.
    pub action_id: ActionId,
    /// The representative it is written to.
    pub representative_id: RepresentativeId,
    /// The office held.
    pub office: Office,
    /// The area it is held for.
    pub area: AreaKey,
    /// The edition the letter is composed from.
    pub edition_id: EditionId,
    /// The supporter's own words.
    pub words: SupporterWords,
    /// The supporter's areas, one of each kind.
    pub areas: Vec<AreaKey>,
    /// Those among them that the supporter named, where the postcode lies in several.
    pub area_choices: AreaChoices,
    /// The digest that it waits for, or that carried it.
    pub digest_id: Option<DigestId>,
    /// True for a test, which goes to its supporter's own address and counts nowhere (A30).
    pub is_test: bool,
    /// The state it was claimed in: queued, held until the directory changed, refused for now, or uncertain.
    pub state: DeliveryState,
    /// Attempts before this one.
    pub attempts: i32,
    /// When its action was accepted: the same moment for every attempt, as for the Date of its mail (B35).
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct Due {
    id: Id,
    organisation_id: Id,
    campaign_owner: Id,
    campaign_id: Id,
    supporter_id: Id,
    slug: String,
    status: String,
    action_id: Id,
    action_status: String,
    representative_id: Id,
    office: String,
    area_code: String,
    edition_id: Id,
    state: String,
    attempts: i32,
    is_test: bool,
    repeat_of: Option<Id>,
    digest_id: Option<Id>,
    created_at: At,
    words: Json,
    sealed_message: Option<Vec<u8>>,
    areas: Json,
}

impl Due {
    fn is_struck_out(&self) -> bool {
        self.action_status == ActionStatus::Invalidated.as_str()
    }
}

pub(super) fn claim(
    connection: &mut AnyConnection,
    messages: &Messages,
    (token, now, lease_until): (LeaseToken, DateTime<Utc>, DateTime<Utc>),
    limit: u16,
) -> Result<Claim, StoreError> {
    let ids = DELIVERIES.claim(connection, token, now, lease_until, limit)?;
    let (deltas, deliveries) = (Deltas::default(), Vec::new());
    let mut pass = Pass { messages, token: token.into(), now, lease_until, deltas, deliveries };
    let touched = ids.len();
    if touched > 0 {
        for due in load(connection, ids)? {
            pass.take(connection, due)?;
        }
    }
    let tallies = tallies::apply(connection, &pass.deltas)?;
    Ok(Claim { deliveries: pass.deliveries, touched, tallies })
}

fn load(connection: &mut AnyConnection, ids: Vec<Id>) -> Result<Vec<Due>, StoreError> {
    let rows = deliveries::table
        .inner_join(actions::table.on(actions::id.eq(deliveries::action_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(deliveries::campaign_id)))
        .filter(deliveries::id.eq_any(ids))
        .order(deliveries::id)
        .select((
            deliveries::id,
            deliveries::organisation_id,
            campaigns::organisation_id,
            deliveries::campaign_id,
            deliveries::supporter_id,
            campaigns::slug,
            campaigns::status,
            deliveries::action_id,
            actions::status,
            deliveries::representative_id,
            deliveries::office,
            deliveries::area_code,
            deliveries::edition_id,
            deliveries::state,
            deliveries::attempts,
            deliveries::is_test,
            deliveries::repeat_of,
            deliveries::digest_id,
            deliveries::created_at,
            actions::words,
            actions::sealed_message,
            actions::areas,
        ))
        .load(connection)?;
    Ok(rows)
}

/// One message within reach, unless its action has expired.
pub(super) fn one(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    id: DeliveryId,
) -> Result<Option<ClaimedDelivery>, StoreError> {
    let found = load(connection, vec![Id::from(id)])?.into_iter().next();
    let is_whole = |due: &Due| due.sealed_message.as_deref() != Some(DELETED);
    let found = found.filter(|due| reach.covers(due.organisation_id.into()) && is_whole(due));
    let Some(due) = found else { return Ok(None) };
    let Some(words) = messages.open(due.action_id, &due.words, due.sealed_message.as_deref())? else {
        return Ok(None);
    };
    let state = word(&due.state, "deliveries", "state", due.id)?;
    Ok(Some(with_words(due, state, words)?))
}

/// These messages; one that cannot be read fails alone.
pub(super) fn several(
    connection: &mut AnyConnection,
    messages: &Messages,
    ids: Vec<Id>,
) -> Result<Vec<Result<ClaimedDelivery, StoreError>>, StoreError> {
    let each = load(connection, ids)?.into_iter().map(|due| {
        let state = word(&due.state, "deliveries", "state", due.id)?;
        read(due, state, messages)
    });
    Ok(each.collect())
}

/// Some of the messages of an action, as they were composed.
pub(super) fn of_action(
    connection: &mut AnyConnection,
    messages: &Messages,
    action: ActionId,
    whose: Whose,
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    let ids = deliveries::table
        .filter(deliveries::action_id.eq(Id::from(action)).and(deliveries::repeat_of.is_null()))
        .filter(deliveries::state.eq_any(whose.states()))
        .select(deliveries::id)
        .load(connection)?;
    several(connection, messages, ids)?.into_iter().collect()
}

/// One pass over due messages.
struct Pass<'m> {
    messages: &'m Messages,
    token: Id,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    deltas: Deltas,
    deliveries: Vec<ClaimedDelivery>,
}

impl Pass<'_> {
    fn take(&mut self, connection: &mut AnyConnection, due: Due) -> Result<(), StoreError> {
        if let Some(first) = due.repeat_of {
            let recipient = due.representative_id.into();
            let repeat = Repeat { id: due.id, action: due.action_id, recipient, first };
            let delta = repeats::follow(connection, &repeat, self.now)?;
            self.deltas.merge(due.campaign_id.into(), delta);
            return Ok(());
        }
        let row = self.row(&due)?;
        match row.state {
            // It was being sent when its action was struck out, and is not tried again.
            DeliveryState::Held
            | DeliveryState::Queued
            | DeliveryState::TemporaryFailure
            | DeliveryState::Uncertain
                if due.is_struck_out() =>
            {
                let delta = invalidations::cancel_late(connection, due.id, due.action_id, self.now)?;
                self.deltas.merge(row.campaign, delta);
                Ok(())
            }
            DeliveryState::Held
            | DeliveryState::Queued
            | DeliveryState::TemporaryFailure
            | DeliveryState::Uncertain => self.offer(connection, &row, due),
            DeliveryState::Sending => self.lost(connection, &row, due),
            DeliveryState::Accepted => {
                let state = row.after(DeliveryEvent::BouncePeriodPass)?;
                self.rest(connection, &row, state, None)
            }
            // Nothing is to be done for it.
            state => self.rest(connection, &row, state, None),
        }
    }

    fn row(&self, due: &Due) -> Result<Row, StoreError> {
        Ok(Row {
            id: due.id,
            organisation: due.organisation_id,
            campaign: due.campaign_id.into(),
            representative: due.representative_id.into(),
            state: word(&due.state, "deliveries", "state", due.id)?,
            attempts: due.attempts,
            counted: !due.is_test && due.repeat_of.is_none(),
            token: self.token,
        })
    }

    /// Hands the message to the worker. One that cannot be read fails alone: it must not stand at the head of the queue for ever.
    fn offer(&mut self, connection: &mut AnyConnection, row: &Row, due: Due) -> Result<(), StoreError> {
        match read(due, row.state, self.messages) {
            Ok(delivery) => {
                self.deliveries.push(delivery);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a message cannot be read and is not sent");
                let state = DeliveryState::Sending.next(DeliveryEvent::Break).map_err(StoreError::backend)?;
                self.rest(connection, row, state, Some("the stored message cannot be read"))
            }
        }
    }

    /// Its worker was lost while sending: the relay may have it or not.
    fn lost(&mut self, connection: &mut AnyConnection, row: &Row, due: Due) -> Result<(), StoreError> {
        const REPLY: &str = "the worker was lost while sending";
        let uncertain = row.after(DeliveryEvent::LoseContact)?;
        row.close_attempt(connection, uncertain, Some(REPLY), self.now)?;
        if due.is_struck_out() || after_uncertain(connection, row.campaign)? == AfterUncertain::Hold {
            return self.rest(connection, row, uncertain, Some(REPLY));
        }
        let next =
            Next { available_at: Some(self.lease_until), leased: true, reply: Some(REPLY), ..row.resting(uncertain) };
        self.merge(row, row.transition(connection, &next, self.now)?);
        self.offer(connection, &Row { state: uncertain, ..*row }, due)
    }

    /// Takes the message off the queue.
    fn rest(
        &mut self,
        connection: &mut AnyConnection,
        row: &Row,
        state: DeliveryState,
        reply: Option<&str>,
    ) -> Result<(), StoreError> {
        let next = Next { reply, ..row.resting(state) };
        let delta = row.transition(connection, &next, self.now)?;
        self.merge(row, delta);
        Ok(())
    }

    fn merge(&mut self, row: &Row, delta: Option<postbag_domain::TallyDelta>) {
        self.deltas.merge(row.campaign, delta.unwrap_or_default());
    }
}

fn read(due: Due, state: DeliveryState, messages: &Messages) -> Result<ClaimedDelivery, StoreError> {
    if due.sealed_message.as_deref() == Some(DELETED) {
        return Err(StoreError::backend("the personal message of a letter has been deleted"));
    }
    let words = messages.open(due.action_id, &due.words, due.sealed_message.as_deref())?;
    let words = words.ok_or_else(|| StoreError::corrupt("actions", "words", due.action_id))?;
    with_words(due, state, words)
}

fn with_words(due: Due, state: DeliveryState, words: SupporterWords) -> Result<ClaimedDelivery, StoreError> {
    let office: Office = word(&due.office, "deliveries", "office", due.id)?;
    let recorded: Vec<RecordedArea> = due.areas.read("actions", "areas", due.action_id)?;
    let (areas, area_choices) = areas::read(&recorded);
    Ok(ClaimedDelivery {
        id: due.id.into(),
        organisation_id: due.organisation_id.into(),
        campaign_owner: due.campaign_owner.into(),
        campaign_id: due.campaign_id.into(),
        campaign_status: word(&due.status, "campaigns", "status", due.campaign_id)?,
        campaign_slug: due.slug,
        supporter_id: due.supporter_id.into(),
        action_id: due.action_id.into(),
        representative_id: due.representative_id.into(),
        office,
        area: AreaKey { kind: office.area_kind(), code: word(&due.area_code, "deliveries", "area_code", due.id)? },
        edition_id: due.edition_id.into(),
        words,
        areas,
        area_choices,
        digest_id: due.digest_id.map(DigestId::from),
        is_test: due.is_test,
        state,
        attempts: due.attempts,
        created_at: due.created_at.time(),
    })
}

fn word<T: std::str::FromStr>(text: &str, table: &'static str, column: &'static str, id: Id) -> Result<T, StoreError> {
    text.parse().map_err(|_flaw| StoreError::corrupt(table, column, id))
}

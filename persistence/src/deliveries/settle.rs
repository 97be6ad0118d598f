//! The end of an attempt.

use super::Changed;
use super::policy::after_uncertain;
use super::row::Row;
use crate::bounces::{self, About, NewBounce};
use crate::connection::AnyConnection;
use crate::leases::Next;
use crate::mails::{self, NewMail};
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use postbag_domain::delivery::{Attempts, Outlook};
use postbag_domain::{
    AfterUncertain, ConfirmedBy, DeliveryEvent, DeliveryId, DeliveryState, HeldFor, LeaseToken, MailId,
};

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The message.
    pub id: DeliveryId,
    /// The event that ended it.
    pub event: DeliveryEvent,
    /// The relay's reply, without personal data.
    pub reply: Option<String>,
    /// The reason to hold it, if it is to be held.
    pub held_for: Option<HeldFor>,
    /// The refusal for good to be noted, if that is what ended it (B28).
    pub bounce: Option<NewBounce>,
    /// The mail that tells its supporter, should this be its final failure (B29), or should it be taken.
    pub notice: Option<LetterNotice>,
}

impl Settlement {
    /// An event that ended the attempt, and nothing else.
    pub const fn new(id: DeliveryId, event: DeliveryEvent) -> Self {
        Self { id, event, reply: None, held_for: None, bounce: None, notice: None }
    }
}

/// A mail to a supporter about what became of their letter, to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterNotice {
    /// A fresh id.
    pub mail_id: MailId,
    /// The keyed hash of the supporter's inbox.
    pub mailbox: Vec<u8>,
}

/// A settled message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its state.
    pub state: DeliveryState,
    /// The moment at which a worker takes it up again; never if absent.
    pub available_at: Option<DateTime<Utc>>,
}

pub(super) fn settle(
    connection: &mut AnyConnection,
    token: LeaseToken,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Changed<Option<Settled>>, StoreError> {
    let mut deltas = Deltas::default();
    let mut each = Vec::with_capacity(settlements.len());
    for settlement in settlements {
        let settled = match Row::leased(connection, settlement.id.into(), token.into())? {
            Some(row) => settle_one(connection, &row, settlement, now, &mut deltas)?,
            None => None,
        };
        each.push(settled);
    }
    let tallies: Vec<TallyRow> = tallies::apply(connection, &deltas)?;
    Ok(Changed { each, tallies })
}

pub(super) fn settle_one(
    connection: &mut AnyConnection,
    row: &Row,
    settlement: &Settlement,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Option<Settled>, StoreError> {
    let reply = settlement.reply.as_deref();
    let Outlook { state, due } = outlook(connection, row, row.after(settlement.event)?, now)?;
    let next =
        Next { available_at: due, reply, held_for: settlement.held_for.map(HeldFor::as_str), ..row.resting(state) };
    let Some(delta) = row.transition(connection, &next, now)? else {
        return Ok(None);
    };
    deltas.merge(row.campaign, delta);
    row.close_attempt(connection, state, reply, now)?;
    if let Some(bounce) = settlement.bounce.as_ref().filter(|_| row.counted) {
        let letter = Some((row.id, row.representative));
        let about = About { organisation: row.organisation, campaign: Some(row.campaign.into()), letter, mail: None };
        bounces::note(connection, about, bounce, None, now)?;
    }
    if let Some(notice) = settlement.notice.as_ref().filter(|_| row.counted) {
        tell(connection, row, state, notice, now)?;
    }
    Ok(Some(Settled { state, available_at: due }))
}

/// Queues the mail that tells the supporter of a letter in this state. One that waits already tells of this letter too; an action has
/// one receipt, and only a supporter who has proved that the address is theirs.
pub(super) fn tell(
    connection: &mut AnyConnection,
    row: &Row,
    state: DeliveryState,
    notice: &LetterNotice,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "\
        SELECT deliveries.supporter_id, deliveries.action_id, actions.confirmed_by,
            (SELECT count(*) FROM mails WHERE mails.action_id = deliveries.action_id AND mails.kind = 'receipt')
        FROM deliveries JOIN actions ON actions.id = deliveries.action_id WHERE deliveries.id = ?";
    if !state.is_failure() && !state.was_taken() {
        return Ok(());
    }
    let (supporter, action, proof, receipts): (Id, Id, Option<String>, i64) = on_backend!(connection, c => {
        Statement::<_, (Uid, Uid, Nullable<Text>, BigInt)>::new(SQL).bind::<Uid, _>(row.id).get_result(c)
    })?;
    let about = (row.organisation, row.campaign.into(), supporter, action);
    let is_proved = proof.is_some_and(|word| word != ConfirmedBy::Waiver.as_str());
    let mail = if state.is_failure() {
        NewMail::final_failure(notice.mail_id, about, notice.mailbox.clone(), now)
    } else if is_proved && receipts == 0 {
        NewMail::receipt(notice.mail_id, about, notice.mailbox.clone(), now)
    } else {
        return Ok(());
    };
    Ok(mails::insert(connection, &[&mail])?)
}

/// What the domain decides for a state that a message has just reached.
pub(super) fn outlook(
    connection: &mut AnyConnection,
    row: &Row,
    state: DeliveryState,
    now: DateTime<Utc>,
) -> Result<Outlook, StoreError> {
    let (attempts, policy) = if state.may_be_retried() {
        (attempts(connection, row, state, now)?, after_uncertain(connection, row.campaign)?)
    } else {
        (Attempts::default(), AfterUncertain::Hold)
    };
    Outlook::after(state, attempts, policy, now).map_err(StoreError::backend)
}

/// The attempts of a message, the one that has just reached `state` included.
fn attempts(
    connection: &mut AnyConnection,
    row: &Row,
    state: DeliveryState,
    now: DateTime<Utc>,
) -> Result<Attempts, StoreError> {
    const SQL: &str = "\
        SELECT started_at, outcome FROM delivery_attempts WHERE delivery_id = ? ORDER BY number";
    let earlier: Vec<(At, Option<String>)> = on_backend!(connection, c => {
        Statement::<_, (Instant, Nullable<Text>)>::new(SQL).bind::<Uid, _>(row.id).get_results(c)
    })?;
    let in_doubt = |outcome: &str| outcome == DeliveryState::Uncertain.as_str();
    let before = earlier.iter().filter(|(_, outcome)| outcome.as_deref().is_some_and(in_doubt)).count();
    Ok(Attempts {
        made: u32::try_from(row.attempts).unwrap_or(1),
        in_doubt: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(u32::from(in_doubt(state.as_str()))),
        since_first: earlier.first().map_or(TimeDelta::zero(), |(first, _)| now - first.time()),
    })
}

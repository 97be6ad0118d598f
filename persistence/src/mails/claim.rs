//! Taking due mails under a lease, with all that they are made of.

use super::{NewMail, insert};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::deliveries::{Whose, recipient_names};
use crate::leases::{MAILS, Next};
use crate::schema::{actions, campaigns, mails};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, CampaignContent, CampaignId, ConfirmedBy, DeliveryState, EmailAddress, LeaseToken, Locale,
    MailId, MailKind, OrganisationId, SupporterId, SupporterWords,
};
use uuid::Uuid;

/// The result of a pass over the queue.
#[derive(Clone, Debug)]
pub struct MailClaim {
    /// Mails to be sent.
    pub mails: Vec<ClaimedMail>,
    /// How many rows the pass touched: as many as its limit means that more may be due.
    pub touched: usize,
}

/// A mail to be sent, with what its text and its envelope are made of. Nothing that a visitor typed is among it but the address.
#[derive(Clone, Debug)]
pub struct ClaimedMail {
    /// The mail.
    pub id: MailId,
    /// Its kind.
    pub kind: MailKind,
    /// The organisation in whose name it leaves.
    pub organisation_id: OrganisationId,
    /// The campaign it is about.
    pub campaign_id: CampaignId,
    /// The campaign's document.
    pub campaign: CampaignContent,
    /// The person it goes to.
    pub supporter_id: SupporterId,
    /// The address it goes to.
    pub to: EmailAddress,
    /// The language of the form.
    pub locale: Locale,
    /// The action it is about.
    pub action_id: ActionId,
    /// The moment the action was accepted.
    pub acted_at: DateTime<Utc>,
    /// What stands for the confirmation of the action, if it is confirmed.
    pub confirmed_by: Option<ConfirmedBy>,
    /// The names of the representatives written to, or of those who could not be reached.
    pub representatives: Vec<String>,
    /// The names of those whose letters are on their way.
    pub waiting: Vec<String>,
    /// The moment it was queued: the Date of every attempt (B35).
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct Due {
    id: Id,
    kind: String,
    state: String,
    attempts: i32,
    organisation_id: Id,
    campaign_id: Id,
    content: Json,
    supporter_id: Id,
    action_id: Id,
    status: String,
    words: Json,
    acted_at: At,
    created_at: At,
    confirmed_by: Option<String>,
}

pub(super) fn claim(
    connection: &mut AnyConnection,
    token: LeaseToken,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: u16,
    fresh: fn() -> Uuid,
) -> Result<MailClaim, StoreError> {
    let ids = MAILS.claim(connection, token, now, lease_until, limit)?;
    let touched = ids.len();
    let mut claimed = Vec::with_capacity(touched);
    for due in load(connection, ids)? {
        let (id, attempts) = (due.id, due.attempts);
        let state: DeliveryState = due.state.parse().map_err(|_flaw| StoreError::corrupt("mails", "state", id))?;
        let ending = match ending(&due, state) {
            None => match offer(connection, &due) {
                Ok(mail) => {
                    claimed.push(mail);
                    None
                }
                Err(error) => {
                    tracing::error!(%error, "a mail cannot be read and is not sent");
                    Some((DeliveryState::TechnicalFailure, "the stored mail cannot be read"))
                }
            },
            ending => ending,
        };
        if let Some((end, reply)) = ending {
            let next = Next { reply: Some(reply), ..Next::resting(end, attempts) };
            let settled = MAILS.settle(connection, (id, token.into()), state, &next, now)?;
            if settled && end == DeliveryState::Uncertain {
                remind(connection, id, MailId::new(fresh()), now)?;
            }
        }
    }
    Ok(MailClaim { mails: claimed, touched })
}

fn load(connection: &mut AnyConnection, ids: Vec<Id>) -> Result<Vec<Due>, StoreError> {
    let rows = mails::table
        .inner_join(actions::table.on(actions::id.eq(mails::action_id)))
        .inner_join(campaigns::table.on(campaigns::id.eq(mails::campaign_id)))
        .filter(mails::id.eq_any(ids))
        .order(mails::id)
        .select((
            mails::id,
            mails::kind,
            mails::state,
            mails::attempts,
            mails::organisation_id,
            mails::campaign_id,
            campaigns::content,
            mails::supporter_id,
            mails::action_id,
            actions::status,
            actions::words,
            actions::created_at,
            mails::created_at,
            actions::confirmed_by,
        ))
        .load(connection)?;
    Ok(rows)
}

/// The end of a mail that is not to be sent: nobody has to confirm any more, or its worker was lost while sending it, which may have
/// delivered it: another would be one too many (B31).
fn ending(due: &Due, state: DeliveryState) -> Option<(DeliveryState, &'static str)> {
    if state == DeliveryState::Sending {
        return Some((DeliveryState::Uncertain, "the worker was lost while sending"));
    }
    let asks = due.kind.parse::<MailKind>().is_ok_and(MailKind::asks);
    let needed = if asks { ActionStatus::AwaitingConfirmation } else { ActionStatus::Confirmed };
    let is_needed = due.status == needed.as_str();
    (!is_needed).then_some((DeliveryState::Cancelled, "the action is not in the state that the mail is about any more"))
}

/// Queues the reminder of a mail that may not have arrived.
fn remind(connection: &mut AnyConnection, mail: Id, id: MailId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let about = (mails::organisation_id, mails::campaign_id, mails::supporter_id, mails::action_id);
    let confirmation = mails::id.eq(mail).and(mails::kind.eq(MailKind::Confirmation.as_str()));
    let found = mails::table.filter(confirmation).select((about, mails::mailbox)).first(connection).optional()?;
    if let Some((about, mailbox)) = found {
        insert(connection, &[&NewMail::reminder(id, about, mailbox, now)])?;
    }
    Ok(())
}

fn offer(connection: &mut AnyConnection, due: &Due) -> Result<ClaimedMail, StoreError> {
    let words: SupporterWords = due.words.read("actions", "words", due.action_id)?;
    let kind = due.kind.parse().map_err(|_flaw| StoreError::corrupt("mails", "kind", due.id))?;
    let whose = match kind {
        MailKind::Confirmation | MailKind::Reminder => Whose::All,
        MailKind::FinalFailure => Whose::Failed,
        MailKind::Receipt => Whose::Taken,
    };
    // What asks for a confirmation says nothing of it.
    let waiting = if kind.asks() { Vec::new() } else { recipient_names(connection, due.action_id, Whose::Waiting)? };
    let by = due.confirmed_by.as_deref().map(str::parse).transpose();
    Ok(ClaimedMail {
        id: due.id.into(),
        kind,
        confirmed_by: by.map_err(|_flaw| StoreError::corrupt("actions", "confirmed_by", due.action_id))?,
        organisation_id: due.organisation_id.into(),
        campaign_id: due.campaign_id.into(),
        campaign: due.content.read("campaigns", "content", due.campaign_id)?,
        supporter_id: due.supporter_id.into(),
        to: words.email,
        locale: words.locale,
        action_id: due.action_id.into(),
        acted_at: due.acted_at.time(),
        representatives: recipient_names(connection, due.action_id, whose)?,
        waiting,
        created_at: due.created_at.time(),
    })
}

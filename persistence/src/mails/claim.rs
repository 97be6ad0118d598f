//! Taking due mails under a lease, with all that they are made of.

use super::{NewMail, insert};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::deliveries::{Whose, recipient_names};
use crate::leases::{MAILS, Next};
use crate::schema::{actions, campaigns, mails};
use crate::types::{At, Id, Json};
use crate::{Ledger, Reach, preferences};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, CampaignContent, CampaignId, ConfirmedBy, DeliveryState, EmailAddress, LeaseToken, Locale,
    MailId, MailKind, OrganisationId, PreferenceChangeId, SupporterId, SupporterWords,
};
use std::collections::HashMap;
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
    /// The person it goes to.
    pub supporter_id: SupporterId,
    /// The address it goes to.
    pub to: EmailAddress,
    /// The language it is written in.
    pub locale: Locale,
    /// What it is about.
    pub subject: MailSubject,
    /// The moment it was queued: the Date of every attempt (B35).
    pub created_at: DateTime<Utc>,
}

/// What a mail is about.
#[derive(Clone, Debug)]
pub enum MailSubject {
    /// An action and its letters.
    Action(Box<ActionMail>),
    /// The person's preferences.
    Preferences {
        /// What was changed, if the mail says so.
        change: Option<PreferenceChangeId>,
        /// What the ledger says.
        ledger: Ledger,
    },
}

/// The action that a mail is about.
#[derive(Clone, Debug)]
pub struct ActionMail {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The campaign's document.
    pub campaign: CampaignContent,
    /// The action.
    pub action_id: ActionId,
    /// The moment it was accepted.
    pub acted_at: DateTime<Utc>,
    /// What stands for its confirmation, if it is confirmed.
    pub confirmed_by: Option<ConfirmedBy>,
    /// The names of the representatives written to, or of those who could not be reached.
    pub representatives: Vec<String>,
    /// The names of those whose letters are on their way.
    pub waiting: Vec<String>,
}

#[derive(Queryable)]
struct Due {
    id: Id,
    kind: String,
    state: String,
    attempts: i32,
    organisation_id: Id,
    supporter_id: Id,
    action_id: Option<Id>,
    change_id: Option<Id>,
    locale: Option<String>,
    created_at: At,
}

/// The action of a mail, as it is stored.
#[derive(Queryable)]
struct StoredAction {
    id: Id,
    campaign_id: Id,
    content: Json,
    status: String,
    words: Json,
    acted_at: At,
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
    let due = load(connection, ids)?;
    let actions = load_actions(connection, due.iter().filter_map(|due| due.action_id).collect())?;
    for due in due {
        let (id, attempts) = (due.id, due.attempts);
        let state: DeliveryState = due.state.parse().map_err(|_flaw| StoreError::corrupt("mails", "state", id))?;
        let action = due.action_id.and_then(|action| actions.get(&action));
        let ending = match ending(&due, action, state) {
            None => match offer(connection, &due, action) {
                Ok(Some(mail)) => {
                    claimed.push(mail);
                    None
                }
                Ok(None) => Some((DeliveryState::Cancelled, "the person is not known any more")),
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
        .filter(mails::id.eq_any(ids))
        .order(mails::id)
        .select((
            mails::id,
            mails::kind,
            mails::state,
            mails::attempts,
            mails::organisation_id,
            mails::supporter_id,
            mails::action_id,
            mails::change_id,
            mails::locale,
            mails::created_at,
        ))
        .load(connection)?;
    Ok(rows)
}

/// The actions that mails are about.
fn load_actions(connection: &mut AnyConnection, ids: Vec<Id>) -> Result<HashMap<Id, StoredAction>, StoreError> {
    let rows: Vec<StoredAction> = actions::table
        .inner_join(campaigns::table.on(campaigns::id.eq(actions::campaign_id)))
        .filter(actions::id.eq_any(ids))
        .select((
            actions::id,
            actions::campaign_id,
            campaigns::content,
            actions::status,
            actions::words,
            actions::created_at,
            actions::confirmed_by,
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(|action| (action.id, action)).collect())
}

/// The end of a mail that is not to be sent: its action has moved on, or its worker was lost while sending it, which may have
/// delivered it: another would be one too many (B31).
fn ending(due: &Due, action: Option<&StoredAction>, state: DeliveryState) -> Option<(DeliveryState, &'static str)> {
    if state == DeliveryState::Sending {
        return Some((DeliveryState::Uncertain, "the worker was lost while sending"));
    }
    let asks = due.kind.parse::<MailKind>().is_ok_and(MailKind::asks);
    let needed = if asks { ActionStatus::AwaitingConfirmation } else { ActionStatus::Confirmed };
    let is_over = action.is_some_and(|action| action.status != needed.as_str());
    is_over.then_some((DeliveryState::Cancelled, "the action is not in the state that the mail is about any more"))
}

/// Queues the reminder of a mail that may not have arrived.
fn remind(connection: &mut AnyConnection, mail: Id, id: MailId, now: DateTime<Utc>) -> Result<(), StoreError> {
    type Found = (Id, Option<Id>, Id, Option<Id>, Vec<u8>);
    let confirmation = mails::id.eq(mail).and(mails::kind.eq(MailKind::Confirmation.as_str()));
    let columns = (mails::organisation_id, mails::campaign_id, mails::supporter_id, mails::action_id, mails::mailbox);
    let found: Option<Found> = mails::table.filter(confirmation).select(columns).first(connection).optional()?;
    if let Some((organisation, Some(campaign), supporter, Some(action), mailbox)) = found {
        let about = (organisation, campaign, supporter, action);
        insert(connection, &[&NewMail::reminder(id, about, mailbox, now)])?;
    }
    Ok(())
}

/// The mail with what it is made of; nothing for a person who is not known any more.
fn offer(
    connection: &mut AnyConnection,
    due: &Due,
    action: Option<&StoredAction>,
) -> Result<Option<ClaimedMail>, StoreError> {
    let kind = due.kind.parse().map_err(|_flaw| StoreError::corrupt("mails", "kind", due.id))?;
    let found = match action {
        Some(action) => about_action(connection, kind, action)?,
        None => about_preferences(connection, due)?,
    };
    Ok(found.map(|(to, locale, subject)| ClaimedMail {
        id: due.id.into(),
        kind,
        organisation_id: due.organisation_id.into(),
        supporter_id: due.supporter_id.into(),
        to,
        locale,
        subject,
        created_at: due.created_at.time(),
    }))
}

type Addressed = Option<(EmailAddress, Locale, MailSubject)>;

fn about_action(
    connection: &mut AnyConnection,
    kind: MailKind,
    action: &StoredAction,
) -> Result<Addressed, StoreError> {
    let id = action.id;
    let words: Option<SupporterWords> = action.words.read("actions", "words", id)?;
    let Some(words) = words else { return Ok(None) };
    let whose = match kind {
        MailKind::FinalFailure => Whose::Failed,
        MailKind::Receipt => Whose::Taken,
        MailKind::Confirmation | MailKind::Reminder | MailKind::PreferencesLink | MailKind::PreferencesChanged => {
            Whose::All
        }
    };
    // What asks for a confirmation says nothing of it.
    let waiting = if kind.asks() { Vec::new() } else { recipient_names(connection, id, Whose::Waiting)? };
    let by = action.confirmed_by.as_deref().map(str::parse).transpose();
    let subject = ActionMail {
        campaign_id: action.campaign_id.into(),
        campaign: action.content.read("campaigns", "content", action.campaign_id)?,
        action_id: id.into(),
        acted_at: action.acted_at.time(),
        confirmed_by: by.map_err(|_flaw| StoreError::corrupt("actions", "confirmed_by", id))?,
        representatives: recipient_names(connection, id, whose)?,
        waiting,
    };
    Ok(Some((words.email, words.locale, MailSubject::Action(Box::new(subject)))))
}

fn about_preferences(connection: &mut AnyConnection, due: &Due) -> Result<Addressed, StoreError> {
    let corrupt = |column| StoreError::corrupt("mails", column, due.id);
    let locale = due.locale.as_deref().ok_or_else(|| corrupt("locale"))?.parse().map_err(|_flaw| corrupt("locale"))?;
    let ledger = preferences::load_ledger(connection, Reach::All, due.supporter_id.into(), |_email_key| Vec::new())?;
    let change = due.change_id.map(PreferenceChangeId::from);
    let addressed = ledger.and_then(|ledger| Some((ledger.address.clone()?, ledger)));
    Ok(addressed.map(|(address, ledger)| (address, locale, MailSubject::Preferences { change, ledger })))
}

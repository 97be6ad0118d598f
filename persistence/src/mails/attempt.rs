//! The beginning and the end of an attempt to send a mail.

use super::{NewMail, insert};
use crate::connection::AnyConnection;
use crate::leases::{MAILS, Next};
use crate::paces;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend, preferences, stops, suppressions};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Binary, Integer, Nullable, Text};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::confirmation::{Allowance, EarlierMail, MAIL_WINDOW};
use postbag_domain::delivery::{Attempts, Jitter, Outlook, Pace};
use postbag_domain::{
    ActionStatus, AfterUncertain, Answer, Channel, DeliveryEvent, DeliveryState, LeaseToken, MailId, MailKind, Purpose,
};

/// How long a mail waits that a stop holds back, before it is looked at again.
const STOPPED: TimeDelta = TimeDelta::minutes(1);

/// A mail about to be sent.
#[derive(Clone, Debug)]
pub struct MailStart {
    /// The mail.
    pub id: MailId,
    /// Keyed hashes of the address, which must not be suppressed now (B32).
    pub hashes: Vec<Vec<u8>>,
    /// The cap of its sending domain, which letters share (B26).
    pub pace: Option<Pace>,
    /// Draws out the wait of the next one.
    pub jitter: Jitter,
}

/// Whether a mail may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailBegun {
    /// Its attempt has begun: send, then settle.
    Yes,
    /// It is not sent now, and its row says why.
    No,
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettlement {
    /// The mail.
    pub id: MailId,
    /// The event that ended it.
    pub event: DeliveryEvent,
    /// The relay's reply, without personal data.
    pub reply: String,
    /// A fresh id for the reminder that follows.
    pub reminder_id: MailId,
}

/// A mail under a lease.
struct Row {
    id: Id,
    token: Id,
    organisation: Id,
    campaign: Option<Id>,
    supporter: Id,
    action: Option<Id>,
    kind: MailKind,
    mailbox: Vec<u8>,
    state: DeliveryState,
    attempts: i32,
    created_at: At,
}

type Stored = (Id, Option<Id>, Id, Option<Id>, String, Vec<u8>, String, i32, At);
type StoredSql = (Uid, Nullable<Uid>, Uid, Nullable<Uid>, Text, Binary, Text, Integer, Instant);

impl Row {
    fn leased(connection: &mut AnyConnection, id: MailId, token: LeaseToken) -> Result<Option<Self>, StoreError> {
        const SQL: &str = "\
            SELECT organisation_id, campaign_id, supporter_id, action_id, kind, mailbox, state, attempts, created_at
            FROM mails WHERE id = ? AND lease_token = ?";
        let (id, token) = (Id::from(id), Id::from(token));
        let row: Option<Stored> = on_backend!(connection, c => {
            Statement::<_, StoredSql>::new(SQL).bind::<Uid, _>(id).bind::<Uid, _>(token).get_result(c).optional()
        })?;
        let Some((organisation, campaign, supporter, action, kind, mailbox, state, attempts, created_at)) = row else {
            return Ok(None);
        };
        let kind = kind.parse().map_err(|_flaw| StoreError::corrupt("mails", "kind", id))?;
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("mails", "state", id))?;
        Ok(Some(Self {
            id,
            token,
            organisation,
            campaign,
            supporter,
            action,
            kind,
            mailbox,
            state,
            attempts,
            created_at,
        }))
    }

    fn transition(
        &self,
        connection: &mut AnyConnection,
        next: &Next<'_, DeliveryState>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        MAILS.settle(connection, (self.id, self.token), self.state, next, now)
    }

    fn cancel(&self, connection: &mut AnyConnection, reply: &str, now: DateTime<Utc>) -> Result<MailBegun, StoreError> {
        let next = Next { reply: Some(reply), ..Next::resting(DeliveryState::Cancelled, self.attempts) };
        self.transition(connection, &next, now)?;
        Ok(MailBegun::No)
    }
}

/// Counts a mail against its cap, before anything else in the transaction is locked; the moment from which there is room, if there
/// is none.
pub(super) fn admit(
    connection: &mut AnyConnection,
    start: &MailStart,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let no_room = paces::admit(connection, start.pace.as_slice(), start.jitter, now)?;
    Ok(no_room.map(|no_room| no_room.free_at))
}

pub(super) fn begin(
    connection: &mut AnyConnection,
    token: LeaseToken,
    start: &MailStart,
    full_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<MailBegun, StoreError> {
    let Some(row) = Row::leased(connection, start.id, token)? else { return Ok(MailBegun::No) };
    if suppressions::any(connection, row.organisation, &start.hashes)? {
        return row.cancel(connection, "suppressed", now);
    }
    if stops::holds_mails(connection, row.organisation, row.campaign)? {
        MAILS.give_back(connection, token, row.id, Some(now + STOPPED), None)?;
        return Ok(MailBegun::No);
    }
    if row.kind == MailKind::Receipt && refuses_receipts(connection, &row)? {
        return row.cancel(connection, "the person wants no receipts by mail", now);
    }
    match allowance(connection, &row, now)? {
        Allowance::Covered => row.cancel(connection, "an earlier mail of this day holds for this action too", now),
        Allowance::Later(at) => {
            MAILS.give_back(connection, token, row.id, Some(at), None)?;
            Ok(MailBegun::No)
        }
        Allowance::Now => match full_until {
            None => send(connection, &row, now, lease_until),
            Some(free_at) => {
                MAILS.give_back(connection, token, row.id, Some(free_at), None)?;
                Ok(MailBegun::No)
            }
        },
    }
}

fn send(
    connection: &mut AnyConnection,
    row: &Row,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<MailBegun, StoreError> {
    const SQL: &str = "UPDATE mails SET sent_at = ? WHERE id = ?";
    let next = Next {
        available_at: Some(lease_until),
        leased: true,
        ..Next::resting(DeliveryState::Sending, row.attempts.saturating_add(1))
    };
    if !row.transition(connection, &next, now)? {
        return Ok(MailBegun::No);
    }
    on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Instant, _>(At::new(now)).bind::<Uid, _>(row.id).execute(c)
    })?;
    Ok(MailBegun::Yes)
}

/// True if the person has said no to receipts by mail (B30, B32).
fn refuses_receipts(connection: &mut AnyConnection, row: &Row) -> Result<bool, StoreError> {
    let (receipts, by_mail) = (Purpose::letter_receipts(), Channel::Email);
    Ok(preferences::last_answer(connection, (row.organisation, row.supporter), &receipts, by_mail)? == Some(Answer::No))
}

/// What the inbox may get now. Its lock holds until the commit, so that no two workers count the same room.
fn allowance(connection: &mut AnyConnection, row: &Row, now: DateTime<Utc>) -> Result<Allowance, StoreError> {
    const LOCK: &str = "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(encode(?, 'hex'), 0))";
    const SQL: &str = "\
        SELECT mails.sent_at, mails.campaign_id, mails.supporter_id, actions.status
        FROM mails LEFT JOIN actions ON actions.id = mails.action_id
        WHERE mails.mailbox = ? AND mails.sent_at > ? AND mails.id <> ?";
    if let AnyConnection::Postgres(c) = connection {
        Statement::<_>::new(LOCK).bind::<Binary, _>(row.mailbox.as_slice()).execute(c)?;
    }
    let earlier: Vec<(At, Option<Id>, Id, Option<String>)> = on_backend!(connection, c => {
        Statement::<_, (Instant, Nullable<Uid>, Uid, Nullable<Text>)>::new(SQL)
            .bind::<Binary, _>(row.mailbox.as_slice())
            .bind::<Instant, _>(At::new(now - MAIL_WINDOW))
            .bind::<Uid, _>(row.id)
            .load(c)
    })?;
    let earlier = earlier.into_iter().map(|(at, campaign, supporter, status)| {
        let is_beside = campaign.is_some() && (campaign, supporter) == (row.campaign, row.supporter);
        let mail = match status {
            Some(status) if is_beside && status == ActionStatus::AwaitingConfirmation.as_str() => EarlierMail::Open,
            // What a script wrote in the person's name keeps no mail from them.
            Some(status) if is_beside && status == ActionStatus::Invalidated.as_str() => EarlierMail::Elsewhere,
            Some(_) if is_beside => EarlierMail::Done,
            Some(_) | None => EarlierMail::Elsewhere,
        };
        (at.time(), mail)
    });
    Ok(Allowance::of(earlier, now))
}

pub(super) fn settle(
    connection: &mut AnyConnection,
    token: LeaseToken,
    settlement: &MailSettlement,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(row) = Row::leased(connection, settlement.id, token)? else { return Ok(()) };
    let state = row.state.next(settlement.event).map_err(StoreError::backend)?;
    let made = u32::try_from(row.attempts).unwrap_or(1);
    let attempts = Attempts { made, in_doubt: 0, since_first: now - row.created_at.time() };
    // A mail in doubt may have arrived: it is not sent again (B31).
    let outlook = Outlook::after(state, attempts, AfterUncertain::Hold, now).map_err(StoreError::backend)?;
    let may_have_arrived = matches!(outlook.state, DeliveryState::Accepted | DeliveryState::Uncertain);
    let available_at = outlook.due.filter(|_at| !may_have_arrived);
    let next = Next { available_at, reply: Some(&settlement.reply), ..Next::resting(outlook.state, row.attempts) };
    let is_done = row.transition(connection, &next, now)? && may_have_arrived && row.kind == MailKind::Confirmation;
    if let (true, Some(campaign), Some(action)) = (is_done, row.campaign, row.action) {
        let about = (row.organisation, campaign, row.supporter, action);
        insert(connection, &[&NewMail::reminder(settlement.reminder_id, about, row.mailbox, now)])?;
    }
    Ok(())
}

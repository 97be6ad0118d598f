//! Mails to supporters on their way out, as leased rows.
//!
//! They leave like messages to representatives: claimed, begun in a commit before the first byte, settled by what the relay said. How
//! many an inbox gets is decided when one begins, under a lock of that inbox, so that any number of workers keep the limit (B31).

mod attempt;
mod claim;
mod report;

pub use attempt::{MailBegun, MailSettlement, MailStart};
pub use claim::{ActionMail, ClaimedMail, MailClaim, MailSubject};
pub(crate) use report::take_report;

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::leases::MAILS;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Binary, Integer, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use postbag_domain::confirmation::REMINDER_DELAY;
use postbag_domain::{DeliveryState, LeaseToken, Locale, MailId, MailKind, NewAction};
use uuid::Uuid;

/// How long a mail about a letter waits for what becomes of the other letters of its action.
const NOTICE_DELAY: TimeDelta = TimeDelta::minutes(10);

/// Organisation, campaign, supporter and action of a mail.
type About = (Id, Id, Id, Id);

/// A mail to be stored.
pub(crate) struct NewMail {
    pub(crate) id: Id,
    pub(crate) organisation_id: Id,
    pub(crate) supporter_id: Id,
    pub(crate) subject: Subject,
    pub(crate) kind: MailKind,
    pub(crate) mailbox: Vec<u8>,
    pub(crate) state: DeliveryState,
    pub(crate) attempts: i32,
    pub(crate) available_at: At,
    pub(crate) created_at: At,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// An action of a campaign.
    Action { campaign: Id, action: Id },
    /// The person's preferences, in their language; the change of them, if there was one.
    Preferences { locale: Locale, change: Option<Id> },
}

impl Subject {
    fn action(self) -> (Option<Id>, Option<Id>) {
        match self {
            Self::Action { campaign, action } => (Some(campaign), Some(action)),
            Self::Preferences { .. } => (None, None),
        }
    }

    fn preferences(self) -> (Option<&'static str>, Option<Id>) {
        match self {
            Self::Action { .. } => (None, None),
            Self::Preferences { locale, change } => (Some(locale.as_str()), change),
        }
    }
}

impl NewMail {
    /// The mail that asks for the confirmation of an action, due at once.
    pub(crate) fn confirmation(id: MailId, action: &NewAction, supporter: Id, mailbox: Vec<u8>) -> Self {
        Self {
            id: id.into(),
            organisation_id: action.organisation_id.into(),
            supporter_id: supporter,
            subject: Subject::Action { campaign: action.campaign_id.into(), action: action.id.into() },
            kind: MailKind::Confirmation,
            mailbox,
            state: DeliveryState::Queued,
            attempts: 0,
            available_at: action.created_at.into(),
            created_at: action.created_at.into(),
        }
    }

    /// The reminder that follows a mail about this organisation, campaign, supporter and action, a day after it left.
    fn reminder(id: MailId, about: About, mailbox: Vec<u8>, now: DateTime<Utc>) -> Self {
        Self::later(MailKind::Reminder, id, about, mailbox, (now, REMINDER_DELAY))
    }

    /// The mail that tells of letters that could not be delivered, a little later, so that it tells of all of them.
    pub(crate) fn final_failure(id: MailId, about: About, mailbox: Vec<u8>, now: DateTime<Utc>) -> Self {
        Self::later(MailKind::FinalFailure, id, about, mailbox, (now, NOTICE_DELAY))
    }

    /// The mail that says which letters of an action have been taken, a little later, so that it tells of all of them.
    pub(crate) fn receipt(id: MailId, about: About, mailbox: Vec<u8>, now: DateTime<Utc>) -> Self {
        Self::later(MailKind::Receipt, id, about, mailbox, (now, NOTICE_DELAY))
    }

    fn later(
        kind: MailKind,
        id: MailId,
        about: About,
        mailbox: Vec<u8>,
        (now, delay): (DateTime<Utc>, TimeDelta),
    ) -> Self {
        let (organisation_id, campaign, supporter_id, action) = about;
        Self {
            id: id.into(),
            organisation_id,
            supporter_id,
            subject: Subject::Action { campaign, action },
            kind,
            mailbox,
            state: DeliveryState::Queued,
            attempts: 0,
            available_at: (now + delay).into(),
            created_at: now.into(),
        }
    }

    /// The mail that brings a person the link to their preferences, or says what was changed in them; due at once.
    pub(crate) fn preferences(
        id: MailId,
        (organisation_id, supporter_id): (Id, Id),
        (locale, change): (Locale, Option<Id>),
        mailbox: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            organisation_id,
            supporter_id,
            subject: Subject::Preferences { locale, change },
            kind: if change.is_some() { MailKind::PreferencesChanged } else { MailKind::PreferencesLink },
            mailbox,
            state: DeliveryState::Queued,
            attempts: 0,
            available_at: now.into(),
            created_at: now.into(),
        }
    }
}

/// Queues mails. Where one of the same kind waits for the same person and campaign already, it is enough; so is a link that waits.
pub(crate) fn insert(connection: &mut AnyConnection, mails: &[&NewMail]) -> QueryResult<()> {
    insert_all!(connection, mails, "mails", |mail| {
        id: Uid = mail.id,
        organisation_id: Uid = mail.organisation_id,
        campaign_id: Nullable<Uid> = mail.subject.action().0,
        supporter_id: Uid = mail.supporter_id,
        action_id: Nullable<Uid> = mail.subject.action().1,
        change_id: Nullable<Uid> = mail.subject.preferences().1,
        locale: Nullable<Text> = mail.subject.preferences().0,
        kind: Text = mail.kind.as_str(),
        mailbox: Binary = mail.mailbox.as_slice(),
        state: Text = mail.state.as_str(),
        available_at: Instant = mail.available_at,
        attempts: Integer = mail.attempts,
        created_at: Instant = mail.created_at,
        updated_at: Instant = mail.created_at,
    }, "ON CONFLICT DO NOTHING")
}

/// Cancels the mails that wait for a person in a campaign: what they ask for has been given, or cannot be given any more.
pub(crate) fn cancel_waiting(
    connection: &mut AnyConnection,
    (campaign, supporter): (Id, Id),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE mails SET state = 'cancelled', available_at = NULL, lease_token = NULL, updated_at = ?
        WHERE campaign_id = ? AND supporter_id = ? AND available_at IS NOT NULL AND state <> 'sending'";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Instant, _>(At::new(now))
            .bind::<Uid, _>(campaign)
            .bind::<Uid, _>(supporter)
            .execute(c)
    })?;
    Ok(())
}

/// Queues a mail that asks for the confirmation of an action again, if it was cancelled before it left and no other waits for the person.
pub(crate) fn ask_again(connection: &mut AnyConnection, action: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE mails SET state = 'queued', available_at = ?, updated_at = ?
        WHERE id = (SELECT id FROM mails WHERE action_id = ? AND kind = 'confirmation' AND state = 'cancelled' LIMIT 1)
            AND NOT EXISTS (
                SELECT 1 FROM mails AS waiting
                WHERE waiting.campaign_id = mails.campaign_id AND waiting.supporter_id = mails.supporter_id
                    AND waiting.kind = mails.kind AND waiting.available_at IS NOT NULL
            )";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Instant, _>(At::new(now))
            .bind::<Instant, _>(At::new(now))
            .bind::<Uid, _>(action)
            .execute(c)
    })?;
    Ok(())
}

/// Lets the mails that wait for one action ask for another of the same person: the first has expired.
pub(crate) fn pass_on(connection: &mut AnyConnection, from: Id, to: Id) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE mails SET action_id = ? WHERE action_id = ? AND available_at IS NOT NULL";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Uid, _>(to).bind::<Uid, _>(from).execute(c)
    })?;
    Ok(())
}

impl Store {
    /// Claims up to `limit` due mails for the time of a lease, under a fresh token. Mails that nobody needs any more are cancelled on
    /// the way; one whose worker was lost while sending it is not sent again, and its reminder follows. `fresh` gives ids.
    pub async fn claim_mails(
        &self,
        token: LeaseToken,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u16,
        fresh: fn() -> Uuid,
    ) -> Result<MailClaim, StoreError> {
        self.write(move |connection| claim::claim(connection, token, now, now + lease, limit, fresh)).await
    }

    /// Settles the mail that was sent before, and begins the next, in one commit.
    pub async fn settle_and_begin_mail(
        &self,
        token: LeaseToken,
        finished: Option<MailSettlement>,
        start: Option<MailStart>,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<MailBegun, StoreError> {
        self.write(move |connection| {
            let full_until = match &start {
                Some(start) => attempt::admit(connection, start, now)?,
                None => None,
            };
            if let Some(settlement) = &finished {
                attempt::settle(connection, token, settlement, now)?;
            }
            match &start {
                Some(start) => attempt::begin(connection, token, start, full_until, now, lease_until),
                None => Ok(MailBegun::No),
            }
        })
        .await
    }

    /// Gives back mails that were claimed and not begun: they are due again at `at`.
    pub async fn release_mails(
        &self,
        token: LeaseToken,
        ids: Vec<MailId>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for id in &ids {
                MAILS.give_back(connection, token, Id::from(*id), Some(at), None)?;
            }
            Ok(())
        })
        .await
    }
}

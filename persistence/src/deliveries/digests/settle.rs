//! The end of a digest's attempt, which settles its letters.

use super::super::row::Row;
use super::super::settle::{LetterNotice, Settlement, settle_one};
use super::{key, leased_attempts};
use crate::bounces::NewBounce;
use crate::connection::AnyConnection;
use crate::leases::{DIGESTS, Next};
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{Id, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use postbag_domain::delivery::Outlook;
use postbag_domain::{DeliveryEvent, DeliveryId, DeliveryState, DigestId, LeaseToken};

/// The end of a digest's attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSettlement {
    /// The digest.
    pub id: DigestId,
    /// The event that ended it, for each of its letters.
    pub event: DeliveryEvent,
    /// The relay's reply, without personal data.
    pub reply: String,
    /// The refusal for good to be noted, if that is what ended it: once, since it was one mail (B28).
    pub bounce: Option<NewBounce>,
    /// Its letters, each with the mail that tells its supporter, should this be its final failure (B29) or should it be taken.
    pub letters: Vec<(DeliveryId, Option<LetterNotice>)>,
}

pub(super) fn settle(
    connection: &mut AnyConnection,
    token: LeaseToken,
    settlement: &DigestSettlement,
    now: DateTime<Utc>,
) -> Result<Vec<TallyRow>, StoreError> {
    let (id, token) = (Id::from(settlement.id), Id::from(token));
    let Some(attempts) = leased_attempts(connection, id, token)? else { return Ok(Vec::new()) };
    let (mut deltas, mut next_due) = (Deltas::default(), None);
    let mut bounce = settlement.bounce.clone();
    for (letter, notice) in &settlement.letters {
        let Some(row) = Row::leased(connection, (*letter).into(), token)? else { continue };
        let own = Settlement {
            reply: Some(settlement.reply.clone()),
            bounce: bounce.take(),
            notice: notice.clone(),
            ..Settlement::new(*letter, settlement.event)
        };
        let Some(settled) = settle_one(connection, &row, &own, now, &mut deltas)? else { continue };
        let outlook = Outlook { state: settled.state, due: settled.available_at };
        next_due = wait_for_retry(connection, &row, id, outlook, next_due)?;
    }
    rest(connection, (id, token), (settlement.event, Some(&settlement.reply)), attempts, next_due, now)?;
    tallies::apply(connection, &deltas)
}

/// A letter that is to be tried again waits for its digest, off the queue. Answers when the digest is due, of the letters so far.
pub(super) fn wait_for_retry(
    connection: &mut AnyConnection,
    row: &Row,
    digest: Id,
    outlook: Outlook,
    next_due: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "UPDATE deliveries SET paced_by = ?, available_at = NULL WHERE id = ? AND lease_token IS NULL";
    let Some(due) = outlook.due.filter(|_| outlook.state.may_be_retried()) else { return Ok(next_due) };
    on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Text, _>(key(digest).as_str()).bind::<Uid, _>(row.id).execute(c)
    })?;
    Ok(Some(next_due.map_or(due, |known| known.min(due))))
}

/// Moves the digest on: it is due again while a letter is to be tried again with it.
pub(super) fn rest(
    connection: &mut AnyConnection,
    lease: (Id, Id),
    (event, reply): (DeliveryEvent, Option<&str>),
    attempts: i32,
    next_due: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let state = DeliveryState::Sending.next(event).map_err(StoreError::backend)?;
    let state = match (state, next_due) {
        (DeliveryState::TemporaryFailure, None) => state.next(DeliveryEvent::GiveUp).map_err(StoreError::backend)?,
        _ => state,
    };
    let next = Next { available_at: next_due, reply, ..Next::resting(state, attempts) };
    DIGESTS.settle(connection, lease, DeliveryState::Sending, &next, now)?;
    Ok(())
}

//! Takes reports about letters and mails that were handed over.

use super::NewBounce;
use crate::connection::AnyConnection;
use crate::deliveries::{self, FailureNotice};
use crate::schema::{actions, deliveries as letters};
use crate::types::{Id, Json};
use crate::{Reach, StoreError, TallyRow, mails};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::bounce::Bounced;
use postbag_domain::{DeliveryId, DeliveryState, EmailAddress, SupporterWords};

/// A report as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedReport {
    /// The bounce it tells of.
    pub bounce: NewBounce,
    /// A hash of its bytes: one that is read twice counts once.
    pub fingerprint: Vec<u8>,
    /// The mail that tells the supporter, should it be a letter's final failure (B29).
    pub notice: Option<FailureNotice>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportOutcome {
    /// It was noted, and what it is about is in this state now.
    Noted(DeliveryState),
    /// It was noted before.
    Before,
    /// What it is about is still in a worker's hands: it must be given once more.
    TooEarly,
    /// What it is about is not known, or not within reach.
    Unknown,
}

pub(super) fn sender(connection: &mut AnyConnection, id: DeliveryId) -> Result<Option<EmailAddress>, StoreError> {
    let words: Option<(Id, Json)> = letters::table
        .inner_join(actions::table.on(actions::id.eq(letters::action_id)))
        .filter(letters::id.eq(Id::from(id)))
        .select((actions::id, actions::words))
        .first(connection)
        .optional()?;
    let Some((action, words)) = words else { return Ok(None) };
    let words: Option<SupporterWords> = words.read("actions", "words", action)?;
    Ok(words.map(|words| words.email))
}

pub(super) fn record(
    connection: &mut AnyConnection,
    reach: Reach,
    about: Bounced,
    report: &ReceivedReport,
    now: DateTime<Utc>,
) -> Result<(ReportOutcome, Vec<TallyRow>), StoreError> {
    match about {
        Bounced::Letter(id) => deliveries::take_report(connection, reach, id, report, now),
        Bounced::Mail(id) => Ok((mails::take_report(connection, reach, id, report, now)?, Vec::new())),
    }
}

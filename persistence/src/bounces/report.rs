//! Takes reports about letters and mails that were handed over.

use super::NewBounce;
use crate::connection::AnyConnection;
use crate::deliveries::{self, LetterNotice};
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
    /// The mail that tells each letter's supporter, should it be the letter's final failure (B29).
    pub notices: Vec<(DeliveryId, LetterNotice)>,
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

pub(super) fn senders(
    connection: &mut AnyConnection,
    about: Bounced,
) -> Result<Vec<(DeliveryId, EmailAddress)>, StoreError> {
    let letters = letters::table.inner_join(actions::table.on(actions::id.eq(letters::action_id))).select((
        letters::id,
        actions::id,
        actions::words,
    ));
    let rows: Vec<(Id, Id, Json)> = match about {
        Bounced::Letter(id) => letters.filter(letters::id.eq(Id::from(id))).load(connection)?,
        Bounced::Digest(id) => letters.filter(letters::digest_id.eq(Id::from(id))).load(connection)?,
        Bounced::Mail(_) => Vec::new(),
    };
    let mut senders = Vec::with_capacity(rows.len());
    for (letter, action, words) in rows {
        let words: Option<SupporterWords> = words.read("actions", "words", action)?;
        senders.extend(words.map(|words| (letter.into(), words.email)));
    }
    Ok(senders)
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
        Bounced::Digest(id) => deliveries::digests::take_report(connection, reach, id, report, now),
        Bounced::Mail(id) => Ok((mails::take_report(connection, reach, id, report, now)?, Vec::new())),
    }
}

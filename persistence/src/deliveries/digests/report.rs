//! Digests of which a report says that they did not arrive.

use super::super::row::Row;
use super::super::{report, settle::LetterNotice};
use crate::bounces::{self, About, ReceivedReport, ReportOutcome};
use crate::connection::AnyConnection;
use crate::schema::{deliveries, digests};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::Id;
use crate::{Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{DeliveryState, DigestId};
use std::collections::HashMap;

/// Notes a report once and moves each letter of its digest on. A state that is settled stays, however late the report is (B28).
pub(crate) fn take_report(
    connection: &mut AnyConnection,
    reach: Reach,
    id: DigestId,
    received: &ReceivedReport,
    now: DateTime<Utc>,
) -> Result<(ReportOutcome, Vec<TallyRow>), StoreError> {
    let head = digests::table.find(Id::from(id)).select((digests::organisation_id, digests::state));
    let head: Option<(Id, String)> = head.first(connection).optional()?;
    let Some((_, state)) = head.filter(|(owner, _)| reach.covers((*owner).into())) else {
        return Ok((ReportOutcome::Unknown, Vec::new()));
    };
    if state == DeliveryState::Sending.as_str() {
        return Ok((ReportOutcome::TooEarly, Vec::new()));
    }
    let letters: Vec<Id> = deliveries::table
        .filter(deliveries::digest_id.eq(Id::from(id)).and(deliveries::lease_token.is_null()))
        .order(deliveries::id)
        .select(deliveries::id)
        .load(connection)?;
    let notices: HashMap<Id, &LetterNotice> =
        received.notices.iter().map(|(id, notice)| (Id::from(*id), notice)).collect();
    let (mut deltas, mut outcome) = (Deltas::default(), None);
    for letter in letters {
        let Some((row, false)) = Row::find(connection, letter)? else { continue };
        if outcome.is_none() {
            let letter = Some((row.id, row.representative));
            let about =
                About { organisation: row.organisation, campaign: Some(row.campaign.into()), letter, mail: None };
            if !bounces::note(connection, about, &received.bounce, Some(&received.fingerprint), now)? {
                return Ok((ReportOutcome::Before, Vec::new()));
            }
        }
        let notice = notices.get(&letter).copied();
        let state = report::move_on(connection, &row, received, notice, now, &mut deltas)?;
        outcome = outcome.or(Some(state));
    }
    let tallies = tallies::apply(connection, &deltas)?;
    Ok((outcome.map_or(ReportOutcome::Unknown, ReportOutcome::Noted), tallies))
}

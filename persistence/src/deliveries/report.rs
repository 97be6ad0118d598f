//! Letters of which a report says that they did not arrive.

use super::row::Row;
use super::settle::{LetterNotice, outlook, tell};
use crate::bounces::{self, About, ReceivedReport, ReportOutcome};
use crate::connection::AnyConnection;
use crate::schema::campaigns;
use crate::schema::deliveries::dsl;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id};
use crate::{Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::delivery::{BOUNCE_PERIOD, Outlook};
use postbag_domain::{BounceReport, DeliveryId, DeliveryState};

/// Notes a report and moves its letter on. A state that is settled stays, however late the report is (B28).
pub(crate) fn take_report(
    connection: &mut AnyConnection,
    reach: Reach,
    id: DeliveryId,
    report: &ReceivedReport,
    now: DateTime<Utc>,
) -> Result<(ReportOutcome, Vec<TallyRow>), StoreError> {
    let Some((row, is_leased)) = Row::find(connection, id.into())? else {
        return Ok((ReportOutcome::Unknown, Vec::new()));
    };
    // What came back from a tester's own address says nothing about the representative's.
    if !covers(connection, reach, &row)? || !row.counted {
        return Ok((ReportOutcome::Unknown, Vec::new()));
    }
    if is_leased || BounceReport::is_early(row.state) {
        return Ok((ReportOutcome::TooEarly, Vec::new()));
    }
    let letter = Some((row.id, row.representative));
    let about = About { organisation: row.organisation, campaign: Some(row.campaign.into()), letter, mail: None };
    if !bounces::note(connection, about, &report.bounce, Some(&report.fingerprint), now)? {
        return Ok((ReportOutcome::Before, Vec::new()));
    }
    let notice = report.notices.first().map(|(_, notice)| notice);
    let mut deltas = Deltas::default();
    let state = move_on(connection, &row, report, notice, now, &mut deltas)?;
    Ok((ReportOutcome::Noted(state), tallies::apply(connection, &deltas)?))
}

/// True if a report may come from there: from the controller of the letter's writer, or from the campaign's organisation, which sent it.
fn covers(connection: &mut AnyConnection, reach: Reach, row: &Row) -> Result<bool, StoreError> {
    if reach.covers(row.organisation.into()) {
        return Ok(true);
    }
    let owner = campaigns::table.find(Id::from(row.campaign)).select(campaigns::organisation_id);
    let owner: Option<Id> = owner.first(connection).optional()?;
    Ok(owner.is_some_and(|owner| reach.covers(owner.into())))
}

/// Moves a letter on as its report says, and answers its state then. One that is settled stays.
pub(super) fn move_on(
    connection: &mut AnyConnection,
    row: &Row,
    report: &ReceivedReport,
    notice: Option<&LetterNotice>,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<DeliveryState, StoreError> {
    let bounce = report.bounce.report;
    let Some(state) = bounce.event().and_then(|event| row.state.next(event).ok()) else {
        if bounce.event().is_none() {
            wait_longer(connection, row, now)?;
        }
        return Ok(row.state);
    };
    let Outlook { state, due } = outlook(connection, row, state, now)?;
    if !returned(connection, row, (state, due), &report.bounce.reply, now)? {
        // A worker has taken it since it was read; its note goes with this transaction.
        return Err(StoreError::Contended);
    }
    if let Some(notice) = notice.filter(|_| row.counted) {
        tell(connection, row, state, notice, now)?;
    }
    deltas.merge(row.campaign, row.delta(state));
    Ok(state)
}

/// A letter that is still being tried is not assumed to be delivered yet.
fn wait_longer(connection: &mut AnyConnection, row: &Row, now: DateTime<Utc>) -> Result<(), StoreError> {
    let accepted = dsl::deliveries
        .filter(dsl::id.eq(row.id).and(dsl::state.eq(DeliveryState::Accepted.as_str())))
        .filter(dsl::lease_token.is_null());
    diesel::update(accepted).set(dsl::available_at.eq(At::new(now + BOUNCE_PERIOD))).execute(connection)?;
    Ok(())
}

fn returned(
    connection: &mut AnyConnection,
    row: &Row,
    (state, due): (DeliveryState, Option<DateTime<Utc>>),
    reply: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let before: Id = row.id;
    let unchanged = dsl::deliveries
        .filter(dsl::id.eq(before).and(dsl::state.eq(row.state.as_str())))
        .filter(dsl::lease_token.is_null());
    let changed = diesel::update(unchanged)
        .set((
            dsl::state.eq(state.as_str()),
            dsl::available_at.eq(due.map(At::new)),
            // It waits for no cap and no digest any more.
            dsl::paced_by.eq(None::<String>),
            dsl::reply.eq(format!("report: {reply}")),
            dsl::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Ok(changed > 0)
}

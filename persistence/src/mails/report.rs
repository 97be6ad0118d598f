//! Mails of which a report says that they did not arrive.

use super::cancel_waiting;
use crate::bounces::{self, About, ReceivedReport, ReportOutcome};
use crate::connection::AnyConnection;
use crate::schema::mails::dsl;
use crate::types::{At, Id};
use crate::{Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{BounceReport, DeliveryEvent, DeliveryState, MailId};

type Row = (Id, Id, Option<Id>, Id, String);

/// Notes a report and moves its mail on. A mail is not sent again; where the address takes no mail, what waits for it is cancelled.
pub(crate) fn take_report(
    connection: &mut AnyConnection,
    reach: Reach,
    id: MailId,
    report: &ReceivedReport,
    now: DateTime<Utc>,
) -> Result<ReportOutcome, StoreError> {
    let columns = (dsl::id, dsl::organisation_id, dsl::campaign_id, dsl::supporter_id, dsl::state);
    let row: Option<Row> = dsl::mails.find(Id::from(id)).select(columns).first(connection).optional()?;
    let Some((id, organisation, campaign, supporter, word)) = row.filter(|row| reach.covers(row.1.into())) else {
        return Ok(ReportOutcome::Unknown);
    };
    let state: DeliveryState = word.parse().map_err(|_flaw| StoreError::corrupt("mails", "state", id))?;
    if BounceReport::is_early(state) {
        return Ok(ReportOutcome::TooEarly);
    }
    let about = About { organisation, campaign, letter: None, mail: Some(id) };
    if !bounces::note(connection, about, &report.bounce, Some(&report.fingerprint), now)? {
        return Ok(ReportOutcome::Before);
    }
    let bounce = report.bounce.report;
    if let Some(campaign) = campaign.filter(|_| bounce.marks_address()) {
        cancel_waiting(connection, (campaign, supporter), now)?;
    }
    let failed = bounce.event().and_then(|_event| state.next(DeliveryEvent::Bounce).ok());
    let Some(failed) = failed else { return Ok(ReportOutcome::Noted(state)) };
    diesel::update(dsl::mails.filter(dsl::id.eq(id).and(dsl::state.eq(&word))))
        .set((
            dsl::state.eq(failed.as_str()),
            dsl::reply.eq(format!("report: {}", report.bounce.reply)),
            dsl::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Ok(ReportOutcome::Noted(failed))
}

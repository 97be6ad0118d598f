//! Which queues of reviews are reported to their organisations: each growth once, by one of several servers.

use crate::connection::AnyConnection;
use crate::schema::review_reports;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::DateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use postbag_domain::{CampaignId, OrganisationId, ReviewQueue};
use std::collections::BTreeMap;

/// A queue, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewReport {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The organisation whose queue it is: the campaign's own, or a partner.
    pub organisation_id: OrganisationId,
    /// How long it is.
    pub queue: ReviewQueue,
}

/// A campaign and one of its organisations.
type Part = (Id, Id);

impl Store {
    /// Every queue, with how many of it were reported before. Those of which nothing waits any more have nobody waiting.
    pub async fn review_queues(&self) -> Result<Vec<ReviewReport>, StoreError> {
        self.read(queues).await
    }

    /// Remembers how many of a queue are reported; false if another server has meanwhile.
    pub async fn remember_report(&self, report: &ReviewReport, reported: i64) -> Result<bool, StoreError> {
        let part = (report.campaign_id.into(), report.organisation_id.into());
        let before = report.queue.reported;
        self.write(move |connection| remember(connection, part, before, reported)).await
    }
}

fn queues(connection: &mut AnyConnection) -> Result<Vec<ReviewReport>, StoreError> {
    let report = |(campaign, organisation): Part, queue| ReviewReport {
        campaign_id: campaign.into(),
        organisation_id: organisation.into(),
        queue,
    };
    let mut reported = reported(connection)?;
    let mut queues = Vec::new();
    for (campaign, organisation, waiting, due_at) in waiting(connection)? {
        let reported = reported.remove(&(campaign, organisation)).unwrap_or_default();
        let queue = ReviewQueue { waiting, reported, due_at: due_at.time() };
        queues.push(report((campaign, organisation), queue));
    }
    let empty = |reported| ReviewQueue { waiting: 0, reported, due_at: DateTime::UNIX_EPOCH };
    queues.extend(reported.into_iter().map(|(part, reported)| report(part, empty(reported))));
    Ok(queues)
}

/// How many wait in each queue, and when the first is due.
fn waiting(connection: &mut AnyConnection) -> Result<Vec<(Id, Id, i64, At)>, StoreError> {
    // In the words of the partial index: SQLite uses it only for the same words.
    const SQL: &str = "\
        SELECT campaign_id, organisation_id, count(*), min(due_at) FROM reviews
        WHERE state = 'in_review' GROUP BY campaign_id, organisation_id";
    let rows = on_backend!(connection, c => Statement::<_, (Uid, Uid, BigInt, Instant)>::new(SQL).load(c))?;
    Ok(rows)
}

/// How many were reported of each queue.
fn reported(connection: &mut AnyConnection) -> Result<BTreeMap<Part, i64>, StoreError> {
    let rows: Vec<(Part, i64)> = review_reports::table
        .select(((review_reports::campaign_id, review_reports::organisation_id), review_reports::reported))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Changes how many were reported of a queue; false if another server has meanwhile.
fn remember(connection: &mut AnyConnection, part: Part, before: i64, after: i64) -> Result<bool, StoreError> {
    let row = review_reports::table.find(part).filter(review_reports::reported.eq(before));
    if after == 0 {
        return Ok(diesel::delete(row).execute(connection)? > 0);
    }
    if before > 0 {
        return Ok(diesel::update(row).set(review_reports::reported.eq(after)).execute(connection)? > 0);
    }
    let first = (
        review_reports::campaign_id.eq(part.0),
        review_reports::organisation_id.eq(part.1),
        review_reports::reported.eq(after),
    );
    let added = on_backend!(connection, c => {
        diesel::insert_into(review_reports::table).values(first).on_conflict_do_nothing().execute(c)
    })?;
    Ok(added > 0)
}

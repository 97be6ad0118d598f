//! What people report about representatives, as a queue for the operator.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::address_reports::{self, dsl};
use crate::types::{At, Id, Json};
use crate::{Cursor, Edited, Expected, Keep, Page, PageRequest, Refusal, Store, StoreError, idempotency, on_backend};
use diesel::prelude::*;
use postbag_domain::{AddressReport, AddressReportId, Remark, RemarkId, ReportReason, ReportStatus, RepresentativeId};

/// A report as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// The report.
    pub report: AddressReport,
    /// Counts its changes.
    pub revision: i64,
}

/// Which reports are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportFilter {
    /// Only of this status.
    pub status: Option<ReportStatus>,
    /// About this representative.
    pub representative_id: Option<RepresentativeId>,
}

/// A report about a representative's entry.
#[derive(Debug)]
pub struct NewReport {
    /// The id of the queue's entry, if there is none yet for the same thing.
    pub id: AddressReportId,
    /// The representative it is about.
    pub representative_id: RepresentativeId,
    /// The reason of the report.
    pub reason: ReportReason,
    /// The report itself.
    pub remark: Remark,
}

/// The operator's judgement of a report.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The new status.
    pub status: ReportStatus,
    /// Why, for other administrators.
    pub note: Option<String>,
}

impl Store {
    /// Puts a report into the queue, or counts it where the same thing is in the queue already.
    pub async fn report_address(&self, new: NewReport, keep: Option<Keep<RemarkId>>) -> Result<(), StoreError> {
        self.write(move |connection| report(connection, &new, keep)).await
    }

    /// The reports, newest first.
    pub async fn address_reports(
        &self,
        filter: ReportFilter,
        request: PageRequest,
    ) -> Result<Page<StoredReport>, StoreError> {
        self.read(move |connection| list(connection, filter, request)).await
    }

    /// One report.
    pub async fn address_report(&self, id: AddressReportId) -> Result<Option<StoredReport>, StoreError> {
        self.read(move |connection| find(connection, id)).await
    }

    /// Sets what became of a report. Opening one again is a conflict if the same thing was reported in the meantime.
    pub async fn judge_address_report(
        &self,
        id: AddressReportId,
        expected: Expected,
        judgement: Judgement,
    ) -> Result<Edited<StoredReport, Refusal>, StoreError> {
        self.write(move |connection| judge(connection, id, expected, &judgement)).await
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = address_reports, treat_none_as_default_value = false)]
struct ReportRow {
    id: Id,
    representative_id: Id,
    reason: String,
    status: String,
    count: i32,
    remarks: Json,
    note: Option<String>,
    revision: i64,
    created_at: At,
    last_reported_at: At,
}

impl ReportRow {
    fn new(report: &AddressReport) -> Result<Self, StoreError> {
        Ok(Self {
            id: report.id.into(),
            representative_id: report.representative_id.into(),
            reason: report.reason.to_string(),
            status: report.status.to_string(),
            count: counted(report),
            remarks: Json::of(&report.remarks)?,
            note: report.note.clone(),
            revision: 1,
            created_at: report.first_reported_at.into(),
            last_reported_at: report.last_reported_at.into(),
        })
    }

    fn read(self) -> Result<StoredReport, StoreError> {
        let corrupt = |column| StoreError::corrupt("address_reports", column, self.id);
        let report = AddressReport {
            id: self.id.into(),
            representative_id: self.representative_id.into(),
            reason: self.reason.parse().map_err(|_flaw| corrupt("reason"))?,
            status: self.status.parse().map_err(|_flaw| corrupt("status"))?,
            count: u32::try_from(self.count).map_err(|_error| corrupt("count"))?,
            remarks: self.remarks.read("address_reports", "remarks", self.id)?,
            first_reported_at: self.created_at.time(),
            last_reported_at: self.last_reported_at.time(),
            note: self.note,
        };
        Ok(StoredReport { report, revision: self.revision })
    }
}

fn counted(report: &AddressReport) -> i32 {
    i32::try_from(report.count).unwrap_or(i32::MAX)
}

/// Puts a report into the queue, or counts it where the same thing is in the queue already.
pub(crate) fn report(
    connection: &mut AnyConnection,
    new: &NewReport,
    keep: Option<Keep<RemarkId>>,
) -> Result<(), StoreError> {
    if let Some(keep) = keep {
        idempotency::remember(connection, &keep.claim, &(keep.answer)(&new.remark.id), new.remark.reported_at)?;
    }
    if fold(connection, new)? {
        return Ok(());
    }
    let first = AddressReport::first(new.id, new.representative_id, new.reason, new.remark.clone());
    let row = ReportRow::new(&first)?;
    let added = on_backend!(connection, c => {
        diesel::insert_into(dsl::address_reports).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    // A request in between has put the same thing into the queue.
    if added > 0 || fold(connection, new)? { Ok(()) } else { Err(StoreError::Contended) }
}

/// Adds a report to the open one about the same thing; false if there is none.
fn fold(connection: &mut AnyConnection, new: &NewReport) -> Result<bool, StoreError> {
    let open = dsl::address_reports
        .filter(dsl::representative_id.eq(Id::from(new.representative_id)))
        .filter(dsl::reason.eq(new.reason.as_str()))
        .filter(dsl::status.eq(ReportStatus::Open.as_str()));
    // The revision is raised first, so that two that come at once take turns at the row.
    let row: Option<ReportRow> = on_backend!(connection, c => {
        diesel::update(open)
            .set(dsl::revision.eq(dsl::revision + 1))
            .returning(ReportRow::as_returning())
            .get_result(c)
            .optional()
    })?;
    let Some(row) = row else { return Ok(false) };
    let report = row.read()?.report.again(new.remark.clone());
    diesel::update(dsl::address_reports.find(Id::from(report.id)))
        .set((
            dsl::count.eq(counted(&report)),
            dsl::remarks.eq(Json::of(&report.remarks)?),
            dsl::last_reported_at.eq(At::new(report.last_reported_at)),
        ))
        .execute(connection)?;
    Ok(true)
}

fn list(
    connection: &mut AnyConnection,
    filter: ReportFilter,
    request: PageRequest,
) -> Result<Page<StoredReport>, StoreError> {
    let mut query = dsl::address_reports.select(ReportRow::as_select()).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(dsl::status.eq(status.as_str()));
    }
    if let Some(id) = filter.representative_id {
        query = query.filter(dsl::representative_id.eq(Id::from(id)));
    }
    let rows: Vec<ReportRow> = page!(query, address_reports, request).load(connection)?;
    let cursor = |row: &ReportRow| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(ReportRow::read)
}

fn find(connection: &mut AnyConnection, id: AddressReportId) -> Result<Option<StoredReport>, StoreError> {
    let row: Option<ReportRow> =
        dsl::address_reports.find(Id::from(id)).select(ReportRow::as_select()).first(connection).optional()?;
    row.map(ReportRow::read).transpose()
}

fn judge(
    connection: &mut AnyConnection,
    id: AddressReportId,
    expected: Expected,
    judgement: &Judgement,
) -> Result<Edited<StoredReport, Refusal>, StoreError> {
    let Some(stored) = find(connection, id)? else { return Ok(Edited::Unknown) };
    if !expected.fits(Some(stored.revision)) {
        return Ok(Edited::Stale(Some(stored.revision)));
    }
    let seen = dsl::address_reports.find(Id::from(id)).filter(dsl::revision.eq(stored.revision));
    let changed = diesel::update(seen)
        .set((
            dsl::status.eq(judgement.status.as_str()),
            dsl::note.eq(judgement.note.as_deref()),
            dsl::revision.eq(stored.revision + 1),
        ))
        .execute(connection)?;
    let after = find(connection, id)?.ok_or(StoreError::Contended)?;
    Ok(if changed > 0 { Edited::Done(after) } else { Edited::Stale(Some(after.revision)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyClaim;
    use crate::samples::{at, fresh, representative};
    use crate::testing::{block_on, each_backend};

    fn new(whom: u128, reason: ReportReason, words: &str, seconds: i64) -> NewReport {
        NewReport {
            id: AddressReportId::new(fresh()),
            representative_id: representative(whom),
            reason,
            remark: Remark { id: RemarkId::new(fresh()), detail: Some(words.to_owned()), reported_at: at(seconds) },
        }
    }

    fn all(store: &Store, filter: ReportFilter) -> Vec<StoredReport> {
        block_on(store.address_reports(filter, PageRequest { limit: 100, after: None })).unwrap().items
    }

    #[test]
    fn the_same_thing_stands_in_the_queue_once_until_it_is_dealt_with() {
        each_backend(|store| {
            let say = |whom, reason, words, seconds| {
                block_on(store.report_address(new(whom, reason, words, seconds), None)).unwrap();
            };
            say(1, ReportReason::Bounced, "came back", 1);
            say(1, ReportReason::Bounced, "here too", 2);
            say(1, ReportReason::LeftOffice, "resigned", 3);
            say(2, ReportReason::Bounced, "came back", 4);
            let queue = all(store, ReportFilter::default());
            let counts: Vec<_> = queue.iter().map(|stored| (stored.report.reason, stored.report.count)).collect();
            assert_eq!(counts, [(ReportReason::Bounced, 1), (ReportReason::LeftOffice, 1), (ReportReason::Bounced, 2)]);
            let first = &queue[2];
            assert_eq!((first.report.first_reported_at, first.report.last_reported_at), (at(1), at(2)));
            assert_eq!(first.report.remarks.len(), 2);

            let judge = |expected| {
                let judgement = Judgement { status: ReportStatus::Resolved, note: Some("new address".to_owned()) };
                block_on(store.judge_address_report(first.report.id, expected, judgement)).unwrap()
            };
            assert_eq!(judge(Expected::Revision(1)), Edited::Stale(Some(2)));
            let resolved = judge(Expected::Revision(2)).value().unwrap();
            assert_eq!(
                (resolved.report.status, resolved.report.note.as_deref()),
                (ReportStatus::Resolved, Some("new address"))
            );
            say(1, ReportReason::Bounced, "again", 5);
            let open = ReportFilter { status: Some(ReportStatus::Open), representative_id: Some(representative(1)) };
            assert_eq!(all(store, open).iter().map(|stored| stored.report.count).collect::<Vec<_>>(), [1, 1]);
            let reopen = Judgement { status: ReportStatus::Open, note: None };
            let reopened = block_on(store.judge_address_report(first.report.id, Expected::Anything, reopen));
            assert!(matches!(reopened, Err(StoreError::Conflict)), "the same thing is in the queue anew");
        });
    }

    #[test]
    fn many_at_once_are_all_counted() {
        each_backend(|store| {
            let reporters: Vec<_> = (0..8)
                .map(|second| {
                    let store = store.clone();
                    std::thread::spawn(move || {
                        block_on(store.report_address(new(1, ReportReason::Bounced, "same", second), None))
                    })
                })
                .collect();
            for reporter in reporters {
                reporter.join().unwrap().unwrap();
            }
            let queue = all(store, ReportFilter::default());
            assert_eq!(queue.iter().map(|stored| stored.report.count).collect::<Vec<_>>(), [8]);
        });
    }

    #[test]
    fn a_key_counts_a_report_once() {
        each_backend(|store| {
            let claim = KeyClaim { scope: "reports".to_owned(), key: "k".to_owned(), fingerprint: [7; 32] };
            let say = |seconds| {
                let keep = Keep { claim: claim.clone(), answer: |id: &RemarkId| serde_json::json!(id) };
                block_on(store.report_address(new(1, ReportReason::Other, "hm", seconds), Some(keep)))
            };
            say(1).unwrap();
            assert!(matches!(say(2), Err(StoreError::Conflict)));
            assert_eq!(all(store, ReportFilter::default())[0].report.count, 1);
        });
    }
}

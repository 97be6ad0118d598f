//! Mail that comes back: refusals for good and reports, each noted once, and what they change (B28).
//!
//! A refusal in the session with the relay is noted where its attempt is settled. A report comes later, from a mailbox or through the
//! API: it settles its letter or its mail, counts against the address, and tells the operator, all in one transaction.

mod list;
mod note;
mod report;
#[cfg(test)]
mod tests;

pub use list::{BounceFilter, BounceSummary};
pub(crate) use note::{About, note};
pub use report::{ReceivedReport, ReportOutcome};

use crate::{Page, PageRequest, Reach, Store, StoreError, TallyRow};
use chrono::{DateTime, Utc};
use postbag_domain::bounce::Bounced;
use postbag_domain::{AddressReportId, BounceId, BounceReport, DeliveryId, EmailAddress, RemarkId};
use uuid::Uuid;

/// A bounce to be noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBounce {
    /// A fresh id.
    pub id: BounceId,
    /// What came back, and why.
    pub report: BounceReport,
    /// The words of the other side, without personal data.
    pub reply: String,
    /// Fresh ids for the operator's queue, should letters to the address be held from now on.
    pub queue_ids: (AddressReportId, RemarkId),
}

impl NewBounce {
    /// A bounce with ids from `fresh`.
    pub fn new(report: BounceReport, reply: String, fresh: fn() -> Uuid) -> Self {
        let queue_ids = (AddressReportId::new(fresh()), RemarkId::new(fresh()));
        Self { id: BounceId::new(fresh()), report, reply, queue_ids }
    }
}

impl Store {
    /// The letters that came back, each with the address of its supporter; none that is not known, or expired.
    pub async fn letter_senders(&self, about: Bounced) -> Result<Vec<(DeliveryId, EmailAddress)>, StoreError> {
        self.read(move |connection| report::senders(connection, about)).await
    }

    /// Takes a report about a letter or a mail. One that was taken before changes nothing.
    pub async fn record_report(
        &self,
        reach: Reach,
        about: Bounced,
        report: ReceivedReport,
        now: DateTime<Utc>,
    ) -> Result<(ReportOutcome, Vec<TallyRow>), StoreError> {
        self.write(move |connection| report::record(connection, reach, about, &report, now)).await
    }

    /// Bounces within reach, newest first.
    pub async fn list_bounces(
        &self,
        reach: Reach,
        filter: BounceFilter,
        page: PageRequest,
    ) -> Result<Page<BounceSummary>, StoreError> {
        self.read(move |connection| list::list(connection, reach, filter, page)).await
    }
}

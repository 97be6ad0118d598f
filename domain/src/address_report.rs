//! What people report about a representative's entry: an address that is wrong, an office that was left, a wish.

use crate::text::{self, Limit};
use crate::words::words;
use crate::{AddressReportId, Flaw, RemarkId, RepresentativeId};
use chrono::{DateTime, Utc};

words! {
    /// What is wrong with an entry of the directory.
    ReportReason, "report_reason_unknown" {
        /// Mail to the address came back.
        Bounced = "bounced",
        /// The person does not hold the office any more.
        LeftOffice = "left_office",
        /// The address is somebody else's, or the entry is about somebody else.
        WrongPerson = "wrong_person",
        /// The person does not wish to be written to (B15).
        WishesNoMail = "wishes_no_mail",
        /// Something else, which the words say.
        Other = "other",
    }
}

words! {
    /// The outcome of a report.
    ReportStatus, "report_status_unknown" {
        /// Nobody has dealt with it yet.
        Open = "open",
        /// The directory was put right.
        Resolved = "resolved",
        /// There was nothing to put right.
        Dismissed = "dismissed",
    }
}

/// One report by one person, who is not known.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remark {
    /// The id that its author was given to quote.
    pub id: RemarkId,
    /// The author's words, if there were any.
    pub detail: Option<String>,
    /// The moment it came.
    pub reported_at: DateTime<Utc>,
}

impl Remark {
    /// Takes the words of a report: plain text of at most 1,000 characters.
    pub fn parse_detail(text: &str) -> Result<String, Flaw> {
        text::prose(text, Limit::of(1000))
    }
}

/// All open reports about one representative for one reason, until they are dealt with.
///
/// However many report the same thing, it stands in the queue once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressReport {
    /// Its id.
    pub id: AddressReportId,
    /// The representative it is about.
    pub representative_id: RepresentativeId,
    /// The reason of the report.
    pub reason: ReportReason,
    /// The outcome so far.
    pub status: ReportStatus,
    /// How often it was reported.
    pub count: u32,
    /// The latest remarks, oldest first; no two in the same words.
    pub remarks: Vec<Remark>,
    /// The moment of the first report.
    pub first_reported_at: DateTime<Utc>,
    /// The moment of the last report.
    pub last_reported_at: DateTime<Utc>,
    /// The note of the person who dealt with it.
    pub note: Option<String>,
}

impl AddressReport {
    /// How many remarks are kept.
    pub const REMARKS: usize = 10;

    /// A report of something that was not reported before.
    pub fn first(
        id: AddressReportId,
        representative_id: RepresentativeId,
        reason: ReportReason,
        remark: Remark,
    ) -> Self {
        let at = remark.reported_at;
        Self {
            id,
            representative_id,
            reason,
            status: ReportStatus::Open,
            count: 1,
            remarks: vec![remark],
            first_reported_at: at,
            last_reported_at: at,
            note: None,
        }
    }

    /// The same report, counted again.
    #[must_use]
    pub fn again(mut self, remark: Remark) -> Self {
        self.count = self.count.saturating_add(1);
        self.last_reported_at = self.last_reported_at.max(remark.reported_at);
        self.remarks.retain(|known| known.detail != remark.detail);
        self.remarks.push(remark);
        let surplus = self.remarks.len().saturating_sub(Self::REMARKS);
        self.remarks.drain(..surplus);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn remark(number: u32, words: Option<&str>) -> Remark {
        Remark {
            id: RemarkId::new(Uuid::from_u128(number.into())),
            detail: words.map(str::to_owned),
            reported_at: DateTime::from_timestamp(1_795_348_800 + i64::from(number), 0).unwrap(),
        }
    }

    fn first() -> AddressReport {
        let (id, whom) = (AddressReportId::new(Uuid::nil()), RepresentativeId::new(Uuid::nil()));
        AddressReport::first(id, whom, ReportReason::Bounced, remark(0, Some("it came back")))
    }

    #[test]
    fn the_same_again_is_counted_and_not_repeated() {
        let report = first().again(remark(1, None)).again(remark(2, Some("it came back"))).again(remark(3, None));
        assert_eq!(report.count, 4);
        assert_eq!(report.remarks, [remark(2, Some("it came back")), remark(3, None)]);
        assert_eq!(
            (report.first_reported_at, report.last_reported_at),
            (remark(0, None).reported_at, remark(3, None).reported_at)
        );
    }

    #[test]
    fn words_are_plain_text_of_a_thousand_characters() {
        assert!(Remark::parse_detail(&"é".repeat(1000)).is_ok());
        assert_eq!(Remark::parse_detail(&"é".repeat(1001)).unwrap_err().code(), "text_too_long");
        assert!(Remark::parse_detail("a\u{202e}b").is_err() && Remark::parse_detail("  ").is_err());
    }

    proptest! {
        #[test]
        fn no_number_of_reports_fills_the_queue(words in prop::collection::vec(prop::option::of("[a-z]{1,2}"), 0..80)) {
            let count = u32::try_from(words.len()).unwrap();
            let report = words.iter().zip(1..).fold(first(), |report, (words, number)| report.again(remark(number, words.as_deref())));
            prop_assert_eq!(report.count, count + 1);
            prop_assert!(report.remarks.len() <= AddressReport::REMARKS);
            prop_assert_eq!(report.remarks.last().map(|last| last.detail.as_deref()), Some(words.last().map_or(Some("it came back"), Option::as_deref)));
        }
    }
}

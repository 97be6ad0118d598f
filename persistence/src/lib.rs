#![doc = include_str!("../README.md")]

mod actions;
mod address;
mod address_reports;
mod alarms;
mod asks;
mod audit;
mod backup;
mod batch;
mod bounces;
mod campaigns;
mod checkpoint;
mod confirmations;
mod connection;
mod consent_questions;
mod correction;
mod database_file;
mod deliveries;
mod demo_fillings;
mod directory;
mod editions;
mod elsewhere;
mod erasure;
mod error;
mod evidence;
mod expected;
mod expired;
mod failpoint;
mod faults;
mod idempotency;
mod intake;
mod invalidations;
mod key_checks;
mod leases;
mod library;
mod limit_uses;
mod mails;
mod migrations;
mod objection_notices;
mod organisations;
mod paces;
mod page;
mod partners;
mod personal_data;
mod pool;
mod preferences;
mod question_versions;
mod queues;
mod recount;
mod retention;
mod reviews;
mod revisions;
mod rights_requests;
#[cfg(test)]
mod samples;
mod schema;
mod snapshots;
mod spent_challenges;
mod statement;
mod stops;
mod store;
mod suppressions;
mod tallies;
mod templates;
#[cfg(test)]
mod testing;
mod tokens;
mod types;
mod words;

#[cfg(test)]
pub(crate) use connection::AnyConnection;
pub(crate) use connection::on_backend;

pub use actions::{ActionFilter, Receipt, ReceiptLine, RecordedConsent, RecordedObjection, StoredAction};
pub use address::DatabaseUrl;
pub use address_reports::{Judgement, NewReport, ReportFilter, StoredReport};
pub use alarms::{CountedRate, NewAlarm, StoredAlarm};
pub use audit::{Actor, AuditFilter};
pub use backup::restore;
pub use bounces::{BounceFilter, BounceSummary, NewBounce, ReceivedReport, ReportOutcome};
pub use campaigns::{
    CampaignChange, CampaignEdit, CampaignEdited, CampaignFilter, ListedCampaign, Refusal, StoredCampaign,
};
pub use confirmations::{ConfirmableAction, Confirmation};
pub use consent_questions::StoredQuestions;
pub use correction::{Corrected, NewCorrection};
pub use deliveries::{
    Backlog, Begun, Changed, Claim, ClaimedDelivery, ClaimedDigest, Collected, Commandable, Commanded, DeliveryFilter,
    DeliverySummary, DigestBegun, DigestClaim, DigestSettlement, DigestStart, DigestSummary, LetterNotice,
    QueuedMessages, Redirect, Settled, Settlement, Start, Waiting, WaitingMessages, Whose,
};
pub use demo_fillings::DemoClaim;
pub use directory::{DirectoryChange, Import, ImportOutcome, ImportRecord, PackedLayer};
pub use editions::StoredEdition;
pub use erasure::{Erased, Erasure};
pub use error::StoreError;
pub use expected::{Edited, Expected};
pub use faults::Fault;
pub use idempotency::{Keep, KeyClaim, Known};
pub use intake::{
    GroupListener, Intake, IntakeError, IntakeListeners, IntakeOptions, Record, Recorded, StoredGroup, TallyListener,
};
pub use invalidations::{NewInvalidation, Portion, Stepped, StoredInvalidation};
pub use key_checks::{KeyFault, Keys};
pub use library::{Library, LibraryEdit};
pub use limit_uses::{LimitUse, LimitUseElsewhere};
pub use mails::{ActionMail, ClaimedMail, MailBegun, MailClaim, MailSettlement, MailStart, MailSubject};
pub use migrations::SchemaState;
pub use objection_notices::StoredNotices;
pub use organisations::StoredOrganisation;
pub use paces::NoRoom;
pub use page::{Cursor, Page, PageRequest, Reach};
pub use partners::{PartnerChange, StoredPartner};
pub use personal_data::{HeldData, HeldTable};
pub use pool::PoolUse;
pub use preferences::{
    EntrySource, Ledger, NewLinkRequest, NewPreferenceChange, RecordedAnswer, Shown, StoredAnswer, StoredObjection,
};
pub use question_versions::{Answered, AskedVersion, QuestionHome};
pub use queues::Queues;
pub use recount::Difference;
pub use retention::RetentionDue;
pub use reviews::{Decided, Held, NewReview, ReviewFilter, ReviewReport, StoredReview, release_key};
pub use revisions::{Loaded, Revisions};
pub use rights_requests::{NewRequest, RequestFilter, StoredRequest};
pub use spent_challenges::SpentChallenge;
pub use stops::NewStop;
pub use store::{Store, StoreOptions};
pub use tallies::{MidnightCount, TallyRow, TallyVersion};
pub use templates::StoredTemplates;
pub use tokens::{IssuedToken, Revocation, Revoked};
pub use words::MessageSeal;

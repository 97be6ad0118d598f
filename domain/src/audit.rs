//! What administrators did, for those who ask later.

use crate::words::words;
use crate::{AuditEntryId, OrganisationId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

words! {
    /// Something an administrator did.
    AuditAction, "audit_action_unknown" {
        /// Stopped messages from leaving.
        StopSending = "stop_sending",
        /// Let messages leave again.
        ResumeSending = "resume_sending",
        /// Stopped submissions.
        StopSubmissions = "stop_submissions",
        /// Let people submit again.
        ResumeSubmissions = "resume_submissions",
        /// Put a message back that had failed or was in doubt.
        RetryMessage = "retry_message",
        /// Let a held message go.
        ReleaseMessage = "release_message",
        /// Cancelled a message.
        CancelMessage = "cancel_message",
        /// Read a message as it is sent.
        ReadMessage = "read_message",
        /// Recorded what a person asked for by telephone, by letter or in person.
        ChangePreferences = "change_preferences",
        /// Read everything that is held on a person.
        ReadSupporterData = "read_supporter_data",
        /// Erased a person.
        EraseSupporter = "erase_supporter",
        /// Recorded a request about somebody's data, or a complaint.
        RecordRequest = "record_request",
        /// Acknowledged, paused, resumed, answered or refused such a request.
        StepRequest = "step_request",
        /// Corrected what is held on a person.
        CorrectSupporter = "correct_supporter",
        /// Decided on a submission that was held.
        DecideReview = "decide_review",
        /// Made, started, stopped or undid an invalidation of submissions.
        StepInvalidation = "step_invalidation",
    }
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The organisation whose data it concerns; nothing for what concerns everybody.
    pub organisation_id: Option<OrganisationId>,
    /// The subject of the token that it was done with.
    pub actor: String,
    /// What was done.
    pub action: AuditAction,
    /// The id of what it was done to; nil for everything.
    pub subject_id: Uuid,
    /// Why, in the words of the person who did it.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

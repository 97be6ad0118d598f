//! What several handlers answer.

pub(crate) mod area;
pub(crate) mod ask;
pub(crate) mod campaign;
pub(crate) mod challenge;
pub(crate) mod choice;
pub(crate) mod digest_rule;
pub(crate) mod held_data;
pub(crate) mod moderation;
pub(crate) mod notices;
pub(crate) mod permissions;
pub(crate) mod popolo;
pub(crate) mod preferences;
pub(crate) mod review;
pub(crate) mod skipped;
pub(crate) mod submission_limits;
pub(crate) mod targets;
pub(crate) mod vocabulary;

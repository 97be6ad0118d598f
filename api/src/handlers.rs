//! One file per resource: request and response types beside the handlers that use them.

pub(crate) mod actions;
pub(crate) mod admin;
pub(crate) mod campaigns;
pub(crate) mod directory;
pub(crate) mod forms;
pub(crate) mod notices;
pub(crate) mod previews;
mod replay;
pub(crate) mod reports;
pub(crate) mod security_txt;
mod submission;
mod supporter;
pub(crate) mod tallies;
pub(crate) mod targets;

pub(crate) use actions::SkippedView;

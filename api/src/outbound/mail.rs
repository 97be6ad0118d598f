//! Letters on their way out: composed, signed, and handed to a relay or written into a folder.

pub mod automatic_mail;
pub mod compose;
pub mod dkim;
pub mod folder;
pub mod mailer;
mod outcome;
pub mod relay;
pub mod reply;
mod session;
pub mod smtp;

pub use automatic_mail::OutgoingMail;
pub(crate) use automatic_mail::escape;
pub(crate) use compose::campaign_label;
pub use compose::{CAMPAIGN_HEADER, ComposedMail, OutgoingLetter, UnfitForMail};
pub use dkim::{DkimFolderError, DkimKey, DkimKeyError, DkimKeys};
pub use folder::Folder;
pub use mailer::{Lane, Mailer, MailerError};
pub use outcome::Outcome;
pub use relay::{Relay, RelayError, Security, Timeouts};
pub(crate) use reply::scrubbed;
pub use reply::{Reply, Stage};
pub use smtp::SmtpLane;

//! What leaves the process: each adapter does one thing with the outside and reports exactly what happened.

pub mod compose;
pub mod dkim;
pub mod folder;
pub mod mail;
pub mod members_api;
mod outcome;
pub mod postcode_service;
pub mod relay;
pub mod reply;
pub mod service;
mod session;
pub mod smtp;

pub use compose::{ComposedLetter, OutgoingLetter, UnfitForMail};
pub use dkim::{DkimKey, DkimKeys};
pub use folder::Folder;
pub use mail::{Lane, Mailer, MailerError};
pub use members_api::{MemberOfParliament, MembersApi};
pub use outcome::Outcome;
pub use postcode_service::PostcodeService;
pub use relay::{Relay, RelayError, Security, Timeouts};
pub use reply::{Reply, Stage};
pub use service::{Fault, Manners, Retries, Service};

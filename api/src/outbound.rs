//! What leaves the process: each adapter does one thing with the outside and reports exactly what happened.

pub mod mail;
pub mod services;

pub use mail::{
    CAMPAIGN_HEADER, ComposedLetter, DkimFolderError, DkimKey, DkimKeyError, DkimKeys, Folder, Lane, Mailer,
    MailerError, Outcome, OutgoingLetter, Relay, RelayError, Reply, Security, SmtpLane, Stage, Timeouts, UnfitForMail,
};
pub use services::{Fault, Manners, MemberOfParliament, MembersApi, PostcodeService, Retries, Service};

//! What leaves the process: each adapter does one thing with the outside and reports exactly what happened.

pub mod mail;
pub mod services;

pub use mail::{
    CAMPAIGN_HEADER, ComposedMail, DkimFolderError, DkimKey, DkimKeyError, DkimKeys, Folder, Lane, Mailer, MailerError,
    Outcome, OutgoingLetter, OutgoingMail, Relay, RelayError, Reply, Security, SmtpLane, Stage, Timeouts, UnfitForMail,
};
pub(crate) use mail::{campaign_label, escape, scrubbed};
pub use services::{
    ChallengeService, Fault, Manners, MemberOfParliament, MembersApi, PostcodeService, Retries, Service, TokenVerdict,
};

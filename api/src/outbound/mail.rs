//! How letters leave: by a relay, or into a folder for a machine that has none.

use super::compose::{ComposedLetter, UnfitForMail};
use super::folder::Folder;
use super::relay::Relay;
use super::reply::{Reply, Stage};
use super::smtp::SmtpLane;

/// Where this process sends its letters.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// Files in a folder: the default, so that a newcomer sends nothing to anybody.
    Folder(Folder),
    /// An SMTP relay.
    Relay(Relay),
}

impl Mailer {
    /// A lane of its own for one worker: letters go one after the other, over one connection that is kept.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Folder(folder) => Lane::Folder(folder.clone()),
            Self::Relay(relay) => Lane::Smtp(Box::new(SmtpLane::new(relay.clone()))),
        }
    }
}

/// One worker's way out.
#[derive(Debug)]
pub enum Lane {
    /// Into the folder.
    Folder(Folder),
    /// To the relay.
    Smtp(Box<SmtpLane>),
}

impl Lane {
    /// Hands one letter over and tells exactly what became of it.
    ///
    /// It ends within [`Timeouts::whole`](super::Timeouts::whole). Dropping the future in between leaves the outcome
    /// unknown, so a shutdown waits for it (C9).
    pub async fn send(&mut self, letter: &ComposedLetter) -> Outcome {
        match self {
            Self::Folder(folder) => folder.send(letter).await,
            Self::Smtp(lane) => lane.send(letter).await,
        }
    }

    /// Says goodbye to the relay.
    pub async fn close(self) {
        if let Self::Smtp(lane) = self {
            lane.close().await;
        }
    }
}

/// What became of one attempt; never more than is known (B29).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken responsibility for (RFC 5321 section 4.2.5).
    Accepted(Reply),
    /// It was certainly not taken, and may be another time.
    RefusedForNow {
        /// What was said, or what happened.
        reply: Reply,
        /// What else had better wait.
        back_off: BackOff,
    },
    /// It was certainly not taken and never will be: a 5xx to this letter.
    RefusedForGood(Reply),
    /// The whole message was sent and no answer came: it may have been taken or not (RFC 1047, C7).
    LostContact(Reply),
    /// It could not be made into a message: our own fault, and trying again will not help.
    Broke(Reply),
}

impl Outcome {
    /// What was said, or what happened.
    pub fn reply(&self) -> &Reply {
        match self {
            Self::RefusedForNow { reply, .. } => reply,
            Self::Accepted(reply) | Self::RefusedForGood(reply) | Self::LostContact(reply) | Self::Broke(reply) => {
                reply
            }
        }
    }

    pub(super) fn unreachable(reply: Reply) -> Self {
        Self::RefusedForNow { reply, back_off: BackOff::Relay }
    }
}

impl From<UnfitForMail> for Outcome {
    fn from(error: UnfitForMail) -> Self {
        Self::Broke(Reply::happened(Stage::Compose, &error.to_string()))
    }
}

/// What had better wait after a refusal for now (B27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackOff {
    /// This letter alone.
    Letter,
    /// Everything to the recipient's domain: a 451.
    Domain,
    /// Everything: the relay cannot be reached, trusted or logged in to, or it said 421.
    Relay,
}

//! What became of one attempt to send a letter.

use super::compose::UnfitForMail;
use super::reply::{Reply, Stage};
use postbag_domain::delivery::BackOff;

/// The outcome of one attempt; never more than is known (B29).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken responsibility for (RFC 5321 section 4.2.5).
    Accepted(Reply),
    /// It was certainly not taken, and may be another time.
    RefusedForNow {
        /// The reply, or what happened instead of one.
        reply: Reply,
        /// The letters that wait because of it.
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
    /// The reply, or what happened instead of one.
    pub fn reply(&self) -> &Reply {
        match self {
            Self::RefusedForNow { reply, .. } => reply,
            Self::Accepted(reply) | Self::RefusedForGood(reply) | Self::LostContact(reply) | Self::Broke(reply) => {
                reply
            }
        }
    }

    /// True if the relay refused this recipient for good: the address is wrong. A refusal by policy says nothing about the address.
    pub fn is_bounce(&self) -> bool {
        matches!(self, Self::RefusedForGood(reply) if reply.stage() == Stage::Rcpt && !reply.is_about_policy())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_recipient_is_a_bounce() {
        let refused = |stage, text| Outcome::RefusedForGood(Reply::said(stage, 550, text)).is_bounce();
        assert!(refused(Stage::Rcpt, "5.1.1 no such mailbox") && refused(Stage::Rcpt, "unknown user"));
        assert!(!refused(Stage::Rcpt, "5.7.1 relaying denied") && !refused(Stage::Message, "5.1.1 no such mailbox"));
        let reply = Reply::said(Stage::Rcpt, 450, "4.2.0 later");
        assert!(!Outcome::RefusedForNow { reply, back_off: BackOff::Letter }.is_bounce());
    }
}

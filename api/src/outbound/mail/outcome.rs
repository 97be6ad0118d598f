//! What became of one attempt to send a letter.

use super::compose::UnfitForMail;
use super::reply::{Reply, Stage};
use postbag_domain::delivery::BackOff;
use postbag_domain::{BounceCause, BounceKind, BounceReport, Verdict};

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

    /// The bounce that a refusal for good is. Before the recipient is named, a relay cannot refuse them.
    pub fn bounce(&self) -> Option<BounceReport> {
        let Self::RefusedForGood(reply) = self else { return None };
        let verdict = reply.verdict();
        let is_early = !matches!(reply.stage(), Stage::Rcpt | Stage::Data | Stage::Message);
        let cause = if is_early { BounceCause::Sender } else { verdict.cause };
        Some(BounceReport { kind: BounceKind::Failed, verdict: Verdict { lasts: true, cause } })
    }

    /// True if the refusal is about this server and not about the message or its recipient.
    pub fn is_about_sender(&self) -> bool {
        match self {
            Self::RefusedForGood(reply) | Self::RefusedForNow { reply, .. } => {
                reply.code().is_some() && reply.verdict().is_about_sender()
            }
            Self::Accepted(_) | Self::LostContact(_) | Self::Broke(_) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_recipient_marks_an_address() {
        let marks = |stage, code, text| {
            let bounce = Outcome::RefusedForGood(Reply::said(stage, code, text)).bounce();
            bounce.is_some_and(BounceReport::marks_address)
        };
        assert!(marks(Stage::Rcpt, 550, "5.1.1 no such mailbox") && marks(Stage::Rcpt, 550, "unknown user"));
        assert!(marks(Stage::Message, 550, "5.1.1 no such mailbox"));
        assert!(!marks(Stage::Rcpt, 550, "5.7.1 relaying denied") && !marks(Stage::Mail, 550, "5.1.1 unknown user"));
        let reply = Reply::said(Stage::Rcpt, 450, "4.2.0 later");
        assert_eq!(Outcome::RefusedForNow { reply, back_off: BackOff::Letter }.bounce(), None);
    }

    #[test]
    fn a_refusal_about_the_sender_is_told_from_others() {
        let refused = |code, text| Outcome::RefusedForGood(Reply::said(Stage::Rcpt, code, text)).is_about_sender();
        assert!(refused(550, "5.7.1 blocked using a list") && !refused(550, "5.1.1 unknown user"));
        let reply = Reply::happened(Stage::Connect, "connection blocked by a firewall");
        assert!(!Outcome::unreachable(reply).is_about_sender());
    }
}

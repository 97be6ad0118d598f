//! The verdict on a refusal: by the enhanced status first, then by the words (B28).
//!
//! An address that is marked silences everybody who writes to it, and one that is not marked costs one more bounce. So a doubtful
//! refusal marks nothing: a code for the address counts only if the words do not say that it is about the sender.

use super::{BounceCause, EnhancedStatus};

/// What a mail system answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refusal<'a> {
    /// The enhanced status, where one is given apart from the text.
    pub status: Option<EnhancedStatus>,
    /// The three digits of the reply, if known.
    pub code: Option<u16>,
    /// The words.
    pub text: &'a str,
}

/// What a refusal is about, and whether it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// True for a refusal for good.
    pub lasts: bool,
    /// What was refused.
    pub cause: BounceCause,
}

impl Verdict {
    /// Judges a refusal. Without any code it lasts.
    pub fn of(refusal: Refusal<'_>) -> Self {
        let text = refusal.text.to_lowercase();
        // A report's own status is often the general `5.0.0`, and the words of the other side carry the exact one.
        let exact = |status: &EnhancedStatus| status.subject() != 0;
        let spoken = EnhancedStatus::find(&text);
        let status = refusal.status.filter(exact).or(spoken.filter(exact)).or(refusal.status).or(spoken);
        let cause = match status.and_then(cause_of_status) {
            Some(BounceCause::Address) if says(&text, SENDER) => BounceCause::Sender,
            Some(cause) => cause,
            None => cause_of_words(&text),
        };
        let passes = |code: u16| (400..500).contains(&code);
        let lasts = status.map_or(!refusal.code.is_some_and(passes), EnhancedStatus::lasts);
        Self { lasts: lasts && cause != BounceCause::Mailbox, cause }
    }

    /// True if the address takes no mail.
    pub const fn marks_address(self) -> bool {
        self.lasts && matches!(self.cause, BounceCause::Address)
    }

    /// True if the operator should look into it: other letters are refused for the same reason.
    pub const fn is_about_sender(self) -> bool {
        matches!(self.cause, BounceCause::Sender)
    }
}

/// The cause that a code names (RFC 3463 and the IANA registry); nothing where a code is used for several.
const fn cause_of_status(status: EnhancedStatus) -> Option<BounceCause> {
    Some(match (status.subject(), status.detail()) {
        (1, 1..=4 | 6 | 10) | (2, 1) => BounceCause::Address,
        (1, 7 | 8) | (3, 1 | 2 | 5) | (5, 1..) | (7, _) => BounceCause::Sender,
        (2, 2) => BounceCause::Mailbox,
        (2, 3) | (3, 4) | (6, _) => BounceCause::Message,
        // 5.4.1 is also the answer of a large provider for people whom it does not know: there the words decide.
        (4, 2..=7) => BounceCause::Route,
        _ => return None,
    })
}

fn cause_of_words(text: &str) -> BounceCause {
    const TABLE: &[(&[&str], BounceCause)] = &[
        (UNKNOWN_TO_DIRECTORY, BounceCause::Address),
        (SENDER, BounceCause::Sender),
        (MAILBOX, BounceCause::Mailbox),
        (MESSAGE, BounceCause::Message),
        (ADDRESS, BounceCause::Address),
        (ROUTE, BounceCause::Route),
    ];
    TABLE.iter().find(|(phrases, _)| says(text, phrases)).map_or(BounceCause::Unclear, |(_, cause)| *cause)
}

/// True if one of the phrases stands in the text, as whole words.
fn says(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        text.match_indices(phrase).any(|(start, found)| {
            let before = text.get(..start).and_then(|rest| rest.chars().next_back());
            let after = text.get(start + found.len()..).and_then(|rest| rest.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    })
}

/// An answer about the address that reads like one about a policy.
const UNKNOWN_TO_DIRECTORY: &[&str] = &["recipient address rejected: access denied"];

const SENDER: &[&str] = &[
    "access denied",
    "authentication required",
    "authentication-results",
    "banned",
    "barracuda",
    "black list",
    "blacklist",
    "blacklisted",
    "block list",
    "blocked",
    "blocklist",
    "blocklisted",
    "client host rejected",
    "connection rate",
    "disk full",
    "disk quota exceeded",
    "dkim",
    "dmarc",
    "dnsbl",
    "graylist",
    "graylisted",
    "graylisting",
    "greylist",
    "greylisted",
    "greylisting",
    "helo",
    "insufficient disk space",
    "insufficient system storage",
    "listed at",
    "listed by",
    "listed in",
    "no space left on device",
    "not authenticated",
    "policy",
    "policies",
    "poor reputation",
    "rate limit",
    "rate limited",
    "rbl",
    "relay access denied",
    "relay not permitted",
    "relaying denied",
    "reputation",
    "reverse dns",
    "sender address rejected",
    "sender denied",
    "sender rejected",
    "spam",
    "spamcop",
    "spamhaus",
    "spf",
    "suspicious",
    "throttled",
    "throttling",
    "too many connections",
    "too many errors",
    "too many messages",
    "unable to relay",
    "unauthenticated",
    "unsolicited",
];

const MAILBOX: &[&str] = &[
    "exceeded storage allocation",
    "inbox is full",
    "mailbox for this recipient is full",
    "mailbox full",
    "mailbox is full",
    "mailbox size limit exceeded",
    "over quota",
    "out of storage space",
    "overquota",
    "quota exceeded",
    "quotaexceeded",
    "storage quota",
    "user is over the quota",
    "user's mailbox is full",
];

const MESSAGE: &[&str] = &[
    "attachment",
    "content rejected",
    "exceeds size limit",
    "line too long",
    "message is too large",
    "message rejected",
    "message size exceeds",
    "message too big",
    "message too large",
    "too many recipients",
    "virus",
];

const ADDRESS: &[&str] = &[
    "account disabled",
    "account has been disabled",
    "account is disabled",
    "account not available",
    "address does not exist",
    "address not found",
    "address rejected: undeliverable address",
    "address unknown",
    "alias unknown",
    "couldn't be found",
    "could not be found at",
    "does not exist",
    "doesn't exist",
    "invalid mailbox",
    "invalid recipient",
    "is not a known user",
    "is not a valid mailbox",
    "mailbox does not exist",
    "mailbox not found",
    "mailbox unknown",
    "no longer available",
    "no longer in use",
    "no longer valid",
    "no mailbox here by that name",
    "no such address",
    "no such mailbox",
    "no such person",
    "no such recipient",
    "no such user",
    "not a known user",
    "not our customer",
    "recipient address unknown",
    "recipient not found",
    "recipient unknown",
    "recipientnotfound",
    "resolver.adr.recipnotfound",
    "unknown address",
    "unknown local part",
    "unknown mailbox",
    "unknown or illegal alias",
    "unknown recipient",
    "unknown user",
    "unrouteable address",
    "user does not exist",
    "user not found",
    "user unknown",
    "utilisateur inconnu",
];

const ROUTE: &[&str] = &[
    "bad destination mailbox",
    "connection refused",
    "connection timed out",
    "host not found",
    "host unknown",
    "host or domain name not found",
    "hop count exceeded",
    "mail loop",
    "name or service not known",
    "network is unreachable",
    "no route to host",
    "too many hops",
    "unable to connect",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Real answers of mail systems, names changed: status or `-`, code or `-`, the verdict, the words.
    const CORPUS: &str = include_str!("corpus.tsv");

    #[test]
    fn every_answer_of_the_corpus_is_judged_as_written_there() {
        let mut judged = 0;
        for line in CORPUS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let [status, code, lasts, cause, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("five columns: {line}")
            };
            let refusal = Refusal { status: EnhancedStatus::parse(status), code: code.parse().ok(), text };
            let expected = Verdict { lasts: lasts == "lasts", cause: cause.parse().unwrap() };
            assert_eq!(Verdict::of(refusal), expected, "{line}");
            judged += 1;
        }
        assert!(judged >= 80, "{judged}");
    }

    #[test]
    fn a_refusal_about_the_sender_never_marks_an_address_whatever_its_code() {
        for words in SENDER {
            for code in ["5.1.1", "5.2.1", "5.7.1", "5.0.0", "5.1.10"] {
                let text = format!("550 {code} rejected: {words}, see the site");
                assert!(!Verdict::of(Refusal { text: &text, ..Refusal::default() }).marks_address(), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn policy_never_marks_an_address(detail in 0_u16..1000, words in "[ -~]{0,80}", code in 500_u16..560) {
            let status = EnhancedStatus::parse(&format!("5.7.{detail}"));
            let verdict = Verdict::of(Refusal { status, code: Some(code), text: &words });
            prop_assert!(!verdict.marks_address());
        }

        #[test]
        fn class_4_never_marks_an_address(rest in "[0-9]{1,3}\\.[0-9]{1,3}", words in "[ -~]{0,80}") {
            let status = EnhancedStatus::parse(&format!("4.{rest}")).filter(|status| status.subject() != 0);
            prop_assume!(status.is_some());
            let verdict = Verdict::of(Refusal { status, code: None, text: &words });
            prop_assert!(!verdict.lasts);
        }
    }
}

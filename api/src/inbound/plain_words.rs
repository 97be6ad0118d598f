//! Reports that mail systems write in plain words only.

use crate::outbound::scrubbed;
use postbag_domain::{BounceKind, BounceReport, EnhancedStatus, Refusal, Verdict};

/// Says that what follows is the message that was sent.
const ORIGINAL: &[&str] = &[
    "this is a copy of",
    "is a copy of the message",
    "copy of your message",
    "copy of the original message",
    "original message",
    "original mail",
    "message header follows",
    "returned message follows",
    "unsent message below",
    "\nreceived: ",
];

const DELAYED: &[&str] = &[
    "delayed",
    "delivery delay",
    "has not yet been delivered",
    "not been delivered yet",
    "still being retried",
    "still trying",
    "warning: could not send",
    "will be retried",
    "will continue to try",
    "will keep trying",
    "you do not need to resend",
];

const FAILED: &[&str] = &[
    "could not be delivered",
    "couldn't be delivered",
    "couldn't deliver",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "delivery notification: failed",
    "delivery status notification (failure)",
    "failure notice",
    "giving up",
    "i'm afraid i wasn't able to deliver",
    "mail delivery problem",
    "not delivered",
    "permanent error",
    "permanent fatal errors",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "unable to deliver",
    "undeliverable",
    "undelivered",
    "was not able to deliver",
];

/// What a subject and a text say, and the words that say why; nothing if it is not about a delivery.
pub(super) fn read(subject: &str, text: &str) -> Option<(BounceReport, String)> {
    let own = own_words(text);
    let all = format!("{subject}\n{own}").to_lowercase();
    let kind = if says(&all, DELAYED) {
        BounceKind::Delayed
    } else if says(&all, FAILED) {
        BounceKind::Failed
    } else {
        return None;
    };
    let reason = reason(&own);
    let refusal = Refusal { status: EnhancedStatus::find(&reason), code: code(&reason), text: &reason };
    let report = BounceReport { kind, verdict: Verdict::of(refusal) };
    Some((report, scrubbed(&reason)))
}

fn says(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| text.contains(phrase))
}

/// The text before the message that it quotes: the supporter's words are no reason.
fn own_words(text: &str) -> String {
    let lower = text.to_lowercase();
    let end = ORIGINAL.iter().filter_map(|phrase| lower.find(phrase)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text).to_owned()
}

/// The paragraph that holds a code, or else the first one that a verdict can be made from.
fn reason(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraphs: Vec<String> =
        text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let has_code = |paragraph: &&String| EnhancedStatus::find(paragraph).is_some() || code(paragraph).is_some();
    let is_clear = |paragraph: &&String| {
        let refusal = Refusal { text: paragraph, ..Refusal::default() };
        Verdict::of(refusal).cause != postbag_domain::BounceCause::Unclear
    };
    let found = paragraphs.iter().find(has_code).or_else(|| paragraphs.iter().find(is_clear));
    found.cloned().unwrap_or_else(|| "no reason given".to_owned())
}

/// The three digits of a reply, standing alone.
fn code(text: &str) -> Option<u16> {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    let code = |word: &str| {
        let digits = word.split('-').next().filter(|digits| digits.len() == 3)?;
        digits.parse().ok().filter(|code| (400..600).contains(code))
    };
    words.find_map(code)
}

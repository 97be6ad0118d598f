//! What a message that came back says, and the addresses of ours that it names.
//!
//! A delivery status (RFC 3464) is believed first. Systems that write none are read by their words, and only if a mail system wrote
//! them: the answers of machines on behalf of people come to the same address, and settle nothing.

use super::{delivery_status, plain_words};
use crate::secrets::PREFIXES;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use postbag_domain::BounceReport;
use std::panic::catch_unwind;

/// The most of a message that is read.
pub const LIMIT: usize = 1024 * 1024;

/// How many addresses are tried.
const SENDERS: usize = 32;

/// The letters of a token: 26 bytes in base 32.
const TOKEN: usize = 42;

/// A message that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// What it says.
    pub content: Content,
    /// Local parts in the form of our envelope senders, in the order they stand in.
    pub senders: Vec<String>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A mail system reports about a message.
    Report {
        /// What happened.
        report: BounceReport,
        /// Its words, without addresses.
        reply: String,
    },
    /// A machine answers on behalf of a person.
    AutoReply,
    /// Something else.
    Other,
}

impl Content {
    fn of(found: Option<(BounceReport, String)>) -> Self {
        found.map_or(Self::Other, |(report, reply)| Self::Report { report, reply })
    }
}

/// Reads a message, as far as it can be read. One over which the parser stumbles is for a person: it must not come back for ever (C13).
pub fn read(bytes: &[u8]) -> Incoming {
    let bytes = bytes.get(..LIMIT).unwrap_or(bytes);
    let parsed = catch_unwind(|| MessageParser::default().parse(bytes).map(|message| content(&message)));
    let content = parsed.ok().flatten().unwrap_or(Content::Other);
    Incoming { content, senders: senders(bytes) }
}

fn content(message: &Message<'_>) -> Content {
    let status = message.parts.iter().find(|part| part.is_content_type("message", "delivery-status"));
    if let Some(part) = status {
        return Content::of(delivery_status::read(&String::from_utf8_lossy(part.contents())));
    }
    if is_from_mail_system(message) {
        return Content::of(plain_words::read(message.subject().unwrap_or_default(), &text(message)));
    }
    if is_auto_reply(message) { Content::AutoReply } else { Content::Other }
}

/// The first text of the message itself.
fn text(message: &Message<'_>) -> String {
    let is_text = |part: &MessagePart<'_>| matches!(part.body, PartType::Text(_));
    let first = message.parts.iter().find(|part| is_text(part)).and_then(|part| part.text_contents());
    first.map(str::to_owned).or_else(|| Some(message.body_text(0)?.into_owned())).unwrap_or_default()
}

fn is_from_mail_system(message: &Message<'_>) -> bool {
    const SYSTEMS: &[&str] = &["mailer-daemon", "maildaemon", "mail-daemon", "postmaster", "mdaemon"];
    let from = message.from().and_then(|from| from.first()).and_then(|from| from.address());
    let local_part = from.and_then(|address| address.split('@').next()).unwrap_or_default().to_ascii_lowercase();
    SYSTEMS.contains(&local_part.as_str()) || header(message, "X-Failed-Recipients").is_some()
}

/// RFC 3834, and what machines wrote before it.
fn is_auto_reply(message: &Message<'_>) -> bool {
    const SUBJECTS: &[&str] =
        &["automatic reply", "auto-reply", "autoreply", "auto reply", "auto:", "out of office", "ymateb awtomatig"];
    let submitted = header(message, "Auto-Submitted").is_some_and(|value| !value.eq_ignore_ascii_case("no"));
    let precedence = header(message, "Precedence").is_some_and(|value| value.to_ascii_lowercase().contains("auto"));
    let others = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Mail-Autoreply"];
    let subject = message.subject().unwrap_or_default().trim().to_lowercase();
    submitted
        || precedence
        || others.iter().any(|name| header(message, name).is_some())
        || SUBJECTS.iter().any(|start| subject.starts_with(start))
}

fn header(message: &Message<'_>, name: &'static str) -> Option<String> {
    match message.header(HeaderName::Other(name.into()))? {
        HeaderValue::Text(text) => Some(text.trim().to_owned()),
        HeaderValue::TextList(texts) => texts.first().map(|text| text.trim().to_owned()),
        _ => Some(String::new()),
    }
}

/// Everything in the form of our envelope senders. Whether it is one is known by its checksum, so it may stand anywhere.
fn senders(bytes: &[u8]) -> Vec<String> {
    let lower: Vec<u8> = bytes.to_ascii_lowercase();
    let is_token = |byte: &u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
    let mut found: Vec<String> = Vec::new();
    for (start, _) in lower.iter().enumerate().filter(|(_, byte)| **byte == b'-') {
        let before = lower.get(..=start).unwrap_or_default();
        let prefix = PREFIXES.into_iter().find(|prefix| before.ends_with(prefix.as_bytes()));
        let token = lower.get(start + 1..start + 1 + TOKEN).filter(|token| token.iter().all(is_token));
        let (Some(prefix), Some(token)) = (prefix, token) else { continue };
        let sender = format!("{prefix}{}", String::from_utf8_lossy(token));
        if !found.contains(&sender) {
            found.push(sender);
        }
        if found.len() >= SENDERS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;

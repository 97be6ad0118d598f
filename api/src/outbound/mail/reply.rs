//! What a relay said, kept short and without anybody's address.

use super::session::{Answer, Fault};
use postbag_domain::{Refusal, Verdict};
use std::fmt;

/// The longest text that is kept of a reply, in characters.
const KEPT: usize = 200;

/// The stage of a letter's journey at which something was said or happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Making the message.
    Compose,
    /// Writing to the folder.
    Folder,
    /// Reaching the relay, its greeting and EHLO.
    Connect,
    /// Agreeing on TLS.
    Tls,
    /// Logging in.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA.
    Data,
    /// The message itself, up to and including the relay's answer to it.
    Message,
}

impl Stage {
    /// The one word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Folder => "folder",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Message => "message",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was said at a stage, or what happened instead of an answer.
///
/// The text is one printable line of at most 200 characters, with every address taken out (C31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    stage: Stage,
    code: Option<u16>,
    text: String,
}

impl Reply {
    /// Something that happened without the relay saying so.
    pub fn happened(stage: Stage, text: &str) -> Self {
        Self { stage, code: None, text: scrubbed(text) }
    }

    /// A reply code and its text.
    pub fn said(stage: Stage, code: u16, text: &str) -> Self {
        Self { stage, code: Some(code), text: scrubbed(text) }
    }

    pub(super) fn of_answer(stage: Stage, answer: &Answer) -> Self {
        Self::said(stage, answer.code(), &answer.text())
    }

    pub(super) fn of_fault(stage: Stage, fault: &Fault) -> Self {
        match fault {
            Fault::Refused(answer) => Self::of_answer(stage, answer),
            Fault::Network(_) | Fault::Senseless(_) | Fault::Malformed | Fault::TooLong | Fault::NotOffered(_) => {
                Self::happened(stage, &fault.to_string())
            }
        }
    }

    /// What the reply refuses, should it be a refusal.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(Refusal { status: None, code: self.code, text: &self.text })
    }

    /// The stage of the reply.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The three digits, if the relay answered at all.
    pub fn code(&self) -> Option<u16> {
        self.code
    }

    /// The text, scrubbed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// As in `rcpt: 550 5.1.1 no such mailbox`.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{}: {code} {}", self.stage, self.text),
            None => write!(f, "{}: {}", self.stage, self.text),
        }
    }
}

/// One printable line of at most 200 characters, without anybody's address.
pub(crate) fn scrubbed(text: &str) -> String {
    let mut clean = String::new();
    for piece in text.split_inclusive(is_boundary) {
        let word = piece.trim_end_matches(is_boundary);
        let rest = piece.strip_prefix(word).unwrap_or_default();
        clean.push_str(if word.contains('@') { "[address]" } else { word });
        clean.extend(rest.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    clean.trim().chars().take(KEPT).collect()
}

/// What cannot stand inside an address that we send to (no quoted local parts, B34).
fn is_boundary(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | ',' | ';' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_keeps_no_address() {
        let reply = Reply::said(Stage::Rcpt, 550, "5.1.1 <jane.o'hara@parliament.uk>: user unknown; to=<a@b>\r\nbye");
        assert_eq!(reply.to_string(), "rcpt: 550 5.1.1 <[address]>: user unknown; to=<[address]>  bye");
    }

    #[test]
    fn a_reply_is_one_short_printable_line() {
        let reply = Reply::happened(Stage::Connect, &format!("a\u{7}\n{}", "é".repeat(500)));
        assert_eq!(reply.text().chars().count(), KEPT);
        assert!(!reply.text().contains(char::is_control));
    }
}

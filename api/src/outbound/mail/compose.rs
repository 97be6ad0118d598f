//! One letter as the bytes of an internet message (RFC 5322), the same bytes for every attempt.

use super::dkim::DkimKeys;
use chrono::{DateTime, Datelike, Utc};
use lettre::address::{Address, Envelope};
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0, MessageId,
};
use lettre::message::{Body, Mailbox, Message};
use postbag_domain::{DeliveryId, EmailAddress, Letter, Slug};
use std::fmt;
use std::time::SystemTime;
use uuid::Uuid;

/// The header that is the same on every letter of a campaign, so that an office can group them (B24).
pub const CAMPAIGN_HEADER: HeaderName = HeaderName::new_from_ascii_str("X-Postbag-Campaign");

/// What [`CAMPAIGN_HEADER`] says of a campaign: `organisation/campaign`.
pub(crate) fn campaign_label(organisation: &Slug, campaign: &str) -> String {
    format!("{organisation}/{campaign}")
}

pub(super) const CONTENT_LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");

/// Everything one message is made of. No request can set the recipient: it comes from the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingLetter {
    /// Names the message: in its Message-ID and in the folder.
    pub delivery_id: DeliveryId,
    /// The supporter's name as people write it.
    pub from_name: String,
    /// The address in `From` and in the envelope: at the organisation's sending domain, and for this message alone (B20, B28).
    pub sender: EmailAddress,
    /// The supporter's own address, where answers go.
    pub reply_to: EmailAddress,
    /// The representative's name.
    pub to_name: String,
    /// The representative's address.
    pub to: EmailAddress,
    /// The letter, as the preview showed it.
    pub letter: Letter,
    /// The organisation's slug.
    pub organisation: Slug,
    /// The campaign's slug.
    pub campaign: Slug,
    /// The moment the supporter wrote it: the Date of every attempt (B35).
    pub written_at: DateTime<Utc>,
}

/// Shows which delivery it is and nothing of the people (C31).
impl fmt::Debug for OutgoingLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingLetter").field("delivery_id", &self.delivery_id).finish_non_exhaustive()
    }
}

/// Why a letter cannot be made into a message: always our own fault, since the door checks all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitForMail {
    /// A text for a header holds a control, a line separator or a bidirectional override (B22).
    #[error("the {0} holds a character that no header may hold")]
    HeaderText(&'static str),
    /// An address or the sending domain is not one that mail can carry.
    #[error("the {0} is not an address that mail can carry")]
    Address(&'static str),
    /// The body holds a control other than a line break or a tab.
    #[error("the body holds a control character")]
    Body,
    /// The time of writing is outside the years that a Date can name.
    #[error("the time of writing cannot be a Date")]
    Date,
    /// The message could not be put together.
    #[error("the message could not be put together")]
    Message,
}

/// A finished message with its envelope.
///
/// The bytes end with exactly one line break, hold no bare CR or LF and no line over 998 octets.
#[derive(Clone, PartialEq, Eq)]
pub struct ComposedMail {
    id: Uuid,
    sender: Address,
    recipient: Address,
    bytes: Vec<u8>,
}

/// Shows which message it is and nothing of the people (C31).
impl fmt::Debug for ComposedMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComposedMail").field("id", &self.id).finish_non_exhaustive()
    }
}

impl ComposedMail {
    /// A message with its envelope.
    pub(super) fn new(id: Uuid, sender: Address, recipient: Address, bytes: Vec<u8>) -> Self {
        Self { id, sender, recipient, bytes }
    }

    /// The delivery or the mail that it is a message of.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The envelope sender: at the sending domain, one local part for each delivery.
    pub fn sender(&self) -> &Address {
        &self.sender
    }

    /// The envelope recipient, the only one.
    pub fn recipient(&self) -> &Address {
        &self.recipient
    }

    /// The domain of the recipient, which pacing and backing off go by.
    pub fn recipient_domain(&self) -> &str {
        self.recipient.domain()
    }

    /// The message: what the folder holds is what the relay receives.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same message with the signatures of its sending domain before it.
    #[must_use]
    pub fn signed(mut self, keys: &DkimKeys) -> Self {
        let signatures = keys.signatures(self.sender.domain(), &self.bytes);
        self.bytes.splice(..0, signatures);
        self
    }

    /// True if a relay must offer SMTPUTF8 to take it (RFC 6531): an address has a non-ASCII local part (B34).
    ///
    /// Addresses are the only thing that cannot be encoded, and every one of them stands in a header.
    pub fn needs_smtputf8(&self) -> bool {
        !self.bytes.is_ascii()
    }
}

impl OutgoingLetter {
    /// Puts the message together. Pure: the same letter gives the same bytes, whenever and wherever.
    pub fn compose(&self) -> Result<ComposedMail, UnfitForMail> {
        let sender = address("sender", self.sender.as_str())?;
        let recipient = address("recipient", self.to.as_str())?;
        let envelope =
            Envelope::new(Some(sender.clone()), vec![recipient.clone()]).or(Err(UnfitForMail::Address("recipient")))?;
        let message = self.message(&sender, &recipient, envelope)?;
        Ok(ComposedMail::new(self.delivery_id.uuid(), sender, recipient, message.formatted()))
    }

    fn message(&self, sender: &Address, recipient: &Address, envelope: Envelope) -> Result<Message, UnfitForMail> {
        let name = header_text("name of the supporter", &self.from_name)?;
        let reply_to = address("supporter's address", self.reply_to.as_str())?;
        Message::builder()
            .envelope(envelope)
            .from(mailbox(&name, sender.clone()))
            .reply_to(mailbox(&name, reply_to))
            .to(mailbox(&header_text("name of the representative", &self.to_name)?, recipient.clone()))
            .subject(header_text("subject", &self.letter.subject)?)
            .header(MessageId::from(format!("<{}@{}>", self.delivery_id, sender.domain())))
            .date(date(self.written_at)?)
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .raw_header(HeaderValue::new(CONTENT_LANGUAGE, self.letter.locale.to_string()))
            .raw_header(HeaderValue::new(CAMPAIGN_HEADER, campaign_label(&self.organisation, self.campaign.as_str())))
            .body(body(&self.letter.body)?)
            .or(Err(UnfitForMail::Message))
    }
}

pub(super) fn address(what: &'static str, text: &str) -> Result<Address, UnfitForMail> {
    text.parse().or(Err(UnfitForMail::Address(what)))
}

pub(super) fn mailbox(name: &str, address: Address) -> Mailbox {
    Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)
}

/// The text trimmed, if a header may hold all of it (RFC 5322 section 2.2, B22).
///
/// A run of spaces becomes one, since folding a header does not keep it. What looks like the start of an encoded word would
/// arrive decoded (RFC 2047), and hold any character: a word joiner inside it, which nobody sees, makes it arrive as it
/// was typed.
pub(super) fn header_text(what: &'static str, text: &str) -> Result<String, UnfitForMail> {
    let text = text.trim();
    if text.chars().any(is_unfit_for_header) {
        return Err(UnfitForMail::HeaderText(what));
    }
    let words = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
    Ok(words.join(" ").replace("=?", "=\u{2060}?"))
}

/// Controls, line and paragraph separators, and what turns the direction of text around.
fn is_unfit_for_header(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Quoted-printable always: it is ASCII in short lines for every text (B23). It ends with one line break, so that
/// the end of data adds nothing to the message.
pub(super) fn body(text: &str) -> Result<Body, UnfitForMail> {
    let text = text.trim_end();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(UnfitForMail::Body);
    }
    Body::new_with_encoding(format!("{text}\n"), ContentTransferEncoding::QuotedPrintable).or(Err(UnfitForMail::Body))
}

/// The years that RFC 5322 section 3.3 and the formatter both know.
pub(super) fn date(written_at: DateTime<Utc>) -> Result<SystemTime, UnfitForMail> {
    if (1970..=9999).contains(&written_at.year()) { Ok(written_at.into()) } else { Err(UnfitForMail::Date) }
}

//! One mail of the server's own, to a supporter or a digest to a representative, as the bytes of an internet message: plain text and
//! the same in simple HTML, without pictures, tracking or rewritten links.

use super::compose::{
    CAMPAIGN_HEADER, CONTENT_LANGUAGE, ComposedMail, UnfitForMail, address, body, date, header_text, mailbox,
};
use chrono::{DateTime, Utc};
use lettre::address::Envelope;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0, MessageId,
};
use lettre::message::{Body, Message, MultiPart, SinglePart};
use postbag_domain::{EmailAddress, MailText};
use uuid::Uuid;

/// Says that a machine writes, so that machines do not answer (RFC 3834 section 5, B31).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// The end of mails by one click (RFC 8058).
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");

/// Everything a mail of the server's own is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Names the mail: in its Message-ID and in the folder.
    pub id: Uuid,
    /// The organisation's name.
    pub from_name: String,
    /// The address in `From` and in the envelope: at the organisation's sending domain, and for this mail alone (B20, B28).
    pub sender: EmailAddress,
    /// The organisation's contact, where answers go.
    pub reply_to: Option<EmailAddress>,
    /// The recipient's name, where it stands in the header.
    pub to_name: String,
    /// The recipient's address.
    pub to: EmailAddress,
    /// The finished text.
    pub text: MailText,
    /// The addresses in the text that are links.
    pub links: Vec<String>,
    /// Each campaign whose letters it carries, as the header of a letter names it.
    pub campaigns: Vec<String>,
    /// The address by which a click ends mails of this kind, where the recipient can do without them (RFC 8058, B30).
    pub unsubscribe: Option<String>,
    /// The moment it was queued: the Date of every attempt (B35).
    pub written_at: DateTime<Utc>,
}

impl OutgoingMail {
    /// Puts the mail together. Pure: the same mail gives the same bytes.
    pub fn compose(&self) -> Result<ComposedMail, UnfitForMail> {
        let sender = address("sender", self.sender.as_str())?;
        let recipient = address("recipient", self.to.as_str())?;
        let envelope =
            Envelope::new(Some(sender.clone()), vec![recipient.clone()]).or(Err(UnfitForMail::Address("recipient")))?;
        let name = header_text("name of the organisation", &self.from_name)?;
        let mut message = Message::builder()
            .envelope(envelope)
            .from(mailbox(&name, sender.clone()))
            .to(mailbox(&header_text("name of the recipient", &self.to_name)?, recipient.clone()))
            .subject(header_text("subject", &self.text.subject)?)
            .header(MessageId::from(format!("<{}@{}>", self.id, sender.domain())))
            .date(date(self.written_at)?)
            .header(MIME_VERSION_1_0)
            .raw_header(HeaderValue::new(CONTENT_LANGUAGE, self.text.locale.to_string()))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()));
        if !self.campaigns.is_empty() {
            message = message.raw_header(HeaderValue::new(CAMPAIGN_HEADER, self.campaigns.join(", ")));
        }
        if let Some(address) = &self.unsubscribe {
            message = message
                .raw_header(HeaderValue::new(LIST_UNSUBSCRIBE, format!("<{address}>")))
                .raw_header(HeaderValue::new(LIST_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click".to_owned()));
        }
        if let Some(contact) = &self.reply_to {
            message = message.reply_to(mailbox(&name, address("contact's address", contact.as_str())?));
        }
        let message = message.multipart(self.parts()?).or(Err(UnfitForMail::Message))?;
        Ok(ComposedMail::new(self.id, sender, recipient, message.formatted()))
    }

    /// The boundary is the mail's id, so that every attempt has the same bytes.
    fn parts(&self) -> Result<MultiPart, UnfitForMail> {
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body(&self.text.body)?);
        let html = Body::new_with_encoding(self.html(), ContentTransferEncoding::QuotedPrintable);
        let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html.or(Err(UnfitForMail::Body))?);
        let parts = MultiPart::alternative().boundary(format!("postbag-{}", self.id));
        Ok(parts.singlepart(text).singlepart(html))
    }

    /// The text with its paragraphs, and its links to be followed: each stands in a line of its own.
    fn html(&self) -> String {
        let links: Vec<String> = self.links.iter().map(|link| escape(link)).collect();
        let linked = |line: &str| {
            let is_link = links.iter().any(|link| link == line);
            if is_link { format!("<a href=\"{line}\">{line}</a>") } else { line.to_owned() }
        };
        let paragraphs = self.text.body.trim().split("\n\n").map(|paragraph| {
            let text = escape(paragraph);
            let shown: Vec<_> = text.split('\n').map(linked).collect();
            format!("<p>{}</p>\n", shown.join("<br>\n"))
        });
        let paragraphs: String = paragraphs.collect();
        format!("<!doctype html>\n<html lang=\"{}\"><body>\n{paragraphs}</body></html>\n", self.text.locale)
    }
}

/// Text as HTML shows it.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use postbag_domain::Locale;

    fn mail() -> OutgoingMail {
        let link = "https://example.org/confirm?a=1&b=2#token=0a".to_owned();
        OutgoingMail {
            id: Uuid::from_u128(7),
            from_name: "Harbour & Son <Trust>".to_owned(),
            sender: EmailAddress::parse("mail-7@letters.harbour.example.org").unwrap(),
            reply_to: Some(EmailAddress::parse("care@harbour.example.org").unwrap()),
            to_name: String::new(),
            to: EmailAddress::parse("ada@example.org").unwrap(),
            text: MailText {
                subject: "Cadarnhewch: Siân".to_owned(),
                body: format!("Helo,\n\n{link}\n\nHarbour & Son <Trust>\n"),
                locale: Locale::Cy,
            },
            links: vec![link],
            campaigns: Vec::new(),
            unsubscribe: None,
            written_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn a_mail_is_the_same_for_every_attempt_and_says_that_a_machine_wrote_it() {
        let composed = mail().compose().unwrap();
        assert_eq!(composed, mail().compose().unwrap());
        let text = String::from_utf8(composed.bytes().to_vec()).unwrap();
        assert!(text.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("multipart/alternative") && !text.contains("<img"), "{text}");
    }

    #[test]
    fn the_html_is_the_text_with_its_link() {
        let html = mail().html();
        assert!(html.contains("<a href=\"https://example.org/confirm?a=1&amp;b=2#token=0a\">"), "{html}");
        assert!(html.contains("Harbour &amp; Son &lt;Trust&gt;"), "{html}");
    }
}

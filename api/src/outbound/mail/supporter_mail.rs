//! One mail to a supporter as the bytes of an internet message: plain text and the same in simple HTML, without pictures, tracking or
//! rewritten links.

use super::compose::{CONTENT_LANGUAGE, ComposedMail, UnfitForMail, address, body, date, header_text, mailbox};
use chrono::{DateTime, Utc};
use lettre::address::Envelope;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0, MessageId,
};
use lettre::message::{Body, Message, MultiPart, SinglePart};
use postbag_domain::{EmailAddress, MailId, MailText};

/// Says that a machine writes, so that machines do not answer (RFC 3834 section 5, B31).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Everything a mail to a supporter is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Names the mail: in its Message-ID and in the folder.
    pub id: MailId,
    /// The organisation's name.
    pub from_name: String,
    /// The address in `From` and in the envelope: at the organisation's sending domain, and for this mail alone (B20, B28).
    pub sender: EmailAddress,
    /// The organisation's contact for supporters, where answers go.
    pub reply_to: Option<EmailAddress>,
    /// The supporter's address.
    pub to: EmailAddress,
    /// The finished text.
    pub text: MailText,
    /// The address in the text that is a link, if there is one.
    pub link: Option<String>,
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
            .to(mailbox("", recipient.clone()))
            .subject(header_text("subject", &self.text.subject)?)
            .header(MessageId::from(format!("<{}@{}>", self.id, sender.domain())))
            .date(date(self.written_at)?)
            .header(MIME_VERSION_1_0)
            .raw_header(HeaderValue::new(CONTENT_LANGUAGE, self.text.locale.to_string()))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()));
        if let Some(contact) = &self.reply_to {
            message = message.reply_to(mailbox(&name, address("contact's address", contact.as_str())?));
        }
        let message = message.multipart(self.parts()?).or(Err(UnfitForMail::Message))?;
        Ok(ComposedMail::new(self.id.uuid(), sender, recipient, message.formatted()))
    }

    /// The boundary is the mail's id, so that every attempt has the same bytes.
    fn parts(&self) -> Result<MultiPart, UnfitForMail> {
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body(&self.text.body)?);
        let html = Body::new_with_encoding(self.html(), ContentTransferEncoding::QuotedPrintable);
        let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html.or(Err(UnfitForMail::Body))?);
        let parts = MultiPart::alternative().boundary(format!("postbag-{}", self.id));
        Ok(parts.singlepart(text).singlepart(html))
    }

    /// The text with its paragraphs, and its link to be followed.
    fn html(&self) -> String {
        let link = self.link.as_deref().map(escape);
        let linked = |text: String| match &link {
            Some(link) => text.replace(link, &format!("<a href=\"{link}\">{link}</a>")),
            None => text,
        };
        let paragraphs = self.text.body.trim().split("\n\n").map(|paragraph| {
            let text = linked(escape(paragraph));
            format!("<p>{}</p>\n", text.replace('\n', "<br>\n"))
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
    use uuid::Uuid;

    fn mail() -> OutgoingMail {
        let link = "https://example.org/confirm?a=1&b=2#token=0a".to_owned();
        OutgoingMail {
            id: MailId::new(Uuid::from_u128(7)),
            from_name: "Harbour & Son <Trust>".to_owned(),
            sender: EmailAddress::parse("mail-7@letters.harbour.example.org").unwrap(),
            reply_to: Some(EmailAddress::parse("care@harbour.example.org").unwrap()),
            to: EmailAddress::parse("ada@example.org").unwrap(),
            text: MailText {
                subject: "Cadarnhewch: Siân".to_owned(),
                body: format!("Helo,\n\n{link}\n\nHarbour & Son <Trust>\n"),
                locale: Locale::Cy,
            },
            link: Some(link),
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

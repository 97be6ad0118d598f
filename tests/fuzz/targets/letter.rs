//! Composes a letter from what a supporter may type, parses it with somebody else's parser, and holds the two together (B22, B23).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail_parser::MessageParser;
use postbag::outbound::OutgoingLetter;
use postbag_domain::{DeliveryId, EmailAddress, Letter, Locale, PersonName, PersonalMessage, Slug, TemplateId};
use uuid::Uuid;

#[derive(Debug, arbitrary::Arbitrary)]
struct Typed<'a> {
    title: Option<&'a str>,
    first: &'a str,
    last: &'a str,
    email: &'a str,
    subject: &'a str,
    message: &'a str,
    seconds: u32,
}

fuzz_target!(|typed: Typed<'_>| {
    let Some(letter) = letter(&typed) else { return };
    // What the doors let in can be a message, unless it is a header that no message may hold.
    let Ok(composed) = letter.compose() else { return };
    assert_eq!(letter.compose().ok().as_ref(), Some(&composed), "the same bytes for every attempt");
    let bytes = composed.bytes();
    assert!(bytes.ends_with(b"\r\n") && !bytes.ends_with(b"\r\n\r\n\r\n"));
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.len() <= 999, "a line over 998 octets");
        assert!(!line.is_empty() == line.ends_with(b"\r"), "a bare line feed");
        assert!(!line.strip_suffix(b"\r").unwrap_or(line).contains(&b'\r'), "a bare carriage return");
    }
    let parsed = MessageParser::default().parse(bytes).expect("a message");
    for name in ["From", "To", "Subject", "Reply-To", "Message-ID", "Date"] {
        assert_eq!(parsed.headers().iter().filter(|header| header.name() == name).count(), 1, "{name}");
    }
    assert_eq!(parsed.from().and_then(|from| from.first()).and_then(|from| from.address()), Some("letter@l.example"));
    assert_eq!(parsed.attachment_count(), 0);
    let body = parsed.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(body.trim_end(), letter.letter.body.trim_end(), "the words arrive as they were typed");
});

fn letter(typed: &Typed<'_>) -> Option<OutgoingLetter> {
    let name = PersonName::new(typed.title, typed.first, typed.last).ok()?;
    let message = PersonalMessage::parse(typed.message).ok()?;
    Some(OutgoingLetter {
        delivery_id: DeliveryId::new(Uuid::nil()),
        from_name: name.full(),
        sender: EmailAddress::parse("letter@l.example").ok()?,
        reply_to: EmailAddress::parse(typed.email).ok()?,
        to_name: "Una Jessamy".to_owned(),
        to: EmailAddress::parse("una@parliament.example").ok()?,
        letter: Letter {
            subject: typed.subject.to_owned(),
            body: format!("{}\n", message.as_str()),
            locale: Locale::En,
            template_id: TemplateId::new(Uuid::nil()),
        },
        organisation: Slug::parse("trust").ok()?,
        campaign: Slug::parse("care").ok()?,
        written_at: postbag::fuzzing::moment(typed.seconds),
    })
}

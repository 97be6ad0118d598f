//! A composed letter, read back by an unrelated parser.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use chrono::{DateTime, Utc};
use mail_parser::{Address, HeaderName, Message, MessageParser};
use postbag::outbound::{OutgoingLetter, UnfitForMail};
use postbag_domain::{DeliveryId, EmailAddress, Letter, Locale, Slug, TemplateId};
use proptest::prelude::*;
use uuid::Uuid;

const HEADERS: [&str; 11] = [
    "Content-Language",
    "Content-Transfer-Encoding",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Postbag-Campaign",
];

fn written(subject: &str, body: &str) -> Letter {
    Letter {
        subject: subject.to_owned(),
        body: body.to_owned(),
        locale: Locale::En,
        template_id: TemplateId::new(Uuid::from_u128(1)),
    }
}

fn outgoing() -> OutgoingLetter {
    OutgoingLetter {
        delivery_id: DeliveryId::new(Uuid::from_u128(7)),
        from_name: "Ada Lovelace".to_owned(),
        sender: EmailAddress::parse("letter-7@letters.charity.example").unwrap(),
        reply_to: EmailAddress::parse("Ada.Lovelace@example.org").unwrap(),
        to_name: "Jane Doe MP".to_owned(),
        to: EmailAddress::parse("jane.doe.mp@parliament.example").unwrap(),
        letter: written("Please act", "Dear Jane Doe,\n\nPlease act.\n\nAda Lovelace\n"),
        organisation: Slug::parse("charity").unwrap(),
        campaign: Slug::parse("act-now").unwrap(),
        written_at: DateTime::from_timestamp(1_795_000_000, 123_456_000).unwrap(),
    }
}

fn bytes(letter: &OutgoingLetter) -> Vec<u8> {
    letter.compose().unwrap().bytes().to_vec()
}

fn header_names(raw: &[u8]) -> Vec<String> {
    let head = raw.split(|b| *b == b'\n').take_while(|line| *line != b"\r");
    let fields = head.filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t"));
    let mut names: Vec<_> =
        fields.map(|line| String::from_utf8(line.split(|b| *b == b':').next().unwrap().to_vec()).unwrap()).collect();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    names
}

fn sorted_headers() -> Vec<String> {
    let mut names = HEADERS.map(str::to_owned).to_vec();
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    names
}

/// The only mailbox of a header: name and address.
fn only(address: Option<&Address<'_>>) -> (String, String) {
    let mailboxes: Vec<_> = address.unwrap().iter().collect();
    assert_eq!(mailboxes.len(), 1);
    let mailbox = mailboxes.first().unwrap();
    (mailbox.name().unwrap_or_default().to_owned(), mailbox.address().unwrap().to_owned())
}

fn parsed(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap()
}

#[test]
fn a_letter_is_exactly_these_bytes() {
    let expected = "\
From: \"Ada Lovelace\" <letter-7@letters.charity.example>
Reply-To: \"Ada Lovelace\" <Ada.Lovelace@example.org>
To: \"Jane Doe MP\" <jane.doe.mp@parliament.example>
Subject: Please act
Message-ID: <00000000-0000-0000-0000-000000000007@letters.charity.example>
Date: Wed, 18 Nov 2026 11:06:40 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Language: en
X-Postbag-Campaign: charity/act-now
Content-Transfer-Encoding: quoted-printable

Dear Jane Doe,

Please act.

Ada Lovelace
";
    assert_eq!(String::from_utf8(bytes(&outgoing())).unwrap(), expected.replace('\n', "\r\n"));
}

#[test]
fn an_office_sees_who_wrote_and_can_answer() {
    let raw = bytes(&outgoing());
    let message = parsed(&raw);
    let sender = "letter-7@letters.charity.example";
    assert_eq!(only(message.from()), ("Ada Lovelace".to_owned(), sender.to_owned()));
    assert_eq!(only(message.reply_to()), ("Ada Lovelace".to_owned(), "Ada.Lovelace@example.org".to_owned()));
    assert_eq!(only(message.to()), ("Jane Doe MP".to_owned(), "jane.doe.mp@parliament.example".to_owned()));
    assert_eq!(message.message_id(), Some("00000000-0000-0000-0000-000000000007@letters.charity.example"));
    assert_eq!(message.date().unwrap().to_timestamp(), 1_795_000_000);
    let campaign = message.header(HeaderName::Other("X-Postbag-Campaign".into())).unwrap();
    assert_eq!(campaign.as_text(), Some("charity/act-now"));
    let envelope = outgoing().compose().unwrap();
    assert_eq!(envelope.sender().to_string(), sender);
    assert_eq!(envelope.recipient().to_string(), "jane.doe.mp@parliament.example");
}

#[test]
fn every_attempt_has_the_same_bytes() {
    assert_eq!(bytes(&outgoing()), bytes(&outgoing()));
}

#[test]
fn every_language_and_script_arrives_as_written() {
    let bodies = [
        (Locale::Cy, "Annwyl Jane Doe,\n\nMae'r tŷ ar y bryn; diolch yn fawr iawn — Siân"),
        (Locale::Gd, "A Jane chòir,\n\nTha mi a' sgrìobhadh thugaibh às leth nan òganach"),
        (Locale::En, "Emoji \u{1F469}\u{200D}\u{2695}\u{FE0F}, = signs, trailing space \nFrom the start\n.\n..dots"),
        (Locale::En, "عزيزي النائب،\n\nأكتب إليكم بصفتي ناخبًا في دائرتكم"),
    ];
    for (locale, body) in bodies {
        let letter = OutgoingLetter { letter: Letter { locale, ..written("Please act", body) }, ..outgoing() };
        let raw = bytes(&letter);
        let message = parsed(&raw);
        assert_eq!(message.body_text(0).unwrap().trim_end().replace("\r\n", "\n"), body);
        assert_eq!(message.header(HeaderName::ContentLanguage).and_then(|l| l.as_text()), Some(locale.as_str()));
        assert!(raw.is_ascii());
    }
}

#[test]
fn what_no_header_may_hold_is_refused() {
    let unfit = ["a\r\nBcc: x@example.org", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{202E}b", "a\u{2066}b", "a\tb"];
    for text in unfit {
        let text = text.to_owned();
        let subject = OutgoingLetter { letter: written(&text, "Dear Jane Doe"), ..outgoing() };
        assert_eq!(subject.compose().unwrap_err(), UnfitForMail::HeaderText("subject"));
        let name = OutgoingLetter { from_name: text.clone(), ..outgoing() };
        assert_eq!(name.compose().unwrap_err(), UnfitForMail::HeaderText("name of the supporter"));
        let name = OutgoingLetter { to_name: text, ..outgoing() };
        assert_eq!(name.compose().unwrap_err(), UnfitForMail::HeaderText("name of the representative"));
    }
    let body = OutgoingLetter { letter: written("Please act", "a\u{1b}[2J"), ..outgoing() };
    assert_eq!(body.compose().unwrap_err(), UnfitForMail::Body);
    let date = OutgoingLetter { written_at: DateTime::<Utc>::MIN_UTC, ..outgoing() };
    assert_eq!(date.compose().unwrap_err(), UnfitForMail::Date);
}

#[test]
fn nothing_personal_shows_in_debug() {
    let shown = format!("{:?} {:?}", outgoing(), outgoing().compose().unwrap());
    assert!(
        !shown.contains("Ada") && !shown.contains("jane") && shown.contains("00000000-0000-0000-0000-000000000007")
    );
}

/// What a reader sees: a word joiner is nothing, and only keeps `=?` from being taken for an encoded word; where a
/// header is folded, a run of spaces is one.
fn seen(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
    words.join(" ").replace("=\u{2060}?", "=?")
}

/// Names and subjects as the door lets them in: anything printable, however nasty.
fn words(longest: usize) -> impl Strategy<Value = String> {
    let any = prop::collection::vec(any::<char>(), 0..longest).prop_map(|chars| chars.into_iter().collect());
    let nasty = prop::collection::vec(
        prop::sample::select(vec![
            "\"",
            "\\",
            "<",
            ">",
            ",",
            ";",
            ":",
            "@",
            "(",
            ")",
            "=?utf-8?q?a?=",
            "é",
            "👩‍⚕️",
            " ",
            "  ",
            ".",
            "a",
            "Bcc: x@y.z",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ]),
        0..12,
    )
    .prop_map(|parts| parts.concat());
    prop_oneof![any, nasty].prop_map(|text: String| {
        let fit =
            |c: &char| !c.is_control() && !matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
        text.chars().filter(fit).collect::<String>().trim().to_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_typed_the_message_holds_it_and_nothing_else(
        from_name in words(60),
        to_name in words(60),
        subject in words(200),
        body in prop::collection::vec(words(120), 0..8),
    ) {
        let letter = OutgoingLetter { from_name, to_name, letter: written(&subject, &body.join("\n")), ..outgoing() };
        let raw = bytes(&letter);
        prop_assert_eq!(&raw, &bytes(&letter));
        prop_assert!(raw.is_ascii());
        prop_assert_eq!(header_names(&raw), sorted_headers());
        for line in raw.split_inclusive(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r\n").unwrap();
            prop_assert!(line.len() <= 998 && !line.contains(&b'\r'));
        }
        prop_assert!(raw.ends_with(b"\r\n") && (letter.letter.body.trim().is_empty() || !raw.ends_with(b"\r\n\r\n")));
        let message = parsed(&raw);
        prop_assert_eq!(seen(&only(message.from()).0), seen(&letter.from_name));
        let (name, address) = only(message.reply_to());
        prop_assert_eq!((seen(&name), address.as_str()), (seen(&letter.from_name), letter.reply_to.as_str()));
        let (name, address) = only(message.to());
        prop_assert_eq!((seen(&name), address.as_str()), (seen(&letter.to_name), letter.to.as_str()));
        prop_assert_eq!(seen(message.subject().unwrap_or_default()), seen(&letter.letter.subject));
        let text = message.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        prop_assert_eq!(text.trim_end(), letter.letter.body.trim_end());
    }
}

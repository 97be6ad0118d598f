use super::*;
use postbag_domain::{BounceCause, BounceKind, Verdict};
use proptest::prelude::*;

const TOKEN: &str = "letter-abcdefghijklmnopqrstuvwxyz234567abcdefghij";

/// What each message of the corpus says: kind, lasting, cause and the beginning of the words.
const REPORTS: &[(&[u8], BounceKind, bool, BounceCause, &str)] = &[
    (
        include_bytes!("corpus/postfix-failed.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Address,
        "550 5.1.1 <[address]>: Recipient address rejected: User unknown",
    ),
    (
        include_bytes!("corpus/postfix-delayed.eml"),
        BounceKind::Delayed,
        false,
        BounceCause::Route,
        "connect to mail.parliament.example",
    ),
    (
        include_bytes!("corpus/postfix-expired.eml"),
        BounceKind::Failed,
        false,
        BounceCause::Route,
        "connect to mail.parliament.example",
    ),
    (
        include_bytes!("corpus/postfix-blocked.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Sender,
        "554 5.7.1 Service unavailable",
    ),
    (
        include_bytes!("corpus/exchange-unknown.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Address,
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient [address] not found",
    ),
    (
        include_bytes!("corpus/exchange-full.eml"),
        BounceKind::Failed,
        false,
        BounceCause::Mailbox,
        "554 5.2.2 mailbox full",
    ),
    (
        include_bytes!("corpus/gmail-unknown.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Address,
        "550-5.1.1 The email account that you tried to reach does not exist",
    ),
    (include_bytes!("corpus/exim-words.eml"), BounceKind::Failed, true, BounceCause::Address, "[address] SMTP error"),
    (include_bytes!("corpus/exim-warning.eml"), BounceKind::Delayed, true, BounceCause::Unclear, "no reason given"),
    (
        include_bytes!("corpus/qmail-words.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Address,
        "<[address]>: Sorry, no mailbox here by that name. (#5.1.1)",
    ),
    (
        include_bytes!("corpus/words-without-a-reason.eml"),
        BounceKind::Failed,
        true,
        BounceCause::Unclear,
        "no reason given",
    ),
];

#[test]
fn the_reports_of_the_corpus_are_read_as_people_read_them() {
    for (bytes, kind, lasts, cause, words) in REPORTS {
        let incoming = read(bytes);
        let Content::Report { report, reply } = incoming.content else {
            panic!("no report: {}", String::from_utf8_lossy(bytes))
        };
        assert_eq!(report, BounceReport { kind: *kind, verdict: Verdict { lasts: *lasts, cause: *cause } }, "{reply}");
        assert!(reply.starts_with(words) && !reply.contains('@'), "{reply}");
        assert_eq!(incoming.senders, [TOKEN]);
    }
}

#[test]
fn what_machines_and_people_answer_settles_nothing() {
    for (bytes, content) in [
        (include_bytes!("corpus/absence.eml").as_slice(), Content::AutoReply),
        (include_bytes!("corpus/vacation.eml"), Content::AutoReply),
        (include_bytes!("corpus/answer-of-a-person.eml"), Content::Other),
        (include_bytes!("corpus/complaint.eml"), Content::Other),
        (include_bytes!("corpus/delivered.eml"), Content::Other),
        (b"", Content::Other),
    ] {
        assert_eq!(read(bytes).content, content, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_report_that_is_cut_off_is_read_as_far_as_it_goes() {
    for (bytes, ..) in REPORTS {
        for end in 0..bytes.len() {
            let _ = read(&bytes[..end]);
        }
    }
}

#[test]
fn a_message_over_which_the_parser_stumbles_is_for_a_person() {
    // Found by the fuzzer: builds with debug assertions panic over it.
    let message =
        b"F@p 1.0\r\nContent-Type: multipart/report; boundary=\"part1\"\r\n\r\n--e act\r\nDate\nVersion--part1\r\n\
        Content-Type: message/rfc822\r\n\r\n\0\0\0\x001\r\nContent-Type: message/rfc822\r\n\r\n\r\n--part1--\r\n";
    assert_eq!(read(message).content, Content::Other);
}

proptest! {
    #[test]
    fn anything_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_report_with_a_changed_byte_is_read_without_a_panic(number in 0..REPORTS.len(), place: prop::sample::Index, byte: u8) {
        let mut bytes = REPORTS[number].0.to_vec();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = read(&bytes);
    }
}

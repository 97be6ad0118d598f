//! Every stage of a letter's journey, and everything a relay can do there: the outcome is what is known, never more.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use postbag::outbound::{ComposedMail, Folder, Mailer, Outcome, OutgoingLetter, Relay, Security, Timeouts};
use postbag_domain::delivery::BackOff;
use postbag_domain::{DeliveryId, EmailAddress, Letter, Locale, Slug, TemplateId};
use postbag_tests::smtp_sink::{Act, SmtpSink, Stage, Times};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use uuid::Uuid;

const QUICK: Timeouts = Timeouts {
    connect: Duration::from_millis(250),
    command: Duration::from_millis(250),
    message: Duration::from_millis(250),
};
const STALL: Act = Act::Stall(Duration::from_millis(900));
const NOW: Act = Act::Reply(450, "4.2.0 ask again <jane@parliament.uk>");
const GOOD: Act = Act::Reply(550, "5.1.1 no such mailbox <jane@parliament.uk>");

fn written(body: &str) -> Letter {
    Letter {
        subject: "Please act".to_owned(),
        body: body.to_owned(),
        locale: Locale::En,
        template_id: TemplateId::new(Uuid::from_u128(1)),
    }
}

fn outgoing(to: &str) -> OutgoingLetter {
    OutgoingLetter {
        delivery_id: DeliveryId::new(postbag::ids::random()),
        from_name: "Siân O'Neill".to_owned(),
        sender: EmailAddress::parse("letter-7@letters.charity.example").unwrap(),
        reply_to: EmailAddress::parse("sian@example.org").unwrap(),
        to_name: "Jane Doe MP".to_owned(),
        to: EmailAddress::parse(to).unwrap(),
        letter: written("Dear Jane Doe,\n\n.\n..\nPlease act — today.\n.hidden\n"),
        organisation: Slug::parse("charity").unwrap(),
        campaign: Slug::parse("act-now").unwrap(),
        written_at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

fn letter() -> ComposedMail {
    outgoing("jane@parliament.example").compose().unwrap()
}

fn relay(sink: &SmtpSink, security: Security) -> Relay {
    Relay::new("127.0.0.1", sink.addr().port(), security).with_timeouts(QUICK)
}

fn mailer(sink: &SmtpSink) -> Mailer {
    Mailer::Relay(relay(sink, Security::Clear))
}

/// The outcome in one word, and who had better wait.
fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::RefusedForNow { back_off: BackOff::Letter, .. } => "for now: letter",
        Outcome::RefusedForNow { back_off: BackOff::Domain, .. } => "for now: domain",
        Outcome::RefusedForNow { back_off: BackOff::Relay, .. } => "for now: relay",
        Outcome::RefusedForGood(_) => "for good",
        Outcome::LostContact(_) => "lost contact",
        Outcome::Broke(_) => "broke",
    }
}

#[tokio::test]
async fn each_stage_and_each_fault_has_its_outcome() {
    let table = [
        (Stage::Connect, ["for now: relay", "for now: relay", "for now: relay", "for now: relay"]),
        (Stage::Ehlo, ["for now: relay", "for now: relay", "for now: relay", "for now: relay"]),
        (Stage::Mail, ["for now: letter", "for good", "for now: relay", "for now: relay"]),
        (Stage::Rcpt, ["for now: letter", "for good", "for now: relay", "for now: relay"]),
        (Stage::Data, ["for now: letter", "for good", "for now: relay", "for now: relay"]),
        (Stage::Dot, ["for now: letter", "for good", "lost contact", "lost contact"]),
        (Stage::AfterDot, ["for now: letter", "for good", "lost contact", "lost contact"]),
    ];
    for (stage, outcomes) in table {
        for (act, expected) in [NOW, GOOD, Act::Drop, STALL].into_iter().zip(outcomes) {
            let sink = SmtpSink::start().await.unwrap();
            sink.play(stage, act, Times::Always);
            let outcome = mailer(&sink).lane().send(&letter()).await;
            assert_eq!(kind(&outcome), expected, "{stage:?} {act:?}: {}", outcome.reply());
            assert!(!outcome.reply().text().contains('@'), "{}", outcome.reply());
            assert_eq!(sink.count(), usize::from(stage == Stage::AfterDot), "{stage:?} {act:?}");
        }
    }
}

#[tokio::test]
async fn a_lane_recovers_from_every_fault_with_the_next_letter() {
    for stage in [Stage::Connect, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Dot] {
        for act in [NOW, GOOD, Act::Drop, Act::Reply(421, "4.3.2 closing")] {
            let sink = SmtpSink::start().await.unwrap();
            sink.play(stage, act, Times::Nth(1));
            let mut lane = mailer(&sink).lane();
            let (first, second) = (letter(), letter());
            assert_ne!(kind(&lane.send(&first).await), "accepted", "{stage:?} {act:?}");
            assert_eq!(kind(&lane.send(&second).await), "accepted", "{stage:?} {act:?}");
            let id = format!("<{}@letters.charity.example>", second.id());
            assert_eq!(sink.messages().iter().map(|m| m.message_id.clone()).collect::<Vec<_>>(), [id]);
        }
    }
}

#[tokio::test]
async fn what_else_had_better_wait_follows_the_code() {
    let table = [
        (Stage::Mail, 421, "for now: relay"),
        (Stage::Rcpt, 421, "for now: relay"),
        (Stage::Rcpt, 451, "for now: domain"),
        (Stage::Dot, 451, "for now: domain"),
        (Stage::Dot, 421, "for now: relay"),
        (Stage::Mail, 530, "for now: relay"),
        (Stage::Rcpt, 552, "for good"),
        (Stage::Data, 250, "for now: relay"),
        (Stage::Mail, 354, "for now: relay"),
        (Stage::Dot, 354, "lost contact"),
        (Stage::Dot, 251, "accepted"),
        (Stage::Dot, 999, "lost contact"),
        (Stage::Rcpt, 999, "for now: relay"),
    ];
    for (stage, code, expected) in table {
        let sink = SmtpSink::start().await.unwrap();
        sink.play(stage, Act::Reply(code, "because"), Times::Always);
        let outcome = mailer(&sink).lane().send(&letter()).await;
        assert_eq!(kind(&outcome), expected, "{stage:?} {code}: {}", outcome.reply());
    }
}

#[tokio::test]
async fn a_reply_that_is_no_reply_is_not_believed() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Dot, Act::Reply(99, "what"), Times::Always);
    assert_eq!(kind(&mailer(&sink).lane().send(&letter()).await), "lost contact");
}

#[tokio::test]
async fn a_reply_that_is_not_utf8_is_judged_by_its_code() {
    let table: [(Stage, &'static [u8], &str); 7] = [
        (Stage::Connect, b"220 bonjour \xe0 tous\r\n", "accepted"),
        (Stage::Ehlo, b"250-r\xe9lais\r\n250 SIZE\r\n", "accepted"),
        (Stage::Mail, b"250 exp\xe9diteur\r\n", "accepted"),
        (Stage::Rcpt, b"550 bo\xeete inconnue\r\n", "for good"),
        (Stage::Data, b"354 \xe0 vous\r\n", "accepted"),
        (Stage::AfterDot, b"250 Ok, angenommen f\xfcr Zustellung\r\n", "accepted"),
        (Stage::Dot, b"451 sp\xe4ter\r\n", "for now: domain"),
    ];
    for (stage, bytes, expected) in table {
        let sink = SmtpSink::start().await.unwrap();
        sink.play(stage, Act::Bytes(bytes), Times::Always);
        let outcome = mailer(&sink).lane().send(&letter()).await;
        assert_eq!(kind(&outcome), expected, "{stage:?}: {}", outcome.reply());
    }
}

#[tokio::test]
async fn a_banner_without_end_is_refused_after_a_few_pages() {
    const ENDLESS: &[u8] = &[b'2'; 1 << 20];
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Connect, Act::Bytes(ENDLESS), Times::Always);
    let outcome = mailer(&sink).lane().send(&letter()).await;
    assert_eq!((kind(&outcome), outcome.reply().text()), ("for now: relay", "the relay's reply is too long"));
}

#[tokio::test]
async fn a_letter_cut_off_before_its_end_was_certainly_not_taken() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Transfer, STALL, Times::Always);
    let long = OutgoingLetter { letter: written(&"word ".repeat(4_000_000)), ..outgoing("jane@parliament.example") };
    let outcome = mailer(&sink).lane().send(&long.compose().unwrap()).await;
    assert_eq!(kind(&outcome), "for now: relay", "{}", outcome.reply());
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_waited_for() {
    let relay = {
        let gone = SmtpSink::start().await.unwrap();
        relay(&gone, Security::Clear)
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(kind(&Mailer::Relay(relay).lane().send(&letter()).await), "for now: relay");
}

#[tokio::test]
async fn the_message_arrives_byte_for_byte_with_its_envelope() {
    let sink = SmtpSink::start().await.unwrap();
    let letter = letter();
    let outcome = mailer(&sink).lane().send(&letter).await;
    assert_eq!(outcome.reply().to_string(), "message: 250 2.0.0 taken");
    let received = sink.messages().remove(0);
    assert_eq!(received.bytes, letter.bytes());
    assert_eq!(received.from, "letter-7@letters.charity.example");
    assert_eq!(received.to, ["jane@parliament.example"]);
    assert_eq!(received.message_id, format!("<{}@letters.charity.example>", letter.id()));
}

#[tokio::test]
async fn letters_share_a_connection_until_it_has_carried_enough() {
    let sink = SmtpSink::start().await.unwrap();
    let mut lane = Mailer::Relay(relay(&sink, Security::Clear).with_letters_per_connection(3)).lane();
    for _ in 0..7 {
        assert_eq!(kind(&lane.send(&letter()).await), "accepted");
    }
    lane.close().await;
    assert_eq!(sink.messages().iter().map(|m| m.connection).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2, 3]);
    assert_eq!(sink.commands().iter().filter(|command| *command == "QUIT").count(), 3);
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_for_the_next_letter() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Rcpt, GOOD, Times::Nth(1));
    let mut lane = mailer(&sink).lane();
    assert_eq!(kind(&lane.send(&letter()).await), "for good");
    assert_eq!(kind(&lane.send(&letter()).await), "accepted");
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_went_stale_is_replaced_within_the_same_attempt() {
    for act in [Act::Drop, Act::Reply(421, "4.4.2 idle too long")] {
        let sink = SmtpSink::start().await.unwrap();
        sink.play(Stage::Mail, act, Times::Nth(2));
        let mut lane = mailer(&sink).lane();
        assert_eq!(kind(&lane.send(&letter()).await), "accepted");
        assert_eq!(kind(&lane.send(&letter()).await), "accepted", "{act:?}");
        assert_eq!((sink.connections(), sink.count()), (2, 2));
    }
}

/// A certificate authority of our own, and what it vouches for.
struct House {
    authority: CertifiedIssuer<'static, KeyPair>,
}

impl House {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { authority: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    fn server(&self, name: &str, expired: bool) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if expired { 2021 } else { 2200 }, 1, 1);
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

/// A relay with a login, which trusts this house.
fn trusting(house: &House, sink: &SmtpSink, security: Security) -> Mailer {
    let relay = relay(sink, security).with_login("postbag".to_owned(), "a password".to_owned().into()).unwrap();
    Mailer::Relay(relay.trusting(house.authority.pem().as_bytes()).unwrap())
}

/// Nothing of a letter and no login was heard.
fn heard_nothing(sink: &SmtpSink) -> bool {
    let telling = ["AUTH", "MAIL", "RCPT", "DATA"];
    sink.count() == 0 && !sink.commands().iter().any(|heard| telling.iter().any(|verb| heard.starts_with(verb)))
}

#[tokio::test]
async fn letters_travel_encrypted_and_logged_in() {
    let house = House::new();
    let tls = house.server("127.0.0.1", false);
    let sinks = [
        (SmtpSink::start_with_starttls(Arc::clone(&tls)).await.unwrap(), Security::StartTls),
        (SmtpSink::start_with_tls(tls).await.unwrap(), Security::Implicit),
    ];
    for (sink, security) in sinks {
        let mut lane = trusting(&house, &sink, security).lane();
        for _ in 0..3 {
            let outcome = lane.send(&letter()).await;
            assert_eq!(kind(&outcome), "accepted", "{security:?}: {}", outcome.reply());
        }
        let logins = sink.commands().iter().filter(|heard| heard.starts_with("AUTH PLAIN ")).count();
        assert_eq!((logins, sink.connections(), sink.count()), (1, 1, 3));
    }
}

#[tokio::test]
async fn a_relay_that_cannot_prove_who_it_is_hears_nothing() {
    let house = House::new();
    let stranger = House::new();
    let unproven =
        [house.server("another.example", false), house.server("127.0.0.1", true), stranger.server("127.0.0.1", false)];
    for tls in unproven {
        for security in [Security::StartTls, Security::Implicit] {
            let sink = match security {
                Security::StartTls => SmtpSink::start_with_starttls(Arc::clone(&tls)).await.unwrap(),
                _ => SmtpSink::start_with_tls(Arc::clone(&tls)).await.unwrap(),
            };
            let outcome = trusting(&house, &sink, security).lane().send(&letter()).await;
            assert_eq!(kind(&outcome), "for now: relay", "{security:?}: {}", outcome.reply());
            assert!(outcome.reply().text().contains("certificate"), "{}", outcome.reply());
            assert!(heard_nothing(&sink), "{:?}", sink.commands());
        }
    }
}

#[tokio::test]
async fn a_login_that_is_refused_keeps_the_letter_in_the_queue() {
    let house = House::new();
    let sink = SmtpSink::start_with_starttls(house.server("127.0.0.1", false)).await.unwrap();
    sink.play(Stage::Auth, Act::Reply(535, "5.7.8 wrong"), Times::First(1));
    let mut lane = trusting(&house, &sink, Security::StartTls).lane();
    let outcome = lane.send(&letter()).await;
    assert_eq!((kind(&outcome), outcome.reply().to_string().as_str()), ("for now: relay", "auth: 535 5.7.8 wrong"));
    assert_eq!(kind(&lane.send(&letter()).await), "accepted");
}

#[tokio::test]
async fn a_relay_that_offers_no_tls_hears_nothing_of_the_letter() {
    let house = House::new();
    let sink = SmtpSink::start().await.unwrap();
    let outcome = trusting(&house, &sink, Security::StartTls).lane().send(&letter()).await;
    assert_eq!(kind(&outcome), "for now: relay");
    assert_eq!(outcome.reply().to_string(), "tls: the relay offers no STARTTLS");
    assert_eq!(kind(&trusting(&house, &sink, Security::Implicit).lane().send(&letter()).await), "for now: relay");
    let liar = SmtpSink::start_offering(&["STARTTLS"]).await.unwrap();
    assert_eq!(kind(&trusting(&house, &liar, Security::StartTls).lane().send(&letter()).await), "for now: relay");
    assert!(heard_nothing(&sink) && heard_nothing(&liar), "{:?} {:?}", sink.commands(), liar.commands());
}

#[tokio::test]
async fn addresses_beyond_ascii_go_only_where_smtputf8_is_offered() {
    let letter = outgoing("siân@parliament.example").compose().unwrap();
    let plain = SmtpSink::start().await.unwrap();
    let mut lane = mailer(&plain).lane();
    assert_eq!(kind(&lane.send(&letter).await), "for good");
    assert_eq!(kind(&lane.send(&self::letter()).await), "accepted");
    let able = SmtpSink::start_offering(&["8BITMIME", "SMTPUTF8"]).await.unwrap();
    assert_eq!(kind(&mailer(&able).lane().send(&letter).await), "accepted");
    assert!(able.commands().iter().any(|heard| heard.starts_with("MAIL ") && heard.contains(" SMTPUTF8")));
    assert_eq!(able.messages()[0].to, ["siân@parliament.example"]);
}

#[tokio::test]
async fn a_folder_holds_each_letter_once_whole_and_private() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path().join("a/outbox")).unwrap();
    let letter = letter();
    let mut lane = Mailer::Folder(folder.clone()).lane();
    for _ in 0..2 {
        assert_eq!(kind(&lane.send(&letter).await), "accepted");
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files, [folder.path().join(format!("{}.eml", letter.id()))]);
    assert_eq!(std::fs::read(&files[0]).unwrap(), letter.bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files[0]), mode(folder.path())), (0o600, 0o700));
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_keeps_the_letter_in_the_queue() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(home.path().join("outbox")).unwrap();
    std::fs::remove_dir(folder.path()).unwrap();
    assert_eq!(kind(&Mailer::Folder(folder).lane().send(&letter()).await), "for now: relay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_and_a_few_lanes_do_not_wait_for_late_acknowledgements() {
    let sink = SmtpSink::start_light().await.unwrap();
    let started = Instant::now();
    let lanes = (0..4).map(|_| {
        let mailer = mailer(&sink);
        tokio::spawn(async move {
            let mut lane = mailer.lane();
            for _ in 0..50 {
                assert_eq!(kind(&lane.send(&letter()).await), "accepted");
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    assert!(sink.wait_for(200, Duration::from_secs(1)).await);
    // With Nagle's algorithm each letter would take 40 ms more: two seconds for fifty.
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

//! Signed letters: keys by the command line, and signatures on what reaches the relay. `.ci/mail-verify` has them verified by
//! another implementation.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::ALDER;
use postbag_tests::server::eventually;
use postbag_tests::smtp_sink::SmtpSink;
use postbag_tests::supporter::{key, person, submission};

use crate::setup;

const DOMAIN: &str = "letters.harbour.example.org";

/// The values of `tag` in the signatures of a message, in their order.
fn tags(message: &[u8], tag: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(message).replace("\r\n\t", " ");
    let signatures = text.lines().filter_map(|line| line.strip_prefix("DKIM-Signature: "));
    let start = format!("{tag}=");
    let values =
        signatures.filter_map(|signature| signature.split("; ").find_map(|part| part.trim().strip_prefix(&start)));
    values.map(|value| value.trim_end_matches(';').to_owned()).collect()
}

#[tokio::test]
async fn a_letter_is_signed_with_every_key_of_its_domain() {
    let sink = SmtpSink::start().await.unwrap();
    let keys = tempfile::tempdir().unwrap();
    let home = setup().mailing_to(sink.addr()).with("POSTBAG_MAIL__DKIM_FOLDER", keys.path().display()).prepare().await;
    let none = home.cli(&["dkim"]).await.fails().text();
    assert!(none.contains("`postbag dkim generate DOMAIN` makes some"), "{none}");
    let records = home.cli(&["dkim", "generate", DOMAIN, "--selector", "pb1"]).await.succeeds().stdout;
    for expected in [
        format!("pb1._domainkey.{DOMAIN}. IN TXT ( \"v=DKIM1; k=rsa; p=MII"),
        format!("pb1-ed25519._domainkey.{DOMAIN}. IN TXT ( \"v=DKIM1; k=ed25519; p="),
    ] {
        assert!(records.contains(&expected), "{records}");
    }
    assert_eq!(home.cli(&["dkim"]).await.succeeds().stdout, records);
    home.cli(&["dkim", "generate", DOMAIN, "--selector", "pb1"]).await.fails();

    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(0), &person(0))).await.expect(201);
    assert!(sink.wait_for(1, Duration::from_secs(20)).await);
    let message = sink.messages().remove(0);
    assert_eq!(tags(&message.bytes, "a"), ["rsa-sha256", "ed25519-sha256"]);
    assert_eq!(tags(&message.bytes, "d"), [DOMAIN, DOMAIN]);
    assert_eq!(tags(&message.bytes, "s"), ["pb1", "pb1-ed25519"]);
}

#[tokio::test]
async fn a_sending_domain_without_a_key_is_named_in_the_log_and_its_letters_leave_unsigned() {
    let sink = SmtpSink::start().await.unwrap();
    let home = setup().mailing_to(sink.addr()).prepare().await;
    let mut server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(0), &person(0))).await.expect(201);
    assert!(sink.wait_for(1, Duration::from_secs(20)).await);
    assert_eq!(tags(&sink.messages().remove(0).bytes, "a"), Vec::<String>::new());
    server.stop().await;
    let server = home.serve().await;
    let is_named = |line: &String| line.contains("are not signed here") && line.contains(DOMAIN);
    let named = || async { server.log().await.iter().any(is_named) };
    eventually("a warning that names the domain", Duration::from_secs(5), named).await;
}

#[tokio::test]
async fn a_key_that_cannot_sign_stops_the_start() {
    let keys = tempfile::tempdir().unwrap();
    std::fs::create_dir(keys.path().join(DOMAIN)).unwrap();
    std::fs::write(keys.path().join(DOMAIN).join("pb1.pem"), "not a key").unwrap();
    let home = setup().with("POSTBAG_MAIL__DKIM_FOLDER", keys.path().display()).prepare().await;
    for command in ["check", "serve"] {
        let refused = home.cli(&[command]).await.fails().text();
        assert!(refused.contains("pb1.pem: it holds no private key in PEM"), "{command}: {refused}");
    }
}

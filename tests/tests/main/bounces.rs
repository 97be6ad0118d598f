//! Mail that comes back: what it changes, and that nobody else can make it up (B28).

use std::path::Path;
use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

const PATIENCE: Duration = Duration::from_secs(20);

/// Submits in the name of another person, and waits until their letter has left: its sender and its receipt.
async fn sent(server: &Server, campaign: &Published, number: usize) -> (String, Value) {
    let body = submission(&ALDER.postcode(number), &person(number));
    let action = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    let letters = server.letters(number + 1).await;
    let own = letters.into_iter().find(|letter| letter.reply_to.address == person(number)).unwrap();
    let accepted = || async { receipt(server, &action).await["deliveries"][0]["state"] == "accepted" };
    eventually("the letter to be accepted", PATIENCE, accepted).await;
    (own.from.address, action)
}

async fn receipt(server: &Server, action: &Value) -> Value {
    let token = action["receipt_token"].as_str().unwrap();
    server.get(&format!("/v1/actions/{}", action["id"].as_str().unwrap())).token(token).await.expect(200).json()
}

/// A report as Postfix writes it.
pub(crate) fn report(sender: &str, status: &str, words: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\nTo: {sender}\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; \
         report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
         Final-Recipient: rfc822; una@example.org\r\nAction: failed\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {words}\r\n\r\n--b--\r\n"
    )
}

pub(crate) async fn hand_over(server: &Server, token: &str, message: String) -> Answer {
    server.post("/v1/admin/bounces").token(token).body("message/rfc822", message).await
}

#[tokio::test]
async fn a_returned_letter_has_failed_and_its_receipt_says_so() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (sender, action) = sent(&server, &campaign, 0).await;
    let token = server.token("bounces:write", "*").await;
    let message = report(&sender.to_uppercase(), "5.1.1", "550 5.1.1 <una@example.org>: user unknown");
    let outcome = hand_over(&server, &token, message.clone()).await.expect(200).json();
    assert_eq!((&outcome["result"], &outcome["state"]), (&json!("recorded"), &json!("permanent_failure")));
    assert_eq!(hand_over(&server, &token, message).await.expect(200).json()["result"], "recorded_before");
    assert_eq!(receipt(&server, &action).await["deliveries"][0]["state"], "permanent_failure");
    assert_eq!(campaign.exact_tally(&server).await["messages"], json!({ "queued": 0, "accepted": 0, "failed": 1 }));
    server.cli(&["recount", "--check"]).await.succeeds();

    let operator = server.operator().await;
    let path = format!("/v1/admin/bounces?delivery={}", outcome["delivery_id"].as_str().unwrap());
    let listed = server.get(&path).token(&operator).await.expect(200).json();
    let bounce = &listed["items"][0];
    assert_eq!(
        (&bounce["cause"], &bounce["lasts"], &bounce["reported"]),
        (&json!("address"), &json!(true), &json!(true))
    );
    assert_eq!(bounce["reply"], "550 5.1.1 <[address]>: user unknown");
}

#[tokio::test]
async fn nobody_can_make_a_report_up() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (sender, action) = sent(&server, &campaign, 0).await;
    let token = server.token("bounces:write", "*").await;
    let other = format!("letter-{}{}", if sender.as_bytes()[7] == b'a' { 'b' } else { 'a' }, &sender[8..]);
    let forged = hand_over(&server, &token, report(&other, "5.1.1", "550 5.1.1 unknown")).await.expect(200).json();
    assert_eq!(forged["result"], "other");
    let good = || report(&sender, "5.1.1", "550 5.1.1 unknown");
    hand_over(&server, &server.token("deliveries:write", "*").await, good()).await.problem(403, "scope-insufficient");
    server.post("/v1/admin/bounces").body("message/rfc822", good()).await.problem(401, "token-missing");
    server.post("/v1/admin/bounces").token(&token).json(&json!({})).await.problem(415, "unsupported-media-type");
    let body = "x".repeat(1024 * 1024 + 1);
    hand_over(&server, &token, body).await.problem(413, "content-too-large");
    let answer =
        format!("From: una@example.org\r\nTo: {sender}\r\nSubject: Automatic reply: hello\r\n\r\nI am away.\r\n");
    assert_eq!(hand_over(&server, &token, answer).await.expect(200).json()["result"], "auto_reply");
    assert_eq!(receipt(&server, &action).await["deliveries"][0]["state"], "accepted");
}

#[tokio::test]
async fn several_returned_letters_put_an_address_on_hold_until_somebody_has_checked_it() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let token = server.token("bounces:write", "*").await;
    let mut whom = Value::Null;
    for number in 0..3 {
        let (sender, action) = sent(&server, &campaign, number).await;
        whom = action["deliveries"][0]["representative_id"].clone();
        hand_over(&server, &token, report(&sender, "5.1.1", "550 5.1.1 unknown")).await.expect(200);
    }
    let operator = server.operator().await;
    let path = format!("/v1/admin/representatives/{}", whom.as_str().unwrap());
    let read = || async { server.get(&path).token(&operator).await.expect(200) };
    let is_held = || async { read().await.json()["held_on"].is_string() };
    eventually("the address to be on hold", PATIENCE, is_held).await;
    let queue = server.get("/v1/admin/reports").token(&operator).await.expect(200).json();
    assert_eq!((&queue["items"][0]["representative_id"], &queue["items"][0]["reason"]), (&whom, &json!("bounced")));

    let body = submission(&ALDER.postcode(3), &person(3));
    let action = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    let held = || async { receipt(&server, &action).await["deliveries"][0]["held_for"] == "bounces" };
    eventually("the fourth letter to be held", PATIENCE, held).await;
    assert_eq!(server.count_letters(), 3);

    let known = read().await;
    let (tag, mut checked) = (known.header("etag").to_owned(), known.json());
    for gone in ["bounced_on", "held_on"] {
        checked.as_object_mut().unwrap().remove(gone);
    }
    server.put(&path).token(&operator).header("if-match", &tag).json(&checked).await.expect(200);
    server.letters(4).await;
}

#[tokio::test]
async fn a_refusal_because_of_this_server_marks_no_address_and_alerts_the_operator() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let token = server.token("bounces:write", "*").await;
    for number in 0..3 {
        let (sender, _) = sent(&server, &campaign, number).await;
        let words = "554 5.7.1 Service unavailable; Client host blocked using a block list";
        hand_over(&server, &token, report(&sender, "5.7.1", words)).await.expect(200);
    }
    let operator = server.operator().await;
    let health = server.get("/v1/admin/health").token(&operator).await.expect(200).json();
    assert_eq!(health["mail"]["refusals"]["count"], 3);
    let all = server.get("/v1/admin/representatives?limit=100").token(&operator).await.expect(200).json();
    assert!(all["items"].as_array().unwrap().iter().all(|one| one["bounced_on"].is_null() && one["held_on"].is_null()));
    assert!(server.log().await.iter().any(|line| line.contains("mail from this server is refused")));
}

#[tokio::test]
async fn a_mailbox_in_a_folder_is_read() {
    let home = setup().prepare().await;
    let mailbox = home.folder().join("returned");
    let mailbox_text = mailbox.display().to_string();
    let server = home.serve_with(&[("POSTBAG_MAIL__BOUNCES_FOLDER", &mailbox_text)]).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (sender, action) = sent(&server, &campaign, 0).await;
    let put = |name: &str, text: &str| {
        std::fs::write(mailbox.join("tmp").join(name), text).unwrap();
        std::fs::rename(mailbox.join("tmp").join(name), mailbox.join("new").join(name)).unwrap();
    };
    put("1.report", &report(&sender, "5.1.1", "550 5.1.1 unknown"));
    put("2.answer", &format!("From: una@example.org\r\nTo: {sender}\r\nSubject: Re: hello\r\n\r\nThank you.\r\n"));
    let failed = || async { receipt(&server, &action).await["deliveries"][0]["state"] == "permanent_failure" };
    eventually("the report to be read", PATIENCE, failed).await;
    let has = |name: &'static str| {
        let path: &Path = &mailbox;
        let file = path.join("cur").join(name);
        move || {
            let there = file.exists();
            async move { there }
        }
    };
    eventually("the report to be put away as seen", PATIENCE, has("1.report:2,S")).await;
    eventually("the answer to be left for a person", PATIENCE, has("2.answer:2,")).await;
}

//! One mail a day in place of single letters.

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

const PATIENCE: Duration = Duration::from_secs(20);

/// A Monday.
const FIRST_DAY: &str = "2040-01-02";

async fn submit(server: &Server, campaign: &Published, number: usize, may_be_quoted: bool) -> Value {
    let mut body = submission(&ALDER.postcode(number), &person(number));
    body["may_be_quoted"] = json!(may_be_quoted);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json()
}

async fn receipt(server: &Server, action: &Value) -> Value {
    let token = action["receipt_token"].as_str().unwrap();
    server.get(&format!("/v1/actions/{}", action["id"].as_str().unwrap())).token(token).await.expect(200).json()
}

/// Waits until so many letters wait for a digest.
async fn collected(server: &Server, messages: u64) {
    let token = server.operator().await;
    let wait = || async {
        let plan = server.get("/v1/admin/deliveries/plan").token(&token).await.expect(200).json();
        let is_it =
            |one: &Value| one["reason"] == "digest" && one["messages"] == messages && one["next_at"].is_string();
        plan["reasons"].as_array().unwrap().iter().any(is_it)
    };
    eventually("the letters to wait for a digest", PATIENCE, wait).await;
}

/// The representative wishes for one mail, or no longer.
async fn wish(server: &Server, representative: &Value, digest: Value) {
    let operator = server.operator().await;
    let path = format!("/v1/admin/representatives/{}", representative.as_str().unwrap());
    let known = server.get(&path).token(&operator).await.expect(200);
    let (tag, mut document) = (known.header("etag").to_owned(), known.json());
    document["digest"] = digest;
    server.put(&path).token(&operator).header("if-match", &tag).json(&document).await.expect(200);
}

#[tokio::test]
async fn a_representative_who_wishes_it_has_one_mail_a_day_that_settles_its_letters() {
    let home = setup().prepare().await;
    home.move_clock_to(FIRST_DAY);
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let look_up = || {
        let call = server.post(&campaign.path("/targets")).json(&json!({ "postcode": ALDER.postcode(0) }));
        async { call.await.expect(200).json() }
    };
    let before = look_up().await;
    assert!(before["targets"][0].get("digest").is_none());
    wish(
        &server,
        &before["targets"][0]["representative_id"],
        json!({ "every": "day", "shows": "names_and_postcodes" }),
    )
    .await;
    let after = look_up().await;
    assert_eq!(after["targets"][0]["digest"], json!({ "every": "day", "shows": "names_and_postcodes" }));

    let mut actions = Vec::new();
    for number in 0..3 {
        actions.push(submit(&server, &campaign, number, number == 0).await);
    }
    collected(&server, 3).await;
    assert_eq!(receipt(&server, &actions[0]).await["deliveries"][0]["digest"], "day");
    let operator = server.operator().await;
    let listed = server.get("/v1/admin/digests").token(&operator).await.expect(200).json();
    let digest = &listed["items"][0];
    assert_eq!((&digest["letters"], &digest["due_at"]), (&json!(3), &json!("2040-01-03T08:00:00Z")));
    let path = format!("/v1/admin/digests/{}/message", digest["id"].as_str().unwrap());
    let shown = server.get(&path).token(&operator).await.expect(200).text();

    assert!(shown.contains("Date: Tue, 03 Jan 2040 08:00:00 +0000"), "{shown}");
    let listed = server.get("/v1/admin/deliveries").token(&operator).await.expect(200).json();
    assert_eq!(listed["items"][0]["digest_id"], digest["id"]);
    let path = format!("/v1/admin/deliveries/{}/message", listed["items"][0]["id"].as_str().unwrap());
    server.get(&path).token(&operator).await.problem(409, "conflict");

    home.move_clock_to("2040-01-03");
    let mail = server.mails(1).await.remove(0);
    assert_eq!(server.count_letters(), 0, "no letter goes alone");
    assert_eq!(mail.subject, "3 of your constituents wrote to you: Fair care");
    assert_eq!(mail.text.matches("Ada Kanarienvogel, ZA1").count(), 4, "three names and one quote: {}", mail.text);
    assert_eq!(mail.text.matches("eleven weeks").count(), 1, "one of three agreed to be quoted");
    assert!(mail.text.contains("/offices/fair-care") && mail.html.contains("<a href="), "{}", mail.html);
    assert!(!mail.text.contains("kanarien.example") && !mail.text.contains("Kanarienweg"), "{}", mail.text);
    assert!(
        shown.contains("Message-ID: <") && shown.contains("X-Postbag-Campaign: harbour-trust/fair-care"),
        "{shown}"
    );
    for action in &actions {
        let accepted = || async { receipt(&server, action).await["deliveries"][0]["state"] == "accepted" };
        eventually("the letter to be accepted", PATIENCE, accepted).await;
    }
    assert_eq!(campaign.exact_tally(&server).await["messages"], json!({ "queued": 0, "accepted": 3, "failed": 0 }));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_campaign_sends_one_mail_a_week_and_a_wish_that_ends_lets_letters_go_alone() {
    let home = setup().prepare().await;
    home.move_clock_to(FIRST_DAY);
    let server = home.serve().await;
    let weekly = json!({ "every": "week", "shows": "counts" });
    let campaign = CampaignPlan::fair_care().with("digest", weekly.clone()).publish(&server).await;
    assert_eq!(server.get(&campaign.path("")).await.expect(200).json()["digest"], weekly);
    submit(&server, &campaign, 0, false).await;
    collected(&server, 1).await;
    home.move_clock_to("2040-01-08");
    collected(&server, 1).await;
    assert_eq!((server.count_letters(), server.mails_now().len()), (0, 0));
    home.move_clock_to("2040-01-09");
    let mail = server.mails(1).await.remove(0);
    assert!(mail.subject.starts_with("1 of your constituents") && !mail.text.contains("Ada"), "{}", mail.text);

    let action = submit(&server, &campaign, 1, false).await;
    collected(&server, 1).await;
    let operator = server.operator().await;
    let path = format!("/v1/admin/campaigns/{}", campaign.slug);
    let known = server.get(&path).token(&operator).await.expect(200);
    let mut document = known.json();
    document["digest"] = Value::Null;
    server.put(&path).token(&operator).header("if-match", known.header("etag")).json(&document).await.expect(200);
    assert_eq!(receipt(&server, &action).await["deliveries"][0]["digest"], Value::Null);
    submit(&server, &campaign, 2, false).await;
    assert_eq!(server.letters(1).await.len(), 1, "what is written from now on goes alone");
}

#[tokio::test]
async fn a_digest_that_comes_back_fails_its_letters_and_tells_their_writers() {
    let home = setup().prepare().await;
    home.move_clock_to(FIRST_DAY);
    let server = home.serve().await;
    let plan = CampaignPlan::fair_care().with("digest", json!({ "every": "day", "shows": "names" }));
    let campaign = plan.publish(&server).await;
    let actions = [submit(&server, &campaign, 0, false).await, submit(&server, &campaign, 1, false).await];
    collected(&server, 2).await;
    home.move_clock_to("2040-01-03");
    server.mails(1).await;
    let accepted = || async { receipt(&server, &actions[1]).await["deliveries"][0]["state"] == "accepted" };
    eventually("the letters to be accepted", PATIENCE, accepted).await;
    let digest = server.get("/v1/admin/digests").token(&server.operator().await).await.expect(200).json();
    let path = format!("/v1/admin/digests/{}/message", digest["items"][0]["id"].as_str().unwrap());
    let sent = server.get(&path).token(&server.operator().await).await.expect(200).text();
    let sender = sent.split(['<', '>']).find(|part| part.starts_with("digest-")).unwrap().to_owned();
    let report = format!(
        "From: MAILER-DAEMON@mx.example.org\r\nTo: {sender}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain\r\n\r\nSorry.\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
         Final-Recipient: rfc822; una@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n--b--\r\n"
    );
    let token = server.token("bounces:write", "*").await;
    let outcome =
        server.post("/v1/admin/bounces").token(&token).body("message/rfc822", report).await.expect(200).json();
    assert_eq!((&outcome["result"], &outcome["digest_id"]), (&json!("recorded"), &digest["items"][0]["id"]));
    for action in &actions {
        assert_eq!(receipt(&server, action).await["deliveries"][0]["state"], "permanent_failure");
    }
    home.move_clock_to("2040-01-04");
    let mails = server.mails(3).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("could not be delivered")).count(), 2);
}

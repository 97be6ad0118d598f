//! Letters on their way, over a relay under the test's control.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, DOGWOOD, HELYG};
use postbag_tests::letter::Letter;
use postbag_tests::server::{Server, eventually};
use postbag_tests::smtp_sink::{Act, SmtpSink, Stage, Times};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

const PATIENCE: Duration = Duration::from_secs(20);

/// Every delivery, once each is in one of these states.
async fn deliveries(server: &Server, states: &[&str]) -> Vec<Value> {
    let token = server.operator().await;
    let read = || async {
        let list = server.get("/v1/admin/deliveries?limit=100").token(&token).await.expect(200).json();
        list["items"].as_array().unwrap().clone()
    };
    let settled = || async { read().await.iter().all(|one| states.contains(&one["state"].as_str().unwrap())) };
    eventually(&format!("every message to be {states:?}"), PATIENCE, settled).await;
    read().await
}

#[tokio::test]
async fn a_relay_gets_one_message_for_each_representative() {
    let sink = SmtpSink::start().await.unwrap();
    let server = setup().mailing_to(sink.addr()).start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let body = submission(&HELYG.postcode(0), "ada@kanarien.example");
    let mut preview = body.clone();
    preview.as_object_mut().unwrap().remove("source");
    let shown = server.post(&campaign.path("/previews")).json(&preview).await.expect(200).json();
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    assert!(sink.wait_for(7, PATIENCE).await, "{} of 7", sink.count());
    for message in sink.messages() {
        assert_eq!(message.to.len(), 1, "each its own envelope");
        let letter = Letter::read(&message.bytes);
        assert_eq!(message.to[0], letter.recipient());
        assert!(message.from.ends_with("@letters.clearwater.example.org"), "{}", message.from);
        let name = &letter.to[0].name;
        let own = shown["messages"].as_array().unwrap().iter().find(|one| one["name"] == *name).expect("as shown");
        assert_eq!(letter.body, own["body"].as_str().unwrap().trim_end());
    }
    deliveries(&server, &["accepted"]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(sink.count(), 7);
}

#[tokio::test]
async fn a_refusal_for_good_is_final_and_can_be_seen() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Rcpt, Act::Reply(550, "5.1.1 no such mailbox"), Times::Nth(1));
    let server = setup().mailing_to(sink.addr()).with("POSTBAG_MAIL__LANES", 1).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (n, seat) in [ALDER, DOGWOOD].into_iter().enumerate() {
        let body = submission(&seat.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        deliveries(&server, &["accepted", "permanent_failure"]).await;
    }
    let all = deliveries(&server, &["accepted", "permanent_failure"]).await;
    let failed: Vec<_> = all.iter().filter(|one| one["state"] == "permanent_failure").collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0]["reply"].as_str().unwrap().contains("550"), "what the relay said: {}", failed[0]);
    assert_eq!(failed[0]["available_at"], Value::Null, "it is not tried again");
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": 1, "failed": 1 }));
    server.cli(&["recount", "--check"]).await.succeeds();
    let bounced = || async {
        let all = server.get("/v1/representatives?limit=100").await.expect(200).json();
        let all = all["items"].as_array().unwrap().clone();
        let bounced: Vec<_> = all.into_iter().filter(|one| one["bounced_on"].is_string()).collect();
        bounced.len() == 1 && bounced[0]["id"] == failed[0]["representative_id"]
    };
    eventually("the bounce to be in the directory", PATIENCE, bounced).await;
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_later() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Rcpt, Act::Reply(450, "4.2.0 try again"), Times::Always);
    let server = setup().mailing_to(sink.addr()).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let waiting = deliveries(&server, &["temporary_failure"]).await.remove(0);
    assert!(waiting["available_at"].is_string(), "{waiting}");
    assert_eq!(waiting["attempts"], 1);
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(tally["messages"], json!({ "queued": 1, "accepted": 0, "failed": 0 }));
    assert_eq!(sink.count(), 0);
}

#[tokio::test]
async fn submissions_do_not_wait_for_a_relay_that_is_down() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = setup().mailing_to(closed).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..5 {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    server.get("/readyz").await.expect(200);
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(tally["messages"], json!({ "queued": 5, "accepted": 0, "failed": 0 }));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_the_message_in_hand_end() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Dot, Act::Stall(Duration::from_secs(2)), Times::Nth(1));
    let mut server = setup().mailing_to(sink.addr()).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    let sending = || async { sink.commands().iter().any(|command| command == "DATA") };
    eventually("the letter to be on its way", PATIENCE, sending).await;
    server.stop().await;
    assert_eq!(sink.count(), 1);
    server.restart().await;
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    let view = server.get(&path).token(receipt["receipt_token"].as_str().unwrap()).await.expect(200).json();
    assert_eq!(view["deliveries"][0]["state"], "accepted", "{view}");
}

#[tokio::test]
async fn a_letter_is_in_the_supporters_language_where_there_is_one() {
    let server = setup().start().await;
    let mut plan = CampaignPlan::clean_air();
    plan.templates.push(json!({
        "office": null, "locale": "cy", "subject": "Aer glân i {{ area.name }}",
        "body": "Annwyl {{ representative.salutation }},\n\n{{ personal_message }}\n\n{{ supporter.name }}\n{{ supporter.address }}\n"
    }));
    let campaign = plan.publish(&server).await;
    for (n, (locale, subject)) in
        [("cy", "Aer glân i Alder Vale"), ("gd", "Clean air for Alder Vale")].into_iter().enumerate()
    {
        let mut body = submission(&ALDER.postcode(n), &person(n));
        body["locale"] = json!(locale);
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        let letters = server.letters(n + 1).await;
        let own = letters.iter().find(|letter| letter.reply_to.address == person(n)).unwrap();
        assert_eq!(own.subject, subject);
    }
    let form = server.get(&campaign.path("/form")).header("accept-language", "cy").await.expect(200);
    assert_eq!(form.header("content-language"), "cy");
    assert_eq!(form.json()["locales"], json!(["en", "cy"]));
}

#[tokio::test]
async fn a_receipt_does_not_show_that_its_person_is_suppressed() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let email = "never@kanarien.example";
    let slug = server.get(&campaign.path("")).await.expect(200).json()["organisation"]["slug"].clone();
    let suppression = json!({ "organisation": slug, "email": email });
    let token = server.token("consents:write", "*").await;
    server.post("/v1/admin/suppressions").token(&token).json(&suppression).await.expect(204);
    let mut receipts = Vec::new();
    for email in [email, "ada@kanarien.example"] {
        let body = submission(&ALDER.postcode(0), email);
        receipts.push(server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json());
    }
    let listed = deliveries(&server, &["accepted", "cancelled"]).await;
    assert!(listed.iter().any(|one| one["state"] == "cancelled"), "administrators see it: {listed:?}");
    for receipt in receipts {
        let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
        let view = server.get(&path).token(receipt["receipt_token"].as_str().unwrap()).await.expect(200).json();
        assert_eq!(view["deliveries"][0]["state"], "accepted", "{view}");
    }
    assert_eq!(server.count_letters(), 1);
}

#[tokio::test]
async fn administrators_count_cancel_and_retry_messages() {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let server = setup().mailing_to(nowhere).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..3 {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let token = server.operator().await;
    let counts =
        || async { server.get("/v1/admin/deliveries/counts").token(&token).await.expect(200).json()["states"].clone() };
    let waiting = || async { counts().await["temporary_failure"] == 1 };
    eventually("the relay to be missed", Duration::from_secs(10), waiting).await;
    let listed = server.get("/v1/admin/deliveries").token(&token).await.expect(200).json();
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    let command = async |command: &str, token: &str| {
        let body = json!({ "command": command, "ids": ids });
        server.post("/v1/admin/deliveries/commands").token(token).json(&body).await.expect(200).json()["messages"]
            .clone()
    };
    CampaignPlan::clean_air().publish(&server).await;
    let other = server.token("deliveries:write", "clearwater").await;
    assert_eq!(command("cancel", &other).await, json!([]), "nothing of another organisation's");
    assert_eq!(counts().await.get("cancelled"), None);
    let retried = || async {
        let answer = command("retry", &token).await;
        answer.as_array().unwrap().iter().any(|one| one["changed"] == true && one["state"] == "queued")
    };
    eventually("one to be queued again", Duration::from_secs(10), retried).await;
    let cancelled = || async {
        command("cancel", &token).await;
        counts().await["cancelled"] == 3
    };
    eventually("all to be cancelled", Duration::from_secs(10), cancelled).await;
    let again = command("retry", &token).await;
    assert!(
        again.as_array().unwrap().iter().all(|one| one["changed"] == false && one["state"] == "cancelled"),
        "{again}"
    );
    server.cli(&["recount", "--check"]).await.succeeds();
    let wrong =
        server.post("/v1/admin/deliveries/commands").token(&token).json(&json!({ "command": "burn", "ids": [] })).await;
    wrong.problem(422, "validation-failed");
    assert_eq!(wrong.pointers(), ["/command", "/ids"]);
}

#[tokio::test]
async fn after_a_day_without_a_relay_what_was_submitted_drains_inside_the_caps() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = setup().mailing_to(port).with("POSTBAG_PACING__MAILBOX", 24).prepare().await;
    home.move_clock_to("2040-01-02");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..10 {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    home.move_clock_to("2040-01-03");
    let body = submission(&ALDER.postcode(10), &person(10));
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let sink = SmtpSink::start_at(port).await.unwrap();
    // The burst of 24 an hour is two; the others wait for their turn, and none is lost.
    assert!(sink.wait_for(2, 3 * PATIENCE).await, "{} of 2", sink.count());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(sink.count(), 2);
    let token = server.operator().await;
    let plan = server.get("/v1/admin/deliveries/plan").token(&token).await.expect(200).json();
    assert_eq!(plan["waiting"], 9, "{plan}");
    server.cli(&["recount", "--check"]).await.succeeds();
}

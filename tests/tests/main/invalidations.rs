//! Submissions that are struck out together, and put back: over HTTP, with a kill in the middle, and in the counts.

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};
use std::time::Duration;

use crate::setup;

/// How many a script submits where the server is killed in the middle.
const FLOOD: usize = 600;

async fn submit(server: &Server, campaign: &Published, client: &str, number: usize, source: &str) -> Answer {
    let mut body = submission(&ALDER.postcode(number % 100), &person(number));
    body["source"] = json!({ "source": source });
    server.post(&campaign.actions()).header("x-forwarded-for", client).key(&key()).json(&body).await
}

async fn invalidate(server: &Server, body: Value) -> Value {
    let token = server.operator().await;
    server.post("/v1/admin/invalidations").token(&token).json(&body).await.expect(201).json()
}

async fn read(server: &Server, made: &Value) -> Value {
    let path = format!("/v1/admin/invalidations/{}", made["id"].as_str().unwrap());
    server.get(&path).token(&server.operator().await).await.expect(200).json()
}

async fn becomes(server: &Server, made: &Value, state: &str) -> Value {
    let reached = || async { read(server, made).await["state"] == state };
    eventually(state, Duration::from_secs(30), reached).await;
    read(server, made).await
}

async fn step(server: &Server, made: &Value, step: &str) -> Answer {
    let path = format!("/v1/admin/invalidations/{}/steps", made["id"].as_str().unwrap());
    server.post(&path).token(&server.operator().await).json(&json!({ "step": step })).await
}

async fn stop_sending(server: &Server) {
    let body = json!({ "scope": "everything", "work": "sending", "note": "A flood." });
    server.post("/v1/admin/stops").token(&server.operator().await).json(&body).await.expect(201);
}

async fn check_counts(server: &Server) {
    server.cli(&["recount", "--check"]).await.succeeds();
}

async fn receipt(server: &Server, submitted: &Value) -> Value {
    let path = format!("/v1/actions/{}", submitted["id"].as_str().unwrap());
    server.get(&path).token(submitted["receipt_token"].as_str().unwrap()).await.expect(200).json()
}

#[tokio::test]
async fn what_a_network_submitted_is_found_struck_out_and_put_back_and_every_receipt_says_so() {
    let server = setup().with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]").start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    stop_sending(&server).await;
    let mut flood = Vec::new();
    for number in 0..6 {
        let client = format!("203.0.113.{number}");
        flood.push(submit(&server, &campaign, &client, number, "script").await.expect(201).json());
    }
    let own = submit(&server, &campaign, "198.51.100.7", 10, "newsletter").await.expect(201).json();

    let conditions = json!({
        "organisation": "harbour-trust", "campaign": "fair-care", "networks": ["203.0.113.0/28"], "reason": "A script"
    });
    let made = invalidate(&server, conditions).await;
    assert_eq!(made["state"], "counting");
    let found = becomes(&server, &made, "ready").await;
    assert_eq!(found["progress"], json!({ "looked_at": 7, "found": 6, "struck_out": 0 }));
    assert_eq!(found["letters"], json!({ "waiting": 6, "sent": 0 }));
    assert_eq!(found["sample"].as_array().unwrap().len(), 6);
    let text = found.to_string();
    assert!(!text.contains("203.0.113"), "addresses are hashed at once: {text}");
    assert_eq!(receipt(&server, &flood[0]).await["status"], "confirmed", "a dry run changes nothing");

    step(&server, &made, "start").await.expect(200);
    assert_eq!(becomes(&server, &made, "done").await["progress"]["struck_out"], 6);
    let shown = receipt(&server, &flood[0]).await;
    assert_eq!((&shown["status"], &shown["deliveries"][0]["state"]), (&json!("invalidated"), &json!("cancelled")));
    assert_eq!(receipt(&server, &own).await["status"], "confirmed");
    assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
    check_counts(&server).await;
    step(&server, &made, "start").await.problem(422, "validation-failed");

    step(&server, &made, "undo").await.expect(200);
    becomes(&server, &made, "undone").await;
    let shown = receipt(&server, &flood[0]).await;
    assert_eq!((&shown["status"], &shown["deliveries"][0]["state"]), (&json!("confirmed"), &json!("queued")));
    assert_eq!(campaign.exact_tally(&server).await["actions"], 7);
    check_counts(&server).await;
    let path = format!("/v1/admin/audit?subject={}", made["id"].as_str().unwrap());
    let audit = server.get(&path).token(&server.operator().await).await.expect(200).json();
    let notes: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["note"].clone()).collect();
    assert_eq!(notes, [json!("undo"), json!("start"), json!("look: A script")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_that_is_killed_in_the_middle_goes_on_and_is_undone_with_exact_counts() {
    let mut server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    stop_sending(&server).await;
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..20 {
        let (client, path) = (server.client().clone(), campaign.actions());
        lanes.spawn(async move {
            for number in (lane..FLOOD + 100).step_by(20) {
                let mut body = submission(&ALDER.postcode(number % 100), &person(number));
                body["source"] = json!({ "source": if number < FLOOD { "script" } else { "newsletter" } });
                client.call("POST", &path).key(&key()).json(&body).await.expect(201);
            }
        });
    }
    lanes.join_all().await;
    let conditions = json!({ "organisation": "harbour-trust", "sources": ["script"], "reason": "A script" });
    let made = invalidate(&server, conditions).await;
    assert_eq!(becomes(&server, &made, "ready").await["progress"]["found"], FLOOD);
    step(&server, &made, "start").await.expect(200);
    let begun = || async { read(&server, &made).await["progress"]["struck_out"] != 0 };
    eventually("begun", Duration::from_secs(10), begun).await;
    server.kill();
    check_counts(&server).await;
    server.restart().await;
    assert_eq!(becomes(&server, &made, "done").await["progress"]["struck_out"], FLOOD);
    assert_eq!(campaign.exact_tally(&server).await["actions"], 100);
    check_counts(&server).await;
    step(&server, &made, "undo").await.expect(200);
    becomes(&server, &made, "undone").await;
    assert_eq!(campaign.exact_tally(&server).await["actions"], FLOOD + 100);
    check_counts(&server).await;
}

#[tokio::test]
async fn an_invalidation_of_everything_or_of_nothing_is_refused_with_what_is_missing() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    for (conditions, pointer, code) in [
        (json!({}), "", "conditions_missing"),
        (json!({ "campaign": "fair-care" }), "", "conditions_missing"),
        (json!({ "networks": ["203.0.112.0/20"] }), "/networks/0", "network_too_wide"),
        (json!({ "email_patterns": ["*"] }), "/email_patterns/0", "pattern_invalid"),
        (json!({ "clients": ["203.0.113.9"] }), "/clients/0", "client_invalid"),
        (
            json!({ "networks": (0..9).map(|net| format!("203.0.{net}.0/24")).collect::<Vec<_>>() }),
            "/networks/3",
            "too_many",
        ),
        (json!({ "sources": ["\u{0}"] }), "/sources/0", "text_character_refused"),
        (json!({ "like": "01998f00-0000-7000-8000-000000000003" }), "/like", "message_unknown"),
    ] {
        let mut body = conditions;
        (body["organisation"], body["reason"]) = (json!("harbour-trust"), json!("A script"));
        let call = server.post("/v1/admin/invalidations").token(&token).json(&body);
        let problem = call.await.problem(422, "validation-failed");
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{problem}");
    }
}

#[tokio::test]
async fn a_yes_that_came_with_what_was_struck_out_permits_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut body = submission(&ALDER.postcode(1), &person(1));
    (body["consents"], body["source"]) = (campaign.consents(), json!({ "source": "script" }));
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let token = server.operator().await;
    let email = body["supporter"]["email"].as_str().unwrap();
    let wanted = json!({ "organisation": "harbour-trust", "email": email });
    let found = server.post("/v1/admin/supporters/find").token(&token).json(&wanted).await.expect(200).json();
    let id = found["id"].as_str().unwrap().to_owned();
    let permitted = || async {
        let path = format!("/v1/admin/supporters/{id}/permissions");
        let permissions = server.get(&path).token(&server.operator().await).await.expect(200).json();
        let all = permissions["permissions"].as_array().unwrap().clone();
        all.iter().filter(|permission| permission["permitted"] == true).count()
    };
    assert_ne!(permitted().await, 0);
    let made =
        invalidate(&server, json!({ "organisation": "harbour-trust", "sources": ["script"], "reason": "A script" }));
    let made = made.await;
    becomes(&server, &made, "ready").await;
    step(&server, &made, "start").await.expect(200);
    becomes(&server, &made, "done").await;
    assert_eq!(permitted().await, 0);
}

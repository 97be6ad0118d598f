//! What is held goes by itself after its time, and a dry run says what would (B11).

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, organisation};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const ADA: &str = "ada@kanarien.example";
const PATIENCE: Duration = Duration::from_secs(30);

async fn due(server: &Server, query: &str) -> Value {
    let token = server.token("supporters:read", "harbour-trust").await;
    let path = format!("/v1/admin/organisations/harbour-trust/retention{query}");
    server.get(&path).token(&token).await.expect(200).json()
}

async fn actions(server: &Server) -> Value {
    let token = server.token("supporters:read", "harbour-trust").await;
    server.get("/v1/admin/actions").token(&token).await.expect(200).json()["items"].clone()
}

#[tokio::test]
async fn messages_and_people_go_by_themselves_and_the_dry_run_says_when() {
    let server = setup().start().await;
    server.move_clock_to("2040-01-02");
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    server.post(&campaign.actions()).key(&key()).json(&submission(&ALDER.postcode(0), ADA)).await.expect(201);
    server.letters(1).await;
    let before = campaign.settled_tally(&server).await;
    let now = due(&server, "").await;
    assert_eq!(
        now["rules"],
        json!({ "message_days": 28, "failed_message_days": 84, "identity_days": 730, "client_days": 30 })
    );
    assert_eq!(now["due"], json!({ "messages": 0, "identities": 0 }));
    assert_eq!(due(&server, "?on=2040-03-01").await["due"], json!({ "messages": 1, "identities": 0 }));
    assert_eq!(due(&server, "?on=2042-03-01").await["due"], json!({ "messages": 1, "identities": 1 }));

    // Two days after a relay took it, a letter counts as delivered: from then its message has 28 days.
    server.move_clock_to("2040-01-05");
    let token = server.operator().await;
    let path = "/v1/admin/deliveries?state=assumed_delivered";
    let arrived = || async { !server.get(path).token(&token).await.expect(200).json()["items"][0].is_null() };
    eventually("the letter to count as delivered", PATIENCE, arrived).await;
    server.move_clock_to("2040-03-01");
    let deleted = || async { actions(&server).await[0]["personal_message"].is_null() };
    eventually("the message to go", PATIENCE, deleted).await;
    assert_eq!(actions(&server).await[0]["supporter"]["email"], ADA);
    server.move_clock_to("2042-03-01");
    let erased = || async { due(&server, "").await["due"]["identities"] == 0 };
    eventually("the person to go", PATIENCE, erased).await;
    assert!(!actions(&server).await.to_string().contains("kanarien"));
    eventually("the copy to go", PATIENCE, || async { server.count_letters() == 0 }).await;
    let after = campaign.exact_tally(&server).await;
    assert_eq!((&after["actions"], &after["supporters"]), (&before["actions"], &before["supporters"]));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn rules_that_do_not_go_together_are_refused_with_their_fields() {
    let server = setup().start().await;
    let token = server.operator().await;
    let mut document = organisation("Harbour Trust", "harbour");
    document["retention"] = json!({ "message_days": 0, "failed_message_days": 4000 });
    let refused = server.put("/v1/admin/organisations/harbour-trust").token(&token).json(&document).await.expect(422);
    assert_eq!(refused.pointers(), ["/retention/failed_message_days", "/retention/message_days"]);
    document["retention"] = json!({ "message_days": 7 });
    let made =
        server.put("/v1/admin/organisations/harbour-trust").token(&token).json(&document).await.expect(201).json();
    let rules = json!({ "message_days": 7, "failed_message_days": 84, "identity_days": 730, "client_days": 30 });
    assert_eq!(made["retention"], rules);
    CampaignPlan::clean_air().publish(&server).await;
    let other = server.token("supporters:read", "clearwater").await;
    let path = "/v1/admin/organisations/harbour-trust/retention";
    server.get(path).token(&other).await.problem(404, "not-found");
}

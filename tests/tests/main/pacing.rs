//! How fast letters leave, and what is said about when they will (B26).

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

const PATIENCE: Duration = Duration::from_secs(20);

async fn submit(server: &Server, campaign: &Published, number: usize) -> Value {
    let body = submission(&ALDER.postcode(number), &person(number));
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json()
}

async fn plan(server: &Server, token: &str) -> Value {
    server.get("/v1/admin/deliveries/plan").token(token).await.expect(200).json()
}

fn reason<'p>(plan: &'p Value, word: &str) -> &'p Value {
    let reasons = plan["reasons"].as_array().unwrap();
    reasons.iter().find(|reason| reason["reason"] == word).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_campaign_spreads_its_letters_over_hours() {
    let home = setup().prepare().await;
    home.move_clock_to("2040-01-02");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().with("spread_hours", 24).publish(&server).await;
    for number in 0..4 {
        submit(&server, &campaign, number).await;
    }
    let shown = plan(&server, &server.operator().await).await;
    let spread = reason(&shown, "put_off");
    assert_eq!(spread["messages"], 4, "{shown}");
    assert!(spread["next_at"].as_str().is_some_and(|at| ("2040-01-02T12:00".."2040-01-03T12:01").contains(&at)));
    assert_eq!(server.count_letters(), 0);
    home.move_clock_to("2040-01-04");
    server.letters(4).await;
}

#[tokio::test]
async fn one_office_gets_letters_one_after_the_other_and_the_plan_says_until_when() {
    let home = setup().with("POSTBAG_PACING__MAILBOX", 12).prepare().await;
    home.move_clock_to("2040-01-02");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let other = CampaignPlan::fair_care().called("other-care").publish(&server).await;
    for number in 0..4 {
        submit(&server, &campaign, number).await;
    }
    server.letters(1).await;
    submit(&server, &other, 4).await;
    let operator = server.operator().await;
    let waiting = || async { reason(&plan(&server, &operator).await, "cap")["messages"] == 4 };
    eventually("four letters to wait for the mailbox", PATIENCE, waiting).await;
    assert_eq!(server.count_letters(), 1);

    let shown = plan(&server, &operator).await;
    assert_eq!((&shown["waiting"], &shown["hours"]), (&json!(4), &json!("00:00-24:00")));
    let cap = &shown["caps"][0];
    assert_eq!((&cap["scope"], &cap["messages"]), (&json!("mailbox"), &json!(4)));
    assert!(cap["representative_id"].is_string() && !cap.to_string().contains('@'), "{cap}");
    let empty_at = shown["empty_at"].as_str().unwrap();
    assert!(("2040-01-02T12:20".."2040-01-02T12:25").contains(&empty_at), "four waits of five minutes: {empty_at}");
    let health = server.get("/v1/admin/health").token(&operator).await.expect(200).json();
    assert_eq!(health["messages"]["waiting"], 4);

    CampaignPlan::clean_air().publish(&server).await;
    let others = plan(&server, &server.token("deliveries:read", "clearwater").await).await;
    assert_eq!((&others["waiting"], &others["caps"]), (&json!(0), &json!([])), "another organisation's letters");
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn what_waits_for_its_cap_leaves_when_there_is_room_and_can_be_cancelled() {
    let home = setup().with("POSTBAG_PACING__MAILBOX", 1).prepare().await;
    home.move_clock_to("2040-01-02");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for number in 0..3 {
        submit(&server, &campaign, number).await;
    }
    server.letters(1).await;
    let operator = server.operator().await;
    let waiting = || async { reason(&plan(&server, &operator).await, "cap")["messages"] == 2 };
    eventually("two letters to wait", PATIENCE, waiting).await;
    let queued = server.get("/v1/admin/deliveries?state=queued").token(&operator).await.expect(200).json();
    let newest = &queued["items"][0]["id"];
    let command = json!({ "command": "cancel", "ids": [newest] });
    let done = server.post("/v1/admin/deliveries/commands").token(&operator).json(&command).await.expect(200).json();
    assert_eq!(done["messages"][0]["changed"], true);
    home.move_clock_to("2040-01-03");
    let operator = server.operator().await;
    server.letters(2).await;
    let is_empty = || async { plan(&server, &operator).await["waiting"] == 0 };
    eventually("nothing to wait any more", PATIENCE, is_empty).await;
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn outside_the_sending_hours_nothing_leaves() {
    let home = setup().with("POSTBAG_PACING__HOURS", "14:00-15:00").prepare().await;
    home.move_clock_to("2040-01-02");
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign, 0).await;
    let operator = server.operator().await;
    let closed = || async { reason(&plan(&server, &operator).await, "hours")["messages"] == 1 };
    eventually("the letter to wait for the morning", PATIENCE, closed).await;
    let shown = plan(&server, &operator).await;
    assert_eq!((&shown["opens_at"], &shown["hours"]), (&json!("2040-01-02T14:00:00Z"), &json!("14:00-15:00")));
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn wrong_hours_are_refused_at_the_start() {
    let home = setup().empty().prepare().await;
    let refused = home.cli_with(&[("POSTBAG_PACING__HOURS", "20:00-08:00")], &["check"]).await.fails();
    assert!(refused.text().contains("08:00-20:00"), "{}", refused.text());
}

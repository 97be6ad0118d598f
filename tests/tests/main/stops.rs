//! What administrators hold back and let go again, and what is kept of it.

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published, transition};
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

async fn stopped(server: &Server, messages: u64) {
    let token = server.operator().await;
    let wait = || async {
        let plan = server.get("/v1/admin/deliveries/plan").token(&token).await.expect(200).json();
        plan["reasons"].as_array().unwrap().iter().any(|one| one["reason"] == "stopped" && one["messages"] == messages)
    };
    eventually("the letters to be held back", PATIENCE, wait).await;
}

#[tokio::test]
async fn a_stop_holds_everything_back_until_it_is_lifted() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let operator = server.operator().await;
    let body = json!({ "scope": "everything", "work": "sending", "note": "The letter names a wrong date." });
    let stop = server.post("/v1/admin/stops").token(&operator).json(&body).await.expect(201).json();
    let again = server.post("/v1/admin/stops").token(&operator).json(&body).await.expect(200).json();
    assert_eq!(again, stop);
    for number in 0..3 {
        submit(&server, &campaign, number).await;
    }
    stopped(&server, 3).await;
    assert_eq!(server.count_letters(), 0);
    let listed = server.get("/v1/admin/stops").token(&operator).await.expect(200).json();
    assert_eq!(listed["items"], json!([stop]));
    let path = format!("/v1/admin/stops/{}", stop["id"].as_str().unwrap());
    let own = server.token("deliveries:write", "harbour-trust").await;
    server.call("DELETE", &path).token(&own).await.problem(404, "not-found");
    server.call("DELETE", &path).token(&operator).await.expect(204);
    server.letters(3).await;
    let audit = server.get("/v1/admin/audit").token(&operator).await.expect(200).json();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["resume_sending", "stop_sending"]);
}

#[tokio::test]
async fn an_organisation_stops_its_own_letters_and_nobody_elses() {
    let server = setup().start().await;
    let (own, other) =
        (CampaignPlan::fair_care().publish(&server).await, CampaignPlan::clean_air().publish(&server).await);
    let token = server.token("deliveries:write deliveries:read", "harbour-trust").await;
    let stop = |body: Value| server.post("/v1/admin/stops").token(&token).json(&body);
    stop(json!({ "scope": "everything", "note": "x" })).await.problem(403, "operator-only");
    stop(json!({ "scope": "organisation", "organisation": "clearwater", "note": "x" })).await.expect(422);
    let wrong = stop(json!({ "scope": "planet", "note": "x" })).await.expect(422);
    assert_eq!(wrong.pointers(), ["/scope"]);
    stop(json!({ "scope": "organisation", "work": "sending", "note": "We have to check something." }))
        .await
        .expect(201);
    submit(&server, &own, 0).await;
    let others = submit(&server, &other, 1).await["deliveries"].as_array().unwrap().len();
    server.letters(others).await;
    stopped(&server, 1).await;
    assert_eq!(server.count_letters(), others);
}

#[tokio::test]
async fn letters_to_a_representative_can_be_stopped() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let first = submit(&server, &campaign, 0).await;
    server.letters(1).await;
    let operator = server.operator().await;
    let whom = &first["deliveries"][0]["representative_id"];
    let body =
        json!({ "scope": "representative", "representative_id": whom, "note": "The office has asked for a day." });
    server.post("/v1/admin/stops").token(&operator).json(&body).await.expect(201);
    submit(&server, &campaign, 1).await;
    stopped(&server, 1).await;
    let unknown = json!({ "scope": "representative", "note": "x" });
    let refused = server.post("/v1/admin/stops").token(&operator).json(&unknown).await.expect(422);
    assert_eq!(refused.pointers(), ["/representative_id"]);
}

#[tokio::test]
async fn a_paused_campaigns_letters_leave_when_it_goes_on() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let operator = server.operator().await;
    let body = json!({ "scope": "everything", "work": "sending", "note": "Until the campaign is paused." });
    let stop = server.post("/v1/admin/stops").token(&operator).json(&body).await.expect(201).json();
    submit(&server, &campaign, 0).await;
    transition(&server, &campaign.slug, "paused").await.expect(200);
    server
        .call("DELETE", &format!("/v1/admin/stops/{}", stop["id"].as_str().unwrap()))
        .token(&operator)
        .await
        .expect(204);
    stopped(&server, 1).await;
    assert_eq!(server.count_letters(), 0);
    transition(&server, &campaign.slug, "live").await.expect(200);
    server.letters(1).await;
}

#[tokio::test]
async fn dead_letters_are_replayed_by_what_they_have_in_common() {
    let home = setup().prepare().await;
    let server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let operator = server.operator().await;
    let token = server.token("bounces:write", "*").await;
    for number in 0..2 {
        submit(&server, &campaign, number).await;
        let letters = server.letters(number + 1).await;
        let sender =
            letters.iter().find(|letter| letter.reply_to.address == person(number)).unwrap().from.address.clone();
        let report = format!(
            "From: MAILER-DAEMON@mx.example.org\r\nTo: {sender}\r\nSubject: failure notice\r\n\r\n550 5.3.4 message too big\r\n"
        );
        let hand_over = || async {
            let post = server.post("/v1/admin/bounces").token(&token).body("message/rfc822", report.clone());
            let answer = post.await;
            answer.status == 200 && answer.json()["state"] == "permanent_failure"
        };
        eventually("the report to be taken", PATIENCE, hand_over).await;
    }
    let command = |body: Value| server.post("/v1/admin/deliveries/commands").token(&operator).json(&body);
    let both = command(json!({ "command": "retry", "ids": [], "matching": {} })).await.expect(422);
    assert_eq!(both.pointers(), ["/ids"]);
    command(json!({ "command": "retry", "matching": { "campaign": "no-such" } })).await.problem(404, "not-found");
    let matching = json!({ "campaign": campaign.slug, "state": "permanent_failure" });
    let done = command(json!({ "command": "retry", "matching": matching })).await.expect(200).json();
    assert_eq!((done["messages"].as_array().unwrap().len(), &done["more"]), (2, &json!(false)));
    let again = || async { server.letters_now().len() == 2 && accepted(&server, &operator).await == 2 };
    eventually("both to be sent again under their names", PATIENCE, again).await;
    let audit = server.get("/v1/admin/audit?action=retry_message").token(&operator).await.expect(200).json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 2);
    server.cli(&["recount", "--check"]).await.succeeds();
}

async fn accepted(server: &Server, token: &str) -> usize {
    let list = server.get("/v1/admin/deliveries?state=accepted").token(token).await.expect(200).json();
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_message_can_be_read_as_it_is_sent_and_each_reading_is_in_the_audit() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign, 0).await;
    let letter = server.letters(1).await.remove(0);
    let operator = server.operator().await;
    let listed = server.get("/v1/admin/deliveries").token(&operator).await.expect(200).json();
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/admin/deliveries/{id}/message");
    let shown = server.get(&path).token(&operator).await.expect(200);
    assert_eq!(shown.header("content-type"), "message/rfc822");
    assert_eq!(shown.text().as_bytes(), letter.bytes);
    let reader = server.token("deliveries:read", "harbour-trust").await;
    server.get(&path).token(&reader).await.problem(403, "scope-insufficient");
    let stranger = server.token("supporters:read", "harbour-trust").await;
    server
        .get("/v1/admin/deliveries/01998f00-0000-7000-8000-000000000003/message")
        .token(&stranger)
        .await
        .problem(404, "not-found");
    let audit = server.get(&format!("/v1/admin/audit?subject={id}")).token(&operator).await.expect(200).json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(audit["items"][0]["action"], "read_message");
}

/// A submission that is refused while something is stopped.
async fn refused(server: &Server, campaign: &Published, number: usize, locale: &str) -> Value {
    let mut body = submission(&ALDER.postcode(number), &person(number));
    body["locale"] = json!(locale);
    server.post(&campaign.actions()).key(&key()).json(&body).await.problem(503, "submissions-stopped")
}

#[tokio::test]
async fn a_campaign_whose_submissions_are_stopped_says_so_to_everybody_and_takes_them_again_once_it_is_lifted() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let other = CampaignPlan::clean_air().publish(&server).await;
    let kept = submission(&ALDER.postcode(0), &person(0));
    let before = server.post(&campaign.actions()).key("before").json(&kept).await.expect(201).json();
    let token = server.token("deliveries:write deliveries:read", "harbour-trust").await;
    let notice = json!({ "en": "Back tomorrow at nine.", "cy": "Yn ôl yfory am naw." });
    let body = json!({
        "scope": "campaign", "campaign": "fair-care", "work": "submissions", "note": "A script.", "notice": notice
    });
    let stop = server.post("/v1/admin/stops").token(&token).json(&body).await.expect(201).json();
    assert_eq!((&stop["notice"], &stop["work"]), (&notice, &json!("submissions")));
    let problem = refused(&server, &campaign, 1, "en").await;
    assert_eq!(problem["notice"], "Back tomorrow at nine.");
    assert_eq!(refused(&server, &campaign, 1, "cy").await["notice"], "Yn ôl yfory am naw.");
    let again = server.post(&campaign.actions()).key("before").json(&kept).await.expect(201);
    assert_eq!((&again.json()["id"], again.header("idempotency-replayed")), (&before["id"], "true"));
    let shown = server.get(&campaign.path("")).await.expect(200).json();
    assert_eq!(
        shown["notices"],
        json!([{ "code": "stopped", "work": "submissions", "detail": "Back tomorrow at nine." }])
    );
    let page = server.get("/offices/fair-care?lang=cy").await.expect(200).text().clone();
    assert!(page.contains("Yn ôl yfory am naw."), "{page}");
    submit(&server, &other, 2).await;
    let foreign = json!({ "scope": "campaign", "campaign": "clean-air", "work": "both", "note": "x" });
    server.post("/v1/admin/stops").token(&token).json(&foreign).await.problem(404, "not-found");

    let path = format!("/v1/admin/stops/{}", stop["id"].as_str().unwrap());
    server.call("DELETE", &path).token(&token).await.expect(204);
    submit(&server, &campaign, 1).await;
    assert_eq!(server.get(&campaign.path("")).await.expect(200).json()["notices"], json!([]));
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["resume_submissions", "stop_submissions"]);
}

#[tokio::test]
async fn the_command_line_stops_everything_on_a_running_server_and_lifts_it() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let made = server.cli(&["stop", "--everything", "--note", "A flood"]).await.succeeds().text();
    assert!(made.contains("everything") && made.contains("both") && made.contains("A flood"), "{made}");
    let open = || async {
        let body = submission(&ALDER.postcode(1), &person(1));
        server.post(&campaign.actions()).key(&key()).json(&body).await.status
    };
    eventually("a stop on every server", Duration::from_secs(5), || async { open().await == 503 }).await;
    assert!(refused(&server, &campaign, 1, "en").await["notice"].as_str().unwrap().starts_with("No messages can"));
    let listed = server.cli(&["stops"]).await.succeeds().text();
    let id = listed.split_whitespace().next().unwrap().to_owned();
    server.cli(&["resume", &id]).await.succeeds();
    server.cli(&["resume", &id]).await.fails();
    eventually("the end of a stop", Duration::from_secs(5), || async { open().await == 201 }).await;
    assert!(server.cli(&["stops"]).await.succeeds().text().contains("nothing is stopped"));
    server.cli(&["stop", "--campaign", "nowhere", "--note", "x"]).await.fails();
}

#[tokio::test]
async fn nobody_with_an_address_at_a_stopped_domain_submits_and_everybody_else_does() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let operator = server.operator().await;
    let stop = |body: Value| server.post("/v1/admin/stops").token(&operator).json(&body);
    let body = json!({ "scope": "domain", "domain": "bots.example", "work": "submissions", "note": "A script." });
    stop(body).await.expect(201);
    let mut bot = submission(&ALDER.postcode(0), &person(0));
    bot["supporter"]["email"] = json!("seventeen@mail.bots.example");
    server.post(&campaign.actions()).key(&key()).json(&bot).await.problem(503, "submissions-stopped");
    submit(&server, &campaign, 1).await;
    assert_eq!(server.get(&campaign.path("")).await.expect(200).json()["notices"], json!([]));
    let sending =
        stop(json!({ "scope": "domain", "domain": "bots.example", "work": "sending", "note": "x" })).await.expect(422);
    assert_eq!(sending.pointers(), ["/work"]);
    let mixed = stop(json!({ "scope": "everything", "campaign": "fair-care", "note": "x" })).await.expect(422);
    assert_eq!(mixed.pointers(), ["/campaign"]);
    let own = server.token("deliveries:write", "harbour-trust").await;
    let body = json!({ "scope": "domain", "domain": "bots.example", "work": "submissions", "note": "x" });
    server.post("/v1/admin/stops").token(&own).json(&body).await.problem(403, "operator-only");
}

#[tokio::test]
async fn what_the_operator_has_stopped_an_organisation_neither_lifts_nor_weakens_nor_reads_the_note_of() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (operator, own) =
        (server.operator().await, server.token("deliveries:write deliveries:read", "harbour-trust").await);
    let body = json!({ "scope": "campaign", "campaign": "fair-care", "note": "A court's order.", "notice": { "en": "Stopped." } });
    let stop = server.post("/v1/admin/stops").token(&operator).json(&body).await.expect(201).json();
    assert_eq!(stop["work"], "both");
    let weaker = json!({ "scope": "campaign", "campaign": "fair-care", "work": "sending", "note": "x" });
    server.post("/v1/admin/stops").token(&own).json(&weaker).await.problem(403, "operator-only");
    let path = format!("/v1/admin/stops/{}", stop["id"].as_str().unwrap());
    server.call("DELETE", &path).token(&own).await.problem(404, "not-found");
    let seen = server.get("/v1/admin/stops").token(&own).await.expect(200).json();
    assert_eq!((&seen["items"][0]["note"], &seen["items"][0]["created_by"]), (&Value::Null, &Value::Null));
    let again = json!({ "scope": "campaign", "campaign": "fair-care", "note": "Once more." });
    let kept = server.post("/v1/admin/stops").token(&operator).json(&again).await.expect(200).json();
    assert_eq!((&kept["work"], &kept["notice"]), (&json!("both"), &json!({ "en": "Stopped." })));
    assert_eq!(refused(&server, &campaign, 1, "en").await["notice"], "Stopped.");
    let page = server.get("/offices/fair-care").await.expect(200).text().clone();
    assert!(!page.contains("The campaign is open."), "{page}");
}

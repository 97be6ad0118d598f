//! Campaigns of several organisations, each the controller of its own people.

use postbag_tests::campaign::{CampaignPlan, Published, transition};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::bounces::{hand_over, report};
use crate::setup;

const PARTNER: &str = "/v1/admin/campaigns/fair-care/partners/clearwater";
const ADA: &str = "ada@kanarien.example";

/// A campaign of Harbour Trust that Clearwater has joined, with a question and a notice of its own.
async fn shared(server: &Server, plan: CampaignPlan) -> Published {
    let campaign = plan.publish(server).await;
    CampaignPlan::clean_air().publish(server).await;
    let library = json!({
        "questions": [{ "key": "air-news", "purpose": "air_news", "channels": ["email"],
                        "wording": { "en": "May Clearwater write to you?" } }],
        "objections": [{ "activity": "wealth_research", "wording": { "en": "let Clearwater estimate what I could give" } }]
    });
    let token = partner(server).await;
    let path = "/v1/admin/organisations/clearwater/consent-questions";
    server.put(path).token(&token).json(&library).await.expect(200);
    let lead = server.token("campaigns:write campaigns:read", "harbour-trust").await;
    server.put(PARTNER).token(&lead).json(&json!({})).await.expect(200);
    join(server, &token).await.expect(200);
    campaign
}

async fn partner(server: &Server) -> String {
    server.token("campaigns:write campaigns:read supporters:read consents:write", "clearwater").await
}

async fn join(server: &Server, token: &str) -> Answer {
    let picks = json!({ "questions": [{ "key": "air-news" }], "objections": [{ "activity": "wealth_research" }] });
    server.put(&format!("{PARTNER}/consent-questions")).token(token).json(&picks).await
}

/// A yes to each organisation by email, and an objection to the partner.
async fn answers(server: &Server) -> Value {
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    let theirs = &form["partners"][0];
    let yes =
        |question: &Value| json!({ "question_id": question["id"], "version": 1, "channel": "email", "answer": "yes" });
    json!({
        "consents": [yes(&form["consent_questions"][0]), yes(&theirs["consent_questions"][0])],
        "objections": [{ "organisation": "clearwater", "activity": "wealth_research",
                         "version": theirs["objections"][0]["version"] }]
    })
}

async fn submit(server: &Server, campaign: &Published, through: Option<&str>) -> Answer {
    let mut body = submission(&ALDER.postcode(0), ADA);
    let given = answers(server).await;
    (body["consents"], body["objections"]) = (given["consents"].clone(), given["objections"].clone());
    if let Some(partner) = through {
        body["partner"] = json!(partner);
    }
    server.post(&campaign.actions()).key(&key()).json(&body).await
}

async fn permissions(server: &Server, organisation: &str) -> Option<Value> {
    let token = server.token("supporters:read", organisation).await;
    let found = server.post("/v1/admin/supporters/find").token(&token).json(&json!({ "email": ADA })).await;
    if found.status == 404 {
        return None;
    }
    let path = format!("/v1/admin/supporters/{}/permissions", found.json()["id"].as_str().unwrap());
    Some(server.get(&path).token(&token).await.expect(200).json())
}

fn permitted(view: &Value) -> Vec<&str> {
    let decisions = view["permissions"].as_array().unwrap().iter();
    decisions.filter(|one| one["permitted"] == true).map(|one| one["purpose"].as_str().unwrap()).collect()
}

fn objects(view: &Value) -> bool {
    let states = view["objections"].as_array().unwrap();
    states.iter().any(|state| state["activity"] == "wealth_research" && state["objects"] == true)
}

#[tokio::test]
async fn a_form_shows_each_controllers_questions_by_name() {
    let server = setup().start().await;
    shared(&server, CampaignPlan::fair_care()).await;
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    let theirs = &form["partners"][0];
    assert_eq!(
        (&theirs["organisation"]["name"], &theirs["consent_questions"][0]["wording"]),
        (&json!("Clearwater"), &json!("May Clearwater write to you?"))
    );
    assert!(theirs["organisation"]["privacy_notice"]["version"].is_string());
    let campaign = server.get("/v1/campaigns/fair-care").await.expect(200).json();
    assert_eq!(campaign["partners"][0]["slug"], "clearwater");
    let lead = server.token("campaigns:write", "harbour-trust").await;
    server.call("DELETE", PARTNER).token(&lead).await.expect(200);
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    assert_eq!(form["partners"], json!([]));
}

#[tokio::test]
async fn each_controller_reads_its_own_people_and_what_they_answered_it() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    submit(&server, &campaign, None).await.expect(201);
    server.letters(1).await;
    let lead = permissions(&server, "harbour-trust").await.unwrap();
    assert_eq!((permitted(&lead), objects(&lead)), (vec!["campaign_news"], false));
    let theirs = permissions(&server, "clearwater").await.unwrap();
    assert_eq!((permitted(&theirs), objects(&theirs)), (vec!["air_news"], true));
    let answer = &theirs["ledger"]["answers"][0];
    assert_eq!((&answer["source"]["means"], &answer["source"]["action_id"]), (&json!("form"), &json!(null)));
    assert_eq!(answer["shown"]["wording"], "May Clearwater write to you?");
    let actions = |organisation: &'static str| {
        let server = &server;
        async move {
            let token = server.token("supporters:read", organisation).await;
            server.get("/v1/admin/actions").token(&token).await.expect(200).json()["items"].as_array().unwrap().len()
        }
    };
    assert_eq!((actions("harbour-trust").await, actions("clearwater").await), (1, 0));
    let token = server.token("consents:write", "clearwater").await;
    let path = format!("/v1/admin/supporters/{}/changes", theirs["supporter_id"].as_str().unwrap());
    let end = json!({ "means": "post", "note": "Wrote.", "withdraw_everything": true });
    server.post(&path).token(&token).json(&end).await.expect(201);
    assert_eq!(permitted(&permissions(&server, "harbour-trust").await.unwrap()), ["campaign_news"]);
    assert!(permitted(&permissions(&server, "clearwater").await.unwrap()).is_empty());
}

#[tokio::test]
async fn who_came_through_a_partners_form_is_the_partners_and_the_lead_reads_a_count() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care().confirmed_by_mail()).await;
    submit(&server, &campaign, Some("clearwater")).await.expect(201);
    assert!(permissions(&server, "harbour-trust").await.is_none(), "nothing is recorded before it is confirmed");
    let mail = server.mails(1).await.remove(0);
    server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200);
    let letter = server.letters(1).await.remove(0);
    assert!(
        letter.from.address.ends_with("harbour.example.org"),
        "the campaign's organisation sends: {}",
        letter.from.address
    );
    let theirs = permissions(&server, "clearwater").await.unwrap();
    assert_eq!((permitted(&theirs), objects(&theirs)), (vec!["air_news"], true));
    assert!(theirs["ledger"]["answers"][0]["source"]["action_id"].is_string());
    let lead = permissions(&server, "harbour-trust").await.unwrap();
    assert_eq!(permitted(&lead), ["campaign_news"], "what they answered the lead is the lead's");
    let token = server.token("supporters:read campaigns:read", "harbour-trust").await;
    let actions = server.get("/v1/admin/actions").token(&token).await.expect(200).json();
    assert_eq!(actions["items"], json!([]), "the action is the partner's");
    let partners = server.get("/v1/admin/campaigns/fair-care/partners").token(&token).await.expect(200).json();
    assert_eq!(
        (&partners["partners"][0]["organisation"], &partners["partners"][0]["actions"]),
        (&json!("clearwater"), &json!(1))
    );
    assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_stop_of_the_campaigns_organisation_holds_its_partners_letters_too() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    let token = server.operator().await;
    let stop = json!({ "scope": "organisation", "organisation": "harbour-trust", "work": "sending", "note": "A mistake in the letter." });
    let stop = server.post("/v1/admin/stops").token(&token).json(&stop).await.expect(201).json();
    submit(&server, &campaign, Some("clearwater")).await.expect(201);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(server.count_letters(), 0);
    let path = format!("/v1/admin/stops/{}", stop["id"].as_str().unwrap());
    server.call("DELETE", &path).token(&token).await.expect(204);
    server.letters(1).await;
}

#[tokio::test]
async fn only_those_invited_join_and_only_as_a_whole_controller() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    let bare = json!({ "name": "Clearwater" });
    server.put("/v1/admin/organisations/clearwater").token(&token).json(&bare).await.expect(201);
    let theirs = partner(&server).await;
    join(&server, &theirs).await.problem(404, "not-found");
    server.put(PARTNER).token(&theirs).json(&json!({})).await.problem(404, "not-found");
    let lead = server.token("campaigns:write", "harbour-trust").await;
    server.put(PARTNER).token(&lead).json(&json!({})).await.expect(200);
    let refused = join(&server, &theirs).await.problem(422, "validation-failed");
    assert_eq!(refused["errors"][0]["pointer"], "/questions/0/key");
    let nothing = server.put(&format!("{PARTNER}/consent-questions")).token(&theirs).json(&json!({})).await;
    assert_eq!(nothing.problem(422, "campaign-incomplete")["errors"][0]["code"], "charity_number_missing");
    server.put(&format!("{PARTNER}/consent-questions")).token(&lead).json(&json!({})).await.problem(404, "not-found");
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    assert_eq!(form["partners"], json!([]), "an invitation shows nothing");
}

#[tokio::test]
async fn a_server_vouches_for_its_own_organisations_evidence_alone() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    let token = server.token("actions:write", "clearwater").await;
    let mut body = submission(&ALDER.postcode(0), ADA);
    (body["partner"], body["confirmation"]) = (json!("clearwater"), json!("none"));
    let given = answers(&server).await;
    body["consents"] = given["consents"].clone();
    let submit = async |body: &Value| server.post(&campaign.actions()).token(&token).key(&key()).json(body).await;
    let refused = submit(&body).await.problem(422, "validation-failed");
    assert_eq!(refused["errors"][0]["code"], "confirmation_for_others");
    body["consents"] = json!([given["consents"][1]]);
    submit(&body).await.expect(201);
    assert_eq!(permitted(&permissions(&server, "clearwater").await.unwrap()), ["air_news"]);
}

#[tokio::test]
async fn what_a_partner_did_not_collect_itself_is_no_soft_opt_in() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    let token = partner(&server).await;
    let library = "/v1/admin/organisations/clearwater/consent-questions";
    let current = server.get(library).token(&token).await.expect(200);
    let mut document = current.json();
    document["questions"][0]["basis"] = json!("charitable_soft_opt_in");
    server.put(library).token(&token).header("if-match", current.header("etag")).json(&document).await.expect(200);
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    let question = &form["partners"][0]["consent_questions"][0];
    let answer = json!({ "question_id": question["id"], "version": 2, "channel": "email", "answer": "not_refused" });
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = json!([answer]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let decided = permissions(&server, "clearwater").await.unwrap()["permissions"][0].clone();
    assert_eq!((&decided["permitted"], &decided["unmet"]), (&json!(false), &json!(["collected_by_itself"])));
    body["partner"] = json!("clearwater");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let decided = permissions(&server, "clearwater").await.unwrap()["permissions"][0].clone();
    assert_eq!((&decided["permitted"], &decided["reason"]), (&json!(true), &json!("not_refused")));
}

#[tokio::test]
async fn nobody_reads_how_often_a_partner_was_answered() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    submit(&server, &campaign, None).await.expect(201);
    let form = server.get("/v1/campaigns/fair-care/form").await.expect(200).json();
    let question = form["partners"][0]["consent_questions"][0]["id"].as_str().unwrap();
    let path = format!("/v1/admin/campaigns/fair-care/consent-questions/{question}/versions");
    let lead = server.token("campaigns:read", "harbour-trust").await;
    server.get(&path).token(&lead).await.problem(404, "not-found");
    let path = format!("/v1/admin/organisations/clearwater/consent-questions/{question}/versions");
    let versions = server.get(&path).token(&partner(&server).await).await.expect(200).json();
    assert_eq!(versions["versions"][0]["answered"][0]["answers"], 1);
}

#[tokio::test]
async fn a_campaign_does_not_go_live_with_a_partner_that_lacks_something() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    CampaignPlan::clean_air().publish(&server).await;
    let operator = server.operator().await;
    server.put(PARTNER).token(&operator).json(&json!({})).await.expect(200);
    let path = format!("{PARTNER}/consent-questions");
    server.put(&path).token(&operator).json(&json!({})).await.expect(200);
    transition(&server, "clean-air", "closed").await.expect(200);
    let path = "/v1/admin/organisations/clearwater";
    let current = server.get(path).token(&operator).await.expect(200);
    let mut document = current.json();
    document["privacy_notice"] = json!(null);
    server.put(path).token(&operator).header("if-match", current.header("etag")).json(&document).await.expect(200);
    let refused = transition(&server, "fair-care", "live").await.problem(422, "campaign-incomplete");
    assert!(refused.to_string().contains("/partners/clearwater/privacy_notice"), "{refused}");
}

#[tokio::test]
async fn a_report_about_a_partners_letter_comes_from_the_organisation_that_sent_it() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    submit(&server, &campaign, Some("clearwater")).await.expect(201);
    let letter = server.letters(1).await.remove(0);
    campaign.settled_tally(&server).await;
    let message = || report(&letter.from.address, "5.1.1", "550 5.1.1 user unknown");
    let bare = json!({ "name": "Red Kite" });
    server.put("/v1/admin/organisations/red-kite").token(&server.operator().await).json(&bare).await.expect(201);
    let other = server.token("bounces:write", "red-kite").await;
    assert_ne!(hand_over(&server, &other, message()).await.json()["result"], "recorded");
    let lead = server.token("bounces:write", "harbour-trust").await;
    assert_eq!(hand_over(&server, &lead, message()).await.expect(200).json()["result"], "recorded");
    assert_eq!(campaign.exact_tally(&server).await["messages"]["failed"], 1);
}

#[tokio::test]
async fn a_partner_that_is_none_is_refused_where_it_stands() {
    let server = setup().start().await;
    let campaign = shared(&server, CampaignPlan::fair_care()).await;
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["partner"] = json!("somebody-else");
    body["objections"] = json!([{ "organisation": "nobody", "activity": "wealth_research", "version": 1 }]);
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "validation-failed");
    let pointers: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|flaw| flaw["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/partner", "/objections/0/organisation"]);
    let token = server.operator().await;
    let path = "/v1/admin/organisations/clearwater";
    let current = server.get(path).token(&token).await.expect(200);
    let mut document = current.json();
    document["privacy_notice"] = json!(null);
    let refused = server.put(path).token(&token).header("if-match", current.header("etag")).json(&document).await;
    refused.problem(422, "campaign-incomplete");
}

//! The library of an organisation, from which its campaigns pick consent questions and notices (B1, B6).

use postbag_tests::campaign::{CampaignPlan, put_current};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const LIBRARY: &str = "/v1/admin/organisations/harbour-trust/consent-questions";
const CAMPAIGN: &str = "/v1/admin/campaigns/fair-care";

fn library() -> Value {
    json!({
        "questions": [{ "key": "research-news", "purpose": "research_news", "channels": ["email", "post"],
                        "wording": { "en": "May we tell you about our research?" } }],
        "objections": [{ "activity": "wealth_research", "wording": { "en": "estimate what I could give" },
                         "long_wording": { "en": "We compare public registers with what you gave before." } }]
    })
}

/// What a campaign picks of it, beside a question of its own.
fn picks() -> Value {
    json!({
        "questions": [{ "key": "research-news" },
                      { "purpose": "campaign_news", "channels": ["email"], "wording": { "en": "May we tell you more?" } }],
        "objections": [{ "activity": "wealth_research", "from_library": true }]
    })
}

async fn put_library(server: &Server, document: &Value) -> Answer {
    let token = server.token("campaigns:write campaigns:read", "harbour-trust").await;
    let current = server.get(LIBRARY).token(&token).await.expect(200);
    server.put(LIBRARY).token(&token).header("if-match", current.header("etag")).json(document).await
}

async fn pick(server: &Server) -> Value {
    put_library(server, &library()).await.expect(200);
    put_current(server, CAMPAIGN, "consent-questions", &picks()).await.expect(200).json()
}

async fn form(server: &Server, campaign: &str) -> Value {
    server.get(&format!("/v1/campaigns/{campaign}/form")).await.expect(200).json()
}

#[tokio::test]
async fn a_campaign_picks_from_the_library_and_shows_its_new_words_at_once() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let picked = pick(&server).await;
    assert_eq!(
        (&picked["questions"][0]["key"], &picked["questions"][1]["key"]),
        (&json!("research-news"), &json!(null))
    );
    let shown = form(&server, "fair-care").await;
    assert_eq!(shown["consent_questions"][0]["wording"], "May we tell you about our research?");
    assert_eq!(shown["objections"][0]["long_wording"], "We compare public registers with what you gave before.");
    let before = server.get(CAMPAIGN).token(&server.operator().await).await.expect(200);
    let mut reworded = library();
    reworded["questions"][0]["wording"]["en"] = json!("May we send you news of our research?");
    reworded["objections"][0]["long_wording"]["en"] = json!("We compare public registers.");
    let kept = put_library(&server, &reworded).await.expect(200).json();
    assert_eq!(
        (&kept["questions"][0]["version"], &kept["questions"][0]["asked_by"]),
        (&json!(2), &json!(["fair-care"]))
    );
    let shown_now = form(&server, "fair-care").await;
    assert_eq!(shown_now["consent_questions"][0]["wording"], "May we send you news of our research?");
    assert_eq!(shown_now["objections"][0]["long_wording"], "We compare public registers.");
    assert_ne!(shown_now["objections"][0]["version"], shown["objections"][0]["version"]);
    let after = server.get(CAMPAIGN).token(&server.operator().await).await.expect(200);
    assert_ne!(after.header("etag"), before.header("etag"), "what a campaign shows is part of its tag");
    let shown = after.json();
    let sent_back = json!({ "questions": shown["consent_questions"], "objections": shown["objections"] });
    let again = put_current(&server, CAMPAIGN, "consent-questions", &sent_back).await.expect(200).json();
    assert_eq!(again["questions"], shown["consent_questions"]);
}

#[tokio::test]
async fn a_form_that_was_loaded_before_is_heard_in_the_words_that_it_showed() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let before = form(&server, "fair-care").await;
    let (question, notice) = (&before["consent_questions"][0], &before["objections"][0]);
    pick(&server).await;
    put_current(&server, CAMPAIGN, "consent-questions", &json!({ "questions": [{ "key": "research-news" }] }))
        .await
        .expect(200);
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["objections"] = json!([{ "activity": notice["activity"], "version": notice["version"] }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    body["consents"] = json!([{ "question_id": question["id"], "version": 1, "channel": "email", "answer": "yes" }]);
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "validation-failed");
    assert_eq!(refused["errors"][0]["code"], "question_unknown", "a yes needs a question that is asked today");
}

#[tokio::test]
async fn the_library_keeps_what_campaigns_show_and_every_word_that_was_answered() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let picked = pick(&server).await;
    let question = &picked["questions"][0]["id"];
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["consents"] = json!([{ "question_id": question, "version": 1, "channel": "post", "answer": "yes" }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let refused =
        put_library(&server, &json!({ "questions": [], "objections": [] })).await.problem(422, "validation-failed");
    let flaws: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|flaw| (&flaw["pointer"], &flaw["code"])).collect();
    assert_eq!(flaws, [(&json!("/questions"), &json!("in_use")), (&json!("/objections"), &json!("in_use"))]);
    put_current(&server, CAMPAIGN, "consent-questions", &json!({ "questions": [], "objections": [] }))
        .await
        .expect(200);
    put_library(&server, &json!({ "questions": [], "objections": [] })).await.expect(200);
    let token = server.token("campaigns:read", "harbour-trust").await;
    let path = format!("{LIBRARY}/{}/versions", question.as_str().unwrap());
    let versions = server.get(&path).token(&token).await.expect(200).json();
    assert_eq!(versions["versions"][0]["answered"][0]["answers"], 1);
    assert_eq!(versions["versions"][0]["wording"]["en"], "May we tell you about our research?");
    let kept = put_library(&server, &library()).await.expect(200).json();
    assert_eq!((&kept["questions"][0]["id"], &kept["questions"][0]["version"]), (question, &json!(1)), "kept again");
}

#[tokio::test]
async fn what_cannot_be_picked_or_kept_is_refused_with_every_flaw() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    pick(&server).await;
    let wrong = json!({
        "questions": [{ "key": "unknown" }, { "key": "research-news", "wording": { "en": "Other words?" } }, {}],
        "objections": [{ "activity": "profiling", "from_library": true },
                       { "activity": "wealth_research", "from_library": true, "wording": { "en": "other" } }]
    });
    let refused = put_current(&server, CAMPAIGN, "consent-questions", &wrong).await.problem(422, "validation-failed");
    let flaws: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|flaw| flaw["pointer"].as_str().unwrap()).collect();
    let expected = [
        "/questions/0/key",
        "/questions/1/wording",
        "/questions/2/purpose",
        "/questions/2/wording",
        "/objections/0/from_library",
        "/objections/1/wording",
    ];
    assert_eq!(flaws, expected);
    let mut other = library();
    other["questions"][0]["purpose"] = json!("appeals");
    let informs = json!({ "key": "about", "purpose": "letters", "basis": "information_only", "channels": ["post"],
                          "wording": { "en": "We keep your letter for 28 days." } });
    other["questions"].as_array_mut().unwrap().extend([informs.clone(), informs]);
    let refused = put_library(&server, &other).await.problem(422, "validation-failed");
    let codes: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|flaw| flaw["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["purpose_fixed", "channels_of_information", "channels_of_information"]);
}

#[tokio::test]
async fn information_is_shown_and_takes_no_answer() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let informs = json!({ "questions": [{ "key": "about", "purpose": "letters", "basis": "information_only",
                                          "wording": { "en": "We keep your letter for 28 days." } }] });
    put_library(&server, &informs).await.expect(200);
    let picked =
        put_current(&server, CAMPAIGN, "consent-questions", &json!({ "questions": [{ "key": "about" }] })).await;
    let question = &picked.expect(200).json()["questions"][0]["id"];
    let shown = &form(&server, "fair-care").await["consent_questions"][0];
    assert_eq!((&shown["basis"], &shown["channels"]), (&json!("information_only"), &json!([])));
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["consents"] = json!([{ "question_id": question, "version": 1, "channel": "email", "answer": "yes" }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "validation-failed");
    body["consents"] = json!([]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

#[tokio::test]
async fn nobody_reads_or_changes_the_library_of_others() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    CampaignPlan::clean_air().publish(&server).await;
    put_library(&server, &library()).await.expect(200);
    let other = server.token("campaigns:read campaigns:write", "clearwater").await;
    server.get(LIBRARY).token(&other).await.problem(404, "not-found");
    server.put(LIBRARY).token(&other).json(&library()).await.problem(404, "not-found");
    let picked = put_current(&server, "/v1/admin/campaigns/clean-air", "consent-questions", &picks()).await;
    assert_eq!(picked.problem(422, "validation-failed")["errors"][0]["pointer"], "/questions/0/key");
}

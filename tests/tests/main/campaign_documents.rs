//! A campaign as one document: read, changed, put back, copied and deleted.

use postbag_tests::campaign::{CampaignPlan, organisation, transition};
use postbag_tests::client::Answer;
use postbag_tests::server::{ALL_SCOPES, Server};
use serde_json::{Value, json};

use crate::setup;

const PATH: &str = "/v1/admin/campaigns/fair-care";

async fn read(server: &Server, path: &str) -> (Value, String) {
    let answer = server.get(path).token(&server.operator().await).await.expect(200);
    (answer.json(), answer.header("etag").to_owned())
}

async fn put(server: &Server, path: &str, tag: &str, document: &Value) -> Answer {
    server.put(path).token(&server.operator().await).header("if-match", tag).json(document).await
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_changes_nothing() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    for path in [PATH, "/v1/admin/organisations/harbour-trust"] {
        let (document, tag) = read(&server, path).await;
        let same = server.put(path).token(&token).json(&document).await.expect(200);
        assert_eq!((same.json(), same.header("etag")), (document, tag.as_str()), "{path}");
    }
    let list = server.get("/v1/admin/representatives?limit=1").token(&token).await.expect(200).json();
    let path = format!("/v1/admin/representatives/{}", list["items"][0]["id"].as_str().unwrap());
    let (document, tag) = read(&server, &path).await;
    let same = put(&server, &path, &tag, &document).await.expect(200);
    assert_eq!(same.json(), document);
}

#[tokio::test]
async fn terms_asks_letters_and_questions_change_in_one_document_or_not_at_all() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let (before, tag) = read(&server, PATH).await;
    let mut document = before.clone();
    document["title"] = json!("Fairer care");
    document["asks"][0]["text"] = json!("publish the waiting times");
    document["asks"].as_array_mut().unwrap().truncate(1);
    document["templates"][0]["body"] = json!("{{ personal_message }}\n{{ body.name }}");
    let welsh =
        json!({ "office": "mp", "locale": "cy", "subject": "Gofal", "body": "{{ personal_message }} {{ body.name }}" });
    document["templates"].as_array_mut().unwrap().push(welsh);
    document["consent_questions"][0]["wording"]["en"] = json!("May we write to you?");
    document["objections"] = json!([]);

    // A flaw anywhere leaves everything as it was.
    let mut flawed = document.clone();
    flawed["templates"][1]["body"] = json!("{{ nobody }} {{ personal_message }}");
    let refused = put(&server, PATH, &tag, &flawed).await;
    refused.problem(422, "validation-failed");
    assert!(refused.pointers()[0].starts_with("/templates/") && refused.pointers()[0].ends_with("/body"));
    assert_eq!(read(&server, PATH).await.0, before);

    let after = put(&server, PATH, &tag, &document).await.expect(200);
    assert_ne!(after.header("etag"), tag);
    let after = after.json();
    assert_eq!((&after["title"], &after["asks"][0]["id"]), (&json!("Fairer care"), &before["asks"][0]["id"]));
    assert_eq!(after["asks"].as_array().unwrap().len(), 1);
    let versions: Vec<_> = after["templates"].as_array().unwrap().iter().map(|one| one["version"].clone()).collect();
    assert_eq!(versions, [json!(2), json!(1)]);
    assert_eq!((&after["consent_questions"][0]["version"], &after["objections"]), (&json!(2), &json!([])));
    assert_eq!(after["consent_questions"][0]["id"], before["consent_questions"][0]["id"]);

    // A list that is absent stays as it is.
    let (mut terms, tag) = read(&server, PATH).await;
    for list in ["asks", "templates", "consent_questions", "objections"] {
        terms.as_object_mut().unwrap().remove(list);
    }
    terms["goal"] = json!(20000);
    let kept = put(&server, PATH, &tag, &terms).await.expect(200).json();
    assert_eq!(
        (&kept["asks"], &kept["templates"], &kept["goal"]),
        (&after["asks"], &after["templates"], &json!(20000))
    );
}

#[tokio::test]
async fn a_letter_that_is_left_out_is_not_used_any_more() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let (mut document, tag) = read(&server, PATH).await;
    document["templates"] = json!([]);
    let bare = put(&server, PATH, &tag, &document).await.expect(200);
    assert_eq!(bare.json()["missing"][0]["code"], "template_missing");

    CampaignPlan::fair_care().called("fairer-care").publish(&server).await;
    let path = "/v1/admin/campaigns/fairer-care";
    let (mut document, tag) = read(&server, path).await;
    document["templates"] = json!([]);
    put(&server, path, &tag, &document).await.problem(422, "campaign-incomplete");
}

#[tokio::test]
async fn members_that_the_server_sets_are_refused_when_they_differ() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let (mut document, tag) = read(&server, PATH).await;
    document["id"] = json!("01998f00-0000-7000-8000-000000000001");
    document["slug"] = json!("other");
    document["status"] = json!("live");
    document["organisation"] = json!("clearwater");
    document["created_at"] = json!("2020-01-01T00:00:00Z");
    document["asks"][0]["position"] = json!(7);
    document["consent_questions"][0]["id"] = json!("01998f00-0000-7000-8000-000000000001");
    let refused = put(&server, PATH, &tag, &document).await;
    refused.problem(422, "validation-failed");
    let pointers = refused.pointers();
    for pointer in
        ["/id", "/slug", "/status", "/organisation", "/created_at", "/asks/0/position", "/consent_questions/0/id"]
    {
        assert!(pointers.iter().any(|found| found == pointer), "{pointer} in {pointers:?}");
    }
    assert_eq!(pointers.len(), 7, "{pointers:?}");
}

#[tokio::test]
async fn a_copy_of_a_campaign_is_a_draft_with_all_that_belongs_to_it() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let (original, _) = read(&server, PATH).await;
    let mut copy = original.clone();
    copy["slug"] = json!("fair-care-2027");
    let token = server.operator().await;
    let path = "/v1/admin/campaigns/fair-care-2027";
    let made = server.put(path).token(&token).json(&copy).await.expect(201).json();
    assert_eq!((&made["status"], &made["missing"]), (&json!("draft"), &json!([])));
    assert_ne!(made["asks"][0]["id"], original["asks"][0]["id"]);
    assert_eq!(made["templates"][0]["body"], original["templates"][0]["body"]);
    assert_eq!(made["consent_questions"][1]["wording"], original["consent_questions"][1]["wording"]);
    transition(&server, "fair-care-2027", "live").await.expect(200);
    // Nobody believes that a copy is live already.
    copy["slug"] = json!("third");
    copy["status"] = json!("live");
    let refused = server.put("/v1/admin/campaigns/third").token(&token).json(&copy).await;
    refused.problem(422, "validation-failed");
    assert_eq!(refused.pointers(), ["/status"]);
}

#[tokio::test]
async fn every_change_answers_the_tag_that_the_next_one_needs() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    plan.draft(&server).await;
    let token = server.operator().await;
    let (_, mut tag) = read(&server, PATH).await;
    let calls = [
        server.put(PATH).json(&plan.clone().with("title", "Second").document),
        server.put(&format!("{PATH}/asks")).json(&json!({ "asks": [{ "text": "act", "addressed_to": "body" }] })),
        server.post(&format!("{PATH}/templates")).json(&json!({
            "office": "mp", "locale": "en", "subject": "s", "body": "Please act. {{ personal_message }}"
        })),
        server.put(&format!("{PATH}/consent-questions")).json(&json!({ "questions": [] })),
        server.post(&format!("{PATH}/transitions")).json(&json!({ "to": "live" })),
    ];
    for call in calls {
        let answer = call.token(&token).header("if-match", &tag).await;
        assert!(answer.status < 300, "{}", answer.text());
        assert_ne!(answer.header("etag"), tag);
        answer.header("etag").clone_into(&mut tag);
    }
    assert_eq!(read(&server, PATH).await.1, tag);
}

#[tokio::test]
async fn a_draft_can_be_deleted_and_a_campaign_that_was_live_cannot() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let (token, stranger) = (server.operator().await, server.token(ALL_SCOPES, "clearwater").await);
    let (_, tag) = read(&server, PATH).await;
    server.call("DELETE", PATH).token(&token).await.problem(428, "precondition-required");
    server.call("DELETE", PATH).token(&token).header("if-match", "\"r1\"").await.problem(412, "precondition-failed");
    server.call("DELETE", PATH).token(&stranger).header("if-match", &tag).await.problem(404, "not-found");
    server.call("DELETE", PATH).token(&token).header("if-match", &tag).await.expect(204);
    server.get(PATH).token(&token).await.problem(404, "not-found");

    // The slug is free again.
    CampaignPlan::fair_care().publish(&server).await;
    for to in ["paused", "closed", "archived"] {
        let delete = server.call("DELETE", PATH).token(&token).header("if-match", "*");
        delete.await.problem(409, "transition-not-allowed");
        transition(&server, "fair-care", to).await.expect(200);
    }
}

#[tokio::test]
async fn organisations_are_listed_to_the_operator_and_each_to_itself() {
    let server = setup().start().await;
    let (operator, charity) = (server.operator().await, server.token(ALL_SCOPES, "clearwater").await);
    for (slug, name) in [("harbour-trust", "Harbour Trust"), ("clearwater", "Clearwater")] {
        let path = format!("/v1/admin/organisations/{slug}");
        server.put(&path).token(&operator).json(&organisation(name, slug)).await.expect(201);
    }
    let slugs = async |token: &str, query: &str| -> Vec<String> {
        let path = format!("/v1/admin/organisations{query}");
        let list = server.get(&path).token(token).await.expect(200).json();
        list["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs(&operator, "").await, ["clearwater", "harbour-trust"]);
    assert_eq!(slugs(&operator, "?limit=1").await, ["clearwater"]);
    assert_eq!(slugs(&operator, "?status=archived").await, Vec::<String>::new());
    assert_eq!(slugs(&charity, "").await, ["clearwater"]);
}

#[tokio::test]
async fn an_archived_organisation_keeps_everything_and_starts_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    CampaignPlan::fair_care().called("waiting").draft(&server).await;
    let (operator, charity) = (server.operator().await, server.token(ALL_SCOPES, "harbour-trust").await);
    let archive = async |token: &str, to: &str| {
        let path = "/v1/admin/organisations/harbour-trust/transitions";
        server.post(path).token(token).json(&json!({ "to": to })).await
    };
    archive(&charity, "archived").await.problem(403, "operator-only");
    archive(&operator, "archived").await.problem(409, "transition-not-allowed");
    transition(&server, "fair-care", "closed").await.expect(200);
    assert_eq!(archive(&operator, "archived").await.expect(200).json()["status"], "archived");

    server.get(&campaign.path("")).await.expect(200);
    transition(&server, "waiting", "live").await.problem(422, "campaign-incomplete");
    let new = server.put("/v1/admin/campaigns/new").token(&operator).json(&CampaignPlan::fair_care().document).await;
    new.problem(422, "validation-failed");
    assert_eq!(new.pointers(), ["/organisation"]);

    let back = archive(&operator, "active").await.expect(200);
    assert_eq!(back.json()["status"], "active");
    assert_ne!(back.header("etag"), "");
    transition(&server, "waiting", "live").await.expect(200);
}

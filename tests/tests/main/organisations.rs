//! Organisations, and the walls between them.

use postbag_tests::campaign::{CampaignPlan, organisation};
use postbag_tests::country::{ALDER, HELYG};
use postbag_tests::server::ALL_SCOPES;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const PATH: &str = "/v1/admin/organisations/harbour-trust";

#[tokio::test]
async fn an_organisation_is_created_and_changed_as_a_whole() {
    let server = setup().start().await;
    let token = server.operator().await;
    let document = organisation("Harbour Trust", "harbour");
    let created = server.put(PATH).token(&token).json(&document).await.expect(201);
    let read = server.get(PATH).token(&token).await.expect(200);
    assert_eq!(read.header("etag"), created.header("etag"));
    for field in ["name", "charity_number", "privacy_notice", "sending_domain"] {
        assert_eq!(read.json()[field], document[field], "{field}");
    }
    let mut changed = document.clone();
    changed["name"] = json!("Harbour Cancer Trust");
    server.put(PATH).token(&token).json(&changed).await.problem(428, "precondition-required");
    let put = server.put(PATH).token(&token).header("if-match", read.header("etag"));
    let new = put.json(&changed).await.expect(200).header("etag").to_owned();
    assert_ne!(new, read.header("etag"));
    let stale = server.put(PATH).token(&token).header("if-match", read.header("etag")).json(&document).await;
    stale.problem(412, "precondition-failed");
    assert_eq!(server.get(PATH).token(&token).await.expect(200).json()["name"], "Harbour Cancer Trust");
}

#[tokio::test]
async fn a_wrong_organisation_tells_every_field() {
    let server = setup().start().await;
    let document = json!({
        "name": "", "charity_number": "?", "privacy_notice": { "url": "ftp://x", "version": "" },
        "contacts": [{ "role": "king", "email": "x" }, { "role": "press" }], "sending_domain": "not a domain"
    });
    let answer = server.put(PATH).token(&server.operator().await).json(&document).await;
    answer.problem(422, "validation-failed");
    let expected = [
        "/charity_number",
        "/contacts/0/email",
        "/contacts/0/role",
        "/contacts/1",
        "/name",
        "/privacy_notice/url",
        "/privacy_notice/version",
        "/sending_domain",
    ];
    assert_eq!(answer.pointers(), expected);
}

#[tokio::test]
async fn a_sending_domain_is_the_operators_to_give_and_nobody_elses_twice() {
    let server = setup().start().await;
    let operator = server.operator().await;
    let document = organisation("Harbour Trust", "harbour");
    let etag = server.put(PATH).token(&operator).json(&document).await.expect(201).header("etag").to_owned();
    let own = server.token(ALL_SCOPES, "harbour-trust").await;
    let mut changed = document.clone();
    changed["sending_domain"] = json!("parliament.uk");
    let refused = server.put(PATH).token(&own).header("if-match", &etag).json(&changed).await;
    refused.problem(422, "validation-failed");
    assert_eq!(refused.pointers(), ["/sending_domain"]);
    changed["sending_domain"] = document["sending_domain"].clone();
    changed["name"] = json!("Harbour Cancer Trust");
    server.put(PATH).token(&own).header("if-match", &etag).json(&changed).await.expect(200);
    let other = server.put("/v1/admin/organisations/clean-lungs").token(&operator).json(&document).await;
    other.problem(422, "validation-failed");
    assert_eq!(other.pointers(), ["/sending_domain"]);
}

#[tokio::test]
async fn an_organisation_sees_and_changes_nothing_of_another() {
    let server = setup().start().await;
    let fair = CampaignPlan::fair_care().publish(&server).await;
    let clean = CampaignPlan::clean_air().publish(&server).await;
    for (campaign, postcode) in [(&fair, ALDER.postcode(0)), (&clean, HELYG.postcode(0))] {
        let body = submission(&postcode, "ada@kanarien.example");
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let token = server.token(ALL_SCOPES, "clearwater").await;

    // What belongs to others looks the same as what does not exist.
    for path in [PATH, "/v1/admin/campaigns/fair-care"] {
        let foreign = server.get(path).token(&token).await;
        let missing = server.get(&format!("{path}-not")).token(&token).await;
        foreign.problem(404, "not-found");
        missing.problem(404, "not-found");
        assert_eq!(foreign.json()["detail"], missing.json()["detail"]);
    }
    let plan = CampaignPlan::fair_care();
    let etag = server.get("/v1/admin/campaigns/fair-care").token(&server.operator().await).await.expect(200);
    let etag = etag.header("etag");
    let writes = [
        server.put(PATH).json(&plan.organisation_document),
        server.put("/v1/admin/campaigns/fair-care/asks").json(&plan.asks),
        server.put("/v1/admin/campaigns/fair-care/consent-questions").json(&plan.questions),
        server.post("/v1/admin/campaigns/fair-care/templates").json(&plan.templates[0]),
        server.post("/v1/admin/campaigns/fair-care/transitions").json(&json!({ "to": "closed" })),
    ];
    for write in writes {
        let refused = write.token(&token).header("if-match", etag).await;
        // Nothing is there to match, as far as this token can see.
        assert!(matches!(refused.status, 404 | 412), "{}", refused.text());
    }
    let creating = server.put(PATH).token(&token).json(&plan.organisation_document).await;
    assert!(matches!(creating.status, 403 | 404 | 409), "{}", creating.text());
    let mut grabbed = plan.clone().confirmed_by_mail().document;
    grabbed["organisation"] = json!("clearwater");
    let taking =
        server.put("/v1/admin/campaigns/fair-care").token(&token).header("if-match", etag).json(&grabbed).await;
    assert!(matches!(taking.status, 404 | 409 | 412), "{}", taking.text());
    let mut lent = CampaignPlan::clean_air().confirmed_by_mail().document;
    lent["organisation"] = json!("harbour-trust");
    let lending = server.put("/v1/admin/campaigns/lent").token(&token).json(&lent).await;
    assert!(matches!(lending.status, 403 | 404 | 422), "{}", lending.text());

    for (path, own) in [("/v1/admin/actions", 1), ("/v1/admin/deliveries", 7), ("/v1/admin/campaigns", 1)] {
        let list = server.get(path).token(&token).await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), own, "{path}: {list}");
    }
    for path in ["/v1/admin/actions?campaign=fair-care", "/v1/admin/deliveries?campaign=fair-care"] {
        let list = server.get(path).token(&token).await;
        assert!(list.status == 404 || list.json()["items"] == json!([]), "{path}: {}", list.text());
    }
    let still = server.get("/v1/campaigns/fair-care").await.expect(200).json();
    assert_eq!((&still["status"], &still["organisation"]["slug"]), (&json!("live"), &json!("harbour-trust")));
}

#[tokio::test]
async fn an_organisation_may_work_on_its_own_campaigns() {
    let server = setup().start().await;
    CampaignPlan::clean_air().publish(&server).await;
    let token = server.token(ALL_SCOPES, "clearwater").await;
    let mut document = CampaignPlan::clean_air().confirmed_by_mail().document;
    document.as_object_mut().unwrap().remove("organisation");
    let own = server.put("/v1/admin/campaigns/cleaner-air").token(&token).json(&document).await.expect(201).json();
    assert_eq!(own["organisation"], "clearwater");
    server.get("/v1/admin/campaigns/clean-air").token(&token).await.expect(200);
}

#[tokio::test]
async fn the_directory_is_the_operators() {
    let server = setup().start().await;
    let (operator, charity) = (server.operator().await, server.token(ALL_SCOPES, "clearwater").await);
    let list = server.get("/v1/admin/representatives?office=mp&limit=100").token(&operator).await.expect(200).json();
    let una = find(&list, ALDER.mp);
    assert_eq!(una["email"], "una.ashby@members.example.org");
    let path = format!("/v1/admin/representatives/{}", una["id"].as_str().unwrap());
    let mut document = una.clone();
    document.as_object_mut().unwrap().remove("id");
    document["email"] = json!("una@members.example.org");
    let refused = server.put(&path).token(&charity).header("if-match", "*").json(&document).await;
    assert_eq!(refused.status, 403, "{}", refused.text());

    let changed = server.put(&path).token(&operator).header("if-match", "*").json(&document).await.expect(200).json();
    assert_eq!(changed["email"], "una@members.example.org");
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    assert_eq!(server.letters(1).await[0].recipient(), "una@members.example.org");
}

fn find(list: &Value, name: &str) -> Value {
    let items = list["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("{name} in {list}")).clone()
}

//! A campaign's life, from its first draft.

use postbag_tests::campaign::{CampaignPlan, put_current, transition};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

#[tokio::test]
async fn a_campaign_page_shows_what_was_published() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let campaign = plan.publish(&server).await;
    let page = server.get(&campaign.path("")).await.expect(200).json();
    for term in [
        "title",
        "summary",
        "problem",
        "hashtag",
        "nations",
        "offices",
        "body_kind",
        "call_to_action",
        "estimated_minutes",
        "goal",
        "confirmation",
        "topic",
    ] {
        assert_eq!(page[term], plan.document[term], "{term}");
    }
    assert_eq!((&page["slug"], &page["status"]), (&json!("fair-care"), &json!("live")));
    assert_eq!((&page["opens_at"], &page["closes_at"]), (&Value::Null, &Value::Null));
    assert_eq!(page["organisation"]["slug"], "harbour-trust");
    assert_eq!(page["organisation"]["privacy_notice"]["version"], "2026-05");
    assert_eq!(page["organisation"]["contacts"][1]["role"], "complaints");
    assert_eq!((&page["asks"][0]["position"], &page["asks"][1]["position"]), (&json!(1), &json!(2)));
    assert_eq!((&page["asks"][0]["addressed_to"], &page["asks"][0]["status"]), (&json!("body"), &json!("open")));
    assert!(page.get("origins").is_none() && page.get("templates").is_none(), "{page}");
}

#[tokio::test]
async fn a_form_tells_everything_that_a_submission_needs() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let answer = server.get(&campaign.path("/form")).header("accept-language", "cy, en;q=0.5").await.expect(200);
    assert_eq!(answer.header("content-language"), "en");
    let form = answer.json();
    assert_eq!(form["privacy_notice"]["version"], "2026-05");
    let sample = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let fields = form["fields"].as_array().unwrap();
    for field in fields.iter().filter(|field| field["required"] == true) {
        let pointer = field["pointer"].as_str().unwrap();
        assert!(sample.pointer(pointer).is_some(), "{pointer}");
    }
    let message = fields.iter().find(|field| field["name"] == "personal_message").unwrap();
    assert_eq!((&message["max_length"], &message["required"]), (&json!(500), &json!(false)));

    // What the form gives is enough to fill in a submission.
    let mut body = sample;
    let questions = form["consent_questions"].as_array().unwrap();
    assert_eq!(questions.len(), 2);
    assert_eq!(questions[0]["wording"], "May we tell you how it goes on?");
    body["consents"] = questions
        .iter()
        .map(|question| {
            json!({ "question_id": question["id"], "version": question["version"],
                    "channel": question["channels"][0], "answer": "no" })
        })
        .collect();
    let notice = &form["objections"][0];
    body["objections"] = json!([{ "activity": notice["activity"], "version": notice["version"] }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

#[tokio::test]
async fn a_draft_is_not_public() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().draft(&server).await;
    for path in ["", "/form", "/tally", "/tally/areas?kind=westminster_constituency", "/tally/representatives"] {
        server.get(&campaign.path(path)).await.problem(404, "not-found");
    }
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.problem(404, "not-found");
    server
        .post(&campaign.path("/targets"))
        .json(&json!({ "postcode": ALDER.postcode(0) }))
        .await
        .problem(404, "not-found");
    assert_eq!(server.get("/v1/campaigns").await.expect(200).json()["items"], json!([]));
}

#[tokio::test]
async fn only_a_live_campaign_takes_submissions() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let submit = async |n: usize| {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await
    };
    submit(0).await.expect(201);
    // A paused campaign's messages wait as well.
    server.letters(1).await;
    transition(&server, "fair-care", "paused").await.expect(200);
    assert_eq!(submit(1).await.problem(409, "campaign-not-live")["status"], 409);
    assert_eq!(server.get(&campaign.path("")).await.expect(200).json()["status"], "paused");
    transition(&server, "fair-care", "live").await.expect(200);
    submit(1).await.expect(201);
    transition(&server, "fair-care", "closed").await.expect(200);
    assert_eq!(submit(2).await.status, 409);
    assert_eq!(server.get(&campaign.path("/tally")).await.expect(200).json()["actions"], 2);
    transition(&server, "fair-care", "archived").await.expect(200);
    submit(2).await.problem(404, "not-found");
    server.letters(2).await;
}

#[tokio::test]
async fn a_campaign_can_only_go_where_the_table_lets_it() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    for to in ["live", "draft", "archived"] {
        transition(&server, "fair-care", to).await.problem(409, "transition-not-allowed");
    }
    let answer = transition(&server, "fair-care", "flying").await;
    answer.problem(422, "validation-failed");
    assert_eq!(answer.pointers(), ["/to"]);
    transition(&server, "fair-care", "closed").await.expect(200);
    for to in ["live", "paused", "draft"] {
        transition(&server, "fair-care", to).await.problem(409, "transition-not-allowed");
    }
}

#[tokio::test]
async fn a_campaign_is_open_between_its_two_moments() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let early = plan.clone().called("early").with("opens_at", "2099-01-01T00:00:00Z").publish(&server).await;
    let late = plan.clone().called("late").with("closes_at", "2020-01-01T00:00:00Z").publish(&server).await;
    let now = plan.called("now").with("opens_at", "2020-01-01T00:00:00Z").with("closes_at", "2099-01-01T00:00:00Z");
    let now = now.publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let problem = server.post(&early.actions()).key(&key()).json(&body).await.problem(409, "campaign-not-yet-open");
    assert!(problem["opens_at"].as_str().unwrap().starts_with("2099-01-01T00:00:00"), "{problem}");
    server.post(&late.actions()).key(&key()).json(&body).await.problem(409, "campaign-closed");
    server.post(&now.actions()).key(&key()).json(&body).await.expect(201);
    server.letters(1).await;
}

#[tokio::test]
async fn going_live_lists_everything_that_is_missing() {
    let server = setup().start().await;
    let token = server.operator().await;
    let organisation = json!({ "name": "Bare" });
    server.put("/v1/admin/organisations/bare").token(&token).json(&organisation).await.expect(201);
    let document = json!({ "organisation": "bare", "title": "Bare", "nations": ["wales"], "offices": ["mp", "mla"] });
    server.put("/v1/admin/campaigns/bare").token(&token).json(&document).await.expect(201);
    let asks = json!({ "asks": [{ "text": "write to the Alliance", "addressed_to": "body" }] });
    put_current(&server, "/v1/admin/campaigns/bare", "asks", &asks).await.expect(200);

    let problem = transition(&server, "bare", "live").await.problem(422, "campaign-incomplete");
    let codes = codes(&problem["errors"]);
    for code in [
        "charity_number_missing",
        "privacy_notice_missing",
        "complaints_contact_missing",
        "processors_missing",
        "sending_domain_missing",
        "summary_missing",
        "special_category_condition_missing",
        "office_serves_no_nation",
        "body_kind_missing",
        "template_missing",
    ] {
        assert!(codes.iter().any(|known| known == code), "{code} in {codes:?}");
    }
    let draft = server.get("/v1/admin/campaigns/bare").token(&token).await.expect(200).json();
    assert_eq!(draft["status"], "draft");
    assert_eq!(self::codes(&draft["missing"]), codes, "known before anybody tries");
}

#[tokio::test]
async fn a_template_that_does_not_render_is_refused() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let post = async |subject: &str, body: &str| -> Answer {
        let template = json!({ "office": null, "locale": "en", "subject": subject, "body": body });
        let token = server.operator().await;
        server.post("/v1/admin/campaigns/fair-care/templates").token(&token).json(&template).await
    };
    let good = "{{ personal_message }} and nothing else";
    for (subject, body, pointer) in [
        ("s", "{{ supporter.shoe_size }} {{ personal_message }}", "/body"),
        ("{{ nobody }}", good, "/subject"),
        ("s", "{% for x in %} {{ personal_message }}", "/body"),
        (
            "s",
            "{{ personal_message }} {% for a in range(10000) %}{% for b in range(10000) %}{{ b }}{% endfor %}{% endfor %}",
            "/body",
        ),
        ("s", "{% include 'other' %} {{ personal_message }}", "/body"),
        ("s", "No place for a message.", "/body"),
        ("", good, "/subject"),
        ("s", "", "/body"),
        ("{{ supporter.address }}", good, "/subject"),
    ] {
        let answer = post(subject, body).await;
        assert_eq!(answer.status, 422, "{subject} / {body}: {}", answer.text());
        assert!(answer.pointers().iter().any(|place| place == pointer), "{pointer} in {:?}", answer.pointers());
    }
    let first = post("s", good).await.expect(201).json();
    let second = post("s", &format!("{good}.")).await.expect(201).json();
    assert_eq!(second["version"].as_i64().unwrap(), first["version"].as_i64().unwrap() + 1);
}

#[tokio::test]
async fn a_new_template_counts_for_letters_written_after_it() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    let submit = async |n: usize| {
        let body = submission(&ALDER.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201)
    };
    submit(0).await;
    let template = json!({
        "office": "mp", "locale": "en", "subject": "The second version", "body": "{{ personal_message }}\n{{ body.name }}"
    });
    server.post("/v1/admin/campaigns/fair-care/templates").token(&token).json(&template).await.expect(201);
    submit(1).await;
    let mut subjects: Vec<_> = server.letters(2).await.into_iter().map(|letter| letter.subject).collect();
    subjects.sort();
    assert_eq!(subjects, ["Cancer care in Alder Vale", "The second version"]);
}

#[tokio::test]
async fn a_live_campaign_cannot_be_changed_into_one_that_is_not_ready() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    plan.publish(&server).await;
    let token = server.operator().await;
    let current = server.get("/v1/admin/campaigns/fair-care").token(&token).await.expect(200);
    let bare = plan.with("offices", Vec::<String>::new());
    let change = server.put("/v1/admin/campaigns/fair-care").token(&token).header("if-match", current.header("etag"));
    change.json(&bare.document).await.expect(422);
    assert_eq!(server.get("/v1/campaigns/fair-care").await.expect(200).json()["offices"], json!(["mp"]));
}

#[tokio::test]
async fn a_change_needs_the_present_tag() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    plan.publish(&server).await;
    let (path, token) = ("/v1/admin/campaigns/fair-care", server.operator().await);
    let put = |document: &Value| server.put(path).token(&token).json(document);
    let seen = server.get(path).token(&token).await.expect(200).header("etag").to_owned();

    let changed = plan.clone().with("title", "Fairer care");
    put(&changed.document).await.problem(428, "precondition-required");
    put(&changed.document).header("if-match", "\"r0\"").await.problem(412, "precondition-failed");
    let new = put(&changed.document).header("if-match", &seen).await.expect(200).header("etag").to_owned();
    assert_ne!(new, seen);
    put(&plan.document).header("if-match", &seen).await.problem(412, "precondition-failed");
    put(&plan.document).header("if-none-match", "*").await.problem(412, "precondition-failed");
    assert_eq!(server.get("/v1/campaigns/fair-care").await.expect(200).json()["title"], "Fairer care");

    // The same document again changes nothing, so a script may run twice.
    let same = put(&changed.document).header("if-match", &new).await.expect(200);
    assert_eq!(same.header("etag"), new);
    let unsaid = put(&changed.document).await;
    assert!(matches!(unsaid.status, 200 | 428), "{}", unsaid.text());
}

#[tokio::test]
async fn of_two_writers_at_once_one_loses_and_knows_it() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    plan.publish(&server).await;
    let (path, token) = ("/v1/admin/campaigns/fair-care", server.operator().await);
    let seen = server.get(path).token(&token).await.expect(200).header("etag").to_owned();
    let put = |n: usize| {
        let changed = plan.clone().with("title", format!("Title {n}"));
        let call = server.put(path).token(&token).header("if-match", &seen).json(&changed.document);
        tokio::spawn(async move { call.await.status })
    };
    let mut statuses = Vec::new();
    for put in (0..8).map(put).collect::<Vec<_>>() {
        statuses.push(put.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn a_browser_fetches_a_page_again_only_if_it_changed() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let campaign = plan.publish(&server).await;
    for path in ["", "/form", "/tally", "/tally/representatives", "/tally/areas?kind=westminster_constituency"] {
        let path = campaign.path(path);
        let tag = server.get(&path).await.expect(200).header("etag").to_owned();
        let known = server.get(&path).header("if-none-match", &tag).await.expect(304);
        assert_eq!(known.header("etag"), tag);
        server.get(&path).header("if-none-match", "\"other\"").await.expect(200);
    }
    let before = server.get(&campaign.path("/tally")).await.expect(200).header("etag").to_owned();
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let after = server.get(&campaign.path("/tally")).header("if-none-match", &before).await.expect(200);
    assert_eq!(after.json()["actions"], 1);
}

#[tokio::test]
async fn new_wording_makes_a_new_version_and_the_same_wording_none() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let campaign = plan.publish(&server).await;
    let path = "/v1/admin/campaigns/fair-care";
    let same = put_current(&server, path, "consent-questions", &plan.questions).await.expect(200).json();
    assert_eq!(same, campaign.questions);

    let mut reworded = plan.questions.clone();
    reworded["questions"][0]["wording"]["en"] = json!("May we write to you about it?");
    reworded["objections"][0]["wording"]["en"] = json!("guess what I earn");
    let new = put_current(&server, path, "consent-questions", &reworded).await.expect(200).json();
    assert_eq!(new["questions"][0]["id"], campaign.questions["questions"][0]["id"]);
    assert_eq!((&new["questions"][0]["version"], &new["questions"][1]["version"]), (&json!(2), &json!(1)));
    assert_eq!(new["objections"][0]["version"], 2);
    let form = server.get(&campaign.path("/form")).await.expect(200).json();
    assert_eq!(form["consent_questions"][0]["wording"], "May we write to you about it?");

    // Somebody who still looks at the old form answered the old words, and that counts as such.
    for (n, version) in [1, 2].into_iter().enumerate() {
        let mut body = submission(&ALDER.postcode(n), &person(n));
        let id = &new["questions"][0]["id"];
        body["consents"] = json!([{ "question_id": id, "version": version, "channel": "email", "answer": "yes" }]);
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
}

#[tokio::test]
async fn asks_keep_their_ids_and_letters_name_them_in_order() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care();
    let campaign = plan.publish(&server).await;
    let asks = server.get(&campaign.path("")).await.expect(200).json()["asks"].clone();
    let swapped = json!({ "asks": [
        { "id": asks[1]["id"], "text": "meet patients thrice a year", "addressed_to": "representative", "status": "partly_met" },
        { "id": asks[0]["id"], "text": asks[0]["text"], "addressed_to": "body" },
        { "text": "a third thing", "addressed_to": "government" }
    ] });
    put_current(&server, "/v1/admin/campaigns/fair-care", "asks", &swapped).await.expect(200);
    let now = server.get(&campaign.path("")).await.expect(200).json()["asks"].clone();
    assert_eq!((&now[0]["id"], &now[1]["id"]), (&asks[1]["id"], &asks[0]["id"]));
    assert_eq!((&now[0]["position"], &now[0]["status"]), (&json!(1), &json!("partly_met")));
    assert_eq!(now.as_array().unwrap().len(), 3);
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let letter = server.letters(1).await.remove(0);
    assert!(letter.body.contains("1. meet patients thrice a year\n2. publish how many"), "{}", letter.body);

    let strange = json!({ "asks": [{ "id": postbag::ids::fresh(), "text": "x", "addressed_to": "body" }] });
    put_current(&server, "/v1/admin/campaigns/fair-care", "asks", &strange).await.expect(422);
}

#[tokio::test]
async fn a_wrong_campaign_document_tells_every_field() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let document = json!({
        "organisation": "harbour-trust", "title": "", "nations": ["atlantis"], "offices": ["mp", "king"], "body_kind": "nation",
        "estimated_minutes": 0, "goal": 0, "confirmation": "maybe", "topic": "Not A Slug", "default_locale": "tlh",
        "origins": ["https://fine.example", "https://fine.example/path", "*"],
        "opens_at": "2027-01-02T00:00:00Z", "closes_at": "2027-01-01T00:00:00Z"
    });
    let token = server.operator().await;
    let answer = server.put("/v1/admin/campaigns/new").token(&token).json(&document).await;
    answer.problem(422, "validation-failed");
    let expected = [
        "/body_kind",
        "/closes_at",
        "/confirmation",
        "/default_locale",
        "/estimated_minutes",
        "/goal",
        "/nations/0",
        "/offices/1",
        "/origins/1",
        "/origins/2",
        "/title",
        "/topic",
    ];
    assert_eq!(answer.pointers(), expected);
    server.get("/v1/admin/campaigns/new").token(&token).await.expect(404);
}

/// The codes of some errors, sorted.
fn codes(errors: &Value) -> Vec<String> {
    let mut codes: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn a_campaign_that_could_reach_nobody_does_not_go_live() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().with("nations", json!(["wales"])).with("offices", json!(["ms_region"]));
    let campaign = campaign.draft(&server).await;
    let refused = transition(&server, &campaign.slug, "live").await;
    let codes = refused.problem(422, "campaign-incomplete")["errors"].clone();
    assert!(codes.as_array().unwrap().iter().any(|error| error["code"] == "nobody_reachable"), "{codes}");
}

#[tokio::test]
async fn coverage_says_who_a_campaign_can_reach() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let path = format!("/v1/admin/campaigns/{}/coverage", campaign.slug);
    let coverage = server.get(&path).token(&server.operator().await).await.expect(200).json();
    let office = |office: &str, nation: &str| {
        let offices = coverage["offices"].as_array().unwrap();
        offices.iter().find(|one| one["office"] == office && one["nation"] == nation).unwrap().clone()
    };
    let mp = office("mp", "england");
    assert_eq!((&mp["seats"], &mp["vacant"], &mp["not_loaded"]), (&json!(4), &json!(1), &json!(0)), "{coverage}");
    assert_eq!((&mp["holders"], &mp["without_address"]), (&json!(3), &json!(1)), "{coverage}");
    assert!(mp["postcodes"].as_u64().unwrap() > 0);
    let codes: Vec<_> = coverage["warnings"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert!(codes.contains(&json!("addresses_missing")), "{codes:?}");
}

#[tokio::test]
async fn every_wording_that_was_answered_can_be_read_back() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let question = campaign.questions["questions"][0].clone();
    let answer = async |n: usize| {
        let mut body = submission(&ALDER.postcode(n), &person(n));
        let current = server.get(&campaign.path("/form")).await.expect(200).json();
        let version = current["consent_questions"].as_array().unwrap().iter().find(|one| one["id"] == question["id"]);
        let version = version.unwrap()["version"].clone();
        body["consents"] = json!([
            { "question_id": question["id"], "version": version, "channel": "email", "answer": "yes" },
            { "question_id": question["id"], "version": version, "channel": "sms", "answer": "no" }
        ]);
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    };
    answer(0).await;
    let path = format!("/v1/admin/campaigns/{}", campaign.slug);
    let reworded = json!({ "questions": [{ "purpose": "campaign_news", "channels": ["email", "sms"],
        "wording": { "en": "Shall we keep you posted?" } }], "objections": [] });
    put_current(&server, &path, "consent-questions", &reworded).await.expect(200);
    answer(1).await;
    answer(2).await;

    let id = question["id"].as_str().unwrap();
    let token = server.operator().await;
    let versions =
        server.get(&format!("{path}/consent-questions/{id}/versions")).token(&token).await.expect(200).json();
    let [first, second] = versions["versions"].as_array().unwrap().as_slice() else { panic!("{versions}") };
    assert_eq!(first["wording"]["en"], "May we tell you how it goes on?");
    assert_eq!(second["wording"]["en"], "Shall we keep you posted?");
    assert_eq!((&first["version"], &second["version"]), (&json!(1), &json!(2)));
    let answered = |version: &Value| {
        let one = version["answered"][0].clone();
        (one["locale"].clone(), one["privacy_notice_version"].clone(), one["answers"].clone())
    };
    assert_eq!(answered(first), (json!("en"), json!("2026-05"), json!(2)));
    assert_eq!(answered(second), (json!("en"), json!("2026-05"), json!(4)));
    let unknown = format!("{path}/consent-questions/01998f00-0000-7000-8000-000000000009/versions");
    server.get(&unknown).token(&token).await.problem(404, "not-found");
}

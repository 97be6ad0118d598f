//! What may be done with a person's data today and why, and what they ask for by telephone and letter (B1–B7).

use postbag_tests::campaign::{CampaignPlan, Published, put_current};
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const ADA: &str = "ada@kanarien.example";

/// A campaign, and Ada, who answered with a yes to the first question and a no to the second.
async fn campaign_and_ada(server: &Server) -> (Published, String) {
    let campaign = CampaignPlan::fair_care().publish(server).await;
    let consents = campaign.consents();
    submit(server, &campaign, &consents).await;
    let ada = find(server, ADA).await;
    (campaign, ada)
}

async fn submit(server: &Server, campaign: &Published, consents: &Value) {
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = consents.clone();
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

async fn find(server: &Server, email: &str) -> String {
    let token = server.token("supporters:read", "harbour-trust").await;
    let found =
        server.post("/v1/admin/supporters/find").token(&token).json(&json!({ "email": email })).await.expect(200);
    found.json()["id"].as_str().unwrap().to_owned()
}

async fn permissions(server: &Server, supporter: &str) -> Value {
    let token = server.token("supporters:read", "harbour-trust").await;
    server.get(&format!("/v1/admin/supporters/{supporter}/permissions")).token(&token).await.expect(200).json()
}

async fn change(server: &Server, supporter: &str, body: &Value) -> Value {
    let token = server.token("consents:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{supporter}/changes");
    server.post(&path).token(&token).json(body).await.expect(201).json()
}

/// The decision for one purpose and channel.
fn decision<'a>(view: &'a Value, purpose: &str, channel: &str) -> &'a Value {
    let decisions = view["permissions"].as_array().unwrap();
    decisions.iter().find(|one| one["purpose"] == purpose && one["channel"] == channel).unwrap()
}

fn objects(view: &Value, activity: &str) -> bool {
    let states = view["objections"].as_array().unwrap();
    states.iter().find(|state| state["activity"] == activity).unwrap()["objects"].as_bool().unwrap()
}

#[tokio::test]
async fn a_decision_names_its_basis_and_the_words_that_it_rests_on() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let view = permissions(&server, &ada).await;
    let [first, second] = [&campaign.questions["questions"][0], &campaign.questions["questions"][1]];
    let channel = first["channels"][0].as_str().unwrap();
    let yes = decision(&view, first["purpose"].as_str().unwrap(), channel);
    assert_eq!(
        (&yes["permitted"], &yes["basis"], &yes["reason"]),
        (&json!(true), &json!("consent"), &json!("answered_yes"))
    );
    let no = decision(&view, second["purpose"].as_str().unwrap(), second["channels"][0].as_str().unwrap());
    assert_eq!((&no["permitted"], &no["basis"], &no["reason"]), (&json!(false), &json!(null), &json!("answered_no")));
    let entries = view["ledger"]["answers"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["id"] == yes["because"]).unwrap();
    assert_eq!(entry["shown"]["wording"], first["wording"]["en"]);
    assert_eq!(entry["source"]["means"], "form");
    assert!(!objects(&view, "direct_marketing"));
}

#[tokio::test]
async fn the_words_stay_as_they_were_shown_when_the_question_changes() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let mut questions = campaign.questions.clone();
    questions["questions"][0]["wording"]["en"] = json!("May we?");
    put_current(&server, "/v1/admin/campaigns/fair-care", "consent-questions", &questions).await.expect(200);
    let view = permissions(&server, &ada).await;
    let shown = &view["ledger"]["answers"][0]["shown"];
    assert_eq!(
        (&shown["version"], &shown["wording"]),
        (&json!(1), &campaign.questions["questions"][0]["wording"]["en"])
    );
}

#[tokio::test]
async fn what_is_asked_by_telephone_is_in_force_at_once_and_says_who_recorded_it() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let question = &campaign.questions["questions"][0];
    let (purpose, channel) = (question["purpose"].as_str().unwrap(), question["channels"][0].as_str().unwrap());
    let body = json!({
        "means": "telephone", "note": "Ms Kanarienvogel rang: no more of it.",
        "withdraw": [{ "purpose": purpose, "channel": channel }],
        "objections": [{ "activity": "wealth_research", "stance": "objects" }]
    });
    let changed = change(&server, &ada, &body).await;
    let view = permissions(&server, &ada).await;
    assert_eq!(changed["now"]["permissions"], view["permissions"]);
    assert_eq!(decision(&view, purpose, channel)["reason"], "answered_no");
    assert!(objects(&view, "wealth_research"));
    let last = view["ledger"]["answers"].as_array().unwrap().last().unwrap();
    assert_eq!(last["source"]["change_id"], changed["change_id"]);
    assert_eq!((&last["source"]["means"], &last["source"]["note"]), (&json!("telephone"), &body["note"]));
    assert!(last["source"]["recorded_by"].is_string() && last["shown"].is_null());
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["subject_id"]),
        (&json!("change_preferences"), &json!(ada))
    );
    let back = json!({ "means": "post", "note": "Wrote.", "objections": [{ "activity": "wealth_research", "stance": "allows" }] });
    assert!(!objects(&change(&server, &ada, &back).await["now"], "wealth_research"));
}

#[tokio::test]
async fn withdrawing_everything_outweighs_a_later_form() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let body = json!({ "means": "email", "note": "Wishes to hear nothing more.", "withdraw_everything": true });
    let changed = change(&server, &ada, &body).await;
    let permitted = |view: &Value| view["permissions"].as_array().unwrap().iter().any(|one| one["permitted"] == true);
    assert!(!permitted(&changed["now"]) && objects(&changed["now"], "direct_marketing"));
    submit(&server, &campaign, &campaign.consents()).await;
    let view = permissions(&server, &ada).await;
    assert!(!permitted(&view));
    assert_eq!(view["permissions"][0]["reason"], "objects_to_marketing");
}

#[tokio::test]
async fn a_yes_by_telephone_needs_the_question_that_was_read() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let question = &campaign.questions["questions"][1];
    let mut yes = json!({
        "question_id": question["id"], "version": question["version"], "channel": question["channels"][0], "answer": "yes"
    });
    let body = |consent: &Value| json!({ "means": "telephone", "note": "Rang.", "consents": [consent] });
    let view = change(&server, &ada, &body(&yes)).await["now"].clone();
    let decided = decision(&view, question["purpose"].as_str().unwrap(), question["channels"][0].as_str().unwrap());
    assert_eq!((&decided["permitted"], &decided["basis"]), (&json!(true), &json!("consent")));
    yes["version"] = json!(9);
    let token = server.token("consents:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{ada}/changes");
    let refused = server.post(&path).token(&token).json(&body(&yes)).await.expect(422);
    assert_eq!(refused.pointers(), ["/consents/0/version"]);
}

#[tokio::test]
async fn the_soft_opt_in_is_a_basis_of_its_own_and_never_a_yes() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let question = |channels: Value| {
        json!({ "questions": [{ "purpose": "appeals", "basis": "charitable_soft_opt_in", "channels": channels,
                                "wording": { "en": "Tick if we should not write to you." } }] })
    };
    let path = "/v1/admin/campaigns/fair-care";
    let refused = put_current(&server, path, "consent-questions", &question(json!(["email", "post"]))).await;
    assert_eq!(refused.expect(422).pointers(), ["/questions/0/channels"]);
    let put = put_current(&server, path, "consent-questions", &question(json!(["email"]))).await.expect(200).json();
    let form = server.get(&campaign.path("/form")).await.expect(200).json();
    assert_eq!(form["consent_questions"][0]["basis"], "charitable_soft_opt_in");
    let answer = |word: &str| json!([{ "question_id": put["questions"][0]["id"], "version": 1, "channel": "email", "answer": word }]);
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = answer("yes");
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(422);
    assert_eq!(refused.pointers(), ["/consents/0/answer"]);
    submit(&server, &campaign, &answer("not_refused")).await;
    let ada = find(&server, ADA).await;
    let view = permissions(&server, &ada).await;
    let decided = decision(&view, "appeals", "email");
    assert_eq!((&decided["basis"], &decided["reason"]), (&json!("charitable_soft_opt_in"), &json!("not_refused")));
    submit(&server, &campaign, &answer("no")).await;
    submit(&server, &campaign, &answer("not_refused")).await;
    let view = permissions(&server, &ada).await;
    assert_eq!(decision(&view, "appeals", "email")["reason"], "answered_no");
}

#[tokio::test]
async fn a_suppressed_person_may_not_be_contacted_whatever_they_answered() {
    let server = setup().start().await;
    let (_campaign, ada) = campaign_and_ada(&server).await;
    let token = server.token("consents:write", "harbour-trust").await;
    server.post("/v1/admin/suppressions").token(&token).json(&json!({ "email": ADA.to_uppercase() })).await.expect(204);
    let view = permissions(&server, &ada).await;
    assert_eq!((&view["suppressed"], &view["permissions"][0]["reason"]), (&json!(true), &json!("suppressed")));
}

#[tokio::test]
async fn nobody_finds_reads_or_changes_the_supporters_of_others() {
    let server = setup().start().await;
    let (_campaign, ada) = campaign_and_ada(&server).await;
    CampaignPlan::clean_air().publish(&server).await;
    let other = server.token("supporters:read consents:write", "clearwater").await;
    let find = server.post("/v1/admin/supporters/find").token(&other).json(&json!({ "email": ADA })).await;
    find.problem(404, "not-found");
    server.get(&format!("/v1/admin/supporters/{ada}/permissions")).token(&other).await.problem(404, "not-found");
    let body = json!({ "means": "post", "note": "Wrote.", "withdraw_everything": true });
    let path = format!("/v1/admin/supporters/{ada}/changes");
    server.post(&path).token(&other).json(&body).await.problem(404, "not-found");
    assert_eq!(permissions(&server, &ada).await["permissions"][0]["permitted"], true);
}

/// The wordings of the pages that this product began with, as a library: two purposes, each by its own channels, and three objections.
fn origin_wordings() -> Value {
    json!({
        "questions": [
            { "key": "campaign-news", "purpose": "campaign_news", "channels": ["email", "phone", "sms"],
              "wording": { "en": "We would love to keep in touch about this campaign and how you can help. May we?" } },
            { "key": "research-news", "purpose": "research_news", "channels": ["email", "post"],
              "wording": { "en": "May we tell you about our research, our services and ways to support us?" } }
        ],
        "objections": [
            { "activity": "tracing_new_address", "wording": { "en": "find your new address if you move" },
              "long_wording": { "en": "If our post comes back, we may ask the post office where you live now." } },
            { "activity": "public_source_research", "wording": { "en": "learn about you from public sources" } },
            { "activity": "wealth_research", "wording": { "en": "estimate what you could give" } }
        ]
    })
}

#[tokio::test]
async fn a_mixed_answer_to_the_origin_wordings_is_decided_for_each_purpose_and_channel() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let path = "/v1/admin/campaigns/fair-care";
    let token = server.token("campaigns:write", "harbour-trust").await;
    let library = "/v1/admin/organisations/harbour-trust/consent-questions";
    server.put(library).token(&token).json(&origin_wordings()).await.expect(200);
    let from_library = |activity| json!({ "activity": activity, "from_library": true });
    let picks = json!({
        "questions": [{ "key": "campaign-news" }, { "key": "research-news" }],
        "objections": [from_library("tracing_new_address"), from_library("public_source_research"), from_library("wealth_research")]
    });
    let put = put_current(&server, path, "consent-questions", &picks).await.expect(200).json();
    let wealth = &put["objections"][2]["version"];
    let answer = |question: usize, channel: &str, answer: &str| json!({ "question_id": put["questions"][question]["id"], "version": 1, "channel": channel, "answer": answer });
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = json!([answer(0, "email", "yes"), answer(0, "sms", "no"), answer(1, "post", "yes")]);
    body["objections"] = json!([{ "activity": "wealth_research", "version": wealth }]);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let view = permissions(&server, &find(&server, ADA).await).await;
    let reasons: Vec<_> = view["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["purpose"].as_str().unwrap(), one["channel"].as_str().unwrap(), one["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        reasons,
        [
            ("campaign_news", "email", "answered_yes"),
            ("campaign_news", "sms", "answered_no"),
            ("research_news", "post", "answered_yes")
        ],
        "what was not answered is not among what is permitted: never asked"
    );
    let objected = ["tracing_new_address", "public_source_research", "wealth_research"].map(|one| objects(&view, one));
    assert_eq!(objected, [false, false, true]);
}

#[tokio::test]
async fn a_change_that_says_nothing_or_contradicts_itself_is_refused_with_every_flaw() {
    let server = setup().start().await;
    let (campaign, ada) = campaign_and_ada(&server).await;
    let token = server.token("consents:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{ada}/changes");
    let question = &campaign.questions["questions"][0];
    let yes =
        json!([{ "question_id": question["id"], "version": 1, "channel": question["channels"][0], "answer": "yes" }]);
    for (body, pointers) in [
        (json!({ "means": "form", "note": "" }), vec!["/means", "/note"]),
        (json!({ "means": "post", "note": "Wrote." }), vec![""]),
        (
            json!({ "means": "post", "note": "Wrote.", "withdraw": [{ "purpose": "!", "channel": "fax" }],
                    "objections": [{ "activity": "wealth_research", "stance": "objects" },
                                   { "activity": "wealth_research", "stance": "allows" }] }),
            vec!["/objections/1/activity", "/withdraw/0/channel", "/withdraw/0/purpose"],
        ),
        (
            json!({ "means": "post", "note": "Wrote.", "withdraw_everything": true, "consents": yes }),
            vec!["/consents/0/answer"],
        ),
    ] {
        let refused = server.post(&path).token(&token).json(&body).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{body}");
    }
    assert_eq!(permissions(&server, &ada).await["permissions"][0]["permitted"], true);
}

/// The lines of an export without the row of names; the last column is the moment.
async fn export(server: &Server, args: &[&str]) -> Vec<String> {
    let args = [&["export", "permissions", "--organisation", "harbour-trust"], args].concat();
    let table = server.cli(&args).await.succeeds().stdout;
    let cut = |line: &str| line.rsplit_once(',').unwrap().0.split_once(',').unwrap().1.to_owned();
    table.lines().skip(1).map(cut).collect()
}

#[tokio::test]
async fn an_export_holds_whom_to_contact_and_respects_a_withdrawal_at_once() {
    let server = setup().start().await;
    let (_campaign, ada) = campaign_and_ada(&server).await;
    assert_eq!(
        export(&server, &[]).await,
        [
            format!("{ADA},campaign_news,email,true,consent,answered_yes,false,"),
            format!("{ADA},campaign_news,sms,true,consent,answered_yes,false,")
        ]
    );
    let withdraw = json!({ "means": "telephone", "note": "Rang.", "withdraw": [{ "purpose": "campaign_news", "channel": "email" }],
                           "objections": [{ "activity": "wealth_research", "stance": "objects" }] });
    change(&server, &ada, &withdraw).await;
    let by_sms = format!("{ADA},campaign_news,sms,true,consent,answered_yes,false,wealth_research");
    assert_eq!(export(&server, &[]).await, [by_sms]);
    assert!(export(&server, &["--activity", "wealth_research"]).await.is_empty(), "screening omits who objects");
    let empty = ["export", "permissions", "--organisation", "harbour-trust", "--channel", "post"];
    let names = server.cli(&empty).await.succeeds().stdout;
    assert!(
        names.starts_with("supporter_id,email,purpose,channel,permitted,") && names.lines().count() == 1,
        "{names}"
    );
    let refused = export(&server, &["--channel", "email", "--refused"]).await;
    assert!(refused.iter().any(|line| line.contains("campaign_news,email,false,,answered_no,")), "{refused:?}");
    let wrong =
        server.cli(&["export", "permissions", "--organisation", "harbour-trust", "--channel", "fax"]).await.fails();
    assert!(wrong.stderr.contains("--channel must be one of: email"), "{}", wrong.stderr);
    let unknown = server.cli(&["export", "permissions", "--organisation", "nobody"]).await.fails();
    assert!(unknown.stderr.contains("there is no organisation nobody"), "{}", unknown.stderr);
}

#[tokio::test]
async fn nobody_under_13_agrees_to_marketing_and_everybody_may_write() {
    let server = setup().start().await;
    server.move_clock_to("2040-01-02");
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let submit = |change: fn(&mut Value), consents: Value| {
        let mut body = submission(&ALDER.postcode(0), ADA);
        body["consents"] = consents;
        change(&mut body["supporter"]);
        server.post(&campaign.actions()).key(&key()).json(&body)
    };
    let young: [fn(&mut Value); 2] =
        [|person| person["born_on"] = json!("2027-01-03"), |person| person["under_13"] = json!(true)];
    for change in young {
        let refused = submit(change, campaign.consents()).await.expect(422);
        assert_eq!(refused.pointers(), ["/consents/0/answer", "/consents/1/answer"]);
        submit(change, json!([])).await.expect(201);
    }
    submit(|person| person["born_on"] = json!("2027-01-02"), campaign.consents()).await.expect(201);
    let wrong = submit(|person| person["born_on"] = json!("yesterday"), json!([])).await.expect(422);
    assert_eq!(wrong.pointers(), ["/supporter/born_on"]);
    let ada = find(&server, ADA).await;
    let token = server.token("supporters:read", "harbour-trust").await;
    let held = server.get(&format!("/v1/admin/supporters/{ada}/data")).token(&token).await.expect(200).text();
    assert!(!held.contains("2027-01"), "the day of birth is not kept");
}

#[tokio::test]
async fn the_evidence_of_an_answer_says_on_which_page_it_was_given() {
    let server = setup().start().await;
    let origin = "https://www.harbour.example.org";
    let campaign = CampaignPlan::fair_care().with("origins", vec![origin]).publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = campaign.consents();
    server.post(&campaign.actions()).key(&key()).origin(origin).json(&body).await.expect(201);
    let view = permissions(&server, &find(&server, ADA).await).await;
    assert_eq!(view["ledger"]["answers"][0]["source"]["origin"], origin);
}

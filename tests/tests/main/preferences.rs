//! People see and change what may be done with their data, by a link that is mailed to them (B3, B30, C23).

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::letter::SupporterMail;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const ADA: &str = "ada@kanarien.example";

async fn submit(server: &Server, campaign: &Published) {
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = campaign.consents();
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

/// A campaign, in which Ada has taken part.
async fn campaign_with_ada(server: &Server) -> Published {
    let campaign = CampaignPlan::fair_care().publish(server).await;
    submit(server, &campaign).await;
    campaign
}

async fn ask(server: &Server, email: &str) -> Answer {
    let body = json!({ "organisation": "harbour-trust", "email": email });
    server.post("/v1/preferences/links").json(&body).await.expect(202)
}

/// The mail with the link, which is the only one.
async fn link(server: &Server) -> SupporterMail {
    ask(server, ADA).await;
    server.mails(1).await.remove(0)
}

async fn preferences(server: &Server, token: &str) -> Value {
    server.get("/v1/preferences").token(token).await.expect(200).json()
}

async fn change(server: &Server, token: &str, body: &Value) -> Value {
    server.post("/v1/preferences/changes").token(token).json(body).await.expect(201).json()
}

fn objects(view: &Value, activity: &str) -> bool {
    let states = view["objections"].as_array().unwrap();
    states.iter().find(|state| state["activity"] == activity).unwrap()["objects"].as_bool().unwrap()
}

/// What the mails say whose subject tells of a change.
fn changes(mails: &[SupporterMail]) -> Vec<&SupporterMail> {
    mails.iter().filter(|mail| mail.subject.contains("have changed")).collect()
}

#[tokio::test]
async fn a_link_goes_to_people_who_are_known_and_the_answer_is_the_same_for_all() {
    let server = setup().start().await;
    campaign_with_ada(&server).await;
    let unknown = ask(&server, "nobody@kanarien.example").await;
    let known = ask(&server, &ADA.to_uppercase()).await;
    assert_eq!(known.json(), unknown.json());
    let mail = server.mails(1).await.remove(0);
    assert_eq!(mail.to, ADA);
    assert!(mail.subject.contains("Harbour") && mail.link().contains("/preferences/"), "{mail:?}");
    assert!(!mail.text.contains("Kanarienvogel"), "nothing that was typed into a form is in it");
}

#[tokio::test]
async fn what_a_person_changes_is_in_force_with_the_answer_and_a_mail_says_so() {
    let server = setup().start().await;
    let campaign = campaign_with_ada(&server).await;
    let mail = link(&server).await;
    let before = preferences(&server, mail.token()).await;
    let question = &campaign.questions["questions"][0];
    let choice =
        &before["choices"].as_array().unwrap().iter().find(|one| one["purpose"] == question["purpose"]).unwrap();
    assert_eq!((&choice["permitted"], &choice["question"]["id"]), (&json!(true), &question["id"]));
    assert_eq!((&choice["label"], &before["email"]), (&question["wording"]["en"], &json!(ADA)));

    let body = json!({
        "withdraw": [{ "purpose": choice["purpose"], "channel": choice["channel"] }],
        "objections": [{ "activity": "wealth_research", "stance": "objects" }]
    });
    let changed = change(&server, mail.token(), &body).await;
    assert!(objects(&changed["now"], "wealth_research"));
    let last = changed["now"]["ledger"]["answers"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["source"]["means"], &last["source"]["change_id"], &last["source"]["recorded_by"]),
        (&json!("link"), &changed["change_id"], &json!(null))
    );
    let staff = server.token("supporters:read", "harbour-trust").await;
    let found = server.post("/v1/admin/supporters/find").token(&staff).json(&json!({ "email": ADA })).await.expect(200);
    let path = format!("/v1/admin/supporters/{}/permissions", found.json()["id"].as_str().unwrap());
    let seen = server.get(&path).token(&staff).await.expect(200).json();
    assert_eq!(seen["ledger"], changed["now"]["ledger"]);

    let mails = server.mails(2).await;
    let [told] = changes(&mails)[..] else { panic!("{mails:?}") };
    let wording = question["wording"]["en"].as_str().unwrap();
    assert!(told.text.contains(&format!("- “{wording}” (by email): No")), "{}", told.text);
    assert!(told.text.contains("- Estimating what you could give: You object"), "{}", told.text);
    assert_eq!(preferences(&server, told.token()).await["objections"], changed["now"]["objections"]);
}

#[tokio::test]
async fn a_yes_needs_the_question_and_everything_can_be_ended_at_once() {
    let server = setup().start().await;
    campaign_with_ada(&server).await;
    let mail = link(&server).await;
    let view = preferences(&server, mail.token()).await;
    let refused = view["choices"].as_array().unwrap().iter().find(|one| one["permitted"] == false).unwrap().clone();
    let yes = json!({ "consents": [{
        "question_id": refused["question"]["id"], "version": refused["question"]["version"], "channel": refused["channel"],
        "answer": "yes" }] });
    let now = change(&server, mail.token(), &yes).await["now"].clone();
    let same = |one: &&Value| one["purpose"] == refused["purpose"] && one["channel"] == refused["channel"];
    assert_eq!(now["choices"].as_array().unwrap().iter().find(same).unwrap()["permitted"], true);
    let mut wrong = yes.clone();
    wrong["consents"][0]["version"] = json!(7);
    let answer = server.post("/v1/preferences/changes").token(mail.token()).json(&wrong).await.expect(422);
    assert_eq!(answer.pointers(), ["/consents/0/version"]);

    let now = change(&server, mail.token(), &json!({ "withdraw_everything": true })).await["now"].clone();
    assert!(now["choices"].as_array().unwrap().iter().all(|one| one["permitted"] == false));
    assert!(objects(&now, "direct_marketing"));
}

#[tokio::test]
async fn a_token_opens_its_purpose_and_its_week_alone() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    submit(&server, &campaign).await;
    let confirmation = server.mails(1).await.remove(0);
    server.get("/v1/preferences").token(confirmation.token()).await.problem(401, "token-invalid");
    ask(&server, ADA).await;
    let mails = server.mails(2).await;
    let link = mails.iter().find(|mail| mail.subject.starts_with("Your preferences")).unwrap();
    server.get("/v1/confirmations").token(link.token()).await.problem(401, "token-invalid");
    server.get(&format!("/unsubscribe/{}", link.token())).await.problem(404, "not-found");
    server.get("/v1/preferences").token(link.token()).await.expect(200);
    let mut cut = link.token().to_owned();
    cut.pop();
    server.get("/v1/preferences").token(&cut).await.problem(401, "token-invalid");
    server.move_clock_to("2040-01-02");
    server.get("/v1/preferences").token(link.token()).await.problem(401, "token-invalid");
}

#[tokio::test]
async fn the_page_works_without_scripts_and_records_what_was_changed_and_nothing_else() {
    let server = setup().start().await;
    let campaign = campaign_with_ada(&server).await;
    let mail = link(&server).await;
    let path = format!("/preferences/{}", mail.token());
    let page = server.get(&path).await.expect(200).text();
    let question = &campaign.questions["questions"][0];
    assert!(page.contains(question["wording"]["en"].as_str().unwrap()), "{page}");
    assert!(page.contains("Estimating what you could give") && !page.contains("<script"));
    let entries = preferences(&server, mail.token()).await["ledger"].clone();

    let form = |fields: &str| server.post(&path).body("application/x-www-form-urlencoded", fields.to_owned());
    let name = |answer: &str| format!("answer/{}/1/email={answer}", question["id"].as_str().unwrap());
    let same = form(&name("yes")).await.expect(200).text();
    assert!(same.contains("Nothing was changed."), "{same}");
    assert_eq!(
        preferences(&server, mail.token()).await["ledger"],
        entries,
        "reading and saving the same records nothing"
    );
    let saved = form(&format!("{}&object=wealth_research", name("no"))).await.expect(200).text();
    assert!(saved.contains("Saved."), "{saved}");
    let view = preferences(&server, mail.token()).await;
    assert_eq!(view["ledger"]["answers"].as_array().unwrap().len(), entries["answers"].as_array().unwrap().len() + 1);
    assert!(objects(&view, "wealth_research"));
    form("everything=1").await.expect(200);
    form("").await.expect(200);
    let view = preferences(&server, mail.token()).await;
    assert!(objects(&view, "direct_marketing") && objects(&view, "wealth_research"), "half a form takes nothing back");
    form("whole=1&object=direct_marketing").await.expect(200);
    let view = preferences(&server, mail.token()).await;
    assert!(objects(&view, "direct_marketing") && !objects(&view, "wealth_research"));
    let gone = server.get("/preferences/00").header("Accept-Language", "cy").await.expect(200).text();
    assert!(gone.contains("Nid yw&#x27;r ddolen hon") || gone.contains("Nid yw'r ddolen hon"), "{gone}");
}

#[tokio::test]
async fn one_click_ends_mail_and_opening_the_link_does_not() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care().with("receipt_by_mail", true);
    let campaign = plan.clone().confirmed_by_mail().publish(&server).await;
    server.move_clock_to("2040-01-02");
    submit(&server, &campaign).await;
    let confirmation = server.mails(1).await.remove(0);
    assert_eq!(confirmation.unsubscribe, None, "nobody can do without it");
    server.post("/v1/confirmations").json(&json!({ "token": confirmation.token() })).await.expect(200);
    server.letters(1).await;
    server.move_clock_to("2040-01-04");
    let mails = server.mails(2).await;
    let receipt = mails.iter().find(|mail| mail.subject.starts_with("Your letter")).unwrap();
    let address = receipt.unsubscribe.clone().unwrap();
    let path = &address[address.find("/unsubscribe/").unwrap()..];
    let page = server.get(path).await.expect(200).text();
    assert!(page.contains("<form method=\"post\">"), "{page}");

    let click = || server.post(path).body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
    click().await.expect(200);
    let mails = server.mails(3).await;
    let told = changes(&mails)[0].clone();
    let view = preferences(&server, told.token()).await;
    let by_email: Vec<_> = view["choices"].as_array().unwrap().iter().filter(|one| one["channel"] == "email").collect();
    assert!(!by_email.is_empty() && by_email.iter().all(|one| one["permitted"] == false));
    assert!(!objects(&view, "direct_marketing"), "letters and calls were not what was ended");
    click().await.expect(200);
    assert_eq!(preferences(&server, told.token()).await["ledger"], view["ledger"], "once more changes nothing");

    let next = plan.called("next-care").confirmed_by_mail().publish(&server).await;
    submit(&server, &next).await;
    let mails = server.mails(4).await;
    let confirmation = mails.iter().rfind(|mail| mail.subject.starts_with("Please confirm")).unwrap();
    server.post("/v1/confirmations").json(&json!({ "token": confirmation.token() })).await.expect(200);
    server.letters(2).await;
    server.move_clock_to("2040-01-08");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    server.mails(4).await;
}

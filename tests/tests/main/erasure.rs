//! What is held on a person, read as a whole and erased (B7, B8, B9).

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, on_postgres, skipped};
use postbag_tests::supporter::{CANARIES, key, submission};
use serde_json::{Value, json};

use crate::setup;

const ADA: &str = "ada@kanarien.example";

async fn submit(server: &Server, campaign: &Published) {
    let mut body = submission(&ALDER.postcode(0), ADA);
    body["consents"] = campaign.consents();
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
}

async fn find(server: &Server) -> Option<String> {
    let token = server.token("supporters:read", "harbour-trust").await;
    let body = json!({ "organisation": "harbour-trust", "email": ADA });
    let found = server.post("/v1/admin/supporters/find").token(&token).json(&body).await;
    (found.status == 200).then(|| found.json()["id"].as_str().unwrap().to_owned())
}

async fn erase(server: &Server, supporter: &str, body: &Value) -> Value {
    let token = server.token("supporters:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{supporter}/erasure");
    server.post(&path).token(&token).json(body).await.expect(200).json()
}

/// The token of the link that Ada asks for.
async fn link(server: &Server, mails: usize) -> String {
    let body = json!({ "organisation": "harbour-trust", "email": ADA });
    server.post("/v1/preferences/links").json(&body).await.expect(202);
    let mails = server.mails(mails).await;
    let mail = mails.iter().find(|mail| mail.subject.starts_with("Your preferences")).unwrap();
    mail.token().to_owned()
}

/// The files of the server that hold a canary, in any case of letters.
fn traces(server: &Server) -> Vec<String> {
    fn files(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }
    let mut all = Vec::new();
    files(server.folder(), &mut all);
    let shows = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default().to_ascii_lowercase();
        let canary = |canary: &&str| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
        CANARIES.iter().any(canary)
    };
    all.into_iter().filter(shows).map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn an_erased_person_is_in_no_file_and_still_counts() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign).await;
    server.letters(1).await;
    let before = campaign.settled_tally(&server).await;
    let ada = find(&server).await.unwrap();
    assert!(!traces(&server).is_empty() || on_postgres());
    let erased = erase(&server, &ada, &json!({})).await;
    assert_eq!(erased, json!({ "actions": 1, "cancelled_messages": 0, "suppressed": false }));
    if on_postgres() {
        skipped("the bytes of PostgreSQL's files are for its VACUUM");
        assert_eq!(server.count_letters(), 0);
    } else {
        assert_eq!(traces(&server), Vec::<String>::new());
    }
    assert_eq!(find(&server).await, None);
    let after = campaign.exact_tally(&server).await;
    assert_eq!(
        (&after["actions"], &after["supporters"], &after["messages"]),
        (&before["actions"], &before["supporters"], &before["messages"])
    );
    server.cli(&["recount", "--check"]).await.succeeds();
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["subject_id"]),
        (&json!("erase_supporter"), &json!(ada))
    );
}

#[tokio::test]
async fn messages_that_have_not_left_are_cancelled_with_the_person() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    submit(&server, &campaign).await;
    let mail = server.mails(1).await.remove(0);
    let ada = find(&server).await.unwrap();
    erase(&server, &ada, &json!({})).await;
    let late = server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await;
    late.problem(410, "confirmation-expired");
    assert_eq!(campaign.exact_tally(&server).await["awaiting_confirmation"], 0);
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn whom_nothing_may_be_sent_to_stays_suppressed_when_they_come_again() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign).await;
    server.letters(1).await;
    let token = server.token("consents:write", "harbour-trust").await;
    let ada = find(&server).await.unwrap();
    let objects = json!({ "means": "post", "note": "Wrote.",
                          "objections": [{ "activity": "direct_marketing", "stance": "objects" }] });
    let path = format!("/v1/admin/supporters/{ada}/changes");
    server.post(&path).token(&token).json(&objects).await.expect(201);
    assert_eq!(erase(&server, &ada, &json!({})).await["suppressed"], true);
    submit(&server, &campaign).await;
    let again = find(&server).await.unwrap();
    assert_ne!(again, ada);
    let token = server.token("supporters:read", "harbour-trust").await;
    let view = server.get(&format!("/v1/admin/supporters/{again}/permissions")).token(&token).await.expect(200).json();
    assert_eq!((&view["suppressed"], &view["permissions"][0]["reason"]), (&json!(true), &json!("suppressed")));
}

#[tokio::test]
async fn a_person_reads_and_erases_what_is_held_with_their_link() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    submit(&server, &campaign).await;
    let confirmation = server.mails(1).await[0].token().to_owned();
    let token = link(&server, 2).await;
    let unproved = server.get("/v1/preferences/data").token(&token).await.expect(200).text();
    assert!(!unproved.contains("17 Kanarienweg") && unproved.contains("withheld"), "a stranger may have typed it");
    server.post("/v1/confirmations").json(&json!({ "token": confirmation })).await.expect(200);
    server.letters(1).await;
    campaign.settled_tally(&server).await;
    let data = server.get("/v1/preferences/data").token(&token).await.expect(200);
    assert_eq!(data.header("cache-control"), "no-store");
    let text = data.text();
    for known in [ADA, "Kanarienvogel", "17 Kanarienweg", "eleven weeks", "campaign_news", "newsletter"] {
        assert!(text.contains(known), "{known}: {text}");
    }
    let page = server.get(&format!("/preferences/{token}?data")).await.expect(200).json();
    assert_eq!(page["held"], data.json()["held"]);
    let erased = server.post("/v1/preferences/erasure").token(&token).json(&json!({ "suppress": true })).await;
    assert_eq!(erased.expect(200).json()["suppressed"], true);
    server.get("/v1/preferences").token(&token).await.problem(401, "token-invalid");
    server.get("/v1/preferences/data").token(&token).await.problem(401, "token-invalid");
    assert_eq!(find(&server).await, None);
}

#[tokio::test]
async fn what_is_wrong_about_a_person_is_set_right_before_the_letter_leaves() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    submit(&server, &campaign).await;
    let confirmation = server.mails(1).await[0].token().to_owned();
    let ada = find(&server).await.unwrap();
    let token = server.token("supporters:write", "harbour-trust").await;
    let path = format!("/v1/admin/supporters/{ada}/corrections");
    let post = async |body: Value| server.post(&path).token(&token).json(&body).await;
    let wrong = json!({ "name": { "first_name": "", "last_name": "x" }, "phone": "?", "email": "x" });
    let flaws = post(wrong).await.problem(422, "validation-failed");
    assert_eq!(flaws["errors"].as_array().unwrap().len(), 3);
    post(json!({})).await.problem(422, "validation-failed");
    post(json!({ "email": "ada.new@kanarien.example" })).await.problem(409, "conflict");
    let name = json!({ "first_name": "Ada", "last_name": "Kanarientochter" });
    let address = json!({ "line1": "18 Kanarienweg", "town": "Alderwick" });
    assert_eq!(post(json!({ "name": name, "address": address })).await.expect(200).json(), json!({ "actions": 1 }));
    server.post("/v1/confirmations").json(&json!({ "token": confirmation })).await.expect(200);
    let letter = server.letters(1).await.remove(0);
    assert!(letter.body.contains("Kanarientochter") && letter.body.contains("18 Kanarienweg"), "{}", letter.body);
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["subject_id"]),
        (&json!("correct_supporter"), &json!(ada))
    );
}

#[tokio::test]
async fn a_new_address_is_the_same_person_and_stays_suppressed() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign).await;
    let ada = find(&server).await.unwrap();
    let mut other = submission(&ALDER.postcode(0), "ben@kanarien.example");
    other["consents"] = json!([]);
    server.post(&campaign.actions()).key(&key()).json(&other).await.expect(201);
    let suppressing = server.token("supporters:write consents:write", "harbour-trust").await;
    let suppress = json!({ "organisation": "harbour-trust", "email": ADA });
    server.post("/v1/admin/suppressions").token(&suppressing).json(&suppress).await.expect(204);
    let path = format!("/v1/admin/supporters/{ada}/corrections");
    let of_ben = json!({ "email": "Ben@kanarien.example" });
    server.post(&path).token(&suppressing).json(&of_ben).await.problem(409, "conflict");
    server.post(&path).token(&suppressing).json(&json!({ "email": "ada.new@kanarien.example" })).await.expect(200);
    assert_eq!(find(&server).await, None);
    let token = server.token("supporters:read", "harbour-trust").await;
    let view = server.get(&format!("/v1/admin/supporters/{ada}/permissions")).token(&token).await.expect(200).json();
    assert_eq!((&view["suppressed"], &view["permissions"][0]["reason"]), (&json!(true), &json!("suppressed")));
}

#[tokio::test]
async fn a_person_corrects_what_they_confirmed_with_their_link() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    submit(&server, &campaign).await;
    let confirmation = server.mails(1).await[0].token().to_owned();
    let token = link(&server, 2).await;
    let correct = async || {
        let body = json!({ "name": { "first_name": "Ada", "last_name": "Kanarientochter" } });
        server.post("/v1/preferences/corrections").token(&token).json(&body).await.expect(200).json()
    };
    assert_eq!(correct().await, json!({ "actions": 0 }), "a stranger may have typed it");
    server.post("/v1/confirmations").json(&json!({ "token": confirmation })).await.expect(200);
    assert_eq!(correct().await, json!({ "actions": 1 }));
    let staff = server.token("supporters:write", "harbour-trust").await;
    let data = server.get("/v1/preferences/data").token(&token).await.expect(200).text();
    assert!(data.contains("Kanarientochter"), "{data}");
    let path = format!("/v1/admin/supporters/{}/corrections", find(&server).await.unwrap());
    server.post(&path).token(&staff).json(&json!({ "email": "ada.new@kanarien.example" })).await.expect(200);
    server.get("/v1/preferences/data").token(&token).await.problem(401, "token-invalid");
}

#[tokio::test]
async fn the_page_erases_only_with_the_box_ticked() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign).await;
    let path = format!("/preferences/{}", link(&server, 1).await);
    let form = |fields: &'static str| server.post(&path).body("application/x-www-form-urlencoded", fields);
    form("").await.expect(200);
    assert!(find(&server).await.is_some());
    let done = form("erase=1").await.expect(200).text();
    assert!(done.contains("Your data is deleted"), "{done}");
    assert_eq!(find(&server).await, None);
}

#[tokio::test]
async fn nobody_reads_or_erases_the_supporters_of_others() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign).await;
    CampaignPlan::clean_air().publish(&server).await;
    let ada = find(&server).await.unwrap();
    let other = server.token("supporters:read supporters:write", "clearwater").await;
    server.get(&format!("/v1/admin/supporters/{ada}/data")).token(&other).await.problem(404, "not-found");
    let path = format!("/v1/admin/supporters/{ada}/erasure");
    server.post(&path).token(&other).json(&json!({})).await.problem(404, "not-found");
    let own = server.token("supporters:read", "harbour-trust").await;
    let data = server.get(&format!("/v1/admin/supporters/{ada}/data")).token(&own).await.expect(200).json();
    assert_eq!(data["held"][0]["rows"][0]["email_key"], ADA);
    let audit = server.get("/v1/admin/audit").token(&server.operator().await).await.expect(200).json();
    assert_eq!(audit["items"][0]["action"], "read_supporter_data");
}

//! Submissions that a person looks at before anything is sent, and what is said to their supporters.

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::name_server::NameServer;
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};
use std::time::Duration;

use crate::setup;

/// A message that is held for its link.
const WITH_LINK: &str = "See https://example.org/my-story";

async fn submit(server: &Server, campaign: &Published, number: usize, message: &str) -> Answer {
    let mut body = submission(&ALDER.postcode(0), &person(number));
    body["personal_message"] = json!(message);
    server.post(&campaign.actions()).key(&key()).json(&body).await
}

async fn decide(server: &Server, receipt: &Value, decision: &str) -> Value {
    let body = json!({ "ids": [receipt["id"]], "decision": decision, "note": "Looked at." });
    let token = server.operator().await;
    let answer = server.post("/v1/admin/moderation/decisions").token(&token).json(&body).await.expect(200).json();
    answer["submissions"][0].clone()
}

async fn receipt(server: &Server, submitted: &Value) -> Value {
    let path = format!("/v1/actions/{}", submitted["id"].as_str().unwrap());
    server.get(&path).token(submitted["receipt_token"].as_str().unwrap()).await.expect(200).json()
}

async fn becomes(server: &Server, submitted: &Value, status: &str) {
    let reached = || async { receipt(server, submitted).await["status"] == status };
    eventually(status, Duration::from_secs(10), reached).await;
}

#[tokio::test]
async fn a_false_positive_is_held_appealed_approved_and_delivered() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    assert_eq!((&held["status"], &held["deliveries"][0]["state"]), (&json!("in_review"), &json!("held")));
    assert_eq!(held["reasons"], json!([{ "signal": "links", "text": "Your message contains a link." }]));
    assert_eq!(campaign.exact_tally(&server).await["actions"], 0, "a held submission counts nowhere");
    let shown = receipt(&server, &held).await;
    assert_eq!((&shown["review"]["state"], &shown["review"]["may_be_appealed"]), (&json!("in_review"), &json!(true)));

    assert_eq!(decide(&server, &held, "refuse").await["state"], "refused");
    assert_eq!(receipt(&server, &held).await["status"], "refused");
    let path = format!("/v1/actions/{}/appeals", held["id"].as_str().unwrap());
    let appeal = server.post(&path).token(held["receipt_token"].as_str().unwrap());
    let appealed = appeal.json(&json!({ "words": "It is my own page." })).await.expect(200).json();
    assert_eq!(appealed["status"], "in_review");

    let token = server.operator().await;
    let queue = server.get("/v1/admin/moderation?state=in_review&appealed=true").token(&token).await.expect(200).json();
    let listed = &queue["items"][0];
    assert_eq!((&listed["signals"], &listed["appeal"]), (&json!(["links"]), &json!("It is my own page.")));
    assert_eq!(listed["submission"]["personal_message"], WITH_LINK);
    assert_eq!(server.count_letters(), 0);

    assert_eq!(decide(&server, &held, "approve").await["state"], "approved");
    let letter = server.letters(1).await.remove(0);
    assert!(letter.body.contains(WITH_LINK), "{}", letter.body);
    becomes(&server, &held, "confirmed").await;
    let shown = receipt(&server, &held).await;
    assert_eq!((&shown["review"]["state"], &shown["review"]["may_be_appealed"]), (&json!("approved"), &json!(false)));
    assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
    assert_eq!(decide(&server, &held, "approve").await["changed"], false, "twice is as good as once");

    let path = format!("/v1/admin/audit?subject={}", held["id"].as_str().unwrap());
    let audit = server.get(&path).token(&token).await.expect(200).json();
    let notes: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["note"].clone()).collect();
    assert_eq!(notes, [json!("approve"), json!("refuse")]);
}

#[tokio::test]
async fn a_retry_of_what_is_held_is_answered_again_and_no_other_key_is_taken() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), &person(1));
    body["personal_message"] = json!(WITH_LINK);
    let call = |body: &Value| server.post(&campaign.actions()).key("the-key").json(body);
    let first = call(&body).await.expect(201);
    let again = call(&body).await.expect(201);
    assert_eq!((first.json(), again.header("idempotency-replayed")), (again.json(), "true"));
    decide(&server, &first.json(), "approve").await;
    server.letters(1).await;
    assert_eq!(call(&body).await.expect(201).json()["id"], first.json()["id"]);
    body["personal_message"] = json!("Something else.");
    call(&body).await.problem(422, "idempotency-key-reused");
    server.letters(1).await;
}

#[tokio::test]
async fn a_rule_refuses_with_the_organisations_words_in_the_persons_language() {
    let server = setup().start().await;
    let mut plan = CampaignPlan::fair_care();
    let reason = json!({ "en": "No links, please.", "cy": "Dim dolenni, os gwelwch yn dda." });
    plan.organisation_document["moderation"] = json!({
        "rules": [{ "signal": "links", "outcome": "refuse", "reason": reason }, { "signal": "contact_details", "outcome": "accept" }],
        "unwanted_words": ["Hateful Thing"]
    });
    let campaign = plan.publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), &person(1));
    (body["personal_message"], body["locale"]) = (json!(WITH_LINK), json!("cy"));
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "submission-refused");
    assert_eq!(refused["reasons"], json!([{ "signal": "links", "text": "Dim dolenni, os gwelwch yn dda." }]));
    submit(&server, &campaign, 2, "Ring 020 7946 0958").await.expect(201);
    server.letters(1).await;
    let held = submit(&server, &campaign, 3, "You hateful  thing!").await.expect(201).json();
    assert_eq!(held["reasons"][0]["signal"], "unwanted_words");
}

#[tokio::test]
async fn what_nobody_looks_at_ends_or_goes_out_as_the_campaign_says() {
    let server = setup().start().await;
    let ends = CampaignPlan::fair_care().publish(&server).await;
    let sends = CampaignPlan::fair_care().called("sends").with("review", json!({ "hours": 1, "then": "send" }));
    let sends = sends.publish(&server).await;
    let ended = submit(&server, &ends, 1, WITH_LINK).await.expect(201).json();
    let sent = submit(&server, &sends, 2, WITH_LINK).await.expect(201).json();
    let held_at =
        receipt(&server, &sent).await["created_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
    let later = held_at.unwrap() + chrono::TimeDelta::days(5);
    server.move_clock_to(&later.format("%Y-%m-%d").to_string());
    becomes(&server, &ended, "ended").await;
    becomes(&server, &sent, "confirmed").await;
    server.letters(1).await;
}

#[tokio::test]
async fn an_approved_submission_waits_for_its_confirmation_like_any_other() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(server.mails_now().is_empty(), "nothing is mailed before somebody has looked");
    decide(&server, &held, "approve").await;
    becomes(&server, &held, "awaiting_confirmation").await;
    server.mails(1).await;
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn a_campaign_that_closed_meanwhile_sends_nothing_and_the_receipt_says_so() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    postbag_tests::campaign::transition(&server, &campaign.slug, "closed").await.expect(200);
    decide(&server, &held, "approve").await;
    becomes(&server, &held, "ended").await;
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn many_people_from_one_client_are_looked_at() {
    let server = setup().with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]").start().await;
    let campaign = CampaignPlan::fair_care().with("challenge", "off").publish(&server).await;
    let mut statuses = Vec::new();
    for number in 0..7 {
        let body = submission(&ALDER.postcode(0), &person(number));
        let call = server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9").key(&key()).json(&body);
        statuses.push(call.await.expect(201).json()["status"].clone());
    }
    assert_eq!(statuses[..5], ["confirmed"; 5]);
    assert_eq!(statuses[5..], ["in_review"; 2]);
}

#[tokio::test]
async fn a_suppressed_address_and_a_strangers_token_get_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    CampaignPlan::clean_air().publish(&server).await;
    let stranger = server.token("moderation:read moderation:write", "clearwater").await;
    let queue = server.get("/v1/admin/moderation").token(&stranger).await.expect(200).json();
    assert_eq!(queue["items"], json!([]));
    let body = json!({ "ids": [held["id"]], "decision": "approve" });
    let decided = server.post("/v1/admin/moderation/decisions").token(&stranger).json(&body).await.expect(200).json();
    assert_eq!(decided["submissions"], json!([]));
    assert_eq!(decide(&server, &held, "suppress").await["state"], "withdrawn");
    submit(&server, &campaign, 1, "Nothing odd.").await.expect(201);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.count_letters(), 0, "the address is suppressed");
}

#[tokio::test]
async fn a_person_reads_how_much_of_their_message_is_their_own() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let path = campaign.path("/originality");
    let measure = |text: &str| server.post(&path).json(&json!({ "personal_message": text, "locale": "en" }));
    let own = measure("My mother waited eleven weeks. Nobody called her in all that time.").await.expect(200).json();
    assert_eq!(own["hint"], "2 of 2 sentences are yours.");
    assert_eq!(own["similarity"], 0.0);
    let letter = measure("Yours sincerely. My mother waited.").await.expect(200).json();
    assert_eq!(letter["hint"], "1 of 2 sentences are yours.");
    measure("").await.problem(422, "validation-failed");
}

#[tokio::test]
async fn many_like_messages_to_one_representative_are_noticed_where_a_rule_says_so() {
    let server = setup().start().await;
    let mut plan = CampaignPlan::fair_care();
    plan.organisation_document["moderation"] =
        json!({ "rules": [{ "signal": "resembles_others", "outcome": "hold" }] });
    let campaign = plan.publish(&server).await;
    let mut held = 0;
    for number in 0..25 {
        let text = "These words stand on a page that asks everybody to send them as they are, which I have done.";
        let answer = submit(&server, &campaign, number, text).await.expect(201).json();
        held += usize::from(answer["status"] == "in_review");
    }
    assert_eq!(held, 5, "from the twenty-first on");
    assert_eq!(
        submit(&server, &campaign, 30, "Words of my own, which nobody else has sent.").await.expect(201).json()["status"],
        "confirmed"
    );
}

#[tokio::test]
async fn an_erased_person_leaves_nothing_in_the_queue_and_nothing_goes_out() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    submit(&server, &campaign, 1, "My mother waited.").await.expect(201);
    server.letters(1).await;
    let token = server.token("supporters:read supporters:write", "harbour-trust").await;
    let found = server.post("/v1/admin/supporters/find").token(&token).json(&json!({ "email": person(1) })).await;
    let path = format!("/v1/admin/supporters/{}", found.expect(200).json()["id"].as_str().unwrap());
    let data = server.get(&format!("{path}/data")).token(&token).await.expect(200).text();
    assert!(data.contains("my-story"), "what is held is the person's too");
    server.post(&format!("{path}/erasure")).token(&token).json(&json!({})).await;
    assert_eq!(decide(&server, &held, "approve").await["changed"], false);
    let queue = server.get("/v1/admin/moderation").token(&server.operator().await).await.expect(200).json();
    assert_eq!((&queue["items"][0]["submission"], &queue["items"][0]["state"]), (&Value::Null, &json!("withdrawn")));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(server.count_letters(), 0, "the letter that had left is erased too, and no other has");
}

#[tokio::test]
async fn what_was_refused_does_not_go_out_by_silence_after_an_appeal() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care().with("review", json!({ "hours": 1, "then": "send" }));
    let campaign = plan.publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    decide(&server, &held, "refuse").await;
    let path = format!("/v1/actions/{}/appeals", held["id"].as_str().unwrap());
    let appeal = server.post(&path).token(held["receipt_token"].as_str().unwrap());
    appeal.json(&json!({ "words": "Please." })).await.expect(200);
    let held_at =
        receipt(&server, &held).await["created_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
    let later = held_at.unwrap() + chrono::TimeDelta::days(5);
    server.move_clock_to(&later.format("%Y-%m-%d").to_string());
    becomes(&server, &held, "ended").await;
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn what_is_approved_waits_while_its_campaign_is_paused() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let held = submit(&server, &campaign, 1, WITH_LINK).await.expect(201).json();
    postbag_tests::campaign::transition(&server, &campaign.slug, "paused").await.expect(200);
    decide(&server, &held, "approve").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(receipt(&server, &held).await["status"], "in_review");
    postbag_tests::campaign::transition(&server, &campaign.slug, "live").await.expect(200);
    becomes(&server, &held, "confirmed").await;
    server.letters(1).await;
}

#[tokio::test]
async fn rules_are_tried_on_the_last_submissions_and_change_nothing() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign, 1, "My brother waited eleven weeks.").await.expect(201);
    submit(&server, &campaign, 2, "You are a hateful thing.").await.expect(201);
    submit(&server, &campaign, 3, WITH_LINK).await.expect(201);
    let token = server.operator().await;
    let body = json!({
        "organisation": "harbour-trust", "campaign": "fair-care",
        "moderation": { "rules": [{ "signal": "unwanted_words", "outcome": "refuse" }], "unwanted_words": ["hateful thing"] }
    });
    let call = |body: &Value| server.post("/v1/admin/moderation/trials").token(&token).json(body);
    let tried = call(&body).await.expect(200).json();
    assert_eq!((&tried["looked_at"], &tried["outcomes"]), (&json!(3), &json!({ "accept": 1, "hold": 1, "refuse": 1 })));
    let caught: Vec<_> =
        tried["caught"].as_array().unwrap().iter().map(|one| (&one["status"], &one["signals"])).collect();
    let (held, sent) = (json!("in_review"), json!("confirmed"));
    assert_eq!(caught, [(&held, &json!(["links"])), (&sent, &json!(["unwanted_words"]))]);
    assert_eq!(campaign.exact_tally(&server).await["actions"], 2);
    let mut wrong = body.clone();
    wrong["last"] = json!(1_001);
    assert_eq!(call(&wrong).await.expect(422).pointers(), ["/last"]);
    wrong["last"] = json!(1);
    assert_eq!(call(&wrong).await.expect(200).json()["looked_at"], 1);
    wrong["moderation"]["rules"][0]["signal"] = json!("smell");
    assert_eq!(call(&wrong).await.expect(422).pointers(), ["/moderation/rules/0/signal"]);
}

#[tokio::test]
async fn an_address_whose_domain_takes_no_mail_is_refused_with_the_reason_and_each_domain_is_asked_for_once() {
    let dns = NameServer::start().await;
    let server = setup()
        .with("POSTBAG_MAIL_DOMAINS__LOOK_UP", true)
        .with("POSTBAG_MAIL_DOMAINS__SERVER", dns.address())
        .with("POSTBAG_MAIL_DOMAINS__DEADLINE_MS", 1_000)
        .start()
        .await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let number = std::cell::Cell::new(0);
    let submit = async |domain: &str| {
        number.set(number.get() + 1);
        let mut body = submission(&ALDER.postcode(number.get()), &person(number.get()));
        body["supporter"]["email"] = json!(format!("p{}@{domain}", number.get()));
        server.post(&campaign.actions()).key(&key()).json(&body).await
    };
    for domain in ["mail.example", "web.example", "silent.example"] {
        assert_eq!(submit(domain).await.expect(201).json()["status"], "confirmed", "{domain}");
    }
    for domain in ["null.example", "nowhere.example"] {
        let refused = submit(domain).await.problem(422, "submission-refused");
        assert_eq!(refused["reasons"][0]["signal"], "domain_without_mail", "{domain}");
    }
    let asked = dns.questions();
    for domain in ["mail.example", "web.example"] {
        submit(domain).await.expect(201);
    }
    submit("nowhere.example").await.problem(422, "submission-refused");
    assert_eq!(dns.questions(), asked);
}

#[tokio::test]
async fn an_organisation_is_mailed_once_ten_submissions_wait_for_it() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for number in 0..12 {
        submit(&server, &campaign, number, WITH_LINK).await.expect(201);
    }
    let mail = server.mails(1).await.remove(0);
    assert!(
        mail.subject.contains("submissions to “Fair care”") && mail.subject.contains("wait for you"),
        "{}",
        mail.subject
    );
    assert!(mail.text.contains("campaign=fair-care"), "{}", mail.text);
    assert!(!mail.text.contains("my-story"), "nothing that was written is mailed");
    assert_eq!(mail.to, "care@harbour.example.org");
}

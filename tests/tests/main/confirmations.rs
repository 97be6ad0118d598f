//! Confirmation: nothing leaves in anybody's name before they have said so (B16, B17, B31).

use std::time::Duration;

use postbag_tests::campaign::{CampaignPlan, Published, transition};
use postbag_tests::country::ALDER;
use postbag_tests::letter::SupporterMail;
use postbag_tests::server::{Server, eventually};
use postbag_tests::smtp_sink::{Act, SmtpSink, Stage, Times};
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

const PATIENCE: Duration = Duration::from_secs(20);

async fn published(server: &Server, plan: CampaignPlan) -> Published {
    plan.confirmed_by_mail().publish(server).await
}

async fn submit(server: &Server, campaign: &Published, body: &Value) -> Value {
    server.post(&campaign.actions()).key(&key()).json(body).await.expect(201).json()
}

async fn receipt(server: &Server, action: &Value) -> Value {
    let token = action["receipt_token"].as_str().unwrap();
    server.get(&format!("/v1/actions/{}", action["id"].as_str().unwrap())).token(token).await.expect(200).json()
}

fn person(email: &str) -> Value {
    submission(&ALDER.postcode(0), email)
}

fn ada() -> Value {
    person("ada@example.org")
}

#[tokio::test]
async fn a_letter_waits_for_its_writer_and_leaves_with_the_confirmation() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let mut body = ada();
    body["consents"] = campaign.consents();
    body["personal_message"] = json!("My mother waited eleven weeks.");
    let action = submit(&server, &campaign, &body).await;
    assert_eq!(
        (&action["status"], &action["deliveries"][0]["state"]),
        (&json!("awaiting_confirmation"), &json!("held"))
    );
    assert_eq!(action["tally"]["actions"], 0);
    let waiting = receipt(&server, &action).await;
    assert_eq!(waiting["deliveries"][0]["held_for"], "confirmation");
    assert!(waiting["confirm_by"].is_string());

    let mail = server.mails(1).await.remove(0);
    assert_eq!(mail.to, "ada@example.org");
    assert!(
        !mail.text.contains("eleven weeks") && !mail.html.contains("eleven weeks"),
        "no visitor writes into the mail"
    );
    let shown = server.get("/v1/confirmations").token(mail.token()).await.expect(200).json();
    assert_eq!(shown["waiting"][0]["personal_message"], "My mother waited eleven weeks.");
    assert_eq!(server.count_letters(), 0);
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(
        (&tally["awaiting_confirmation"], &tally["actions"], &tally["messages"]["queued"]),
        (&json!(1), &json!(0), &json!(0))
    );

    let confirmed = server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200).json();
    assert_eq!((&confirmed["action"]["id"], &confirmed["action"]["status"]), (&action["id"], &json!("confirmed")));
    assert!(server.letters(1).await[0].body.contains("eleven weeks"));
    server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200);
    let tally = campaign.settled_tally(&server).await;
    assert_eq!(
        (&tally["awaiting_confirmation"], &tally["actions"], &tally["supporters"]),
        (&json!(0), &json!(1), &json!(1))
    );
    let listed = server.get("/v1/admin/actions").token(&server.operator().await).await.expect(200).json();
    assert_eq!(
        (&listed["items"][0]["confirmed_by"], listed["items"][0]["consents"].as_array().unwrap().is_empty()),
        (&json!("link"), false)
    );
    server.letters(1).await;
}

#[tokio::test]
async fn opening_a_mailed_link_a_hundred_times_changes_nothing() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let action = submit(&server, &campaign, &ada()).await;
    let mail = server.mails(1).await.remove(0);
    let path = format!("/confirm/{}", mail.token());
    assert!(mail.link().ends_with(&path), "{}", mail.link());
    for _ in 0..100 {
        let page = server.get(&path).await.expect(200);
        assert!(page.text().contains("<form method=\"post\">") && !page.text().contains("<script"));
    }
    assert_eq!(receipt(&server, &action).await["status"], "awaiting_confirmation");
    let form = format!("action={}", action["id"].as_str().unwrap());
    let press = || server.post(&path).body("application/x-www-form-urlencoded", form.clone());
    press().await.expect(200);
    assert!(press().await.expect(200).text().contains("Thank you"));
    server.letters(1).await;
    let wrong = server.get(&format!("/confirm/{}", mail.token().replace('a', "b"))).await.expect(200);
    assert!(wrong.text().contains("This link does not work") && !wrong.text().contains("<form"));
}

#[tokio::test]
async fn the_code_confirms_any_of_its_persons_submissions_and_nobody_elses() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let mut junk = ada();
    junk["personal_message"] = json!("JUNK");
    let junk = submit(&server, &campaign, &junk).await;
    let mail = server.mails(1).await.remove(0);
    let own = submit(&server, &campaign, &ada()).await;
    let other = submit(&server, &campaign, &person("bo@example.org")).await;
    let shown = server.get("/v1/confirmations").token(mail.token()).await.expect(200).json();
    assert_eq!(shown["waiting"].as_array().unwrap().len(), 2);

    let confirm = |action: &Value, code: &str| {
        server.post("/v1/confirmations").json(&json!({ "action_id": action["id"], "code": code }))
    };
    confirm(&other, mail.code()).await.problem(403, "confirmation-invalid");
    confirm(&own, "0000-0000").await.problem(403, "confirmation-invalid");
    confirm(&json!({ "id": "01998f00-0000-7000-8000-000000000003" }), mail.code())
        .await
        .problem(403, "confirmation-invalid");
    confirm(&own, &mail.code().to_lowercase()).await.expect(200);
    let letters = server.letters(1).await;
    assert!(!letters[0].body.contains("JUNK"));
    assert_eq!(receipt(&server, &junk).await["status"], "awaiting_confirmation");
    let chosen = json!({ "token": mail.token(), "action_id": other["id"] });
    server.post("/v1/confirmations").json(&chosen).await.problem(403, "confirmation-invalid");
    server.post("/v1/confirmations").json(&json!({ "code": mail.code() })).await.problem(422, "validation-failed");
    server.post("/v1/confirmations").json(&json!({})).await.problem(422, "validation-failed");
}

#[tokio::test]
async fn a_strangers_inbox_gets_three_mails_a_day_over_all_campaigns() {
    let server = setup().start().await;
    let mut campaigns = Vec::new();
    for number in 0..5 {
        campaigns.push(published(&server, CampaignPlan::fair_care().called(&format!("fair-care-{number}"))).await);
    }
    for round in 0..6 {
        for campaign in &campaigns {
            submit(&server, campaign, &person(&format!("victim+{round}@example.org"))).await;
        }
    }
    server.mails(3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.mails(3).await;
}

#[tokio::test]
async fn a_flood_in_ones_name_does_not_bury_ones_own_letter() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let own = submit(&server, &campaign, &ada()).await;
    let mail = server.mails(1).await.remove(0);
    for _ in 0..30 {
        submit(&server, &campaign, &ada()).await;
    }
    let shown = server.get("/v1/confirmations").token(mail.token()).await.expect(200).json();
    let waiting = shown["waiting"].as_array().unwrap();
    assert_eq!((waiting.len(), &waiting[0]["id"]), (21, &own["id"]));
}

#[tokio::test]
async fn what_nobody_confirms_is_reminded_of_once_and_cannot_be_confirmed_after_a_week() {
    let server = setup().start().await;
    server.move_clock_to("2040-01-02");
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    submit(&server, &campaign, &ada()).await;
    let first = server.mails(1).await.remove(0);
    assert!(first.subject.starts_with("Please confirm"), "{}", first.subject);
    server.move_clock_to("2040-01-04");
    let mails = server.mails(2).await;
    let reminder = mails.iter().find(|mail| mail.subject != first.subject).unwrap();
    assert!(reminder.subject.contains("has not been sent yet"), "{}", reminder.subject);
    assert_eq!((reminder.token(), reminder.code()), (first.token(), first.code()));
    server.move_clock_to("2040-01-10");
    let token = json!({ "token": first.token() });
    server.post("/v1/confirmations").json(&token).await.problem(403, "confirmation-invalid");
    server.mails(2).await;
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn only_a_system_with_a_token_of_the_organisation_may_say_that_an_address_is_verified() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let mut body = ada();
    body["confirmation"] = json!("none");
    let call = || server.post(&campaign.actions()).key(&key()).json(&body);
    call().await.problem(401, "token-missing");
    call().token(&server.token("campaigns:write", "harbour-trust").await).await.problem(403, "scope-insufficient");
    call().token(&server.token("actions:write", "clearwater").await).await.problem(404, "not-found");
    let accepted = call().token(&server.token("actions:write", "harbour-trust").await).await.expect(201).json();
    assert_eq!(accepted["status"], "confirmed");
    server.letters(1).await;
    assert!(server.mails_now().is_empty());
}

#[tokio::test]
async fn doing_without_confirmation_needs_the_operators_reason_which_the_campaign_shows() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care().with("confirmation_waiver", Value::Null);
    plan.draft(&server).await;
    let refused = transition(&server, &plan.slug, "live").await.problem(422, "campaign-incomplete");
    assert_eq!(refused["errors"][0]["pointer"], "/confirmation_waiver");
    let plan = plan.with("confirmation_waiver", "Only members with a verified address can write.");
    let path = format!("/v1/admin/campaigns/{}", plan.slug);
    let current = server.get(&path).token(&server.operator().await).await.expect(200);
    let own = server.token("campaigns:read campaigns:write", "harbour-trust").await;
    let put =
        |token: &str| server.put(&path).token(token).header("if-match", current.header("etag")).json(&plan.document);
    put(&own).await.problem(422, "validation-failed");
    put(&server.operator().await).await.expect(200);
    transition(&server, &plan.slug, "live").await.expect(200);
    let shown = server.get(&format!("/v1/campaigns/{}", plan.slug)).await.expect(200).json();
    assert_eq!(shown["confirmation_waiver"], "Only members with a verified address can write.");
}

#[tokio::test]
async fn the_mail_is_the_organisations_own_text_and_opens_its_own_page() {
    let server = setup().start().await;
    let plan = CampaignPlan::fair_care().with("confirmation_url", "https://www.harbour.example/confirm");
    let campaign = published(&server, plan).await;
    let path = "/v1/admin/organisations/harbour-trust";
    let token = server.operator().await;
    let current = server.get(path).token(&token).await.expect(200);
    let mut document = current.json();
    document["mails"] = json!([{ "kind": "confirmation", "locale": "en", "subject": "Go on: {{ campaign.title }}",
                                 "body": "{{ link }}\nor {{ code }}\n{{ organisation.name }}" }]);
    let put = |body: &Value| server.put(path).token(&token).header("if-match", current.header("etag")).json(body);
    put(&document).await.expect(200);
    submit(&server, &campaign, &ada()).await;
    let mail = server.mails(1).await.remove(0);
    assert_eq!(mail.subject, "Go on: Fair care");
    assert!(mail.link().starts_with("https://www.harbour.example/confirm#token="), "{}", mail.link());
    server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200);
    document["mails"][0]["body"] = json!("no way to confirm");
    let refused = put(&document).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
}

#[tokio::test]
async fn a_suppressed_person_is_not_mailed() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    let path = "/v1/admin/suppressions";
    let body = json!({ "organisation": "harbour-trust", "email": "ada@example.org" });
    let token = server.token("consents:write", "*").await;
    server.post(path).token(&token).json(&body).await.expect(204);
    submit(&server, &campaign, &ada()).await;
    submit(&server, &campaign, &person("bo@example.org")).await;
    assert_eq!(server.mails(1).await[0].to, "bo@example.org");
}

#[tokio::test]
async fn an_administrator_cannot_release_what_its_writer_has_not_confirmed() {
    let server = setup().start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    submit(&server, &campaign, &ada()).await;
    let token = server.operator().await;
    let listed = server.get("/v1/admin/deliveries").token(&token).await.expect(200).json();
    let command = json!({ "command": "release", "ids": [listed["items"][0]["id"]] });
    let done = server.post("/v1/admin/deliveries/commands").token(&token).json(&command).await.expect(200).json();
    assert_eq!(done["messages"][0], json!({ "id": listed["items"][0]["id"], "state": "held", "changed": false }));
    assert_eq!(server.count_letters(), 0);
}

#[tokio::test]
async fn a_supporter_is_told_of_a_final_failure_with_their_own_letter() {
    let sink = SmtpSink::start().await.unwrap();
    // First the mail to Ada, then her letter.
    sink.play(Stage::Rcpt, Act::Reply(550, "5.1.1 no such mailbox"), Times::Nth(2));
    let server = setup().mailing_to(sink.addr()).with("POSTBAG_MAIL__LANES", 1).start().await;
    let campaign = published(&server, CampaignPlan::fair_care()).await;
    server.move_clock_to("2040-01-02");
    let action = submit(&server, &campaign, &ada()).await;
    assert!(sink.wait_for(1, PATIENCE).await);
    let mail = SupporterMail::read(&sink.messages()[0].bytes);
    server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200);
    let failed = || async { receipt(&server, &action).await["deliveries"][0]["state"] == "permanent_failure" };
    eventually("the refusal", PATIENCE, failed).await;
    server.move_clock_to("2040-01-03");
    assert!(sink.wait_for(2, PATIENCE).await);
    let told = SupporterMail::read(&sink.messages()[1].bytes);
    assert_eq!(
        (told.to.as_str(), told.subject.as_str()),
        ("ada@example.org", "Your letter could not be delivered: Fair care")
    );
    assert!(told.text.contains(ALDER.mp) && told.text.contains("eleven weeks"), "{}", told.text);
}

#[tokio::test]
async fn a_campaign_that_wants_it_mails_one_receipt_to_a_supporter_who_confirmed() {
    let server = setup().start().await;
    let plan = CampaignPlan::clean_air().with("receipt_by_mail", true);
    let campaign = published(&server, plan).await;
    let waived = CampaignPlan::fair_care().with("receipt_by_mail", true).publish(&server).await;
    server.move_clock_to("2040-01-02");
    let action = submit(&server, &campaign, &ada()).await;
    let mail = server.mails(1).await.remove(0);
    server.post("/v1/confirmations").json(&json!({ "token": mail.token() })).await.expect(200);
    submit(&server, &waived, &person("bo@example.org")).await;
    let count = action["deliveries"].as_array().unwrap().len();
    server.letters(count + 1).await;
    server.move_clock_to("2040-01-04");
    let told = server.mails(2).await.remove(1);
    assert_eq!((told.to.as_str(), told.subject.as_str()), ("ada@example.org", "Your letter has been sent: Clean air"));
    assert!(told.text.contains(ALDER.mp) && told.text.contains("eleven weeks"), "{}", told.text);
    server.move_clock_to("2040-01-08");
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.mails(2).await;
}

#[tokio::test]
async fn an_address_that_nobody_confirmed_is_told_of_a_failure_without_a_word_of_the_letter() {
    let sink = SmtpSink::start().await.unwrap();
    sink.play(Stage::Rcpt, Act::Reply(550, "5.1.1 no such mailbox"), Times::Nth(1));
    let server = setup().mailing_to(sink.addr()).with("POSTBAG_MAIL__LANES", 1).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    server.move_clock_to("2040-01-02");
    let action = submit(&server, &campaign, &ada()).await;
    let failed = || async { receipt(&server, &action).await["deliveries"][0]["state"] == "permanent_failure" };
    eventually("the refusal", PATIENCE, failed).await;
    server.move_clock_to("2040-01-03");
    assert!(sink.wait_for(1, PATIENCE).await);
    let told = SupporterMail::read(&sink.messages()[0].bytes);
    assert!(told.text.contains(ALDER.mp) && !told.text.contains("eleven weeks"), "{}", told.text);
}

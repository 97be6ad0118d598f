//! A request that is sent again is done once (A2, A3).

use postbag_tests::campaign::{CampaignPlan, transition};
use postbag_tests::country::ALDER;
use postbag_tests::supporter::{key, person, submission};
use serde_json::json;

use crate::setup;

#[tokio::test]
async fn a_submission_needs_a_key_that_can_be_used() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).json(&body).await.problem(400, "idempotency-key-missing");
    let long = "k".repeat(256);
    for wrong in ["", "\"\"", "a b", "a\"b", &long] {
        server.post(&campaign.actions()).key(wrong).json(&body).await.problem(400, "idempotency-key-invalid");
    }
    let two = server.post(&campaign.actions()).key("one").key("two").json(&body).await;
    two.problem(400, "idempotency-key-invalid");
    server.letters(0).await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_again() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let first = server.post(&campaign.actions()).key("once-and-again").json(&body).await.expect(201);
    assert_eq!(first.find("idempotency-replayed"), None);
    for form in ["once-and-again", "\"once-and-again\""] {
        let again = server.post(&campaign.actions()).key(form).json(&body).await.expect(201);
        assert_eq!(again.find("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.json(), first.json());
    }
    let letters = server.letters(1).await;
    assert_eq!(letters.len(), 1);
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(tally["actions"], 1);
}

#[tokio::test]
async fn the_answer_is_the_first_one_whatever_happened_since() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (key, body) = (key(), submission(&ALDER.postcode(0), "ada@kanarien.example"));
    let first = server.post(&campaign.actions()).key(&key).json(&body).await.expect(201).json();
    let other = submission(&ALDER.postcode(1), "bea@kanarien.example");
    server.post(&campaign.actions()).key("another").json(&other).await.expect(201);
    let again = server.post(&campaign.actions()).key(&key).json(&body).await.expect(201).json();
    assert_eq!(again, first, "after somebody else's submission");
    transition(&server, &campaign.slug, "closed").await.expect(200);
    let again = server.post(&campaign.actions()).key(&key).json(&body).await.expect(201).json();
    assert_eq!(again, first, "after the campaign's end");
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let key = key();
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    server.post(&campaign.actions()).key(&key).json(&body).await.expect(201);
    body["personal_message"] = json!("Something else.");
    server.post(&campaign.actions()).key(&key).json(&body).await.problem(422, "idempotency-key-reused");
    server.letters(1).await;
}

#[tokio::test]
async fn a_refused_submission_does_not_use_up_its_key() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let key = key();
    let mut body = submission(&ALDER.postcode(0), "not an address");
    server.post(&campaign.actions()).key(&key).json(&body).await.expect(422);
    body["supporter"]["email"] = json!("ada@kanarien.example");
    server.post(&campaign.actions()).key(&key).json(&body).await.expect(201);
}

#[tokio::test]
async fn a_key_belongs_to_its_campaign() {
    let server = setup().start().await;
    let fair = CampaignPlan::fair_care().publish(&server).await;
    let fairer = CampaignPlan::fair_care().called("fairer-care").publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    let one = server.post(&fair.actions()).key("the-same").json(&body).await.expect(201).json();
    let other = server.post(&fairer.actions()).key("the-same").json(&body).await.expect(201).json();
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test]
async fn fifty_equal_submissions_at_once_are_one() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for round in 0..3 {
        let (key, body) = (key(), submission(&ALDER.postcode(round), &person(round)));
        let calls = (0..50).map(|_| server.post(&campaign.actions()).key(&key).json(&body));
        let sent: Vec<_> = calls.map(|call| tokio::spawn(async move { call.await.expect(201) })).collect();
        let mut answers = Vec::new();
        for answer in sent {
            answers.push(answer.await.unwrap());
        }
        let fresh = answers.iter().filter(|answer| answer.find("idempotency-replayed").is_none()).count();
        assert_eq!(fresh, 1, "one did it, the others were told");
        assert!(answers.iter().all(|answer| answer.json() == answers[0].json()));
    }
    server.letters(3).await;
    let tally = campaign.exact_tally(&server).await;
    assert_eq!((&tally["actions"], &tally["supporters"]), (&json!(3), &json!(3)));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn an_answer_is_remembered_over_a_restart() {
    let mut server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let (key, body) = (key(), submission(&ALDER.postcode(0), "ada@kanarien.example"));
    let first = server.post(&campaign.actions()).key(&key).json(&body).await.expect(201).json();
    server.stop().await;
    server.restart().await;
    let again = server.post(&campaign.actions()).key(&key).json(&body).await.expect(201);
    assert_eq!(again.find("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), first);
    server.letters(1).await;
}

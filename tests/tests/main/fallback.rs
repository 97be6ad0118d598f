//! Postcodes that no file has, looked up while a person waits.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, UNKNOWN};
use postbag_tests::fake_service::{Act, FakeService};
use postbag_tests::server::{Server, Setup, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// A setup that looks postcodes up at this service.
fn asking(fake: &FakeService) -> Setup {
    setup()
        .with("POSTBAG_FALLBACK__ENABLED", true)
        .with("POSTBAG_FALLBACK__POSTCODES__URL", fake.url())
        .with("POSTBAG_FALLBACK__PAUSE_MS", 0)
        // The machine may be busy; where the deadline itself is what a test is about, it sets another.
        .with("POSTBAG_FALLBACK__DEADLINE_MS", 10_000)
}

async fn published(setup: Setup) -> Server {
    let server = setup.start().await;
    CampaignPlan::clean_air().publish(&server).await;
    server
}

async fn knowing(known: &[(&str, Option<&str>)]) -> FakeService {
    FakeService::postcodes_io(known).await.unwrap()
}

/// The name of the representative of a postcode, or the problem.
async fn outcome(server: &Server, postcode: &str) -> String {
    let asked = json!({ "postcode": postcode });
    let answer = server.post("/v1/campaigns/clean-air/targets").json(&asked).await.json();
    let word = answer["targets"][0]["name"].as_str().or(answer["type"].as_str());
    let word = word.unwrap_or_else(|| panic!("{answer}"));
    word.find("/problems/").map_or(word, |at| &word[at..]).to_owned()
}

async fn submit(server: &Server, postcode: &str, n: usize) -> Value {
    let body = submission(postcode, &person(n));
    server.post("/v1/campaigns/clean-air/actions").key(&key()).json(&body).await.expect(201).json()
}

#[tokio::test]
async fn nothing_is_asked_unless_the_operator_wants_it() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let server = published(asking(&fake).with("POSTBAG_FALLBACK__ENABLED", false)).await;
    assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown");
    assert_eq!(fake.count(), 0);
}

#[tokio::test]
async fn a_postcode_that_no_file_has_is_looked_up_once_for_everything() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let server = published(asking(&fake)).await;
    assert_eq!(outcome(&server, "za8 8zz").await, ALDER.mp);
    let body = submission(UNKNOWN, &person(1));
    let mut draft = body.clone();
    draft.as_object_mut().unwrap().remove("source");
    let previews = server.post("/v1/campaigns/clean-air/previews").json(&draft).await.expect(200).json();
    assert_eq!(previews["messages"][0]["name"], ALDER.mp);
    let receipt = submit(&server, UNKNOWN, 1).await;
    assert_eq!(receipt["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(server.letters(1).await[0].to[0].name, ALDER.mp);
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn each_area_of_a_looked_up_postcode_names_the_service_and_the_day() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let server = published(asking(&fake)).await;
    server.move_clock_to("2040-01-02");
    let asked = json!({ "postcode": UNKNOWN, "sources": true });
    let found = server.post("/v1/campaigns/clean-air/targets").json(&asked).await.expect(200).json();
    let areas = found["areas"].as_array().unwrap();
    assert!(!areas.is_empty());
    for area in areas {
        assert_eq!(
            (&area["source"]["layer"], &area["source"]["as_of"]),
            (&json!("postcodes-io"), &json!("2040-01-02"))
        );
        assert!(area["source"]["file"].as_str().unwrap().starts_with("postcodes.io at 127.0.0.1"), "{area}");
    }
}

#[tokio::test]
async fn what_files_say_is_never_asked_about() {
    let fake = knowing(&[]).await;
    let server = published(asking(&fake)).await;
    assert_eq!(outcome(&server, &ALDER.postcode(3)).await, ALDER.mp);
    for (postcode, problem) in [
        ("ZA9 9ZZ", "/problems/postcode-terminated"),
        ("ZA9 9ZA", "/problems/postcode-without-location"),
        ("JE2 3AB", "/problems/postcode-crown-dependency"),
        ("BFPO 57", "/problems/postcode-bfpo"),
    ] {
        assert_eq!(outcome(&server, postcode).await, problem);
    }
    assert_eq!(fake.count(), 0);
}

#[tokio::test]
async fn an_answer_is_known_to_later_starts_and_other_nodes_when_the_service_is_gone() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let mut server = published(asking(&fake)).await;
    assert_eq!(outcome(&server, UNKNOWN).await, ALDER.mp);
    // It is written down while the answer is on its way.
    server.stop().await;
    fake.always(Act::HangUp);
    server.restart().await;
    assert_eq!(outcome(&server, UNKNOWN).await, ALDER.mp);
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn an_answer_that_is_too_old_is_asked_for_again() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let mut server = published(asking(&fake)).await;
    assert_eq!(outcome(&server, UNKNOWN).await, ALDER.mp);
    server.stop().await;
    server.move_clock_to("2040-01-02");
    server.restart().await;
    assert_eq!(outcome(&server, UNKNOWN).await, ALDER.mp);
    assert_eq!(fake.count(), 2);
}

#[tokio::test]
async fn those_who_ask_together_are_one_question() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let server = published(asking(&fake)).await;
    fake.always(Act::Stall(Duration::from_millis(400)));
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let call = server.post("/v1/campaigns/clean-air/targets").json(&json!({ "postcode": UNKNOWN }));
            tokio::spawn(async move { call.await.status })
        })
        .collect();
    for answered in crowd {
        assert_eq!(answered.await.unwrap(), 200);
    }
    assert_eq!(fake.count(), 1);
}

#[tokio::test]
async fn no_crowd_makes_more_look_ups_at_once_than_the_operator_allows() {
    let postcodes: Vec<_> = "ABDEFGHJLN".chars().map(|unit| format!("ZA8 8Z{unit}")).collect();
    let known: Vec<_> = postcodes.iter().map(|postcode| (postcode.as_str(), Some("E14997001"))).collect();
    let fake = knowing(&known).await;
    let server = published(asking(&fake).with("POSTBAG_FALLBACK__AT_ONCE", 2)).await;
    fake.always(Act::Stall(Duration::from_millis(100)));
    let crowd: Vec<_> = postcodes
        .iter()
        .map(|postcode| {
            let call = server.post("/v1/campaigns/clean-air/targets").json(&json!({ "postcode": postcode }));
            tokio::spawn(async move { call.await.status })
        })
        .collect();
    for answered in crowd {
        assert_eq!(answered.await.unwrap(), 200);
    }
    assert_eq!((fake.count(), fake.most_at_once()), (10, 2));
}

#[tokio::test]
async fn unknown_and_ended_postcodes_are_answered_and_not_asked_for_again() {
    let fake = knowing(&[("ZA8 8ZX", None)]).await;
    let server = published(asking(&fake)).await;
    for _ in 0..2 {
        assert_eq!(outcome(&server, "ZA8 8ZX").await, "/problems/postcode-terminated");
        assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown");
    }
    assert_eq!(fake.count(), 4, "for each whether it is live, and whether it has ended");
}

#[tokio::test]
async fn an_answer_for_other_boundaries_leaves_the_postcode_unknown() {
    let fake = knowing(&[(UNKNOWN, Some("E14000999"))]).await;
    let server = published(asking(&fake)).await;
    assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown");
}

#[tokio::test]
async fn mapit_is_asked_as_well() {
    let fake = FakeService::mapit(&[(UNKNOWN, "E14997001")]).await.unwrap();
    let server = published(asking(&fake).with("POSTBAG_FALLBACK__POSTCODES__SERVICE", "mapit")).await;
    assert_eq!(outcome(&server, UNKNOWN).await, ALDER.mp);
}

#[tokio::test]
async fn whatever_is_wrong_with_the_service_submissions_are_served_from_what_is_here() {
    for (n, act) in (0..).zip([
        Act::Stall(Duration::from_mins(1)),
        Act::HangUp,
        Act::Cut,
        Act::Huge,
        Act::Send(429, &[("retry-after", "3600")], ""),
        Act::Send(503, &[], ""),
        Act::Send(302, &[("location", "https://example.org/")], ""),
        Act::Send(200, &[], "<html>"),
        Act::Send(200, &[], "{\"status\":200}"),
        Act::Send(200, &[], ""),
    ]) {
        let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
        let server = published(asking(&fake).with("POSTBAG_FALLBACK__DEADLINE_MS", 300)).await;
        fake.always(act.clone());
        assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown", "{act:?}");
        let refused = server.post("/v1/campaigns/clean-air/actions").key(&key()).json(&submission(UNKNOWN, &person(n)));
        refused.await.problem(422, "postcode-unknown");
        submit(&server, &ALDER.postcode(n), n).await;
        server.letters(1).await;
        assert!(fake.count() > 0, "{act:?}");
    }
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone_and_local_answers_go_on() {
    let fake = knowing(&[]).await;
    let server = published(asking(&fake)).await;
    fake.always(Act::Send(500, &[], ""));
    for _ in 0..8 {
        assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown");
    }
    assert_eq!(fake.count(), 5);
    assert_eq!(outcome(&server, &ALDER.postcode(0)).await, ALDER.mp);
    let is_told = || async { server.log().await.iter().any(|line| line.contains("left alone for a while")) };
    eventually("the operator to be told", Duration::from_secs(10), is_told).await;
}

#[tokio::test]
async fn no_postcode_that_was_looked_up_is_in_the_log() {
    let fake = knowing(&[(UNKNOWN, Some("E14997001"))]).await;
    let server = published(asking(&fake).with("POSTBAG_LOG__FILTER", "trace")).await;
    outcome(&server, UNKNOWN).await;
    submit(&server, UNKNOWN, 1).await;
    fake.always(Act::Cut);
    assert_eq!(outcome(&server, "ZA8 8ZY").await, "/problems/postcode-unknown");
    for line in server.log().await {
        let lower = line.to_lowercase();
        assert!(!["za8 8z", "za88z", "za8%208z"].iter().any(|postcode| lower.contains(postcode)), "{line}");
    }
}

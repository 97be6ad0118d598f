//! Challenges for machines: who is asked for one, what counts, and that it counts once.

use std::time::{Duration, Instant};

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::challenge::{solution, solve};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::fake_service::{Act, FakeService, SECRET};
use postbag_tests::server::{Server, eventually, on_postgres, skipped};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// Another person's submission, with these members.
fn body(number: usize, members: Value) -> Value {
    let mut body = submission(&ALDER.postcode(number), &person(number));
    let Value::Object(members) = members else { panic!("members") };
    body.as_object_mut().unwrap().extend(members);
    body
}

async fn submit(server: &Server, campaign: &Published, key: &str, body: &Value) -> Answer {
    server.post(&campaign.actions()).key(key).json(body).await
}

async fn always_asking(server: &Server) -> Published {
    CampaignPlan::fair_care().with("challenge", "always").publish(server).await
}

#[tokio::test]
async fn a_refusal_brings_the_challenge_that_lets_the_same_call_in() {
    let server = setup().start().await;
    let campaign = always_asking(&server).await;
    let key = key();
    let refused = submit(&server, &campaign, &key, &body(0, json!({}))).await.problem(403, "challenge-needed");
    assert_eq!(refused["challenge"]["provider"], "proof_of_work");
    let set = &refused["challenge"]["proof_of_work"];
    assert_eq!((&set["algorithm"], &set["maxnumber"]), (&json!("SHA-256"), &json!(50_000)));
    let solved = body(0, json!({ "challenge": solve(set), "form": { "website": "", "seconds": 40 } }));
    let receipt = submit(&server, &campaign, &key, &solved).await.expect(201).json();
    server.letters(1).await;
    // A retry is answered as before, whatever it brings.
    for again in [solved, body(0, json!({})), body(0, json!({ "challenge": solution(&server, &campaign).await }))] {
        let answer = submit(&server, &campaign, &key, &again).await.expect(201);
        assert_eq!((answer.header("idempotency-replayed"), &answer.json()["id"]), ("true", &receipt["id"]));
    }
    assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
}

#[tokio::test]
async fn a_challenge_lets_one_submission_in_for_its_campaign_and_its_time() {
    let server = setup().start().await;
    let campaign = always_asking(&server).await;
    let other = CampaignPlan::fair_care().called("other").with("challenge", "always").publish(&server).await;
    let challenge = solution(&server, &campaign).await;
    let solved = |number| body(number, json!({ "challenge": challenge }));
    submit(&server, &other, &key(), &solved(0)).await.problem(403, "challenge-wrong");
    submit(&server, &campaign, &key(), &solved(0)).await.expect(201);
    let spent = submit(&server, &campaign, &key(), &solved(1)).await.problem(403, "challenge-spent");
    let fresh = body(1, json!({ "challenge": solve(&spent["challenge"]["proof_of_work"]) }));
    submit(&server, &campaign, &key(), &fresh).await.expect(201);
    for wrong in ["", "x", "bm90IGpzb24=", "e30="] {
        let wrong = body(2, json!({ "challenge": wrong }));
        submit(&server, &campaign, &key(), &wrong).await.problem(403, "challenge-wrong");
    }
    let late = body(2, json!({ "challenge": solution(&server, &campaign).await }));
    server.move_clock_to("2099-01-01");
    submit(&server, &campaign, &key(), &late).await.problem(403, "challenge-expired");
    assert_eq!(campaign.exact_tally(&server).await["actions"], 2);
}

#[tokio::test]
async fn of_many_at_once_with_one_challenge_one_comes_in() {
    let server = setup().start().await;
    let campaign = always_asking(&server).await;
    let challenge = solution(&server, &campaign).await;
    let mut sent = tokio::task::JoinSet::new();
    for number in 0..40 {
        let body = body(number, json!({ "challenge": challenge }));
        let call = server.post(&campaign.actions()).key(&key()).json(&body);
        sent.spawn(async move { call.await });
    }
    let answers = sent.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.problem(403, "challenge-spent");
    }
    assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_challenge_that_was_spent_on_one_server_is_spent_on_the_other() {
    if !on_postgres() {
        return skipped("several servers need PostgreSQL");
    }
    let home = setup().prepare().await;
    let (one, other) = (home.serve().await, home.serve().await);
    let campaign = always_asking(&one).await;
    let live = || async { other.get(&campaign.path("")).await.status == 200 };
    eventually("the campaign on the other server", Duration::from_secs(5), live).await;
    let solved = body(0, json!({ "challenge": solution(&one, &campaign).await }));
    let first = key();
    submit(&other, &campaign, &first, &solved).await.expect(201);
    submit(&one, &campaign, &key(), &solved).await.problem(403, "challenge-spent");
    let again = submit(&one, &campaign, &first, &solved).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn what_looks_like_a_machines_is_asked_and_nothing_else() {
    let server = setup().with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]").start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for form in [json!({}), json!({ "website": "", "seconds": 3 }), json!({ "website": null, "seconds": null })] {
        submit(&server, &campaign, &key(), &body(0, json!({ "form": form }))).await.expect(201);
    }
    for form in [json!({ "website": "https://pills.example" }), json!({ "seconds": 2 })] {
        let asked = body(1, json!({ "form": form }));
        submit(&server, &campaign, &key(), &asked).await.problem(403, "challenge-needed");
        let mut solved = asked;
        solved["challenge"] = solution(&server, &campaign).await.into();
        submit(&server, &campaign, &key(), &solved).await.expect(201);
    }
    // More than a third of the eight that one client may submit in a minute.
    let from_client = async |number: usize, members: Value| {
        let call = server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9").key(&key());
        call.json(&body(number, members)).await
    };
    for number in 2..5 {
        from_client(number, json!({})).await.expect(201);
    }
    from_client(5, json!({})).await.problem(403, "challenge-needed");
    let solved = json!({ "challenge": solution(&server, &campaign).await });
    from_client(5, solved).await.expect(201);
}

#[tokio::test]
async fn who_is_known_is_asked_like_anybody() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    submit(&server, &campaign, &key(), &body(0, json!({}))).await.expect(201);
    let refused = async |number: usize| {
        let asked = body(number, json!({ "form": { "seconds": 1 } }));
        let mut problem = submit(&server, &campaign, &key(), &asked).await.problem(403, "challenge-needed");
        problem["instance"] = Value::Null;
        problem["challenge"]["proof_of_work"] = Value::Null;
        problem
    };
    assert_eq!(refused(0).await, refused(1).await);
}

#[tokio::test]
async fn a_charitys_own_server_and_a_test_are_not_asked() {
    let server = setup().start().await;
    let campaign = always_asking(&server).await;
    let token = server.token("actions:write", "harbour-trust").await;
    let vouched = body(0, json!({ "confirmation": "none" }));
    server.post(&campaign.actions()).token(&token).key(&key()).json(&vouched).await.expect(201);
    submit(&server, &campaign, &key(), &body(1, json!({ "test": true }))).await.expect(201);
    submit(&server, &campaign, &key(), &body(1, json!({}))).await.problem(403, "challenge-needed");
}

#[tokio::test]
async fn a_form_says_whom_it_asks_and_who_sets_the_challenge() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let form = server.get(&campaign.path("/form")).await.expect(200).json();
    let expected = json!({ "rule": "when_suspicious", "provider": "proof_of_work", "site_key": null });
    assert_eq!(form["challenge"], expected);
    assert_eq!(form["honeypot"]["pointer"], "/form/website");
    let one = server.get(&campaign.path("/challenge")).await.expect(200);
    assert!(one.header("cache-control").contains("no-store"));
    let other = server.get(&campaign.path("/challenge")).await.expect(200).json();
    assert_ne!(one.json()["salt"], other["salt"]);
    assert!(one.json()["salt"].as_str().unwrap().ends_with('&'), "no digit of the number can become one of the time");
    let wrong = CampaignPlan::fair_care().called("wrong").with("challenge", "sometimes");
    let token = server.operator().await;
    let refused = server.put("/v1/admin/campaigns/wrong").token(&token).json(&wrong.document).await;
    assert_eq!(refused.problem(422, "validation-failed")["errors"][0]["pointer"], "/challenge");
}

/// A server with a campaign that asks everybody, whose challenges are those of a service.
async fn asking_elsewhere(provider: &str, fake: &FakeService, secret: &str, deadline_ms: u32) -> (Server, Published) {
    let setup = setup()
        .with("POSTBAG_CHALLENGE__PROVIDER", provider)
        .with("POSTBAG_CHALLENGE__SITE_KEY", "10000000-ffff")
        .with("POSTBAG_CHALLENGE__SECRET", secret)
        .with("POSTBAG_CHALLENGE__URL", fake.url())
        .with("POSTBAG_CHALLENGE__DEADLINE_MS", deadline_ms);
    let server = setup.start().await;
    let campaign = always_asking(&server).await;
    (server, campaign)
}

#[tokio::test]
async fn tokens_of_a_service_are_checked_and_count_once() {
    let both = [
        ("hcaptcha", FakeService::hcaptcha().await.unwrap(), "challenge-spent"),
        ("turnstile", FakeService::turnstile().await.unwrap(), "challenge-expired"),
    ];
    for (provider, fake, seen_before) in both {
        let (server, campaign) = asking_elsewhere(provider, &fake, SECRET, 5000).await;
        let form = server.get(&campaign.path("/form")).await.expect(200).json();
        let named = (&form["challenge"]["provider"], &form["challenge"]["site_key"]);
        assert_eq!(named, (&json!(provider), &json!("10000000-ffff")));
        server.get(&campaign.path("/challenge")).await.problem(404, "not-found");
        let needed = submit(&server, &campaign, &key(), &body(0, json!({}))).await.problem(403, "challenge-needed");
        let expected = json!({ "provider": provider, "site_key": "10000000-ffff", "proof_of_work": null });
        assert_eq!(needed["challenge"], expected);
        assert_eq!(fake.count(), 0, "nothing is asked about nothing");
        let first = key();
        let good = body(0, json!({ "challenge": "good 1&2" }));
        submit(&server, &campaign, &first, &good).await.expect(201);
        assert_eq!(fake.asked()[0].body["response"], "good 1&2");
        assert_eq!(fake.asked()[0].body.get("remoteip"), None, "the person's address stays here");
        let again = submit(&server, &campaign, &first, &good).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        let used = body(1, json!({ "challenge": "good 1&2" }));
        submit(&server, &campaign, &key(), &used).await.problem(403, seen_before);
        for (token, kind) in [("bad", "challenge-wrong"), ("old", "challenge-expired"), ("", "challenge-wrong")] {
            let brought = body(1, json!({ "challenge": token }));
            submit(&server, &campaign, &key(), &brought).await.problem(403, kind);
        }
        assert_eq!(campaign.exact_tally(&server).await["actions"], 1);
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_lets_nobody_in_and_loses_nobody() {
    let fake = FakeService::turnstile().await.unwrap();
    let (server, campaign) = asking_elsewhere("turnstile", &fake, SECRET, 300).await;
    let key = key();
    let good = body(0, json!({ "challenge": "good" }));
    for act in [Act::Stall(Duration::from_secs(10)), Act::HangUp, Act::Send(500, &[], "{}"), Act::Send(200, &[], "[]")]
    {
        fake.always(act.clone());
        let began = Instant::now();
        let refused = submit(&server, &campaign, &key, &good).await;
        refused.problem(503, "challenge-unavailable");
        assert!(began.elapsed() < Duration::from_secs(3), "{act:?}: {:?}", began.elapsed());
    }
    assert_eq!(campaign.exact_tally(&server).await["actions"], 0);
    fake.behave();
    submit(&server, &campaign, &key, &good).await.expect(201);
}

#[tokio::test]
async fn keys_that_the_service_refuses_let_nobody_in_and_stand_in_the_log() {
    let fake = FakeService::hcaptcha().await.unwrap();
    let (server, campaign) = asking_elsewhere("hcaptcha", &fake, "0x0-of-somebody-else", 5000).await;
    let good = body(0, json!({ "challenge": "good" }));
    submit(&server, &campaign, &key(), &good).await.problem(503, "challenge-unavailable");
    let log = server.log().await.join("\n");
    assert!(log.contains("does not accept challenge.site_key") && !log.contains("0x0-of-somebody-else"), "{log}");
}

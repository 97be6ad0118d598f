//! How often people may submit (A4, C29).

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, Setup, eventually, on_postgres, skipped};
use postbag_tests::supporter::{key, person, submission};
use serde_json::json;
use std::time::Duration;

use crate::setup;

/// A campaign without challenges, which busy clients would be asked for.
fn plan() -> CampaignPlan {
    CampaignPlan::fair_care().with("challenge", "off")
}

/// A server behind a proxy that says who calls.
fn behind_a_proxy() -> Setup {
    setup().with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]")
}

/// Another person from this client.
async fn submit(server: &Server, campaign: &Published, client: &str, number: usize, key: &str) -> Answer {
    let body = submission(&ALDER.postcode(0), &person(number));
    server.post(&campaign.actions()).header("x-forwarded-for", client).key(key).json(&body).await
}

#[tokio::test]
async fn a_crowd_of_invented_people_from_one_client_writes_few_letters_and_is_told_why() {
    let server = behind_a_proxy().start().await;
    let campaign = plan().publish(&server).await;
    let first = key();
    let accepted = submit(&server, &campaign, "203.0.113.9", 0, &first).await.expect(201);
    let policies = "\"submissions\";q=60;w=3600, \"submissions-a-minute\";q=8;w=60, ";
    assert!(accepted.header("ratelimit-policy").starts_with(policies), "{:?}", accepted.headers);
    assert!(accepted.header("ratelimit").contains("\"submissions-a-minute\";r=7;"), "{:?}", accepted.headers);
    let (mut refused, mut held) = (0, 0);
    for number in 1..30 {
        let answer = submit(&server, &campaign, "203.0.113.9", number, &key()).await;
        if answer.status == 201 {
            held += usize::from(answer.json()["status"] == "in_review");
            continue;
        }
        let problem = answer.problem(429, "quota-exceeded");
        assert_eq!(problem["violated-policies"], json!(["submissions-a-minute"]));
        assert!((1..=8).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
        refused += 1;
    }
    assert!(refused >= 20, "{refused} of 29 were refused");
    let again = submit(&server, &campaign, "203.0.113.9", 0, &first).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true", "what was accepted is answered again");
    submit(&server, &campaign, "203.0.113.10", 40, &key()).await.expect(201);
    let tally = campaign.exact_tally(&server).await;
    assert_eq!(tally["actions"], 6, "five people of one client, and another client's");
    assert_eq!(held, 25 - refused, "the others are looked at");
}

#[tokio::test]
async fn a_client_that_is_refused_finds_first_answers_only_as_often_as_it_may_look_up() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__TARGETS_A_MINUTE", 3).start().await;
    let campaign = plan().with("limits", json!({ "each_client": { "a_minute": 1 } })).publish(&server).await;
    let first = key();
    submit(&server, &campaign, "203.0.113.9", 0, &first).await.expect(201);
    for number in 1..3 {
        submit(&server, &campaign, "203.0.113.9", number, &key()).await.problem(429, "quota-exceeded");
    }
    let again = submit(&server, &campaign, "203.0.113.9", 0, &first).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let problem = submit(&server, &campaign, "203.0.113.9", 0, &first).await.problem(429, "quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["submissions-a-minute"]), "it is refused for what it did");
}

#[tokio::test]
async fn a_host_that_hops_in_its_own_network_is_one_client() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 2).start().await;
    let campaign = plan().publish(&server).await;
    for (number, client, status) in [(0, "2001:db8::1", 201), (1, "2001:db8::2:1", 201), (2, "2001:db8::3", 429)] {
        assert_eq!(submit(&server, &campaign, client, number, &key()).await.status, status, "{client}");
    }
    submit(&server, &campaign, "2001:db8:0:1::1", 3, &key()).await.expect(201);
}

#[tokio::test]
async fn a_charitys_own_server_and_people_on_the_operators_network_are_not_counted() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS", 1).start().await;
    let campaign = plan().publish(&server).await;
    let token = server.token("actions:write", "harbour-trust").await;
    for number in 0..4 {
        let mut body = submission(&ALDER.postcode(0), &person(number));
        body["confirmation"] = json!("none");
        let call = server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9").token(&token);
        let standing = call.key(&key()).json(&body).await.expect(201).header("ratelimit").to_owned();
        assert!(standing.starts_with("\"submissions-of-credential\";"), "{standing}");
    }
    for number in 4..8 {
        submit(&server, &campaign, "10.1.2.3", number, &key()).await.expect(201);
    }
    submit(&server, &campaign, "203.0.113.9", 8, &key()).await.expect(201);
    submit(&server, &campaign, "203.0.113.9", 9, &key()).await.problem(429, "quota-exceeded");
}

#[tokio::test]
async fn one_client_has_one_quota_over_all_campaigns_that_set_none() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 4).start().await;
    let mut answers = Vec::new();
    for number in 0..6 {
        let campaign = plan().called(&format!("fair-care-{number}")).publish(&server).await;
        answers.push(submit(&server, &campaign, "203.0.113.9", number, &key()).await.status);
    }
    assert_eq!(answers, [201, 201, 201, 201, 429, 429]);
}

#[tokio::test]
async fn a_forged_forwarding_header_changes_nothing() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 4).start().await;
    let campaign = plan().publish(&server).await;
    let mut accepted = 0;
    for number in 0..40 {
        // What the client wrote stands before what the proxy saw.
        let forged = format!("198.51.100.{number}, 203.0.113.9");
        accepted += usize::from(submit(&server, &campaign, &forged, number, &key()).await.status == 201);
    }
    assert_eq!(accepted, 4);
}

#[tokio::test]
async fn a_campaign_sets_its_own_limits_and_names_a_hospital() {
    let server = behind_a_proxy().start().await;
    let limits = json!({
        "each_client": { "a_minute": 1 }, "together": { "a_minute": 4 },
        "networks": [{ "name": "City Hospital", "network": "198.51.100.0/24", "rate": { "a_minute": 2 } }]
    });
    let campaign = plan().with("limits", limits).publish(&server).await;
    let other = plan().called("other").publish(&server).await;
    let tries = [("203.0.113.9", 201), ("203.0.113.9", 429), ("198.51.100.1", 201), ("198.51.100.2", 201)];
    for (number, (client, status)) in tries.into_iter().chain([("198.51.100.3", 429)]).enumerate() {
        assert_eq!(submit(&server, &campaign, client, number, &key()).await.status, status, "{client}");
    }
    submit(&server, &other, "203.0.113.9", 9, &key()).await.expect(201);
    submit(&server, &campaign, "203.0.113.10", 10, &key()).await.expect(201);
    let refused = submit(&server, &campaign, "203.0.113.11", 11, &key()).await.problem(429, "quota-exceeded");
    assert_eq!(refused["violated-policies"], json!(["submissions-of-campaign-a-minute"]));
}

#[tokio::test]
async fn an_organisation_sets_limits_for_all_its_campaigns() {
    let server = behind_a_proxy().start().await;
    let mut plan = plan();
    plan.organisation_document["limits"] = json!({ "together": { "an_hour": 2 }, "each_client": { "an_hour": 1 } });
    let [first, second] = [plan.publish(&server).await, plan.called("second").publish(&server).await];
    submit(&server, &first, "203.0.113.1", 1, &key()).await.expect(201);
    submit(&server, &second, "203.0.113.1", 2, &key()).await.problem(429, "quota-exceeded");
    submit(&server, &second, "203.0.113.2", 3, &key()).await.expect(201);
    let refused = submit(&server, &first, "203.0.113.3", 4, &key()).await.problem(429, "quota-exceeded");
    assert_eq!(refused["violated-policies"], json!(["submissions-of-organisation"]));
}

#[tokio::test]
async fn wrong_limits_are_refused_where_they_stand() {
    let server = setup().start().await;
    let token = server.operator().await;
    let limits = json!({
        "each_client": { "a_minute": 0 }, "networks": [{ "name": "All", "network": "0.0.0.0/0", "rate": {} }]
    });
    let mut plan = plan();
    plan.organisation_document["limits"] = limits;
    let put = server.put("/v1/admin/organisations/harbour-trust").token(&token).json(&plan.organisation_document);
    let problem = put.await.problem(422, "validation-failed");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/limits/each_client/a_minute", "/limits/networks/0/network"]);
}

#[tokio::test]
async fn a_server_says_for_whom_it_calls_and_each_is_counted() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 1).start().await;
    let campaign = plan().publish(&server).await;
    let token = server.token("actions:forward", "harbour-trust").await;
    let call = |token: &str, client: &str, number| {
        let body = submission(&ALDER.postcode(0), &person(number));
        let call = server.post(&campaign.actions()).token(token).header("client-address", client);
        call.header("x-forwarded-for", "203.0.113.9").key(&key()).json(&body)
    };
    call(&token, "198.51.100.1", 1).await.expect(201);
    call(&token, "198.51.100.1", 2).await.problem(429, "quota-exceeded");
    call(&token, "198.51.100.2", 3).await.expect(201);
    call(&token, "10.0.0.1", 4).await.expect(201);
    call(&token, "10.0.0.1", 5).await.problem(429, "quota-exceeded");
    call(&token, "nobody", 6).await.problem(400, "client-address-invalid");
    let without = server.token("actions:write", "harbour-trust").await;
    call(&without, "198.51.100.3", 7).await.problem(403, "scope-insufficient");
    let stranger = server.token("actions:forward", "clearwater").await;
    call(&stranger, "198.51.100.4", 8).await.problem(404, "not-found");
    let body = submission(&ALDER.postcode(0), &person(9));
    let bare = server.post(&campaign.actions()).header("client-address", "198.51.100.5").key(&key()).json(&body);
    bare.await.problem(401, "token-missing");
}

#[tokio::test]
async fn a_restart_does_not_lift_a_limit() {
    let mut server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS", 4).start().await;
    let campaign = plan().publish(&server).await;
    for number in 0..4 {
        submit(&server, &campaign, "203.0.113.9", number, &key()).await.expect(201);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.stop().await;
    server.restart().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    // The first of a client is kept by its server alone.
    submit(&server, &campaign, "203.0.113.9", 5, &key()).await;
    submit(&server, &campaign, "203.0.113.9", 6, &key()).await.problem(429, "quota-exceeded");
}

#[tokio::test]
async fn two_servers_keep_one_limit_together() {
    if !on_postgres() {
        return skipped("several servers need PostgreSQL");
    }
    let home = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS", 6).prepare().await;
    let servers = [home.serve().await, home.serve().await];
    let campaign = plan().publish(&servers[0]).await;
    let live = || async { servers[1].get(&campaign.path("")).await.status == 200 };
    eventually("the campaign on the other server", Duration::from_secs(5), live).await;
    for number in 0..5 {
        submit(&servers[0], &campaign, "203.0.113.9", number, &key()).await.expect(201);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    // The first of a client is kept by its server alone, so there are two left and not one.
    submit(&servers[1], &campaign, "203.0.113.9", 5, &key()).await.expect(201);
    submit(&servers[1], &campaign, "203.0.113.9", 6, &key()).await.expect(201);
    let refused = submit(&servers[1], &campaign, "203.0.113.9", 7, &key()).await.problem(429, "quota-exceeded");
    assert_eq!(refused["violated-policies"], json!(["submissions"]));
}

//! How often one client may submit (A4, C29).

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::Answer;
use postbag_tests::country::ALDER;
use postbag_tests::server::{Server, Setup};
use postbag_tests::supporter::{key, person, submission};
use serde_json::json;

use crate::setup;

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
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let first = key();
    let accepted = submit(&server, &campaign, "203.0.113.9", 0, &first).await.expect(201);
    let policies = "\"submissions\";q=60;w=3600, \"submissions-a-minute\";q=8;w=60";
    assert_eq!(accepted.header("ratelimit-policy"), policies);
    assert!(accepted.header("ratelimit").contains("\"submissions-a-minute\";r=7;"), "{:?}", accepted.headers);
    let mut refused = 0;
    for number in 1..30 {
        let answer = submit(&server, &campaign, "203.0.113.9", number, &key()).await;
        if answer.status == 201 {
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
    assert_eq!(tally["actions"], 31 - refused);
}

#[tokio::test]
async fn a_host_that_hops_in_its_own_network_is_one_client() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS_A_MINUTE", 2).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (number, client, status) in [(0, "2001:db8::1", 201), (1, "2001:db8::2:1", 201), (2, "2001:db8::3", 429)] {
        assert_eq!(submit(&server, &campaign, client, number, &key()).await.status, status, "{client}");
    }
    submit(&server, &campaign, "2001:db8:0:1::1", 3, &key()).await.expect(201);
}

#[tokio::test]
async fn a_charitys_own_server_and_people_on_the_operators_network_are_not_counted() {
    let server = behind_a_proxy().with("POSTBAG_LIMITS__SUBMISSIONS", 1).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let token = server.token("actions:write", "harbour-trust").await;
    for number in 0..4 {
        let mut body = submission(&ALDER.postcode(0), &person(number));
        body["confirmation"] = json!("none");
        let call = server.post(&campaign.actions()).header("x-forwarded-for", "203.0.113.9").token(&token);
        assert_eq!(call.key(&key()).json(&body).await.expect(201).find("ratelimit"), None);
    }
    for number in 4..8 {
        submit(&server, &campaign, "10.1.2.3", number, &key()).await.expect(201);
    }
    submit(&server, &campaign, "203.0.113.9", 8, &key()).await.expect(201);
    submit(&server, &campaign, "203.0.113.9", 9, &key()).await.problem(429, "quota-exceeded");
}

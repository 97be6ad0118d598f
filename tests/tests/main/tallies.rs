//! Exact counts.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, DOGWOOD, FEARN, HELYG};
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};
use std::time::Duration;

use crate::setup;

#[tokio::test]
async fn a_tally_equals_what_was_done() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let empty = server.get(&campaign.path("/tally")).await.expect(200).json();
    assert_eq!((&empty["campaign"], &empty["actions"], &empty["goal"]), (&json!("clean-air"), &json!(0), &Value::Null));
    assert_eq!(empty["representatives"]["contacted"], 0);

    let mut letters = 0;
    for n in 0..9 {
        let seat = [ALDER, FEARN, HELYG][n % 3];
        letters += [1, 4, 7][n % 3];
        let mut body = submission(&seat.postcode(n), &person(n));
        body["source"] = if n % 2 == 0 { json!({ "source": "newsletter" }) } else { Value::Null };
        if body["source"].is_null() {
            body.as_object_mut().unwrap().remove("source");
        }
        let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
        assert_eq!(receipt["tally"]["actions"], n + 1, "the answer counts itself");
        let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
        assert_eq!(tally["actions"], n + 1, "what was answered can be read");
    }
    server.letters(letters).await;
    let tally = settled(&server, &campaign.path("/tally")).await;
    assert_eq!((&tally["supporters"], &tally["awaiting_confirmation"]), (&json!(9), &json!(0)));
    assert_eq!(tally["messages"], json!({ "queued": 0, "accepted": letters, "failed": 0 }));
    // Six MPs and everybody else; one seat is vacant.
    assert_eq!(tally["representatives"], json!({ "contacted": 1 + 4 + 7, "of": 20 }));
    let office = |word: &str| {
        let rows = tally["by_office"].as_array().unwrap();
        rows.iter().find(|row| row["office"] == word).unwrap_or_else(|| panic!("{word} in {tally}")).clone()
    };
    assert_eq!(office("mp"), json!({ "office": "mp", "contacted": 3, "of": 6, "actions": 9 }));
    assert_eq!(office("ms"), json!({ "office": "ms", "contacted": 6, "of": 6, "actions": 3 }));
    assert_eq!(office("msp_region"), json!({ "office": "msp_region", "contacted": 2, "of": 2, "actions": 3 }));
    assert_eq!(office("mla"), json!({ "office": "mla", "contacted": 0, "of": 5, "actions": 0 }));

    let areas = server.get(&campaign.path("/tally/areas?kind=westminster_constituency")).await.expect(200).json();
    let mut counted: Vec<_> =
        items(&areas).iter().map(|area| (area["code"].as_str().unwrap(), area["actions"].as_i64().unwrap())).collect();
    counted.sort_unstable();
    assert_eq!(counted, [("E14997001", 3), ("S14997001", 3), ("W07997001", 3)]);
    let regions = server.get(&campaign.path("/tally/areas?kind=holyrood_region")).await.expect(200).json();
    let region = json!({ "kind": "holyrood_region", "code": "S17997001", "name": "Fearn and the Isles", "actions": 3 });
    assert_eq!(regions["items"], json!([region]));
    let people = server.get(&campaign.path("/tally/representatives?limit=100")).await.expect(200).json();
    assert_eq!(items(&people).len(), 12);
    assert!(items(&people).iter().all(|one| one["messages"] == 3), "{people}");
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn a_tally_says_which_kinds_of_area_there_are() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let wrong = server.get(&campaign.path("/tally/areas?kind=moon")).await;
    wrong.problem(400, "query-invalid");
    assert_eq!(wrong.json()["errors"][0]["parameter"], "kind");
    let none = server.get(&campaign.path("/tally/areas?kind=icb")).await.expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn counts_survive_a_restart() {
    let mut server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..5 {
        let body = submission(&[ALDER, DOGWOOD][n % 2].postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    server.letters(5).await;
    let read = async |server: &Server| {
        let mut tally = settled(server, &campaign.path("/tally")).await;
        tally["as_of"] = Value::Null;
        let people = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
        (tally, people)
    };
    let before = read(&server).await;
    server.stop().await;
    server.restart().await;
    assert_eq!(read(&server).await, before);
}

#[tokio::test]
async fn a_recount_finds_no_difference_while_the_server_works() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for n in 0..20 {
        let body = submission(&ALDER.postcode(n), &person(n % 7));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
        if n % 5 == 0 {
            server.cli(&["recount", "--check"]).await.succeeds();
        }
    }
    server.cli(&["recount", "--check"]).await.succeeds();
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

/// The tally, once nothing is on its way any more.
async fn settled(server: &Server, path: &str) -> Value {
    let read = || async { server.get(path).await.expect(200).json() };
    let done = || async { read().await["messages"]["queued"] == 0 };
    eventually("nothing to be on its way", Duration::from_secs(20), done).await;
    read().await
}

//! Whom a postcode would write to.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, BIRCH, CEDAR, FEARN, HELYG, LOUGH, NORTHMERE, NOWHERE, TERMINATED, UNKNOWN};
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::setup;

async fn targets(server: &Server, slug: &str, postcode: &str) -> Value {
    let path = format!("/v1/campaigns/{slug}/targets");
    server.post(&path).json(&json!({ "postcode": postcode })).await.expect(200).json()
}

#[tokio::test]
async fn a_postcode_is_found_in_every_spelling() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    for spelling in ["ZA1 1AB", "za11ab", " Za1  1aB ", "ZA1\u{a0}1AB", "z a 1 1 a b"] {
        let found = targets(&server, "fair-care", spelling).await;
        assert_eq!((&found["postcode"], &found["nation"]), (&json!("ZA1 1AB"), &json!("england")), "{spelling:?}");
        let constituency = json!({ "kind": "westminster_constituency", "code": "E14997001", "name": "Alder Vale" });
        assert!(found["areas"].as_array().unwrap().contains(&constituency), "{found}");
        assert_eq!(found["bodies"], json!([{ "kind": "cancer_alliance", "code": "E56997001", "name": NORTHMERE }]));
        assert_eq!(found["choices"], json!([]));
        let target = &found["targets"][0];
        assert_eq!(
            (&target["name"], &target["office"], &target["reachable"]),
            (&json!(ALDER.mp), &json!("mp"), &json!("email"))
        );
        assert_eq!((&target["area"], &target["party"]), (&constituency, &json!("Lantern Party")));
    }
}

#[tokio::test]
async fn each_nation_has_its_own_representatives() {
    let server = setup().start().await;
    CampaignPlan::clean_air().publish(&server).await;
    for (seat, nation, offices) in [
        (ALDER, "england", vec!["mp"]),
        (FEARN, "scotland", vec!["mp", "msp_constituency", "msp_region", "msp_region"]),
        (HELYG, "wales", vec!["mp", "ms", "ms", "ms", "ms", "ms", "ms"]),
        (LOUGH, "northern_ireland", vec!["mla", "mla", "mla", "mla", "mla", "mp"]),
    ] {
        let found = targets(&server, "clean-air", &seat.postcode(7)).await;
        assert_eq!(found["nation"], nation);
        let found = found["targets"].as_array().unwrap();
        let mut held: Vec<_> = found.iter().map(|target| target["office"].as_str().unwrap()).collect();
        held.sort_unstable();
        assert_eq!(held, offices);
        assert!(found.iter().any(|target| target["name"] == seat.mp && target["area"]["name"] == seat.name));
    }
}

#[tokio::test]
async fn every_kind_of_postcode_without_representatives_has_its_own_problem() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (postcode, slug) in [
        (UNKNOWN, "postcode-unknown"),
        (TERMINATED, "postcode-terminated"),
        (NOWHERE, "postcode-without-location"),
        ("JE2 3AB", "postcode-outside-uk"),
        ("IM1 1AA", "postcode-outside-uk"),
        ("BFPO 57", "postcode-outside-uk"),
        ("BF1 1AA", "postcode-outside-uk"),
        ("FIQQ 1ZZ", "postcode-outside-uk"),
    ] {
        let problem =
            server.post(&campaign.path("/targets")).json(&json!({ "postcode": postcode })).await.problem(422, slug);
        let submitted =
            server.post(&campaign.actions()).key(&key()).json(&submission(postcode, "ada@kanarien.example")).await;
        assert_eq!(submitted.problem(422, slug)["detail"], problem["detail"]);
    }
    for wrong in ["", "SW1A", "not a postcode", "ZA1 1A", "QI1 1AA1"] {
        let answer = server.post(&campaign.path("/targets")).json(&json!({ "postcode": wrong })).await;
        answer.problem(422, "validation-failed");
        assert_eq!(answer.pointers(), ["/postcode"], "{wrong:?}");
    }
}

#[tokio::test]
async fn people_outside_the_campaigns_nations_are_told_so() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (seat, nation) in [(FEARN, "scotland"), (HELYG, "wales"), (LOUGH, "northern_ireland")] {
        let postcode = seat.postcode(0);
        let problem = server.post(&campaign.path("/targets")).json(&json!({ "postcode": postcode })).await;
        assert_eq!(problem.problem(422, "outside-nations")["nation"], nation);
        let body = submission(&postcode, "ada@kanarien.example");
        server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "outside-nations");
    }
}

#[tokio::test]
async fn a_seat_without_anybody_to_write_to_is_refused_and_told() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (seat, reachable) in [(CEDAR, "vacant"), (BIRCH, "no_address")] {
        let found = targets(&server, "fair-care", &seat.postcode(0)).await;
        assert_eq!(found["targets"][0]["reachable"], reachable, "{found}");
        let body = submission(&seat.postcode(0), "ada@kanarien.example");
        let problem = server.post(&campaign.actions()).key(&key()).json(&body).await;
        problem.problem(422, "no-reachable-representative");
    }
    let tally = server.get(&campaign.path("/tally")).await.expect(200).json();
    assert_eq!(tally["actions"], 0);
}

#[tokio::test]
async fn who_cannot_be_reached_is_skipped_and_the_others_are_written_to() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let token = server.operator().await;
    let list = server.get("/v1/admin/representatives?office=ms&limit=100").token(&token).await.expect(200).json();
    let anwen =
        list["items"].as_array().unwrap().iter().find(|item| item["name"] == "Anwen Prydderch").unwrap().clone();
    let path = format!("/v1/admin/representatives/{}", anwen["id"].as_str().unwrap());
    let mut document = anwen.clone();
    document.as_object_mut().unwrap().remove("id");
    document["route"] = json!("refuses");
    server.put(&path).token(&token).header("if-match", "*").json(&document).await.expect(200);

    let body = submission(&HELYG.postcode(0), "ada@kanarien.example");
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    assert_eq!(receipt["deliveries"].as_array().unwrap().len(), 6);
    let skipped = receipt["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1);
    assert_eq!((&skipped[0]["representative_id"], &skipped[0]["reason"]), (&anwen["id"], &json!("refuses")));
    let letters = server.letters(6).await;
    assert!(letters.iter().all(|letter| letter.to[0].name != "Anwen Prydderch"));
}

#[tokio::test]
async fn a_wrong_choice_of_area_is_refused() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let at =
        |code: &str| json!({ "postcode": ALDER.postcode(0), "area_choices": { "westminster_constituency": code } });
    server.post(&campaign.path("/targets")).json(&at("E14997004")).await.problem(422, "area-choice-wrong");
    server.post(&campaign.path("/targets")).json(&at("E14997001")).await.expect(200);
    let answer = server.post(&campaign.path("/targets")).json(&at("nonsense")).await;
    answer.problem(422, "validation-failed");
    assert_eq!(answer.pointers(), ["/area_choices/westminster_constituency"]);
}

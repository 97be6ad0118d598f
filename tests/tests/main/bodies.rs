//! Bodies as anybody may read them: the postcode decides, not the seat.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{DOGWOOD, NORTHMERE, SOUTHMERE};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::setup;

#[tokio::test]
async fn bodies_are_listed_without_addresses() {
    let server = setup().start().await;
    let answer = server.get("/v1/bodies?kind=cancer_alliance").await.expect(200);
    server.get("/v1/bodies?kind=cancer_alliance").header("if-none-match", answer.header("etag")).await.expect(304);
    let list = answer.json();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|body| body["name"].as_str().unwrap()).collect();
    assert_eq!(names, [NORTHMERE, SOUTHMERE]);
    let body = &list["items"][0];
    assert_eq!((&body["route"], &body["reachable"]), (&json!("via_office"), &json!("no_address")));
    assert_eq!((&body["contact_details"], &body["share"]), (&json!([]), &Value::Null));
    assert_eq!(server.get("/v1/bodies?kind=icb").await.expect(200).json()["items"], json!([]));
}

#[tokio::test]
async fn a_constituency_meets_every_body_of_its_postcodes() {
    let home = setup().prepare().await;
    // From a newer file: a quarter of Dogwood's postcodes are the other alliance's.
    let mut file = String::from("pcds,doterm,ctry,pcon24cd,cal24cd\n");
    for n in 0..100 {
        let alliance = if n % 4 == 0 { "E56997001" } else { "E56997002" };
        writeln!(file, "{},,E92000001,E14997004,{alliance}", DOGWOOD.postcode(n)).unwrap();
    }
    let path = home.folder().join("border.csv");
    std::fs::write(&path, file).unwrap();
    let args = ["import", "postcodes", path.to_str().unwrap(), "--layer", "border", "--as-of", "2099-01-01"];
    home.cli(&args).await.succeeds();
    let server = home.serve().await;
    let path = "/v1/bodies?area_kind=westminster_constituency&area_code=E14997004";
    let list = server.get(path).await.expect(200).json();
    let shares: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|body| (&body["name"], &body["share"], &body["postcodes"]))
        .collect();
    assert_eq!(shares, [(&json!(SOUTHMERE), &json!(0.75), &json!(75)), (&json!(NORTHMERE), &json!(0.25), &json!(25))]);

    let first = server.get(&format!("{path}&limit=1")).await.expect(200).json();
    assert_eq!(first["items"][0]["name"], SOUTHMERE);
    let second = server
        .get(&format!("{path}&limit=1&cursor={}", first["next_cursor"].as_str().unwrap()))
        .await
        .expect(200)
        .json();
    assert_eq!((&second["items"][0]["name"], &second["next_cursor"]), (&json!(NORTHMERE), &Value::Null));

    CampaignPlan::fair_care().publish(&server).await;
    for (n, alliance) in [(0, NORTHMERE), (1, SOUTHMERE)] {
        let body = json!({ "postcode": DOGWOOD.postcode(n) });
        let found = server.post("/v1/campaigns/fair-care/targets").json(&body).await.expect(200).json();
        assert_eq!(found["bodies"][0]["name"], alliance);
    }
}

#[tokio::test]
async fn an_area_is_asked_for_by_kind_and_code() {
    let server = setup().start().await;
    for (wrong, parameter) in [
        ("area_kind=westminster_constituency", "area_code"),
        ("area_code=E14997001", "area_kind"),
        ("area_kind=westminster_constituency&area_code=E14999999", "area_code"),
        ("kind=guild", "kind"),
    ] {
        let problem = server.get(&format!("/v1/bodies?{wrong}")).await.problem(400, "query-invalid");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{wrong}");
    }
}

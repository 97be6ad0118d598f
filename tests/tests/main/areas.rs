//! Areas as anybody may read them.

use postbag_tests::country::{ALDER, NORTHMERE};
use postbag_tests::server::{Home, Server};
use serde_json::{Value, json};

use crate::setup;

const TIMES: &str = "\
code,name,name_cy,name_gd,kind,generation,parent_code,seats,start_date,end_date,alias_of
W09997050,Hen Helyg,Hen Helyg,,senedd_constituency,2007,,1,2007-05-03,2026-05-06,
W09997051,New Helyg,Helyg Newydd,,senedd_constituency,2027,,6,2027-01-01,,
S14997009,Strath Fearn,,Srath Fheàrna,westminster_constituency,2024,,1,,,S14997001
";

/// Areas of other times, and a code that was re-issued.
async fn import(home: &Home) {
    let path = home.folder().join("times.csv");
    std::fs::write(&path, TIMES).unwrap();
    home.cli(&["import", "areas", path.to_str().unwrap()]).await.succeeds();
}

async fn codes(server: &Server, query: &str) -> Vec<String> {
    let list = server.get(&format!("/v1/areas?{query}")).await.expect(200).json();
    list["items"].as_array().unwrap().iter().map(|area| area["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_area_tells_who_represents_it_and_which_bodies_it_meets() {
    let server = setup().start().await;
    let answer = server.get("/v1/areas/westminster_constituency/E14997001").await.expect(200);
    server
        .get("/v1/areas/westminster_constituency/E14997001")
        .header("if-none-match", answer.header("etag"))
        .await
        .expect(304);
    let area = answer.json();
    assert_eq!(
        (&area["name"], &area["nation"], &area["generation"]),
        (&json!(ALDER.name), &json!("england"), &json!("2024"))
    );
    assert_eq!((&area["seats"], &area["canonical_code"]), (&json!(1), &json!("E14997001")));
    assert_eq!(area["holders"][0]["name"], ALDER.mp);
    assert_eq!((&area["bodies"][0]["name"], &area["bodies"][0]["share"]), (&json!(NORTHMERE), &json!(1.0)));
    let constituency = server.get("/v1/areas/holyrood_constituency/S16997001").await.expect(200).json();
    assert_eq!(
        constituency["lies_in"],
        json!([{ "kind": "holyrood_region", "code": "S17997001", "name": "Fearn and the Isles" }])
    );
    let region = server.get("/v1/areas/holyrood_region/S17997001").await.expect(200).json();
    assert_eq!(region["holders"].as_array().unwrap().len(), 2);
    let vacant = server.get("/v1/areas/westminster_constituency/E14997003").await.expect(200).json();
    assert_eq!(vacant["holders"], json!([]));
    for nowhere in ["westminster_constituency/E14999999", "kingdom/E14997001", "icb/E14997001", "icb/here"] {
        server.get(&format!("/v1/areas/{nowhere}")).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn boundaries_are_those_of_the_day() {
    let home = setup().prepare().await;
    import(&home).await;
    let server = home.serve().await;
    let senedd = |query: &'static str| codes(&server, query);
    assert_eq!(senedd("kind=senedd_constituency").await, ["W09997001"]);
    assert_eq!(senedd("kind=senedd_constituency&on=2026-05-06").await, ["W09997001", "W09997050"]);
    assert_eq!(senedd("kind=senedd_constituency&on=2027-01-01").await, ["W09997001", "W09997051"]);
    assert_eq!(senedd("kind=senedd_constituency&generation=2007").await, ["W09997050"]);
    assert_eq!(senedd("generation=2007&on=2026-05-07").await, Vec::<String>::new());
    assert_eq!(senedd("name=helyg%20newydd&on=2027-01-01").await, ["W09997051"]);
    assert_eq!(codes(&server, "nation=scotland&limit=100").await, ["S14997001", "S16997001", "S17997001"]);
    assert_eq!(codes(&server, "parent=S17997001").await, ["S16997001"]);
    for wrong in ["kind=planet", "on=1066-10-14", "parent=here", "limit=0"] {
        server.get(&format!("/v1/areas?{wrong}")).await.problem(400, "query-invalid");
    }
}

#[tokio::test]
async fn a_code_that_was_reissued_leads_to_the_one_that_counts() {
    let home = setup().prepare().await;
    import(&home).await;
    let server = home.serve().await;
    let area = server.get("/v1/areas/westminster_constituency/S14997009").await.expect(200).json();
    assert_eq!(
        (&area["code"], &area["alias_of"], &area["canonical_code"]),
        (&json!("S14997009"), &json!("S14997001"), &json!("S14997001"))
    );
    assert_eq!(area["other_names"], json!([{ "name": "Srath Fheàrna", "lang": "gd" }]));
    assert_eq!(area["holders"][0]["area"]["code"], "S14997001");
    let by_old_code = server.get("/v1/representatives?area=S14997009").await.expect(200).json();
    assert_eq!(by_old_code["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_go_through_every_area_once() {
    let server = setup().start().await;
    let all = codes(&server, "limit=100").await;
    assert_eq!(all.len(), 13);
    let (mut found, mut path) = (Vec::new(), "/v1/areas?limit=4".to_owned());
    loop {
        let page: Value = server.get(&path).await.expect(200).json();
        found.extend(page["items"].as_array().unwrap().iter().map(|area| area["code"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/areas?limit=4&cursor={cursor}");
    }
    assert_eq!(found, all);
}

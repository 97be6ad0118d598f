//! Representatives as anybody may read them, and as others may take them.

use postbag_tests::country::{ALDER, CEDAR, FEARN};
use postbag_tests::server::{Server, eventually};
use serde_json::{Value, json};
use std::time::Duration;

use crate::setup;

async fn list(server: &Server, query: &str) -> Vec<Value> {
    let list = server.get(&format!("/v1/representatives?limit=100{query}")).await.expect(200).json();
    list["items"].as_array().unwrap().clone()
}

fn names(list: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = list.iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_representative_is_a_popolo_person_who_says_where_the_facts_come_from() {
    let server = setup().start().await;
    let found = list(&server, "&area=E14997001").await;
    assert_eq!(names(&found), [ALDER.mp]);
    let una = &found[0];
    let area = json!({ "kind": "westminster_constituency", "code": "E14997001", "name": ALDER.name });
    assert_eq!(una["identifiers"], json!([{ "scheme": "made-up", "identifier": "1" }]));
    assert_eq!((&una["contact_details"], &una["area"], &una["office"]), (&json!([]), &area, &json!("mp")));
    assert_eq!(
        (&una["route"], &una["reachable"], &una["source"]),
        (&json!("email"), &json!("email"), &json!("invented"))
    );
    for unknown in ["language", "salutation", "verified_on", "bounced_on"] {
        assert_eq!(una[unknown], Value::Null, "{unknown}");
    }
    let membership = &una["memberships"][0];
    assert_eq!(
        membership["organization"],
        json!({ "id": "house-of-commons", "name": "House of Commons", "classification": "legislature" })
    );
    assert_eq!(
        membership["on_behalf_of"],
        json!({ "id": "lantern-party", "name": "Lantern Party", "classification": "party" })
    );
    assert_eq!(membership["post"]["label"], "Member of Parliament for Alder Vale");
    assert_eq!((&membership["start_date"], &membership["end_date"]), (&json!("2024-07-05"), &Value::Null));

    let path = format!("/v1/representatives/{}", una["id"].as_str().unwrap());
    let answer = server.get(&path).await.expect(200);
    assert_eq!(answer.json(), *una);
    server.get(&path).header("if-none-match", answer.header("etag")).await.expect(304);
    for nobody in ["00000000-0000-7000-8000-000000000000", "nonsense"] {
        server.get(&format!("/v1/representatives/{nobody}")).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn people_in_office_on_the_day_are_listed() {
    let server = setup().start().await;
    let odo = json!({
        "external_id": "made-up:3", "office": "mp", "area_code": "E14997003", "name": "Odo Farrier",
        "start_date": "2019-12-13", "end_date": "2024-05-30"
    });
    let path = "/v1/admin/representatives/01998f00-0000-7000-8000-0000000000aa";
    server.put(path).token(&server.operator().await).json(&odo).await.expect(201);
    let mps = list(&server, "&office=mp").await;
    assert!(mps.len() == 6 && !names(&mps).contains(&"Odo Farrier"), "{:?}", names(&mps));
    assert_eq!(names(&list(&server, "&office=mp&on=2024-05-29").await), ["Odo Farrier"]);
    assert_eq!(list(&server, "&office=mp&on=2024-05-30").await.len(), 0, "the day of leaving is the first day away");
    assert_eq!(list(&server, "&area=E14997003").await.len(), 0, "{} is vacant", CEDAR.name);
    for wrong in ["1899-12-31", "2201-01-01", "2026-02-30", "yesterday", ""] {
        let problem = server.get(&format!("/v1/representatives?on={wrong}")).await.problem(400, "query-invalid");
        assert_eq!(problem["errors"][0]["parameter"], "on", "{wrong}: {problem}");
    }
}

#[tokio::test]
async fn nobody_sits_for_an_area_before_there_was_one() {
    let home = setup().prepare().await;
    let areas = home.folder().join("teasel.csv");
    let teasel = "code,name,kind,generation,start_date\nE14997099,Teasel,westminster_constituency,2024,2024-07-04\n";
    std::fs::write(&areas, teasel).unwrap();
    home.cli(&["import", "areas", areas.to_str().unwrap()]).await.succeeds();
    let server = home.serve().await;
    let tess = json!({ "external_id": "made-up:99", "office": "mp", "area_code": "E14997099", "name": "Tess Teasel" });
    let path = "/v1/admin/representatives/01998f00-0000-7000-8000-0000000000ab";
    server.put(path).token(&server.operator().await).json(&tess).await.expect(201);
    assert_eq!(names(&list(&server, "&area=E14997099&on=2024-07-04").await), ["Tess Teasel"]);
    assert_eq!(list(&server, "&area=E14997099&on=2024-07-03").await.len(), 0);
}

#[tokio::test]
async fn filters_narrow_together() {
    let server = setup().start().await;
    assert_eq!(names(&list(&server, "&nation=scotland&office=mp").await), [FEARN.mp]);
    assert_eq!(list(&server, "&legislature=scottish_parliament").await.len(), 3);
    assert_eq!(list(&server, "&legislature=senedd").await.len(), 6);
    assert_eq!(names(&list(&server, "&name=TULLOCH").await), [FEARN.mp]);
    assert_eq!(list(&server, "&name=tulloch&nation=wales").await.len(), 0);
    for wrong in ["office=king", "nation=france", "legislature=moot", "area=here", "colour=red"] {
        server.get(&format!("/v1/representatives?{wrong}")).await.problem(400, "query-invalid");
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gaps() {
    let server = setup().start().await;
    let all = list(&server, "").await;
    let (mut found, mut path) = (Vec::new(), "/v1/representatives?limit=7".to_owned());
    loop {
        let page = server.get(&path).await.expect(200).json();
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/representatives?limit=7&cursor={cursor}");
    }
    assert_eq!(found, all);
    let cursor = server.get("/v1/representatives?limit=1").await.expect(200).json()["next_cursor"].clone();
    let other = format!("/v1/representatives?office=mp&cursor={}", cursor.as_str().unwrap());
    server.get(&other).await.problem(400, "cursor-invalid");
}

#[tokio::test]
async fn an_export_holds_no_address_and_changes_nothing_when_it_comes_back() {
    let server = setup().start().await;
    let path = server.folder().join("people.json");
    let path = path.to_str().unwrap();
    server.cli(&["export", "popolo", "--output", path]).await.succeeds();
    let exported = std::fs::read_to_string(path).unwrap();
    assert_eq!(exported, server.cli(&["export", "popolo"]).await.succeeds().stdout);
    #[cfg(unix)]
    {
        let link = server.folder().join("link.json");
        std::os::unix::fs::symlink(path, &link).unwrap();
        server.cli(&["export", "popolo", "--output", link.to_str().unwrap()]).await.succeeds();
        assert!(link.symlink_metadata().unwrap().is_symlink(), "what stands there stays what it is");
    }
    let document: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(document["memberships"].as_array().unwrap().len(), 20);
    assert!(!exported.contains('@'), "an address left");
    let output = server.cli(&["import", "representatives", path]).await.succeeds().text();
    assert!(output.contains("  0 are added, 0 changed, 0 ended"), "{output}");
    let reachable = || async { list(&server, "&area=E14997001").await[0]["reachable"] == "email" };
    eventually("the address to be there still", Duration::from_secs(5), reachable).await;
    server.cli(&["export", "popolo", "--output", "/nowhere/people.json"]).await.fails();
}

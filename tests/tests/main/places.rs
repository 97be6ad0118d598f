//! Whom a postcode would write to.

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{
    ALDER, BIRCH, BOXES, CEDAR, DISPUTED, DIVIDED, DOGWOOD, FEARN, HELYG, LOUGH, NORTHMERE, NOWHERE, OFFICE, PARTS,
    SOUTHMERE, TERMINATED, UNKNOWN,
};
use postbag_tests::server::{Server, eventually};
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};
use std::time::Duration;

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
    for (postcode, slug, member) in [
        (UNKNOWN, "postcode-unknown", None),
        (TERMINATED, "postcode-terminated", Some(("ended", "2019-05"))),
        (NOWHERE, "postcode-without-location", None),
        (BOXES, "postcode-large-user", None),
        ("JE2 3AB", "postcode-crown-dependency", Some(("dependency", "jersey"))),
        ("IM1 1AA", "postcode-crown-dependency", Some(("dependency", "isle_of_man"))),
        ("BFPO 57", "postcode-bfpo", None),
        ("BF1 1AA", "postcode-bfpo", None),
        ("FIQQ 1ZZ", "postcode-overseas", Some(("territory", "the Falkland Islands"))),
    ] {
        let problem =
            server.post(&campaign.path("/targets")).json(&json!({ "postcode": postcode })).await.problem(422, slug);
        if let Some((name, value)) = member {
            assert_eq!(problem[name], value, "{problem}");
        }
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
async fn people_outside_the_campaigns_nations_get_a_problem_of_their_own() {
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
async fn an_empty_seat_is_refused_with_its_reason() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    for (seat, reachable) in [(CEDAR, "vacant"), (BIRCH, "no_address")] {
        let found = targets(&server, "fair-care", &seat.postcode(0)).await;
        assert_eq!(found["targets"][0]["reachable"], reachable, "{found}");
        let body = submission(&seat.postcode(0), "ada@kanarien.example");
        let problem = server.post(&campaign.actions()).key(&key()).json(&body).await;
        let skipped = &problem.problem(422, "no-reachable-representative")["skipped"];
        let id = &found["targets"][0]["representative_id"];
        assert_eq!(*skipped, json!([{ "representative_id": id, "office": "mp", "reason": reachable }]));
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
    let problem = server.post(&campaign.path("/targets")).json(&at("E14997004")).await;
    assert_eq!(problem.problem(422, "area-choice-wrong")["kinds"], json!(["westminster_constituency"]));
    server.post(&campaign.path("/targets")).json(&at("E14997001")).await.expect(200);
    let answer = server.post(&campaign.path("/targets")).json(&at("nonsense")).await;
    answer.problem(422, "validation-failed");
    assert_eq!(answer.pointers(), ["/area_choices/westminster_constituency"]);
}

#[tokio::test]
async fn a_large_users_postcode_with_a_place_is_answered_with_a_notice() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let found = targets(&server, "fair-care", OFFICE).await;
    assert_eq!((&found["targets"][0]["name"], &found["notices"][0]["code"]), (&json!(ALDER.mp), &json!("large_user")));
    let found = targets(&server, "fair-care", &ALDER.postcode(0)).await;
    assert_eq!((&found["notices"], &found["disagreements"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn where_no_file_knows_an_area_the_answer_says_which_offices_are_left_out() {
    let home = setup().prepare().await;
    let file = home.folder().join("westminster-only.csv");
    std::fs::write(&file, "pcds,pcon24cd\nZA99 9AA,S14997001\n").unwrap();
    home.cli(&["import", "postcodes", file.to_str().unwrap(), "--layer", "westminster"]).await.succeeds();
    let server = home.serve().await;
    CampaignPlan::clean_air().publish(&server).await;
    let found = targets(&server, "clean-air", "ZA99 9AA").await;
    assert_eq!(found["targets"].as_array().unwrap().len(), 1, "{found}");
    let notice = &found["notices"][0];
    let left_out = json!(["msp_constituency", "msp_region"]);
    assert_eq!((&notice["code"], &notice["offices"]), (&json!("area_unknown"), &left_out));
    assert_eq!(targets(&server, "clean-air", &FEARN.postcode(0)).await["notices"], json!([]));
}

#[tokio::test]
async fn where_a_postcode_lies_in_several_areas_the_person_is_asked_and_nobody_is_guessed() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let found = targets(&server, "fair-care", DIVIDED).await;
    let choice = |kind, code, name, share| json!({ "kind": kind, "code": code, "name": name, "share": share });
    let choices = json!([
        choice("westminster_constituency", "E14997001", ALDER.name, 0.7),
        choice("westminster_constituency", "E14997004", DOGWOOD.name, 0.3),
        choice("cancer_alliance", "E56997001", "Northmere", 0.7),
        choice("cancer_alliance", "E56997002", "Southmere", 0.3),
    ]);
    assert_eq!((&found["choices"], &found["targets"], &found["bodies"]), (&choices, &json!([]), &json!([])));
    assert_eq!(found["areas"], json!([]));

    let mut body = submission(DIVIDED, "ada@kanarien.example");
    for path in ["/previews", "/actions"] {
        let mut preview = body.clone();
        preview.as_object_mut().unwrap().remove("source");
        let body = if path == "/previews" { &preview } else { &body };
        let answer = server.post(&campaign.path(path)).key(&key()).json(body).await;
        assert_eq!(answer.problem(422, "area-choice-needed")["choices"], choices);
        assert_eq!(answer.pointers(), ["/area_choices/cancer_alliance", "/area_choices/westminster_constituency"]);
    }

    // The constituency decides the Cancer Alliance: that of the part of the postcode that lies in it.
    let chosen = json!({ "westminster_constituency": "E14997004" });
    let asked = json!({ "postcode": DIVIDED, "area_choices": chosen });
    let found = server.post(&campaign.path("/targets")).json(&asked).await.expect(200).json();
    assert_eq!((&found["targets"][0]["name"], &found["choices"]), (&json!(DOGWOOD.mp), &json!([])));
    assert_eq!(found["bodies"][0]["name"], SOUTHMERE);
    let neither = json!({ "westminster_constituency": "E14997002", "cancer_alliance": "E56997001" });
    let asked = json!({ "postcode": DIVIDED, "area_choices": neither });
    let problem = server.post(&campaign.path("/targets")).json(&asked).await;
    assert_eq!(problem.problem(422, "area-choice-wrong")["kinds"], json!(["westminster_constituency"]));

    body["area_choices"] = chosen;
    let receipt = server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json();
    assert_eq!(receipt["deliveries"][0]["name"], DOGWOOD.mp);
    let letters = server.letters(1).await;
    assert_eq!(letters[0].to[0].name, DOGWOOD.mp);
    let tally = server.get(&campaign.path("/tally/areas?kind=westminster_constituency")).await.expect(200).json();
    assert_eq!(tally["items"][0]["code"], "E14997004", "the action keeps the chosen area: {tally}");
}

#[tokio::test]
async fn where_files_disagree_the_latest_tells_and_the_other_may_be_chosen() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let found = targets(&server, "fair-care", DISPUTED).await;
    assert_eq!(found["targets"][0]["name"], ALDER.mp);
    let [disagreement] = found["disagreements"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(disagreement["kind"], "westminster_constituency");
    assert_eq!(disagreement["chosen"]["source"]["file"], "postcodes.csv");
    let other = json!({ "code": "E14997004", "name": DOGWOOD.name,
                        "source": { "layer": "parts-2018-11", "file": PARTS, "as_of": "2018-11-01" } });
    assert_eq!(disagreement["other"], other);
    let asked = json!({ "postcode": DISPUTED, "area_choices": { "westminster_constituency": "E14997004" } });
    let found = server.post(&campaign.path("/targets")).json(&asked).await.expect(200).json();
    assert_eq!((&found["targets"][0]["name"], &found["disagreements"]), (&json!(DOGWOOD.mp), &json!([])));
    assert_eq!(found["bodies"][0]["name"], NORTHMERE);
}

#[tokio::test]
async fn each_area_says_from_which_file_and_date_it_comes_if_asked() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let asked = json!({ "postcode": ALDER.postcode(0), "sources": true });
    let found = server.post(&campaign.path("/targets")).json(&asked).await.expect(200).json();
    for area in found["areas"].as_array().unwrap() {
        assert_eq!((&area["source"]["layer"], &area["source"]["file"]), (&json!("postcodes"), &json!("postcodes.csv")));
        assert!(area["source"]["as_of"].as_str().is_some_and(|day| day.len() == 10), "{area}");
    }
    let plain = targets(&server, "fair-care", &ALDER.postcode(0)).await;
    assert!(plain["areas"].as_array().unwrap().iter().all(|area| area.get("source").is_none()), "{plain}");
    assert!(plain.get("other_boundaries").is_none(), "{plain}");
}

#[tokio::test]
async fn old_and_new_boundaries_can_be_asked_for_side_by_side() {
    let server = setup().start().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let import = async |what: &str, name: &str, content: &str| {
        let path = server.folder().join(name);
        std::fs::write(&path, content).unwrap();
        server.cli(&["import", what, &path.display().to_string()]).await.succeeds();
    };
    let areas = "code,name,kind,generation,parent_code,seats,start_date,end_date\n\
        W09997009,Hen Helyg,senedd_constituency,2007,W10997001,1,,2026-05-06\n\
        W10997001,Y Gorllewin,senedd_region,2007,,4,,2026-05-06\n\
        W09997001,Dyffryn Helyg,senedd_constituency,2026,,6,2026-05-07,\n";
    import("areas", "more-areas.csv", areas).await;
    let postcode = HELYG.postcode(0);
    import("postcodes", "senedd-2021-05.csv", &format!("pcds,sen07cd,ctry\n{postcode},W09997009,W92000004\n")).await;
    let ask = async |on: &str| {
        let asked = json!({ "postcode": postcode, "on": on, "other_boundaries": true });
        server.post(&campaign.path("/targets")).json(&asked).await.expect(200).json()
    };
    let is_there = || async { ask("2026-05-07").await["other_boundaries"] != json!([]) };
    eventually("the new layer", Duration::from_secs(5), is_there).await;
    let (before, after) = (ask("2026-05-06").await, ask("2026-05-07").await);
    let codes = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|area| area["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes(&before["areas"]).contains(&"W09997009".to_owned()), "{before}");
    assert_eq!(codes(&before["other_boundaries"]), ["W09997001"]);
    assert!(codes(&after["areas"]).contains(&"W09997001".to_owned()), "{after}");
    assert_eq!(codes(&after["other_boundaries"]), ["W09997009", "W10997001"]);
    let old = json!({ "kind": "senedd_constituency", "code": "W09997009", "name": "Hen Helyg", "generation": "2007",
                      "start_date": null, "end_date": "2026-05-06",
                      "source": { "layer": "senedd-2021-05", "file": "senedd-2021-05.csv", "as_of": "2021-05-01" } });
    assert_eq!(after["other_boundaries"][0], old);
    for on in ["1899-12-31", "2201-01-01", "yesterday", "2026-02-30", ""] {
        let answer = server.post(&campaign.path("/targets")).json(&json!({ "postcode": postcode, "on": on })).await;
        answer.problem(422, "validation-failed");
        assert_eq!(answer.pointers(), ["/on"], "{on:?}");
    }
}

#[tokio::test]
async fn a_new_postcode_among_neighbours_of_one_area_is_confirmed_by_the_person() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let new = "ZA1 1ZZ";
    let mut body = submission(new, "ada@kanarien.example");
    let refused = server.post(&campaign.actions()).key(&key()).json(&body).await;
    let problem = refused.problem(422, "postcode-unknown");
    assert_eq!(refused.pointers(), ["/supporter/address/postcode"]);
    let offered: Vec<_> = problem["choices"].as_array().unwrap().iter().map(|choice| choice["name"].clone()).collect();
    assert_eq!(offered, [json!(ALDER.name), json!("Northmere")]);

    body["area_choices"] = json!({ "westminster_constituency": "E14997004" });
    server.post(&campaign.actions()).key(&key()).json(&body).await.problem(422, "area-choice-wrong");
    body["area_choices"] = json!({ "westminster_constituency": "E14997001", "cancer_alliance": "E56997001" });
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let letters = server.letters(1).await;
    assert_eq!(letters[0].recipient(), "una.ashby@members.example.org");
    // Where nobody lives around it, nothing is offered.
    let path = campaign.path("/targets");
    let nowhere = server.post(&path).json(&json!({ "postcode": UNKNOWN })).await.problem(422, "postcode-unknown");
    assert!(nowhere.get("choices").is_none(), "{nowhere}");
}

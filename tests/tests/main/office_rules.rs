//! Offices of the four nations: where a campaign writes to them, and to how many of the people who hold a seat together.

use std::collections::BTreeMap;

use postbag_tests::campaign::{CampaignPlan, Published, transition};
use postbag_tests::country::{ALDER, FEARN, HELYG, LOUGH};
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};

use crate::setup;

/// The campaign of all four nations under these rules.
async fn published(server: &Server, rules: Value) -> Published {
    CampaignPlan::clean_air().with("office_rules", rules).publish(server).await
}

async fn targets(server: &Server, campaign: &Published, postcode: &str) -> Value {
    server.post(&campaign.path("/targets")).json(&json!({ "postcode": postcode })).await.expect(200).json()
}

/// One office of `targets`.
fn office<'a>(targets: &'a Value, office: &str) -> &'a Value {
    let offices = targets["by_office"].as_array().unwrap();
    offices.iter().find(|one| one["office"] == office).unwrap_or_else(|| panic!("{office} in {targets}"))
}

/// The id of somebody among `targets`.
fn id<'a>(targets: &'a Value, name: &str) -> &'a Value {
    let target = targets["targets"].as_array().unwrap().iter().find(|target| target["name"] == name);
    &target.unwrap_or_else(|| panic!("{name} in {targets}"))["representative_id"]
}

/// The names of those who are written to, sorted.
fn names(messages: &Value) -> Vec<String> {
    let name = |message: &Value| message["name"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = messages.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

/// Who is written to by this submission: what its preview answers and its receipt alike.
async fn written_to(server: &Server, campaign: &Published, body: &Value) -> Vec<String> {
    let mut preview = body.clone();
    preview.as_object_mut().unwrap().remove("source");
    let shown = server.post(&campaign.path("/previews")).json(&preview).await.expect(200).json();
    let receipt = server.post(&campaign.actions()).key(&key()).json(body).await.expect(201).json();
    let (shown, sent) = (names(&shown["messages"]), names(&receipt["deliveries"]));
    assert_eq!(shown, sent, "what was shown is what is sent");
    sent
}

fn with_targets(mut body: Value, ids: &[&Value]) -> Value {
    body["target_ids"] = ids.iter().copied().cloned().collect();
    body
}

#[tokio::test]
async fn one_submission_reaches_the_right_offices_of_each_nation() {
    let server = setup().start().await;
    let rules = json!([
        { "office": "mp", "nations": ["england", "scotland", "northern_ireland"] },
        { "office": "msp_region", "write_to": "choice", "up_to": 1 }
    ]);
    let campaign = published(&server, rules).await;
    let scotland = targets(&server, &campaign, &FEARN.postcode(0)).await;
    assert_eq!(office(&scotland, "msp_region")["representative_ids"].as_array().unwrap().len(), 2);
    let expected = ["Ailis Corrigall", "Beathag Ross", FEARN.mp];
    let chosen = expected.map(|name| id(&scotland, name));
    let ada = with_targets(submission(&FEARN.postcode(0), &person(0)), &chosen);
    assert_eq!(written_to(&server, &campaign, &ada).await, expected);
    let wales = written_to(&server, &campaign, &submission(&HELYG.postcode(0), &person(1))).await;
    assert_eq!(wales.len(), 6, "the six members of the Senedd, and by the rule not the MP: {wales:?}");
    assert!(!wales.contains(&HELYG.mp.to_owned()));
    let northern_ireland = written_to(&server, &campaign, &submission(&LOUGH.postcode(0), &person(2))).await;
    assert_eq!(northern_ireland.len(), 6, "five MLAs and the MP");
    assert!(northern_ireland.contains(&LOUGH.mp.to_owned()));

    let letters = server.letters(3 + 6 + 6).await;
    let mut recipients: Vec<_> = letters.iter().map(|letter| letter.recipient().to_owned()).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 15, "each its own message");
    let people = server.get(&campaign.path("/tally/representatives?limit=100")).await.expect(200).json();
    let people = people["items"].as_array().unwrap();
    assert!(people.len() == 15 && people.iter().all(|one| one["actions"] == 1), "{people:?}");
    for (kind, code) in [
        ("westminster_constituency", "S14997001"),
        ("westminster_constituency", "W07997001"),
        ("westminster_constituency", "N05997001"),
        ("holyrood_constituency", "S16997001"),
        ("holyrood_region", "S17997001"),
        ("senedd_constituency", "W09997001"),
        ("assembly_constituency", "N06997001"),
    ] {
        let areas = server.get(&campaign.path(&format!("/tally/areas?kind={kind}"))).await.expect(200).json();
        let area = areas["items"].as_array().unwrap().iter().find(|area| area["code"] == code);
        assert_eq!(area.map(|area| &area["actions"]), Some(&json!(1)), "{code} in {areas}");
    }
    let tally = campaign.settled_tally(&server).await;
    // Of the six MPs in office, the Welsh one is not written to.
    assert_eq!(tally["representatives"], json!({ "contacted": 15, "of": 5 + 1 + 2 + 6 + 5 }));
    let mps = tally["by_office"].as_array().unwrap().iter().find(|row| row["office"] == "mp").unwrap();
    assert_eq!(*mps, json!({ "office": "mp", "contacted": 2, "of": 5, "actions": 2 }));
    server.cli(&["recount", "--check"]).await.succeeds();
}

#[tokio::test]
async fn targets_are_grouped_by_office_with_its_rule() {
    let server = setup().start().await;
    let rules = json!([
        { "office": "msp_region", "write_to": "choice", "up_to": 3 },
        { "office": "ms", "nations": ["wales"], "write_to": "least_written_to" }
    ]);
    let campaign = published(&server, rules).await;
    let scotland = targets(&server, &campaign, &FEARN.postcode(0)).await;
    let offices = scotland["by_office"].as_array().unwrap();
    let words: Vec<_> = offices.iter().map(|one| one["office"].as_str().unwrap()).collect();
    assert_eq!(words, ["mp", "msp_constituency", "msp_region"], "in the campaign's order");
    let region = office(&scotland, "msp_region");
    let area = json!({ "kind": "holyrood_region", "code": "S17997001", "name": "Fearn and the Isles" });
    assert_eq!((&region["area"], &region["write_to"], &region["up_to"]), (&area, &json!("choice"), &json!(3)));
    assert_eq!((&region["seats"], &region["vacant"]), (&json!(7), &json!(5)), "seven are elected, two are there");
    let flat = scotland["targets"].as_array().unwrap().iter().filter(|target| target["office"] == "msp_region");
    let flat: Vec<_> = flat.map(|target| target["representative_id"].clone()).collect();
    assert_eq!(region["representative_ids"], json!(flat));
    let mp = office(&scotland, "mp");
    assert_eq!((&mp["write_to"], &mp["up_to"], &mp["seats"]), (&json!("all"), &Value::Null, &json!(1)));
    let wales = targets(&server, &campaign, &HELYG.postcode(0)).await;
    let ms = office(&wales, "ms");
    assert_eq!((&ms["write_to"], &ms["up_to"]), (&json!("least_written_to"), &json!(1)));
    assert_eq!((&ms["seats"], &ms["vacant"]), (&json!(6), &json!(0)));
}

#[tokio::test]
async fn a_supporter_chooses_up_to_as_many_as_the_rule_says() {
    let server = setup().start().await;
    let campaign = published(&server, json!([{ "office": "ms", "write_to": "choice", "up_to": 2 }])).await;
    let wales = targets(&server, &campaign, &HELYG.postcode(0)).await;
    let body = submission(&HELYG.postcode(0), &person(0));
    for path in [campaign.path("/previews"), campaign.actions()] {
        let refused = async |mut body: Value| {
            if path.ends_with("previews") {
                body.as_object_mut().unwrap().remove("source");
            }
            let answer = server.post(&path).key(&key()).json(&body).await;
            let problem = answer.problem(422, "validation-failed");
            (answer.pointers(), problem["errors"][0]["code"].clone())
        };
        let needed = (vec!["/target_ids".to_owned()], json!("target_choice_needed"));
        assert_eq!(refused(body.clone()).await, needed);
        let many = ["Anwen Prydderch", "Ceinwen Morus", "Ffion Wyn"].map(|name| id(&wales, name));
        let many = with_targets(body.clone(), &many);
        assert_eq!(refused(many).await, (vec!["/target_ids".to_owned()], json!("targets_too_many")));
    }
    let two = ["Berwyn Cadogan", "Eleri Vychan"];
    let body = with_targets(body, &two.map(|name| id(&wales, name)));
    assert_eq!(written_to(&server, &campaign, &body).await, two);
    let none = with_targets(submission(&HELYG.postcode(1), &person(1)), &[id(&wales, HELYG.mp)]);
    assert_eq!(written_to(&server, &campaign, &none).await, [HELYG.mp], "nobody of the Senedd");
    assert_eq!(server.letters(3).await.len(), 3);
}

#[tokio::test]
async fn a_lot_is_drawn_the_same_for_the_same_person_and_spreads_over_people() {
    let server = setup().start().await;
    let rules =
        json!([{ "office": "ms", "write_to": "random", "up_to": 2 }, { "office": "mp", "nations": ["england"] }]);
    let campaign = published(&server, rules).await;
    let mut drawn = BTreeMap::<String, usize>::new();
    for n in 0..12 {
        let members = written_to(&server, &campaign, &submission(&HELYG.postcode(n), &person(n))).await;
        assert_eq!(members.len(), 2);
        let again = submission(&HELYG.postcode(n + 20), &person(n).to_uppercase());
        assert_eq!(written_to(&server, &campaign, &again).await, members, "the same person draws the same");
        for name in members {
            *drawn.entry(name).or_default() += 1;
        }
    }
    assert!(drawn.len() > 2, "{drawn:?}");
    let wales = targets(&server, &campaign, &HELYG.postcode(0)).await;
    let narrowed = with_targets(submission(&HELYG.postcode(50), &person(50)), &[id(&wales, "Deiniol Pugh")]);
    assert_eq!(written_to(&server, &campaign, &narrowed).await, ["Deiniol Pugh"], "drawn among those named");
    let tally = campaign.settled_tally(&server).await;
    assert_eq!(tally["representatives"]["contacted"], drawn.len() + usize::from(!drawn.contains_key("Deiniol Pugh")));
}

#[tokio::test]
async fn the_least_written_to_are_written_to_next() {
    let server = setup().start().await;
    let rules = json!([{ "office": "ms", "write_to": "least_written_to" }, { "office": "mp", "nations": ["england"] }]);
    let campaign = published(&server, rules).await;
    let wales = targets(&server, &campaign, &HELYG.postcode(0)).await;
    for n in 0..3 {
        let first = with_targets(submission(&HELYG.postcode(n), &person(n)), &[id(&wales, "Anwen Prydderch")]);
        assert_eq!(written_to(&server, &campaign, &first).await, ["Anwen Prydderch"]);
    }
    for n in 3..18 {
        let members = written_to(&server, &campaign, &submission(&HELYG.postcode(n), &person(n))).await;
        assert_eq!(members.len(), 1);
    }
    let people = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
    let people = people["items"].as_array().unwrap();
    assert!(people.len() == 6 && people.iter().all(|one| one["actions"] == 3), "{people:?}");
}

#[tokio::test]
async fn people_who_submit_at_once_leave_nobody_out() {
    let server = setup().start().await;
    let rules = json!([{ "office": "ms", "write_to": "least_written_to" }, { "office": "mp", "nations": ["england"] }]);
    let campaign = published(&server, rules).await;
    let calls = (0..90).map(|n| {
        let body = submission(&HELYG.postcode(n), &person(n));
        server.post(&campaign.actions()).key(&key()).json(&body)
    });
    let sent: Vec<_> = calls.map(|call| tokio::spawn(async move { call.await.expect(201) })).collect();
    for answer in sent {
        answer.await.unwrap();
    }
    let people = server.get(&campaign.path("/tally/representatives")).await.expect(200).json();
    let counts: Vec<_> =
        people["items"].as_array().unwrap().iter().map(|one| one["actions"].as_i64().unwrap()).collect();
    // Counts lag behind what is submitted at the same moment, so they are not equal to the letter.
    assert_eq!((counts.len(), counts.iter().sum::<i64>()), (6, 90), "{counts:?}");
}

#[tokio::test]
async fn an_office_is_no_target_where_its_rule_does_not_hold() {
    let server = setup().start().await;
    let campaign = published(&server, json!([{ "office": "mp", "nations": ["england"] }])).await;
    let scotland = targets(&server, &campaign, &FEARN.postcode(0)).await;
    assert!(scotland["targets"].as_array().unwrap().iter().all(|target| target["office"] != "mp"), "{scotland}");
    let england = targets(&server, &campaign, &ALDER.postcode(0)).await;
    let mp = england["targets"][0]["representative_id"].clone();
    assert_eq!(england["targets"][0]["name"], ALDER.mp);
    let body = with_targets(submission(&FEARN.postcode(0), &person(0)), &[&mp]);
    let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
    answer.problem(422, "validation-failed");
    assert_eq!(answer.pointers(), ["/target_ids/0"]);
}

#[tokio::test]
async fn the_rules_are_shown_wherever_a_front_end_looks() {
    let server = setup().start().await;
    let rules = json!([
        { "office": "mla", "nations": null, "write_to": "random", "up_to": 1 },
        { "office": "ms", "nations": ["wales"], "write_to": "choice", "up_to": 3 }
    ]);
    let campaign = published(&server, rules.clone()).await;
    assert_eq!(campaign.campaign["office_rules"], rules, "as it was written");
    let nations = ["england", "scotland", "wales", "northern_ireland"];
    let expected = json!([
        { "office": "mp", "nations": nations, "write_to": "all", "up_to": null },
        { "office": "msp_constituency", "nations": ["scotland"], "write_to": "all", "up_to": null },
        { "office": "msp_region", "nations": ["scotland"], "write_to": "all", "up_to": null },
        { "office": "ms", "nations": ["wales"], "write_to": "choice", "up_to": 3 },
        { "office": "mla", "nations": ["northern_ireland"], "write_to": "random", "up_to": 1 }
    ]);
    for path in ["", "/form"] {
        assert_eq!(server.get(&campaign.path(path)).await.expect(200).json()["office_rules"], expected, "{path}");
    }
}

#[tokio::test]
async fn wrong_rules_are_refused_with_every_flaw() {
    let server = setup().start().await;
    let rules = json!([
        { "office": "mp", "write_to": "random" },
        { "office": "ms", "nations": ["england", "wales"], "write_to": "choice" },
        { "office": "ms", "up_to": 2 },
        { "office": "councillor", "write_to": "lottery" }
    ]);
    CampaignPlan::clean_air().draft(&server).await;
    let document = CampaignPlan::clean_air().with("office_rules", rules).document;
    let call = server.put("/v1/admin/campaigns/clean-air").token(&server.operator().await).header("if-match", "*");
    let answer = call.json(&document).await;
    answer.problem(422, "validation-failed");
    let expected = [
        "/office_rules/0/write_to",
        "/office_rules/1/nations/0",
        "/office_rules/1/up_to",
        "/office_rules/2/office",
        "/office_rules/2/up_to",
        "/office_rules/3/office",
        "/office_rules/3/write_to",
    ];
    assert_eq!(answer.pointers(), expected);
}

#[tokio::test]
async fn a_nation_that_no_rule_serves_keeps_a_campaign_from_going_live() {
    let server = setup().start().await;
    let rules = json!([{ "office": "mp", "nations": ["scotland", "wales"] }]);
    CampaignPlan::clean_air().with("office_rules", rules).draft(&server).await;
    let answer = transition(&server, "clean-air", "live").await;
    answer.problem(422, "campaign-incomplete");
    assert_eq!(answer.pointers(), ["/nations/0"]);
}

//! `postbag sync`: the directory, from services.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, Country, TERMINATED, UNKNOWN};
use postbag_tests::fake_service::{Act, FakeService, Member};
use postbag_tests::server::{Home, Server, Setup, eventually};
use serde_json::{Value, json};

use crate::real_data::data;
use crate::setup;

/// Who sits for the country's constituencies, by the service.
fn house() -> Vec<Member> {
    let seats = ["Alder Vale", "Birch Moor", "Cedar Cross", "Dogwood", "STRATH FEARN", "Pont Helyg", "Lough Rua"];
    (1..).zip(seats).map(|(id, seat)| Member::new(id, &format!("Invented Member {id}"), seat)).collect()
}

/// A setup that asks this service, without pauses and without asking twice.
fn asking(fake: &FakeService) -> Setup {
    setup()
        .with("POSTBAG_SYNC__MEMBERS_API", fake.url())
        .with("POSTBAG_SYNC__POSTCODES__URL", fake.url())
        .with("POSTBAG_SYNC__PAUSE_MS", 0)
        .with("POSTBAG_SYNC__RETRIES", 0)
        .with("POSTBAG_SYNC__TIMEOUT_SECONDS", 1)
}

/// A database with the country's areas and nothing else.
async fn areas_only(fake: &FakeService) -> Home {
    let home = asking(fake).empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    file_in(&home, "areas.csv", Country::areas());
    home.cli(&["import", "areas", "areas.csv"]).await.succeeds();
    home
}

fn file_in(home: &Home, name: &str, content: &str) {
    std::fs::write(home.folder().join(name), content).unwrap();
}

async fn members(server: &Server) -> Vec<Value> {
    let token = server.operator().await;
    let list = server.get("/v1/admin/representatives?office=mp&limit=100").token(&token).await.expect(200).json();
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn members_come_in_once_with_their_addresses_and_where_they_were_learned() {
    let fake = FakeService::members_api(house()).await.unwrap();
    let home = areas_only(&fake).await;
    let output = home.cli(&["sync", "representatives"]).await.succeeds().stdout;
    assert!(output.contains("representatives from UK Parliament Members API at 127.0.0.1"), "{output}");
    assert!(output.contains("  7 are added, 0 changed, 0 ended"), "{output}");
    let again = home.cli(&["sync", "representatives"]).await.succeeds().stdout;
    assert!(again.contains("  0 are added, 0 changed, 0 ended; 7 unchanged"), "{again}");
    let found = members(&home.serve().await).await;
    let first = found.iter().find(|member| member["external_id"] == "parliament:1").unwrap();
    assert_eq!((&first["name"], &first["area_code"]), (&json!("Invented Member 1"), &json!("E14997001")));
    assert_eq!(first["email"], "member-1@members.example.org");
    assert!(first["source"].as_str().unwrap().contains("Members API"), "{first}");
    assert!(first["verified_on"].is_string(), "{first}");
    assert_eq!(first["start_date"], "2024-07-04", "the last election, not the first");
}

#[tokio::test]
async fn a_dry_run_of_the_members_tells_and_changes_nothing() {
    let fake = FakeService::members_api(house()).await.unwrap();
    let home = areas_only(&fake).await;
    for _ in 0..2 {
        let output = home.cli(&["sync", "representatives", "--dry-run"]).await.succeeds().stdout;
        assert!(output.contains("  7 would be added") && output.contains("this was a dry run"), "{output}");
    }
}

#[tokio::test]
async fn people_who_came_left_or_changed_address_are_reported_and_written_to() {
    let fake = FakeService::members_api(house()).await.unwrap();
    let home = areas_only(&fake).await;
    home.cli(&["sync", "representatives"]).await.succeeds();
    let mut later = house();
    later[0].email = Some("moved@members.example.org".to_owned());
    later[1].email = None;
    later[2] = Member::new(90, "Newcomer of Cedar", "Cedar Cross");
    let fake = FakeService::members_api(later).await.unwrap();
    let url = fake.url();
    let output =
        home.cli_with(&[("POSTBAG_SYNC__MEMBERS_API", &url)], &["sync", "representatives"]).await.succeeds().stdout;
    assert!(output.contains("  1 are added, 2 changed, 1 ended; 4 unchanged"), "{output}");
    assert!(output.contains("+ Newcomer of Cedar") && output.contains("- Invented Member 3"), "{output}");
    assert!(output.contains("Alder Vale (E14997001): address changed"), "{output}");
    assert!(output.contains("Birch Moor (E14997002): address lost"), "{output}");
    assert!(!output.contains("moved@"), "addresses themselves are not repeated");
}

#[tokio::test]
async fn a_list_that_would_end_most_of_the_house_needs_force_and_a_running_server_follows_it() {
    let fake = FakeService::members_api(house()).await.unwrap();
    let server = asking(&fake).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let before = members(&server).await;
    let refused = server.cli(&["sync", "representatives"]).await.fails().stderr;
    assert!(refused.contains("would end 6 of 6") && refused.contains("--force"), "{refused}");
    assert_eq!(members(&server).await, before);
    server.cli(&["sync", "representatives", "--force"]).await.succeeds();
    let followed = || async {
        let asked = json!({ "postcode": ALDER.postcode(0) });
        let found = server.post(&campaign.path("/targets")).json(&asked).await.expect(200).json();
        found["targets"][0]["name"] == "Invented Member 1"
    };
    eventually("the new member", Duration::from_secs(30), followed).await;
}

#[tokio::test]
async fn half_a_list_changes_nobody_in_any_fault() {
    let crowd = (0..45).map(|id| Member::new(id, &format!("Invented Member {id}"), "Alder Vale")).collect();
    let fake = FakeService::members_api(crowd).await.unwrap();
    let server = asking(&fake).start().await;
    let before = members(&server).await;
    let behaves = Act::Stall(Duration::ZERO);
    for (act, words) in [
        (Act::Stall(Duration::from_secs(3)), "did not answer in time"),
        (Act::HangUp, "was cut"),
        (Act::Cut, "was cut"),
        (Act::Huge, "too large"),
        (Act::Send(429, &[("retry-after", "600")], ""), "asked too often"),
        (Act::Send(500, &[], ""), "status 500"),
        (Act::Send(301, &[("location", "https://example.org")], ""), "status 301"),
        (Act::Send(200, &[], "{}"), "no list of members"),
        (Act::Send(200, &[], ""), "not JSON"),
        (Act::Send(200, &[], r#"{"items":[],"totalResults":45,"skip":20}"#), "not whole"),
        (Act::Send(200, &[], r#"{"items":[],"totalResults":20,"skip":20}"#), "changed"),
    ] {
        fake.next(&[behaves.clone(), act]);
        let refused = server.cli(&["sync", "representatives", "--force"]).await.fails().stderr;
        assert!(refused.contains(words) && refused.contains("nothing was changed"), "{refused}");
        assert_eq!(members(&server).await, before, "{words}");
    }
    fake.next(&[behaves.clone(), behaves.clone(), behaves, Act::Send(404, &[], "{}")]);
    let refused = server.cli(&["sync", "representatives", "--force"]).await.fails().stderr;
    assert!(refused.contains("status 404"), "an address that cannot be read is none that is not there: {refused}");
    assert_eq!(members(&server).await, before);
}

#[tokio::test]
async fn a_constituency_that_is_not_listed_refuses_the_whole_list() {
    let mut house = house();
    house[3].constituency = "Nowhere at All".to_owned();
    let fake = FakeService::members_api(house).await.unwrap();
    let home = areas_only(&fake).await;
    let refused = home.cli(&["sync", "representatives"]).await.fails().stderr;
    assert!(refused.contains("no area of kind westminster_constituency with the name \"Nowhere at All\""), "{refused}");
    let output = home.cli(&["sync", "representatives", "--dry-run"]).await.fails().stderr;
    assert!(output.contains("1 bad row"), "{output}");
}

#[tokio::test]
async fn an_address_that_is_none_is_not_written_to() {
    let mut house = house();
    house[0].email = Some("see the website".to_owned());
    let fake = FakeService::members_api(house).await.unwrap();
    let home = areas_only(&fake).await;
    let output = home.cli(&["sync", "representatives"]).await.succeeds().stdout;
    assert!(output.contains("note: the address given for parliament:1 is none"), "{output}");
    let found = members(&home.serve().await).await;
    let first = found.iter().find(|member| member["external_id"] == "parliament:1").unwrap();
    assert!(first["email"].is_null() && first["verified_on"].is_null(), "{first}");
}

/// The members of a published table, as the service would tell them.
fn published(table: &str) -> Vec<Member> {
    let cells = |line: &str| line.trim_matches('"').split("\",\"").map(ToOwned::to_owned).collect::<Vec<_>>();
    let mut lines = table.lines().map(cells);
    let header = lines.next().unwrap();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (id, name, party) = (at("member_id"), at("display_as"), at("party_text"));
    let (seat, email) = (at("pcon_name"), at("member_email"));
    let member = |cells: Vec<String>| Member {
        party: cells[party].clone(),
        email: Some(cells[email].clone()).filter(|email| email.contains('@')),
        ..Member::new(cells[id].parse().unwrap(), &cells[name], &cells[seat])
    };
    lines.map(member).collect()
}

#[tokio::test]
async fn the_names_of_all_constituencies_are_found_and_the_members_are_those_of_the_published_table() {
    let Some(data) = data() else { return };
    let file = |name: &str| data.join(name).display().to_string();
    let table = file("representatives/mps_2026-06-27_dfe.csv");
    let fake = FakeService::members_api(published(&std::fs::read_to_string(&table).unwrap())).await.unwrap();
    let home = asking(&fake).empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    home.cli(&["import", "areas", &file("areas/westminster_constituencies_2024.csv")]).await.succeeds();
    home.cli(&["import", "representatives", &table]).await.succeeds();
    let output = home.cli(&["sync", "representatives"]).await.succeeds().stdout;
    // The table does not tell since when they have sat.
    assert!(output.contains("  0 are added, 650 changed, 0 ended; 0 unchanged"), "{output}");
    assert!(!["name", "party", "address"].iter().any(|what| output.contains(&format!("{what} changed"))), "{output}");
    let older = home.cli(&["import", "representatives", &table]).await.fails().text();
    assert!(older.contains("--older"), "{older}");
    let again = home.cli(&["import", "representatives", &table, "--older"]).await.succeeds().stdout;
    assert!(again.contains("  0 are added, 0 changed, 0 ended; 650 unchanged"), "{again}");
}

/// Whom a postcode would write to, or why to nobody.
async fn outcome(server: &Server, postcode: &str) -> String {
    let asked = json!({ "postcode": postcode });
    let answer = server.post("/v1/campaigns/clean-air/targets").json(&asked).await.json();
    let word = answer["targets"][0]["name"].as_str().or(answer["type"].as_str());
    let word = word.unwrap_or_else(|| panic!("{answer}"));
    word.find("/problems/").map_or(word, |at| &word[at..]).to_owned()
}

#[tokio::test]
async fn postcodes_become_a_layer_of_the_service_that_grows() {
    let known = [(UNKNOWN, Some("E14997001")), ("ZA8 8ZY", Some("E14997004")), ("ZA8 8ZX", None)];
    let fake = FakeService::postcodes_io(&known).await.unwrap();
    let server = asking(&fake).start().await;
    CampaignPlan::clean_air().publish(&server).await;
    file_in(&server, "one.txt", "za88zz\nZA8 8ZW\nJE2 3AB\n");
    file_in(&server, "more.csv", "name,postcode\nx,ZA8 8ZY\ny,ZA8 8ZX\n");

    let output = server.cli(&["sync", "postcodes", "one.txt", "--dry-run"]).await.succeeds().stdout;
    assert!(output.contains("  1 would be added"), "{output}");
    assert_eq!(outcome(&server, UNKNOWN).await, "/problems/postcode-unknown");
    let output = server.cli(&["sync", "postcodes", "one.txt"]).await.succeeds().stdout;
    assert!(output.contains("postcodes from postcodes.io at 127.0.0.1"), "{output}");
    assert!(output.contains("  1 are added") && output.contains("1 of 2 postcodes are not known there"), "{output}");
    let output = server.cli(&["sync", "postcodes", "more.csv"]).await.succeeds().stdout;
    assert!(output.contains("  2 are added, 0 changed, 0 ended; 1 unchanged"), "{output}");
    let again = server.cli(&["sync", "postcodes", "more.csv", "one.txt"]).await.succeeds().stdout;
    assert!(again.contains("  0 are added, 0 changed, 0 ended; 3 unchanged"), "{again}");

    for (postcode, expected) in
        [("ZA8 8ZX", "/problems/postcode-terminated"), (UNKNOWN, ALDER.mp), ("ZA8 8ZY", "Ivo Larkspur")]
    {
        let reached = || async { outcome(&server, postcode).await == expected };
        eventually(expected, Duration::from_secs(30), reached).await;
    }
    assert_eq!(outcome(&server, TERMINATED).await, "/problems/postcode-terminated", "other layers are as they were");
}

#[tokio::test]
async fn a_service_of_the_other_kind_fills_a_layer_of_its_own() {
    let fake = FakeService::mapit(&[(UNKNOWN, "E14997001")]).await.unwrap();
    let server = asking(&fake).with("POSTBAG_SYNC__POSTCODES__SERVICE", "mapit").start().await;
    CampaignPlan::clean_air().publish(&server).await;
    file_in(&server, "list.txt", UNKNOWN);
    let output = server.cli(&["sync", "postcodes", "list.txt"]).await.succeeds().stdout;
    assert!(output.contains("postcodes from MapIt at 127.0.0.1") && output.contains("  1 are added"), "{output}");
    eventually("the postcode", Duration::from_secs(30), || async { outcome(&server, UNKNOWN).await == ALDER.mp }).await;
}

#[tokio::test]
async fn a_service_that_fails_or_knows_other_boundaries_changes_no_postcode() {
    let fake = FakeService::postcodes_io(&[(UNKNOWN, Some("E14000999"))]).await.unwrap();
    let home = asking(&fake).prepare().await;
    file_in(&home, "list.txt", UNKNOWN);
    let refused = home.cli(&["sync", "postcodes", "list.txt"]).await.fails().stderr;
    assert!(refused.contains("for other boundaries"), "{refused}");
    fake.always(Act::Cut);
    let refused = home.cli(&["sync", "postcodes", "list.txt"]).await.fails().stderr;
    assert!(refused.contains("was cut") && refused.contains("nothing was changed"), "{refused}");
    file_in(&home, "wrong.txt", "ZA8 8ZZ\nnonsense\n");
    let asked = fake.count();
    let refused = home.cli(&["sync", "postcodes", "wrong.txt"]).await.fails().stderr;
    assert!(refused.contains("wrong.txt, line 2"), "{refused}");
    assert_eq!(fake.count(), asked, "a list with a mistake in it is not asked about");
}

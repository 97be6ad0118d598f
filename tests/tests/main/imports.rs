//! The directory, from files.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::{ALDER, CEDAR, Country, FEARN};
use postbag_tests::server::{Home, eventually};
use serde_json::json;

use crate::setup;

/// Writes a file into the test's folder.
fn file(home: &Home, name: &str, content: impl AsRef<[u8]>) -> String {
    let path: PathBuf = home.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// Imports the country into an empty database.
async fn import_country(home: &Home) {
    for (what, path) in Country::write_to(home.folder()) {
        home.cli(&["import", what, &path.display().to_string()]).await.succeeds();
    }
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let home = setup().empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    for (what, path) in Country::write_to(home.folder()) {
        let path = path.display().to_string();
        let first = home.cli(&["import", what, &path]).await.succeeds().text();
        let again = home.cli(&["import", what, &path]).await.succeeds().text();
        assert!(!first.contains("  0 are added"), "{what}: {first}");
        assert!(again.contains("  0 are added, 0 changed, 0 ended"), "{what}: {again}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let home = setup().empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    let areas = file(&home, "areas.csv", Country::areas());
    for _ in 0..2 {
        let told = home.cli(&["import", "areas", &areas, "--dry-run"]).await.succeeds().text();
        assert!(told.contains("13 would be added"), "{told}");
    }
}

#[tokio::test]
async fn files_are_read_however_they_were_saved() {
    let home = setup().empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    let mark = "\u{feff}";
    let lines = Country::areas().replace('\n', "\r\n");
    let areas = file(&home, "areas.csv", format!("{mark}{lines}"));
    let told = home.cli(&["import", "areas", &areas]).await.succeeds().text();
    assert!(told.contains("13 are added"), "{told}");
    let shuffled = Country::postcodes().lines().map(shuffle).collect::<Vec<_>>().join("\n");
    let postcodes = file(&home, "postcodes.csv", shuffled);
    let told = home.cli(&["import", "postcodes", &postcodes]).await.succeeds().text();
    assert!(told.to_lowercase().contains("colour"), "columns that mean nothing are named: {told}");
}

/// The key last, and a column that means nothing first.
fn shuffle(line: &str) -> String {
    let (key, rest) = line.split_once(',').unwrap();
    let (key, colour) = if key == "pcds" { ("PCDS", "Colour") } else { (key, "red") };
    format!("{colour},{rest},{key}")
}

#[tokio::test]
async fn a_bad_row_is_told_by_its_line_and_nothing_of_the_file_is_taken() {
    let home = setup().prepare().await;
    let server = home.serve().await;
    let rows = Country::representatives()
        .replace("Una Ashby", "Una Successor")
        .replace("made-up:4,E14997004,mp", "made-up:4,E14997004,king");
    let path = file(&home, "people.csv", rows);
    let told = home.cli(&["import", "representatives", &path]).await.fails().text();
    assert!(told.contains("line 5") || told.contains("line: 5") || told.contains(":5"), "{told}");
    let token = server.operator().await;
    let mps = server.get("/v1/admin/representatives?office=mp&limit=100").token(&token).await.expect(200).text();
    assert!(mps.contains("Una Ashby") && !mps.contains("Una Successor"), "{mps}");
}

#[tokio::test]
async fn a_file_that_would_end_too_much_is_refused_without_force() {
    let home = setup().prepare().await;
    let few = Country::representatives().lines().take(5).collect::<Vec<_>>().join("\n");
    let path = file(&home, "few.csv", few);
    let told = home.cli(&["import", "representatives", &path]).await.fails().text();
    assert_eq!(told.matches("--force").count(), 1, "{told}");
    assert_eq!(told.matches("would end").count(), 1, "{told}");
    home.cli(&["import", "representatives", &path, "--force"]).await.succeeds();
}

#[tokio::test]
async fn postcodes_of_unknown_constituencies_are_refused_with_the_reason() {
    let home = setup().prepare().await;
    let other = Country::postcodes().replace("997", "887");
    let path = file(&home, "other-boundaries.csv", other);
    let told = home.cli(&["import", "postcodes", &path]).await.fails().text();
    assert!(told.contains("bound") || told.contains("area"), "{told}");
}

#[tokio::test]
async fn a_running_server_follows_an_import_within_a_moment() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let path = campaign.path("/targets");
    let who = async |postcode: String| {
        let found = server.post(&path).json(&json!({ "postcode": postcode })).await.expect(200).json();
        (found["targets"][0]["name"].clone(), found["targets"][0]["reachable"].clone())
    };
    assert_eq!(who(CEDAR.postcode(0)).await.1, "vacant");
    let rows = Country::representatives().to_owned()
        + "made-up:22,E14997003,mp,Wilf Tarrant,Meadow Party,wilf.tarrant@members.example.org,2025-01-01,,invented\n";
    let people = file(&server, "people.csv", rows);
    let told = server.cli(&["import", "representatives", &people]).await.succeeds().text();
    assert!(told.contains("1 are added, 0 changed, 0 ended"), "{told}");
    assert!(told.contains("Wilf Tarrant"), "who came is told: {told}");
    let elected = || async { who(CEDAR.postcode(0)).await == (json!("Wilf Tarrant"), json!("email")) };
    eventually("the new member", Duration::from_secs(5), elected).await;
    assert_eq!(who(ALDER.postcode(0)).await.0, ALDER.mp, "the others stayed");
}

#[tokio::test]
async fn a_layer_adds_its_columns_and_blanks_none() {
    let home = setup().empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    import_country(&home).await;
    // A region that the constituency leads to anyway, from a file that has no other column.
    let mut layer = String::from("pcds,spr26cd\n");
    for n in 0..10 {
        writeln!(layer, "{},S17997001", FEARN.postcode(n)).unwrap();
    }
    let path = file(&home, "regions.csv", layer);
    home.cli(&["import", "postcodes", &path, "--layer", "regions"]).await.succeeds();
    let server = home.serve().await;
    let campaign = CampaignPlan::clean_air().publish(&server).await;
    let body = json!({ "postcode": FEARN.postcode(0) });
    let found = server.post(&campaign.path("/targets")).json(&body).await.expect(200).json();
    assert_eq!(found["targets"].as_array().unwrap().len(), 4, "{found}");
}

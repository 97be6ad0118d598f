//! Keys, their rotation, and backups with them.

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::country::ALDER;
use postbag_tests::server::{Home, Server, on_postgres};
use postbag_tests::supporter::{key, person, submission};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

use crate::setup;

const ADA: &str = "ada@kanarien.example";

async fn submit(server: &Server, campaign: &Published, n: usize, email: &str) -> Value {
    let body = submission(&ALDER.postcode(n), email);
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201).json()
}

/// A campaign whose supporter Ada has been suppressed, after one submission of somebody else.
async fn with_ada_suppressed(server: &Server) -> (Published, Value) {
    let campaign = CampaignPlan::fair_care().publish(server).await;
    let receipt = submit(server, &campaign, 0, &person(0)).await;
    server.letters(1).await;
    let suppression = json!({ "organisation": "harbour-trust", "email": ADA });
    let token = server.operator().await;
    server.post("/v1/admin/suppressions").token(&token).json(&suppression).await.expect(204);
    (campaign, receipt)
}

/// Another submission of Ada's sends nothing, one of somebody else does.
async fn ada_stays_suppressed(server: &Server, campaign: &Published) {
    let before = server.count_letters();
    submit(server, campaign, 1, ADA).await;
    submit(server, campaign, 2, &person(before + 40)).await;
    server.letters(before + 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.count_letters(), before + 1, "a suppressed person was written for");
}

async fn receipt_opens(server: &Server, receipt: &Value) {
    let path = format!("/v1/actions/{}", receipt["id"].as_str().unwrap());
    server.get(&path).token(receipt["receipt_token"].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn rotated_keys_keep_suppressions_and_receipts_and_end_tokens() {
    if on_postgres() {
        return;
    }
    let mut server = setup().without_keys().start().await;
    let (campaign, receipt) = with_ada_suppressed(&server).await;
    let old_token = server.operator().await;
    let old_keys = std::fs::read_to_string(server.folder().join("data/secrets.toml")).unwrap();
    let said = server.cli(&["secrets", "rotate"]).await.succeeds().text();
    assert!(said.contains("secrets.toml") && said.contains("Restart"), "{said}");
    server.stop().await;
    server.restart().await;
    receipt_opens(&server, &receipt).await;
    ada_stays_suppressed(&server, &campaign).await;
    server.get("/v1/admin/campaigns").token(&old_token).await.problem(401, "token-invalid");

    server.stop().await;
    std::fs::write(server.folder().join("data/secrets.toml"), old_keys).unwrap();
    let refused = server.cli(&["serve"]).await.fails().text();
    assert!(refused.contains("does not belong to this database"), "{refused}");
}

#[tokio::test]
async fn keys_of_the_configuration_are_rotated_there() {
    let keys = tempfile::NamedTempFile::new().unwrap();
    let configured = "secret = \"wq8Zt5Nn3Yk7Xc1Vb9Md4Hs6Jf2Lp0RgTuEoIaQy\"\n\
        auth.hs256_secret = \"f9Qm2vXo7Lr4Tz8KpW1sYc6NbEd3HgJu5AaVxRiO\"\n";
    std::fs::write(&keys, configured).unwrap();
    let mut server = setup().without_keys().with("POSTBAG_CONFIG", keys.path().display()).start().await;
    let (campaign, receipt) = with_ada_suppressed(&server).await;
    let rotated = server.cli(&["secrets", "rotate"]).await.succeeds().stdout;
    server.stop().await;
    std::fs::write(&keys, &rotated).unwrap();
    server.restart().await;
    receipt_opens(&server, &receipt).await;
    ada_stays_suppressed(&server, &campaign).await;

    server.stop().await;
    let lost = rotated.split("[[suppression_keys]]").take(2).collect::<Vec<_>>().join("[[suppression_keys]]");
    std::fs::write(&keys, lost).unwrap();
    let refused = server.cli(&["serve"]).await.fails().text();
    assert!(refused.contains("suppression key secret is missing"), "{refused}");
}

/// Restores a backup into a place of its own.
async fn restored(folder: &Path) -> Home {
    let home = setup().without_keys().empty().prepare().await;
    let said = home.cli(&["restore", folder.to_str().unwrap()]).await.succeeds().text();
    assert!(said.contains("restored"), "{said}");
    home
}

#[tokio::test]
async fn a_backup_under_load_is_whole_and_brings_its_keys() {
    if on_postgres() {
        return;
    }
    let server = setup().without_keys().start().await;
    let (campaign, receipt) = with_ada_suppressed(&server).await;
    let (client, path) = (server.client().clone(), campaign.actions());
    let load = tokio::spawn(async move {
        for n in 10..400 {
            let body = submission(&ALDER.postcode(n % 100), &person(n));
            client.call("POST", &path).key(&key()).json(&body).await.expect(201);
        }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let backup = server.folder().join("backup");
    let said = server.cli(&["backup", backup.to_str().unwrap()]).await.succeeds().text();
    assert!(said.contains("holds the database and its keys"), "{said}");
    load.abort();
    let again = server.cli(&["backup", backup.to_str().unwrap()]).await.fails().text();
    assert!(again.contains("does not exist yet"), "{again}");

    let home = restored(&backup).await;
    home.cli(&["recount", "--check"]).await.succeeds();
    let over = home.cli(&["restore", backup.to_str().unwrap()]).await.fails().text();
    assert!(over.contains("nothing is written over it"), "{over}");
    let other = home.serve().await;
    receipt_opens(&other, &receipt).await;
    assert!(other.get(&campaign.path("/tally")).await.expect(200).json()["actions"].as_i64().unwrap() >= 1);
}

#[tokio::test]
async fn a_changed_backup_is_refused() {
    if on_postgres() {
        return;
    }
    let server = setup().without_keys().start().await;
    let backup = server.folder().join("backup");
    server.cli(&["backup", backup.to_str().unwrap()]).await.succeeds();
    let copy = backup.join("postbag.db");
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let home = setup().without_keys().empty().prepare().await;
    let refused = home.cli(&["restore", backup.to_str().unwrap()]).await.fails().text();
    assert!(refused.contains("postbag.db is not as it was"), "{refused}");
    assert!(!home.folder().join("postbag.db").exists());
}

#[tokio::test]
async fn a_postgres_backup_comes_back_in_another_database() {
    if !on_postgres() {
        return;
    }
    let server = setup().start().await;
    let (campaign, receipt) = with_ada_suppressed(&server).await;
    let backup = server.folder().join("backup");
    server.cli(&["backup", backup.to_str().unwrap()]).await.succeeds();
    let home = setup().empty().prepare().await;
    home.cli(&["restore", backup.to_str().unwrap()]).await.succeeds();
    let other = home.serve().await;
    receipt_opens(&other, &receipt).await;
    ada_stays_suppressed(&other, &campaign).await;
}

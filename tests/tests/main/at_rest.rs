//! What lies in the database can be read by everybody who has a copy of it: no personal message may (B12).

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::country::ALDER;
use postbag_tests::server::{on_postgres, skipped};
use postbag_tests::supporter::{key, submission};
use serde_json::json;

use crate::setup;

/// Words that stand in the message and nowhere else.
const WORDS: &str = "elfwochenlang gewartet";

#[tokio::test]
async fn no_file_of_the_database_shows_a_personal_message() {
    if on_postgres() {
        return skipped("the files of PostgreSQL are not ours to read; persistence tests what is stored");
    }
    let home = setup().prepare().await;
    let mut server = home.serve().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    body["personal_message"] = json!(format!("My brother hat {WORDS}."));
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let letter = server.letters(1).await.remove(0);
    assert!(letter.body.contains(WORDS), "the representative reads it");
    let token = server.token("supporters:read", "harbour-trust").await;
    let actions = server.get("/v1/admin/actions").token(&token).await.expect(200).json();
    assert!(actions["items"][0]["personal_message"].as_str().unwrap().contains(WORDS), "and so does the charity");
    server.kill();
    let files = std::fs::read_dir(home.folder()).unwrap().map(|entry| entry.unwrap().path());
    let database: Vec<_> = files.filter(|path| path.to_string_lossy().contains("postbag.db")).collect();
    assert!(!database.is_empty());
    for path in database {
        let bytes = std::fs::read(&path).unwrap();
        let shows = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!shows(WORDS), "{} shows the message", path.display());
    }
}

//! What a newcomer sees.

use std::time::Duration;

use postbag_tests::server::{Server, eventually, on_postgres};
use postbag_tests::supporter::key;
use serde_json::{Value, json};

use crate::setup;

async fn demo() -> Server {
    let server = setup().empty().arg("--demo").start().await;
    let output = || async { token(&server).await.is_some() };
    eventually("the administrator's token", Duration::from_secs(10), output).await;
    server
}

/// The token that the terminal shows.
async fn token(server: &Server) -> Option<String> {
    let log = server.log().await.join(" ");
    let mut words = log.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
    words.find(|word| word.starts_with("eyJ") && word.split('.').count() == 3).map(str::to_owned)
}

fn person(postcode: &str) -> Value {
    json!({
        "supporter": {
            "first_name": "Ada", "last_name": "Kanarienvogel", "email": "ada@kanarien.example",
            "address": { "line1": "17 Kanarienweg", "town": "Kanarienstadt", "postcode": postcode }
        },
        "source": { "source": "newsletter" }
    })
}

/// The log of the database beside its file, and its identity on the disk.
fn database_log(server: &Server) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut files = std::fs::read_dir(server.folder()).unwrap().flatten();
    let log = files.find(|file| file.file_name().to_string_lossy().ends_with(".db-wal"))?;
    Some(log.metadata().unwrap().ino())
}

#[tokio::test]
async fn another_process_that_leaves_takes_no_log_away() {
    let server = demo().await;
    let before = database_log(&server);
    server.cli(&["recount", "--check"]).await.succeeds();
    assert_eq!(database_log(&server), before, "what is written from now on would be lost in a crash");
    assert!(before.is_some() || on_postgres());
}

#[tokio::test]
async fn the_demo_can_be_gone_through_from_the_page_to_the_letter() {
    let server = demo().await;
    let log = server.log().await.join("\n");
    for place in ["/docs", "http://127.0.0.1"] {
        assert!(log.contains(place), "{place} in {log}");
    }
    let page = server.get("/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("/docs"), "it leads to the document");
    let list = server.get("/v1/campaigns").await.expect(200).json();
    let campaigns = list["items"].as_array().unwrap();
    assert_eq!(campaigns.len(), 2);
    let mut letters = 0;
    // One with several legislatures, one with the two hops.
    for (slug, postcode, count) in [("every-week-counts", "ZA1 1AA", 1), ("room-to-breathe", "ZA23 1AA", 7)] {
        assert!(campaigns.iter().any(|campaign| campaign["slug"] == slug), "{list}");
        let path = |below: &str| format!("/v1/campaigns/{slug}{below}");
        server.get(&path("/form")).await.expect(200);
        let shown = server.post(&path("/previews")).json(&person(postcode)).await.expect(200).json();
        assert_eq!(shown["messages"].as_array().unwrap().len(), count, "{shown}");
        let receipt = server.post(&path("/actions")).key(&key()).json(&person(postcode)).await.expect(201).json();
        if receipt["status"] == "awaiting_confirmation" {
            let mail = server.mails(1).await.remove(0);
            let confirmation = json!({ "action_id": receipt["id"], "code": mail.code() });
            server.post("/v1/confirmations").json(&confirmation).await.expect(200);
        }
        letters += count;
        let found = server.letters(letters).await;
        for message in shown["messages"].as_array().unwrap() {
            assert!(found.iter().any(|letter| letter.body == message["body"].as_str().unwrap().trim_end()));
        }
        let token = receipt["receipt_token"].as_str().unwrap();
        server.get(&format!("/v1/actions/{}", receipt["id"].as_str().unwrap())).token(token).await.expect(200);
        assert_eq!(server.get(&path("/tally")).await.expect(200).json()["actions"], 1);
    }
    let token = token(&server).await.unwrap();
    let actions = server.get("/v1/admin/actions").token(&token).await.expect(200).json();
    assert_eq!(actions["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_demo_has_a_region_whose_members_are_chosen() {
    let server = demo().await;
    let path = |below: &str| format!("/v1/campaigns/room-to-breathe{below}");
    let found = server.post(&path("/targets")).json(&json!({ "postcode": "ZA19 1AA" })).await.expect(200).json();
    let offices = found["by_office"].as_array().unwrap();
    let region = offices.iter().find(|office| office["write_to"] == "choice").unwrap();
    assert_eq!((&region["office"], &region["up_to"], &region["seats"]), (&json!("msp_region"), &json!(3), &json!(7)));
    let everybody = offices.iter().flat_map(|office| office["representative_ids"].as_array().unwrap().iter().take(2));
    let mut person = person("ZA19 1AA");
    server.post(&path("/previews")).json(&person).await.problem(422, "validation-failed");
    person["target_ids"] = everybody.cloned().collect();
    let shown = server.post(&path("/previews")).json(&person).await.expect(200).json();
    assert_eq!(shown["messages"].as_array().unwrap().len(), 1 + 1 + 2, "the MP, the MSP and two of the region");
}

#[tokio::test]
async fn the_demo_page_loads_nothing_from_outside() {
    let server = demo().await;
    let html = server.get("/").await.expect(200).text();
    let mut pages = vec![html.clone()];
    for attribute in ["src=\"", "href=\""] {
        for file in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!file.contains("//"), "{file} is elsewhere");
            if [".js", ".css"].iter().any(|end| file.ends_with(end)) {
                let path = if file.starts_with('/') { file.to_owned() } else { format!("/{file}") };
                pages.push(server.get(&path).await.expect(200).text());
            }
        }
    }
    assert!(pages.len() >= 3, "a page, its style and its script");
    for page in &pages {
        for outside in ["http://", "https://", "@import", "//cdn"] {
            let found = page.match_indices(outside).any(|(at, _)| !page[at..].starts_with("http://www.w3.org/"));
            assert!(!found, "{outside} in {}", &page[..page.len().min(200)]);
        }
    }
}

#[tokio::test]
async fn the_demo_can_be_started_again() {
    let mut server = demo().await;
    server.post("/v1/campaigns/every-week-counts/actions").key(&key()).json(&person("ZA1 1AA")).await.expect(201);
    server.stop().await;
    server.restart().await;
    assert_eq!(server.get("/v1/campaigns").await.expect(200).json()["items"].as_array().unwrap().len(), 2);
    let tally = server.get("/v1/campaigns/every-week-counts/tally").await.expect(200).json();
    assert_eq!(tally["actions"], 1);
}

#[tokio::test]
async fn the_demo_does_not_touch_a_database_that_is_in_use() {
    let home = setup().prepare().await;
    let server = home.serve().await;
    postbag_tests::campaign::CampaignPlan::fair_care().publish(&server).await;
    drop(server);
    let (mut asked, mut refused) = (false, false);
    // Whether it refuses or serves what is there, nothing made-up may be mixed in.
    let output = tokio::time::timeout(Duration::from_secs(10), home.cli(&["serve", "--demo"])).await;
    match output {
        Ok(ended) => refused = ended.code != Some(0),
        Err(_still_running) => asked = true,
    }
    assert!(asked || refused);
    let server = home.serve().await;
    let list = server.get("/v1/campaigns").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test]
async fn the_demo_refuses_a_database_that_is_not_its_own() {
    let server = setup().start().await;
    let refused = server.cli(&["serve", "--demo"]).await.fails().text();
    assert!(refused.contains("holds data that is not the demo's"), "{refused}");
    assert!(!refused.contains("eyJ"), "no token is printed: {refused}");
}

#[tokio::test]
async fn the_demo_listens_on_this_machine_alone() {
    let home = setup().empty().prepare().await;
    let refused = home.cli_with(&[("POSTBAG_LISTEN", "0.0.0.0:0")], &["serve", "--demo"]).await.fails().text();
    assert!(refused.contains("--demo-on-any-address"), "{refused}");
}

#[tokio::test]
async fn five_demos_may_start_at_once_on_an_empty_database() {
    let home = setup().empty().arg("--demo").prepare().await;
    let starting: Vec<_> = (0..5)
        .map(|_| {
            let home = home.clone();
            tokio::spawn(async move { home.serve().await })
        })
        .collect();
    for server in starting {
        let server = server.await.unwrap();
        let list = server.get("/v1/campaigns").await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    }
    // And once more, on the database that a demo filled.
    home.serve().await.get("/readyz").await.expect(200);
}

/// The address of an operation as the documentation page calls it: parameters that have an example are filled in. Nothing if one
/// of the path's has none, such as an id.
fn as_documented(path: &str, operation: &Value) -> Option<String> {
    let mut address = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, example) = (parameter["name"].as_str().unwrap(), parameter["example"].as_str());
        match (parameter["in"].as_str().unwrap(), example) {
            ("path", None) => return None,
            ("path", Some(example)) => address = address.replace(&format!("{{{name}}}"), example),
            ("query", Some(example)) => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    Some(if query.is_empty() { address } else { format!("{address}?{}", query.join("&")) })
}

#[tokio::test]
async fn the_examples_of_every_read_in_the_document_work_on_the_demo() {
    let server = demo().await;
    let token = token(&server).await.unwrap();
    let document = server.get("/openapi.json").await.expect(200).json();
    let mut read = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        // What a mailed link opens needs the mail.
        let mailed = ["confirmation_token", "preferences_token"];
        let is_open = |operation: &&Value| mailed.iter().all(|token| operation["security"][0].get(token).is_none());
        let operation = item.get("get").filter(|_| path.starts_with("/v1")).filter(is_open);
        if let Some(address) = operation.and_then(|operation| as_documented(path, operation)) {
            server.get(&address).token(&token).await.expect(200);
            read += 1;
        }
    }
    assert!(read > 20, "{read} were read");
    let example = &document["components"]["schemas"]["SuppressPerson"]["examples"][0];
    server.post("/v1/admin/suppressions").token(&token).json(example).await.expect(204);
}

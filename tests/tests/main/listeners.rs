//! What is served where: administration apart from what everybody calls (C35).

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::client::{Client, raw};
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};

use crate::document::operations;
use crate::setup;

/// What is on both listeners.
const SHARED: [&str; 6] = ["/livez", "/readyz", "/openapi.json", "/openapi.yaml", "/problems", "/problems/{slug}"];

fn is_administration(path: &str) -> bool {
    path.starts_with("/v1/admin/") || path == "/metrics"
}

/// Every path of the document, with the method that it takes.
async fn paths(server: &Server) -> Vec<(String, String)> {
    let document = server.get("/openapi.json").await.expect(200).json();
    let calls = operations(&document).into_iter().map(|operation| (operation.method, operation.path));
    calls.filter(|(_, path)| !SHARED.contains(&path.as_str())).collect()
}

#[tokio::test]
async fn the_public_listener_finds_no_administration_with_a_token_or_without() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    let token = server.operator().await;
    let public = Client::at(server.addr());
    let unknown = public.call("GET", "/nowhere").await.problem(404, "not-found");
    let mut tried = 0;
    for (method, path) in paths(&server).await.into_iter().filter(|(_, path)| is_administration(path)) {
        let path = path.replace("{slug}", "fair-care").replace("{id}", "0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55");
        for call in [public.call(&method, &path), public.call(&method, &path).token(&token)] {
            let problem = call.json(&json!({})).await.problem(404, "not-found");
            let same = ["type", "title", "status", "detail"].iter().all(|member| problem[member] == unknown[member]);
            assert!(same, "{method} {path} is answered as any unknown path: {problem}");
        }
        tried += 1;
    }
    assert!(tried > 50, "{tried} calls");
    let options = |path| public.call("OPTIONS", path);
    assert_eq!(options("/v1/admin/actions").await.status, options("/nowhere").await.status);
}

#[tokio::test]
async fn the_listener_for_administration_takes_no_submission() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let administration = Client::at(server.admin_addr());
    let body = submission(&ALDER.postcode(0), "ada@kanarien.example");
    administration.call("POST", &campaign.actions()).key(&key()).json(&body).await.problem(404, "not-found");
    for (method, path) in paths(&server).await.into_iter().filter(|(_, path)| !is_administration(path)) {
        let path = path.replace("{slug}", &campaign.slug);
        administration.call(&method, &path).json(&json!({})).await.problem(404, "not-found");
    }
    for page in ["/confirm/x", "/preferences/x", "/offices/fair-care", "/unsubscribe/x"] {
        administration.call("GET", page).await.problem(404, "not-found");
    }
    server.letters(0).await;
}

#[tokio::test]
async fn both_listeners_tell_their_health_and_show_the_document() {
    let server = setup().start().await;
    for client in [Client::at(server.addr()), Client::at(server.admin_addr())] {
        for path in ["/livez", "/readyz", "/openapi.json", "/openapi.yaml", "/problems/not-found", "/docs/"] {
            client.call("GET", path).await.expect(200);
        }
        let type_of_problem = client.call("GET", "/nowhere").await.problem(404, "not-found")["type"].clone();
        assert_eq!(type_of_problem, "http://127.0.0.1:0/problems/not-found", "under the public address");
        assert_eq!(client.call("GET", "/").await.header("location"), "/docs/");
    }
}

#[tokio::test]
async fn a_forged_host_opens_nothing() {
    let server = setup().with("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]").start().await;
    let token = server.operator().await;
    let (public, administration) = (Client::at(server.addr()), Client::at(server.admin_addr()));
    let there = server.admin_addr().to_string();
    for host in [there.as_str(), "localhost:8081", "127.0.0.1:8081", "cms.example.org"] {
        let forged = public.call("GET", "/v1/admin/actions").token(&token).header("host", host);
        let forged = forged.header("x-forwarded-host", host).header("forwarded", &format!("host={host}"));
        forged.await.problem(404, "not-found");
        // And administration is there under whatever name a proxy calls it by.
        administration.call("GET", "/v1/admin/actions").token(&token).header("host", host).await.expect(200);
    }
}

#[tokio::test]
async fn pages_change_nothing_in_administration_but_its_own_under_admin_url() {
    let server = setup().with("POSTBAG_ADMIN_URL", "https://cms.example.org").start().await;
    let token = server.operator().await;
    let stop = json!({ "scope": "everything", "work": "sending", "note": "A test." });
    let from = |origin: &str| server.post("/v1/admin/stops").token(&token).origin(origin).json(&stop);
    CampaignPlan::fair_care().publish(&server).await;
    for stranger in ["https://www.harbour.example", "http://127.0.0.1:0", "https://cms.example.org.evil.example"] {
        let refused = from(stranger).await;
        refused.problem(403, "origin-not-allowed");
        assert_eq!(refused.find("access-control-allow-origin"), None);
    }
    from("https://cms.example.org").await.expect(201);
}

#[tokio::test]
async fn a_server_that_only_sends_tells_its_health_on_both_listeners() {
    let server = setup().with("POSTBAG_ROLE", "worker").start().await;
    let token = server.operator().await;
    for client in [Client::at(server.addr()), Client::at(server.admin_addr())] {
        client.call("GET", "/livez").await.expect(200);
        client.call("GET", "/readyz").await.expect(200);
        client.call("GET", "/v1/admin/actions").token(&token).await.problem(404, "not-found");
        client.call("GET", "/openapi.json").await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_stopping_server_answers_what_had_come_in_at_either_listener() {
    let mut server = setup().with("POSTBAG_BODY_DEADLINE_SECONDS", 3).start().await;
    let token = server.operator().await;
    // Its threads are at work from the first answer on.
    Client::at(server.admin_addr()).call("GET", "/livez").await.expect(200);
    let head = format!(
        "POST /v1/admin/stops HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    );
    let (address, request) = (server.admin_addr(), format!("{head}Content-Length: 500\r\n\r\n{{"));
    let slow = tokio::spawn(async move { raw(address, request.as_bytes()).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.ask_to_stop();
    slow.await.unwrap().problem(408, "request-timeout");
    server.end().await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_named_with_its_setting() {
    let server = setup().start().await;
    let taken = server.admin_addr().to_string();
    let told = server.cli_with(&[("POSTBAG_ADMIN_LISTEN", &taken)], &["serve"]).await.fails().text();
    assert!(told.contains(&taken) && told.contains("admin_listen"), "{told}");
}

#[tokio::test]
async fn the_document_names_both_listeners() {
    let server = setup().start().await;
    let document = server.get("/openapi.json").await.expect(200).json();
    let public = document["servers"].as_array().unwrap();
    assert_eq!((public.len(), &public[0]["url"]), (1, &json!("/")));
    for (path, item) in document["paths"].as_object().unwrap() {
        let servers = item["servers"].as_array();
        assert_eq!(servers.is_some(), is_administration(path), "{path}: {servers:?}");
        let Some(servers) = servers else { continue };
        assert_eq!((servers.len(), &servers[0]["url"]), (1, &json!("{admin_url}")), "{path}");
        let variable: &Value = &servers[0]["variables"]["admin_url"];
        assert!(variable["default"].is_string() && variable["description"].is_string(), "{variable}");
    }
    assert!(!document.to_string().contains(&server.admin_addr().to_string()), "where it really is, is not told");
}

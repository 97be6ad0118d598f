//! The published document and its page (A14, A15).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::setup;

/// One operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) has_body: bool,
    pub(crate) value: Value,
}

/// Every operation of a document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, value) in item.as_object().unwrap() {
            if !matches!(method.as_str(), "get" | "put" | "post" | "delete" | "patch") {
                continue;
            }
            let security = value["security"].as_array().cloned().unwrap_or_default();
            let scopes = security.iter().filter_map(|one| one["bearer"].as_array()).flatten();
            let scopes = scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect();
            let (method, has_body) = (method.to_uppercase(), value.get("requestBody").is_some());
            all.push(Operation { method, path: path.clone(), scopes, has_body, value: value.clone() });
        }
    }
    all
}

/// What a reference leads to.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => value,
    }
}

#[tokio::test]
async fn the_committed_document_is_the_one_that_is_served() {
    let server = setup().start().await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let committed = std::fs::read_to_string(path).expect("openapi.yaml at the root");
    let answered = server.get("/openapi.yaml").await.expect(200).text();
    let printed = server.cli(&["openapi"]).await.succeeds().stdout;
    assert!(answered == printed, "`postbag openapi` prints another document than the server serves");
    assert!(committed == answered, "openapi.yaml is not current: cargo run -- openapi > openapi.yaml");
}

#[tokio::test]
async fn the_document_tells_everything_about_every_operation() {
    let server = setup().start().await;
    let document = server.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    let mut ids = BTreeSet::new();
    for operation in &operations {
        let what = format!("{} {}", operation.method, operation.path);
        let value = &operation.value;
        let id = value["operationId"].as_str().unwrap_or_else(|| panic!("{what} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} twice");
        assert!(value["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{what} has no summary");
        assert_eq!(value["tags"].as_array().map(Vec::len), Some(1), "{what}");
        check_responses(&document, operation, &what);
        check_body(&document, operation, &what);
        check_security(operation, &what);
    }
    for (method, path) in [
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/campaigns/{slug}"),
        ("GET", "/v1/campaigns/{slug}/form"),
        ("POST", "/v1/campaigns/{slug}/targets"),
        ("POST", "/v1/campaigns/{slug}/previews"),
        ("POST", "/v1/campaigns/{slug}/actions"),
        ("GET", "/v1/actions/{id}"),
        ("GET", "/v1/campaigns/{slug}/tally"),
        ("GET", "/v1/campaigns/{slug}/tally/areas"),
        ("GET", "/v1/campaigns/{slug}/tally/representatives"),
        ("PUT", "/v1/admin/organisations/{slug}"),
        ("PUT", "/v1/admin/campaigns/{slug}"),
        ("POST", "/v1/admin/campaigns/{slug}/transitions"),
        ("PUT", "/v1/admin/campaigns/{slug}/asks"),
        ("POST", "/v1/admin/campaigns/{slug}/templates"),
        ("PUT", "/v1/admin/campaigns/{slug}/consent-questions"),
        ("GET", "/v1/admin/campaigns/{slug}/tally"),
        ("GET", "/v1/admin/actions"),
        ("GET", "/v1/admin/deliveries"),
        ("GET", "/v1/admin/representatives"),
        ("PUT", "/v1/admin/representatives/{id}"),
    ] {
        assert!(operations.iter().any(|one| one.method == method && one.path == path), "{method} {path} is missing");
    }
}

fn check_responses(document: &Value, operation: &Operation, what: &str) {
    let responses = operation.value["responses"].as_object().unwrap_or_else(|| panic!("{what} has no responses"));
    assert!(responses.keys().any(|status| status.starts_with('2') || status.starts_with('3')), "{what}");
    for (status, response) in responses {
        let response = resolve(document, response);
        assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{what} {status}");
        let is_error = status.starts_with('4') || status.starts_with('5');
        if is_error && !operation.path.starts_with("/readyz") {
            let content = response["content"].as_object().unwrap_or_else(|| panic!("{what} {status} has no content"));
            assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{what} {status}");
        }
    }
    let must = |status: &str| assert!(responses.contains_key(status), "{what} does not tell of {status}");
    if operation.path.contains('{') {
        must("404");
    }
    if operation.has_body {
        ["400", "408", "413", "415", "422"].into_iter().for_each(must);
    }
    if !operation.scopes.is_empty() {
        ["401", "403"].into_iter().for_each(must);
    }
    let parameters = operation.value["parameters"].as_array().cloned().unwrap_or_default();
    for parameter in &parameters {
        let parameter = resolve(document, parameter);
        if parameter["name"] == "If-Match" {
            ["412", "428"].into_iter().for_each(must);
        }
        if parameter["in"] == "path" {
            assert_eq!(parameter["required"], true, "{what}");
        }
    }
}

fn check_body(document: &Value, operation: &Operation, what: &str) {
    if !operation.has_body {
        return;
    }
    let body = resolve(document, &operation.value["requestBody"]);
    assert_eq!(body["required"], true, "{what}");
    if let Some(raw) = body["content"].get("message/rfc822") {
        assert!(raw.get("example").is_some(), "{what} has no example of a body");
        return;
    }
    let media = &body["content"]["application/json"];
    let schema = resolve(document, &media["schema"]);
    let has_example =
        ["example", "examples"].iter().any(|name| media.get(name).is_some() || schema.get(name).is_some());
    assert!(has_example, "{what} has no example of a body");
    assert_eq!(schema["additionalProperties"], false, "{what} refuses unknown fields and must say so");
}

/// True for what people do with the link to their preferences.
fn is_own(path: &str) -> bool {
    path.starts_with("/v1/preferences") && path != "/v1/preferences/links"
}

fn check_security(operation: &Operation, what: &str) {
    let secured = operation.value["security"].as_array().is_some_and(|security| !security.is_empty());
    if operation.path.starts_with("/v1/admin/") {
        assert!(!operation.scopes.is_empty(), "{what} names no scope");
    } else if matches!(
        (operation.method.as_str(), operation.path.as_str()),
        ("GET", "/v1/actions/{id}" | "/v1/confirmations") | ("POST", "/v1/actions/{id}/appeals")
    ) || is_own(&operation.path)
    {
        assert!(secured && operation.scopes.is_empty(), "{what} takes a token that is no JWT");
    } else {
        assert!(!secured, "{what} is public");
    }
}

#[tokio::test]
async fn every_kind_of_problem_has_a_page() {
    let server = setup().start().await;
    let document = server.get("/openapi.json").await.expect(200).text();
    let kinds: BTreeSet<_> = document
        .match_indices("/problems/")
        .map(|(at, _)| {
            document[at..].chars().take_while(|c| c.is_ascii_lowercase() || matches!(c, '/' | '-')).collect::<String>()
        })
        .filter(|path| path.len() > "/problems/".len())
        .collect();
    assert!(kinds.len() > 20, "{kinds:?}");
    for kind in kinds {
        server.get(&kind).await.expect(200);
    }
    server.get("/problems/none-such").await.problem(404, "not-found");
}

#[tokio::test]
async fn the_page_of_the_document_loads_nothing_from_outside() {
    let server = setup().start().await;
    let page = server.get("/docs").await;
    assert!(matches!(page.status, 200 | 301 | 302 | 307 | 308), "{}", page.status);
    let page = server.get("/docs/").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("http") && policy.contains("default-src"), "{policy}");
    let html = page.text();
    let files: Vec<_> = ["src=\"", "href=\""].iter().flat_map(|attribute| attributes(&html, attribute)).collect();
    for end in [".js", ".css"] {
        assert!(files.iter().any(|file| file.ends_with(end)), "{end} in {files:?}");
    }
    for file in files {
        assert!(!file.contains("//"), "{file} is elsewhere");
        let file = server.get(&format!("/docs/{}", file.trim_start_matches("./"))).await.expect(200);
        assert!(!file.body.is_empty());
    }
    let start = server.get("/docs/swagger-initializer.js").await.expect(200).text();
    assert!(start.contains("/openapi.json"), "{start}");
    assert!(!start.contains("https://"), "{start}");
}

/// The values of an attribute.
fn attributes<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let after = html.split(attribute).skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

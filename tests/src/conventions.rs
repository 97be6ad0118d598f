//! What every answer must keep, in every test (A1, A6, A22, C30).

use reqwest::Method;
use serde_json::Value;

use crate::client::Answer;
use crate::{contract, country};

/// Panics unless the answer keeps the conventions.
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    let at = format!("{method} {path} -> {} {:?}\n{}", answer.status, answer.headers, answer.text());
    assert_eq!(answer.find("x-content-type-options"), Some("nosniff"), "{at}");
    assert!(answer.find("server").is_none() && answer.find("x-powered-by").is_none(), "{at}");
    check_type(answer, method, &at);
    contract::check(method.as_str(), path, answer);
    check_status(path, answer, &at);
    // A probe tells its checks, and a page for people says it in words; everything else that goes wrong is a problem.
    let is_for_people = path.starts_with("/offices/");
    if answer.status >= 400 && *method != Method::HEAD && path != "/readyz" && !is_for_people {
        check_problem(answer, &at);
    }
    if answer.status < 300 {
        check_caching(method, path, answer, &at);
        check_list(method, path, answer, &at);
    }
    if !path.starts_with("/v1/admin/") {
        assert!(!answer.text().contains(country::MEMBERS), "a representative's address: {at}");
    }
}

/// Text says its charset, and JSON is what it says.
fn check_type(answer: &Answer, method: &Method, at: &str) {
    if matches!(answer.status, 204 | 304) {
        assert!(answer.body.is_empty(), "{at}");
    }
    if answer.body.is_empty() || *method == Method::HEAD {
        return;
    }
    let content_type = answer.header("content-type");
    if content_type.starts_with("text/") {
        assert!(content_type.to_ascii_lowercase().contains("charset=utf-8"), "{at}");
    }
    if content_type.starts_with("application/json") {
        serde_json::from_slice::<Value>(&answer.body).unwrap_or_else(|error| panic!("{error}: {at}"));
    }
}

/// Some statuses come with a header.
fn check_status(path: &str, answer: &Answer, at: &str) {
    match answer.status {
        401 => assert!(answer.header("www-authenticate").starts_with("Bearer"), "{at}"),
        405 => assert!(!answer.header("allow").is_empty(), "{at}"),
        429 | 503 if path != "/readyz" && !answer.text().contains("/problems/directory-empty") => {
            assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|wait| wait >= 1), "{at}");
        }
        500 => panic!("a failure on the server's side: {at}"),
        _ => {}
    }
}

/// Every error is a problem (RFC 9457).
fn check_problem(answer: &Answer, at: &str) {
    assert_eq!(answer.find("content-type"), Some("application/problem+json"), "{at}");
    let body = answer.json();
    assert!(body["type"].as_str().is_some_and(|kind| kind.starts_with("http") && kind.contains("/problems/")), "{at}");
    assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{at}");
    assert_eq!(body["status"], answer.status, "{at}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.starts_with(char::is_lowercase)), "{at}");
    assert!(body["instance"].as_str().is_some_and(|instance| instance.starts_with("urn:uuid:")), "{at}");
    let errors = body.get("errors").map(|errors| errors.as_array().unwrap_or_else(|| panic!("{at}")));
    for error in errors.into_iter().flatten() {
        let place = error.get("pointer").or_else(|| error.get("parameter")).and_then(Value::as_str);
        assert!(place.is_some(), "{at}");
        assert!(error["code"].as_str().is_some_and(|code| !code.is_empty()), "{at}");
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{at}");
    }
}

/// What is personal is never stored; what browsers repeat has a tag.
fn check_caching(method: &Method, path: &str, answer: &Answer, at: &str) {
    let read = *method == Method::GET;
    let personal = path.starts_with("/v1/admin/") || path.starts_with("/v1/actions/") || *method == Method::POST;
    // Each is for one caller.
    let is_fresh = path.ends_with("/challenge");
    if path.starts_with("/v1/") && (personal || is_fresh) {
        assert!(answer.find("cache-control").is_some_and(|value| value.contains("no-store")), "{at}");
    }
    let public = ["/v1/campaigns/", "/v1/representatives", "/v1/areas", "/v1/bodies"];
    if read && !is_fresh && public.iter().any(|start| path.starts_with(start)) {
        assert!(answer.header("etag").starts_with('"'), "{at}");
        assert!(answer.header("cache-control").contains("max-age"), "{at}");
    }
}

/// A list has items, says how it goes on, and says it in a header too.
fn check_list(method: &Method, path: &str, answer: &Answer, at: &str) {
    if *method != Method::GET || !answer.find("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return;
    }
    let body = answer.json();
    if body.get("items").is_some() {
        assert!(body["items"].is_array(), "{at}");
        let next = body.get("next_cursor").unwrap_or_else(|| panic!("{at}"));
        let link = answer.header("link");
        assert_eq!(next.is_string(), link.contains("rel=\"next\""), "{path} {at}");
    }
}

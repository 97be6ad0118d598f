//! Requests that are wrong before anybody looks at what they say (A1, A20, C18 to C21).

use std::time::{Duration, Instant};

use postbag_tests::campaign::{CampaignPlan, Published};
use postbag_tests::client::{Answer, raw};
use postbag_tests::country::ALDER;
use postbag_tests::server::Server;
use postbag_tests::supporter::{key, submission};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::setup;

const LIMIT: usize = 64 * 1024;

async fn started() -> (Server, Published) {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    (server, campaign)
}

fn whole() -> Value {
    submission(&ALDER.postcode(0), "ada@kanarien.example")
}

async fn post(server: &Server, campaign: &Published, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    server.post(&campaign.actions()).key(&key()).body(content_type, body.into()).await
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let (server, _) = started().await;
    for path in
        ["/nowhere", "/v1", "/v1/campaigns/unknown", "/v1/campaigns/unknown/tally", "/v1/actions/17", "/v2/campaigns"]
    {
        let answer = server.get(path).token("any").await;
        assert!(matches!(answer.status, 404 | 401), "{path}: {}", answer.text());
    }
    let answer = server.post("/v1/campaigns/unknown/actions").key(&key()).json(&whole()).await;
    answer.problem(404, "not-found");
    server.get("/v1/campaigns/Not%20A%20Slug").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_right_ones() {
    let (server, campaign) = started().await;
    let tally = campaign.path("/tally");
    for (method, path, allowed) in [
        ("GET", &campaign.actions(), "POST"),
        ("DELETE", &tally, "GET"),
        ("PATCH", &tally, "GET"),
        ("POST", &tally, "GET"),
    ] {
        let answer = server.call(method, path).await;
        answer.problem(405, "method-not-allowed");
        let allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        assert!(allow.contains(&allowed) && !allow.contains(&method), "{method} {path}: {allow:?}");
    }
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let (server, campaign) = started().await;
    let valid = whole().to_string();
    let deep = "[".repeat(20_000);
    let bodies: [(&str, Vec<u8>); 7] = [
        ("empty", Vec::new()),
        ("cut", valid.as_bytes()[..valid.len() / 2].to_vec()),
        ("trailing", format!("{valid} {{}}").into_bytes()),
        ("not UTF-8", b"{\"supporter\":\"\xff\xfe\"}".to_vec()),
        ("deep", deep.into_bytes()),
        ("words", b"first_name=Ada".to_vec()),
        ("a number too large", b"{\"supporter\":1e999}".to_vec()),
    ];
    for (what, body) in bodies {
        let begin = Instant::now();
        let answer = post(&server, &campaign, "application/json", body).await;
        assert!(matches!(answer.status, 400 | 422), "{what}: {}", answer.text());
        assert!(begin.elapsed() < Duration::from_secs(1), "{what}");
        if what != "deep" && what != "a number too large" {
            answer.problem(400, "malformed-json");
        }
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_where_it_stands() {
    let (server, campaign) = started().await;
    for (place, pointer) in [
        ("", "/recipient"),
        ("/supporter", "/supporter/recipient"),
        ("/supporter/address", "/supporter/address/recipient"),
        ("/source", "/source/recipient"),
    ] {
        let mut body = whole();
        body.pointer_mut(place).unwrap()["recipient"] = json!("x@members.invalid");
        let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
        answer.problem(422, "validation-failed");
        assert_eq!(answer.pointers(), [pointer]);
    }
    let text = whole().to_string().replacen("\"email\":", "\"email\":\"x@kanarien.example\",\"email\":", 1);
    let answer = post(&server, &campaign, "application/json", text).await;
    answer.problem(422, "validation-failed");
    assert_eq!(answer.pointers(), ["/supporter/email"], "given twice");
}

#[tokio::test]
async fn a_wrong_type_is_refused_where_it_stands() {
    let (server, campaign) = started().await;
    for (pointer, value) in [
        ("/supporter", json!([])),
        ("/supporter/email", json!(17)),
        ("/supporter/address", json!("17 Kanarienweg")),
        ("/personal_message", json!({ "text": "x" })),
        ("/source/source", json!(true)),
    ] {
        let mut body = whole();
        *body.pointer_mut(pointer).unwrap() = value;
        let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
        answer.problem(422, "validation-failed");
        assert_eq!(answer.pointers(), [pointer]);
    }
    let mut body = whole();
    body["supporter"].as_object_mut().unwrap().remove("email");
    let answer = server.post(&campaign.actions()).key(&key()).json(&body).await;
    assert_eq!(answer.pointers(), ["/supporter/email"]);
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let (server, campaign) = started().await;
    let valid = whole().to_string();
    for wrong in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonp", ""]
    {
        post(&server, &campaign, wrong, valid.clone()).await.problem(415, "unsupported-media-type");
    }
    for right in ["application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        post(&server, &campaign, right, valid.clone()).await.expect(201);
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_unread() {
    let (server, campaign) = started().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
        let call = server.post(&campaign.actions()).key(&key()).header("content-encoding", encoding);
        let answer = call.body("application/json", vec![0x1f, 0x8b, 8, 0]).await;
        answer.problem(415, "content-encoding-unsupported");
    }
}

#[tokio::test]
async fn a_body_may_be_64_kilobytes_and_not_one_byte_more() {
    let (server, campaign) = started().await;
    let padded = |length: usize| {
        let text = whole().to_string();
        format!("{text}{}", " ".repeat(length - text.len()))
    };
    post(&server, &campaign, "application/json", padded(LIMIT)).await.expect(201);
    let problem =
        post(&server, &campaign, "application/json", padded(LIMIT + 1)).await.problem(413, "content-too-large");
    assert_eq!(problem["limit"], LIMIT);

    // Without an announced length, a piece at a time.
    let mut request = head(&campaign, "Transfer-Encoding: chunked\r\n");
    for piece in padded(LIMIT + 1).as_bytes().chunks(4096) {
        request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        request.extend(piece);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    raw(server.addr(), &request).await.problem(413, "content-too-large");
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for() {
    let server = setup().with("POSTBAG_BODY_DEADLINE_SECONDS", 1).start().await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let mut request = head(&campaign, "Content-Length: 500\r\n");
    request.extend(b"{\"supporter\":");
    let begin = Instant::now();
    raw(server.addr(), &request).await.problem(408, "request-timeout");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_request_that_could_be_read_in_two_ways_is_refused() {
    let (server, campaign) = started().await;
    let body = whole().to_string();
    let length = body.len();
    let cases = [
        format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length - 1),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        "Transfer-Encoding: gzip, chunked\r\n".to_owned(),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: -{length}\r\n"),
    ];
    for framing in cases {
        let mut request = head(&campaign, &framing);
        request.extend(body.as_bytes());
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(8), stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{framing}: {answer}");
    }
    server.letters(0).await;
}

/// The head of a submission, framed by hand.
fn head(campaign: &Published, framing: &str) -> Vec<u8> {
    let (path, key) = (campaign.actions(), key());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n{framing}\r\n"
    );
    head.into_bytes()
}

//! Everything the framework would answer by itself, over the whole application.

use super::*;
use crate::app::samples;
use crate::auth::{Caller, scope};
use crate::clock::Clock;
use crate::http::extract::{IdempotencyKey, Json, Path, Query};
use crate::http::fallback;
use crate::http::method_table::MethodTable;
use crate::http::mount;
use actix_web::HttpResponse;
use actix_web::dev::Service;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use chrono::DateTime;
use serde_json::Value;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    text: String,
}

#[derive(Debug, serde::Deserialize)]
struct Id {
    id: Uuid,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    limit: Option<u8>,
}

async fn echo(_: IdempotencyKey, body: Json<Body>) -> HttpResponse {
    HttpResponse::Ok().json(body.0.text.len())
}

async fn item(path: Path<Id>, query: Query<Filter>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{} {:?}", path.0.id, query.0.limit))
}

async fn panics() -> HttpResponse {
    panic!("ada@example.org");
}

async fn breaks() -> Result<HttpResponse, Problem> {
    Err(Problem::internal(anyhow::anyhow!("ada@example.org")))
}

async fn guarded(caller: Caller<scope::CampaignsWrite>) -> HttpResponse {
    HttpResponse::Ok().body(caller.subject().to_owned())
}

async fn large() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, "\"v1\"")).json("x".repeat(5000))
}

fn clock() -> Clock {
    Clock::still(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The slug of the problem, having checked that it is a whole one.
    fn problem(&self) -> String {
        let body = self.json();
        assert_eq!(self.header("content-type"), crate::http::problem::MEDIA_TYPE);
        assert_eq!(body["status"], self.status);
        assert_eq!(body["instance"], format!("urn:uuid:{}", self.header("x-request-id")));
        assert!(body["title"].is_string() && body["detail"].is_string());
        assert!(!body.to_string().contains("ada@example.org"));
        let slug = body["type"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080/problems/");
        slug.unwrap_or_else(|| panic!("{body}")).to_owned()
    }
}

async fn ask(request: TestRequest) -> Seen {
    ask_at(Listener::Public, request).await
}

async fn ask_at(listener: Listener, request: TestRequest) -> Seen {
    let (app, _folder) = samples::app(clock());
    app.origins.replace([("fair-care".to_owned(), vec!["https://red.example".to_owned()])]);
    let shared = web::Data::from(Arc::clone(&app));
    let service = actix_web::App::new()
        .route("/v1/campaigns/{slug}/echo", web::post().to(echo))
        .route("/v1/items/{id}", web::get().to(item))
        .route("/v1/panics", web::get().to(panics))
        .route("/v1/breaks", web::get().to(breaks))
        .route("/v1/large", web::get().to(large))
        .route("/v1/admin/guarded", web::get().to(guarded))
        .configure(|config| mount::mount(config, app.config.role, listener))
        .default_service(web::to(fallback::answer))
        .wrap(Edge::new(&shared, listener))
        .app_data(web::Data::new(MethodTable::of(app.config.role, listener)))
        .app_data(shared);
    let service = init_service(service).await;
    let response = match service.call(request.to_request()).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            let response = error.error_response();
            ServiceResponse::new(TestRequest::default().to_http_request(), response)
        }
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Seen { status, headers, body: read_body(response).await.to_vec() }
}

fn post() -> TestRequest {
    TestRequest::post()
        .uri("/v1/campaigns/fair-care/echo")
        .insert_header(("idempotency-key", "k"))
        .insert_header(("content-type", "application/json"))
}

#[actix_web::test]
async fn every_answer_of_the_framework_is_a_problem() {
    let cases = [
        (TestRequest::get().uri("/nowhere"), 404, "not-found"),
        (TestRequest::post().uri("/livez"), 405, "method-not-allowed"),
        (TestRequest::get().uri("/problems/no-such"), 404, "not-found"),
        (TestRequest::get().uri("/v1/items/17"), 404, "not-found"),
        (TestRequest::get().uri("/v1/items/0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55?x=1"), 400, "query-invalid"),
        (TestRequest::get().uri("/v1/breaks"), 500, "internal"),
        (TestRequest::get().uri("/v1/panics"), 500, "internal"),
        (post().set_payload("{"), 400, "malformed-json"),
        (post().set_payload("{\"text\":\"\"}{}"), 400, "malformed-json"),
        (post().set_payload("{\"other\":1}"), 422, "validation-failed"),
        (post().insert_header(("content-type", "text/plain")).set_payload("{}"), 415, "unsupported-media-type"),
        (post().insert_header(("content-encoding", "gzip")).set_payload("{}"), 415, "content-encoding-unsupported"),
        (post().set_payload(format!("{{\"text\":\"{}\"}}", "x".repeat(65_536))), 413, "content-too-large"),
        (post().insert_header(("content-length", "65537")), 413, "content-too-large"),
        (post().insert_header(("idempotency-key", "")).set_payload("{}"), 400, "idempotency-key-invalid"),
        (post().insert_header(("origin", "https://evil.example")).set_payload("{}"), 403, "origin-not-allowed"),
        (TestRequest::get().uri("/v1/admin/guarded"), 401, "token-missing"),
    ];
    for (request, status, problem) in cases {
        let seen = ask(request).await;
        assert_eq!((seen.status, seen.problem().as_str()), (status, problem));
        assert_eq!(seen.header("cache-control"), "no-store");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
    }
}

#[actix_web::test]
async fn what_is_right_passes() {
    assert_eq!(ask(post().set_payload("{\"text\":\"abc\"}")).await.json(), 3);
    let limit = format!("{{\"text\":\"{}\"}}", "x".repeat(65_536 - 11));
    assert_eq!(ask(post().set_payload(limit)).await.status, 200);
    let typed = post().insert_header(("content-type", "application/json; charset=utf-8")).set_payload("{}");
    assert_eq!(ask(typed).await.status, 200);
    let live = ask(TestRequest::get().uri("/livez")).await;
    assert_eq!((live.status, live.json()["live"].as_bool()), (200, Some(true)));
}

#[actix_web::test]
async fn a_wrong_method_is_answered_with_the_right_ones() {
    let seen = ask(TestRequest::delete().uri("/problems/internal")).await;
    assert_eq!((seen.status, seen.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let options = ask(TestRequest::default().method(Method::OPTIONS).uri("/livez")).await;
    assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, OPTIONS"));
    assert_eq!(ask(TestRequest::default().method(Method::HEAD).uri("/livez")).await.status, 200);
    assert_eq!(ask(TestRequest::default().method(Method::HEAD).uri("/nowhere")).await.status, 404);
}

#[actix_web::test]
async fn a_token_must_be_good_and_carry_the_scope() {
    let (app, _folder) = samples::app(clock());
    let token = |scope| {
        let grant = crate::auth::Grant {
            subject: "cms".to_owned(),
            org: crate::auth::Org::Operator,
            scopes: vec![scope],
            lifetime: std::time::Duration::from_mins(1),
        };
        crate::auth::issue(&app.config.auth, grant, app.clock.now()).unwrap().token
    };
    let with = |token: String| {
        TestRequest::get().uri("/v1/admin/guarded").insert_header(("authorization", format!("Bearer {token}")))
    };
    assert_eq!(ask(with(token(crate::auth::ScopeName::CampaignsWrite))).await.body, b"cms");
    let seen = ask(with(token(crate::auth::ScopeName::CampaignsRead))).await;
    assert_eq!((seen.status, seen.problem().as_str()), (403, "scope-insufficient"));
    assert!(seen.header("www-authenticate").contains("scope=\"campaigns:write\""));
    let seen = ask(with("nonsense".to_owned())).await;
    assert_eq!((seen.status, seen.problem().as_str()), (401, "token-invalid"));
    assert!(seen.header("www-authenticate").contains("error=\"invalid_token\""));
}

#[actix_web::test]
async fn pages_of_the_campaign_may_call_and_others_may_not() {
    let seen = ask(post().insert_header(("origin", "https://red.example")).set_payload("{}")).await;
    assert_eq!((seen.status, seen.header("access-control-allow-origin")), (200, "https://red.example"));
    assert!(seen.header("vary").contains("Origin") && seen.header("access-control-expose-headers").contains("etag"));
    let refused = ask(post().insert_header(("origin", "https://red.example")).set_payload("{")).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (400, "https://red.example"));
    let preflight = |origin: &'static str| {
        TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/v1/campaigns/fair-care/echo")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header(("access-control-request-headers", "content-type, idempotency-key"))
    };
    let seen = ask(preflight("https://red.example")).await;
    assert_eq!((seen.status, seen.header("access-control-allow-origin")), (200, "https://red.example"));
    let evil = "https://evil.example";
    let seen = ask(preflight(evil)).await;
    assert_eq!((seen.status, seen.header("access-control-allow-origin")), (200, evil), "to read why it is refused");
    let seen = ask(post().insert_header(("origin", evil)).set_payload("{}")).await;
    assert_eq!((seen.problem().as_str(), seen.header("access-control-allow-origin")), ("origin-not-allowed", evil));
    let read = ask(TestRequest::get().uri("/v1/large").insert_header(("origin", evil))).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, evil));
    let administration = TestRequest::get().uri("/v1/admin/guarded").insert_header(("origin", evil));
    let administration = ask_at(Listener::Administration, administration).await;
    assert_eq!(administration.header("access-control-allow-origin"), "");
}

#[actix_web::test]
async fn large_texts_are_compressed_for_those_who_ask() {
    let plain = ask(TestRequest::get().uri("/v1/large")).await;
    assert_eq!((plain.header("content-encoding"), plain.header("etag")), ("", "\"v1\""));
    assert!(plain.header("vary").contains("Accept-Encoding") || plain.headers.get_all("vary").count() > 1);
    let squeezed = ask(TestRequest::get().uri("/v1/large").insert_header(("accept-encoding", "br, gzip;q=0.5"))).await;
    assert_eq!((squeezed.header("content-encoding"), squeezed.header("etag")), ("gzip", "\"v1-gzip\""));
    assert!(squeezed.body.len() < 200);
    let small = ask(TestRequest::get().uri("/livez").insert_header(("accept-encoding", "gzip"))).await;
    assert_eq!(small.header("content-encoding"), "");
}

#[actix_web::test]
async fn the_documentation_loads_nothing_from_elsewhere() {
    let page = ask(TestRequest::get().uri("/docs/")).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    let script = ask(TestRequest::get().uri("/docs/swagger-initializer.js")).await;
    assert!(String::from_utf8(script.body).unwrap().contains("/openapi.json"));
    assert_eq!(ask(TestRequest::get().uri("/docs")).await.header("location"), "/docs/");
    assert_eq!(ask(TestRequest::get().uri("/docs/no-such.js")).await.status, 404);
}

#[actix_web::test]
async fn the_document_is_served_and_need_not_be_fetched_again() {
    let first = ask(TestRequest::get().uri("/openapi.json")).await;
    assert_eq!(first.json()["openapi"], "3.1.0");
    let tag = first.header("etag").to_owned();
    let again = ask(TestRequest::get().uri("/openapi.json").insert_header(("if-none-match", tag))).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert!(ask(TestRequest::get().uri("/openapi.yaml")).await.body.starts_with(b"openapi: 3.1.0"));
}

#[actix_web::test]
async fn a_draining_server_lives_but_is_not_ready() {
    let (app, _folder) = samples::app(clock());
    app.refresh().await.unwrap();
    let service = init_service(crate::app::build::build(web::Data::from(Arc::clone(&app)), Listener::Public)).await;
    let ready = || TestRequest::get().uri("/readyz").to_request();
    assert_eq!(call_service(&service, ready()).await.status(), 200);
    app.draining.begin();
    assert_eq!(call_service(&service, ready()).await.status(), 503);
    assert_eq!(call_service(&service, TestRequest::get().uri("/livez").to_request()).await.status(), 200);
}

//! Who may do what (A16, A17, C25).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use postbag_tests::campaign::CampaignPlan;
use postbag_tests::server::{ALL_SCOPES, HS256_SECRET, Server};
use serde_json::{Value, json};

use crate::document::{Operation, operations};
use crate::setup;

/// The claims of an honest token, ten minutes long.
fn claims() -> Value {
    let now = chrono_now();
    json!({
        "iss": "postbag", "aud": "postbag", "sub": "tests", "iat": now, "nbf": now, "exp": now + 600,
        "jti": postbag::ids::random().to_string(), "org": "*", "scope": ALL_SCOPES
    })
}

fn chrono_now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn header() -> Header {
    Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) }
}

fn sign(header: &Header, claims: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// An honest token but for one claim.
fn with(claim: &str, value: impl Into<Value>) -> String {
    let mut claims = claims();
    claims[claim] = value.into();
    sign(&header(), &claims, HS256_SECRET.as_bytes())
}

fn without(claim: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    sign(&header(), &claims, HS256_SECRET.as_bytes())
}

#[tokio::test]
async fn no_dishonest_token_opens_anything() {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let server = setup().start().await;
    let now = chrono_now();
    let secret = HS256_SECRET.as_bytes();
    let honest = sign(&header(), &claims(), secret);
    server.get("/v1/admin/campaigns").token(&honest).await.expect(200);

    let (head, rest) = honest.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    // {"typ":"at+jwt","alg":"none"} and the same with "NONE".
    let none = ["eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0", "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJOT05FIn0"];
    let typed = |typ: Option<&str>| Header { typ: typ.map(str::to_owned), ..header() };
    let named = |kid: &str| Header { kid: Some(kid.to_owned()), ..header() };
    let mut embedded = header();
    embedded.jku = Some("https://evil.example/keys".to_owned());
    embedded.x5u = Some("https://evil.example/keys".to_owned());
    let corpus = [
        ("nothing", String::new()),
        ("words", "let me in".to_owned()),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{honest}.{signature}")),
        ("no signature", format!("{head}.{payload}.")),
        ("a cut signature", honest[..honest.len() - 2].to_owned()),
        ("another payload", format!("{head}.{}x.{signature}", &payload[..payload.len() - 1])),
        ("alg none", format!("{}.{payload}.", none[0])),
        ("alg none with a signature", format!("{}.{payload}.{signature}", none[0])),
        ("alg NONE", format!("{}.{payload}.", none[1])),
        ("another secret", sign(&header(), &claims(), b"another secret of thirty-two bytes and more")),
        ("the empty secret", sign(&header(), &claims(), b"")),
        (
            "another algorithm",
            sign(&Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS384) }, &claims(), secret),
        ),
        ("no typ", sign(&typed(None), &claims(), secret)),
        ("another typ", sign(&typed(Some("dpop+jwt")), &claims(), secret)),
        ("an unknown kid", sign(&named("other"), &claims(), secret)),
        ("a path as kid", sign(&named("../../../../dev/null"), &claims(), secret)),
        ("keys elsewhere, signed by those", sign(&embedded, &claims(), b"the key at evil.example, 32 bytes and more")),
        ("an extension", sign(&Header { crit: Some(vec!["exp2".to_owned()]), ..header() }, &claims(), secret)),
        ("an empty list of extensions", sign(&Header { crit: Some(Vec::new()), ..header() }, &claims(), secret)),
        ("another issuer", with("iss", "https://evil.example")),
        ("another audience", with("aud", "someone-else")),
        ("other audiences", with("aud", json!(["a", "b"]))),
        ("over", with("exp", now - 120)),
        ("not begun", with("nbf", now + 3600)),
        ("too long", with("exp", now + 400 * 86_400)),
        ("exp as text", with("exp", "tomorrow")),
        ("no exp", without("exp")),
        ("no iss", without("iss")),
        ("no aud", without("aud")),
        ("no sub", without("sub")),
        ("no org", without("org")),
        ("no scope", without("scope")),
        ("an org that is none", with("org", "../harbour-trust")),
        ("scopes as a list", with("scope", json!(["campaigns:read"]))),
    ];
    for (what, token) in corpus {
        let answer = server.get("/v1/admin/campaigns").token(&token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    }
    // Too long for a header: refused before anybody reads it.
    let long = server.get("/v1/admin/campaigns").token(&format!("{head}.{}.{signature}", "A".repeat(6000))).await;
    long.problem(401, "token-invalid");
}

#[tokio::test]
async fn other_ways_to_authenticate_are_refused() {
    let server = setup().start().await;
    let token = server.operator().await;
    for value in ["", "Bearer", "Basic dXNlcjpwYXNz", &token, &format!("Token {token}")] {
        let answer = server.get("/v1/admin/campaigns").header("authorization", value).await;
        assert_eq!(answer.status, 401, "{value}: {}", answer.text());
    }
    server.get("/v1/admin/campaigns").header("authorization", &format!("bearer {token}")).await.expect(200);
    let in_query = server.get(&format!("/v1/admin/campaigns?access_token={token}")).await;
    assert_eq!(in_query.status, 401);
}

#[tokio::test]
async fn the_command_line_makes_tokens_only_as_asked() {
    let home = setup().prepare().await;
    home.cli(&["token", "issue", "--org", "*", "--scope", "everything"]).await.fails();
    home.cli(&["token", "issue", "--org", "Not A Slug", "--scope", "campaigns:read"]).await.fails();
    home.cli(&["token", "issue", "--org", "*", "--scope", "campaigns:read", "--lifetime", "9000h"]).await.fails();
    let issued =
        home.cli(&["token", "issue", "--org", "*", "--scope", "campaigns:read", "--lifetime", "1h"]).await.succeeds();
    assert_eq!(issued.stdout.trim().split('.').count(), 3, "the token alone: {}", issued.stdout);
    assert_eq!(issued.stdout.lines().count(), 1);
}

/// Every operation that the served document secures with scopes.
async fn secured(server: &Server) -> Vec<Operation> {
    let document = server.get("/openapi.json").await.expect(200).json();
    let secured: Vec<_> = operations(&document).into_iter().filter(|one| !one.scopes.is_empty()).collect();
    assert!(secured.len() >= 12, "{} operations with scopes", secured.len());
    secured
}

/// Calls an operation with something in every place.
fn call(server: &Server, operation: &Operation) -> postbag_tests::client::Call {
    let places = [
        ("{slug}", "fair-care"),
        ("{id}", "0198c0de-0000-7000-8000-000000000000"),
        ("{organisation}", "harbour-trust"),
        ("{legislature}", "senedd"),
        ("{dissolved_on}", "2027-03-30"),
    ];
    let path = places.iter().fold(operation.path.clone(), |path, (place, value)| path.replace(place, value));
    assert!(!path.contains('{'), "{path}");
    let call = server.call(&operation.method, &path);
    if operation.has_body { call.json(&json!({})) } else { call }
}

#[tokio::test]
async fn every_secured_operation_needs_a_token_with_its_scope() {
    let server = setup().start().await;
    CampaignPlan::fair_care().draft(&server).await;
    let operations = secured(&server).await;
    for operation in &operations {
        let what = format!("{} {}", operation.method, operation.path);
        call(&server, operation).await.problem(401, "token-missing");
        call(&server, operation).token("x.y.z").await.problem(401, "token-invalid");
        let others: Vec<_> =
            ALL_SCOPES.split_whitespace().filter(|scope| !operation.scopes.contains(&(*scope).to_owned())).collect();
        let token = server.token(&others.join(" "), "*").await;
        let refused = call(&server, operation).token(&token).await;
        let problem = refused.problem(403, "scope-insufficient");
        assert!(operation.scopes.iter().any(|scope| problem["scope"] == *scope), "{what}: {problem}");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"), "{what}");
        let own = server.token(&operation.scopes.join(" "), "*").await;
        let allowed = call(&server, operation).token(&own).await;
        assert!(!matches!(allowed.status, 401 | 403), "{what}: {}", allowed.text());
    }
}

#[tokio::test]
async fn every_operation_on_another_organisations_things_looks_as_if_nothing_were_there() {
    let server = setup().start().await;
    CampaignPlan::fair_care().publish(&server).await;
    CampaignPlan::clean_air().publish(&server).await;
    let token = server.token(ALL_SCOPES, "clearwater").await;
    for operation in secured(&server).await.iter().filter(|operation| operation.path.contains('{')) {
        let answer = call(&server, operation).token(&token).await;
        let what = format!("{} {}: {}", operation.method, operation.path, answer.text());
        // An empty body may be refused first, as long as that is the same for what does not exist.
        assert!(matches!(answer.status, 403 | 404 | 422), "{what}");
    }
}

#[tokio::test]
async fn a_year_long_token_is_listed_and_ends_at_once_when_it_is_revoked() {
    let server = setup().start().await;
    let operator = server.operator().await;
    let issue = async |subject: &str| {
        let args =
            ["token", "issue", "--org", "*", "--scope", "campaigns:read", "--lifetime", "365d", "--subject", subject];
        server.cli(&args).await.succeeds().stdout.trim().to_owned()
    };
    let (one, two, other) = (issue("cms").await, issue("cms").await, issue("crm").await);
    let opens = async |token: &str| server.get("/v1/admin/campaigns").token(token).await.status;
    assert_eq!([opens(&one).await, opens(&two).await, opens(&other).await], [200; 3]);

    let listed = server.get("/v1/admin/tokens").token(&operator).await.expect(200).json();
    let newest = &listed["items"][0];
    assert_eq!((&newest["subject"], &newest["scope"]), (&json!("crm"), &json!("campaigns:read")), "{listed}");
    assert!(!listed.to_string().contains(&other), "a token is never stored");
    let revoke =
        async |body: serde_json::Value| server.post("/v1/admin/tokens/revocations").token(&operator).json(&body).await;
    revoke(json!({ "id": newest["id"] })).await.expect(204);
    assert_eq!([opens(&one).await, opens(&two).await, opens(&other).await], [200, 200, 401]);
    revoke(json!({ "subject": "cms" })).await.expect(204);
    assert_eq!([opens(&one).await, opens(&two).await], [401; 2]);
    revoke(json!({})).await.problem(422, "validation-failed");

    let last = issue("script").await;
    server.cli(&["token", "revoke", "--subject", "script"]).await.succeeds();
    let ended = || async { opens(&last).await == 401 };
    postbag_tests::server::eventually("the other process's revocation", std::time::Duration::from_secs(3), ended).await;
    assert!(server.cli(&["token", "list"]).await.succeeds().stdout.contains("script"));
}

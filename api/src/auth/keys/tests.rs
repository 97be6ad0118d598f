//! A corpus of forged and wrong tokens (A16).

use super::*;
use crate::auth::{Grant, Org, ScopeName, issue};
use crate::config::{PublicKey, Secret};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "5b1f0c0e7a2d4b6f8c9e1d3a5f7b9c2e";
const NOW: i64 = 1_800_000_000;

/// Made with `openssl genpkey -algorithm ed25519` for this test alone.
const ED25519_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEILgAnNx/Ob/FuF6nvNTWDiWNeTETk1KT9L5vGJSoIasB\n-----END PRIVATE KEY-----\n";
const ED25519_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAxfTUR7UYxVNEWM6np42azKxaMm4cKTn4YCtttd701tg=\n-----END PUBLIC KEY-----\n";

fn auth() -> Auth {
    let key = PublicKey {
        kid: "ed-1".to_owned(),
        algorithm: KeyAlgorithm::EdDsa,
        pem: Some(ED25519_PUBLIC.to_owned()),
        file: None,
    };
    Auth { hs256_secret: Some(Secret::from(SECRET)), public_keys: vec![key], ..Auth::default() }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "postbag", "aud": "postbag", "sub": "cms", "exp": NOW + 600, "nbf": NOW, "iat": NOW, "jti": "1",
        "org": "*", "scope": "campaigns:write"
    })
}

fn header(alg: Algorithm) -> Header {
    Header { typ: Some("at+jwt".to_owned()), ..Header::new(alg) }
}

fn signed(header: &Header, claims: &Value) -> String {
    let key = match header.alg {
        Algorithm::EdDSA => EncodingKey::from_ed_pem(ED25519_PRIVATE.as_bytes()).unwrap(),
        _ => EncodingKey::from_secret(SECRET.as_bytes()),
    };
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

fn verify(token: &str) -> Result<Claims, Refusal> {
    Keys::new(&auth()).unwrap().verify(token, now())
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn what_this_server_issues_it_accepts() {
    install_provider();
    let grant = Grant {
        subject: "cms".to_owned(),
        org: Org::Organisation("red-kite".to_owned()),
        scopes: vec![ScopeName::CampaignsWrite, ScopeName::DeliveriesRead],
        lifetime: Duration::from_hours(1),
    };
    let claims = verify(&issue(&auth(), grant, now()).unwrap().token).unwrap();
    assert!(claims.allows(ScopeName::CampaignsWrite) && claims.allows(ScopeName::DeliveriesRead));
    assert!(!claims.allows(ScopeName::SupportersRead));
    assert_eq!(claims.org, Org::Organisation("red-kite".to_owned()));
}

#[test]
fn a_public_key_is_chosen_by_its_kid() {
    install_provider();
    let mut ed = header(Algorithm::EdDSA);
    ed.kid = Some("ed-1".to_owned());
    assert!(verify(&signed(&ed, &claims())).is_ok());
    ed.kid = Some("ed-2".to_owned());
    assert_eq!(verify(&signed(&ed, &claims())).unwrap_err(), Refusal::UnknownKey);
    ed.kid = None;
    assert_eq!(verify(&signed(&ed, &claims())).unwrap_err(), Refusal::Signature);
}

#[test]
fn wrong_claims_are_refused() {
    install_provider();
    let cases = [
        (with("iss", json!("somebody")), Refusal::Issuer),
        (with("aud", json!("somebody")), Refusal::Audience),
        (with("aud", json!(["a", "b"])), Refusal::Audience),
        (with("exp", json!(NOW - LEEWAY)), Refusal::Expired),
        (with("exp", json!(NOW + 400 * 86_400)), Refusal::Lifetime),
        (with("exp", json!(i64::MAX)), Refusal::Lifetime),
        (with("nbf", json!(NOW + 120)), Refusal::NotYet),
        (with("iat", json!(NOW + 120)), Refusal::NotYet),
        (with("org", json!("../other")), Refusal::Malformed),
        (with("exp", json!("never")), Refusal::Malformed),
        (without("exp"), Refusal::Malformed),
        (without("iat"), Refusal::Malformed),
        (without("aud"), Refusal::Malformed),
        (without("iss"), Refusal::Malformed),
        (without("org"), Refusal::Malformed),
        (without("jti"), Refusal::Malformed),
    ];
    for (claims, refusal) in cases {
        assert_eq!(verify(&signed(&header(Algorithm::HS256), &claims)).unwrap_err(), refusal, "{claims}");
    }
    assert!(verify(&signed(&header(Algorithm::HS256), &with("aud", json!(["x", "postbag"])))).is_ok());
}

#[test]
fn wrong_headers_are_refused() {
    install_provider();
    let typ = |typ: Option<&str>| Header { typ: typ.map(str::to_owned), ..Header::new(Algorithm::HS256) };
    assert_eq!(verify(&signed(&typ(None), &claims())).unwrap_err(), Refusal::Type);
    assert_eq!(verify(&signed(&typ(Some("id+jwt")), &claims())).unwrap_err(), Refusal::Type);
    assert!(verify(&signed(&typ(Some("JWT")), &claims())).is_ok());
    for kid in ["", "../../dev/null", "ed-1' OR 1=1", "\u{0}"] {
        let forged = Header { kid: Some(kid.to_owned()), ..header(Algorithm::HS256) };
        assert_eq!(verify(&signed(&forged, &claims())).unwrap_err(), Refusal::UnknownKey);
    }
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(verify(&signed(&header(alg), &claims())).unwrap_err(), Refusal::Signature);
    }
}

#[test]
fn a_public_key_never_serves_as_a_shared_secret() {
    install_provider();
    let forged = Header { kid: Some("ed-1".to_owned()), ..header(Algorithm::HS256) };
    let key = EncodingKey::from_secret(ED25519_PUBLIC.as_bytes());
    let token = jsonwebtoken::encode(&forged, &claims(), &key).unwrap();
    assert_eq!(verify(&token).unwrap_err(), Refusal::Signature);
}

#[test]
fn tokens_without_a_signature_and_other_texts_are_refused() {
    install_provider();
    let good = signed(&header(Algorithm::HS256), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    // {"alg":"none","typ":"at+jwt"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", message.split_once('.').unwrap().1);
    let huge = "a".repeat(1_000_000);
    let flipped = format!("{message}.{}", signature.chars().rev().collect::<String>());
    for token in ["", ".", "..", "a.b.c", message, &format!("{message}."), &none, &huge, &flipped, &format!("{good}.x")]
    {
        assert!(verify(token).is_err(), "{token:.40}");
    }
}

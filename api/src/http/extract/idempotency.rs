//! The `Idempotency-Key` header (A2, draft-ietf-httpapi-idempotency-key-header-07).

use crate::http::problem::{Problem, ProblemType};
use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest::{SHA256, digest};
use postbag_persistence::KeyClaim;
use serde::Serialize;
use std::future::{Ready, ready};

/// The name of the header.
const NAME: &str = "Idempotency-Key";

/// The caller's key for one creation: 1 to 255 visible ASCII characters, without quotation marks around them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the quoted or the bare form.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let visible = bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if visible && (1..=255).contains(&bare.len()) {
            Ok(Self(bare.to_owned()))
        } else {
            Err(ProblemType::IdempotencyKeyInvalid.into())
        }
    }

    /// The key as the caller's own within `scope`, with a digest of what was sent: the same key cannot stand for anything else (A2).
    pub(crate) fn claim(&self, scope: String, sent: &impl Serialize) -> KeyClaim {
        let sent = serde_json::to_vec(sent).unwrap_or_default();
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, &sent).as_ref());
        KeyClaim { scope, key: self.0.clone(), fingerprint }
    }
}

/// The one key of a request, if there is one.
fn find(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all(NAME);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => IdempotencyKey::parse(value.to_str().unwrap_or_default()).map(Some),
        (Some(_), Some(_)) => Err(ProblemType::IdempotencyKeyInvalid.into()),
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request.headers()).and_then(|key| key.ok_or_else(|| ProblemType::IdempotencyKeyMissing.into())))
    }
}

/// A key where it is honoured but not required. (actix's own `Option` would take a wrong key for none.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalIdempotencyKey(pub Option<IdempotencyKey>);

impl FromRequest for OptionalIdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request.headers()).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn key(values: &[&str]) -> Result<IdempotencyKey, ProblemType> {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((NAME, *value));
        }
        let request = request.to_http_request();
        IdempotencyKey::from_request(&request, &mut Payload::None).into_inner().map_err(|problem| problem.kind())
    }

    #[test]
    fn the_quoted_and_the_bare_form_are_the_same_key() {
        assert_eq!(key(&["8e03978e-40d5"]).unwrap(), key(&["\"8e03978e-40d5\""]).unwrap());
        assert!(key(&[&"k".repeat(255)]).is_ok());
    }

    #[test]
    fn no_key_and_a_wrong_key_are_different_problems() {
        assert_eq!(key(&[]), Err(ProblemType::IdempotencyKeyMissing));
        for wrong in ["", "\"\"", "a b", "a\"b", "caf\u{e9}", &"k".repeat(256)] {
            assert_eq!(key(&[wrong]), Err(ProblemType::IdempotencyKeyInvalid), "{wrong}");
        }
        assert_eq!(key(&["a", "b"]), Err(ProblemType::IdempotencyKeyInvalid));
    }
}

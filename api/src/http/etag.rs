//! Strong entity tags: what a browser need not fetch again, and what an administrator may overwrite (A5, RFC 9110 section 13).

use crate::http::problem::{Problem, ProblemType};
use crate::secrets::hex;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest;
use std::fmt;
use std::future::{Ready, ready};

/// What a compressed answer's tag ends in: the bytes differ, so the tag must (RFC 9110 section 8.8.3.3).
pub(crate) const GZIP_SUFFIX: &str = "-gzip";

/// A strong entity tag, without its quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a revision number.
    pub fn of_revision(revision: impl fmt::Display) -> Self {
        Self(format!("r{revision}"))
    }

    /// The tag of these bytes.
    pub fn of_content(content: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, content);
        Self(hex(digest.as_ref().get(..16).unwrap_or_default()))
    }

    /// The header value, in quotation marks.
    pub fn value(&self) -> HeaderValue {
        HeaderValue::try_from(self.to_string()).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// The header as a pair, for `insert_header`.
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        (header::ETAG, self.value())
    }

    /// True if the caller already has this (`If-None-Match`): answer 304 then.
    pub fn is_known_to(&self, request: &HttpRequest) -> bool {
        let mut sent = members(request.headers(), &header::IF_NONE_MATCH);
        sent.any(|tag| tag == "*" || self.is(tag.strip_prefix("W/").unwrap_or(tag)))
    }

    /// Compares with a tag in quotation marks, whichever encoding it was answered in.
    fn is(&self, quoted: &str) -> bool {
        let bare = quoted.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        bare.is_some_and(|tag| tag.strip_suffix(GZIP_SUFFIX).unwrap_or(tag) == self.0)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// True for `*` and for a tag in quotation marks, weak or not (RFC 9110 section 8.8.3).
fn is_well_formed(tag: &str) -> bool {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let opaque = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    tag == "*" || opaque.is_some_and(|opaque| !opaque.contains('"'))
}

/// The members of a comma-separated header. Our own tags hold no comma.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> + use<'a> {
    let values = headers.get_all(name).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

/// What the caller believes about the resource it changes (`If-Match`, `If-None-Match: *`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    matches: Vec<String>,
    none: bool,
}

impl Precondition {
    /// Allows the change only if the caller has seen `current`: 428 if it did not say, 412 if it has seen another.
    pub fn require(&self, current: &ETag) -> Result<(), Problem> {
        if self.none {
            return Err(ProblemType::PreconditionFailed.into());
        }
        if self.matches.is_empty() {
            return Err(ProblemType::PreconditionRequired.into());
        }
        // Weak tags never match here (RFC 9110 section 13.1.1).
        let seen = self.matches.iter().any(|tag| tag == "*" || current.is(tag));
        if seen {
            Ok(())
        } else {
            Err(Problem::from(ProblemType::PreconditionFailed).header(header::ETAG, current.value()))
        }
    }

    /// Allows a creation only if the caller did not expect to change something.
    pub fn require_absent(&self) -> Result<(), Problem> {
        if self.matches.is_empty() { Ok(()) } else { Err(ProblemType::PreconditionFailed.into()) }
    }

    /// [`Precondition::require`] or [`Precondition::require_absent`], whichever the present state calls for.
    pub fn require_any(&self, current: Option<&ETag>) -> Result<(), Problem> {
        current.map_or_else(|| self.require_absent(), |current| self.require(current))
    }
}

impl FromRequest for Precondition {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let matches: Vec<String> = members(request.headers(), &header::IF_MATCH).map(str::to_owned).collect();
        if !matches.iter().all(|tag| is_well_formed(tag)) {
            let detail = "If-Match must be the ETag exactly as it was answered, with its quotation marks";
            return ready(Err(Problem::new(ProblemType::MalformedRequest).detail(detail)));
        }
        let none = members(request.headers(), &header::IF_NONE_MATCH).any(|tag| tag == "*");
        ready(Ok(Self { matches, none }))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn precondition(name: &'static str, value: &str) -> Precondition {
        let request = TestRequest::default().insert_header((name, value)).to_http_request();
        Precondition::from_request(&request, &mut Payload::None).into_inner().unwrap()
    }

    fn refusal(result: Result<(), Problem>) -> Option<u16> {
        result.err().map(|problem| problem.kind().status().as_u16())
    }

    #[test]
    fn a_change_needs_the_present_tag() {
        let current = ETag::of_revision(7);
        assert_eq!(refusal(precondition("x-nothing", "").require(&current)), Some(428));
        assert_eq!(refusal(precondition("if-match", "\"r6\"").require(&current)), Some(412));
        assert_eq!(refusal(precondition("if-match", "W/\"r7\"").require(&current)), Some(412));
        assert_eq!(refusal(precondition("if-match", "\"r6\", \"r7\"").require(&current)), None);
        assert_eq!(refusal(precondition("if-match", "\"r7-gzip\"").require(&current)), None);
        assert_eq!(refusal(precondition("if-match", "*").require(&current)), None);
    }

    #[test]
    fn a_tag_without_its_quotation_marks_is_malformed() {
        for malformed in ["r7", "\"r7", "\"r\"7\"", "W/r7"] {
            let request = TestRequest::default().insert_header(("if-match", malformed)).to_http_request();
            let refused = Precondition::from_request(&request, &mut Payload::None).into_inner().unwrap_err();
            assert_eq!(refused.kind(), ProblemType::MalformedRequest, "{malformed}");
        }
    }

    #[test]
    fn a_creation_refuses_an_expectation_of_something_there() {
        assert_eq!(refusal(precondition("if-match", "*").require_any(None)), Some(412));
        assert_eq!(refusal(precondition("if-none-match", "*").require_any(None)), None);
        assert_eq!(refusal(precondition("if-none-match", "*").require_any(Some(&ETag::of_revision(1)))), Some(412));
    }

    #[test]
    fn a_known_tag_is_known_in_every_spelling() {
        let tag = ETag::of_content(b"hello");
        for sent in [tag.to_string(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let request = TestRequest::default().insert_header(("if-none-match", sent)).to_http_request();
            assert!(tag.is_known_to(&request));
        }
        assert!(!tag.is_known_to(&TestRequest::default().to_http_request()));
    }
}

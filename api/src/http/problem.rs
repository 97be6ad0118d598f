//! Problems: what is answered when something goes wrong, as `application/problem+json` (RFC 9457, A1).

mod kinds;
mod members;
pub mod page;

pub use kinds::ProblemType;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use postbag_domain::{FieldError, FieldErrors, Flaw};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The media type of every error body.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The result of a handler.
pub type Answer<T = HttpResponse> = Result<T, Problem>;

/// One occurrence of a kind of problem: what the caller sees, and apart from it what the log gets.
///
/// Boxed, so that a `Result` of it stays small.
#[derive(Debug)]
pub struct Problem(Box<Occurrence>);

#[derive(Debug)]
struct Occurrence {
    kind: ProblemType,
    detail: Option<Cow<'static, str>>,
    errors: Vec<ProblemError>,
    members: serde_json::Map<String, serde_json::Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    request: Option<ProblemRequest>,
    cause: Option<anyhow::Error>,
}

/// The request that a problem happened to.
#[derive(Clone, Debug)]
pub(crate) struct ProblemRequest {
    /// Its id, which becomes `instance`.
    pub(crate) id: Uuid,
    /// How this server is reached from outside: `type` begins with it.
    pub(crate) public_url: Arc<str>,
}

/// A wrong field, or a wrong query parameter.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemError {
    /// Where in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/supporter/email")]
    pub pointer: Option<String>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A stable code for programs.
    #[schema(example = "email_invalid")]
    pub code: Cow<'static, str>,
    /// A sentence for people.
    #[schema(example = "must be an e-mail address such as ada@example.org")]
    pub detail: String,
}

impl ProblemError {
    /// A wrong query parameter.
    pub fn parameter(name: impl Into<String>, flaw: &Flaw) -> Self {
        Self { pointer: None, parameter: Some(name.into()), code: flaw.code().into(), detail: flaw.detail().to_owned() }
    }
}

impl From<&FieldError> for ProblemError {
    fn from(error: &FieldError) -> Self {
        Self {
            pointer: Some(error.pointer().to_owned()),
            parameter: None,
            code: error.flaw().code().into(),
            detail: error.flaw().detail().to_owned(),
        }
    }
}

/// The body of every error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// The kind of problem, as an address that describes it, under the server's public address. Compare its last part, never the texts.
    #[serde(rename = "type")]
    #[schema(format = "uri", example = "https://act.example.org/problems/validation-failed")]
    pub kind: String,
    /// The same sentence for every problem of this kind.
    pub title: &'static str,
    /// The HTTP status again.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The explanation of this occurrence.
    pub detail: &'a str,
    /// The id of the request: quote it to the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uri", example = "urn:uuid:0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55")]
    pub instance: Option<uuid::fmt::Urn>,
    /// Every wrong field or parameter, all at once.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    pub errors: &'a [ProblemError],
    /// More members, by kind.
    #[serde(flatten)]
    #[schema(value_type = members::ProblemMembers<'static>)]
    pub members: &'a serde_json::Map<String, serde_json::Value>,
}

impl Problem {
    /// A problem of this kind, with nothing more to say.
    pub fn new(kind: ProblemType) -> Self {
        Self(Box::new(Occurrence {
            kind,
            detail: None,
            errors: Vec::new(),
            members: serde_json::Map::new(),
            headers: Vec::new(),
            request: None,
            cause: None,
        }))
    }

    /// The problem for what is not there, or not the caller's to see.
    pub fn not_found() -> Self {
        Self::new(ProblemType::NotFound)
    }

    /// The problem for a wrong query parameter.
    pub(crate) fn parameter(name: impl Into<String>, flaw: &Flaw) -> Self {
        Self::new(ProblemType::QueryInvalid).errors([ProblemError::parameter(name, flaw)])
    }

    /// The problem for what the state of something does not allow.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemType::Conflict).detail(detail)
    }

    /// A failure on this side: the caller learns nothing of it, the log the whole chain of causes.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(ProblemType::Internal).caused_by(cause)
    }

    /// A failure on this side that should pass.
    pub fn unavailable(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(ProblemType::Unavailable).retry_after(Duration::from_secs(2)).caused_by(cause)
    }

    /// Says what happened this time. Must not repeat personal data. Ignored for failures on this side.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds wrong fields.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = ProblemError>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// Adds a member of its own to the body (RFC 9457 section 3.2).
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.0.headers.push((name, value));
        }
        self
    }

    /// Tells the caller how long to wait, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)))
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Names the request that it happened to.
    #[must_use]
    pub(crate) fn of_request(mut self, request: ProblemRequest) -> Self {
        self.0.request = Some(request);
        self
    }

    /// Names the field that a problem of a postcode comes from, unless fields are named already.
    #[must_use]
    pub(crate) fn at_postcode(mut self, pointer: &'static str) -> Self {
        let kind = self.0.kind;
        if kind.is_about_postcode() && self.0.errors.is_empty() {
            let detail = self.detail_text().to_owned();
            let code = kind.slug().replace('-', "_").into();
            self.0.errors.push(ProblemError { pointer: Some(pointer.to_owned()), parameter: None, code, detail });
        }
        self
    }

    /// Its kind.
    pub fn kind(&self) -> ProblemType {
        self.0.kind
    }

    /// The cause, which only the log may see.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        self.0.cause.as_ref()
    }

    /// The detail for the caller: for failures on this side always the same words.
    fn detail_text(&self) -> &str {
        let kind = self.0.kind;
        match &self.0.detail {
            Some(detail) if !kind.status().is_server_error() => detail,
            _ => kind.advice(),
        }
    }

    /// The answer, naming the request it happened to.
    pub(crate) fn respond(&self, request: Option<&ProblemRequest>) -> HttpResponse {
        let kind = self.0.kind;
        let request = request.or(self.0.request.as_ref());
        let public_url = request.map_or("", |request| &request.public_url);
        let body = ProblemBody {
            kind: format!("{public_url}{}", kind.path()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: &sentence(self.detail_text()),
            instance: request.map(|request| request.id.urn()),
            errors: &self.0.errors,
            members: &self.0.members,
        };
        let mut response = HttpResponse::build(kind.status());
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        for (name, value) in &self.0.headers {
            response.append_header((name.clone(), value.clone()));
        }
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// A detail as people read it: with a capital at its beginning and a full stop at its end.
fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if detail.ends_with(['.', '?', '!', '`']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.slug(), self.detail_text())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.respond(None)
    }
}

impl From<ProblemType> for Problem {
    fn from(kind: ProblemType) -> Self {
        Self::new(kind)
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        Self::new(ProblemType::ValidationFailed).errors(errors.iter().map(ProblemError::from))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use serde_json::{Value, json};

    use super::*;

    fn body_of(problem: &Problem) -> Value {
        serde_json::from_slice(&problem.respond(None).into_body().try_into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_failure_on_this_side_never_tells_its_cause() {
        let problem = Problem::internal(anyhow::anyhow!("password=hunter2")).detail("also not this");
        let body = body_of(&problem).to_string();
        assert!(!body.contains("hunter2") && !body.contains("also not this"), "{body}");
        assert_eq!(problem.status_code(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn field_errors_keep_their_pointers_and_codes() {
        let errors = FieldErrors::one("/supporter/email", Flaw::new("email_invalid", "must be an address"));
        let body = body_of(&Problem::from(errors));
        assert_eq!(body["status"], 422);
        let expected =
            json!([{"pointer": "/supporter/email", "code": "email_invalid", "detail": "must be an address"}]);
        assert_eq!(body["errors"], expected);
    }

    #[test]
    fn the_body_has_the_members_of_the_standard_and_its_own() {
        let request = ProblemRequest { id: Uuid::nil(), public_url: "https://act.example.org".into() };
        let problem = Problem::new(ProblemType::CampaignNotYetOpen).member("opens_at", "2026-05-01T00:00:00Z");
        let body = body_of(&problem.of_request(request));
        assert_eq!(body["type"], "https://act.example.org/problems/campaign-not-yet-open");
        assert_eq!(body["instance"], "urn:uuid:00000000-0000-0000-0000-000000000000");
        assert_eq!(body["opens_at"], "2026-05-01T00:00:00Z");
        assert!(body.get("errors").is_none());
    }

    #[test]
    fn a_detail_is_a_sentence() {
        let detail = |text: &'static str| body_of(&Problem::not_found().detail(text))["detail"].clone();
        assert_eq!(detail("no such campaign"), "No such campaign.");
        assert_eq!(detail("Élan is `x`"), "Élan is `x`");
    }

    #[test]
    fn a_problem_of_a_postcode_names_its_field() {
        let unknown = body_of(&Problem::new(ProblemType::PostcodeUnknown).at_postcode("/postcode"));
        assert_eq!(unknown["errors"][0]["pointer"], "/postcode");
        assert_eq!(unknown["errors"][0]["code"], "postcode_unknown");
        assert!(body_of(&Problem::not_found().at_postcode("/postcode")).get("errors").is_none());
    }

    #[test]
    fn waiting_is_announced_in_whole_seconds() {
        let response = Problem::new(ProblemType::Overloaded).retry_after(Duration::from_millis(20)).respond(None);
        assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "1");
    }
}

//! JSON bodies: one document, in time, not too large, and nothing in it that is not expected.

use super::body::{WholeBody, admit};
use super::pointer::{DataError, pointer};
use super::strict::Strict;
use crate::app::App;
use crate::http::problem::{Problem, ProblemType};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use postbag_domain::FieldErrors;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The most a body may hold on public routes (C19).
pub const PUBLIC_LIMIT: usize = 64 * 1024;

/// The most a body may hold on administrative routes.
pub const ADMIN_LIMIT: usize = 1024 * 1024;

/// A JSON body, read completely and strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = ReadJson<T>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = limit_for(request.path());
        let deadline = App::of(request).config.body_deadline();
        let admitted = admit(request.headers(), limit, "application/json", is_json);
        let body = admitted.map(|()| WholeBody::new(payload.take(), limit, deadline));
        ReadJson { body: body.map_err(Some), shape: PhantomData }
    }
}

/// A body on its way.
pub struct ReadJson<T> {
    body: Result<WholeBody, Option<Problem>>,
    shape: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for ReadJson<T> {
    type Output = Result<Json<T>, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.body {
            Ok(body) => Pin::new(body).poll(context).map(|body| parse(&body?).map(Json)),
            // A future that has answered is not asked again.
            Err(refusal) => refusal.take().map_or(Poll::Pending, |problem| Poll::Ready(Err(problem))),
        }
    }
}

fn limit_for(path: &str) -> usize {
    if path.starts_with("/v1/admin/") { ADMIN_LIMIT } else { PUBLIC_LIMIT }
}

/// `application/json`, alone or in UTF-8.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    media && parts.all(is_utf8)
}

fn is_utf8(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

/// One whole document, or why not: malformed text is 400, a wrong shape is 422 with its pointer.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let whole = T::deserialize(Strict(&mut deserializer)).and_then(|value| deserializer.end().map(|()| value));
    // Most bodies are good: where a bad one goes wrong is found by reading it again.
    whole.or_else(|_error| explain(body))
}

/// [`parse`] with an eye on where it is: tracking that takes as long as parsing.
fn explain<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Strict(&mut deserializer)).map_err(|error| {
        let at = pointer(error.path());
        refuse(&error.into_inner(), at)
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn refuse(error: &serde_json::Error, at: String) -> Problem {
    match error.classify() {
        Category::Data => {
            let DataError { pointer, flaw } = DataError::read(&error.to_string(), at);
            FieldErrors::one(pointer, flaw).into()
        }
        Category::Eof if error.line() == 1 && error.column() == 0 => {
            Problem::new(ProblemType::MalformedJson).detail("the body is empty")
        }
        Category::Eof | Category::Syntax | Category::Io => malformed(error),
    }
}

/// Says where, never what: the text may be personal.
fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("the JSON ends or breaks at line {}, column {}", error.line(), error.column());
    Problem::new(ProblemType::MalformedJson).detail(detail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::http::extract::UniqueMap;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Form {
        name: String,
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Inner {
        count: u8,
        #[serde(default)]
        list: Vec<Option<bool>>,
        #[serde(default)]
        choices: UniqueMap<String, String>,
    }

    fn refusal(body: &str) -> (u16, Option<(String, String)>) {
        let problem = parse::<Form>(body.as_bytes()).unwrap_err();
        let rendered = problem.respond(None).into_body();
        let bytes = actix_web::body::MessageBody::try_into_bytes(rendered).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let first = body["errors"]
            .get(0)
            .map(|error| (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned()));
        (problem.kind().status().as_u16(), first)
    }

    #[test]
    fn a_wrong_shape_is_refused_with_its_pointer_and_code() {
        let cases = [
            (r#"{"name":"x"}"#, "/inner", "field_missing"),
            (r#"{"name":"x","inner":{}}"#, "/inner/count", "field_missing"),
            (r#"{"name":"x","inner":{"count":"many"}}"#, "/inner/count", "field_type"),
            (r#"{"name":"x","inner":{"count":300}}"#, "/inner/count", "field_type"),
            (r#"{"name":"x","inner":{"count":1,"list":[null,1]}}"#, "/inner/list/1", "field_type"),
            (r#"{"name":"x","inner":{"count":1,"extra":1}}"#, "/inner/extra", "field_unknown"),
            (r#"{"name":"x","a~/b":1}"#, "/a~0~1b", "field_unknown"),
            (r#"{"name":"x","name":"y"}"#, "/name", "field_duplicate"),
            (r#"{"name":"x","inner":{"count":1,"count":1}}"#, "/inner/count", "field_duplicate"),
            (r#"{"name":"x","inner":{"count":1,"choices":{"a":"1","a":"2"}}}"#, "/inner/choices/a", "field_duplicate"),
            (r"[]", "", "field_type"),
            (r#"["x",{"count":1}]"#, "", "field_type"),
            (r#"{"name":"x","inner":[1]}"#, "/inner", "field_type"),
            (r#""text""#, "", "field_type"),
        ];
        for (body, pointer, code) in cases {
            let (status, error) = refusal(body);
            assert_eq!((status, error), (422, Some((pointer.to_owned(), code.to_owned()))), "{body}");
        }
    }

    #[test]
    fn text_that_is_no_json_is_malformed() {
        for body in ["", " ", "{", "{]", r#"{"name":"x","inner":{"count":1}} x"#, "\u{feff}{}", "nul"] {
            assert_eq!(refusal(body).0, 400, "{body:.20}");
        }
        let deep = format!(r#"{{"name":{}"#, "[".repeat(100_000));
        assert!(parse::<serde_json::Value>(deep.as_bytes()).is_err());
        assert_eq!(parse::<Form>(b"{\"name\":\"\xff\"}").unwrap_err().kind(), ProblemType::MalformedJson);
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in ["text/json", "application/json; charset=latin1", "application/json5", "application/json; q=1", ""] {
            assert!(!is_json(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_error_never_repeats_a_value(value in "[a-z]{12,20}") {
            let body = format!(r#"{{"name":"x","inner":{{"count":"{value}"}}}}"#);
            let problem = parse::<Form>(body.as_bytes()).unwrap_err();
            let answered = actix_web::body::MessageBody::try_into_bytes(problem.respond(None).into_body()).unwrap();
            prop_assert!(!String::from_utf8_lossy(&answered).contains(&value));
        }

        #[test]
        fn nothing_makes_the_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse::<Form>(&body);
            let _ = parse::<BTreeMap<String, u8>>(&body);
        }
    }
}

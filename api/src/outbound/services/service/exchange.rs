//! One question and its answer over HTTP, within bounds of time and size.

use super::Fault;
use super::retries::retry_after;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::time::Instant;
use tokio::time::timeout_at;
use url::Url;

/// The most an answer may hold: a hundred postcodes take a quarter of a megabyte.
const MOST: usize = 2 << 20;

/// The media type of a form's fields.
const FORM: &str = "application/x-www-form-urlencoded";

/// A question to a service.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    path: Vec<&'a str>,
    query: Vec<(&'a str, String)>,
    body: Body,
}

/// What a question carries.
#[derive(Clone, Debug)]
enum Body {
    Nothing,
    Json(Value),
    /// Percent-encoded fields.
    Form(String),
}

/// A status that is an answer, and the JSON that came with it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// 200 or 404.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl<'a> Question<'a> {
    /// A GET of this path, by its segments.
    pub fn get(path: &[&'a str]) -> Self {
        Self { path: path.to_vec(), query: Vec::new(), body: Body::Nothing }
    }

    /// A POST of JSON to this path.
    pub fn post(path: &[&'a str], body: Value) -> Self {
        Self { path: path.to_vec(), query: Vec::new(), body: Body::Json(body) }
    }

    /// A POST of a form's fields to this path.
    pub fn form(path: &[&'a str], fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { path: path.to_vec(), query: Vec::new(), body: Body::Form(form) }
    }

    /// With a parameter.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: &impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Puts it to the service under `base`, for no longer than `until`.
    pub(super) async fn put(&self, client: &Client, base: &Url, until: Instant) -> Result<Answered, Fault> {
        let exchange = exchange(self.request(client, base));
        timeout_at(until.into(), exchange).await.unwrap_or(Err(Fault::TimedOut))
    }

    fn request(&self, client: &Client, base: &Url) -> RequestBuilder {
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.path);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let request = match &self.body {
            Body::Nothing => client.get(url),
            Body::Json(body) => client.post(url).json(body),
            Body::Form(form) => client.post(url).header(CONTENT_TYPE, FORM).body(form.clone()),
        };
        request.header(ACCEPT, "application/json")
    }
}

async fn exchange(request: RequestBuilder) -> Result<Answered, Fault> {
    let response = request.send().await.map_err(|error| fault(&error))?;
    let status = response.status().as_u16();
    if !matches!(status, 200 | 404) {
        return Err(refusal(status, response.headers()));
    }
    let body = read(response).await?;
    let body = serde_json::from_slice(&body).map_err(|_error| Fault::Malformed("it is not JSON"))?;
    Ok(Answered { status, body })
}

fn refusal(status: u16, headers: &HeaderMap) -> Fault {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let retry_after = text(RETRY_AFTER).and_then(|header| retry_after(header, text(DATE)));
    match status {
        429 => Fault::RateLimited { retry_after },
        _ => Fault::Refused { status, retry_after },
    }
}

/// The whole body, or as much as shows that it is too large.
async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > MOST {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn fault(error: &reqwest::Error) -> Fault {
    if error.is_timeout() {
        Fault::TimedOut
    } else if error.is_connect() {
        Fault::Unreachable
    } else {
        Fault::Cut
    }
}

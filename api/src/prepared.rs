//! Answers made once and given many times.

use crate::etag::ETag;
use crate::page::Page;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

/// What caches may do with public answers: keep them for a moment, then ask again with the tag (A22).
const SHORTLY: HeaderValue = HeaderValue::from_static("public, max-age=1");

/// A public JSON answer with its strong tag.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    bytes: Bytes,
    etag: ETag,
    tag: HeaderValue,
}

impl Prepared {
    /// Renders the answer.
    pub(crate) fn of(view: &impl Serialize) -> Self {
        let bytes = Bytes::from(serde_json::to_vec(view).unwrap_or_default());
        let etag = ETag::of_content(&bytes);
        let tag = etag.value();
        Self { bytes, etag, tag }
    }

    /// One page of a public list, with its links.
    pub(crate) fn page<T: Serialize>(page: &Page<T>, request: &HttpRequest) -> HttpResponse {
        let mut response = Self::of(page).answer(request);
        let (name, value) = page.links(request);
        response.headers_mut().insert(name, value);
        response
    }

    /// The answer, or 304 to whoever has it already.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().contains_key(header::IF_NONE_MATCH) && self.etag.is_known_to(request);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, self.tag.clone())).insert_header((header::CACHE_CONTROL, SHORTLY));
        if known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        response.body(self.bytes.clone())
    }
}

//! Compresses answers where it pays: text above a network packet, for those who ask.

use crate::http::etag::GZIP_SUFFIX;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Below this size an answer fits in one packet anyway.
const WORTHWHILE: u64 = 1400;

/// The same answer, compressed if the caller can read that and it is worth the work.
pub(crate) fn compress<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B>>,
) -> ServiceResponse<EitherBody<B>> {
    let large = matches!(response.response().body().size(), BodySize::Sized(size) if size >= WORTHWHILE);
    if !large || response.status() != StatusCode::OK || !is_text(response.headers()) {
        return response;
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let body = if accepts_gzip(&request) { squeeze(response.headers_mut(), body) } else { body };
    ServiceResponse::new(request, response.set_body(body))
}

fn squeeze<B: MessageBody + 'static>(headers: &mut HeaderMap, body: EitherBody<B>) -> EitherBody<B> {
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return body,
    };
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    let squeezed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let Ok(squeezed) = squeezed else { return EitherBody::right(BoxBody::new(bytes)) };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    mark_etag(headers);
    EitherBody::right(BoxBody::new(squeezed))
}

/// Other bytes need another strong tag.
fn mark_etag(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()?.strip_suffix('"').map(str::to_owned));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(format!("{tag}{GZIP_SUFFIX}\"")).ok()) {
        headers.insert(header::ETAG, tag);
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = ["application/json", "application/yaml", "application/javascript", "text/", "image/svg"];
    !headers.contains_key(header::CONTENT_ENCODING) && text.iter().any(|prefix| kind.starts_with(prefix))
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let value =
        request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

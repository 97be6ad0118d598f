//! The document, as it is served.

use crate::http::etag::ETag;
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};

/// The document, rendered once: it cannot change while the process runs.
pub(crate) struct RenderedDocument {
    pub(crate) json: Bytes,
    pub(crate) yaml: Bytes,
}

fn answer(request: &HttpRequest, media_type: &'static str, content: &Bytes) -> HttpResponse {
    let etag = ETag::of_content(content);
    let mut response = if etag.is_known_to(request) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(etag.header()).insert_header((header::CACHE_CONTROL, "public, max-age=300"));
    if etag.is_known_to(request) {
        return response.finish();
    }
    response.content_type(media_type).body(content.clone())
}

/// This document, as JSON
///
/// Generated from the routes that this server serves.
#[utoipa::path(tag = "document", responses(
    (status = 200, description = "The document.", body = Object, content_type = "application/json",
     example = json!({ "openapi": "3.1.0" })),
    (status = 304, description = "It has not changed."),
))]
#[get("/openapi.json")]
pub(crate) async fn get_openapi_json(request: HttpRequest, document: Data<RenderedDocument>) -> HttpResponse {
    answer(&request, "application/json", &document.json)
}

/// This document, as YAML
///
/// Generated from the routes that this server serves.
#[utoipa::path(tag = "document", responses(
    (status = 200, description = "The document.", body = Object, content_type = "application/yaml",
     example = json!({ "openapi": "3.1.0" })),
    (status = 304, description = "It has not changed."),
))]
#[get("/openapi.yaml")]
pub(crate) async fn get_openapi_yaml(request: HttpRequest, document: Data<RenderedDocument>) -> HttpResponse {
    answer(&request, "application/yaml; charset=utf-8", &document.yaml)
}

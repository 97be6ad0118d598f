//! The document, as it is served.

use crate::http::etag::ETag;
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};

/// The document, rendered once: it cannot change while the process runs.
pub(crate) struct RenderedDocument {
    pub(crate) json: Rendering,
    pub(crate) yaml: Rendering,
}

/// One form of the document, with its tag.
pub(crate) struct Rendering {
    media_type: &'static str,
    content: Bytes,
    etag: ETag,
}

impl Rendering {
    pub(crate) fn new(media_type: &'static str, content: String) -> Self {
        let etag = ETag::of_content(content.as_bytes());
        Self { media_type, content: content.into(), etag }
    }

    pub(crate) fn content(&self) -> Bytes {
        self.content.clone()
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = self.etag.is_known_to(request);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(self.etag.header()).insert_header((header::CACHE_CONTROL, "public, max-age=300"));
        if is_known {
            return response.finish();
        }
        response.content_type(self.media_type).body(self.content())
    }
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
    document.json.answer(&request)
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
    document.yaml.answer(&request)
}

//! The page for trying the API out: Swagger UI from inside the binary, with nothing loaded from elsewhere (A15).

use crate::http::problem::{Answer, Problem};
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

/// Nothing from other hosts, and no frames. Swagger UI sets styles from its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Leads a person who opens the server's address to the page.
#[get("/")]
pub(crate) async fn get_root() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Leads to the page.
#[get("/docs")]
pub(crate) async fn get_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// The page and its files.
#[get("/docs/{file:.*}")]
pub(crate) async fn get_docs_file(file: web::Path<String>) -> Answer {
    let config = Config::from("/openapi.json").validator_url("none").display_operation_id(true).filter(true);
    let file = serve(&file, Arc::new(config)).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
    let file = file.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type(with_charset(file.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(file.bytes.into_owned()))
}

/// Text says what it is written in (A22).
fn with_charset(media_type: String) -> String {
    if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type }
}

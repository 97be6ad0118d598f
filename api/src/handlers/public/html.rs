//! Pages for people: plain HTML that works without scripts, shows nothing from elsewhere and fits any screen.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postbag_domain::Locale;
use std::sync::LazyLock;

/// How every page looks, by day and by night.
const STYLE: &str = "\
    :root{color-scheme:light dark}\
    body{font:1.125rem/1.6 system-ui,sans-serif;margin:0 auto;max-width:40rem;padding:1rem;overflow-wrap:anywhere}\
    h1,h2{line-height:1.2}blockquote{border-left:.25rem solid;margin:1rem 0;padding-left:1rem}\
    button{font:inherit;padding:.5rem 1rem}fieldset{border:1px solid;margin:1rem 0}";

/// No script, no picture, no other page, and no style but [`STYLE`], by its hash. A form can only go to this server.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// An answer with a page, which no search engine lists. The referrer policy lets a form say where it comes from.
pub(super) fn page(status: StatusCode, caching: &'static str, html: String) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header(("x-robots-tag", "noindex"))
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// A page about one person, in the language that their browser prefers: it is kept nowhere.
pub(super) fn private_page(html: String) -> HttpResponse {
    let mut answer = page(StatusCode::OK, "no-store", html);
    answer.headers_mut().append(header::VARY, header::HeaderValue::from_static("Accept-Language"));
    answer
}

/// A whole page. `title` and `body` are HTML.
pub(super) fn document(locale: Locale, title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{locale}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</html>\n"
    )
}

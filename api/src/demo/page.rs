//! The page to try the demo on, and the letters that came out. The page uses the public API and nothing else.

use crate::app::App;
use crate::config::Transport;
use crate::http::problem::{Answer, Problem};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use std::fmt::Write;
use std::path::PathBuf;

/// Nothing from other hosts.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How many letters the outbox lists.
const LISTED: usize = 200;

/// Adds the demo's own addresses, which are no part of the API.
pub(crate) fn register(config: &mut web::ServiceConfig) {
    config
        .service(get_page)
        .service(get_style)
        .service(get_script)
        .service(get_challenge)
        .service(get_solver)
        .service(list_letters)
        .service(get_letter);
}

fn file(media_type: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(content)
}

#[get("/")]
async fn get_page() -> HttpResponse {
    file("text/html; charset=utf-8", include_str!("../../assets/demo/index.html"))
}

#[get("/demo/demo.css")]
async fn get_style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("../../assets/demo/demo.css"))
}

#[get("/demo/demo.js")]
async fn get_script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../assets/demo/demo.js"))
}

#[get("/demo/challenge.js")]
async fn get_challenge() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../assets/challenge/challenge.js"))
}

#[get("/demo/solver.js")]
async fn get_solver() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../assets/challenge/solver.js"))
}

/// The letters in the outbox, newest first.
#[get("/demo/outbox")]
async fn list_letters(request: HttpRequest) -> Answer {
    let folder = folder(&request)?;
    let names = web::block(move || letters(&folder)).await.map_err(Problem::unavailable)?;
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Outbox</title>\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/demo/demo.css\">\
         <main><h1>Outbox</h1><p><a href=\"/\">Back to the demo</a></p>",
    );
    if names.is_empty() {
        html.push_str("<p>No letter has been sent yet.</p>");
    }
    html.push_str("<ul class=\"targets\">");
    for name in names {
        let _ = write!(html, "<li><a href=\"/demo/outbox/{name}\">{name}</a></li>");
    }
    html.push_str("</ul></main></html>");
    let page = HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .content_type("text/html; charset=utf-8")
        .body(html);
    Ok(page)
}

/// One letter as it was sent.
#[get("/demo/outbox/{name}")]
async fn get_letter(request: HttpRequest, name: web::Path<String>) -> Answer {
    let folder = folder(&request)?;
    let content = web::block(move || is_letter(&name).then(|| std::fs::read(folder.join(name.as_str()))));
    let content = content.await.map_err(Problem::unavailable)?.and_then(Result::ok).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(content))
}

/// The folder of letters; a demo that sends to a relay has none.
fn folder(request: &HttpRequest) -> Answer<PathBuf> {
    let mail = &App::of(request).config.mail;
    match mail.transport {
        Transport::Folder => Ok(mail.folder.clone()),
        Transport::Smtp => Err(Problem::not_found()),
    }
}

/// The names of the newest letters: ids that grow with time.
fn letters(folder: &PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| is_letter(name));
    names.sort_unstable_by(|left, right| right.cmp(left));
    names.truncate(LISTED);
    names
}

/// True for the names that letters are written under, and so for no path that leads elsewhere.
fn is_letter(name: &str) -> bool {
    name.strip_suffix(".eml").is_some_and(|id| uuid::Uuid::try_parse(id).is_ok())
}

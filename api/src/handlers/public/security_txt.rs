//! Where to report a weakness of this server (RFC 9116, A28).

use crate::app::App;
use crate::http::problem::{Answer, Problem};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{SecondsFormat, TimeDelta};

/// How long the file counts: RFC 9116 wants less than a year.
const VALID: TimeDelta = TimeDelta::days(180);

/// Where to report a weakness
///
/// As `security.txt` of RFC 9116, from the setting `security_contact`; not found without it.
#[utoipa::path(
    tag = "health",
    responses((status = 200, description = "Contact and expiry.", body = String, content_type = "text/plain",
               example = "Contact: mailto:security@example.org\nExpires: 2027-05-21T09:00:00Z\n")),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("/.well-known/security.txt")]
pub(crate) async fn get_security_txt(request: HttpRequest) -> Answer {
    let App { config, clock, .. } = App::of(&request);
    let contact = config.security_contact.as_ref().ok_or_else(Problem::not_found)?;
    let expires = (clock.now() + VALID).to_rfc3339_opts(SecondsFormat::Secs, true);
    let canonical = format!("{}/.well-known/security.txt", config.public_url());
    let text = format!("Contact: {contact}\nExpires: {expires}\nCanonical: {canonical}\nPreferred-Languages: en\n");
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

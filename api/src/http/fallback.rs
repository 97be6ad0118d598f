//! What no route answers: an unknown path is 404, a known one with another method 405.

use crate::app::App;
use crate::http::method_table::MethodTable;
use crate::http::problem::{Answer, Problem, ProblemType};
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::OnceLock;

/// Known paths are the document's, read once: a process has one role.
static METHODS: OnceLock<MethodTable> = OnceLock::new();

/// Answers what no route does. (actix would answer 404 to a wrong method, since each method is a resource of its own.)
pub(crate) async fn answer(request: HttpRequest) -> Answer {
    let role = App::of(&request).config.role;
    let allow = METHODS.get_or_init(|| MethodTable::of(role)).allow(request.path());
    match allow {
        None => Err(Problem::not_found()),
        Some(allow) if request.method() == Method::OPTIONS => {
            Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish())
        }
        Some(allow) => Err(Problem::new(ProblemType::MethodNotAllowed).header(header::ALLOW, allow)),
    }
}

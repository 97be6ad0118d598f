//! What no route answers: an unknown path is 404, a known one with another method 405.

use crate::http::method_table::MethodTable;
use crate::http::problem::{Answer, Problem, ProblemType};
use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// Answers what no route does. (actix would answer 404 to a wrong method, since each method is a resource of its own.)
pub(crate) async fn answer(request: HttpRequest, methods: Data<MethodTable>) -> Answer {
    match methods.allow(request.path()) {
        None => Err(Problem::not_found()),
        Some(allow) if request.method() == Method::OPTIONS => {
            Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish())
        }
        Some(allow) => Err(Problem::new(ProblemType::MethodNotAllowed).header(header::ALLOW, allow)),
    }
}

//! The address in a problem's `type` answers what it means.

use super::{Answer, Problem, ProblemType};
use crate::http::extract::Path;
use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A kind of problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "type": "/problems/not-found", "title": "There is nothing here", "status": 404, "advice": "Check the address."
})))]
pub struct ProblemTypeView {
    /// The path of the `type` of its problems.
    #[serde(rename = "type")]
    #[schema(example = "/problems/campaign-closed")]
    pub kind: &'static str,
    /// Their `title`.
    #[schema(example = "The campaign has closed")]
    pub title: &'static str,
    /// Their `status`.
    #[schema(example = 409)]
    pub status: u16,
    /// The advice for the caller.
    #[schema(example = "Thank the person; nothing can be sent any more.")]
    pub advice: &'static str,
}

impl From<ProblemType> for ProblemTypeView {
    fn from(kind: ProblemType) -> Self {
        Self { kind: kind.path(), title: kind.title(), status: kind.status().as_u16(), advice: kind.advice() }
    }
}

/// All kinds of problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({ "items": [{
    "type": "/problems/not-found", "title": "There is nothing here", "status": 404, "advice": "Check the address."
}] })))]
pub struct ProblemTypes {
    /// Every kind.
    pub items: Vec<ProblemTypeView>,
}

/// Names a kind of problem.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProblemPath {
    /// The last part of the problem's `type`.
    #[param(example = "campaign-closed")]
    slug: String,
}

/// Every kind of problem this API can answer
///
/// With the status it comes with and what a caller can do about it.
#[utoipa::path(tag = "problems", responses((status = 200, description = "All kinds.", body = ProblemTypes)))]
#[get("/problems")]
pub(crate) async fn list_problem_types() -> web::Json<ProblemTypes> {
    web::Json(ProblemTypes { items: ProblemType::ALL.iter().map(|kind| (*kind).into()).collect() })
}

/// What a kind of problem means, and what to do about it
///
/// The address in a problem's `type` leads here.
#[utoipa::path(
    tag = "problems",
    params(ProblemPath),
    responses((status = 200, description = "The kind.", body = ProblemTypeView))
)]
#[get("/problems/{slug}")]
pub(crate) async fn get_problem_type(path: Path<ProblemPath>) -> Answer<web::Json<ProblemTypeView>> {
    let kind = ProblemType::from_slug(&path.0.slug).ok_or_else(Problem::not_found)?;
    Ok(web::Json(kind.into()))
}

//! What an organisation may do with a supporter's data today, and why.

use super::reach;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::preferences::Person;
use crate::http::extract::Path;
use crate::http::problem::Answer;
use crate::views::permissions::PermissionsView;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use postbag_domain::SupporterId;
use uuid::Uuid;

/// A supporter's permissions
///
/// For each purpose and channel whether the organisation may contact the person today, on which basis and why, with every entry of the
/// ledger. Silence is never a yes: what was not asked, and what was not answered, is not permitted.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The supporter.", format = "uuid")),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "The decisions and the ledger.", body = PermissionsView))
)]
#[get("/{id}/permissions")]
pub(crate) async fn get_permissions(app: Data<App>, caller: Caller<scope::SupportersRead>, path: Path<Uuid>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let person = Person::find(&app, reach, SupporterId::new(path.0)).await?;
    Ok(HttpResponse::Ok().json(person.permissions(app.clock.now())))
}

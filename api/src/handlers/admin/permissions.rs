//! What an organisation may do with a supporter's data today, and why.

use super::reach;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Path;
use crate::http::problem::{Answer, Problem};
use crate::views::permissions::PermissionsView;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use postbag_domain::{Organisation, SupporterId};
use postbag_persistence::{Ledger, Reach};
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
    let (ledger, organisation) = find_ledger(&app, reach, SupporterId::new(path.0)).await?;
    Ok(HttpResponse::Ok().json(view(&app, &ledger, &organisation)))
}

/// The ledger of a supporter within reach, and whose it is.
pub(super) async fn find_ledger(app: &App, reach: Reach, supporter: SupporterId) -> Answer<(Ledger, Organisation)> {
    let keys = app.mail_keys.suppressions.clone();
    let ledger = app.store.ledger(reach, supporter, move |email_key| keys.hashes_of_key(email_key)).await?;
    let ledger = ledger.ok_or_else(Problem::not_found)?;
    let stored = app.store.organisation_by_id(ledger.organisation_id).await?.ok_or_else(Problem::not_found)?;
    Ok((ledger, stored.organisation))
}

pub(super) fn view(app: &App, ledger: &Ledger, organisation: &Organisation) -> PermissionsView {
    PermissionsView::of(ledger, organisation.content.charity_number.is_some(), app.clock.now())
}

//! The erasure of a person, for the person and for staff alike (UK GDPR 17).

use super::preferences::Person;
use crate::app::App;
use crate::config::Transport;
use crate::http::problem::{Answer, Problem};
use crate::outbound::Folder;
use crate::secrets::SuppressionHash;
use postbag_persistence::{Actor, Erased, Erasure, Reach};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How often it is tried to empty the database's log while readers are in it.
const TRIES: usize = 50;

/// A person who was erased.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "actions": 2, "cancelled_messages": 1, "suppressed": true })))]
pub(crate) struct ErasedView {
    /// How many times the person had taken part. Their areas still count.
    pub(super) actions: usize,
    /// How many of their messages had not left, and never will.
    pub(super) cancelled_messages: usize,
    /// Whether the address is suppressed from now on: kept as a keyed hash, so that nothing is sent to it.
    pub(super) suppressed: bool,
}

/// Erases a person. With `suppress`, or where they object to direct marketing, nothing is ever sent to the address again.
pub(super) async fn erase(
    app: &App,
    person: &Person,
    suppress: bool,
    actor: Actor,
    by_staff: bool,
) -> Answer<ErasedView> {
    let address = person.ledger.address.as_ref().ok_or_else(Problem::not_found)?;
    let suppressed = suppress || person.standing().outlives_erasure();
    let SuppressionHash { key_id, hash } = app.mail_keys.suppressions.hash(address);
    let erasure = Erasure { suppression: suppressed.then_some((key_id, hash)), actor, by_staff };
    let (reach, supporter) = (Reach::Organisation(person.organisation.id), person.ledger.supporter_id);
    let erased = app.store.erase_supporter(reach, supporter, erasure).await?.ok_or_else(Problem::not_found)?;
    app.listener()(&erased.tallies);
    let Erased { actions, cancelled: cancelled_messages, letters_and_mails, .. } = erased;
    remove_copies(app, letters_and_mails).await;
    empty_log(app).await;
    Ok(ErasedView { actions, cancelled_messages, suppressed })
}

/// Removes the copies in the folder of letters, where there is no relay.
async fn remove_copies(app: &App, ids: Vec<Uuid>) {
    if app.config.mail.transport != Transport::Folder {
        return;
    }
    let folder = app.config.mail.folder.clone();
    // A panic there is logged by its hook.
    let _ = tokio::task::spawn_blocking(move || Folder::forget(&folder, &ids)).await;
}

/// What was erased is in SQLite's log until the log starts again.
async fn empty_log(app: &App) {
    for _try in 0..TRIES {
        match app.store.truncate_log().await {
            Ok(true) => return,
            Ok(false) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            Err(error) => {
                tracing::warn!(%error, "the database's log keeps what was erased for a while");
                return;
            }
        }
    }
    tracing::warn!("readers are in the database's log, which keeps what was erased until the next erasure or restart");
}

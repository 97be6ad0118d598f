//! The third statement of a group: whether a held submission is still approved, and takes its content out of the queue in the transaction
//! that makes it an action. A group without held submissions has none.

use super::entry::Entry;
use super::keys::Standing;
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::{idempotency, reviews};
use std::collections::BTreeSet;

/// Releases the reviews of fresh entries. One that was taken back meanwhile is not fresh any more and gives its key back.
pub(super) fn release_all(
    connection: &mut AnyConnection,
    entries: &[Entry],
    standings: &mut [Standing],
) -> Result<(), StoreError> {
    let mut refused = BTreeSet::new();
    for (entry, standing) in entries.iter().zip(standings) {
        let is_review = standing.is_fresh() && entry.key.scope == reviews::SCOPE;
        if is_review && !reviews::release(connection, entry.action.id)? {
            *standing = Standing::NotApproved;
            refused.insert(entry.key.name());
        }
    }
    idempotency::give_back(connection, &refused)
}

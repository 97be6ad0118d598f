//! What the database holds on a supporter: every column of every table, marked (B8, B9).
//!
//! An access request answers every column that says something about the person; erasure empties those that identify them. A column
//! that is in no list here fails a test, and so does a personal one that is not in the export, or not empty after an erasure.

mod held;
pub(crate) mod registry;
#[cfg(test)]
pub(crate) mod tests;

use crate::connection::AnyConnection;
use crate::preferences::find;
use crate::types::Id;
use crate::words::Messages;
use crate::{Reach, Store, StoreError, reviews};
pub use held::{HeldData, HeldTable};
use postbag_domain::SupporterId;

impl Store {
    /// Everything that the database holds on a supporter within reach.
    pub async fn held_data(&self, reach: Reach, supporter: SupporterId) -> Result<Option<HeldData>, StoreError> {
        let messages = self.messages();
        let sealed = messages.clone();
        self.write(move |connection| attribute(connection, &sealed, reach, supporter)).await?;
        self.read_snapshot(move |connection| held::load(connection, &messages, reach, supporter)).await
    }
}

/// Finds what was submitted by a supporter within reach and is held for a person, before their data is read or erased.
pub(crate) fn attribute(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    supporter: SupporterId,
) -> Result<(), StoreError> {
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(()) };
    reviews::attribute(connection, messages, (organisation, &email_key), Id::from(supporter))
}

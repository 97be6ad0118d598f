//! What the database holds on a supporter: every column of every table, marked (B8, B9).
//!
//! An access request answers every column that says something about the person; erasure empties those that identify them. A column
//! that is in no list here fails a test, and so does a personal one that is not in the export, or not empty after an erasure.

mod held;
pub(crate) mod registry;
#[cfg(test)]
pub(crate) mod tests;

use crate::{Reach, Store, StoreError};
pub use held::{HeldData, HeldTable};
use postbag_domain::SupporterId;

impl Store {
    /// Everything that the database holds on a supporter within reach.
    pub async fn held_data(&self, reach: Reach, supporter: SupporterId) -> Result<Option<HeldData>, StoreError> {
        let messages = self.messages();
        self.read_snapshot(move |connection| held::load(connection, &messages, reach, supporter)).await
    }
}

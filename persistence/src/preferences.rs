//! What a person wishes: the ledger of their answers and objections, and changes of it outside a form (B1, B3).

mod change;
mod ledger;
#[cfg(test)]
mod tests;

pub use change::{NewPreferenceChange, RecordedAnswer};
pub use ledger::{EntrySource, Ledger, Shown, StoredAnswer, StoredObjection};

use crate::schema::{campaigns, supporters};
use crate::types::Id;
use crate::{Actor, Reach, Store, StoreError, consent_questions};
use diesel::prelude::*;
use postbag_domain::{ConsentQuestion, OrganisationId, SupporterId};

impl Store {
    /// Everything the ledger says about a supporter within reach. `hashes` gives those under which an address may be suppressed.
    pub async fn ledger(
        &self,
        reach: Reach,
        supporter: SupporterId,
        hashes: impl FnOnce(&str) -> Vec<Vec<u8>> + Send + 'static,
    ) -> Result<Option<Ledger>, StoreError> {
        self.read_snapshot(move |connection| ledger::load(connection, reach, supporter, hashes)).await
    }

    /// The supporter of an organisation with this address, by its key.
    pub async fn supporter_by_email(
        &self,
        organisation: OrganisationId,
        email_key: String,
    ) -> Result<Option<SupporterId>, StoreError> {
        self.read(move |connection| {
            let found: Option<Id> = supporters::table
                .filter(supporters::organisation_id.eq(Id::from(organisation)))
                .filter(supporters::email_key.eq(email_key))
                .select(supporters::id)
                .first(connection)
                .optional()?;
            Ok(found.map(SupporterId::from))
        })
        .await
    }

    /// Every question that an organisation's campaigns ask or once asked.
    pub async fn questions_of_organisation(
        &self,
        organisation: OrganisationId,
    ) -> Result<Vec<ConsentQuestion>, StoreError> {
        self.read_snapshot(move |connection| {
            let ids: Vec<Id> = campaigns::table
                .filter(campaigns::organisation_id.eq(Id::from(organisation)))
                .select(campaigns::id)
                .load(connection)?;
            let of_campaigns = consent_questions::load(connection, &ids)?;
            Ok(of_campaigns.into_values().flat_map(|stored| stored.asked.into_iter().chain(stored.retired)).collect())
        })
        .await
    }

    /// Records a change with its entries and, where a member of staff made it, a note for the audit; all or nothing. False if there is no such
    /// supporter within reach.
    pub async fn change_preferences(
        &self,
        reach: Reach,
        supporter: SupporterId,
        change: NewPreferenceChange,
        actor: Actor,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| change::record(connection, reach, supporter, &change, &actor)).await
    }
}

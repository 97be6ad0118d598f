//! An invalidation as a row.

use super::StoredInvalidation;
use crate::StoreError;
use crate::schema::invalidations;
use crate::types::{At, Id, Json};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = invalidations)]
pub(super) struct Row {
    pub(super) id: Id,
    organisation_id: Id,
    campaign_id: Option<Id>,
    conditions: Json,
    reason: String,
    state: String,
    looked_at: i64,
    found: i64,
    letters_waiting: i64,
    letters_sent: i64,
    struck_out: i64,
    created_by: String,
    pub(super) created_at: At,
    updated_at: At,
}

impl Row {
    pub(super) fn read(self) -> Result<StoredInvalidation, StoreError> {
        Ok(StoredInvalidation {
            id: self.id.into(),
            organisation_id: self.organisation_id.into(),
            campaign_id: self.campaign_id.map(Into::into),
            conditions: self.conditions.read("invalidations", "conditions", self.id)?,
            reason: self.reason,
            state: self.state.parse().map_err(|_flaw| StoreError::corrupt("invalidations", "state", self.id))?,
            looked_at: self.looked_at,
            found: self.found,
            letters_waiting: self.letters_waiting,
            letters_sent: self.letters_sent,
            struck_out: self.struck_out,
            created_by: self.created_by,
            created_at: self.created_at.time(),
            updated_at: self.updated_at.time(),
        })
    }
}

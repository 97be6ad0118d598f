//! A review as a row.

use super::StoredReview;
use crate::StoreError;
use crate::schema::reviews;
use crate::types::{At, Id, Json};
use crate::words::Messages;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = reviews)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) campaign_id: Id,
    pub(super) state: String,
    reasons: Json,
    sealed_submission: Option<Vec<u8>>,
    sealed_appeal: Option<Vec<u8>>,
    appealed_at: Option<At>,
    note: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<At>,
    due_at: At,
    pub(super) created_at: At,
}

impl Row {
    pub(super) fn read(self, messages: &Messages) -> Result<StoredReview, StoreError> {
        let open = |column, sealed: Option<Vec<u8>>| {
            sealed.map(|sealed| messages.open_text(("reviews", column), self.id, &sealed)).transpose()
        };
        Ok(StoredReview {
            id: self.id.into(),
            organisation_id: self.organisation_id.into(),
            campaign_id: self.campaign_id.into(),
            state: self.state.parse().map_err(|_flaw| StoreError::corrupt("reviews", "state", self.id))?,
            reasons: self.reasons.read("reviews", "reasons", self.id)?,
            submission: open("sealed_submission", self.sealed_submission)?,
            appeal: open("sealed_appeal", self.sealed_appeal)?,
            appealed_at: self.appealed_at.map(At::time),
            note: self.note,
            decided_by: self.decided_by,
            decided_at: self.decided_at.map(At::time),
            due_at: self.due_at.time(),
            created_at: self.created_at.time(),
        })
    }
}

//! An action as the counts know it.

use super::areas::{self, RecordedArea};
use crate::StoreError;
use crate::schema::actions;
use crate::types::{At, Id, Json};
use diesel::prelude::*;
use postbag_domain::{ActionStatus, AreaKey, CountedAction, Office, OrganisationId, RepresentativeId, TallyDelta};
use std::collections::BTreeSet;

/// What the counts need to know of an action.
#[derive(Queryable, Selectable)]
#[diesel(table_name = actions)]
pub(crate) struct Counted {
    pub(crate) id: Id,
    pub(crate) campaign_id: Id,
    pub(crate) supporter_id: Id,
    status: String,
    pub(crate) is_test: bool,
    pub(crate) first_of_supporter: bool,
    nation: String,
    areas: Json,
    source: Option<String>,
    partner_id: Option<Id>,
    pub(crate) created_at: At,
}

impl Counted {
    pub(crate) fn status(&self) -> Result<ActionStatus, StoreError> {
        self.status.parse().map_err(|_flaw| StoreError::corrupt("actions", "status", self.id))
    }

    /// What the action adds to the counts in a status, its messages' states apart. `written`: the offices and people of all its messages.
    pub(crate) fn tally(
        &self,
        status: ActionStatus,
        first_of_supporter: bool,
        written: impl IntoIterator<Item = (Office, RepresentativeId)>,
    ) -> Result<TallyDelta, StoreError> {
        let recorded: Vec<RecordedArea> = self.areas.read("actions", "areas", self.id)?;
        let (areas, _chosen): (Vec<AreaKey>, _) = areas::read(&recorded);
        let (offices, representatives): (BTreeSet<Office>, BTreeSet<RepresentativeId>) = written.into_iter().unzip();
        let counted = CountedAction {
            status,
            test: self.is_test,
            nation: self.nation.parse().map_err(|_flaw| StoreError::corrupt("actions", "nation", self.id))?,
            areas: &areas,
            offices,
            representatives,
            created_at: self.created_at.time(),
            source: self.source.as_deref(),
            partner: self.partner_id.map(OrganisationId::from),
            first_of_supporter,
        };
        Ok(counted.tally())
    }
}

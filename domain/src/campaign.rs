//! A campaign: one public call to act, its terms, its life, and what it does with a submission.

mod accept;
mod content;
mod coverage;
mod live;
mod office_rule;
mod partner;
mod readiness;
mod selection;
mod spread;
mod status;
mod targets;
mod terms;

pub use accept::SubmitError;
pub use content::CampaignContent;
pub use coverage::{Coverage, OfficeCoverage};
pub use live::{LiveCampaign, Preview, Previews};
pub use office_rule::{OfficeRule, OfficeRuleFields, WriteTo};
pub use partner::{AnswersElsewhere, Partner};
pub use readiness::{Missing, Readiness};
pub use selection::Written;
pub use status::{CampaignStatus, TransitionError};
pub use targets::{AreaCandidate, OfficeTargets, Reachability, Target, Targets};
pub use terms::{
    AfterUncertain, CampaignFields, CampaignTerms, Confirmation, PersonalMessageRule, SpecialCategoryCondition,
    WhenSeatFilled,
};

use crate::{CampaignId, OrganisationId};

/// A campaign in any status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    id: CampaignId,
    organisation_id: OrganisationId,
    status: CampaignStatus,
    content: CampaignContent,
}

impl Campaign {
    /// A new campaign: a draft.
    pub fn draft(id: CampaignId, organisation_id: OrganisationId, content: CampaignContent) -> Self {
        Self::restore(id, organisation_id, CampaignStatus::Draft, content)
    }

    /// A stored campaign.
    pub fn restore(
        id: CampaignId,
        organisation_id: OrganisationId,
        status: CampaignStatus,
        content: CampaignContent,
    ) -> Self {
        Self { id, organisation_id, status, content }
    }

    /// The same campaign on other terms.
    #[must_use]
    pub fn with_content(&self, content: CampaignContent) -> Self {
        Self { content, ..self.clone() }
    }

    /// The campaign in its next status, if the table of [`CampaignStatus::may_become`] and its readiness allow it.
    ///
    /// Only going live asks for readiness; the refusal then lists everything that is still missing.
    pub fn transition(&self, to: CampaignStatus, readiness: &Readiness) -> Result<Self, TransitionError> {
        if !self.status.may_become(to) {
            return Err(TransitionError::NotAllowed { from: self.status, to });
        }
        match readiness.missing() {
            [_, ..] if to == CampaignStatus::Live => Err(TransitionError::Missing(readiness.missing().to_vec())),
            _ => Ok(Self { status: to, ..self.clone() }),
        }
    }

    /// Its identity.
    pub fn id(&self) -> CampaignId {
        self.id
    }

    /// The organisation it belongs to.
    pub fn organisation_id(&self) -> OrganisationId {
        self.organisation_id
    }

    /// The status it is in.
    pub fn status(&self) -> CampaignStatus {
        self.status
    }

    /// Its terms.
    pub fn content(&self) -> &CampaignContent {
        &self.content
    }
}

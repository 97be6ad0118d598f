//! Campaigns with all that belongs to them, and the changes administrators make.
//!
//! Each change is one transaction: it waits for its lock, reads the campaign, lets the domain decide, and writes what
//! differs. Letters that would change become a new edition; messages already accepted keep theirs.

mod change;
mod delete;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use change::follow_organisation;
pub use change::{CampaignChange, Refusal};
pub(crate) use rows::{count_running, find as find_campaign, load_public};

use crate::consent_questions::StoredQuestions;
use crate::editions::StoredEdition;
use crate::expected::{Edited, Expected};
use crate::idempotency::Keep;
use crate::objection_notices::StoredNotices;
use crate::partners::StoredPartner;
use crate::templates::StoredTemplates;
use crate::{Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, Utc};
use postbag_domain::{
    Ask, Campaign, CampaignStatus, ConsentQuestion, EditionContent, ObjectionNotice, Organisation, Readiness, Slug,
    TemplateSource, TemplateVersion,
};
use uuid::Uuid;

/// A campaign with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCampaign {
    /// The campaign.
    pub campaign: Campaign,
    /// Counts the changes of the campaign and of what belongs to it: the entity tag.
    pub revision: i64,
    /// The moment it was made.
    pub created_at: DateTime<Utc>,
    /// The moment it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The organisation that it belongs to.
    pub organisation: Organisation,
    /// Its asks, in order.
    pub asks: Vec<Ask>,
    /// Its templates.
    pub templates: StoredTemplates,
    /// Its consent questions.
    pub questions: StoredQuestions,
    /// Its notices with a right to object.
    pub notices: StoredNotices,
    /// Its partners, by slug: those that were invited, and those that have joined.
    pub partners: Vec<StoredPartner>,
    /// The edition its letters are made from now; none before it has a template.
    pub edition: Option<StoredEdition>,
}

/// A campaign in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCampaign {
    /// The campaign.
    pub campaign: Campaign,
    /// Counts its changes: the entity tag.
    pub revision: i64,
    /// The moment it was made.
    pub created_at: DateTime<Utc>,
    /// The moment it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which campaigns to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Only those in this status.
    pub status: Option<CampaignStatus>,
}

/// A change of one campaign that only its transaction can decide.
#[derive(Clone, Debug)]
pub struct CampaignEdit {
    /// The organisations whose campaigns may be changed.
    pub reach: Reach,
    /// Which campaign.
    pub slug: Slug,
    /// The revision that is believed to be stored.
    pub expected: Expected,
    /// When.
    pub now: DateTime<Utc>,
    /// Draws ids.
    pub fresh: fn() -> Uuid,
}

/// The outcome of a [`CampaignEdit`].
pub type CampaignEdited = Edited<Box<StoredCampaign>, Refusal>;

impl StoredCampaign {
    /// A draft that is not stored yet, with nothing that belongs to it.
    pub fn of_draft(campaign: Campaign, organisation: Organisation, now: DateTime<Utc>) -> Self {
        Self {
            campaign,
            revision: 0,
            created_at: now,
            updated_at: now,
            organisation,
            asks: Vec::new(),
            templates: StoredTemplates::default(),
            questions: StoredQuestions::default(),
            notices: StoredNotices::default(),
            partners: Vec::new(),
            edition: None,
        }
    }

    /// The content that its letters would be made from now.
    pub fn edition_content(&self) -> EditionContent {
        let (terms, organisation) = (self.campaign.content(), &self.organisation.content);
        EditionContent::assemble(terms, organisation, &self.asks, &self.templates.used)
    }

    /// Everything it lacks before it may be live.
    pub fn readiness(&self) -> Readiness {
        let own = Readiness::of(self.campaign.content(), &self.organisation, &self.asks, &self.templates.used);
        let joined = self.partners.iter().filter(|partner| partner.joined_at.is_some());
        joined.fold(own, |readiness, partner| readiness.with_partner(&partner.organisation))
    }

    /// The campaign as these changes would make it.
    #[must_use]
    pub fn with(&self, changes: &[CampaignChange]) -> Self {
        let mut after = self.clone();
        for change in changes {
            after.take(change);
        }
        after
    }
}

impl Store {
    /// A campaign by its slug.
    pub async fn campaign(&self, reach: Reach, slug: Slug) -> Result<Option<StoredCampaign>, StoreError> {
        self.read_snapshot(move |connection| rows::find(connection, reach, &slug)).await
    }

    /// Campaigns, newest first.
    pub async fn campaigns(
        &self,
        reach: Reach,
        filter: CampaignFilter,
        request: PageRequest,
    ) -> Result<Page<ListedCampaign>, StoreError> {
        self.read(move |connection| rows::list(connection, reach, filter, request)).await
    }

    /// Changes a campaign as `decide` says, which sees it as it is and may refuse.
    ///
    /// A change after which a campaign that the public sees would lack what it must have is refused. A change that changes nothing
    /// leaves the revision as it is.
    pub async fn edit_campaign<F>(&self, edit: CampaignEdit, decide: F) -> Result<CampaignEdited, StoreError>
    where
        F: FnOnce(&StoredCampaign) -> Result<Vec<CampaignChange>, Refusal> + Send + 'static,
    {
        self.write(move |connection| change::edit(connection, &edit, decide)).await
    }

    /// [`Store::edit_campaign`] for the command line.
    pub fn edit_campaign_blocking(
        &self,
        edit: &CampaignEdit,
        decide: impl FnOnce(&StoredCampaign) -> Result<Vec<CampaignChange>, Refusal>,
    ) -> Result<CampaignEdited, StoreError> {
        self.write_blocking(|connection| change::edit(connection, edit, decide))
    }

    /// Creates a campaign as a draft with what belongs to it, or changes the one with that slug to the draft's terms. `draft` says
    /// whose it is to be, where it is new.
    pub async fn put_campaign(
        &self,
        edit: CampaignEdit,
        draft: Campaign,
        changes: Vec<CampaignChange>,
    ) -> Result<CampaignEdited, StoreError> {
        self.write(move |connection| change::put(connection, &edit, &draft, changes)).await
    }

    /// [`Store::put_campaign`] for the command line.
    pub fn put_campaign_blocking(
        &self,
        edit: &CampaignEdit,
        draft: &Campaign,
        changes: Vec<CampaignChange>,
    ) -> Result<CampaignEdited, StoreError> {
        self.write_blocking(|connection| change::put(connection, edit, draft, changes))
    }

    /// Deletes a draft with all that belongs to it: nobody has seen it. A campaign that was ever live is refused.
    pub async fn delete_draft(&self, edit: CampaignEdit) -> Result<Edited<(), Refusal>, StoreError> {
        self.write(move |connection| delete::draft(connection, &edit)).await
    }

    /// Moves a campaign on in its life, if the table and its readiness allow it.
    pub async fn transition_campaign(
        &self,
        edit: CampaignEdit,
        to: CampaignStatus,
    ) -> Result<CampaignEdited, StoreError> {
        self.edit_campaign(edit, move |stored| {
            let campaign = stored.campaign.transition(to, &stored.readiness())?;
            Ok(vec![CampaignChange::Campaign(Box::new(campaign))])
        })
        .await
    }

    /// Puts an ordered list of asks in the place of another; `decide` numbers it, knowing those that are there.
    pub async fn put_asks<F>(&self, edit: CampaignEdit, decide: F) -> Result<CampaignEdited, StoreError>
    where
        F: FnOnce(&[Ask]) -> Result<Vec<Ask>, postbag_domain::FieldErrors> + Send + 'static,
    {
        self.edit_campaign(edit, |stored| Ok(vec![CampaignChange::Asks(decide(&stored.asks)?)])).await
    }

    /// Adds a version of a template, if it renders for every office it covers. What is the newest version already is not added again.
    /// Gives the version, and the campaign's revision with it.
    ///
    /// `keep` is an idempotency key and what to answer to it again, stored with the version or not at all (A3);
    /// [`StoreError::Conflict`] if another request took the key in the meantime.
    pub async fn add_template_version(
        &self,
        edit: CampaignEdit,
        source: TemplateSource,
        keep: Option<Keep<TemplateVersion>>,
    ) -> Result<Edited<(TemplateVersion, i64), Refusal>, StoreError> {
        self.write(move |connection| change::add_template(connection, &edit, &source, keep)).await
    }

    /// Puts lists of consent questions and of notices in the place of others; `decide` versions them, knowing all that ever were.
    pub async fn put_consent_questions<F>(&self, edit: CampaignEdit, decide: F) -> Result<CampaignEdited, StoreError>
    where
        F: FnOnce(&StoredCampaign) -> Result<(Vec<ConsentQuestion>, Vec<ObjectionNotice>), Refusal> + Send + 'static,
    {
        self.edit_campaign(edit, |stored| {
            let (questions, notices) = decide(stored)?;
            Ok(vec![CampaignChange::Questions(questions), CampaignChange::Notices(notices)])
        })
        .await
    }
}

//! What changes about a campaign, in the transaction that changes it.

use super::rows::{self, CampaignRow};
use super::{CampaignEdit, CampaignEdited, StoredCampaign};
use crate::connection::AnyConnection;
use crate::editions::{self, StoredEdition};
use crate::expected::Edited;
use crate::idempotency::{self, Keep};
use crate::revisions::Snapshot;
use crate::schema::campaigns;
use crate::types::{At, Id, Json};
use crate::{Reach, StoreError, asks, consent_questions, objection_notices, organisations, paces, templates};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::delivery::PaceKey;
use postbag_domain::{
    Ask, Campaign, CampaignStatus, ConsentQuestion, EditionId, FieldErrors, Flaw, Missing, ObjectionNotice,
    Organisation, OrganisationStatus, Readiness, TemplateSource, TemplateVersion, TransitionError,
};
use uuid::Uuid;

/// One thing to change about a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CampaignChange {
    /// Its terms or its status.
    Campaign(Box<Campaign>),
    /// Its asks, as a whole.
    Asks(Vec<Ask>),
    /// Its templates, as a whole.
    Templates(Vec<TemplateVersion>),
    /// Its consent questions, as a whole.
    Questions(Vec<ConsentQuestion>),
    /// Its notices with a right to object, as a whole.
    Notices(Vec<ObjectionNotice>),
}

/// Why the domain refuses a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The document is flawed.
    Fields(FieldErrors),
    /// The table of statuses does not lead there.
    NotAllowed {
        /// The status the campaign has.
        from: CampaignStatus,
        /// The status that was asked for.
        to: CampaignStatus,
    },
    /// Only a draft can be deleted, and the campaign is this.
    NotADraft(CampaignStatus),
    /// The organisation cannot be archived while campaigns of it are live or paused: so many.
    CampaignsRunning(i64),
    /// A campaign that the public sees would lack these things.
    Missing(Vec<Missing>),
}

impl From<FieldErrors> for Refusal {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}

impl From<TransitionError> for Refusal {
    fn from(error: TransitionError) -> Self {
        match error {
            TransitionError::NotAllowed { from, to } => Self::NotAllowed { from, to },
            TransitionError::Missing(missing) => Self::Missing(missing),
        }
    }
}

pub(super) fn put(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    draft: &Campaign,
    mut changes: Vec<CampaignChange>,
) -> Result<CampaignEdited, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = rows::find(connection, Reach::All, &draft.content().slug)? else {
        return create(connection, edit, draft, &changes);
    };
    if !edit.reach.covers(stored.campaign.organisation_id()) {
        return Ok(Edited::Taken);
    }
    let campaign = stored.campaign.with_content(draft.content().clone());
    changes.push(CampaignChange::Campaign(Box::new(campaign)));
    apply(connection, edit, stored, &changes)
}

fn create(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    draft: &Campaign,
    changes: &[CampaignChange],
) -> Result<CampaignEdited, StoreError> {
    if !edit.expected.fits(None) {
        return Ok(Edited::Stale(None));
    }
    let owner = draft.organisation_id();
    let Some(organisation) = organisations::by_id(connection, owner)?.filter(|_| edit.reach.covers(owner)) else {
        return Ok(Edited::Unknown);
    };
    if organisation.organisation.status == OrganisationStatus::Archived {
        let flaw = Flaw::new("organisation_archived", "is archived: it starts no new campaigns");
        return Ok(Edited::Refused(FieldErrors::one("/organisation", flaw).into()));
    }
    // The first revision is counted when what belongs to it is written.
    let row = CampaignRow::new(draft, 0, edit.now.into())?;
    diesel::insert_into(campaigns::table).values(row).execute(connection)?;
    let Some(before) = rows::find(connection, Reach::All, &draft.content().slug)? else { return Ok(Edited::Unknown) };
    let stored = record(connection, edit, &before, before.with(changes), changes)?;
    Ok(stored.map_or(Edited::Unknown, Edited::Created))
}

pub(super) fn edit(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    decide: impl FnOnce(&StoredCampaign) -> Result<Vec<CampaignChange>, Refusal>,
) -> Result<CampaignEdited, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = rows::find(connection, edit.reach, &edit.slug)? else {
        return Ok(Edited::Unknown);
    };
    if !edit.expected.fits(Some(stored.revision)) {
        return Ok(Edited::Stale(Some(stored.revision)));
    }
    match decide(&stored) {
        Ok(changes) => apply(connection, edit, stored, &changes),
        Err(refusal) => Ok(Edited::Refused(refusal)),
    }
}

/// Checks the campaign as it would be, then writes what differs.
fn apply(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    before: StoredCampaign,
    changes: &[CampaignChange],
) -> Result<CampaignEdited, StoreError> {
    if !edit.expected.fits(Some(before.revision)) {
        return Ok(Edited::Stale(Some(before.revision)));
    }
    let after = before.with(changes);
    if let Err(refusal) = stays_ready(&before, &after) {
        return Ok(Edited::Refused(refusal));
    }
    if after == before {
        return Ok(Edited::Done(Box::new(before)));
    }
    let stored = record(connection, edit, &before, after, changes)?;
    Ok(stored.map_or(Edited::Unknown, Edited::Done))
}

/// Writes the changes, counts them, and reads the campaign again: what is answered is what is stored.
fn record(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    before: &StoredCampaign,
    mut after: StoredCampaign,
    changes: &[CampaignChange],
) -> Result<Option<Box<StoredCampaign>>, StoreError> {
    for change in changes {
        write(connection, before, change, edit.now)?;
    }
    renew(connection, &mut after, edit.now, edit.fresh)?;
    if before.campaign.status() == CampaignStatus::Paused {
        paces::look_again(connection, &PaceKey::stop(before.campaign.id().uuid()), edit.now)?;
    }
    Snapshot::Campaigns.bump(connection)?;
    Ok(rows::find(connection, Reach::All, &after.campaign.content().slug)?.map(Box::new))
}

impl StoredCampaign {
    pub(super) fn take(&mut self, change: &CampaignChange) {
        match change {
            CampaignChange::Campaign(campaign) => self.campaign = Campaign::clone(campaign),
            CampaignChange::Asks(asks) => self.asks.clone_from(asks),
            CampaignChange::Templates(templates) => self.templates.used.clone_from(templates),
            CampaignChange::Questions(questions) => self.questions.asked.clone_from(questions),
            CampaignChange::Notices(notices) => self.notices.shown.clone_from(notices),
        }
    }
}

/// A campaign that takes or may again take actions must never come to lack what it needs for them.
fn stays_ready(before: &StoredCampaign, after: &StoredCampaign) -> Result<(), Refusal> {
    if !after.campaign.status().is_running() {
        return Ok(());
    }
    let missing = after.readiness().worse_than(&before.readiness());
    if missing.is_empty() { Ok(()) } else { Err(Refusal::Missing(missing)) }
}

fn write(
    connection: &mut AnyConnection,
    before: &StoredCampaign,
    change: &CampaignChange,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = before.campaign.id();
    let home = (id, before.campaign.organisation_id());
    match change {
        CampaignChange::Campaign(campaign) => write_campaign(connection, campaign),
        CampaignChange::Asks(list) => asks::replace(connection, id, list),
        CampaignChange::Templates(list) => templates::replace(connection, id, &before.templates, list, now),
        CampaignChange::Questions(list) => consent_questions::replace(connection, home, &before.questions, list, now),
        CampaignChange::Notices(list) => objection_notices::replace(connection, home, &before.notices, list, now),
    }
}

fn write_campaign(connection: &mut AnyConnection, campaign: &Campaign) -> Result<(), StoreError> {
    diesel::update(campaigns::table.find(Id::from(campaign.id())))
        .set((
            campaigns::slug.eq(campaign.content().slug.as_str()),
            campaigns::status.eq(campaign.status().as_str()),
            campaigns::content.eq(Json::of(campaign.content())?),
        ))
        .execute(connection)?;
    Ok(())
}

/// Counts the change, and makes a new edition if the letters would differ.
fn renew(
    connection: &mut AnyConnection,
    campaign: &mut StoredCampaign,
    now: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<(), StoreError> {
    campaign.revision += 1;
    diesel::update(campaigns::table.find(Id::from(campaign.campaign.id())))
        .set((campaigns::revision.eq(campaign.revision), campaigns::updated_at.eq(At::new(now))))
        .execute(connection)?;
    let content = campaign.edition_content();
    let is_same = campaign.edition.as_ref().is_some_and(|edition| edition.content == content);
    if is_same || content.templates.is_empty() {
        return Ok(());
    }
    let number = campaign.edition.as_ref().map_or(1, |edition| edition.number + 1);
    let edition = StoredEdition { id: EditionId::new(fresh()), number, content };
    editions::add(connection, campaign.campaign.id(), &edition, now)?;
    campaign.edition = Some(edition);
    Ok(())
}

/// Adds a version and keeps the key it came with. Gives the version, and the campaign's revision with it.
pub(super) fn add_template(
    connection: &mut AnyConnection,
    change: &CampaignEdit,
    source: &TemplateSource,
    keep: Option<Keep<TemplateVersion>>,
) -> Result<Edited<(TemplateVersion, i64), Refusal>, StoreError> {
    let edited = edit(connection, change, |stored| add_version(stored, source, change.fresh))?;
    let edited = edited.try_map(|stored| {
        let added = stored.templates.used.into_iter().find(|template| template.source == *source);
        let added = added.ok_or_else(|| StoreError::corrupt("templates", "body", stored.campaign.id()))?;
        Ok::<_, StoreError>((added, stored.revision))
    })?;
    if let (Some(keep), Edited::Done((added, _))) = (keep, &edited) {
        idempotency::remember(connection, &keep.claim, &(keep.answer)(added), change.now)?;
    }
    Ok(edited)
}

/// The next version of a template, if it renders for every office it covers and says something new.
pub(super) fn add_version(
    stored: &StoredCampaign,
    source: &TemplateSource,
    fresh: fn() -> Uuid,
) -> Result<Vec<CampaignChange>, Refusal> {
    let used = &stored.templates.used;
    if used.iter().any(|template| template.source == *source) {
        return Ok(Vec::new());
    }
    stored.edition_content().check_template(source, &stored.campaign.content().offices)?;
    let others = used.iter().filter(|known| known.source.place() != source.place()).cloned();
    let added = stored.templates.versions(vec![source.clone()], fresh);
    Ok(vec![CampaignChange::Templates(others.chain(added).collect())])
}

/// Leads an organisation's change on to its campaigns: new letters where they show it, and none left unready, nor those that it joined.
pub(crate) fn follow_organisation(
    connection: &mut AnyConnection,
    before: &Organisation,
    organisation: &Organisation,
    now: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<Result<(), Refusal>, StoreError> {
    let mut campaigns = rows::of_organisation(connection, organisation.id)?;
    for campaign in &mut campaigns {
        let after = StoredCampaign { organisation: organisation.clone(), ..campaign.clone() };
        if let Err(refusal) = stays_ready(campaign, &after) {
            return Ok(Err(refusal));
        }
        *campaign = after;
    }
    let lost = Readiness::of_controller(organisation).worse_than(&Readiness::of_controller(before));
    if !lost.is_empty() && rows::count_shared(connection, organisation.id)? > 0 {
        return Ok(Err(Refusal::Missing(lost)));
    }
    for campaign in &mut campaigns {
        let shown = campaign.edition.as_ref().map(|edition| &edition.content);
        if shown.is_some_and(|content| *content != campaign.edition_content()) {
            renew(connection, campaign, now, fresh)?;
        }
    }
    Ok(Ok(()))
}

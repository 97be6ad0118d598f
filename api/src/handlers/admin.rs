//! Administration: everything here needs a token, and reaches what the token's organisation owns and nothing else (C25).

pub(crate) mod actions;
pub(crate) mod alarms;
pub(crate) mod asks;
pub(crate) mod audit;
pub(crate) mod bounces;
mod campaign_document;
mod campaign_view;
pub(crate) mod campaigns;
pub(crate) mod consent_questions;
pub(crate) mod coverage;
pub(crate) mod deliveries;
pub(crate) mod delivery_commands;
pub(crate) mod delivery_message;
pub(crate) mod delivery_plan;
pub(crate) mod digests;
pub(crate) mod dissolutions;
pub(crate) mod health;
pub(crate) mod invalidations;
pub(crate) mod library;
pub(crate) mod moderation;
pub(crate) mod moderation_trials;
mod organisation_document;
pub(crate) mod organisations;
pub(crate) mod partners;
pub(crate) mod permissions;
pub(crate) mod preference_changes;
pub(crate) mod question_versions;
mod question_words;
mod read_only;
pub(crate) mod reports;
pub(crate) mod representatives;
pub(crate) mod requests;
pub(crate) mod retention;
pub(crate) mod stops;
pub(crate) mod supporter_data;
pub(crate) mod supporters;
pub(crate) mod suppressions;
pub(crate) mod tallies;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod transitions;

pub(crate) use campaign_document::{CampaignDocument, ParsedCampaign};
pub(crate) use library::PutLibrary;
pub(crate) use organisation_document::OrganisationDocument;
pub(crate) use partners::JoinCampaign;

use crate::app::App;
use crate::auth::Caller;
use crate::http::etag::{ETag, Precondition};
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::ids;
use postbag_domain::{
    CampaignId, Directory, EmailAddress, FieldErrors, Flaw, Organisation, Representative, RepresentativeId, Slug,
};
use postbag_persistence::{CampaignEdit, Edited, Expected, Reach, Refusal, StoredCampaign, StoredOrganisation};

/// What a caller's token opens. A token of an organisation that does not exist opens nothing.
async fn reach<S>(app: &App, caller: &Caller<S>) -> Answer<Reach> {
    let Some(own) = caller.tenant() else { return Ok(Reach::All) };
    let stored = find_organisation(app, Reach::All, own).await?;
    Ok(Reach::Organisation(stored.organisation.id))
}

/// Parses a slug of a path; one that cannot be a slug is not found.
fn slug(text: &str) -> Answer<Slug> {
    Slug::parse(text).map_err(|_flaw| Problem::not_found())
}

/// The organisation of a path.
async fn find_organisation(app: &App, reach: Reach, organisation: &str) -> Answer<StoredOrganisation> {
    app.store.organisation(reach, slug(organisation)?).await?.ok_or_else(Problem::not_found)
}

/// Whose a new campaign is to be: the token's organisation, or the one that the operator names.
async fn owner(app: &App, reach: Reach, named: Option<&str>) -> Answer<Organisation> {
    let flaw = Flaw::new("organisation_unknown", "must be the slug of an organisation");
    let unknown = || Problem::from(FieldErrors::one("/organisation", flaw));
    let found = match (named, reach) {
        (Some(word), _) => {
            let slug = Slug::parse(word).map_err(|flaw| FieldErrors::one("/organisation", flaw))?;
            app.store.organisation(reach, slug).await?
        }
        (None, Reach::Organisation(own)) => app.store.organisation_by_id(own).await?,
        (None, Reach::All) => None,
    };
    Ok(found.ok_or_else(unknown)?.organisation)
}

/// A campaign within the caller's reach.
async fn find_campaign(app: &App, reach: Reach, slug: Slug) -> Answer<Box<StoredCampaign>> {
    let stored = app.store.campaign(reach, slug).await?;
    stored.map(Box::new).ok_or_else(Problem::not_found)
}

/// The campaign, for its organisation and for its partners.
async fn find_shared_campaign(app: &App, reach: Reach, slug: Slug) -> Answer<Box<StoredCampaign>> {
    let stored = find_campaign(app, Reach::All, slug).await?;
    let is_partner = || stored.partners.iter().any(|partner| reach.covers(partner.organisation.id));
    let is_theirs = reach.covers(stored.organisation.id) || is_partner();
    is_theirs.then_some(stored).ok_or_else(Problem::not_found)
}

/// The id of the campaign that a list is narrowed to. The list itself holds what is within reach.
async fn narrowed(app: &App, reach: Reach, campaign: Option<&str>) -> Answer<Option<CampaignId>> {
    match campaign {
        None => Ok(None),
        Some(word) => Ok(Some(find_shared_campaign(app, reach, slug(word)?).await?.campaign.id())),
    }
}

/// The representative that a message goes to, with their address; a conflict for one who cannot be written to.
fn reached(directory: &Directory, id: RepresentativeId) -> Answer<(&Representative, &EmailAddress)> {
    let holder = directory.representative(id);
    let holder = holder.ok_or_else(|| Problem::conflict("the representative is no longer in the directory"))?;
    let to = holder.email.as_ref().ok_or_else(|| Problem::conflict("no address of the representative is known"))?;
    Ok((holder, to))
}

/// An edit of the campaign as it was read; a change in between makes it stale.
fn edit(app: &App, reach: Reach, stored: &StoredCampaign) -> CampaignEdit {
    CampaignEdit {
        reach,
        slug: stored.campaign.content().slug.clone(),
        expected: Expected::Revision(stored.revision),
        now: app.clock.now(),
        fresh: ids::fresh,
    }
}

/// The tag of a campaign and of all that belongs to it.
fn tag(stored: &StoredCampaign) -> ETag {
    ETag::of_revision(stored.revision)
}

/// Replacing something needs its tag (A5); setting what was empty, or again what is there, needs none.
fn require_seen(precondition: &Precondition, stored: &StoredCampaign, replaces: bool) -> Answer<()> {
    if replaces { precondition.require(&tag(stored)) } else { Ok(()) }
}

/// What a `PUT` of a whole document is held against: nothing stored, or the revision that its author has seen (A5). The same
/// document again changes nothing and needs no tag.
fn expected(precondition: &Precondition, current: Option<i64>, changes: bool) -> Answer<Expected> {
    match current {
        None => precondition.require_absent().map(|()| Expected::Nothing),
        Some(revision) if changes => {
            precondition.require(&ETag::of_revision(revision)).map(|()| Expected::Revision(revision))
        }
        Some(revision) => Ok(Expected::Revision(revision)),
    }
}

/// The value of a change that was made, or the problem that it met.
fn made<T>(changed: Edited<T, Refusal>) -> Answer<T> {
    match changed {
        Edited::Created(value) | Edited::Done(value) => Ok(value),
        Edited::Unknown => Err(Problem::not_found()),
        Edited::Taken => Err(Problem::conflict("this slug belongs to another organisation")),
        Edited::Stale(_) => Err(ProblemType::PreconditionFailed.into()),
        Edited::Refused(refusal) => Err(refusal.into()),
    }
}

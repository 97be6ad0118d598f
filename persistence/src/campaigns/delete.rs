//! Deleting a draft with all that belongs to it.
//!
//! The database refuses to delete words that people may have read; only those of a draft can go.

use super::{CampaignEdit, Refusal, rows};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::expected::Edited;
use crate::revisions::Snapshot;
use crate::schema::{
    asks, campaign_partners, campaigns, consent_questions, consent_wordings, editions, objection_notices,
    objection_wordings, objections_offered, questions_asked, templates,
};
use crate::types::Id;
use diesel::prelude::*;
use postbag_domain::CampaignStatus;

pub(super) fn draft(connection: &mut AnyConnection, edit: &CampaignEdit) -> Result<Edited<(), Refusal>, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = rows::find(connection, edit.reach, &edit.slug)? else {
        return Ok(Edited::Unknown);
    };
    if !edit.expected.fits(Some(stored.revision)) {
        return Ok(Edited::Stale(Some(stored.revision)));
    }
    match stored.campaign.status() {
        CampaignStatus::Draft => {}
        status
        @ (CampaignStatus::Live | CampaignStatus::Paused | CampaignStatus::Closed | CampaignStatus::Archived) => {
            return Ok(Edited::Refused(Refusal::NotADraft(status)));
        }
    }
    delete(connection, stored.campaign.id().into())?;
    Snapshot::Campaigns.bump(connection)?;
    Ok(Edited::Done(()))
}

/// Deletes the campaign's rows, those that point at others first. What it picked from the library stays there.
fn delete(connection: &mut AnyConnection, campaign: Id) -> Result<(), StoreError> {
    delete_questions(connection, campaign)?;
    delete_notices(connection, campaign)?;
    diesel::delete(campaign_partners::table.filter(campaign_partners::campaign_id.eq(campaign))).execute(connection)?;
    diesel::delete(editions::table.filter(editions::campaign_id.eq(campaign))).execute(connection)?;
    diesel::delete(templates::table.filter(templates::campaign_id.eq(campaign))).execute(connection)?;
    diesel::delete(asks::table.filter(asks::campaign_id.eq(campaign))).execute(connection)?;
    diesel::delete(campaigns::table.find(campaign)).execute(connection)?;
    Ok(())
}

fn delete_questions(connection: &mut AnyConnection, campaign: Id) -> Result<(), StoreError> {
    let own = consent_questions::table.filter(consent_questions::campaign_id.eq(campaign));
    let questions: Vec<Id> = own.select(consent_questions::id).load(connection)?;
    diesel::delete(questions_asked::table.filter(questions_asked::campaign_id.eq(campaign))).execute(connection)?;
    diesel::delete(consent_wordings::table.filter(consent_wordings::question_id.eq_any(questions)))
        .execute(connection)?;
    diesel::delete(own).execute(connection)?;
    Ok(())
}

fn delete_notices(connection: &mut AnyConnection, campaign: Id) -> Result<(), StoreError> {
    let own = objection_notices::table.filter(objection_notices::campaign_id.eq(campaign));
    let notices: Vec<Id> = own.select(objection_notices::id).load(connection)?;
    diesel::delete(objections_offered::table.filter(objections_offered::campaign_id.eq(campaign)))
        .execute(connection)?;
    diesel::delete(objection_wordings::table.filter(objection_wordings::notice_id.eq_any(notices)))
        .execute(connection)?;
    diesel::delete(own).execute(connection)?;
    Ok(())
}

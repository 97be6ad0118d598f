//! The partners of a campaign: organisations that share its form, each a controller of its own people.
//!
//! The campaign's organisation invites a partner; the partner joins by saying what it asks, picked from its own library.

use crate::campaigns::{CampaignEdit, Refusal, find_campaign};
use crate::connection::AnyConnection;
use crate::consent_questions::{self, StoredQuestions};
use crate::expected::Edited;
use crate::objection_notices::{self, StoredNotices};
use crate::organisations::OrganisationRow;
use crate::revisions::Snapshot;
use crate::schema::{campaign_partners, campaigns, organisations};
use crate::types::{At, Id};
use crate::{Reach, Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, ConsentQuestion, ObjectionNotice, Organisation, OrganisationId, Partner};
use std::collections::HashMap;

/// A partner as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPartner {
    /// The organisation.
    pub organisation: Organisation,
    /// When the campaign's organisation invited it.
    pub invited_at: DateTime<Utc>,
    /// When it joined; before that nothing of it shows.
    pub joined_at: Option<DateTime<Utc>>,
    /// What it asks.
    pub questions: StoredQuestions,
    /// Its notices with a right to object.
    pub notices: StoredNotices,
}

impl StoredPartner {
    /// The partner as forms show it, once it has joined.
    pub(crate) fn into_live(self) -> Option<Partner> {
        let Self { organisation, joined_at, questions, notices, .. } = self;
        let StoredNotices { shown: objections, retired: earlier_objections } = notices;
        joined_at.map(|_at| Partner { organisation, questions: questions.asked, objections, earlier_objections })
    }
}

/// What is to become of a partner.
#[derive(Clone, Debug)]
pub enum PartnerChange {
    /// It is invited.
    Invite,
    /// It joins, or changes what it asks. Its questions and notices are those of its library.
    Join(Vec<ConsentQuestion>, Vec<ObjectionNotice>),
    /// It is no partner any more. Its people stay its own.
    Leave,
}

impl Store {
    /// Changes a partner of a campaign. Gives the partners, and the campaign's revision with them.
    ///
    /// `edit` names the campaign; who may do what is for the caller to see. Joining without an invitation, and leaving what one is not part
    /// of, is [`Edited::Unknown`].
    pub async fn change_partner(
        &self,
        edit: CampaignEdit,
        organisation: OrganisationId,
        change: PartnerChange,
    ) -> Result<Edited<(Vec<StoredPartner>, i64), Refusal>, StoreError> {
        self.write(move |connection| apply(connection, &edit, organisation, change)).await
    }
}

type Changed = Edited<(Vec<StoredPartner>, i64), Refusal>;

fn apply(
    connection: &mut AnyConnection,
    edit: &CampaignEdit,
    organisation: OrganisationId,
    change: PartnerChange,
) -> Result<Changed, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = find_campaign(connection, Reach::All, &edit.slug)? else { return Ok(Edited::Unknown) };
    if !edit.expected.fits(Some(stored.revision)) {
        return Ok(Edited::Stale(Some(stored.revision)));
    }
    let known = stored.partners.iter().find(|partner| partner.organisation.id == organisation);
    let home = (stored.campaign.id(), organisation);
    match (change, known) {
        (PartnerChange::Invite, Some(_)) => return Ok(Edited::Done((stored.partners, stored.revision))),
        (PartnerChange::Invite, None) => invite(connection, home, edit.now)?,
        (PartnerChange::Join(questions, notices), Some(known)) => {
            join(connection, home, known, edit.now)?;
            show(connection, home, known, (&questions, &notices), edit.now)?;
        }
        (PartnerChange::Leave, Some(known)) => {
            show(connection, home, known, (&[], &[]), edit.now)?;
            diesel::delete(campaign_partners::table.find(key(home))).execute(connection)?;
        }
        (PartnerChange::Join(..) | PartnerChange::Leave, None) => return Ok(Edited::Unknown),
    }
    let revision = stored.revision + 1;
    diesel::update(campaigns::table.find(Id::from(home.0)))
        .set((campaigns::revision.eq(revision), campaigns::updated_at.eq(At::new(edit.now))))
        .execute(connection)?;
    Snapshot::Campaigns.bump(connection)?;
    let after = find_campaign(connection, Reach::All, &edit.slug)?;
    Ok(after.map_or(Edited::Unknown, |stored| Edited::Done((stored.partners, revision))))
}

/// A campaign and its partner.
type Home = (CampaignId, OrganisationId);

fn key((campaign, organisation): Home) -> (Id, Id) {
    (campaign.into(), organisation.into())
}

fn invite(connection: &mut AnyConnection, home: Home, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (campaign, organisation) = key(home);
    diesel::insert_into(campaign_partners::table)
        .values((
            campaign_partners::campaign_id.eq(campaign),
            campaign_partners::organisation_id.eq(organisation),
            campaign_partners::invited_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Ok(())
}

fn join(
    connection: &mut AnyConnection,
    home: Home,
    known: &StoredPartner,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let joined_at = At::new(known.joined_at.unwrap_or(now));
    diesel::update(campaign_partners::table.find(key(home)))
        .set(campaign_partners::joined_at.eq(Some(joined_at)))
        .execute(connection)?;
    Ok(())
}

/// Puts what a partner asks and shows in the place of what it asked and showed.
fn show(
    connection: &mut AnyConnection,
    home: Home,
    known: &StoredPartner,
    (questions, notices): (&[ConsentQuestion], &[ObjectionNotice]),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    consent_questions::replace(connection, home, &known.questions, questions, now)?;
    objection_notices::replace(connection, home, &known.notices, notices, now)
}

type Row = (Id, At, Option<At>, OrganisationRow);

/// The partners of several campaigns, by slug; `questions` and `notices` are those of each campaign and organisation.
pub(crate) fn load(
    connection: &mut AnyConnection,
    campaigns: &[Id],
    questions: &mut HashMap<(Id, Id), StoredQuestions>,
    notices: &mut HashMap<(Id, Id), StoredNotices>,
) -> Result<HashMap<Id, Vec<StoredPartner>>, StoreError> {
    let rows: Vec<Row> = campaign_partners::table
        .inner_join(organisations::table.on(organisations::id.eq(campaign_partners::organisation_id)))
        .filter(campaign_partners::campaign_id.eq_any(campaigns))
        .select((
            campaign_partners::campaign_id,
            campaign_partners::invited_at,
            campaign_partners::joined_at,
            OrganisationRow::as_select(),
        ))
        .load(connection)?;
    let mut of_campaign: HashMap<Id, Vec<StoredPartner>> = HashMap::new();
    for (campaign, invited_at, joined_at, organisation) in rows {
        let organisation = organisation.read()?.organisation;
        let key = (campaign, Id::from(organisation.id));
        of_campaign.entry(campaign).or_default().push(StoredPartner {
            organisation,
            invited_at: invited_at.time(),
            joined_at: joined_at.map(At::time),
            questions: questions.remove(&key).unwrap_or_default(),
            notices: notices.remove(&key).unwrap_or_default(),
        });
    }
    for partners in of_campaign.values_mut() {
        partners.sort_by(|left, right| left.organisation.content.slug.cmp(&right.organisation.content.slug));
    }
    Ok(of_campaign)
}

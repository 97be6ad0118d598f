//! Notices with a right to object as rows, in all their versions, and which of them a campaign shows now.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{objection_notices, objections_offered};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{Activity, CampaignId, NoticeVersion, ObjectionNotice};
use std::collections::HashMap;

/// A campaign's notices: those it shows, and those it once showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredNotices {
    /// Shown now, in order.
    pub shown: Vec<ObjectionNotice>,
    /// Not shown any more. The objections raised against them stand, and they may be shown again.
    pub retired: Vec<ObjectionNotice>,
}

type NoticeRow = (Id, String, i32, Json);

type Versions = HashMap<(Id, Activity), Vec<NoticeVersion>>;

/// The notices of several campaigns.
pub(crate) fn load(connection: &mut AnyConnection, campaigns: &[Id]) -> Result<HashMap<Id, StoredNotices>, StoreError> {
    let mut versions = load_versions(connection, campaigns)?;
    let offered: Vec<(Id, String)> = objections_offered::table
        .filter(objections_offered::campaign_id.eq_any(campaigns))
        .order((objections_offered::campaign_id, objections_offered::position))
        .select((objections_offered::campaign_id, objections_offered::activity))
        .load(connection)?;
    let mut of_campaign: HashMap<Id, StoredNotices> = HashMap::new();
    for (campaign, activity) in offered {
        let activity = parse(&activity, campaign)?;
        let found = ObjectionNotice::restore(activity, versions.remove(&(campaign, activity)).unwrap_or_default());
        let notice = found.ok_or_else(|| StoreError::corrupt("objections_offered", "version", campaign))?;
        of_campaign.entry(campaign).or_default().shown.push(notice);
    }
    for ((campaign, activity), versions) in versions {
        of_campaign.entry(campaign).or_default().retired.extend(ObjectionNotice::restore(activity, versions));
    }
    Ok(of_campaign)
}

fn load_versions(connection: &mut AnyConnection, campaigns: &[Id]) -> Result<Versions, StoreError> {
    let rows: Vec<NoticeRow> = objection_notices::table
        .filter(objection_notices::campaign_id.eq_any(campaigns))
        .select((
            objection_notices::campaign_id,
            objection_notices::activity,
            objection_notices::version,
            objection_notices::wordings,
        ))
        .load(connection)?;
    let mut versions = Versions::new();
    for (campaign, activity, version, wordings) in rows {
        let wordings = wordings.read("objection_notices", "wordings", campaign)?;
        let activity = parse(&activity, campaign)?;
        versions.entry((campaign, activity)).or_default().push(NoticeVersion { version, wordings });
    }
    Ok(versions)
}

fn parse(activity: &str, campaign: Id) -> Result<Activity, StoreError> {
    activity.parse().map_err(|_flaw| StoreError::corrupt("objection_notices", "activity", campaign))
}

/// Puts a list of notices in the place of another; new versions are added, notices that are gone are no longer shown.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    before: &StoredNotices,
    list: &[ObjectionNotice],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::delete(objections_offered::table.filter(objections_offered::campaign_id.eq(Id::from(campaign))))
        .execute(connection)?;
    for (position, notice) in (1i32..).zip(list) {
        let known = before.shown.iter().chain(&before.retired).find(|known| known.activity() == notice.activity());
        let has = |version: i32| known.is_some_and(|known| known.versions().any(|old| old.version == version));
        for version in notice.versions().filter(|version| !has(version.version)) {
            add_version(connection, campaign, notice, version, now)?;
        }
        offer(connection, campaign, notice, position)?;
    }
    Ok(())
}

fn add_version(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    notice: &ObjectionNotice,
    version: &NoticeVersion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(objection_notices::table)
        .values((
            objection_notices::campaign_id.eq(Id::from(campaign)),
            objection_notices::activity.eq(notice.activity().as_str()),
            objection_notices::version.eq(version.version),
            objection_notices::wordings.eq(Json::of(&version.wordings)?),
            objection_notices::created_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Ok(())
}

fn offer(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    notice: &ObjectionNotice,
    position: i32,
) -> Result<(), StoreError> {
    diesel::insert_into(objections_offered::table)
        .values((
            objections_offered::campaign_id.eq(Id::from(campaign)),
            objections_offered::activity.eq(notice.activity().as_str()),
            objections_offered::position.eq(position),
            objections_offered::version.eq(notice.version()),
        ))
        .execute(connection)?;
    Ok(())
}

//! Notices with a right to object as rows, in all their versions.
//!
//! A notice belongs to its organisation. It is kept in the library, one for each activity, or worded for one campaign; which campaign
//! shows what is a row of its own.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{objection_notices, objection_wordings, objections_offered};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{Activity, CampaignId, NoticeVersion, NoticeWords, ObjectionNotice, OrganisationId};
use std::collections::HashMap;

/// The notices of a campaign or of a library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredNotices {
    /// Shown now, in order; for a library, those that are kept, by activity.
    pub shown: Vec<ObjectionNotice>,
    /// Not shown any more. The objections raised against them stand, and they may be shown again.
    pub retired: Vec<ObjectionNotice>,
}

impl StoredNotices {
    fn put(&mut self, notice: ObjectionNotice, is_shown: bool) {
        if is_shown { &mut self.shown } else { &mut self.retired }.push(notice);
    }
}

/// A notice's identity, its activity, and whether a campaign words it.
type NoticeRow = (Id, String, Option<Id>);

/// The notices of several campaigns, by campaign and organisation: a partner shows its own.
pub(crate) fn load(
    connection: &mut AnyConnection,
    campaigns: &[Id],
) -> Result<HashMap<(Id, Id), StoredNotices>, StoreError> {
    let links: Vec<((Id, Id), Option<i32>, NoticeRow)> = objections_offered::table
        .inner_join(objection_notices::table.on(objection_notices::id.eq(objections_offered::notice_id)))
        .filter(objections_offered::campaign_id.eq_any(campaigns))
        .order((objections_offered::campaign_id, objections_offered::position, objections_offered::notice_id))
        .select((
            (objections_offered::campaign_id, objection_notices::organisation_id),
            objections_offered::position,
            (objection_notices::id, objection_notices::activity, objection_notices::campaign_id),
        ))
        .load(connection)?;
    let versions = load_versions(connection, links.iter().map(|(_, _, (id, ..))| *id).collect())?;
    let mut of_campaigns: HashMap<(Id, Id), StoredNotices> = HashMap::new();
    for (home, position, notice) in links {
        of_campaigns.entry(home).or_default().put(restore(notice, &versions)?, position.is_some());
    }
    Ok(of_campaigns)
}

/// The libraries of several organisations.
pub(crate) fn load_libraries(
    connection: &mut AnyConnection,
    organisations: &[Id],
) -> Result<HashMap<Id, StoredNotices>, StoreError> {
    let rows: Vec<(Id, Option<At>, NoticeRow)> = objection_notices::table
        .filter(objection_notices::organisation_id.eq_any(organisations).and(objection_notices::campaign_id.is_null()))
        .select((
            objection_notices::organisation_id,
            objection_notices::retired_at,
            (objection_notices::id, objection_notices::activity, objection_notices::campaign_id),
        ))
        .load(connection)?;
    let versions = load_versions(connection, rows.iter().map(|(_, _, (id, ..))| *id).collect())?;
    let mut libraries: HashMap<Id, StoredNotices> = HashMap::new();
    for (organisation, retired_at, notice) in rows {
        libraries.entry(organisation).or_default().put(restore(notice, &versions)?, retired_at.is_none());
    }
    for library in libraries.values_mut() {
        library.shown.sort_by_key(ObjectionNotice::activity);
    }
    Ok(libraries)
}

/// The highest number that a version of any notice of an organisation has, by activity.
pub(crate) fn last_versions(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
) -> Result<HashMap<Activity, i32>, StoreError> {
    let rows: Vec<(Id, String, i32)> = objection_notices::table
        .filter(objection_notices::organisation_id.eq(Id::from(organisation)))
        .select((objection_notices::id, objection_notices::activity, objection_notices::version))
        .load(connection)?;
    let mut last = HashMap::new();
    for (id, activity, version) in rows {
        let known = last.entry(parse(&activity, id)?).or_insert(version);
        *known = version.max(*known);
    }
    Ok(last)
}

type Versions = HashMap<Id, Vec<NoticeVersion>>;

fn restore((id, activity, campaign): NoticeRow, versions: &Versions) -> Result<ObjectionNotice, StoreError> {
    let versions = versions.get(&id).cloned().unwrap_or_default();
    let notice = ObjectionNotice::restore(id.into(), campaign.is_none(), parse(&activity, id)?, versions);
    notice.ok_or_else(|| StoreError::corrupt("objection_notices", "version", id))
}

fn parse(activity: &str, notice: Id) -> Result<Activity, StoreError> {
    activity.parse().map_err(|_flaw| StoreError::corrupt("objection_notices", "activity", notice))
}

fn load_versions(connection: &mut AnyConnection, notices: Vec<Id>) -> Result<Versions, StoreError> {
    let rows: Vec<(Id, i32, Json, Option<Json>)> = objection_wordings::table
        .filter(objection_wordings::notice_id.eq_any(notices))
        .select((
            objection_wordings::notice_id,
            objection_wordings::version,
            objection_wordings::wordings,
            objection_wordings::long_wordings,
        ))
        .load(connection)?;
    let mut versions = Versions::new();
    for (notice, version, wordings, long_wordings) in rows {
        let wordings = wordings.read("objection_wordings", "wordings", notice)?;
        let long_wordings =
            long_wordings.map(|texts| texts.read("objection_wordings", "long_wordings", notice)).transpose()?;
        let words = NoticeWords { wordings, long_wordings };
        versions.entry(notice).or_default().push(NoticeVersion { version, words });
    }
    Ok(versions)
}

/// Puts the list of notices that an organisation shows in a campaign in the place of another. The campaign's own get their new versions; those
/// of the library are shown as they are, and one that is not kept any more is a conflict.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    (campaign, organisation): (CampaignId, OrganisationId),
    before: &StoredNotices,
    list: &[ObjectionNotice],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let theirs = objection_notices::table.filter(objection_notices::organisation_id.eq(Id::from(organisation)));
    let shown = objections_offered::table
        .filter(objections_offered::campaign_id.eq(Id::from(campaign)))
        .filter(objections_offered::notice_id.eq_any(theirs.select(objection_notices::id)));
    diesel::update(shown).set(objections_offered::position.eq(None::<i32>)).execute(connection)?;
    let taken = last_versions(connection, organisation)?;
    for (position, notice) in (1i32..).zip(list) {
        let known = before.shown.iter().chain(&before.retired).find(|known| known.id() == notice.id());
        if notice.is_of_library() {
            require_kept(connection, notice)?;
        } else {
            require_free(&taken, known, notice)?;
            write(connection, organisation, Some(campaign), known, notice, now)?;
        }
        offer(connection, campaign, notice, position)?;
    }
    Ok(())
}

/// The number of a new version must be free: words of one number that differ would make evidence of what nobody read.
pub(crate) fn require_free(
    last: &HashMap<Activity, i32>,
    known: Option<&ObjectionNotice>,
    notice: &ObjectionNotice,
) -> Result<(), StoreError> {
    let is_new = known.is_none_or(|known| known.version() != notice.version());
    let taken = last.get(&notice.activity()).is_some_and(|last| notice.version() <= *last);
    if is_new && taken { Err(StoreError::Conflict) } else { Ok(()) }
}

fn require_kept(connection: &mut AnyConnection, notice: &ObjectionNotice) -> Result<(), StoreError> {
    let kept = objection_notices::table.find(Id::from(notice.id())).filter(objection_notices::retired_at.is_null());
    let count: i64 = kept.count().get_result(connection)?;
    if count == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Writes a notice with the versions that it has and `known` has not. One of the library that was retired is kept again.
pub(crate) fn write(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    campaign: Option<CampaignId>,
    known: Option<&ObjectionNotice>,
    notice: &ObjectionNotice,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if known.is_some() {
        diesel::update(objection_notices::table.find(Id::from(notice.id())))
            .set((objection_notices::version.eq(notice.version()), objection_notices::retired_at.eq(None::<At>)))
            .execute(connection)?;
    } else {
        diesel::insert_into(objection_notices::table)
            .values((
                objection_notices::id.eq(Id::from(notice.id())),
                objection_notices::organisation_id.eq(Id::from(organisation)),
                objection_notices::campaign_id.eq(campaign.map(Id::from)),
                objection_notices::activity.eq(notice.activity().as_str()),
                objection_notices::version.eq(notice.version()),
                objection_notices::retired_at.eq(None::<At>),
            ))
            .execute(connection)?;
    }
    let has = |version: i32| known.is_some_and(|known| known.versions().any(|old| old.version == version));
    for version in notice.versions().filter(|version| !has(version.version)) {
        add_version(connection, notice, version, now)?;
    }
    Ok(())
}

/// Retires a notice of the library.
pub(crate) fn retire(
    connection: &mut AnyConnection,
    notice: &ObjectionNotice,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(objection_notices::table.find(Id::from(notice.id())))
        .set(objection_notices::retired_at.eq(Some(At::new(now))))
        .execute(connection)?;
    Ok(())
}

fn add_version(
    connection: &mut AnyConnection,
    notice: &ObjectionNotice,
    version: &NoticeVersion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(objection_wordings::table)
        .values((
            objection_wordings::notice_id.eq(Id::from(notice.id())),
            objection_wordings::version.eq(version.version),
            objection_wordings::wordings.eq(Json::of(&version.words.wordings)?),
            objection_wordings::long_wordings.eq(version.words.long_wordings.as_ref().map(Json::of).transpose()?),
            objection_wordings::created_at.eq(At::new(now)),
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
    let (campaign, notice) = (Id::from(campaign), Id::from(notice.id()));
    let offered = diesel::update(objections_offered::table.find((campaign, notice)))
        .set(objections_offered::position.eq(position))
        .execute(connection)?;
    if offered == 0 {
        diesel::insert_into(objections_offered::table)
            .values((
                objections_offered::campaign_id.eq(campaign),
                objections_offered::notice_id.eq(notice),
                objections_offered::position.eq(position),
            ))
            .execute(connection)?;
    }
    Ok(())
}

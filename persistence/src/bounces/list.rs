//! Bounces as administrators see them.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::bounces;
use crate::types::{At, Id};
use crate::{Cursor, Page, PageRequest, Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    BounceCause, BounceId, BounceKind, BounceReport, CampaignId, DeliveryId, MailId, RepresentativeId, Verdict,
};

/// Which bounces are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct BounceFilter {
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// Only of this letter.
    pub delivery_id: Option<DeliveryId>,
    /// Only of letters to this representative.
    pub representative_id: Option<RepresentativeId>,
    /// Only for this cause.
    pub cause: Option<BounceCause>,
}

/// One bounce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BounceSummary {
    /// Its identity.
    pub id: BounceId,
    /// The campaign of what came back; nothing for a mail that is about the person.
    pub campaign_id: Option<CampaignId>,
    /// The letter that came back.
    pub delivery_id: Option<DeliveryId>,
    /// The mail to a supporter that came back.
    pub mail_id: Option<MailId>,
    /// The recipient of the letter.
    pub representative_id: Option<RepresentativeId>,
    /// What came back, and why.
    pub report: BounceReport,
    /// The words of the other side.
    pub reply: String,
    /// True if it came as a report, false if the relay refused it at once.
    pub reported: bool,
    /// The moment it was noted.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = bounces)]
struct Row {
    id: Id,
    campaign_id: Option<Id>,
    delivery_id: Option<Id>,
    mail_id: Option<Id>,
    representative_id: Option<Id>,
    kind: String,
    cause: String,
    lasts: bool,
    reply: String,
    fingerprint: Option<Vec<u8>>,
    created_at: At,
}

pub(super) fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    filter: BounceFilter,
    request: PageRequest,
) -> Result<Page<BounceSummary>, StoreError> {
    let mut query = bounces::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(bounces::organisation_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.campaign_id {
        query = query.filter(bounces::campaign_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.delivery_id {
        query = query.filter(bounces::delivery_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.representative_id {
        query = query.filter(bounces::representative_id.eq(Id::from(id)));
    }
    if let Some(cause) = filter.cause {
        query = query.filter(bounces::cause.eq(cause.as_str()));
    }
    let rows: Vec<Row> = page!(query, bounces, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(summary)
}

fn summary(row: Row) -> Result<BounceSummary, StoreError> {
    let corrupt = |column| StoreError::corrupt("bounces", column, row.id);
    let kind: BounceKind = row.kind.parse().map_err(|_flaw| corrupt("kind"))?;
    let cause = row.cause.parse().map_err(|_flaw| corrupt("cause"))?;
    Ok(BounceSummary {
        id: row.id.into(),
        campaign_id: row.campaign_id.map(CampaignId::from),
        delivery_id: row.delivery_id.map(DeliveryId::from),
        mail_id: row.mail_id.map(MailId::from),
        representative_id: row.representative_id.map(RepresentativeId::from),
        report: BounceReport { kind, verdict: Verdict { lasts: row.lasts, cause } },
        reply: row.reply,
        reported: row.fingerprint.is_some(),
        created_at: row.created_at.time(),
    })
}

//! What people answer to a controller of a campaign other than the one whose form they use.
//!
//! That organisation has a supporter of its own, and the evidence is a change of theirs: nobody reads the action of another controller.

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::evidence::{self, Evidence, Given, GivenBy};
use crate::types::{At, Id, Instant, Uid};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Nullable, Text};
use postbag_domain::{AnswersElsewhere, CampaignId, Means};

/// The form that the answers were given with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnForm<'f> {
    pub(crate) campaign_id: CampaignId,
    pub(crate) origin: Option<&'f str>,
    pub(crate) created_at: DateTime<Utc>,
}

/// The answers to one controller as rows.
pub(crate) struct Elsewhere {
    id: Id,
    pub(crate) organisation_id: Id,
    /// The id that the supporter gets if this organisation does not know them yet.
    pub(crate) fresh_supporter: Id,
    supporter_id: Id,
    means: &'static str,
    campaign_id: Id,
    origin: Option<String>,
    created_at: At,
    evidence: Evidence,
}

impl Elsewhere {
    pub(crate) fn new(answers: &AnswersElsewhere, form: OnForm<'_>) -> Self {
        let given = Given {
            by: GivenBy::Change(answers.change_id),
            organisation_id: answers.organisation_id,
            campaign_id: form.campaign_id,
            supporter_id: answers.supporter_id.into(),
            created_at: form.created_at,
        };
        Self {
            id: answers.change_id.into(),
            organisation_id: answers.organisation_id.into(),
            fresh_supporter: answers.supporter_id.into(),
            supporter_id: answers.supporter_id.into(),
            means: Means::Form.as_str(),
            campaign_id: form.campaign_id.into(),
            origin: form.origin.map(str::to_owned),
            created_at: form.created_at.into(),
            evidence: Evidence::from_answers(&given, &answers.consents, &answers.objections),
        }
    }

    /// Hangs the rows on the supporter that the database knows.
    pub(crate) fn belongs_to(&mut self, supporter: Id) {
        self.supporter_id = supporter;
        self.evidence.belongs_to(supporter);
    }
}

/// Adds the changes and their entries to the ledgers. Their supporters are stored already.
pub(crate) fn insert(connection: &mut AnyConnection, rows: &[&Elsewhere]) -> QueryResult<()> {
    insert_all!(connection, rows, "preference_changes", |row| {
        id: Uid = row.id,
        organisation_id: Uid = row.organisation_id,
        supporter_id: Uid = row.supporter_id,
        means: Text = row.means,
        created_at: Instant = row.created_at,
        campaign_id: Nullable<Uid> = Some(row.campaign_id),
        origin: Nullable<Text> = row.origin.as_deref(),
    }, "")?;
    evidence::insert(connection, &rows.iter().map(|row| &row.evidence).collect::<Vec<_>>())
}

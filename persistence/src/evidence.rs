//! What people answered and forbade, as rows of the ledgers: with actions that are confirmed, and with changes (B1, B16).

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::types::{At, Id, Instant, Uid};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Integer, Nullable, Text};
use postbag_domain::{
    Accepted, ActionId, AnswersElsewhere, CampaignId, NewConsent, NewObjection, OrganisationId, PreferenceChangeId,
    Stance,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The answers of an action that waits for its confirmation, as its row keeps them until then.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answers {
    pub(crate) consents: Vec<NewConsent>,
    pub(crate) objections: Vec<NewObjection>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) elsewhere: Vec<AnswersElsewhere>,
}

/// The evidence of answers: the action that they were given with, or the change that they are part of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GivenBy {
    Action(ActionId),
    Change(PreferenceChangeId),
}

impl GivenBy {
    fn uuid(self) -> Uuid {
        match self {
            Self::Action(id) => id.uuid(),
            Self::Change(id) => id.uuid(),
        }
    }

    /// The columns of the action and of the change.
    fn columns(self) -> (Option<Id>, Option<Id>) {
        match self {
            Self::Action(id) => (Some(id.into()), None),
            Self::Change(id) => (None, Some(id.into())),
        }
    }
}

/// How answers were given, and to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub(crate) by: GivenBy,
    pub(crate) organisation_id: OrganisationId,
    pub(crate) campaign_id: CampaignId,
    pub(crate) supporter_id: Id,
    pub(crate) created_at: DateTime<Utc>,
}

/// Rows for the ledgers of consent and of objections.
#[derive(Default)]
pub(crate) struct Evidence {
    pub(crate) consents: Vec<ConsentRow>,
    pub(crate) objections: Vec<ObjectionRow>,
}

pub(crate) struct ConsentRow {
    pub(crate) id: Id,
    pub(crate) organisation_id: Id,
    pub(crate) campaign_id: Option<Id>,
    pub(crate) supporter_id: Id,
    pub(crate) action_id: Option<Id>,
    pub(crate) change_id: Option<Id>,
    pub(crate) question_id: Option<Id>,
    pub(crate) version: Option<i32>,
    pub(crate) purpose: String,
    pub(crate) channel: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) locale: Option<&'static str>,
    pub(crate) created_at: At,
    pub(crate) privacy_notice_version: Option<String>,
}

pub(crate) struct ObjectionRow {
    pub(crate) id: Id,
    pub(crate) organisation_id: Id,
    pub(crate) campaign_id: Option<Id>,
    pub(crate) supporter_id: Id,
    pub(crate) action_id: Option<Id>,
    pub(crate) change_id: Option<Id>,
    pub(crate) notice_id: Option<Id>,
    pub(crate) activity: &'static str,
    pub(crate) stance: &'static str,
    pub(crate) version: Option<i32>,
    pub(crate) locale: Option<&'static str>,
    pub(crate) created_at: At,
}

impl Evidence {
    /// The rows of a submission.
    pub(crate) fn of(accepted: &Accepted, supporter: Id) -> Self {
        let action = &accepted.action;
        let given = Given {
            by: GivenBy::Action(action.id),
            organisation_id: action.organisation_id,
            campaign_id: action.campaign_id,
            supporter_id: supporter,
            created_at: action.created_at,
        };
        Self::from_answers(&given, &accepted.consents, &accepted.objections)
    }

    /// The rows of answers that were given with an action.
    pub(crate) fn from_answers(given: &Given, consents: &[NewConsent], objections: &[NewObjection]) -> Self {
        Self {
            consents: consents.iter().map(|consent| consent_row(given, consent)).collect(),
            objections: objections.iter().map(|raised| objection_row(given, raised)).collect(),
        }
    }

    /// Hangs the rows on the supporter that the database knows.
    pub(crate) fn belongs_to(&mut self, supporter: Id) {
        self.consents.iter_mut().for_each(|row| row.supporter_id = supporter);
        self.objections.iter_mut().for_each(|row| row.supporter_id = supporter);
    }
}

fn consent_row(given: &Given, consent: &NewConsent) -> ConsentRow {
    let (action_id, change_id) = given.by.columns();
    ConsentRow {
        id: consent.id.into(),
        organisation_id: given.organisation_id.into(),
        campaign_id: Some(given.campaign_id.into()),
        supporter_id: given.supporter_id,
        action_id,
        change_id,
        question_id: Some(consent.question_id.into()),
        version: Some(consent.version),
        purpose: consent.purpose.as_str().to_owned(),
        channel: consent.channel.as_str(),
        answer: consent.answer.as_str(),
        locale: Some(consent.locale.as_str()),
        created_at: given.created_at.into(),
        privacy_notice_version: consent.privacy_notice_version.clone(),
    }
}

fn objection_row(given: &Given, raised: &NewObjection) -> ObjectionRow {
    let (action_id, change_id) = given.by.columns();
    ObjectionRow {
        // One action or change raises an objection once, so its id follows from the two.
        id: Id(Uuid::new_v5(&given.by.uuid(), raised.activity.as_str().as_bytes())),
        organisation_id: given.organisation_id.into(),
        campaign_id: Some(given.campaign_id.into()),
        supporter_id: given.supporter_id,
        action_id,
        change_id,
        notice_id: raised.notice_id.map(Id::from),
        activity: raised.activity.as_str(),
        stance: Stance::Objects.as_str(),
        version: Some(raised.version),
        locale: Some(raised.locale.as_str()),
        created_at: given.created_at.into(),
    }
}

/// Adds the rows to the ledgers.
pub(crate) fn insert(connection: &mut AnyConnection, evidence: &[&Evidence]) -> QueryResult<()> {
    insert_consents(connection, &evidence.iter().flat_map(|of_action| &of_action.consents).collect::<Vec<_>>())?;
    insert_objections(connection, &evidence.iter().flat_map(|of_action| &of_action.objections).collect::<Vec<_>>())
}

fn insert_consents(connection: &mut AnyConnection, rows: &[&ConsentRow]) -> QueryResult<()> {
    insert_all!(connection, rows, "consents", |row| {
        id: Uid = row.id,
        organisation_id: Uid = row.organisation_id,
        campaign_id: Nullable<Uid> = row.campaign_id,
        supporter_id: Uid = row.supporter_id,
        action_id: Nullable<Uid> = row.action_id,
        change_id: Nullable<Uid> = row.change_id,
        question_id: Nullable<Uid> = row.question_id,
        version: Nullable<Integer> = row.version,
        purpose: Text = row.purpose.as_str(),
        channel: Text = row.channel,
        answer: Text = row.answer,
        locale: Nullable<Text> = row.locale,
        created_at: Instant = row.created_at,
        privacy_notice_version: Nullable<Text> = row.privacy_notice_version.as_deref(),
    }, "")
}

fn insert_objections(connection: &mut AnyConnection, rows: &[&ObjectionRow]) -> QueryResult<()> {
    insert_all!(connection, rows, "objections", |row| {
        id: Uid = row.id,
        organisation_id: Uid = row.organisation_id,
        campaign_id: Nullable<Uid> = row.campaign_id,
        supporter_id: Uid = row.supporter_id,
        action_id: Nullable<Uid> = row.action_id,
        change_id: Nullable<Uid> = row.change_id,
        activity: Text = row.activity,
        stance: Text = row.stance,
        notice_id: Nullable<Uid> = row.notice_id,
        version: Nullable<Integer> = row.version,
        locale: Nullable<Text> = row.locale,
        created_at: Instant = row.created_at,
    }, "")
}

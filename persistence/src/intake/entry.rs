//! A submission as the rows it becomes.

use super::Record;
use crate::StoreError;
use crate::actions::areas;
use crate::idempotency::{KeyClaim, KeyRow};
use crate::types::{At, Id, Json};
use chrono::TimeDelta;
use postbag_domain::{Accepted, CampaignId, DeliveryState, HeldFor, NewAction, NewConsent, NewDelivery, NewObjection};

/// One submission on its way to the database: made ready by the handler's thread, so that a writer only binds.
pub(super) struct Entry {
    pub(super) claim: KeyClaim,
    pub(super) key: KeyRow,
    pub(super) accepted: Accepted,
    /// The id that the supporter gets if this address is not known yet.
    pub(super) fresh_supporter: Id,
    pub(super) action: ActionRow,
    pub(super) consents: Vec<ConsentRow>,
    pub(super) objections: Vec<ObjectionRow>,
    pub(super) deliveries: Vec<DeliveryRow>,
}

pub(super) struct ActionRow {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) campaign_id: Id,
    pub(super) supporter_id: Id,
    pub(super) status: &'static str,
    pub(super) is_test: bool,
    pub(super) first_of_supporter: bool,
    pub(super) nation: &'static str,
    pub(super) locale: &'static str,
    pub(super) areas: Json,
    pub(super) words: Json,
    pub(super) source: Option<String>,
    pub(super) medium: Option<String>,
    pub(super) source_campaign: Option<String>,
    pub(super) created_at: At,
}

pub(super) struct ConsentRow {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) campaign_id: Id,
    pub(super) supporter_id: Id,
    pub(super) action_id: Id,
    pub(super) question_id: Id,
    pub(super) version: i32,
    pub(super) purpose: String,
    pub(super) channel: &'static str,
    pub(super) answer: &'static str,
    pub(super) locale: &'static str,
    pub(super) created_at: At,
    pub(super) privacy_notice_version: Option<String>,
}

pub(super) struct ObjectionRow {
    pub(super) action_id: Id,
    pub(super) activity: &'static str,
    pub(super) version: i32,
    pub(super) locale: &'static str,
    pub(super) organisation_id: Id,
    pub(super) campaign_id: Id,
    pub(super) supporter_id: Id,
    pub(super) created_at: At,
}

pub(super) struct DeliveryRow {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) campaign_id: Id,
    pub(super) supporter_id: Id,
    pub(super) action_id: Id,
    pub(super) representative_id: Id,
    pub(super) office: &'static str,
    pub(super) area_code: String,
    pub(super) edition_id: Id,
    pub(super) state: &'static str,
    pub(super) held_for: Option<&'static str>,
    pub(super) is_test: bool,
    pub(super) repeat_of: Option<Id>,
    pub(super) available_at: Option<At>,
    pub(super) attempts: i32,
    pub(super) created_at: At,
}

impl Entry {
    /// The rows of a record; its key is kept for `keep_key`.
    pub(super) fn new(record: Record, keep_key: TimeDelta) -> Result<Self, StoreError> {
        let Record { accepted, supporter_id, idempotency, answer } = record;
        let (action, supporter) = (&accepted.action, Id::from(supporter_id));
        let consents = accepted.consents.iter().map(|consent| consent_row(action, consent, supporter)).collect();
        let objections = accepted.objections.iter().map(|raised| objection_row(action, raised, supporter)).collect();
        let deliveries = accepted.deliveries.iter().map(|delivery| delivery_row(action, delivery, supporter)).collect();
        Ok(Self {
            key: KeyRow::new(&idempotency, &answer, action.created_at, keep_key)?,
            claim: idempotency,
            fresh_supporter: supporter,
            action: action_row(action, supporter)?,
            consents,
            objections,
            deliveries,
            accepted,
        })
    }

    pub(super) fn campaign(&self) -> CampaignId {
        self.accepted.action.campaign_id
    }

    /// Hangs the rows on the supporter that the database knows.
    pub(super) fn belongs_to(&mut self, supporter: Id) {
        self.action.supporter_id = supporter;
        self.consents.iter_mut().for_each(|row| row.supporter_id = supporter);
        self.objections.iter_mut().for_each(|row| row.supporter_id = supporter);
        self.deliveries.iter_mut().for_each(|row| row.supporter_id = supporter);
    }
}

fn action_row(action: &NewAction, supporter: Id) -> Result<ActionRow, StoreError> {
    Ok(ActionRow {
        id: action.id.into(),
        organisation_id: action.organisation_id.into(),
        campaign_id: action.campaign_id.into(),
        supporter_id: supporter,
        status: action.status.as_str(),
        is_test: action.test,
        first_of_supporter: false,
        nation: action.nation.as_str(),
        locale: action.locale.as_str(),
        areas: Json::of(&areas::recorded(&action.areas, &action.area_choices))?,
        words: Json::of(&action.words)?,
        source: action.source.source().map(str::to_owned),
        medium: action.source.medium().map(str::to_owned),
        source_campaign: action.source.campaign().map(str::to_owned),
        created_at: action.created_at.into(),
    })
}

fn consent_row(action: &NewAction, consent: &NewConsent, supporter: Id) -> ConsentRow {
    ConsentRow {
        id: consent.id.into(),
        organisation_id: action.organisation_id.into(),
        campaign_id: action.campaign_id.into(),
        supporter_id: supporter,
        action_id: action.id.into(),
        question_id: consent.question_id.into(),
        version: consent.version,
        purpose: consent.purpose.as_str().to_owned(),
        channel: consent.channel.as_str(),
        answer: consent.answer.as_str(),
        locale: consent.locale.as_str(),
        created_at: action.created_at.into(),
        privacy_notice_version: consent.privacy_notice_version.clone(),
    }
}

fn objection_row(action: &NewAction, raised: &NewObjection, supporter: Id) -> ObjectionRow {
    ObjectionRow {
        action_id: action.id.into(),
        activity: raised.activity.as_str(),
        version: raised.version,
        locale: raised.locale.as_str(),
        organisation_id: action.organisation_id.into(),
        campaign_id: action.campaign_id.into(),
        supporter_id: supporter,
        created_at: action.created_at.into(),
    }
}

fn delivery_row(action: &NewAction, delivery: &NewDelivery, supporter: Id) -> DeliveryRow {
    DeliveryRow {
        id: delivery.id.into(),
        organisation_id: action.organisation_id.into(),
        campaign_id: action.campaign_id.into(),
        supporter_id: supporter,
        action_id: action.id.into(),
        representative_id: delivery.representative_id.into(),
        office: delivery.office.as_str(),
        area_code: delivery.area_code.as_str().to_owned(),
        edition_id: delivery.edition_id.into(),
        state: delivery.state.as_str(),
        held_for: (delivery.state == DeliveryState::Held).then(|| HeldFor::Confirmation.as_str()),
        is_test: action.test,
        repeat_of: None,
        available_at: delivery.available_at.map(At::new),
        attempts: 0,
        created_at: action.created_at.into(),
    }
}

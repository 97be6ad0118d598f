//! A submission as the rows it becomes.

use super::Record;
use crate::StoreError;
use crate::actions::areas;
use crate::elsewhere::{Elsewhere, OnForm};
use crate::evidence::{Answers, Evidence};
use crate::idempotency::{KeyClaim, KeyRow};
use crate::mails::NewMail;
use crate::spent_challenges::SpentChallenge;
use crate::types::{At, Id, Json};
use crate::words::Messages;
use chrono::TimeDelta;
use postbag_domain::{
    Accepted, ActionStatus, CampaignId, ClientTag, ConfirmedBy, DeliveryState, HeldFor, NewAction, NewDelivery, Origin,
};

/// One submission on its way to the database: made ready by the handler's thread, so that a writer only binds.
pub(super) struct Entry {
    pub(super) claim: KeyClaim,
    pub(super) key: KeyRow,
    pub(super) challenge: Option<SpentChallenge>,
    pub(super) accepted: Accepted,
    /// The id that the supporter gets if this address is not known yet.
    pub(super) fresh_supporter: Id,
    pub(super) action: ActionRow,
    /// The answers and objections, if the action is confirmed.
    pub(super) evidence: Evidence,
    /// What was answered to the campaign's other controllers, if the action is confirmed.
    pub(super) elsewhere: Vec<Elsewhere>,
    pub(super) deliveries: Vec<DeliveryRow>,
    /// The mail that asks for the confirmation, if the action needs one.
    pub(super) mail: Option<NewMail>,
}

pub(super) struct ActionRow {
    pub(super) id: Id,
    pub(super) organisation_id: Id,
    pub(super) partner_id: Option<Id>,
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
    pub(super) origin: Option<String>,
    pub(super) created_at: At,
    pub(super) confirmed_at: Option<At>,
    pub(super) confirmed_by: Option<&'static str>,
    pub(super) unconfirmed_answers: Option<Json>,
    pub(super) sealed_message: Option<Vec<u8>>,
    pub(super) client: Option<[u8; 16]>,
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
    pub(super) fn new(record: Record, keep_key: TimeDelta, messages: &Messages) -> Result<Self, StoreError> {
        let Record { accepted, supporter_id, mail_id, mailbox, client, idempotency, challenge, answer } = record;
        let (action, supporter) = (&accepted.action, Id::from(supporter_id));
        let is_confirmed = action.status == ActionStatus::Confirmed;
        let (evidence, elsewhere, answers) = if is_confirmed {
            (Evidence::of(&accepted, supporter), elsewhere(&accepted), None)
        } else {
            let Accepted { consents, objections, elsewhere, .. } = accepted.clone();
            (Evidence::default(), Vec::new(), Some(Json::of(&Answers { consents, objections, elsewhere })?))
        };
        let asks = !is_confirmed && !action.test;
        let mail = asks.then(|| NewMail::confirmation(mail_id, action, supporter, mailbox));
        let deliveries = accepted.deliveries.iter().map(|delivery| delivery_row(action, delivery, supporter)).collect();
        Ok(Self {
            key: KeyRow::new(&idempotency, &answer, action.created_at, keep_key)?,
            claim: idempotency,
            challenge,
            fresh_supporter: supporter,
            action: action_row(action, (supporter, client), answers, messages)?,
            evidence,
            elsewhere,
            deliveries,
            mail,
            accepted,
        })
    }

    pub(super) fn campaign(&self) -> CampaignId {
        self.accepted.action.campaign_id
    }

    /// Hangs the rows on the supporter that the database knows.
    pub(super) fn belongs_to(&mut self, supporter: Id) {
        self.action.supporter_id = supporter;
        self.evidence.belongs_to(supporter);
        self.mail.iter_mut().for_each(|mail| mail.supporter_id = supporter);
        self.deliveries.iter_mut().for_each(|row| row.supporter_id = supporter);
    }
}

fn elsewhere(accepted: &Accepted) -> Vec<Elsewhere> {
    let action = &accepted.action;
    let form = OnForm {
        campaign_id: action.campaign_id,
        origin: action.origin.as_ref().map(Origin::as_str),
        created_at: action.created_at,
    };
    accepted.elsewhere.iter().map(|answers| Elsewhere::new(answers, form)).collect()
}

fn action_row(
    action: &NewAction,
    (supporter, client): (Id, Option<ClientTag>),
    unconfirmed_answers: Option<Json>,
    messages: &Messages,
) -> Result<ActionRow, StoreError> {
    let (words, sealed_message) = messages.seal(action.id, &action.words)?;
    Ok(ActionRow {
        id: action.id.into(),
        organisation_id: action.organisation_id.into(),
        partner_id: action.partner_id.map(Id::from),
        campaign_id: action.campaign_id.into(),
        supporter_id: supporter,
        status: action.status.as_str(),
        is_test: action.test,
        first_of_supporter: false,
        nation: action.nation.as_str(),
        locale: action.locale.as_str(),
        areas: Json::of(&areas::recorded(&action.areas, &action.area_choices))?,
        words,
        source: action.source.source().map(str::to_owned),
        medium: action.source.medium().map(str::to_owned),
        source_campaign: action.source.campaign().map(str::to_owned),
        origin: action.origin.as_ref().map(|origin| origin.as_str().to_owned()),
        created_at: action.created_at.into(),
        confirmed_at: action.confirmed_by.map(|_given| action.created_at.into()),
        confirmed_by: action.confirmed_by.map(ConfirmedBy::as_str),
        unconfirmed_answers,
        sealed_message,
        client: client.map(ClientTag::bytes),
    })
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

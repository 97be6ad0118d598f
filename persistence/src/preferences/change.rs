//! Changes of what a person wishes, with the entries that they lead to.

use super::ledger::find;
use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::evidence::{self, ConsentRow, Evidence, ObjectionRow};
use crate::mails::{self, NewMail};
use crate::schema::preference_changes;
use crate::types::{At, Id};
use crate::{Reach, StoreError};
use diesel::prelude::*;
use postbag_domain::{
    Activity, Answer, AuditAction, Channel, ConsentAnswer, ConsentId, Locale, MailId, Means, ObjectionId,
    OrganisationId, PreferenceChangeId, Purpose, StaffNote, Stance, SupporterId,
};

/// A change to record.
#[derive(Clone, Debug)]
pub struct NewPreferenceChange {
    /// Its identity.
    pub id: PreferenceChangeId,
    /// How the request was made.
    pub means: Means,
    /// Why, in the words of staff.
    pub note: Option<StaffNote>,
    /// The answers and withdrawals.
    pub answers: Vec<(ConsentId, RecordedAnswer)>,
    /// The objections raised and taken back.
    pub objections: Vec<(ObjectionId, Activity, Stance)>,
    /// The mail that tells the person, and its language.
    pub receipt: (MailId, Locale),
}

/// An answer of a change.
#[derive(Clone, Debug)]
pub enum RecordedAnswer {
    /// To a question that was asked, beside this version of the privacy notice.
    Asked(ConsentAnswer, Option<String>),
    /// A no that nobody asked for.
    Withdrawn(Purpose, Channel),
}

pub(super) fn record(
    connection: &mut AnyConnection,
    reach: Reach,
    supporter: SupporterId,
    change: &NewPreferenceChange,
    actor: &Actor,
    mailbox: impl FnOnce(&str) -> Vec<u8>,
) -> Result<bool, StoreError> {
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(false) };
    let by_staff = change.means.is_recorded_by_staff();
    let row = (
        preference_changes::id.eq(Id::from(change.id)),
        preference_changes::organisation_id.eq(organisation),
        preference_changes::supporter_id.eq(Id::from(supporter)),
        preference_changes::means.eq(change.means.as_str()),
        preference_changes::recorded_by.eq(by_staff.then_some(actor.name.as_str())),
        preference_changes::note.eq(change.note.as_ref().map(StaffNote::as_str)),
        preference_changes::created_at.eq(At::new(actor.now)),
    );
    diesel::insert_into(preference_changes::table).values(row).execute(connection)?;
    evidence::insert(connection, &[&entries(change, organisation, supporter.into(), actor.now.into())])?;
    let (mail, locale) = change.receipt;
    let (whose, about) = ((organisation, supporter.into()), (locale, Some(change.id.into())));
    mails::insert(connection, &[&NewMail::preferences(mail, whose, about, mailbox(&email_key), actor.now)])?;
    if by_staff {
        // The note may speak of the person; it stays with the change, from which it can go.
        let about = (Some(OrganisationId::from(organisation)), supporter.uuid());
        audit::note(connection, actor, AuditAction::ChangePreferences, about, None)?;
    }
    Ok(true)
}

fn entries(change: &NewPreferenceChange, organisation_id: Id, supporter_id: Id, created_at: At) -> Evidence {
    let change_id = Some(change.id.into());
    let consent = |(id, answer): &(ConsentId, RecordedAnswer)| {
        let row = ConsentRow {
            id: (*id).into(),
            organisation_id,
            campaign_id: None,
            supporter_id,
            action_id: None,
            change_id,
            question_id: None,
            version: None,
            purpose: String::new(),
            channel: "",
            answer: Answer::No.as_str(),
            locale: None,
            created_at,
            privacy_notice_version: None,
        };
        match answer {
            RecordedAnswer::Withdrawn(purpose, channel) => {
                ConsentRow { purpose: purpose.as_str().to_owned(), channel: channel.as_str(), ..row }
            }
            RecordedAnswer::Asked(asked, privacy_notice_version) => ConsentRow {
                question_id: Some(asked.question_id.into()),
                version: Some(asked.version),
                purpose: asked.purpose.as_str().to_owned(),
                channel: asked.channel.as_str(),
                answer: asked.answer.as_str(),
                locale: Some(asked.locale.as_str()),
                privacy_notice_version: privacy_notice_version.clone(),
                ..row
            },
        }
    };
    let objection = |(id, activity, stance): &(ObjectionId, Activity, Stance)| ObjectionRow {
        id: (*id).into(),
        organisation_id,
        campaign_id: None,
        supporter_id,
        action_id: None,
        change_id,
        notice_id: None,
        activity: activity.as_str(),
        stance: stance.as_str(),
        version: None,
        locale: None,
        created_at,
    };
    Evidence {
        consents: change.answers.iter().map(consent).collect(),
        objections: change.objections.iter().map(objection).collect(),
    }
}

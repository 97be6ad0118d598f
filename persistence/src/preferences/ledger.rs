//! The ledger of one person, with the evidence of each entry.

use crate::connection::AnyConnection;
use crate::schema::{actions, consent_wordings, consents, objections, preference_changes, supporters};
use crate::types::{At, Id, Json};
use crate::{Reach, StoreError, suppressions};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, Activity, Answer, Basis, Channel, ConsentId, EmailAddress, LedgerObjection, Locale, Means,
    ObjectionId, OrganisationId, PreferenceChangeId, Purpose, QuestionId, StaffNote, Stance, SupporterId, Wordings,
};
use std::collections::HashMap;

/// Everything the ledger says about one person and one organisation; entries in the order of recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The person.
    pub supporter_id: SupporterId,
    /// The controller.
    pub organisation_id: OrganisationId,
    /// Their address; nothing once they were forgotten.
    pub address: Option<EmailAddress>,
    /// Whether their address is suppressed.
    pub is_suppressed: bool,
    /// Their answers.
    pub answers: Vec<StoredAnswer>,
    /// Their objections.
    pub objections: Vec<StoredObjection>,
}

impl Ledger {
    /// The words that the person was last shown for a purpose.
    pub fn wording(&self, purpose: &Purpose) -> Option<&str> {
        let shown = self.answers.iter().rev().filter(|answer| answer.purpose == *purpose);
        shown.filter_map(|answer| answer.shown.as_ref()).map(|shown| shown.wording.as_str()).next()
    }
}

/// An answer, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Its identity.
    pub id: ConsentId,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// What it is for.
    pub purpose: Purpose,
    /// The channel it is about.
    pub channel: Channel,
    /// The answer.
    pub answer: Answer,
    /// What was asked; nothing where the person withdrew without being asked.
    pub shown: Option<Shown>,
    /// How it reached the organisation.
    pub source: EntrySource,
    /// True if the action it was given with was struck out.
    pub is_struck_out: bool,
}

impl StoredAnswer {
    /// True if the decision reads it: what came with an action that was struck out permits nothing, and a no stays a no.
    pub fn counts(&self) -> bool {
        !self.is_struck_out || self.answer == Answer::No
    }
}

/// What a person was shown, word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The question.
    pub question_id: QuestionId,
    /// Its version.
    pub version: i32,
    /// The lawful basis that it named.
    pub basis: Basis,
    /// The language shown.
    pub locale: Locale,
    /// The words.
    pub wording: String,
    /// The version of the privacy notice beside it; absent for answers from before it was recorded.
    pub privacy_notice_version: Option<String>,
}

/// How an entry reached the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySource {
    /// How.
    pub means: Means,
    /// The action it was given with.
    pub action_id: Option<ActionId>,
    /// The web page that its form stood on, as a browser said.
    pub origin: Option<String>,
    /// The change it is part of.
    pub change_id: Option<PreferenceChangeId>,
    /// The subject of the token of the member of staff who recorded it.
    pub recorded_by: Option<String>,
    /// Why, in the words of staff.
    pub note: Option<StaffNote>,
}

/// An objection, or one that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObjection {
    /// Its identity.
    pub id: ObjectionId,
    /// When it was raised or taken back.
    pub given_at: DateTime<Utc>,
    /// The activity it is about.
    pub activity: Activity,
    /// Whether the person objects from then on.
    pub stance: Stance,
    /// How it reached the organisation.
    pub source: EntrySource,
}

impl StoredObjection {
    /// The entry as the decision reads it.
    pub fn entry(&self) -> LedgerObjection {
        LedgerObjection { id: self.id, given_at: self.given_at, activity: self.activity, stance: self.stance }
    }
}

/// The organisation and the address of a supporter within reach.
pub(crate) fn find(
    connection: &mut AnyConnection,
    reach: Reach,
    supporter: SupporterId,
) -> Result<Option<(Id, String)>, StoreError> {
    let found: Option<(Id, String)> = supporters::table
        .find(Id::from(supporter))
        .select((supporters::organisation_id, supporters::email_key))
        .first(connection)
        .optional()?;
    Ok(found.filter(|(organisation, _)| reach.covers((*organisation).into())))
}

pub(crate) fn load(
    connection: &mut AnyConnection,
    reach: Reach,
    supporter: SupporterId,
    hashes: impl FnOnce(&str) -> Vec<Vec<u8>>,
) -> Result<Option<Ledger>, StoreError> {
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(None) };
    let is_suppressed = suppressions::any(connection, organisation, &hashes(&email_key))?;
    let person = Person { id: supporter.into(), email_key, is_suppressed };
    Ok(load_people(connection, organisation, vec![person])?.pop())
}

/// A person whose ledger is read.
pub(super) struct Person {
    pub(super) id: Id,
    pub(super) email_key: String,
    pub(super) is_suppressed: bool,
}

/// The ledgers of several people of one organisation, in their order.
pub(super) fn load_people(
    connection: &mut AnyConnection,
    organisation: Id,
    people: Vec<Person>,
) -> Result<Vec<Ledger>, StoreError> {
    let ids: Vec<Id> = people.iter().map(|person| person.id).collect();
    let changes = changes(connection, organisation, &ids)?;
    let mut answers = answers(connection, organisation, &ids, &changes)?;
    let mut objections = objections(connection, organisation, &ids, &changes)?;
    let ledger = |person: Person| Ledger {
        supporter_id: person.id.into(),
        organisation_id: organisation.into(),
        address: EmailAddress::parse(&person.email_key).ok(),
        is_suppressed: person.is_suppressed,
        answers: answers.remove(&person.id).unwrap_or_default(),
        objections: objections.remove(&person.id).unwrap_or_default(),
    };
    Ok(people.into_iter().map(ledger).collect())
}

type Changes = HashMap<Id, EntrySource>;

/// The entries of people, each in the order of recording.
type OfPeople<T> = HashMap<Id, Vec<T>>;

fn changes(connection: &mut AnyConnection, organisation: Id, people: &[Id]) -> Result<Changes, StoreError> {
    type Row = (Id, String, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = preference_changes::table
        .filter(preference_changes::organisation_id.eq(organisation))
        .filter(preference_changes::supporter_id.eq_any(people))
        .select((
            preference_changes::id,
            preference_changes::means,
            preference_changes::recorded_by,
            preference_changes::note,
            preference_changes::origin,
        ))
        .load(connection)?;
    let read = |(id, means, recorded_by, note, origin): Row| {
        let corrupt = |column| StoreError::corrupt("preference_changes", column, id);
        let means = means.parse().map_err(|_flaw| corrupt("means"))?;
        let note = note.map(|note| StaffNote::parse(&note)).transpose().map_err(|_flaw| corrupt("note"))?;
        Ok((id, EntrySource { means, action_id: None, origin, change_id: Some(id.into()), recorded_by, note }))
    };
    rows.into_iter().map(read).collect()
}

/// The action or the change of an entry, and the origin of the action.
type Evidence = (Option<Id>, Option<Id>, Option<String>);

/// The source of an entry of `table`, which the database requires to have one.
fn source(
    table: &'static str,
    id: Id,
    (action, change, origin): Evidence,
    changes: &Changes,
) -> Result<EntrySource, StoreError> {
    let by_change = change.map(|change| changes.get(&change).cloned());
    let source = match (action, by_change) {
        (Some(action), None) => Some(EntrySource {
            means: Means::Form,
            action_id: Some(action.into()),
            origin,
            change_id: None,
            recorded_by: None,
            note: None,
        }),
        (None, Some(source)) => source,
        (Some(_), Some(_)) | (None, None) => None,
    };
    source.ok_or_else(|| StoreError::corrupt(table, "action_id", id))
}

#[derive(Queryable)]
struct AnswerRow {
    supporter_id: Id,
    id: Id,
    given_at: At,
    purpose: String,
    channel: String,
    answer: String,
    evidence: Evidence,
    question_id: Option<Id>,
    version: Option<i32>,
    locale: Option<String>,
    privacy_notice_version: Option<String>,
    wording: Option<(String, Json)>,
    action_status: Option<String>,
}

fn answers(
    connection: &mut AnyConnection,
    organisation: Id,
    people: &[Id],
    changes: &Changes,
) -> Result<OfPeople<StoredAnswer>, StoreError> {
    let wording = consents::question_id
        .eq(consent_wordings::question_id.nullable())
        .and(consents::version.eq(consent_wordings::version.nullable()));
    let rows: Vec<AnswerRow> = consents::table
        .left_join(consent_wordings::table.on(wording))
        .left_join(actions::table.on(consents::action_id.eq(actions::id.nullable())))
        .filter(consents::organisation_id.eq(organisation))
        .filter(consents::supporter_id.eq_any(people))
        .order((consents::created_at, consents::id))
        .select((
            consents::supporter_id,
            consents::id,
            consents::created_at,
            consents::purpose,
            consents::channel,
            consents::answer,
            (consents::action_id, consents::change_id, actions::origin.nullable()),
            consents::question_id,
            consents::version,
            consents::locale,
            consents::privacy_notice_version,
            (consent_wordings::basis, consent_wordings::wordings).nullable(),
            actions::status.nullable(),
        ))
        .load(connection)?;
    let mut of_people: OfPeople<StoredAnswer> = HashMap::new();
    for row in rows {
        of_people.entry(row.supporter_id).or_default().push(row.read(changes)?);
    }
    Ok(of_people)
}

impl AnswerRow {
    fn read(self, changes: &Changes) -> Result<StoredAnswer, StoreError> {
        let id = self.id;
        let corrupt = |column| StoreError::corrupt("consents", column, id);
        Ok(StoredAnswer {
            id: id.into(),
            given_at: self.given_at.time(),
            purpose: Purpose::parse(&self.purpose).map_err(|_flaw| corrupt("purpose"))?,
            channel: self.channel.parse().map_err(|_flaw| corrupt("channel"))?,
            answer: self.answer.parse().map_err(|_flaw| corrupt("answer"))?,
            source: source("consents", id, self.evidence.clone(), changes)?,
            is_struck_out: self.action_status.as_deref() == Some(ActionStatus::Invalidated.as_str()),
            shown: self.shown()?,
        })
    }

    fn shown(self) -> Result<Option<Shown>, StoreError> {
        let id = self.id;
        let corrupt = |column| StoreError::corrupt("consents", column, id);
        let (Some(question), Some(version), Some((basis, wordings))) = (self.question_id, self.version, self.wording)
        else {
            return Ok(None);
        };
        let locale: Locale =
            self.locale.as_deref().and_then(|locale| locale.parse().ok()).ok_or_else(|| corrupt("locale"))?;
        let wordings: Wordings = wordings.read("consent_wordings", "wordings", question)?;
        Ok(Some(Shown {
            question_id: question.into(),
            version,
            basis: basis.parse().map_err(|_flaw| StoreError::corrupt("consent_wordings", "basis", question))?,
            locale,
            wording: wordings.shown(locale, locale).1.to_owned(),
            privacy_notice_version: self.privacy_notice_version,
        }))
    }
}

type ObjectionRow = (Id, Id, At, String, String, Evidence);

fn objections(
    connection: &mut AnyConnection,
    organisation: Id,
    people: &[Id],
    changes: &Changes,
) -> Result<OfPeople<StoredObjection>, StoreError> {
    let rows: Vec<ObjectionRow> = objections::table
        .left_join(actions::table.on(objections::action_id.eq(actions::id.nullable())))
        .filter(objections::organisation_id.eq(organisation))
        .filter(objections::supporter_id.eq_any(people))
        .order((objections::created_at, objections::id))
        .select((
            objections::supporter_id,
            objections::id,
            objections::created_at,
            objections::activity,
            objections::stance,
            (objections::action_id, objections::change_id, actions::origin.nullable()),
        ))
        .load(connection)?;
    let mut of_people: OfPeople<StoredObjection> = HashMap::new();
    for (person, id, given_at, activity, stance, evidence) in rows {
        let corrupt = |column| StoreError::corrupt("objections", column, id);
        let objection = StoredObjection {
            id: id.into(),
            given_at: given_at.time(),
            activity: activity.parse().map_err(|_flaw| corrupt("activity"))?,
            stance: stance.parse().map_err(|_flaw| corrupt("stance"))?,
            source: source("objections", id, evidence, changes)?,
        };
        of_people.entry(person).or_default().push(objection);
    }
    Ok(of_people)
}

//! Consent questions as rows, and every version of their words: the evidence behind each answer (B1).
//!
//! A question belongs to its organisation. It is kept in the library under a key, or worded for one campaign; which campaign asks what
//! is a row of its own.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{consent_questions, consent_wordings, questions_asked};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, ConsentQuestion, OrganisationId, Purpose, QuestionVersion, Slug};
use std::collections::HashMap;

/// The questions of a campaign, of a library, or of a whole organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredQuestions {
    /// Asked now, in order; for a library, those that are kept, by key.
    pub asked: Vec<ConsentQuestion>,
    /// Not asked any more. Their answers stand, and they may be asked again.
    pub retired: Vec<ConsentQuestion>,
}

impl StoredQuestions {
    /// Those that are asked and those that once were.
    pub fn all(self) -> Vec<ConsentQuestion> {
        self.asked.into_iter().chain(self.retired).collect()
    }

    fn put(&mut self, question: ConsentQuestion, is_asked: bool) {
        if is_asked { &mut self.asked } else { &mut self.retired }.push(question);
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = consent_wordings, treat_none_as_default_value = false)]
struct WordingRow {
    question_id: Id,
    version: i32,
    purpose: String,
    channels: Json,
    wordings: Json,
    created_at: At,
    basis: String,
}

impl WordingRow {
    fn read(self) -> Result<(Purpose, QuestionVersion), StoreError> {
        let id = self.question_id;
        let purpose =
            Purpose::parse(&self.purpose).map_err(|_flaw| StoreError::corrupt("consent_wordings", "purpose", id))?;
        let version = QuestionVersion {
            version: self.version,
            basis: self.basis.parse().map_err(|_flaw| StoreError::corrupt("consent_wordings", "basis", id))?,
            channels: self.channels.read("consent_wordings", "channels", id)?,
            wordings: self.wordings.read("consent_wordings", "wordings", id)?,
        };
        Ok((purpose, version))
    }
}

/// A campaign and the organisation that asks, the question, its key, and its place if it is asked now.
type AskedRow = ((Id, Id), Id, Option<String>, Option<i32>);

/// The questions of several campaigns, by campaign and organisation: a partner asks its own.
pub(crate) fn load(
    connection: &mut AnyConnection,
    campaigns: &[Id],
) -> Result<HashMap<(Id, Id), StoredQuestions>, StoreError> {
    let links: Vec<AskedRow> = questions_asked::table
        .inner_join(consent_questions::table.on(consent_questions::id.eq(questions_asked::question_id)))
        .filter(questions_asked::campaign_id.eq_any(campaigns))
        .order((questions_asked::campaign_id, questions_asked::position, questions_asked::question_id))
        .select((
            (questions_asked::campaign_id, consent_questions::organisation_id),
            questions_asked::question_id,
            consent_questions::key,
            questions_asked::position,
        ))
        .load(connection)?;
    let versions = load_versions(connection, links.iter().map(|(_, question, ..)| *question).collect())?;
    let mut of_campaigns: HashMap<(Id, Id), StoredQuestions> = HashMap::new();
    for (home, id, key, position) in links {
        let question = restore(id, key, versions.get(&id))?;
        of_campaigns.entry(home).or_default().put(question, position.is_some());
    }
    Ok(of_campaigns)
}

/// The libraries of several organisations.
pub(crate) fn load_libraries(
    connection: &mut AnyConnection,
    organisations: &[Id],
) -> Result<HashMap<Id, StoredQuestions>, StoreError> {
    let rows: Vec<(Id, Id, Option<String>, Option<At>)> = consent_questions::table
        .filter(consent_questions::organisation_id.eq_any(organisations).and(consent_questions::key.is_not_null()))
        .select((
            consent_questions::organisation_id,
            consent_questions::id,
            consent_questions::key,
            consent_questions::retired_at,
        ))
        .load(connection)?;
    let versions = load_versions(connection, rows.iter().map(|(_, question, ..)| *question).collect())?;
    let mut libraries: HashMap<Id, StoredQuestions> = HashMap::new();
    for (organisation, id, key, retired_at) in rows {
        let question = restore(id, key, versions.get(&id))?;
        libraries.entry(organisation).or_default().put(question, retired_at.is_none());
    }
    for library in libraries.values_mut() {
        library.asked.sort_by(|left, right| left.key().cmp(&right.key()));
    }
    Ok(libraries)
}

type Versions = HashMap<Id, Vec<(Purpose, QuestionVersion)>>;

fn restore(
    id: Id,
    key: Option<String>,
    versions: Option<&Vec<(Purpose, QuestionVersion)>>,
) -> Result<ConsentQuestion, StoreError> {
    let corrupt = |column| StoreError::corrupt("consent_questions", column, id);
    let key = key.map(|key| Slug::parse(&key)).transpose().map_err(|_flaw| corrupt("key"))?;
    let versions = versions.cloned().unwrap_or_default();
    let purpose = versions.first().map(|(purpose, _)| purpose.clone()).ok_or_else(|| corrupt("version"))?;
    let versions = versions.into_iter().map(|(_, version)| version).collect();
    ConsentQuestion::restore(id.into(), key, purpose, versions).ok_or_else(|| corrupt("version"))
}

fn load_versions(connection: &mut AnyConnection, questions: Vec<Id>) -> Result<Versions, StoreError> {
    let rows: Vec<WordingRow> = consent_wordings::table
        .filter(consent_wordings::question_id.eq_any(questions))
        .select(WordingRow::as_select())
        .load(connection)?;
    let mut versions = Versions::new();
    for row in rows {
        versions.entry(row.question_id).or_default().push(row.read()?);
    }
    Ok(versions)
}

/// Puts the list of questions that an organisation asks in a campaign in the place of another. The campaign's own get their new versions; those
/// of the library are asked as they are, and one that is not kept any more is a conflict.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    (campaign, organisation): (CampaignId, OrganisationId),
    before: &StoredQuestions,
    list: &[ConsentQuestion],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let theirs = consent_questions::table.filter(consent_questions::organisation_id.eq(Id::from(organisation)));
    let asked = questions_asked::table
        .filter(questions_asked::campaign_id.eq(Id::from(campaign)))
        .filter(questions_asked::question_id.eq_any(theirs.select(consent_questions::id)));
    diesel::update(asked).set(questions_asked::position.eq(None::<i32>)).execute(connection)?;
    for (position, question) in (1i32..).zip(list) {
        let known = before.asked.iter().chain(&before.retired).find(|known| known.id() == question.id());
        if question.key().is_some() {
            require_kept(connection, question)?;
        } else {
            write(connection, organisation, Some(campaign), known, question, now)?;
        }
        ask(connection, campaign, question, position)?;
    }
    Ok(())
}

fn require_kept(connection: &mut AnyConnection, question: &ConsentQuestion) -> Result<(), StoreError> {
    let kept = consent_questions::table.find(Id::from(question.id())).filter(consent_questions::retired_at.is_null());
    let count: i64 = kept.count().get_result(connection)?;
    if count == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

fn ask(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    question: &ConsentQuestion,
    position: i32,
) -> Result<(), StoreError> {
    let (campaign, question) = (Id::from(campaign), Id::from(question.id()));
    let asked = diesel::update(questions_asked::table.find((campaign, question)))
        .set(questions_asked::position.eq(position))
        .execute(connection)?;
    if asked == 0 {
        diesel::insert_into(questions_asked::table)
            .values((
                questions_asked::campaign_id.eq(campaign),
                questions_asked::question_id.eq(question),
                questions_asked::position.eq(position),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Writes a question with the versions that it has and `known` has not. One of the library that was retired is kept again.
pub(crate) fn write(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    campaign: Option<CampaignId>,
    known: Option<&ConsentQuestion>,
    question: &ConsentQuestion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if known.is_some() {
        diesel::update(consent_questions::table.find(Id::from(question.id())))
            .set((consent_questions::version.eq(question.version()), consent_questions::retired_at.eq(None::<At>)))
            .execute(connection)?;
    } else {
        diesel::insert_into(consent_questions::table)
            .values((
                consent_questions::id.eq(Id::from(question.id())),
                consent_questions::organisation_id.eq(Id::from(organisation)),
                consent_questions::campaign_id.eq(campaign.map(Id::from)),
                consent_questions::key.eq(question.key().map(Slug::as_str)),
                consent_questions::version.eq(question.version()),
                consent_questions::retired_at.eq(None::<At>),
            ))
            .execute(connection)?;
    }
    let is_new = |version: &&QuestionVersion| known.is_none_or(|known| known.at_version(version.version).is_none());
    for version in question.versions().filter(is_new) {
        add_version(connection, question, version, now)?;
    }
    Ok(())
}

/// Retires a question of the library.
pub(crate) fn retire(
    connection: &mut AnyConnection,
    question: &ConsentQuestion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(consent_questions::table.find(Id::from(question.id())))
        .set(consent_questions::retired_at.eq(Some(At::new(now))))
        .execute(connection)?;
    Ok(())
}

fn add_version(
    connection: &mut AnyConnection,
    question: &ConsentQuestion,
    version: &QuestionVersion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = WordingRow {
        question_id: question.id().into(),
        version: version.version,
        purpose: question.purpose().as_str().to_owned(),
        channels: Json::of(&version.channels)?,
        wordings: Json::of(&version.wordings)?,
        created_at: now.into(),
        basis: version.basis.as_str().to_owned(),
    };
    diesel::insert_into(consent_wordings::table).values(row).execute(connection)?;
    Ok(())
}

//! Consent questions as rows, and every version of their words: the evidence behind each answer (B1).

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{consent_questions, consent_wordings};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, ConsentQuestion, Purpose, QuestionVersion};
use std::collections::HashMap;

/// The questions of a campaign, or of all campaigns of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredQuestions {
    /// Asked now, in order.
    pub asked: Vec<ConsentQuestion>,
    /// Not asked any more. Their answers stand, and they may be asked again.
    pub retired: Vec<ConsentQuestion>,
}

impl StoredQuestions {
    /// Those that are asked and those that once were.
    pub fn all(self) -> Vec<ConsentQuestion> {
        self.asked.into_iter().chain(self.retired).collect()
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

/// The questions of several campaigns.
pub(crate) fn load(
    connection: &mut AnyConnection,
    campaigns: &[Id],
) -> Result<HashMap<Id, StoredQuestions>, StoreError> {
    let questions: Vec<(Id, Id, i32, Option<At>)> = consent_questions::table
        .filter(consent_questions::campaign_id.eq_any(campaigns))
        .order((consent_questions::campaign_id, consent_questions::position, consent_questions::id))
        .select((
            consent_questions::campaign_id,
            consent_questions::id,
            consent_questions::position,
            consent_questions::retired_at,
        ))
        .load(connection)?;
    let mut versions = load_versions(connection, campaigns)?;
    let mut of_campaign: HashMap<Id, StoredQuestions> = HashMap::new();
    for (campaign, id, position, retired_at) in questions {
        let question = restore(id, position, versions.remove(&id).unwrap_or_default())?;
        let stored = of_campaign.entry(campaign).or_default();
        let list = if retired_at.is_some() { &mut stored.retired } else { &mut stored.asked };
        list.push(question);
    }
    Ok(of_campaign)
}

fn restore(id: Id, position: i32, versions: Vec<(Purpose, QuestionVersion)>) -> Result<ConsentQuestion, StoreError> {
    let corrupt = |column| StoreError::corrupt("consent_questions", column, id);
    let position = u16::try_from(position).map_err(|_error| corrupt("position"))?;
    let purpose = versions.first().map(|(purpose, _)| purpose.clone()).ok_or_else(|| corrupt("version"))?;
    let versions = versions.into_iter().map(|(_, version)| version).collect();
    ConsentQuestion::restore(id.into(), position, purpose, versions).ok_or_else(|| corrupt("version"))
}

type Versions = HashMap<Id, Vec<(Purpose, QuestionVersion)>>;

fn load_versions(connection: &mut AnyConnection, campaigns: &[Id]) -> Result<Versions, StoreError> {
    let rows: Vec<WordingRow> = consent_wordings::table
        .inner_join(consent_questions::table.on(consent_questions::id.eq(consent_wordings::question_id)))
        .filter(consent_questions::campaign_id.eq_any(campaigns))
        .select(WordingRow::as_select())
        .load(connection)?;
    let mut versions = Versions::new();
    for row in rows {
        versions.entry(row.question_id).or_default().push(row.read()?);
    }
    Ok(versions)
}

/// Puts a list of questions in the place of another: new versions are added, questions that are gone are retired.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    before: &StoredQuestions,
    list: &[ConsentQuestion],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    retire_all(connection, campaign, now)?;
    for question in list {
        let known = before.asked.iter().chain(&before.retired).find(|known| known.id() == question.id());
        match known {
            Some(_) => ask_again(connection, question)?,
            None => insert(connection, campaign, question)?,
        }
        let is_new = |version: &&QuestionVersion| known.is_none_or(|known| known.at_version(version.version).is_none());
        for version in question.versions().filter(is_new) {
            add_version(connection, question, version, now)?;
        }
    }
    Ok(())
}

fn retire_all(connection: &mut AnyConnection, campaign: CampaignId, now: DateTime<Utc>) -> Result<(), StoreError> {
    use crate::schema::consent_questions::dsl::{campaign_id, consent_questions, retired_at};
    diesel::update(consent_questions.filter(campaign_id.eq(Id::from(campaign)).and(retired_at.is_null())))
        .set(retired_at.eq(Some(At::new(now))))
        .execute(connection)?;
    Ok(())
}

fn ask_again(connection: &mut AnyConnection, question: &ConsentQuestion) -> Result<(), StoreError> {
    use crate::schema::consent_questions::dsl::{consent_questions, position, retired_at, version};
    diesel::update(consent_questions.find(Id::from(question.id())))
        .set((position.eq(i32::from(question.position())), version.eq(question.version()), retired_at.eq(None::<At>)))
        .execute(connection)?;
    Ok(())
}

fn insert(connection: &mut AnyConnection, campaign: CampaignId, question: &ConsentQuestion) -> Result<(), StoreError> {
    use crate::schema::consent_questions::dsl::{campaign_id, consent_questions, id, position, retired_at, version};
    diesel::insert_into(consent_questions)
        .values((
            id.eq(Id::from(question.id())),
            campaign_id.eq(Id::from(campaign)),
            position.eq(i32::from(question.position())),
            version.eq(question.version()),
            retired_at.eq(None::<At>),
        ))
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

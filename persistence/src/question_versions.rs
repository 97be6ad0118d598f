//! Every wording that people answered, with how often and when: what proves a consent later (B1).

use crate::connection::AnyConnection;
use crate::schema::{consent_questions, consent_wordings, questions_asked};
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Json, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use postbag_domain::{Basis, CampaignId, Channel, Locale, OrganisationId, QuestionId, Wordings};

/// One version of a question, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedVersion {
    /// Counts up from 1.
    pub version: i32,
    /// The purpose that consent was asked for.
    pub purpose: String,
    /// The lawful basis of what it asked for.
    pub basis: Basis,
    /// The channels it asked for.
    pub channels: Vec<Channel>,
    /// The words shown, by language.
    pub wordings: Wordings,
    /// The moment it was first asked.
    pub created_at: DateTime<Utc>,
    /// The answers it has, by what was shown beside it.
    pub answered: Vec<Answered>,
}

/// The answers to one version in one language, beside one version of the privacy notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The language shown.
    pub locale: Locale,
    /// The version of the privacy notice; absent for answers from before it was recorded.
    pub privacy_notice_version: Option<String>,
    /// How many answers there are, yes and no, each channel apart.
    pub answers: i64,
    /// The first of them.
    pub first_at: DateTime<Utc>,
    /// The last of them.
    pub last_at: DateTime<Utc>,
}

impl Store {
    /// Every version of a question, asked now or once, the first one first; nothing if there is no such question there.
    pub async fn question_versions(
        &self,
        home: QuestionHome,
        question: QuestionId,
    ) -> Result<Vec<AskedVersion>, StoreError> {
        self.read_snapshot(move |connection| {
            if is_at(connection, home, question.into())? {
                load(connection, home, question.into())
            } else {
                Ok(Vec::new())
            }
        })
        .await
    }
}

/// Where a question is looked for, and whose answers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionHome {
    /// Among those of its own organisation that a campaign asks or once asked; the answers to its form and those given outside any form.
    Campaign(CampaignId, OrganisationId),
    /// In the library of an organisation; all answers.
    Library(OrganisationId),
}

fn is_at(connection: &mut AnyConnection, home: QuestionHome, question: Id) -> Result<bool, StoreError> {
    let count: i64 = match home {
        QuestionHome::Campaign(campaign, organisation) => questions_asked::table
            .inner_join(consent_questions::table.on(consent_questions::id.eq(questions_asked::question_id)))
            .filter(questions_asked::campaign_id.eq(Id::from(campaign)).and(consent_questions::id.eq(question)))
            .filter(consent_questions::organisation_id.eq(Id::from(organisation)))
            .count()
            .get_result(connection)?,
        QuestionHome::Library(organisation) => consent_questions::table
            .find(question)
            .filter(consent_questions::organisation_id.eq(Id::from(organisation)))
            .filter(consent_questions::key.is_not_null())
            .count()
            .get_result(connection)?,
    };
    Ok(count == 1)
}

type Stored = (i32, String, Json, Json, At, String);

fn load(connection: &mut AnyConnection, home: QuestionHome, question: Id) -> Result<Vec<AskedVersion>, StoreError> {
    let rows: Vec<Stored> = consent_wordings::table
        .filter(consent_wordings::question_id.eq(question))
        .order(consent_wordings::version)
        .select((
            consent_wordings::version,
            consent_wordings::purpose,
            consent_wordings::channels,
            consent_wordings::wordings,
            consent_wordings::created_at,
            consent_wordings::basis,
        ))
        .load(connection)?;
    let mut answered = answers(connection, home, question)?;
    let mut versions = Vec::with_capacity(rows.len());
    for (version, purpose, channels, wordings, created_at, basis) in rows {
        versions.push(AskedVersion {
            version,
            purpose,
            basis: basis.parse().map_err(|_flaw| StoreError::corrupt("consent_wordings", "basis", question))?,
            channels: channels.read("consent_wordings", "channels", question)?,
            wordings: wordings.read("consent_wordings", "wordings", question)?,
            created_at: created_at.time(),
            answered: answered.extract_if(.., |(of, _)| *of == version).map(|(_, answered)| answered).collect(),
        });
    }
    Ok(versions)
}

type Counted = (i32, String, Option<String>, i64, At, At);
type CountedSql = (Integer, Text, Nullable<Text>, BigInt, Instant, Instant);

fn answers(
    connection: &mut AnyConnection,
    home: QuestionHome,
    question: Id,
) -> Result<Vec<(i32, Answered)>, StoreError> {
    const SQL: &str = "\
        SELECT version, locale, privacy_notice_version, count(*), min(created_at), max(created_at)
        FROM consents WHERE question_id = ? AND (campaign_id IS NULL OR campaign_id = coalesce(?, campaign_id))
        GROUP BY version, locale, privacy_notice_version
        ORDER BY version, locale, privacy_notice_version";
    let campaign = match home {
        QuestionHome::Campaign(campaign, _) => Some(Id::from(campaign)),
        QuestionHome::Library(_) => None,
    };
    let rows: Vec<Counted> = on_backend!(connection, c => {
        Statement::<_, CountedSql>::new(SQL).bind::<Uid, _>(question).bind::<Nullable<Uid>, _>(campaign).load(c)
    })?;
    let read = |(version, locale, privacy_notice_version, answers, first, last): Counted| {
        let corrupt = |column| StoreError::corrupt("consents", column, question);
        Ok((
            version,
            Answered {
                locale: locale.parse().map_err(|_flaw| corrupt("locale"))?,
                privacy_notice_version,
                answers,
                first_at: first.time(),
                last_at: last.time(),
            },
        ))
    };
    rows.into_iter().map(read).collect()
}

//! Every wording that people answered, with how often and when: what proves a consent later (B1).

use crate::connection::AnyConnection;
use crate::schema::{consent_questions, consent_wordings};
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Json, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use postbag_domain::{Basis, CampaignId, Channel, Locale, QuestionId, Wordings};

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
    /// Every version of a campaign's question, asked now or once, the first one first; nothing if the campaign has no such question.
    pub async fn question_versions(
        &self,
        campaign: CampaignId,
        question: QuestionId,
    ) -> Result<Vec<AskedVersion>, StoreError> {
        self.read_snapshot(move |connection| load(connection, campaign.into(), question.into())).await
    }
}

type Stored = (i32, String, Json, Json, At, String);

fn load(connection: &mut AnyConnection, campaign: Id, question: Id) -> Result<Vec<AskedVersion>, StoreError> {
    let rows: Vec<Stored> = consent_wordings::table
        .inner_join(consent_questions::table.on(consent_questions::id.eq(consent_wordings::question_id)))
        .filter(consent_questions::campaign_id.eq(campaign).and(consent_questions::id.eq(question)))
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
    let mut answered = answers(connection, question)?;
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

fn answers(connection: &mut AnyConnection, question: Id) -> Result<Vec<(i32, Answered)>, StoreError> {
    const SQL: &str = "\
        SELECT version, locale, privacy_notice_version, count(*), min(created_at), max(created_at)
        FROM consents WHERE question_id = ?
        GROUP BY version, locale, privacy_notice_version
        ORDER BY version, locale, privacy_notice_version";
    let rows: Vec<Counted> =
        on_backend!(connection, c => Statement::<_, CountedSql>::new(SQL).bind::<Uid, _>(question).load(c))?;
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

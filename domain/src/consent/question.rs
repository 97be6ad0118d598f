//! A consent question and its versions.

use super::{Answer, Channel, Purpose, Wordings};
use crate::{Basis, FieldErrors, Findings, Flaw, Locale, QuestionId, Slug};

/// The terms of a question: what changes with its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionTerms {
    /// The lawful basis of what it asks for.
    pub basis: Basis,
    /// The channels it asks for, each answered apart.
    pub channels: Vec<Channel>,
    /// The words shown.
    pub wordings: Wordings,
}

/// One version of a question: what was asked, for which channels, on which basis.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QuestionVersion {
    /// Counts up from 1.
    pub version: i32,
    /// The lawful basis of what it asks for.
    pub basis: Basis,
    /// The channels it asks for, each answered apart.
    pub channels: Vec<Channel>,
    /// The words shown.
    pub wordings: Wordings,
}

/// A question about one purpose, in all its versions. New wording or other channels make a new version (B1).
///
/// With a key it is kept in the library of its organisation and may be asked by several campaigns; without one, a campaign words it for
/// itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentQuestion {
    id: QuestionId,
    key: Option<Slug>,
    purpose: Purpose,
    earlier: Vec<QuestionVersion>,
    current: QuestionVersion,
}

impl ConsentQuestion {
    /// A new question, at version 1.
    pub fn new(id: QuestionId, key: Option<Slug>, purpose: Purpose, terms: QuestionTerms) -> Result<Self, FieldErrors> {
        let current = terms.check()?.version(1);
        Ok(Self { id, key, purpose, earlier: Vec::new(), current })
    }

    /// A stored question. `None` without any version.
    pub fn restore(
        id: QuestionId,
        key: Option<Slug>,
        purpose: Purpose,
        mut versions: Vec<QuestionVersion>,
    ) -> Option<Self> {
        versions.sort_by_key(|version| version.version);
        let current = versions.pop()?;
        Some(Self { id, key, purpose, earlier: versions, current })
    }

    /// The same question on these terms: the same version where nothing changed, else the next.
    pub fn revised(mut self, terms: QuestionTerms) -> Result<Self, FieldErrors> {
        let same = terms.check()?.version(self.current.version);
        if self.current != same {
            let next = QuestionVersion { version: same.version.saturating_add(1), ..same };
            self.earlier.push(std::mem::replace(&mut self.current, next));
        }
        Ok(self)
    }

    /// Its identity, the same for every version.
    pub fn id(&self) -> QuestionId {
        self.id
    }

    /// Its name in the library of its organisation.
    pub fn key(&self) -> Option<&Slug> {
        self.key.as_ref()
    }

    /// The purpose that consent is asked for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The version that forms show now.
    pub fn current(&self) -> &QuestionVersion {
        &self.current
    }

    /// The number of the version that forms show now.
    pub fn version(&self) -> i32 {
        self.current.version
    }

    /// The channels asked for now.
    pub fn channels(&self) -> &[Channel] {
        &self.current.channels
    }

    /// The language and words shown now to somebody who reads `locale`.
    pub fn wording(&self, locale: Locale, default: Locale) -> (Locale, &str) {
        self.current.wordings.shown(locale, default)
    }

    /// One version; forms loaded before a change still answer the one they showed.
    pub fn at_version(&self, version: i32) -> Option<&QuestionVersion> {
        self.versions().find(|known| known.version == version)
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &QuestionVersion> {
        self.earlier.iter().chain([&self.current])
    }
}

impl QuestionVersion {
    /// The answers that it takes: silence is no answer to either kind of question.
    pub const fn answers(&self) -> &'static [Answer] {
        match self.basis {
            Basis::Consent => &[Answer::Yes, Answer::No],
            Basis::CharitableSoftOptIn => &[Answer::No, Answer::NotRefused],
            Basis::InformationOnly => &[],
        }
    }
}

impl QuestionTerms {
    fn version(self, version: i32) -> QuestionVersion {
        let Self { basis, channels, wordings } = self;
        QuestionVersion { version, basis, channels, wordings }
    }

    /// At least one channel, in the order of declaration, each once; for the soft opt-in only electronic mail (PECR 22), and none where
    /// nothing is asked.
    fn check(mut self) -> Result<Self, FieldErrors> {
        self.channels.sort_unstable();
        self.channels.dedup();
        let mut findings = Findings::new();
        if self.channels.is_empty() && self.basis != Basis::InformationOnly {
            findings.note("/channels", Flaw::new("channels_missing", "must ask for at least one channel"));
        }
        if !self.channels.is_empty() && self.basis == Basis::InformationOnly {
            let rule = "information asks for nothing: leave the channels empty";
            findings.note("/channels", Flaw::new("channels_of_information", rule));
        }
        let is_electronic = |channel: &Channel| matches!(channel, Channel::Email | Channel::Sms);
        if self.basis == Basis::CharitableSoftOptIn && !self.channels.iter().all(is_electronic) {
            let rule = "the charitable soft opt-in is for email and sms alone; ask for consent to the other channels";
            findings.note("/channels", Flaw::new("channel_without_soft_opt_in", rule));
        }
        findings.finish(Some(self))
    }
}

//! A consent question and its versions.

use super::{Channel, Purpose, Wordings};
use crate::{FieldErrors, Findings, Flaw, Locale, QuestionId};

/// One version of a question: what was asked, for which channels.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QuestionVersion {
    /// Counts up from 1.
    pub version: i32,
    /// The channels it asks for, each answered apart.
    pub channels: Vec<Channel>,
    /// The words shown.
    pub wordings: Wordings,
}

/// A question about one purpose, in all its versions. New wording or other channels make a new version (B1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentQuestion {
    id: QuestionId,
    position: u16,
    purpose: Purpose,
    earlier: Vec<QuestionVersion>,
    current: QuestionVersion,
}

impl ConsentQuestion {
    /// A new question, at version 1.
    pub fn new(
        id: QuestionId,
        position: u16,
        purpose: Purpose,
        channels: Vec<Channel>,
        wordings: Wordings,
    ) -> Result<Self, FieldErrors> {
        let current = QuestionVersion { version: 1, channels: check_channels(channels)?, wordings };
        Ok(Self { id, position, purpose, earlier: Vec::new(), current })
    }

    /// A stored question. `None` without any version.
    pub fn restore(
        id: QuestionId,
        position: u16,
        purpose: Purpose,
        mut versions: Vec<QuestionVersion>,
    ) -> Option<Self> {
        versions.sort_by_key(|version| version.version);
        let current = versions.pop()?;
        Some(Self { id, position, purpose, earlier: versions, current })
    }

    /// The same question with these words and channels: the same version where nothing changed, else the next.
    pub fn asked_anew(
        mut self,
        position: u16,
        channels: Vec<Channel>,
        wordings: Wordings,
    ) -> Result<Self, FieldErrors> {
        let channels = check_channels(channels)?;
        self.position = position;
        if self.current.channels != channels || self.current.wordings != wordings {
            let version = self.current.version.saturating_add(1);
            let before = std::mem::replace(&mut self.current, QuestionVersion { version, channels, wordings });
            self.earlier.push(before);
        }
        Ok(self)
    }

    /// Its identity, the same for every version.
    pub fn id(&self) -> QuestionId {
        self.id
    }

    /// Its place among the campaign's questions.
    pub fn position(&self) -> u16 {
        self.position
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

/// At least one channel, in the order of declaration, each once.
fn check_channels(mut channels: Vec<Channel>) -> Result<Vec<Channel>, FieldErrors> {
    channels.sort_unstable();
    channels.dedup();
    let mut findings = Findings::new();
    if channels.is_empty() {
        findings.note("/channels", Flaw::new("channels_missing", "must ask for at least one channel"));
    }
    findings.finish(Some(channels))
}

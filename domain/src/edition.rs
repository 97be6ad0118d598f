//! An edition: everything a campaign's letters are made of, except the people.
//!
//! An edition never changes once a delivery points at it, and composing reads nothing else: so a letter that was shown is the
//! letter that is sent, however long it waited and however often it is tried.

mod addressee;
mod check;
mod closing;
mod compose;
mod content;
mod engine;
mod office_pages;
mod sample;
mod scope;

pub use addressee::{Addressee, NamedArea};
pub use compose::{ComposeError, ComposeReason, Letter};
pub use content::{EditionAsk, EditionContent};
pub use office_pages::OfficePages;

pub(crate) use compose::{finish_body, finish_subject};
pub(crate) use engine::render_alone;
pub(crate) use scope::value_of_fields;

use crate::words::words;
use crate::{CampaignId, EditionId, TemplateId};
use engine::Engine;
use std::fmt;

words! {
    /// A part of a letter.
    LetterPart, "letter_part_unknown" {
        /// The subject line.
        Subject = "subject",
        /// The body.
        Body = "body",
    }
}

/// An edition, its templates compiled.
pub struct Edition {
    id: EditionId,
    campaign_id: CampaignId,
    content: EditionContent,
    engine: Engine,
    office_page: Option<String>,
}

impl Edition {
    /// Compiles the templates of an edition. The sources of a stored edition have been checked, so this fails for damage only.
    pub fn compile(id: EditionId, campaign_id: CampaignId, content: EditionContent) -> Result<Self, TemplateError> {
        let engine = Engine::compile(&content)?;
        Ok(Self { id, campaign_id, content, engine, office_page: None })
    }

    /// The same edition, whose letters name the page for offices. The address is no part of what is stored: letters that wait
    /// name the page where it is when they leave.
    #[must_use]
    pub fn with_office_page(self, address: String) -> Self {
        Self { office_page: Some(address), ..self }
    }

    /// The address of the campaign's page for offices.
    pub fn office_page(&self) -> Option<&str> {
        self.office_page.as_deref()
    }

    /// Its identity.
    pub fn id(&self) -> EditionId {
        self.id
    }

    /// The campaign it belongs to.
    pub fn campaign_id(&self) -> CampaignId {
        self.campaign_id
    }

    /// The templates and facts it is made of.
    pub fn content(&self) -> &EditionContent {
        &self.content
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edition").field("id", &self.id).field("campaign_id", &self.campaign_id).finish_non_exhaustive()
    }
}

/// A template that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {part} of template {template_id} does not compile: {detail}")]
pub struct TemplateError {
    /// Which template.
    pub template_id: TemplateId,
    /// Which part of it.
    pub part: LetterPart,
    /// The line in that part, from 1.
    pub line: Option<usize>,
    /// The compiler's message.
    pub detail: String,
}

#[cfg(test)]
mod tests;

//! The numbered demands of a campaign.

use crate::text::{self, Limit};
use crate::words::words;
use crate::{AskId, FieldErrors, Findings, Flaw};

words! {
    /// Who is asked to do it.
    AddressedTo, "addressed_to_unknown" {
        /// The representative who is written to.
        Representative = "representative",
        /// The body whom the representative is asked to press.
        Body = "body",
        /// The government.
        Government = "government",
    }
}

words! {
    /// What became of the demand.
    AskStatus, "ask_status_unknown" {
        /// Still asked for.
        Open = "open",
        /// Done.
        Met = "met",
        /// Done in part.
        PartlyMet = "partly_met",
        /// Refused.
        Refused = "refused",
    }
}

/// The most asks a campaign may have.
pub const MOST_ASKS: usize = 50;

/// One numbered demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    id: AskId,
    position: u16,
    text: String,
    addressed_to: AddressedTo,
    status: AskStatus,
}

impl Ask {
    /// An ask whose text is one to 1,000 characters of prose (C22). Positions count from 1.
    pub fn new(
        id: AskId,
        position: u16,
        text: &str,
        addressed_to: AddressedTo,
        status: AskStatus,
    ) -> Result<Self, Flaw> {
        let text = text::prose(text, Limit::of(1_000))?;
        Ok(Self { id, position, text, addressed_to, status })
    }

    /// Its identity.
    pub fn id(&self) -> AskId {
        self.id
    }

    /// Its number.
    pub fn position(&self) -> u16 {
        self.position
    }

    /// What is asked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Who is asked.
    pub fn addressed_to(&self) -> AddressedTo {
        self.addressed_to
    }

    /// What became of it.
    pub fn status(&self) -> AskStatus {
        self.status
    }
}

/// An ask as somebody wrote it; without an id it is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Ask")]
pub struct AskFields {
    pub id: Option<AskId>,
    pub text: String,
    pub addressed_to: String,
    pub status: Option<String>,
}

/// Checks an ordered list of asks and numbers them from 1; pointers are `/asks/N/…`.
///
/// `known` are the campaign's asks: only their ids may be named, each once. `fresh` gives ids to the new ones.
pub fn number(
    asks: Vec<AskFields>,
    known: &[Ask],
    fresh: &mut dyn FnMut() -> uuid::Uuid,
) -> Result<Vec<Ask>, FieldErrors> {
    if asks.len() > MOST_ASKS {
        return Err(FieldErrors::one("/asks", Flaw::new("too_many", format!("must be at most {MOST_ASKS} asks"))));
    }
    let mut findings = Findings::new();
    let mut numbered: Vec<Ask> = Vec::with_capacity(asks.len());
    for (position, ask) in (1u16..).zip(asks) {
        let at = |field: &str| format!("/asks/{}/{field}", position - 1);
        let taken = |id: AskId| numbered.iter().any(|ask| ask.id == id);
        let id = match ask.id {
            None => Some(AskId::new(fresh())),
            Some(id) if known.iter().any(|ask| ask.id == id) && !taken(id) => Some(id),
            Some(_) => findings.check(at("id"), Err(Flaw::new("ask_unknown", "must be an ask of this campaign, once"))),
        };
        let addressed_to = findings.check(at("addressed_to"), ask.addressed_to.parse());
        let status = findings.check_optional(at("status"), ask.status, |status| status.parse());
        let text = findings.check(at("text"), text::prose(&ask.text, Limit::of(1_000)));
        if let (Some(id), Some(addressed_to), Some(status), Some(text)) = (id, addressed_to, status, text) {
            numbered.push(Ask { id, position, text, addressed_to, status: status.unwrap_or(AskStatus::Open) });
        }
    }
    findings.finish(Some(numbered))
}

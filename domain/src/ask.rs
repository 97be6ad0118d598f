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

    /// The text of the demand.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The addressee of the demand.
    pub fn addressed_to(&self) -> AddressedTo {
        self.addressed_to
    }

    /// The outcome so far.
    pub fn status(&self) -> AskStatus {
        self.status
    }
}

/// An ask before it is checked; without an id it is new.
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: u128) -> AskId {
        AskId::new(Uuid::from_u128(number))
    }

    fn written(id: Option<AskId>, text: &str) -> AskFields {
        AskFields { id, text: text.to_owned(), addressed_to: "body".to_owned(), status: None }
    }

    fn known() -> Vec<Ask> {
        vec![Ask::new(id(1), 1, "Old", AddressedTo::Government, AskStatus::Met).unwrap()]
    }

    #[test]
    fn asks_are_numbered_in_the_order_given_and_keep_their_ids() {
        let asks =
            number(vec![written(None, "New"), written(Some(id(1)), "Old")], &known(), &mut || Uuid::from_u128(9));
        let told: Vec<_> = asks.unwrap().iter().map(|ask| (ask.id(), ask.position(), ask.text().to_owned())).collect();
        assert_eq!(told, [(id(9), 1, "New".to_owned()), (id(1), 2, "Old".to_owned())]);
    }

    #[test]
    fn every_flaw_of_a_list_of_asks_is_told_at_once() {
        let asks = vec![
            written(Some(id(1)), "One"),
            written(Some(id(1)), "Again"),
            AskFields { status: Some("done".to_owned()), ..written(Some(id(7)), "") },
        ];
        let errors = number(asks, &known(), &mut Uuid::nil).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/asks/1/id", "/asks/2/id", "/asks/2/status", "/asks/2/text"]);
        let many = vec![written(None, "Ask"); MOST_ASKS + 1];
        assert_eq!(number(many, &[], &mut Uuid::nil).unwrap_err().iter().count(), 1);
    }
}

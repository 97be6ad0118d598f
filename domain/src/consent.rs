//! Consent: questions with versioned words, and the decision what an answer is worth.
//!
//! Silence is never consent: [`decide()`] passes on explicit answers and adds none (UK GDPR 7, B2).

mod age;
mod decide;
mod question;
mod wordings;

pub use age::{is_under_age, refuse_under_age};
pub use decide::{AnswerGiven, ConsentAnswer, decide};
pub use question::{ConsentQuestion, QuestionTerms, QuestionVersion};
pub use wordings::Wordings;

use crate::Flaw;
use crate::parsed::parsed;
use crate::words::words;

words! {
    /// A way to reach a supporter; each is asked apart (PECR).
    Channel, "channel_unknown" {
        /// By email.
        Email = "email",
        /// By telephone.
        Phone = "phone",
        /// By text message.
        Sms = "sms",
        /// By letter.
        Post = "post",
    }
}

words! {
    /// What a supporter answered. Not having been asked, or not having answered, is no answer and is not stored.
    Answer, "answer_unknown" {
        /// An explicit yes.
        Yes = "yes",
        /// An explicit no.
        No = "no",
        /// Refusing was offered, and the person did not. Only to a question whose basis is the charitable soft opt-in (B4).
        NotRefused = "not_refused",
    }
}

/// What a consent is for, as a word the organisation chooses: `campaign_news`, `research_news`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(String);

impl Purpose {
    /// Takes one to 64 lower-case letters, digits and underscores, beginning with a letter.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("purpose_invalid", "must be 1 to 64 of a-z, 0-9 and _, beginning with a letter");
        let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let fits = begins_well && text.len() <= 64 && text.as_bytes().iter().all(allowed);
        fits.then(|| Self(text.to_owned())).ok_or_else(flaw)
    }

    /// Mails that tell a person that their letters have been sent: they come unless the person says no.
    pub fn letter_receipts() -> Self {
        Self("letter_receipts".to_owned())
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Purpose);

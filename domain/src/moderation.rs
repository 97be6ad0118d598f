//! What is noticed about a submission, what an organisation's rules make of it, and the review by a person: nobody is refused without a
//! reason and an appeal.

mod built_in;
mod content;
mod report;
mod review;
mod rules;

pub use content::{Known, content_signals};
pub use report::ReviewQueue;
pub use review::{AfterReview, ReviewDecision, ReviewState, ReviewTerms, ReviewTermsFields};
pub use rules::{Moderation, ModerationFields, Outcome, Rule, RuleFields, Ruling};

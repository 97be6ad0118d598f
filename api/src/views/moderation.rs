//! What an organisation makes of signals, and how long a review takes, as documents and answers spell it.

use crate::views::vocabulary;
use postbag_domain::{Locale, ModerationFields, ReviewTermsFields, RuleFields};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What becomes of submissions that give a signal. The rules that are built in hold for every signal without one here.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "rules": [{ "signal": "links", "outcome": "refuse", "reason": { "en": "Please leave links out: offices do not open them." } }],
    "unwanted_words": ["a hateful phrase"]
})))]
pub(crate) struct ModerationDocument {
    /// Each signal at most once; of several signals the strictest rule decides.
    #[serde(default)]
    rules: Vec<RuleDocument>,
    /// Words and phrases, in any language, that are not passed on without a look: they give the signal `unwanted_words`.
    #[serde(default)]
    #[schema(max_items = 1000)]
    unwanted_words: Vec<String>,
}

/// What becomes of a submission with one signal.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleDocument {
    #[schema(schema_with = vocabulary::signal)]
    signal: String,
    #[schema(schema_with = vocabulary::outcome)]
    outcome: String,
    /// What the person reads, by language; words that are built in when absent.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    reason: Option<BTreeMap<Locale, String>>,
}

/// How long a submission that is held waits for a person, and what becomes of it then.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "hours": 72, "then": "end" })))]
pub(crate) struct ReviewTermsDocument {
    /// 72 by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 336)]
    hours: Option<u32>,
    /// `end` by default.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_after_review)]
    then: Option<String>,
}

impl From<ModerationDocument> for ModerationFields {
    fn from(document: ModerationDocument) -> Self {
        let rule = |RuleDocument { signal, outcome, reason }| RuleFields { signal, outcome, reason };
        Self { rules: document.rules.into_iter().map(rule).collect(), unwanted_words: document.unwanted_words }
    }
}

impl From<ModerationFields> for ModerationDocument {
    fn from(fields: ModerationFields) -> Self {
        let rule = |RuleFields { signal, outcome, reason }| RuleDocument { signal, outcome, reason };
        Self { rules: fields.rules.into_iter().map(rule).collect(), unwanted_words: fields.unwanted_words }
    }
}

impl From<ReviewTermsDocument> for ReviewTermsFields {
    fn from(ReviewTermsDocument { hours, then }: ReviewTermsDocument) -> Self {
        Self { hours, then }
    }
}

impl From<ReviewTermsFields> for ReviewTermsDocument {
    fn from(ReviewTermsFields { hours, then }: ReviewTermsFields) -> Self {
        Self { hours, then }
    }
}

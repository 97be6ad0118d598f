//! One mail a day or a week in place of single letters, as documents and answers spell it.

use crate::views::vocabulary;
use postbag_domain::{DigestRule, DigestRuleFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One mail a day or a week in place of single letters.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "every": "day", "shows": "names_and_postcodes" })))]
pub(crate) struct DigestRuleDocument {
    #[schema(schema_with = vocabulary::digest_interval)]
    every: String,
    #[schema(schema_with = vocabulary::digest_detail)]
    shows: String,
}

impl From<DigestRuleDocument> for DigestRuleFields {
    fn from(rule: DigestRuleDocument) -> Self {
        Self { every: rule.every, shows: rule.shows }
    }
}

impl From<DigestRuleFields> for DigestRuleDocument {
    fn from(rule: DigestRuleFields) -> Self {
        Self { every: rule.every, shows: rule.shows }
    }
}

impl From<DigestRule> for DigestRuleDocument {
    fn from(rule: DigestRule) -> Self {
        DigestRuleFields::from(rule).into()
    }
}

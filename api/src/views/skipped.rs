//! Representatives who are not written to, and why.

use crate::views::vocabulary;
use postbag_domain::{RepresentativeId, Skipped};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A representative who is not written to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct SkippedView {
    /// `null` for an empty seat.
    #[schema(format = "uuid", value_type = Option<String>)]
    representative_id: Option<Uuid>,
    #[schema(schema_with = vocabulary::office)]
    office: String,
    #[schema(schema_with = vocabulary::reachability)]
    reason: String,
}

impl From<&Skipped> for SkippedView {
    fn from(skipped: &Skipped) -> Self {
        Self {
            representative_id: skipped.representative_id.map(RepresentativeId::uuid),
            office: skipped.office.to_string(),
            reason: skipped.reason.to_string(),
        }
    }
}

//! One of a campaign's asks.

use crate::views::vocabulary;
use postbag_domain::Ask;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One numbered demand.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AskView {
    id: Uuid,
    /// Starts at 1.
    position: u16,
    text: String,
    #[schema(schema_with = vocabulary::addressed_to)]
    addressed_to: &'static str,
    #[schema(schema_with = vocabulary::ask_status)]
    status: &'static str,
}

impl AskView {
    pub(crate) fn of(ask: &Ask) -> Self {
        Self {
            id: ask.id().uuid(),
            position: ask.position(),
            text: ask.text().to_owned(),
            addressed_to: ask.addressed_to().as_str(),
            status: ask.status().as_str(),
        }
    }
}

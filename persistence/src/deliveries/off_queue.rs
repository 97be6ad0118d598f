//! Taking a message off the queue for good, wherever it stands.

use crate::schema::deliveries;
use crate::types::{At, Id};
use chrono::{DateTime, Utc};
use diesel::AsChangeset;
use postbag_domain::DeliveryState;

/// The columns of a message that is not due any more: it is out of its worker's hands, and waits for no cap and no digest.
#[derive(AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true)]
pub(crate) struct OffQueue {
    state: &'static str,
    available_at: Option<At>,
    lease_token: Option<Id>,
    paced_by: Option<String>,
    digest_id: Option<Id>,
    updated_at: At,
}

impl OffQueue {
    /// In this state from now on.
    pub(crate) fn in_state(state: DeliveryState, now: DateTime<Utc>) -> Self {
        Self {
            state: state.as_str(),
            available_at: None,
            lease_token: None,
            paced_by: None,
            digest_id: None,
            updated_at: At::new(now),
        }
    }
}

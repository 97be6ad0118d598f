//! The people that an action's messages go to, by name.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{deliveries, representatives};
use crate::types::Id;
use diesel::prelude::*;
use postbag_domain::DeliveryState;

/// Which of an action's messages are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All of them.
    All,
    /// Those that failed for good.
    Failed,
    /// Those that a relay took.
    Taken,
    /// Those that are on their way.
    Waiting,
}

impl Whose {
    fn holds(self, state: DeliveryState) -> bool {
        match self {
            Self::All => true,
            Self::Failed => state.is_failure(),
            Self::Taken => state.was_taken(),
            Self::Waiting => !state.is_settled() && !state.was_taken(),
        }
    }

    pub(crate) fn states(self) -> Vec<&'static str> {
        DeliveryState::ALL.iter().filter(|state| self.holds(**state)).map(|state| state.as_str()).collect()
    }
}

/// The names of the people whom an action's messages go to, as long as the directory knows them.
pub(crate) fn recipient_names(
    connection: &mut AnyConnection,
    action: Id,
    whose: Whose,
) -> Result<Vec<String>, StoreError> {
    let query = deliveries::table
        .inner_join(representatives::table.on(representatives::id.eq(deliveries::representative_id)))
        .filter(deliveries::action_id.eq(action).and(deliveries::state.eq_any(whose.states())))
        .order(deliveries::id)
        .select(representatives::name);
    Ok(query.load(connection)?)
}

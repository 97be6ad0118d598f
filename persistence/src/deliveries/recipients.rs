//! The people that an action's messages go to, by name.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::{deliveries, representatives};
use crate::types::Id;
use diesel::prelude::*;
use postbag_domain::DeliveryState;

/// Which of an action's messages are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// All of them.
    All,
    /// Those that failed for good.
    Failed,
}

/// The words of the states of messages that failed for good.
pub(super) fn failures() -> Vec<&'static str> {
    DeliveryState::ALL.iter().filter(|state| state.is_failure()).map(|state| state.as_str()).collect()
}

/// The names of the people whom an action's messages go to, as long as the directory knows them.
pub(crate) fn recipient_names(
    connection: &mut AnyConnection,
    action: Id,
    whose: Whose,
) -> Result<Vec<String>, StoreError> {
    let mut query = deliveries::table
        .inner_join(representatives::table.on(representatives::id.eq(deliveries::representative_id)))
        .filter(deliveries::action_id.eq(action))
        .order(deliveries::id)
        .select(representatives::name)
        .into_boxed();
    if whose == Whose::Failed {
        query = query.filter(deliveries::state.eq_any(failures()));
    }
    Ok(query.load(connection)?)
}

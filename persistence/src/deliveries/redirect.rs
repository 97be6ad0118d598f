//! Moves a held message to the present holder of the seat.

use super::row::Row;
use crate::connection::AnyConnection;
use crate::leases::Next;
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{Id, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use postbag_domain::{
    ActionStatus, AreaCode, DeliveryEvent, DeliveryId, LeaseToken, RepresentativeId, TallyDelta, TallyKey,
};

/// A message and whom it goes to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The message.
    pub id: DeliveryId,
    /// The new recipient, to whom the supporter has no other message in the campaign.
    pub representative_id: RepresentativeId,
    /// The area that they hold the office for.
    pub area_code: AreaCode,
}

impl Store {
    /// Puts a held message back into the queue, for another recipient. The counts by representative follow.
    ///
    /// Nothing happens if the lease was lost. [`StoreError::Conflict`] if the supporter has a message to that recipient already.
    pub async fn redirect_delivery(
        &self,
        token: LeaseToken,
        redirect: Redirect,
        now: DateTime<Utc>,
    ) -> Result<Vec<TallyRow>, StoreError> {
        self.write(move |connection| run(connection, token, redirect, now)).await
    }
}

fn run(
    connection: &mut AnyConnection,
    token: LeaseToken,
    redirect: Redirect,
    now: DateTime<Utc>,
) -> Result<Vec<TallyRow>, StoreError> {
    let Some(row) = Row::leased(connection, redirect.id.into(), token.into())? else {
        return Ok(Vec::new());
    };
    let counts = moved(connection, &row, redirect.representative_id)?;
    address(connection, &row, redirect)?;
    let state = row.after(DeliveryEvent::Release)?;
    let next = Next { available_at: Some(now), ..row.resting(state) };
    let Some(mut delta) = row.transition(connection, &next, now)? else {
        return Ok(Vec::new());
    };
    delta.merge(counts);
    tallies::apply(connection, &Deltas::one(row.campaign, delta))
}

/// What it changes in the counts by representative: confirmed actions are counted there.
fn moved(connection: &mut AnyConnection, row: &Row, to: RepresentativeId) -> Result<TallyDelta, StoreError> {
    const SQL: &str = "\
        SELECT actions.status FROM deliveries JOIN actions ON actions.id = deliveries.action_id WHERE deliveries.id = ?";
    let (status,): (String,) = on_backend!(connection, c => {
        Statement::<_, (Text,)>::new(SQL).bind::<Uid, _>(row.id).get_result(c)
    })?;
    let mut delta = TallyDelta::new();
    if row.counted && status == ActionStatus::Confirmed.as_str() {
        delta.add(TallyKey::representative(row.representative), -1);
        delta.add(TallyKey::representative(to), 1);
    }
    Ok(delta)
}

fn address(connection: &mut AnyConnection, row: &Row, redirect: Redirect) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE deliveries SET representative_id = ?, area_code = ? WHERE id = ?";
    let Redirect { representative_id, area_code, .. } = redirect;
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Uid, _>(Id::from(representative_id))
            .bind::<Text, _>(area_code.as_str())
            .bind::<Uid, _>(row.id)
            .execute(c)
    })?;
    Ok(())
}

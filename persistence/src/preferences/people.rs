//! The ledgers of all people of an organisation, a portion at a time: for exports, whose memory does not grow with their number.

use super::ledger::{Ledger, Person, load_people};
use crate::confirmations::IS_KNOWN;
use crate::connection::AnyConnection;
use crate::schema::supporters;
use crate::types::Id;
use crate::{StoreError, suppressions};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use postbag_domain::{OrganisationId, SupporterId};

/// How many people there are.
pub(super) fn count(connection: &mut AnyConnection, organisation: OrganisationId) -> Result<i64, StoreError> {
    let people = supporters::table.filter(supporters::organisation_id.eq(Id::from(organisation)));
    Ok(people.filter(sql::<Bool>(IS_KNOWN)).count().get_result(connection)?)
}

/// The next people after one, in the order of their ids; all at the end are fewer than `limit`.
pub(super) fn load(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    after: Option<SupporterId>,
    limit: u16,
    hashes: impl Fn(&str) -> Vec<Vec<u8>>,
) -> Result<Vec<Ledger>, StoreError> {
    let organisation = Id::from(organisation);
    let mut query = supporters::table
        .filter(supporters::organisation_id.eq(organisation))
        .filter(sql::<Bool>(IS_KNOWN))
        .order(supporters::id)
        .limit(limit.into())
        .select((supporters::id, supporters::email_key))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(supporters::id.gt(Id::from(after)));
    }
    let rows: Vec<(Id, String)> = query.load(connection)?;
    let all: Vec<_> = rows.iter().flat_map(|(_, email_key)| hashes(email_key)).collect();
    let suppressed = suppressions::among(connection, organisation, &all)?;
    let person = |(id, email_key): (Id, String)| {
        let is_suppressed = hashes(&email_key).iter().any(|hash| suppressed.contains(hash));
        Person { id, email_key, is_suppressed }
    };
    load_people(connection, organisation, rows.into_iter().map(person).collect())
}

//! Finds or stores the supporters of a group.

use super::entry::Entry;
use crate::StoreError;
use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use std::collections::BTreeMap;

/// A person as one organisation knows them (B33).
type Person<'e> = (Id, &'e str);

/// A person as they are stored if they are not known yet.
struct NewPerson<'e> {
    id: Id,
    organisation_id: Id,
    email_key: &'e str,
    created_at: At,
}

/// Sets the supporter of each entry, stored here if new. The same statements run for known and new people, so that the time of an
/// answer does not show which they are (C23).
pub(super) fn resolve(connection: &mut AnyConnection, entries: &mut [&mut Entry]) -> Result<(), StoreError> {
    let mut persons: BTreeMap<Person<'_>, NewPerson<'_>> = BTreeMap::new();
    for entry in &*entries {
        let (organisation, email_key) = person(entry);
        let theirs = entry.elsewhere.iter().map(|answers| (answers.organisation_id, answers.fresh_supporter));
        for (organisation_id, id) in std::iter::once((organisation, entry.fresh_supporter)).chain(theirs) {
            let new = NewPerson { id, organisation_id, email_key, created_at: entry.action.created_at };
            persons.entry((organisation_id, email_key)).or_insert(new);
        }
    }
    make(connection, &persons.values().collect::<Vec<_>>())?;
    let persons: Vec<Person<'_>> = persons.into_keys().collect();
    let found = find(connection, &persons)?;
    let ids: BTreeMap<(Id, String), Id> =
        found.into_iter().map(|(id, organisation, email)| ((organisation, email), id)).collect();
    for entry in entries {
        let (organisation, email) = person(entry);
        let email = email.to_owned();
        if let Some(id) = ids.get(&(organisation, email.clone())) {
            entry.belongs_to(*id);
        }
        for answers in &mut entry.elsewhere {
            if let Some(id) = ids.get(&(answers.organisation_id, email.clone())) {
                answers.belongs_to(*id);
            }
        }
    }
    Ok(())
}

/// The supporter of an organisation with this address, stored now if there is none.
pub(crate) fn known_or_new(
    connection: &mut AnyConnection,
    organisation_id: Id,
    email_key: &str,
    (id, created_at): (Id, At),
) -> Result<Id, StoreError> {
    make(connection, &[&NewPerson { id, organisation_id, email_key, created_at }])?;
    let found = find(connection, &[(organisation_id, email_key)])?;
    Ok(found.into_iter().next().map_or(id, |(id, ..)| id))
}

fn person(entry: &Entry) -> Person<'_> {
    (entry.action.organisation_id, &entry.accepted.action.supporter_key)
}

/// Stores the persons that are not known yet.
fn make(connection: &mut AnyConnection, persons: &[&NewPerson<'_>]) -> QueryResult<()> {
    insert_all!(connection, persons, "supporters", |person| {
        id: Uid = person.id,
        organisation_id: Uid = person.organisation_id,
        email_key: Text = person.email_key,
        created_at: Instant = person.created_at,
    }, "ON CONFLICT (organisation_id, email_key) DO NOTHING")
}

type Found = (Id, Id, String);
type FoundSql = (Uid, Uid, Text);

fn find(connection: &mut AnyConnection, persons: &[Person<'_>]) -> Result<Vec<Found>, StoreError> {
    match connection {
        AnyConnection::Postgres(c) => find_at_once(c, persons),
        AnyConnection::Sqlite(c) => persons.iter().map(|person| find_one(c, *person)).collect(),
    }
}

/// Finds them, and lets nobody strike their actions out before their history is read and added to.
fn find_at_once(connection: &mut PgConnection, persons: &[Person<'_>]) -> Result<Vec<Found>, StoreError> {
    const SQL: &str = "\
        SELECT supporters.id, supporters.organisation_id, supporters.email_key
        FROM unnest(?, ?) AS wanted (organisation_id, email_key)
        JOIN supporters USING (organisation_id, email_key)
        ORDER BY supporters.organisation_id, supporters.email_key
        FOR KEY SHARE OF supporters";
    Ok(Statement::<_, FoundSql>::new(SQL)
        .bind::<Array<Uid>, _>(persons.iter().map(|(organisation, _)| *organisation).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(persons.iter().map(|(_, email)| *email).collect::<Vec<_>>())
        .load(connection)?)
}

fn find_one(connection: &mut SqliteConnection, (organisation, email): Person<'_>) -> Result<Found, StoreError> {
    const SQL: &str =
        "SELECT id, organisation_id, email_key FROM supporters WHERE organisation_id = ? AND email_key = ?";
    Ok(Statement::<_, FoundSql>::new(SQL).bind::<Uid, _>(organisation).bind::<Text, _>(email).get_result(connection)?)
}

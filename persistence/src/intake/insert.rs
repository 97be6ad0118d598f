//! The rows of a group: on PostgreSQL one statement per table, with the columns as arrays; on SQLite row by row, which costs
//! no round trip there and keeps the statements prepared.

use super::entry::{ActionRow, ConsentRow, DeliveryRow, Entry, ObjectionRow};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::failpoint;
use crate::schema::{actions, consents, deliveries, objections};
use crate::statement::Statement;
use crate::types::{Doc, Instant, Uid};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text};
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

/// Inserts everything that the entries hold.
pub(super) fn all(connection: &mut AnyConnection, entries: &[&mut Entry]) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(c) => at_once(c, entries)?,
        AnyConnection::Sqlite(c) => one_by_one(c, entries)?,
    }
    Ok(())
}

fn at_once(connection: &mut PgConnection, entries: &[&mut Entry]) -> QueryResult<()> {
    let actions: Vec<&ActionRow> = entries.iter().map(|entry| &entry.action).collect();
    let consents: Vec<&ConsentRow> = entries.iter().flat_map(|entry| &entry.consents).collect();
    let objections: Vec<&ObjectionRow> = entries.iter().flat_map(|entry| &entry.objections).collect();
    let deliveries: Vec<&DeliveryRow> = entries.iter().flat_map(|entry| &entry.deliveries).collect();
    if !actions.is_empty() {
        insert_actions(connection, &actions)?;
    }
    if !consents.is_empty() {
        insert_consents(connection, &consents)?;
    }
    if !objections.is_empty() {
        insert_objections(connection, &objections)?;
    }
    if !deliveries.is_empty() {
        insert_deliveries(connection, &deliveries)?;
    }
    Ok(())
}

fn one_by_one(connection: &mut SqliteConnection, entries: &[&mut Entry]) -> QueryResult<()> {
    for entry in entries {
        diesel::insert_into(actions::table).values(&entry.action).execute(connection)?;
        failpoint::passed()?;
        for row in &entry.consents {
            diesel::insert_into(consents::table).values(row).execute(connection)?;
            failpoint::passed()?;
        }
        for row in &entry.objections {
            diesel::insert_into(objections::table).values(row).execute(connection)?;
            failpoint::passed()?;
        }
        for row in &entry.deliveries {
            diesel::insert_into(deliveries::table).values(row).execute(connection)?;
            failpoint::passed()?;
        }
    }
    Ok(())
}

/// One column of the rows.
fn column<'r, R, T>(rows: &[&'r R], field: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(|row| field(row)).collect()
}

fn insert_actions(connection: &mut PgConnection, rows: &[&ActionRow]) -> QueryResult<()> {
    const SQL: &str = "\
        INSERT INTO actions (
            id, organisation_id, campaign_id, supporter_id, status, is_test, first_of_supporter, nation, locale, areas, words,
            source, medium, source_campaign, created_at
        )
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    Statement::<_>::new(SQL)
        .bind::<Array<Uid>, _>(column(rows, |row| row.id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.organisation_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.campaign_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.supporter_id))
        .bind::<Array<Text>, _>(column(rows, |row| row.status))
        .bind::<Array<Bool>, _>(column(rows, |row| row.is_test))
        .bind::<Array<Bool>, _>(column(rows, |row| row.first_of_supporter))
        .bind::<Array<Text>, _>(column(rows, |row| row.nation))
        .bind::<Array<Text>, _>(column(rows, |row| row.locale))
        .bind::<Array<Doc>, _>(column(rows, |row| &row.areas))
        .bind::<Array<Doc>, _>(column(rows, |row| &row.words))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.source.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.medium.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.source_campaign.as_deref()))
        .bind::<Array<Instant>, _>(column(rows, |row| row.created_at))
        .execute(connection)?;
    failpoint::passed()
}

fn insert_consents(connection: &mut PgConnection, rows: &[&ConsentRow]) -> QueryResult<()> {
    const SQL: &str = "\
        INSERT INTO consents (
            id, organisation_id, campaign_id, supporter_id, action_id, question_id, version, purpose, channel, answer, locale,
            created_at, privacy_notice_version
        )
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    Statement::<_>::new(SQL)
        .bind::<Array<Uid>, _>(column(rows, |row| row.id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.organisation_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.campaign_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.supporter_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.action_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.question_id))
        .bind::<Array<Integer>, _>(column(rows, |row| row.version))
        .bind::<Array<Text>, _>(column(rows, |row| row.purpose.as_str()))
        .bind::<Array<Text>, _>(column(rows, |row| row.channel))
        .bind::<Array<Text>, _>(column(rows, |row| row.answer))
        .bind::<Array<Text>, _>(column(rows, |row| row.locale))
        .bind::<Array<Instant>, _>(column(rows, |row| row.created_at))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.privacy_notice_version.as_deref()))
        .execute(connection)?;
    failpoint::passed()
}

fn insert_objections(connection: &mut PgConnection, rows: &[&ObjectionRow]) -> QueryResult<()> {
    const SQL: &str = "\
        INSERT INTO objections (
            action_id, activity, version, locale, organisation_id, campaign_id, supporter_id, created_at
        )
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)";
    Statement::<_>::new(SQL)
        .bind::<Array<Uid>, _>(column(rows, |row| row.action_id))
        .bind::<Array<Text>, _>(column(rows, |row| row.activity))
        .bind::<Array<Integer>, _>(column(rows, |row| row.version))
        .bind::<Array<Text>, _>(column(rows, |row| row.locale))
        .bind::<Array<Uid>, _>(column(rows, |row| row.organisation_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.campaign_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.supporter_id))
        .bind::<Array<Instant>, _>(column(rows, |row| row.created_at))
        .execute(connection)?;
    failpoint::passed()
}

/// A new message has no attempts, no lease and no reply.
fn insert_deliveries(connection: &mut PgConnection, rows: &[&DeliveryRow]) -> QueryResult<()> {
    const SQL: &str = "\
        INSERT INTO deliveries (
            attempts, id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code,
            edition_id, state, held_for, is_test, repeat_of, available_at, created_at, updated_at
        )
        SELECT 0, * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    Statement::<_>::new(SQL)
        .bind::<Array<Uid>, _>(column(rows, |row| row.id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.organisation_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.campaign_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.supporter_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.action_id))
        .bind::<Array<Uid>, _>(column(rows, |row| row.representative_id))
        .bind::<Array<Text>, _>(column(rows, |row| row.office))
        .bind::<Array<Text>, _>(column(rows, |row| row.area_code.as_str()))
        .bind::<Array<Uid>, _>(column(rows, |row| row.edition_id))
        .bind::<Array<Text>, _>(column(rows, |row| row.state))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.held_for.as_deref()))
        .bind::<Array<Bool>, _>(column(rows, |row| row.is_test))
        .bind::<Array<Nullable<Uid>>, _>(column(rows, |row| row.repeat_of))
        .bind::<Array<Nullable<Instant>>, _>(column(rows, |row| row.available_at))
        .bind::<Array<Instant>, _>(column(rows, |row| row.created_at))
        .bind::<Array<Instant>, _>(column(rows, |row| row.updated_at))
        .execute(connection)?;
    failpoint::passed()
}

//! Inserts the rows of a group.

use super::entry::{ActionRow, DeliveryRow, Entry};
use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::types::{Doc, Instant, Uid};
use crate::{elsewhere, evidence, mails};
use diesel::QueryResult;
use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text};

/// Inserts everything that the entries hold.
pub(super) fn all(connection: &mut AnyConnection, entries: &[&mut Entry]) -> QueryResult<()> {
    insert_actions(connection, &entries.iter().map(|entry| &entry.action).collect::<Vec<_>>())?;
    evidence::insert(connection, &entries.iter().map(|entry| &entry.evidence).collect::<Vec<_>>())?;
    elsewhere::insert(connection, &entries.iter().flat_map(|entry| &entry.elsewhere).collect::<Vec<_>>())?;
    insert_deliveries(connection, &entries.iter().flat_map(|entry| &entry.deliveries).collect::<Vec<_>>())?;
    mails::insert(connection, &entries.iter().filter_map(|entry| entry.mail.as_ref()).collect::<Vec<_>>())
}

fn insert_actions(connection: &mut AnyConnection, rows: &[&ActionRow]) -> QueryResult<()> {
    insert_all!(connection, rows, "actions", |row| {
        id: Uid = row.id,
        organisation_id: Uid = row.organisation_id,
        partner_id: Nullable<Uid> = row.partner_id,
        campaign_id: Uid = row.campaign_id,
        supporter_id: Uid = row.supporter_id,
        status: Text = row.status,
        is_test: Bool = row.is_test,
        first_of_supporter: Bool = row.first_of_supporter,
        nation: Text = row.nation,
        locale: Text = row.locale,
        areas: Doc = &row.areas,
        words: Doc = &row.words,
        source: Nullable<Text> = row.source.as_deref(),
        medium: Nullable<Text> = row.medium.as_deref(),
        source_campaign: Nullable<Text> = row.source_campaign.as_deref(),
        origin: Nullable<Text> = row.origin.as_deref(),
        created_at: Instant = row.created_at,
        confirmed_at: Nullable<Instant> = row.confirmed_at,
        confirmed_by: Nullable<Text> = row.confirmed_by,
        unconfirmed_answers: Nullable<Doc> = row.unconfirmed_answers.as_ref(),
        sealed_message: Nullable<Binary> = row.sealed_message.as_deref(),
        client: Nullable<Binary> = row.client.as_ref().map(<[u8; 16]>::as_slice),
    }, "")
}

/// A new message has no lease and no reply.
fn insert_deliveries(connection: &mut AnyConnection, rows: &[&DeliveryRow]) -> QueryResult<()> {
    insert_all!(connection, rows, "deliveries", |row| {
        id: Uid = row.id,
        organisation_id: Uid = row.organisation_id,
        campaign_id: Uid = row.campaign_id,
        supporter_id: Uid = row.supporter_id,
        action_id: Uid = row.action_id,
        representative_id: Uid = row.representative_id,
        office: Text = row.office,
        area_code: Text = row.area_code.as_str(),
        edition_id: Uid = row.edition_id,
        state: Text = row.state,
        held_for: Nullable<Text> = row.held_for,
        is_test: Bool = row.is_test,
        repeat_of: Nullable<Uid> = row.repeat_of,
        available_at: Nullable<Instant> = row.available_at,
        attempts: Integer = row.attempts,
        created_at: Instant = row.created_at,
        updated_at: Instant = row.created_at,
    }, "")
}

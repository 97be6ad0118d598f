//! Everything that is held on one person, read by the registry.

use super::registry::{Column, HELD, Kind, Said, Table, Whose};
use crate::connection::AnyConnection;
use crate::preferences::find;
use crate::retention::DELETED;
use crate::types::{Id, Uid};
use crate::words::Messages;
use crate::{Reach, StoreError, on_backend};
use diesel::prelude::*;
use diesel::sql_types::Text;
use postbag_domain::{OrganisationId, SupporterId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Everything that is held on a person.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldData {
    /// The controller.
    pub organisation_id: OrganisationId,
    /// What is held, in the order of the registry.
    pub tables: Vec<HeldTable>,
}

// Personal all through (C31).
impl std::fmt::Debug for HeldData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldData(redacted)")
    }
}

/// The rows of one table that are about the person.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldTable {
    /// The table.
    pub name: &'static str,
    /// What its rows are, in words for the person.
    pub about: &'static str,
    /// The rows, each with its columns by name. Times are RFC 3339 in UTC.
    pub rows: Vec<Map<String, Value>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    document: String,
}

pub(super) fn load(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    supporter: SupporterId,
) -> Result<Option<HeldData>, StoreError> {
    let Some((organisation, _email_key)) = find(connection, reach, supporter)? else { return Ok(None) };
    let rows = |table: &Table| {
        let rows = read(connection, messages, table, supporter)?;
        Ok(HeldTable { name: table.name, about: table.about, rows })
    };
    let tables = HELD.iter().map(rows).collect::<Result<_, StoreError>>()?;
    Ok(Some(HeldData { organisation_id: organisation.into(), tables }))
}

fn read(
    connection: &mut AnyConnection,
    messages: &Messages,
    table: &Table,
    supporter: SupporterId,
) -> Result<Vec<Map<String, Value>>, StoreError> {
    let sql = query(table, connection.is_postgres());
    let id = Id::from(supporter);
    let rows: Vec<Row> = on_backend!(connection, c => diesel::sql_query(&sql).bind::<Uid, _>(id).load(c))?;
    let parse = |row: Row| serde_json::from_str(&row.document).map_err(StoreError::backend);
    let mut rows: Vec<Map<String, Value>> = rows.into_iter().map(parse).collect::<Result<_, _>>()?;
    rows.iter_mut().for_each(drop_answers_elsewhere);
    for sealed in table.columns.iter().filter(|column| column.kind == Kind::Sealed) {
        rows.iter_mut().try_for_each(|row| open(row, (table.name, sealed.name), messages))?;
    }
    Ok(rows)
}

/// Leaves out what the person answered to other organisations: that is for those to say.
fn drop_answers_elsewhere(row: &mut Map<String, Value>) {
    if let Some(Value::Object(answers)) = row.get_mut("unconfirmed_answers") {
        answers.remove("elsewhere");
    }
}

/// Puts the opened text in the place of the sealed one; one that was deleted is empty.
fn open(
    row: &mut Map<String, Value>,
    (table, column): (&'static str, &'static str),
    messages: &Messages,
) -> Result<(), StoreError> {
    let sealed = row.get(column).and_then(Value::as_str).and_then(bytes);
    let Some(sealed) = sealed.filter(|sealed| sealed != DELETED) else { return Ok(()) };
    let id = row.get("id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default();
    let text = messages.open_text((table, column), Id(id), &sealed)?;
    row.insert(column.to_owned(), Value::from(text));
    Ok(())
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, _rest) = hex.as_bytes().as_chunks::<2>();
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// One JSON object for each row of a person.
fn query(table: &Table, postgres: bool) -> String {
    let shown = table.columns.iter().filter(|column| column.said != Said::Nothing);
    let members: Vec<_> = shown.map(|column| format!("'{}', {}", column.name, expression(column, postgres))).collect();
    let (object, text) = if postgres { ("jsonb_build_object", "::TEXT") } else { ("json_object", "") };
    format!(
        "SELECT {object}({}){text} AS document FROM {} WHERE {}",
        members.join(", "),
        table.name,
        condition(table.whose, postgres)
    )
}

/// Conditions that an index serves, so that a request costs as much in a big database as in a small one.
fn condition(whose: Whose, postgres: bool) -> String {
    let id = if postgres { "$1" } else { "?1" };
    let actions = format!("(SELECT id FROM actions WHERE supporter_id = {id})");
    let letters = format!("SELECT id FROM deliveries WHERE action_id IN {actions}");
    let mails = format!(
        "SELECT id FROM mails WHERE action_id IN {actions} \
         UNION ALL SELECT id FROM mails WHERE supporter_id = {id} AND action_id IS NULL"
    );
    match whose {
        Whose::Column(column) => format!("{column} = {id}"),
        Whose::OfOrganisation => {
            let organisation = format!("(SELECT organisation_id FROM supporters WHERE id = {id})");
            format!("organisation_id = {organisation} AND supporter_id = {id}")
        }
        Whose::Actions => format!("action_id IN {actions}"),
        Whose::Mails => format!("id IN ({mails})"),
        Whose::Letters => format!("delivery_id IN ({letters})"),
        Whose::LettersAndMails => format!("delivery_id IN ({letters}) OR mail_id IN ({mails})"),
        Whose::AnswersOfActions => {
            let action = if postgres { "actions.id::TEXT".to_owned() } else { uuid_on_sqlite("actions.id") };
            format!("answer ->> 'id' IN (SELECT {action} FROM actions WHERE supporter_id = {id})")
        }
    }
}

/// A column as JSON shows it, the same on both databases.
fn expression(column: &Column, postgres: bool) -> String {
    let name = column.name;
    match (column.kind, postgres) {
        (Kind::Text | Kind::Integer, _) | (Kind::Doc | Kind::Bool | Kind::Uid, true) => name.to_owned(),
        (Kind::Doc, false) => format!("json({name})"),
        (Kind::Bool, false) => format!("json(iif({name}, 'true', 'false'))"),
        (Kind::Uid, false) => uuid_on_sqlite(name),
        (Kind::Instant, true) => format!("to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
        (Kind::Instant, false) => format!("strftime('%Y-%m-%dT%H:%M:%fZ', {name} / 1000000.0, 'unixepoch')"),
        (Kind::Binary | Kind::Sealed, true) => format!("encode({name}, 'hex')"),
        (Kind::Binary | Kind::Sealed, false) => format!("iif({name} IS NULL, NULL, lower(hex({name})))"),
    }
}

/// A UUID of 16 bytes in its usual spelling; nothing for nothing.
fn uuid_on_sqlite(column: &str) -> String {
    let part = |from: u8, length: u8| format!("substr(lower(hex({column})), {from}, {length})");
    let spelt = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
    format!("iif({column} IS NULL, NULL, {spelt})")
}

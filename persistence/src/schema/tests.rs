//! Holds the page of tables against the databases that the migrations really make, and against the domain's words.

use crate::connection::AnyConnection;
use crate::testing::{each_backend, scripts};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Table, column, type, nullable.
type Column = (String, String, String, bool);

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const POSTGRES: &str = "
    SELECT table_name::TEXT, column_name::TEXT, udt_name::TEXT AS type_name, is_nullable = 'YES' AS nullable
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'";

const SQLITE: &str = "
    SELECT t.name AS table_name, c.name AS column_name, c.type AS type_name, c.\"notnull\" = 0 AS nullable
    FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name <> '__diesel_schema_migrations'";

fn real(connection: &mut AnyConnection) -> Vec<Column> {
    let query = if connection.is_postgres() { POSTGRES } else { SQLITE };
    let found: Vec<Found> = diesel::sql_query(query).load(connection).unwrap();
    let mut columns: Vec<Column> =
        found.into_iter().map(|row| (row.table_name, row.column_name, row.type_name, row.nullable)).collect();
    columns.sort();
    columns
}

/// What `schema.rs` says, with each type as the database calls it.
pub(crate) fn declared(postgres: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut table = "";
    for line in include_str!("../schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name;
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let plain = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let kind = type_name(plain.unwrap_or(kind), postgres).to_owned();
            columns.push((table.to_owned(), column.to_owned(), kind, plain.is_some()));
        }
    }
    columns.sort();
    columns
}

fn type_name(kind: &str, postgres: bool) -> &'static str {
    let (on_postgres, on_sqlite) = match kind {
        "Uid" => ("uuid", "BLOB"),
        "Instant" => ("timestamptz", "INTEGER"),
        "Doc" => ("jsonb", "TEXT"),
        "Text" => ("text", "TEXT"),
        "BigInt" => ("int8", "INTEGER"),
        "Integer" => ("int4", "INTEGER"),
        "Bool" => ("bool", "INTEGER"),
        "Date" => ("date", "TEXT"),
        "Binary" => ("bytea", "BLOB"),
        other => panic!("{other} has no name here yet"),
    };
    if postgres { on_postgres } else { on_sqlite }
}

#[test]
fn the_page_of_tables_is_what_both_databases_have() {
    each_backend(|store| {
        let real = store.read_blocking(|connection| Ok(real(connection))).unwrap();
        assert_eq!(declared(store.is_postgres()), real);
    });
}

#[test]
fn every_table_on_sqlite_is_strict() {
    for sql in scripts("sqlite") {
        let tables = sql.matches("CREATE TABLE").count();
        assert_eq!(tables, sql.matches(") STRICT").count());
    }
}

/// The words that each `table.column` is checked against; what a later migration says counts.
fn checked_words(side: &str) -> BTreeMap<String, Vec<String>> {
    let mut words = BTreeMap::new();
    for sql in scripts(side) {
        let sql: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        for statement in sql.join("\n").split(';') {
            let Some(table) =
                ["CREATE TABLE ", "ALTER TABLE "].iter().find_map(|verb| statement.trim().strip_prefix(verb))
            else {
                continue;
            };
            let name = table.split_whitespace().next().unwrap();
            for (list, before) in table.split(" IN (").skip(1).zip(table.split(" IN (")) {
                let column = before.rsplit([' ', '(', '\n']).next().unwrap();
                let list = list.split_once(')').unwrap().0;
                let list = list.split(',').map(|word| word.trim().trim_matches('\'').to_owned()).collect();
                words.insert(format!("{name}.{column}"), list);
            }
        }
    }
    words
}

fn words_of<T: Display>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn both_sides_check_the_same_words() {
    let mut sqlite = checked_words("sqlite");
    // Booleans are numbers there.
    sqlite.retain(|_, words| *words != ["0", "1"]);
    assert_eq!(sqlite, checked_words("postgres"));
    assert!(sqlite.len() > 10, "the words were not found: {sqlite:?}");
}

#[test]
fn the_words_that_are_checked_are_the_domains() {
    let checked = checked_words("postgres");
    let found_by_postcode: Vec<_> = postbag_domain::Office::ALL
        .iter()
        .filter(|office| office.is_found_by_postcode())
        .map(ToString::to_string)
        .collect();
    let domain = [
        ("representatives.office", words_of(postbag_domain::Office::ALL)),
        ("deliveries.office", found_by_postcode),
        ("deliveries.held_for", words_of(postbag_domain::HeldFor::ALL)),
        ("representatives.digest_every", words_of(postbag_domain::DigestInterval::ALL)),
        ("representatives.digest_shows", words_of(postbag_domain::DigestDetail::ALL)),
        ("digests.every", words_of(postbag_domain::DigestInterval::ALL)),
        ("mails.kind", words_of(postbag_domain::MailKind::ALL)),
        ("stops.scope", words_of(postbag_domain::delivery::StopScope::ALL)),
        ("stops.work", words_of(postbag_domain::delivery::StoppedWork::ALL)),
        ("alarms.rate", words_of(postbag_domain::alarm::RateOf::ALL)),
        ("alarms.departure", words_of(postbag_domain::alarm::Departure::ALL)),
        ("invalidations.state", words_of(postbag_domain::InvalidationState::ALL)),
        ("audit_entries.action", words_of(postbag_domain::AuditAction::ALL)),
        ("bounces.cause", words_of(postbag_domain::BounceCause::ALL)),
        ("bounces.kind", words_of(postbag_domain::BounceKind::ALL)),
        ("dissolutions.legislature", words_of(postbag_domain::Legislature::ALL)),
        ("address_reports.reason", words_of(postbag_domain::ReportReason::ALL)),
        ("address_reports.status", words_of(postbag_domain::ReportStatus::ALL)),
        ("representatives.route", words_of(postbag_domain::Route::ALL)),
        ("bodies.route", words_of(postbag_domain::Route::ALL)),
        ("actions.nation", words_of(postbag_domain::Nation::ALL)),
        ("actions.status", words_of(postbag_domain::ActionStatus::ALL)),
        ("campaigns.status", words_of(postbag_domain::CampaignStatus::ALL)),
        ("asks.addressed_to", words_of(postbag_domain::AddressedTo::ALL)),
        ("asks.status", words_of(postbag_domain::AskStatus::ALL)),
        ("consents.channel", words_of(postbag_domain::Channel::ALL)),
        ("consents.answer", words_of(postbag_domain::Answer::ALL)),
        ("consent_wordings.basis", words_of(postbag_domain::Basis::ALL)),
        ("objections.stance", words_of(postbag_domain::Stance::ALL)),
        ("preference_changes.means", words_of(postbag_domain::Means::ALL)),
        ("rights_requests.means", words_of(postbag_domain::Means::ALL)),
        ("rights_requests.status", words_of(postbag_domain::RequestStatus::ALL)),
        ("rights_requests.kind", words_of(postbag_domain::RequestKind::ALL)),
        ("rights_requests.pause_reason", words_of(postbag_domain::PauseReason::ALL)),
        ("deliveries.state", words_of(postbag_domain::DeliveryState::ALL)),
    ];
    for (column, words) in domain {
        assert_eq!(checked[column], words, "{column}");
    }
}

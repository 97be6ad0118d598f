//! Everything that is held on a person, for the person to read (UK GDPR 15).

use chrono::{DateTime, Utc};
use postbag_persistence::HeldData;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// Everything that one organisation holds on a person.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "organisation_id": "01998f00-0000-7000-8000-000000000001", "as_of": "2026-11-30T09:00:00Z",
    "explanation": "Everything that this organisation holds on you here.",
    "held": [{ "table": "supporters", "about": "You, as this organisation knows you: by your email address.",
               "rows": [{ "id": "01998f00-0000-7000-8000-000000000008", "organisation_id": "01998f00-0000-7000-8000-000000000001",
                          "email_key": "ada@example.org", "created_at": "2026-11-22T09:00:00.000Z" }] }]
})))]
pub(crate) struct HeldDataView {
    organisation_id: Uuid,
    as_of: DateTime<Utc>,
    /// What this is, for the person.
    explanation: &'static str,
    held: Vec<HeldTableView>,
}

/// One kind of record.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldTableView {
    /// The kind's name.
    table: &'static str,
    /// What the records are, for the person.
    about: &'static str,
    /// The records, as they are stored; times are in UTC.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Map<String, Value>>,
}

const EXPLANATION: &str = "Everything that this organisation holds on you here, record by record. Ids only tie records together. Letters are \
    not stored: each is made from your words and the campaign's template. A list of keyed hashes says whom nothing may be sent to; it \
    cannot be read back, so it is not here. Copies at your representatives, and what the organisation keeps in other systems, are not part \
    of this: ask them.";

impl HeldDataView {
    pub(crate) fn of(data: HeldData, as_of: DateTime<Utc>) -> Self {
        let held = data.tables.into_iter();
        let held = held.map(|held| HeldTableView { table: held.name, about: held.about, rows: held.rows });
        Self { organisation_id: data.organisation_id.uuid(), as_of, explanation: EXPLANATION, held: held.collect() }
    }
}

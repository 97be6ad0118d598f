//! Everything that is held on a person, for the person to read (UK GDPR 15).

use chrono::{DateTime, Utc};
use postbag_domain::ConfirmedBy;
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

/// What was typed with an action, and the columns of it.
const TYPED: [&str; 3] = ["words", "sealed_message", "unconfirmed_answers"];

/// What stands in the place of something typed that may be somebody else's.
const WITHHELD: &str =
    "withheld: it was typed under your address, and nobody has confirmed that it was you. Ask the organisation.";

/// True if the holder of the address has shown that an action was theirs. A form that names a stranger's address must not show them what
/// was typed: it may be another person's home.
fn is_proved(action: &Map<String, Value>) -> bool {
    let by = action.get("confirmed_by").and_then(Value::as_str).and_then(|by| by.parse::<ConfirmedBy>().ok());
    by.is_some_and(ConfirmedBy::proves_address)
}

impl HeldDataView {
    /// What somebody may read who has shown that the address is theirs, and nothing more.
    pub(crate) fn for_holder_of_address(mut data: HeldData, as_of: DateTime<Utc>) -> Self {
        let actions = data.tables.iter_mut().filter(|held| held.name == "actions").flat_map(|held| &mut held.rows);
        for action in actions.filter(|action| !is_proved(action)) {
            for typed in TYPED {
                if let Some(value) = action.get_mut(typed).filter(|value| !value.is_null()) {
                    *value = WITHHELD.into();
                }
            }
        }
        Self::of(data, as_of)
    }

    pub(crate) fn of(data: HeldData, as_of: DateTime<Utc>) -> Self {
        let held = data.tables.into_iter();
        let held = held.map(|held| HeldTableView { table: held.name, about: held.about, rows: held.rows });
        Self { organisation_id: data.organisation_id.uuid(), as_of, explanation: EXPLANATION, held: held.collect() }
    }
}

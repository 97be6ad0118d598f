//! Services of postcodes: as postcodes.io and as MapIt answer.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::{Asked, FakeService};

/// The answer of postcodes.io for a postcode that it does not know.
fn not_found() -> Value {
    json!({ "status": 404, "error": "Postcode not found" })
}

impl FakeService {
    /// Starts a postcodes.io that knows these: each postcode with its constituency in England; one with none ended in May 2019.
    pub async fn postcodes_io(known: &[(&str, Option<&str>)]) -> io::Result<Self> {
        let known: BTreeMap<String, Option<String>> =
            known.iter().map(|(postcode, code)| ((*postcode).to_owned(), code.map(ToOwned::to_owned))).collect();
        Self::start(move |asked| answer(&known, asked)).await
    }

    /// Starts a MapIt that knows these: each postcode with its constituency.
    pub async fn mapit(known: &'static [(&'static str, &'static str)]) -> io::Result<Self> {
        Self::start(move |asked| {
            let found = asked.path.strip_prefix("/postcode/").and_then(|asked| known.iter().find(|(pc, _)| *pc == asked));
            match found {
                Some((postcode, code)) => {
                    let area = json!({ "id": 65594, "name": "Somewhere", "type": "WMC", "type_name": "UK Parliament constituency",
                                       "country": "E", "parent_area": null, "codes": { "gss": code, "unit_id": "1" } });
                    (200, json!({ "postcode": postcode, "wgs84_lat": 55.0, "coordsyst": "G", "areas": { "65594": area } }))
                }
                None => (404, json!({ "code": 404, "error": "Postcode not found" })),
            }
        })
        .await
    }
}

fn answer(known: &BTreeMap<String, Option<String>>, asked: &Asked) -> (u16, Value) {
    if asked.method == "POST" && asked.path == "/postcodes" {
        let postcodes = asked.body["postcodes"].as_array().cloned().unwrap_or_default();
        let item = |postcode: Value| {
            let result = postcode.as_str().and_then(|text| live(known, text));
            json!({ "query": postcode, "result": result })
        };
        return (200, json!({ "status": 200, "result": postcodes.into_iter().map(item).collect::<Vec<_>>() }));
    }
    let found = if let Some(postcode) = asked.path.strip_prefix("/postcodes/") {
        live(known, postcode)
    } else {
        asked.path.strip_prefix("/terminated_postcodes/").and_then(|postcode| terminated(known, postcode))
    };
    match found {
        Some(result) => (200, json!({ "status": 200, "result": result })),
        None => (404, not_found()),
    }
}

fn live(known: &BTreeMap<String, Option<String>>, postcode: &str) -> Option<Value> {
    let code = known.get(postcode)?.as_deref()?;
    Some(json!({
        "postcode": postcode, "quality": 1, "country": "England", "region": null, "parliamentary_constituency": "Somewhere",
        "codes": { "admin_district": "E09000033", "admin_county": "E99999999", "parliamentary_constituency": code,
                   "parliamentary_constituency_2024": code, "ccg_id": "W2U3Z", "lep2": null }
    }))
}

fn terminated(known: &BTreeMap<String, Option<String>>, postcode: &str) -> Option<Value> {
    let is_ended = known.get(postcode)?.is_none();
    is_ended.then(|| json!({ "postcode": postcode, "year_terminated": 2019, "month_terminated": 5 }))
}

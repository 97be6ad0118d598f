//! What MapIt answers about a postcode: every area that it lies in, by type.

use super::is_about;
use crate::imports::meant;
use crate::outbound::services::service::{Answered, Fault};
use postbag_domain::{AreaCode, AreaKey, AreaKind, Postcode, PostcodeAnswer};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Found {
    postcode: String,
    areas: BTreeMap<String, MapitArea>,
}

#[derive(Deserialize)]
struct MapitArea {
    r#type: Option<String>,
    #[serde(default)]
    codes: BTreeMap<String, serde_json::Value>,
}

/// How MapIt says that it does not know a postcode.
#[derive(Deserialize)]
struct Unknown {
    #[serde(rename = "error")]
    _error: String,
}

/// The answer about one postcode. MapIt knows nothing of terminated ones.
pub(super) fn answer(postcode: Postcode, answered: Answered) -> Result<PostcodeAnswer, Fault> {
    const FAULT: Fault = Fault::Malformed("it is not what MapIt answers");
    if answered.status == 404 {
        let _told: Unknown = serde_json::from_value(answered.body).map_err(|_error| FAULT)?;
        return Ok(PostcodeAnswer::Unknown);
    }
    let found: Found = serde_json::from_value(answered.body).map_err(|_error| FAULT)?;
    if !is_about(postcode, &found.postcode) {
        return Err(Fault::Malformed("it answers another postcode than was asked"));
    }
    let mut areas: Vec<AreaKey> = Vec::new();
    for (kind, code) in found.areas.values().filter_map(area).filter_map(|(kind, code)| meant(kind, code)) {
        match areas.iter().find(|area| area.kind == kind) {
            Some(known) if known.code == code => {}
            Some(_other) => return Err(Fault::Malformed("it names two areas of one kind")),
            None => areas.push(AreaKey { kind, code }),
        }
    }
    let nation = areas.iter().find_map(|area| area.code.nation());
    areas.extend(nation.map(AreaKey::of_nation));
    Ok(PostcodeAnswer::Live(areas))
}

fn area(area: &MapitArea) -> Option<(AreaKind, AreaCode)> {
    let kind = match area.r#type.as_deref()? {
        "WMC" => AreaKind::WestminsterConstituency,
        "SPC" => AreaKind::HolyroodConstituency,
        "SPE" => AreaKind::HolyroodRegion,
        "WAC" => AreaKind::SeneddConstituency,
        "WAE" => AreaKind::SeneddRegion,
        "NIE" => AreaKind::AssemblyConstituency,
        "DIS" | "LBO" | "MTD" | "UTA" | "LGD" | "COI" => AreaKind::LocalAuthority,
        _ => return None,
    };
    Some((kind, area.codes.get("gss")?.as_str()?.parse().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn asked() -> Postcode {
        Postcode::parse("ZA1 1AA").unwrap()
    }

    fn area_of(kind: &str, code: &str) -> Value {
        json!({ "id": 1, "name": "Invented", "type": kind, "codes": { "gss": code, "unit_id": "1" }, "parent_area": null })
    }

    fn ok(areas: &Value) -> Result<PostcodeAnswer, Fault> {
        answer(asked(), Answered { status: 200, body: json!({ "postcode": "ZA1 1AA", "areas": areas }) })
    }

    #[test]
    fn areas_are_known_by_their_type_and_code() {
        let areas = json!({
            "1": area_of("WMC", "S14000001"), "2": area_of("SPC", "S16000001"), "3": area_of("SPE", "S17000001"),
            "4": area_of("UTA", "S12000036"), "5": area_of("EUR", "S15000001"),
            "6": { "id": 6, "type": "WMP", "codes": {} }
        });
        let answer = ok(&areas).unwrap();
        let words: Vec<_> = answer.areas().iter().map(|area| format!("{} {}", area.kind, area.code)).collect();
        let expected = [
            "westminster_constituency S14000001",
            "holyrood_constituency S16000001",
            "holyrood_region S17000001",
            "local_authority S12000036",
            "nation S92000003",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn unknown_is_an_answer_and_anything_else_a_fault() {
        let unknown = |body| answer(asked(), Answered { status: 404, body });
        assert_eq!(unknown(json!({ "code": 404, "error": "Postcode not found" })), Ok(PostcodeAnswer::Unknown));
        assert!(unknown(json!({})).is_err() && unknown(json!("Not Found")).is_err());
        assert!(ok(&json!([])).is_err() && ok(&json!({ "1": null })).is_err());
        assert!(ok(&json!({ "1": area_of("WMC", "E14000001"), "2": area_of("WMC", "E14000002") })).is_err());
        let other = json!({ "postcode": "ZA1 1AB", "areas": {} });
        assert!(answer(asked(), Answered { status: 200, body: other }).is_err());
    }

    /// JSON in whose members the words of both services come up.
    pub(in crate::outbound::services::postcode_service) fn any_json() -> impl Strategy<Value = Value> {
        const WORDS: [&str; 6] = ["ZA1 1AA", "E14000001", "WMC", "England", "E99999999", "é"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            prop_oneof![Just(200), Just(404), Just(1996), any::<i64>()].prop_map(Value::from),
            prop::sample::select(WORDS.as_slice()).prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            const NAMES: [&str; 14] = [
                "status",
                "result",
                "terminated",
                "postcode",
                "country",
                "codes",
                "query",
                "areas",
                "type",
                "gss",
                "error",
                "year_terminated",
                "month_terminated",
                "parliamentary_constituency",
            ];
            let members = prop::collection::btree_map(prop::sample::select(NAMES.as_slice()), inner.clone(), 0..6);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_an_answer_or_a_fault(body in any_json(), status in prop::sample::select(vec![200_u16, 404])) {
            let _ = answer(asked(), Answered { status, body });
        }
    }
}

//! What postcodes.io answers, in every version that was seen: live ones with codes, terminated ones, unknown ones.

use super::is_about;
use crate::imports::meant;
use crate::outbound::services::service::{Answered, Fault};
use postbag_domain::{AreaCode, AreaKey, AreaKind, Nation, Postcode, PostcodeAnswer, YearMonth};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The codes that are areas here; of two lists of one kind the newer first.
const CODES: [(&str, AreaKind); 8] = [
    ("admin_district", AreaKind::LocalAuthority),
    ("parliamentary_constituency_2024", AreaKind::WestminsterConstituency),
    ("parliamentary_constituency", AreaKind::WestminsterConstituency),
    ("scottish_parliamentary_constituency", AreaKind::HolyroodConstituency),
    ("scottish_parliamentary_region", AreaKind::HolyroodRegion),
    ("ccg", AreaKind::SubIcb),
    ("icb", AreaKind::Icb),
    ("cancer_alliance", AreaKind::CancerAlliance),
];

#[derive(Deserialize)]
struct Envelope {
    status: u16,
    result: Option<Found>,
    terminated: Option<Ended>,
}

#[derive(Deserialize)]
struct Found {
    postcode: String,
    country: Option<String>,
    codes: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize)]
struct Ended {
    postcode: String,
    year_terminated: u16,
    month_terminated: u16,
}

/// The answer about one postcode; nothing if it is not among the live ones and more is not said.
pub(super) fn answer(postcode: Postcode, answered: Answered) -> Result<Option<PostcodeAnswer>, Fault> {
    let envelope: Envelope = read(answered.body)?;
    match (answered.status, envelope) {
        (200, Envelope { status: 200, result: Some(found), .. }) => live(postcode, &found).map(Some),
        (404, Envelope { status: 404, terminated: Some(ended), .. }) => month(postcode, &ended).map(Some),
        (404, Envelope { status: 404, .. }) => Ok(None),
        _ => Err(Fault::Malformed("it is neither a postcode nor the lack of one")),
    }
}

#[derive(Deserialize)]
struct Bulk {
    result: Vec<BulkItem>,
}

#[derive(Deserialize)]
struct BulkItem {
    query: String,
    result: Option<Found>,
}

/// The answers about several, in the order in which they were asked.
pub(super) fn answers(
    asked: &[Postcode],
    answered: Answered,
) -> Result<Vec<(Postcode, Option<PostcodeAnswer>)>, Fault> {
    let bulk: Bulk = read(answered.body)?;
    if bulk.result.len() != asked.len() {
        return Err(Fault::Malformed("it does not answer every postcode"));
    }
    let pairs = asked.iter().copied().zip(bulk.result);
    pairs
        .map(|(postcode, item)| {
            if !is_about(postcode, &item.query) {
                return Err(Fault::Malformed("it answers another postcode than was asked"));
            }
            Ok((postcode, item.result.map(|found| live(postcode, &found)).transpose()?))
        })
        .collect()
}

#[derive(Deserialize)]
struct TerminatedEnvelope {
    status: u16,
    result: Option<Ended>,
}

/// The answer about a postcode that is not live: terminated, or unknown.
pub(super) fn terminated(postcode: Postcode, answered: Answered) -> Result<PostcodeAnswer, Fault> {
    let envelope: TerminatedEnvelope = read(answered.body)?;
    match (answered.status, envelope) {
        (200, TerminatedEnvelope { status: 200, result: Some(ended) }) => month(postcode, &ended),
        (404, TerminatedEnvelope { status: 404, .. }) => Ok(PostcodeAnswer::Unknown),
        _ => Err(Fault::Malformed("it is neither a terminated postcode nor the lack of one")),
    }
}

fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, Fault> {
    serde_json::from_value(body).map_err(|_error| Fault::Malformed("it is not what postcodes.io answers"))
}

fn live(postcode: Postcode, found: &Found) -> Result<PostcodeAnswer, Fault> {
    if !is_about(postcode, &found.postcode) {
        return Err(Fault::Malformed("it answers another postcode than was asked"));
    }
    let nation = found.country.as_deref().and_then(nation);
    let mut areas: Vec<AreaKey> = nation.into_iter().collect();
    for (name, kind) in CODES {
        // Northern Ireland's health trusts have codes of another shape, which are none of ours.
        let Some(code) = found.codes.get(name).and_then(Option::as_deref).and_then(code) else { continue };
        let Some((kind, code)) = meant(kind, code) else { continue };
        if areas.iter().all(|area| area.kind != kind) {
            areas.push(AreaKey { kind, code });
        }
    }
    Ok(PostcodeAnswer::Live(areas))
}

fn code(text: &str) -> Option<AreaCode> {
    text.parse().ok()
}

fn nation(name: &str) -> Option<AreaKey> {
    let nation = match name {
        "England" => Nation::England,
        "Scotland" => Nation::Scotland,
        "Wales" => Nation::Wales,
        "Northern Ireland" => Nation::NorthernIreland,
        _ => return None,
    };
    Some(AreaKey::of_nation(nation))
}

fn month(postcode: Postcode, ended: &Ended) -> Result<PostcodeAnswer, Fault> {
    let month = YearMonth::new(ended.year_terminated, ended.month_terminated);
    match month.filter(|_month| is_about(postcode, &ended.postcode)) {
        Some(month) => Ok(PostcodeAnswer::Terminated(month)),
        None => Err(Fault::Malformed("the end of a postcode cannot be right")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapit::tests::any_json;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn postcode(text: &str) -> Postcode {
        Postcode::parse(text).unwrap()
    }

    fn ok(body: Value) -> Answered {
        Answered { status: 200, body }
    }

    fn not_found(body: Value) -> Answered {
        Answered { status: 404, body }
    }

    fn words(answer: &PostcodeAnswer) -> Vec<String> {
        answer.areas().iter().map(|area| format!("{} {}", area.kind, area.code)).collect()
    }

    #[test]
    fn codes_become_areas_and_pseudo_codes_none() {
        let body = json!({ "status": 200, "result": { "postcode": "ZA1 1AA", "country": "Northern Ireland", "codes": {
            "admin_district": "N09000004", "admin_county": "N99999999", "ccg": "ZC020", "icb": null,
            "parliamentary_constituency": "N06000012", "parliamentary_constituency_2024": "N05000012" } } });
        let answer = answer(postcode("ZA1 1AA"), ok(body)).unwrap().unwrap();
        let expected = [
            "nation N92000002",
            "local_authority N09000004",
            "westminster_constituency N05000012",
            "assembly_constituency N06000012",
        ];
        assert_eq!(words(&answer), expected);
    }

    #[test]
    fn a_postcode_is_terminated_unknown_or_to_be_asked_about_again() {
        let asked = postcode("AB1 0AA");
        let ended = json!({ "postcode": "AB1 0AA", "year_terminated": 1996, "month_terminated": 6 });
        let month = PostcodeAnswer::Terminated(YearMonth::new(1996, 6).unwrap());
        let bare = || json!({ "status": 404, "error": "Postcode not found" });
        let with = json!({ "status": 404, "error": "Postcode not found", "terminated": ended });
        assert_eq!(answer(asked, not_found(with)), Ok(Some(month.clone())));
        assert_eq!(answer(asked, not_found(bare())), Ok(None));
        assert_eq!(terminated(asked, ok(json!({ "status": 200, "result": ended }))), Ok(month));
        assert_eq!(terminated(asked, not_found(bare())), Ok(PostcodeAnswer::Unknown));
    }

    #[test]
    fn what_is_no_answer_is_a_fault() {
        let asked = postcode("ZA1 1AA");
        let other = json!({ "status": 200, "result": { "postcode": "ZA1 1AB", "codes": {} } });
        let codeless = json!({ "status": 200, "result": { "postcode": "ZA1 1AA" } });
        for body in [other, codeless, json!({}), json!([]), json!({ "status": 200, "result": null })] {
            assert!(answer(asked, ok(body.clone())).is_err(), "{body}");
        }
        for body in [json!({ "error": "not found" }), json!({ "status": 200, "result": null }), json!("404")] {
            assert!(answer(asked, not_found(body.clone())).is_err(), "{body}");
            assert!(terminated(asked, not_found(body)).is_err());
        }
    }

    #[test]
    fn a_bulk_answer_is_about_exactly_what_was_asked() {
        let asked = [postcode("ZA1 1AA"), postcode("ZA1 1AB")];
        let item = |text: &str| json!({ "query": text, "result": null });
        let bulk = |items: Value| answers(&asked, ok(json!({ "status": 200, "result": items })));
        assert_eq!(bulk(json!([item("ZA1 1AA"), item("ZA1 1AB")])), Ok(vec![(asked[0], None), (asked[1], None)]));
        for items in [json!([item("ZA1 1AA")]), json!([item("ZA1 1AB"), item("ZA1 1AA")]), json!(null)] {
            assert!(bulk(items).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_json_is_an_answer_or_a_fault(body in any_json(), status in prop::sample::select(vec![200_u16, 404])) {
            let asked = postcode("ZA1 1AA");
            let _ = answer(asked, Answered { status, body: body.clone() });
            let _ = answers(&[asked], Answered { status, body: body.clone() });
            let _ = terminated(asked, Answered { status, body });
        }
    }
}

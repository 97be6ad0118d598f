//! Look-ups over made-up layers.

use crate::directory::examples::{Row, area, body, code, day, layer, postcode, profile, representative};
use crate::directory::{AreaChoices, Directory, DirectoryParts, Part, Place, PlaceError, YearMonth};
use crate::{
    Area, AreaCode, AreaKey, AreaKind, CrownDependency, LayerId, Nation, Office, PostcodeLayer, PostcodeTableBuilder,
    Representative, Share,
};
use proptest::prelude::*;
use uuid::Uuid;

const NATION: AreaKind = AreaKind::Nation;
const PCON: AreaKind = AreaKind::WestminsterConstituency;
const SPC: AreaKind = AreaKind::HolyroodConstituency;
const SPR: AreaKind = AreaKind::HolyroodRegion;
const SEN: AreaKind = AreaKind::SeneddConstituency;
const NIA: AreaKind = AreaKind::AssemblyConstituency;
const ICB: AreaKind = AreaKind::Icb;

fn directory(areas: Vec<Area>, layers: Vec<PostcodeLayer>) -> Directory {
    Directory::build(DirectoryParts { areas, layers, ..DirectoryParts::default() })
}

fn one(rows: &[Row<'_>]) -> Directory {
    directory(vec![], vec![layer(1, "2026-01-01", rows)])
}

fn at(directory: &Directory, text: &str) -> Result<Place, PlaceError> {
    directory.place(&postcode(text), &AreaChoices::none(), day("2026-07-01"))
}

#[test]
fn every_oddity_has_an_answer_of_its_own() {
    let directory = one(&[
        ("ZA1 1AA", "", &[(NATION, "E92000001"), (PCON, "E14000001")]),
        ("ZA1 1AB", "202606", &[(PCON, "E14000001")]),
        ("ZA1 1AD", "", &[(NATION, "E92000001"), (PCON, "E99999999")]),
        ("ZA1 1AE", "", &[]),
        ("ZA1 1AF", "", &[(NATION, "M83000003")]),
        ("JE2 3AB", "", &[(NATION, "L93000001")]),
    ]);
    assert_eq!(at(&directory, "ZA1 1AA").unwrap().nation, Nation::England);
    let month = YearMonth::new(2026, 6).unwrap();
    let crown = |dependency| Err(PlaceError::CrownDependency { dependency });
    assert_eq!(at(&directory, "ZA1 1AB"), Err(PlaceError::Terminated { month }));
    assert_eq!(at(&directory, "ZA1 1AD"), Err(PlaceError::NoLocation));
    assert_eq!(at(&directory, "ZA1 1AE"), Err(PlaceError::NoLocation));
    assert_eq!(at(&directory, "ZA1 1AF"), crown(CrownDependency::IsleOfMan));
    assert_eq!(at(&directory, "JE2 3AB"), crown(CrownDependency::Jersey));
    assert_eq!(at(&directory, "GY1 1AA"), crown(CrownDependency::Guernsey));
    assert_eq!(at(&directory, "BF1 1AA"), Err(PlaceError::Bfpo));
    assert_eq!(at(&directory, "FIQQ 1ZZ"), Err(PlaceError::Overseas { territory: "the Falkland Islands" }));
    assert_eq!(at(&directory, "ZA9 9AA"), Err(PlaceError::Unknown));
    assert_eq!(at(&Directory::empty(), "ZA1 1AA"), Err(PlaceError::Unknown));
}

#[test]
fn layers_add_columns_and_the_latest_that_knows_tells() {
    let old = layer(1, "2024-01-01", &[("ZA1 1AA", "", &[(PCON, "W07000001"), (SEN, "W09000001")])]);
    let new = layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(NATION, "W92000004"), (PCON, "W07000002")])]);
    for layers in [vec![old.clone(), new.clone()], vec![new, old]] {
        let place = at(&directory(vec![], layers), "ZA1 1AA").unwrap();
        assert_eq!(place.areas, [(PCON, code("W07000002")), (SEN, code("W09000001"))]);
        let source = |kind| place.source(kind).map(LayerId::uuid);
        assert_eq!((source(PCON), source(SEN)), (Some(Uuid::from_u128(2)), Some(Uuid::from_u128(1))));
    }
}

#[test]
fn only_a_file_that_dates_ends_ends_a_postcode() {
    let undated = layer(1, "2026-06-01", &[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
    let dated = |number, as_of, end| {
        layer(number, as_of, &[("ZA1 1AA", end, &[(PCON, "E14000001")]), ("ZA1 1AB", "200001", &[])])
    };
    let ended = directory(vec![], vec![undated.clone(), dated(2, "2026-01-01", "202512")]);
    assert!(matches!(at(&ended, "ZA1 1AA"), Err(PlaceError::Terminated { .. })));
    let revived = directory(vec![], vec![dated(2, "2025-01-01", "202412"), dated(3, "2026-01-01", "")]);
    assert!(at(&revived, "ZA1 1AA").is_ok());
    let announced = directory(vec![], vec![undated, dated(2, "2026-01-01", "202612")]);
    assert!(at(&announced, "ZA1 1AA").is_ok());
}

#[test]
fn the_day_decides_between_boundaries() {
    let old = Area { end_date: Some(day("2026-05-06")), ..area(SEN, "W09000001", "Old") };
    let new = Area { start_date: Some(day("2026-05-07")), ..area(SEN, "W09000051", "New") };
    let layers = vec![
        layer(1, "2024-01-01", &[("ZA1 1AA", "", &[(SEN, "W09000001")])]),
        layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(SEN, "W09000051")])]),
    ];
    let directory = directory(vec![old, new], layers);
    for (on, expected) in [("2026-05-06", "W09000001"), ("2026-05-07", "W09000051")] {
        let place = directory.place(&postcode("ZA1 1AA"), &AreaChoices::none(), day(on)).unwrap();
        assert_eq!(place.area(SEN), Some(code(expected)), "{on}");
    }
}

#[test]
fn a_reissued_code_leads_to_what_replaced_it() {
    let alias = Area { alias_of: Some(code("S14000107")), ..area(PCON, "S14000006", "Ayr") };
    let parts = DirectoryParts {
        areas: vec![alias, area(PCON, "S14000107", "Ayr")],
        representatives: vec![representative(1, Office::Mp, "S14000006")],
        layers: vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "S14000006")])])],
        ..DirectoryParts::default()
    };
    let directory = Directory::build(parts);
    let found = at(&directory, "ZA1 1AA").unwrap().area(PCON).unwrap();
    assert_eq!(found, code("S14000107"));
    for asked in [found, code("S14000006")] {
        assert_eq!(directory.holders(Office::Mp, asked, day("2026-07-01")).count(), 1);
    }
    let choices = AreaChoices::from_iter([(PCON, code("S14000006"))]);
    assert!(directory.place(&postcode("ZA1 1AA"), &choices, day("2026-07-01")).is_ok());
}

#[test]
fn aliases_in_a_ring_end() {
    let alias = |from, to| Area { alias_of: Some(code(to)), ..area(PCON, from, "Ring") };
    let directory = directory(vec![alias("E14000001", "E14000002"), alias("E14000002", "E14000001")], vec![]);
    assert_eq!(directory.canonical_code(PCON, code("E14000001")), code("E14000001"));
}

#[test]
fn a_region_follows_from_its_constituency_unless_a_file_tells_it() {
    let areas = || vec![Area { parent_code: Some(code("S17000021")), ..area(SPC, "S16000151", "Isles") }];
    let told: Row<'_> = ("ZA1 1AB", "", &[(SPC, "S16000151"), (SPR, "S17000022")]);
    let directory = directory(areas(), vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(SPC, "S16000151")]), told])]);
    assert_eq!(at(&directory, "ZA1 1AA").unwrap().area(SPR), Some(code("S17000021")));
    assert_eq!(at(&directory, "ZA1 1AB").unwrap().area(SPR), Some(code("S17000022")));
}

#[test]
fn an_area_of_another_nation_is_not_the_postcodes() {
    let row: Row<'_> = ("ZA1 1AA", "", &[(NATION, "E92000001"), (PCON, "E14000001"), (SEN, "W09000001")]);
    let place = at(&one(&[row]), "ZA1 1AA").unwrap();
    assert_eq!((place.area(PCON), place.area(SEN)), (Some(code("E14000001")), None));
}

#[test]
fn a_nation_follows_from_codes_where_no_file_gives_it() {
    let directory = one(&[("ZA1 1AA", "", &[(PCON, "N05000001"), (AreaKind::AssemblyConstituency, "N06000001")])]);
    let place = at(&directory, "ZA1 1AA").unwrap();
    assert_eq!((place.nation, place.areas.len()), (Nation::NorthernIreland, 2));
}

#[test]
fn a_wrong_choice_is_refused() {
    let directory = one(&[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
    let choose = |kind, text| {
        let choices = AreaChoices::from_iter([(kind, code(text))]);
        directory.place(&postcode("ZA1 1AA"), &choices, day("2026-07-01")).map(|_place| ())
    };
    assert_eq!(choose(PCON, "E14000001"), Ok(()));
    assert_eq!(choose(PCON, "E14000002"), Err(PlaceError::WrongChoice { kinds: vec![PCON] }));
    assert_eq!(choose(SEN, "W09000001"), Err(PlaceError::WrongChoice { kinds: vec![SEN] }));
}

#[test]
fn seats_and_bodies_are_found_by_area() {
    let left = Representative { end_date: Some(day("2026-07-01")), ..representative(2, Office::Mp, "E14000001") };
    let coming = Representative { start_date: Some(day("2026-07-02")), ..representative(3, Office::Mp, "E14000001") };
    let parts = DirectoryParts {
        representatives: vec![
            representative(1, Office::Mp, "S14000001"),
            left,
            coming,
            representative(4, Office::Mp, "E14000002"),
            representative(5, Office::MspConstituency, "S16000001"),
        ],
        bodies: vec![body(AreaKind::CancerAlliance, "E56000001", "Alliance")],
        layers: vec![layer(
            1,
            "2026-01-01",
            &[("ZA1 1AA", "", &[(PCON, "E14000001"), (AreaKind::CancerAlliance, "E56000001")])],
        )],
        ..DirectoryParts::default()
    };
    let directory = Directory::build(parts);
    let today = day("2026-07-01");
    let place = at(&directory, "ZA1 1AA").unwrap();
    assert_eq!(directory.bodies_at(&place, AreaKind::CancerAlliance).len(), 1);
    assert_eq!(directory.bodies_at(&place, AreaKind::Icb).len(), 0);
    assert_eq!(directory.holders(Office::Mp, code("E14000001"), today).count(), 0);
    assert_eq!(directory.holders(Office::Mp, code("E14000001"), day("2026-07-02")).count(), 1);
    assert_eq!(directory.seats(Office::Mp, Nation::ALL, today), 2);
    assert_eq!(directory.seats(Office::MspConstituency, &[Nation::Scotland], today), 1);
    assert_eq!(directory.seats(Office::Mp, &[Nation::Wales], today), 0);
}

/// A layer of rows about parts of postcodes: postcode, share, areas.
fn divided(number: u128, as_of: &str, rows: &[Row<'_>]) -> PostcodeLayer {
    let mut builder = PostcodeTableBuilder::new();
    for (text, share, areas) in rows {
        let part = Part::Share(Share::parse(share).ok());
        builder.push_part(postcode(text).key(), None, &profile(areas), part).unwrap();
    }
    PostcodeLayer { table: builder.finish().unwrap().table.into(), ..layer(number, as_of, &[]) }
}

fn choose(directory: &Directory, choices: &[(AreaKind, &str)]) -> Result<Place, PlaceError> {
    let choices = choices.iter().map(|(kind, text)| (*kind, code(text))).collect();
    directory.place(&postcode("ZA1 1AA"), &choices, day("2026-07-01"))
}

/// Kind, code and share of each choice.
fn choices(place: &Place) -> Vec<(AreaKind, String, Option<f64>)> {
    let choice = |choice: &crate::AreaChoice| (choice.kind, choice.code.to_string(), choice.share.map(Share::fraction));
    place.choices.iter().map(choice).collect()
}

fn region(constituency: &str, region: &str) -> Area {
    Area { parent_code: Some(code(region)), ..area(SPC, constituency, "Somewhere") }
}

#[test]
fn a_large_users_postcode_is_answered_where_it_has_a_place() {
    let mut builder = PostcodeTableBuilder::new();
    for (text, areas) in
        [("ZA1 1AA", &[(PCON, "E14000001")][..]), ("ZA1 1AB", &[(NATION, "E92000001")]), ("ZA1 1AD", &[])]
    {
        builder.push(postcode(text).key(), None, &profile(areas).of_large_user(true)).unwrap();
    }
    let large = PostcodeLayer { table: builder.finish().unwrap().table.into(), ..layer(1, "2026-01-01", &[]) };
    let small =
        layer(2, "2025-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000001")]), ("ZA1 1AE", "", &[(PCON, "E14000001")])]);
    let directory = directory(vec![], vec![large, small]);
    assert!(at(&directory, "ZA1 1AA").unwrap().is_large_user);
    assert!(!at(&directory, "ZA1 1AE").unwrap().is_large_user);
    assert_eq!(at(&directory, "ZA1 1AB"), Err(PlaceError::LargeUser));
    assert_eq!(at(&directory, "ZA1 1AD"), Err(PlaceError::LargeUser));
}

#[test]
fn a_divided_postcode_keeps_every_candidate_and_is_certain_of_the_rest() {
    let directory = directory(
        vec![],
        vec![divided(
            1,
            "2026-01-01",
            &[
                ("ZA1 1AA", "0.3", &[(PCON, "E14000001"), (ICB, "E54000001")]),
                ("ZA1 1AA", "0.6", &[(PCON, "E14000002"), (ICB, "E54000001")]),
                ("ZA1 1AA", "0.1", &[(PCON, "E14000001")]),
            ],
        )],
    );
    let place = choose(&directory, &[]).unwrap();
    assert_eq!(place.areas, [(ICB, code("E54000001"))]);
    let expected = [(PCON, "E14000002".to_owned(), Some(0.6)), (PCON, "E14000001".to_owned(), Some(0.4))];
    assert_eq!(choices(&place), expected);
    let chosen = choose(&directory, &[(PCON, "E14000001")]).unwrap();
    assert_eq!((chosen.area(PCON), chosen.area(ICB)), (Some(code("E14000001")), Some(code("E54000001"))));
    assert!(chosen.choices.is_empty());
    let wrong = choose(&directory, &[(PCON, "E14000003"), (ICB, "E54000009"), (NATION, "E92000001")]);
    assert_eq!(wrong, Err(PlaceError::WrongChoice { kinds: vec![PCON, ICB] }));
}

#[test]
fn a_chosen_constituency_decides_the_region_and_may_not_contradict_it() {
    let areas = vec![region("S16000001", "S17000001"), region("S16000002", "S17000002")];
    let directory = directory(
        areas,
        vec![divided(
            1,
            "2026-01-01",
            &[
                ("ZA1 1AA", "", &[(PCON, "S14000001"), (SPC, "S16000001")]),
                ("ZA1 1AA", "", &[(PCON, "S14000001"), (SPC, "S16000002")]),
            ],
        )],
    );
    let kinds: Vec<_> = choices(&choose(&directory, &[]).unwrap()).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [SPC, SPC, SPR, SPR]);
    for number in 1..3 {
        let (constituency, region) = (format!("S1600000{number}"), format!("S1700000{number}"));
        for choice in [(SPC, constituency.as_str()), (SPR, region.as_str())] {
            let place = choose(&directory, &[choice]).unwrap();
            assert_eq!((place.area(SPC), place.area(SPR)), (Some(code(&constituency)), Some(code(&region))));
            assert!(place.choices.is_empty());
        }
    }
    let contradictory = choose(&directory, &[(SPC, "S16000001"), (SPR, "S17000002")]);
    assert!(matches!(contradictory, Err(PlaceError::WrongChoice { .. })));
}

#[test]
fn a_chosen_constituency_overrules_another_layers_region() {
    let areas = vec![region("S16000001", "S17000001"), region("S16000002", "S17000002")];
    let parts =
        divided(1, "2025-01-01", &[("ZA1 1AA", "", &[(SPC, "S16000001")]), ("ZA1 1AA", "", &[(SPC, "S16000002")])]);
    let later = layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "S14000001"), (SPR, "S17000001")])]);
    let directory = directory(areas, vec![parts, later]);
    let place = choose(&directory, &[(SPC, "S16000002")]).unwrap();
    assert_eq!((place.area(SPR), place.area(PCON)), (Some(code("S17000002")), Some(code("S14000001"))));
    assert!(place.disagreements.is_empty());
}

#[test]
fn a_chosen_part_tells_the_rest_of_the_persons_areas() {
    let parts = divided(
        1,
        "2025-01-01",
        &[
            ("ZA1 1AA", "", &[(PCON, "E14000001"), (ICB, "E54000001")]),
            ("ZA1 1AA", "", &[(PCON, "E14000002"), (ICB, "E54000002")]),
        ],
    );
    let centre = layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000001"), (ICB, "E54000001")])]);
    let directory = directory(vec![], vec![parts, centre]);
    for number in 1..3 {
        let (constituency, board) = (format!("E1400000{number}"), format!("E5400000{number}"));
        let place = choose(&directory, &[(PCON, &constituency)]).unwrap();
        assert_eq!(place.areas, [(PCON, code(&constituency)), (ICB, code(&board))]);
    }
}

#[test]
fn an_aliased_choice_is_followed() {
    let alias = Area { alias_of: Some(code("S14000107")), ..area(PCON, "S14000006", "Ayr") };
    let directory = directory(
        vec![alias],
        vec![divided(
            1,
            "2026-01-01",
            &[("ZA1 1AA", "", &[(PCON, "S14000107")]), ("ZA1 1AA", "", &[(PCON, "S14000001")])],
        )],
    );
    assert_eq!(choose(&directory, &[(PCON, "S14000006")]).unwrap().area(PCON), Some(code("S14000107")));
}

#[test]
fn a_postcode_on_a_border_is_of_no_nation_until_that_is_chosen() {
    let parts = divided(
        1,
        "2026-01-01",
        &[("ZA1 1AA", "0.7", &[(PCON, "E14000001")]), ("ZA1 1AA", "0.3", &[(PCON, "W07000001")])],
    );
    let senedd = layer(2, "2025-06-01", &[("ZA1 1AA", "", &[(SEN, "W09000001")])]);
    let centre = layer(3, "2026-06-01", &[("ZA1 1AA", "", &[(NATION, "E92000001"), (PCON, "E14000001")])]);
    let directory = directory(vec![], vec![parts, senedd, centre]);
    let place = choose(&directory, &[]).unwrap();
    assert_eq!((place.nations().collect::<Vec<_>>(), place.areas.len()), (vec![Nation::England, Nation::Wales], 0));
    let expected = [
        (NATION, "E92000001".to_owned(), Some(0.7)),
        (NATION, "W92000004".to_owned(), Some(0.3)),
        (PCON, "E14000001".to_owned(), Some(0.7)),
        (PCON, "W07000001".to_owned(), Some(0.3)),
        (SEN, "W09000001".to_owned(), None),
    ];
    assert_eq!(choices(&place), expected);
    for choice in [(NATION, "W92000004"), (PCON, "W07000001"), (SEN, "W09000001")] {
        let place = choose(&directory, &[choice]).unwrap();
        assert_eq!((place.nation, place.choices.len()), (Nation::Wales, 0), "{choice:?}");
        assert_eq!((place.area(PCON), place.area(SEN)), (Some(code("W07000001")), Some(code("W09000001"))));
    }
    let place = choose(&directory, &[(NATION, "E92000001")]).unwrap();
    assert_eq!((place.nation, place.areas.as_slice()), (Nation::England, &[(PCON, code("E14000001"))][..]));
    let both = choose(&directory, &[(NATION, "E92000001"), (PCON, "W07000001")]);
    assert!(matches!(both, Err(PlaceError::WrongChoice { .. })));
}

#[test]
fn a_file_that_divides_a_postcode_says_more_than_a_later_one_that_gives_its_centre() {
    let parts = || {
        divided(
            1,
            "2025-01-01",
            &[("ZA1 1AA", "0.6", &[(PCON, "E14000001")]), ("ZA1 1AA", "0.4", &[(PCON, "E14000002")])],
        )
    };
    let whole = |number, as_of, code| layer(number, as_of, &[("ZA1 1AA", "", &[(PCON, code)])]);
    let agreeing =
        directory(vec![], vec![parts(), whole(2, "2026-01-01", "E14000002"), whole(3, "2024-01-01", "E14000003")]);
    let codes: Vec<_> =
        choices(&choose(&agreeing, &[]).unwrap()).into_iter().map(|(_, code, share)| (code, share)).collect();
    let candidate = |code: &str, share| (code.to_owned(), share);
    assert_eq!(
        codes,
        [candidate("E14000001", Some(0.6)), candidate("E14000002", Some(0.4)), candidate("E14000003", None)]
    );
    let differing = directory(vec![], vec![parts(), whole(2, "2026-01-01", "E14000009")]);
    let place = choose(&differing, &[]).unwrap();
    assert_eq!((place.area(PCON), place.choices.len(), place.disagreements.len()), (Some(code("E14000009")), 0, 2));
}

#[test]
fn where_layers_disagree_the_latest_tells_and_the_other_is_kept() {
    let whole = |number, as_of, codes: &[(AreaKind, &str)]| layer(number, as_of, &[("ZA1 1AA", "", codes)]);
    let directory = directory(
        vec![],
        vec![
            whole(1, "2026-01-01", &[(PCON, "E14000001"), (ICB, "E54000001")]),
            whole(2, "2025-01-01", &[(PCON, "E14000002"), (ICB, "E54000001")]),
            whole(3, "2024-01-01", &[(PCON, "E14000002")]),
        ],
    );
    let place = choose(&directory, &[]).unwrap();
    assert_eq!(place.area(PCON), Some(code("E14000001")));
    let [other] = place.disagreements.as_slice() else { panic!("{place:?}") };
    assert_eq!((other.kind, other.code, other.layer.uuid()), (PCON, code("E14000002"), Uuid::from_u128(2)));
    let chosen = choose(&directory, &[(PCON, "E14000002")]).unwrap();
    assert_eq!((chosen.area(PCON), chosen.area(ICB)), (Some(code("E14000002")), Some(code("E54000001"))));
    assert_eq!((chosen.source(PCON).map(LayerId::uuid), chosen.disagreements.len()), (Some(Uuid::from_u128(2)), 0));
}

/// The Holyrood and Senedd boundaries of May 2026, each generation in a layer of its own, and a nation's Westminster seat.
fn may_2026() -> Directory {
    let until = |area: Area| Area { end_date: Some(day("2026-05-06")), generation: Some("2011".to_owned()), ..area };
    let since = |area: Area| Area { start_date: Some(day("2026-05-07")), generation: Some("2026".to_owned()), ..area };
    let areas = vec![
        until(region("S16000001", "S17000001")),
        until(area(SPR, "S17000001", "Old Region")),
        since(region("S16000151", "S17000021")),
        since(area(SPR, "S17000021", "New Region")),
        until(Area { parent_code: Some(code("W10000001")), ..area(SEN, "W09000001", "Old") }),
        until(area(AreaKind::SeneddRegion, "W10000001", "Old Region")),
        since(area(SEN, "W09000051", "New")),
    ];
    directory(
        areas,
        vec![
            layer(1, "2024-01-01", &[("ZA5 1AA", "", &[(SPC, "S16000001")]), ("ZA6 1AA", "", &[(SEN, "W09000001")])]),
            layer(2, "2026-06-01", &[("ZA5 1AA", "", &[(SPC, "S16000151")]), ("ZA6 1AA", "", &[(SEN, "W09000051")])]),
            layer(3, "2025-11-01", &[("ZA5 1AA", "", &[(PCON, "S14000001")]), ("ZA6 1AA", "", &[(PCON, "W07000001")])]),
        ],
    )
}

#[test]
fn old_and_new_boundaries_stand_side_by_side() {
    let directory = may_2026();
    let key = |kind, text| AreaKey { kind, code: code(text) };
    for (text, old, new) in [
        (
            "ZA5 1AA",
            vec![key(SPC, "S16000001"), key(SPR, "S17000001")],
            vec![key(SPC, "S16000151"), key(SPR, "S17000021")],
        ),
        ("ZA6 1AA", vec![key(SEN, "W09000001"), key(AreaKind::SeneddRegion, "W10000001")], vec![key(SEN, "W09000051")]),
    ] {
        for (on, held, others) in [("2026-05-06", &old, &new), ("2026-05-07", &new, &old)] {
            let place = directory.place(&postcode(text), &AreaChoices::none(), day(on)).unwrap();
            assert!(held.iter().all(|key| place.area(key.kind) == Some(key.code)), "{on}: {place:?}");
            assert!(place.area(PCON).is_some() && place.disagreements.is_empty());
            let told = directory.areas_at_other_times(&postcode(text), &AreaChoices::none(), day(on));
            assert_eq!(&told.iter().map(|(key, _layer)| *key).collect::<Vec<_>>(), others, "{on}");
            let layers: Vec<_> = told.iter().map(|(_key, layer)| layer.uuid().as_u128()).collect();
            assert!(layers.iter().all(|layer| *layer == if on == "2026-05-06" { 2 } else { 1 }), "{layers:?}");
        }
    }
    assert!(directory.areas_at_other_times(&postcode("ZA9 9ZZ"), &AreaChoices::none(), day("2026-05-07")).is_empty());
}

#[test]
fn northern_ireland_has_westminsters_new_seats_beside_the_assemblys_old_ones() {
    let assembly = Area { generation: Some("2008".to_owned()), ..area(NIA, "N06000001", "Belfast East") };
    let new = Area { start_date: Some(day("2024-07-04")), ..area(PCON, "N05000001", "Belfast East") };
    let layers = vec![
        layer(1, "2025-11-01", &[("ZA7 1AA", "", &[(NATION, "N92000002"), (PCON, "N05000001")])]),
        layer(2, "2022-05-01", &[("ZA7 1AA", "", &[(NIA, "N06000001")])]),
    ];
    let directory = directory(vec![assembly, new], layers);
    let place = at(&directory, "ZA7 1AA").unwrap();
    assert_eq!(place.areas, [(PCON, code("N05000001")), (NIA, code("N06000001"))]);
    let before = directory.place(&postcode("ZA7 1AA"), &AreaChoices::none(), day("2024-07-03")).unwrap();
    assert_eq!(before.areas, [(NIA, code("N06000001"))]);
}

#[test]
fn an_areas_chain_ends_in_its_nation() {
    let directory = may_2026();
    let chain = |kind, text| directory.chain(AreaKey { kind, code: code(text) });
    let codes: Vec<_> = chain(SPC, "S16000151").iter().map(|key| key.code.to_string()).collect();
    assert_eq!(codes, ["S16000151", "S17000021", "S92000003"]);
    assert_eq!(chain(NATION, "W92000004").len(), 1);
    assert_eq!(chain(ICB, "L93000001").len(), 1);
}

/// Rows of random parts in random areas, over several layers that disagree as they please.
fn any_layers() -> impl Strategy<Value = Vec<Vec<(u8, u8, u8, u16)>>> {
    let row = (0..4_u8, 0..4_u8, 0..4_u8, 0..=2_000_u16);
    prop::collection::vec(prop::collection::vec(row, 0..6), 0..4)
}

fn any_directory(layers: &[Vec<(u8, u8, u8, u16)>]) -> Directory {
    let letter = |number: u8| ["E", "S", "W", "N"][usize::from(number % 4)];
    let code = |kind: &str, number: u8| format!("{}{kind}00000{number}", letter(number));
    let areas = (0..4).map(|n| Area {
        parent_code: Some(self::code(&code("17", (n + 1) % 4))),
        ..area(SPC, &code("16", n), "Somewhere")
    });
    let layer = |(number, rows): (u128, &Vec<(u8, u8, u8, u16)>)| {
        let rows: Vec<_> = rows
            .iter()
            .map(|(pcon, spc, spr, share)| {
                let codes = [(PCON, code("14", *pcon)), (SPC, code("16", *spc)), (SPR, code("17", *spr))];
                (codes, format!("0.{share:04}"))
            })
            .collect();
        let rows: Vec<Vec<(AreaKind, &str)>> = rows
            .iter()
            .map(|(codes, _share)| codes.iter().map(|(kind, code)| (*kind, code.as_str())).collect())
            .collect();
        let shares: Vec<_> =
            layers[usize::try_from(number).unwrap()].iter().map(|row| format!("0.{:04}", row.3)).collect();
        let rows: Vec<Row<'_>> =
            rows.iter().zip(&shares).map(|(codes, share)| ("ZA1 1AA", share.as_str(), codes.as_slice())).collect();
        divided(number, &format!("202{number}-01-01"), &rows)
    };
    directory(areas.collect(), (0..).zip(layers).map(layer).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_is_returned_for_a_day_outside_the_membership(start in 0..40_u64, length in 0..40_u64, asked in 0..90_u64) {
        let on = |days| day("2026-01-01") + chrono::Days::new(days);
        let person = Representative {
            start_date: Some(on(start)),
            end_date: Some(on(start + length)),
            ..representative(1, Office::Mp, "E14000001")
        };
        let directory = Directory::build(DirectoryParts { representatives: vec![person], ..DirectoryParts::default() });
        let is_within = start <= asked && asked < start + length;
        prop_assert_eq!(directory.holders(Office::Mp, code("E14000001"), on(asked)).count() == 1, is_within);
    }

    #[test]
    fn whatever_is_chosen_is_honoured_or_refused(layers in any_layers(), picks in prop::collection::vec((0..3_usize, 0..4_usize), 0..3)) {
        let directory = any_directory(&layers);
        let known: Vec<_> = directory.layers().flat_map(|layer| layer.table.profiles().to_vec()).collect();
        let pick = |(kind, at): &(usize, usize)| {
            let kind = [PCON, SPC, SPR][*kind];
            Some((kind, known.get(*at)?.area(kind)?))
        };
        let picks: AreaChoices = picks.iter().filter_map(pick).collect();
        let day = day("2026-07-01");
        match directory.place(&postcode("ZA1 1AA"), &picks, day) {
            Err(PlaceError::Unknown) => prop_assert!(layers.iter().all(Vec::is_empty)),
            Err(error) => prop_assert!(matches!(error, PlaceError::WrongChoice { .. }), "{:?}", error),
            Ok(place) => {
                prop_assert!(picks.iter().all(|(kind, code)| place.area(kind) == Some(code)));
                for kind in [NATION, PCON, SPC, SPR] {
                    let own: Vec<_> = place.choices.iter().filter(|choice| choice.kind == kind).collect();
                    prop_assert!(own.is_empty() || place.area(kind).is_none());
                    let shares = own.iter().filter_map(|choice| choice.share).try_fold(Share::NOTHING, Share::plus);
                    prop_assert!(shares.is_some(), "{:?}", own);
                }
                let certain: Vec<AreaCode> = place.areas.iter().map(|(_kind, code)| *code).collect();
                prop_assert!(certain.iter().all(|code| code.nation() == Some(place.nation)));
            }
        }
    }

    #[test]
    fn a_decided_place_has_no_choices_left(layers in any_layers()) {
        let directory = any_directory(&layers);
        let mut picks = AreaChoices::none();
        let day = day("2026-07-01");
        for _kind in 0..4 {
            let Ok(place) = directory.place(&postcode("ZA1 1AA"), &picks, day) else { return Ok(()) };
            let Some(first) = place.choices.first().copied() else { return Ok(()) };
            picks = picks.iter().chain([(first.kind, first.code)]).collect();
            let decided = directory.place(&postcode("ZA1 1AA"), &picks, day);
            prop_assert!(decided.is_ok(), "{:?}: {:?} of {:?}", decided, picks, place);
        }
        prop_assert!(directory.place(&postcode("ZA1 1AA"), &picks, day).unwrap().choices.is_empty());
    }

    #[test]
    fn every_chain_ends_in_a_nation(areas in prop::collection::vec((0..4_u8, 0..4_u8, 0..4_usize), 0..12)) {
        let kinds = [SPC, SPR, AreaKind::SubIcb, AreaKind::Icb];
        let letter = |number: u8| ["E", "S", "W", "N"][usize::from(number)];
        let text = |number: u8| format!("{}1700000{number}", letter(number));
        let listed = areas.iter().map(|(own, parent, kind)| Area {
            parent_code: Some(code(&text(*parent))),
            alias_of: (*own == 3).then(|| code(&text(*parent))),
            ..area(kinds[*kind], &text(*own), "Somewhere")
        });
        let directory = directory(listed.collect(), vec![]);
        for key in directory.areas().map(|area| area.key) {
            let last = directory.chain(key).last().copied().unwrap();
            prop_assert!(last.kind == NATION && Nation::from_code(last.code.as_str()).is_some());
        }
    }

    #[test]
    fn every_look_up_is_an_answer(text in "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}") {
        let directory = one(&[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
        if let Ok(place) = at(&directory, &text) {
            prop_assert_eq!(place.postcode.to_string(), "ZA1 1AA");
        }
    }
}

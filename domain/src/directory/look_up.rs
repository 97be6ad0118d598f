//! From a postcode to its areas, over all layers.
//!
//! Everything that does not depend on the postcode is worked out when the directory is built: for each profile of each layer the
//! codes that count today, the days on which they count, and the areas that follow from them. A look-up then only compares.

use super::postcode_table::Profile;
use super::profile::{COLUMNS, Country, column};
use super::{Place, PlaceError, PostcodeLayer};
use crate::{Area, AreaCode, AreaKey, AreaKind, LayerId, Nation, Postcode, SpecialPostcode};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Areas that follow from another by its parent, where no file has a column for them.
const PARENTS: [(AreaKind, AreaKind); 2] = [
    (AreaKind::HolyroodConstituency, AreaKind::HolyroodRegion),
    (AreaKind::SeneddConstituency, AreaKind::SeneddRegion),
];

/// Codes that were re-issued, and what replaced them.
#[derive(Debug, Default)]
pub(super) struct Aliases(HashMap<AreaKey, AreaCode>);

impl Aliases {
    pub(super) fn of<'a>(areas: impl Iterator<Item = &'a Area>) -> Self {
        Self(areas.filter_map(|area| Some((area.key, area.alias_of?))).collect())
    }

    /// The area that replaced this one. Chains are followed a few steps, so that even a ring ends.
    pub(super) fn canonical(&self, key: AreaKey) -> AreaKey {
        let follow = |key: AreaKey, _step| self.0.get(&key).map_or(key, |code| AreaKey { code: *code, ..key });
        (0..4).fold(key, follow)
    }
}

/// A layer with its profiles worked out.
#[derive(Debug)]
pub(super) struct PreparedLayer {
    pub(super) facts: PostcodeLayer,
    profiles: Vec<PreparedProfile>,
}

#[derive(Debug)]
struct PreparedProfile {
    country: Option<Country>,
    /// The nation that the codes themselves tell, for a file without a country.
    implied: Option<Nation>,
    areas: Vec<PreparedArea>,
}

#[derive(Clone, Copy, Debug)]
struct PreparedArea {
    column: usize,
    code: AreaCode,
    /// Stands in where no layer has the column.
    is_derived: bool,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

impl PreparedArea {
    fn holds_on(&self, day: NaiveDate, nation: Nation) -> bool {
        self.first.is_none_or(|first| first <= day)
            && self.last.is_none_or(|last| day <= last)
            && self.code.nation().is_none_or(|own| own == nation)
    }
}

/// Works the layers out, latest first; of two of one day the narrower, which says more about less.
pub(super) fn prepare(
    mut layers: Vec<PostcodeLayer>,
    areas: &HashMap<AreaKey, Area>,
    aliases: &Aliases,
) -> Vec<PreparedLayer> {
    layers.sort_by(|a, b| {
        let order = |layer: &PostcodeLayer| (Reverse(layer.as_of), layer.kinds.len());
        order(a).cmp(&order(b)).then_with(|| a.name.cmp(&b.name))
    });
    let prepare = |facts: PostcodeLayer| {
        let profiles = facts.table.profiles().iter().map(|profile| prepare_profile(profile, areas, aliases)).collect();
        PreparedLayer { facts, profiles }
    };
    layers.into_iter().map(prepare).collect()
}

fn prepare_profile(profile: &Profile, areas: &HashMap<AreaKey, Area>, aliases: &Aliases) -> PreparedProfile {
    let keys: Vec<AreaKey> = profile.areas().map(|(kind, code)| aliases.canonical(AreaKey { kind, code })).collect();
    let own = keys.iter().filter_map(|key| prepare_area(*key, false, areas));
    let parents = PARENTS.iter().filter_map(|(child, parent)| {
        let child = keys.iter().find(|key| key.kind == *child)?;
        let code = areas.get(child)?.parent_code?;
        prepare_area(aliases.canonical(AreaKey { kind: *parent, code }), true, areas)
    });
    PreparedProfile {
        country: profile.country(),
        implied: keys.iter().find_map(|key| key.code.nation()),
        areas: own.chain(parents).collect(),
    }
}

/// An area that is not listed counts always: a file may be ahead of the list.
fn prepare_area(key: AreaKey, is_derived: bool, areas: &HashMap<AreaKey, Area>) -> Option<PreparedArea> {
    let area = areas.get(&key);
    let (first, last) = (area.and_then(|area| area.start_date), area.and_then(|area| area.end_date));
    Some(PreparedArea { column: column(key.kind)?, code: key.code, is_derived, first, last })
}

/// The place a postcode stands for on `day`, or what stands in the way.
pub(super) fn place(layers: &[PreparedLayer], postcode: Postcode, day: NaiveDate) -> Result<Place, PlaceError> {
    if let Some(special) = postcode.special() {
        return Err(special_error(special));
    }
    let found = find(layers, postcode, day)?;
    let nation = nation(&found)?;
    let mut cells = [None; COLUMNS.len()];
    for is_derived in [false, true] {
        for (layer, profile) in &found {
            fill(&mut cells, layer.facts.id, profile, is_derived, (day, nation));
        }
    }
    let place = assemble(postcode, nation, &cells);
    let has_seat = crate::Office::ALL.iter().any(|office| place.area(office.area_kind()).is_some());
    if has_seat { Ok(place) } else { Err(PlaceError::NoLocation) }
}

const fn special_error(special: SpecialPostcode) -> PlaceError {
    match special {
        SpecialPostcode::Bfpo => PlaceError::Bfpo,
        SpecialPostcode::Crown(dependency) => PlaceError::CrownDependency { dependency },
        SpecialPostcode::Overseas(territory) => PlaceError::Overseas { territory },
    }
}

type Found<'a> = Vec<(&'a PreparedLayer, &'a PreparedProfile)>;

/// What each layer that knows the postcode says of it.
///
/// Only some files date the end of a postcode; others keep ended ones among the live. So the latest of those that date ends decides,
/// and a file without ends decides nothing.
fn find(layers: &[PreparedLayer], postcode: Postcode, day: NaiveDate) -> Result<Found<'_>, PlaceError> {
    let mut found = Vec::with_capacity(layers.len());
    let mut is_decided = false;
    for layer in layers {
        let Some(row) = layer.facts.table.find(postcode.key()) else { continue };
        if let Some(month) = row.ended.filter(|month| !is_decided && month.has_begun(day)) {
            return Err(PlaceError::Terminated { month });
        }
        is_decided |= layer.facts.table.dates_ends();
        found.extend(layer.profiles.get(usize::from(row.profile)).map(|profile| (layer, profile)));
    }
    if found.is_empty() { Err(PlaceError::Unknown) } else { Ok(found) }
}

/// The nation by the latest file that gives a country, or else by the latest whose codes tell it.
fn nation(found: &Found<'_>) -> Result<Nation, PlaceError> {
    match found.iter().find_map(|(_layer, profile)| profile.country) {
        Some(Country::Nation(nation)) => Ok(nation),
        Some(country) => {
            Err(country.crown().map_or(PlaceError::NoLocation, |dependency| PlaceError::CrownDependency { dependency }))
        }
        None => found.iter().find_map(|(_layer, profile)| profile.implied).ok_or(PlaceError::NoLocation),
    }
}

type Cells = [Option<(AreaCode, LayerId)>; COLUMNS.len()];

/// Fills the cells that no later layer has filled: a layer never blanks what it does not know.
fn fill(
    cells: &mut Cells,
    layer: LayerId,
    profile: &PreparedProfile,
    is_derived: bool,
    (day, nation): (NaiveDate, Nation),
) {
    let counting = profile.areas.iter().filter(|area| area.is_derived == is_derived && area.holds_on(day, nation));
    for area in counting {
        if let Some(cell @ None) = cells.get_mut(area.column) {
            *cell = Some((area.code, layer));
        }
    }
}

fn assemble(postcode: Postcode, nation: Nation, cells: &Cells) -> Place {
    let mut place = Place {
        postcode,
        nation,
        areas: Vec::with_capacity(COLUMNS.len()),
        sources: Vec::with_capacity(COLUMNS.len()),
    };
    for (kind, cell) in COLUMNS.into_iter().zip(cells) {
        if let Some((code, layer)) = cell {
            place.areas.push((kind, *code));
            place.sources.push((kind, *layer));
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use crate::directory::examples::{Row, area, body, code, day, layer, postcode, representative};
    use crate::directory::{AreaChoices, Directory, DirectoryParts, Place, PlaceError, YearMonth};
    use crate::{Area, AreaKind, CrownDependency, LayerId, Nation, Office, PostcodeLayer, Representative};
    use proptest::prelude::*;
    use uuid::Uuid;

    const NATION: AreaKind = AreaKind::Nation;
    const PCON: AreaKind = AreaKind::WestminsterConstituency;
    const SPC: AreaKind = AreaKind::HolyroodConstituency;
    const SPR: AreaKind = AreaKind::HolyroodRegion;
    const SEN: AreaKind = AreaKind::SeneddConstituency;

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
        let directory =
            directory(areas(), vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(SPC, "S16000151")]), told])]);
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
        assert_eq!(choose(PCON, "E14000002"), Err(PlaceError::WrongChoice { kind: PCON }));
        assert_eq!(choose(SEN, "W09000001"), Err(PlaceError::WrongChoice { kind: SEN }));
    }

    #[test]
    fn seats_and_bodies_are_found_by_area() {
        let left = Representative { end_date: Some(day("2026-07-01")), ..representative(2, Office::Mp, "E14000001") };
        let coming =
            Representative { start_date: Some(day("2026-07-02")), ..representative(3, Office::Mp, "E14000001") };
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
        assert_eq!(directory.seats(&[Office::Mp], Nation::ALL, today), 2);
        assert_eq!(directory.seats(Office::ALL, &[Nation::Scotland], today), 2);
        assert_eq!(directory.seats(&[Office::Mp], &[Nation::Wales], today), 0);
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
        fn every_look_up_is_an_answer(text in "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}") {
            let directory = one(&[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
            if let Ok(place) = at(&directory, &text) {
                prop_assert_eq!(place.postcode.to_string(), "ZA1 1AA");
            }
        }
    }
}

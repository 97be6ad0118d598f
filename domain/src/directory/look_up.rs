//! From a postcode to its areas, over all layers.
//!
//! Everything that does not depend on the postcode is worked out when the directory is built: for each profile of each layer the
//! codes that count today, the days on which they count, and the areas that follow from them. A look-up then only compares.

use super::postcode_table::Profile;
use super::profile::{COLUMNS, Country, column};
use super::{Place, PlaceError, PostcodeLayer, nation_of};
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
            && nation_of(self.code).is_none_or(|own| own == nation)
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
        implied: keys.iter().find_map(|key| nation_of(key.code)),
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

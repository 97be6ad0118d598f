//! Lists of areas: our own layout, and the published ones whose headers leave no doubt.

mod boundary_sets;
mod fact;
mod layout;

pub(super) use fact::AreaFact;

use super::atlas::Atlas;
use super::error::ImportError;
use super::source::Source;
use super::table::Table;
use super::{Progress, Reading};
use boundary_sets::REPLACEMENTS;
use layout::Layout;
use postbag_domain::{Area, AreaKey};
use std::collections::BTreeMap;

/// Reads one file.
pub(super) fn read(source: &Source, reading: &mut Reading, progress: Progress) -> Result<Vec<AreaFact>, ImportError> {
    let mut table = Table::open(source, source.open(progress)?)?;
    let layout = Layout::of(&mut table)?;
    let mut facts = Vec::new();
    while table.advance(reading)? {
        match layout.facts(table.row()) {
            Ok(listed) => facts.extend(listed),
            Err(detail) => table.note(reading, detail),
        }
    }
    reading.finish(&table);
    Ok(facts)
}

/// The areas that these facts make, given those that are there.
pub(super) fn resolve(facts: &[AreaFact], atlas: &Atlas, reading: &mut Reading) -> Vec<Area> {
    let mut areas = merged(facts);
    for area in areas.values_mut() {
        keep_newer(area, atlas.area(area.key));
    }
    end_replaced(&mut areas, atlas);
    let mut nameless = Vec::new();
    for fact in facts {
        let AreaFact::GaelicName(key, name) = fact else { continue };
        let known = areas.get(key).or_else(|| atlas.area(*key)).cloned();
        match known {
            Some(area) => drop(areas.insert(*key, Area { name_gd: Some(name.clone()), ..area })),
            None => nameless.push(key.code.to_string()),
        }
    }
    if !nameless.is_empty() {
        reading.notice(format!("not in the area list, so their Gaelic names were left out: {}", nameless.join(", ")));
    }
    areas.into_values().collect()
}

/// One area per key: a later row adds what the earlier did not tell, a newer list overrides an older one.
fn merged(facts: &[AreaFact]) -> BTreeMap<AreaKey, Area> {
    let mut areas: BTreeMap<AreaKey, Area> = BTreeMap::new();
    for fact in facts {
        let AreaFact::Area(area) = fact else { continue };
        let area = match areas.remove(&area.key) {
            Some(before) if is_newer(&before, area) => before.completed_from(area),
            Some(before) => Area::clone(area).completed_from(&before),
            None => Area::clone(area),
        };
        areas.insert(area.key, area);
    }
    areas
}

/// An older list says nothing about an area that a newer list has, except what that left out.
fn keep_newer(area: &mut Area, known: Option<&Area>) {
    if let Some(known) = known.filter(|known| is_newer(known, area)) {
        *area = known.clone().completed_from(area);
    }
}

/// Where a list holds all areas of its kind, those of the list before it that it lacks have ended.
fn end_replaced(areas: &mut BTreeMap<AreaKey, Area>, atlas: &Atlas) {
    for replacement in REPLACEMENTS {
        let all = || areas.values().chain(atlas.areas().filter(|known| !areas.contains_key(&known.key)));
        let is_known = all().any(|area| replacement.brings(area));
        let ended: Vec<Area> = all().filter(|area| is_known && replacement.ends(area)).cloned().collect();
        let end_date = replacement.last_day();
        areas.extend(ended.into_iter().map(|area| (area.key, Area { end_date, ..area })));
    }
}

/// True if both are from lists of known years, and the first from the newer.
fn is_newer(first: &Area, second: &Area) -> bool {
    generation(first).zip(generation(second)).is_some_and(|(first, second)| first > second)
}

/// The year of the list that an area is from, where it is one.
fn generation(area: &Area) -> Option<u16> {
    area.generation.as_deref().and_then(|generation| generation.parse().ok())
}

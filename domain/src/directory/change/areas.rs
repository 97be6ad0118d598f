//! What a file of areas would change.

use super::Change;
use crate::{Area, AreaKey, AreaKind};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Compares a file of areas with those that are there, by kind and code.
///
/// A file of areas covers what it lists and nothing else, so an area ends only where the file gives its last day. Of two rows
/// with one key the later counts. A name or a date that a file leaves out stays.
pub fn plan_areas<'a>(
    current: impl IntoIterator<Item = &'a Area>,
    incoming: Vec<Area>,
    day: NaiveDate,
) -> Change<Area> {
    let incoming: BTreeMap<AreaKey, Area> = incoming.into_iter().map(|area| (area.key, area)).collect();
    let kinds: BTreeSet<AreaKind> = incoming.keys().map(|key| key.kind).collect();
    let current: HashMap<AreaKey, &Area> = current.into_iter().map(|area| (area.key, area)).collect();
    let is_live = |area: &&&Area| kinds.contains(&area.key.kind) && !has_ended(area, day);
    let mut change = Change { live: current.values().filter(is_live).count(), ..Change::default() };
    for area in incoming.into_values() {
        match current.get(&area.key) {
            None => change.added.push(area),
            Some(before) => sort_in(&mut change, before, completed(area, before), day),
        }
    }
    change
}

fn sort_in(change: &mut Change<Area>, before: &Area, after: Area, day: NaiveDate) {
    if after == *before {
        change.unchanged += 1;
    } else if has_ended(&after, day) && !has_ended(before, day) {
        change.ended.push(after);
    } else {
        change.changed.push(after);
    }
}

fn has_ended(area: &Area, day: NaiveDate) -> bool {
    area.end_date.is_some_and(|last| last < day)
}

/// The area as the file has it, with what the file leaves out.
fn completed(area: Area, before: &Area) -> Area {
    let before = before.clone();
    Area {
        key: area.key,
        name: area.name,
        name_cy: area.name_cy.or(before.name_cy),
        name_gd: area.name_gd.or(before.name_gd),
        generation: area.generation.or(before.generation),
        parent_code: area.parent_code.or(before.parent_code),
        seats: area.seats.or(before.seats),
        start_date: area.start_date.or(before.start_date),
        end_date: area.end_date.or(before.end_date),
        alias_of: area.alias_of.or(before.alias_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::examples::{area, day};

    #[test]
    fn a_file_changes_what_it_tells_and_leaves_the_rest() {
        let kind = AreaKind::SeneddConstituency;
        let old = Area { end_date: None, ..area(kind, "W09000001", "Old") };
        let named = Area { name_cy: Some("Enw".to_owned()), ..area(kind, "W09000002", "Name") };
        let current = [old.clone(), named.clone(), area(AreaKind::Icb, "E54000001", "Elsewhere")];
        let ended = Area { end_date: Some(day("2026-05-06")), ..old };
        let renamed = area(kind, "W09000002", "Another name");
        let file = vec![ended.clone(), renamed.clone(), area(kind, "W09000003", "New")];
        let change = plan_areas(&current, file, day("2026-05-07"));
        assert_eq!(change.added, [area(kind, "W09000003", "New")]);
        assert_eq!(change.changed, [Area { name_cy: named.name_cy.clone(), ..renamed }]);
        assert_eq!(change.ended, [ended]);
        assert_eq!((change.unchanged, change.live), (0, 2));
    }

    #[test]
    fn the_same_file_twice_changes_nothing() {
        let file = vec![area(AreaKind::Icb, "E54000001", "One"), area(AreaKind::Icb, "E54000002", "Two")];
        let change = plan_areas(&file, file.clone(), day("2026-05-07"));
        assert!(change.counts().is_nothing());
        assert_eq!(change.unchanged, 2);
    }
}

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
    let is_live = |area: &&&Area| kinds.contains(&area.key.kind) && !area.has_ended(day);
    let mut change = Change { live: current.values().filter(is_live).count(), ..Change::default() };
    for area in incoming.into_values() {
        match current.get(&area.key) {
            None => change.added.push(area),
            Some(before) => sort_in(&mut change, before, area.completed_from(before), day),
        }
    }
    change
}

fn sort_in(change: &mut Change<Area>, before: &Area, after: Area, day: NaiveDate) {
    if after == *before {
        change.unchanged += 1;
    } else if after.has_ended(day) && !before.has_ended(day) {
        change.ended.push(after);
    } else {
        change.changed.push(after);
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

//! The areas that an import can refer to, by code and by name.

use super::cells::folded;
use chrono::NaiveDate;
use postbag_domain::{Area, AreaCode, AreaKey, AreaKind};
use std::collections::{BTreeMap, HashMap};

/// The areas that are there.
pub(super) struct Atlas {
    areas: HashMap<AreaKey, Area>,
    names: HashMap<(AreaKind, String), Vec<AreaCode>>,
    today: NaiveDate,
}

impl Atlas {
    pub(super) fn new(areas: Vec<Area>, today: NaiveDate) -> Self {
        let mut names: HashMap<_, Vec<AreaCode>> = HashMap::new();
        for area in areas.iter().filter(|area| area.alias_of.is_none() && !area.has_ended(today)) {
            for name in [Some(&area.name), area.name_cy.as_ref(), area.name_gd.as_ref()].into_iter().flatten() {
                let codes = names.entry((area.key.kind, folded(name))).or_default();
                if !codes.contains(&area.key.code) {
                    codes.push(area.key.code);
                }
            }
        }
        Self { areas: areas.into_iter().map(|area| (area.key, area)).collect(), names, today }
    }

    /// Every area.
    pub(super) fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }

    /// An area, ended or not, exactly as it is listed.
    pub(super) fn area(&self, key: AreaKey) -> Option<&Area> {
        self.areas.get(&key)
    }

    /// The area of a code today; re-issued codes are followed.
    pub(super) fn current(&self, key: AreaKey) -> Option<&Area> {
        let area = self.areas.get(&key)?;
        let replaced = area.alias_of.and_then(|code| self.areas.get(&AreaKey { code, ..key }));
        Some(replaced.unwrap_or(area))
    }

    /// The live area of a kind with this name, however it is spelled; or why there is none.
    pub(super) fn named(&self, kind: AreaKind, name: &str) -> Result<AreaCode, String> {
        match self.names.get(&(kind, folded(name))).map(Vec::as_slice) {
            Some([code]) => Ok(*code),
            Some([_, ..]) => Err(format!("there are several areas of kind {kind} with the name {name:?}")),
            _ => Err(format!("there is no area of kind {kind} with the name {name:?}{}", self.hint(kind))),
        }
    }

    /// The first day after an area's end, if it has ended.
    pub(super) fn ended(&self, key: AreaKey) -> Option<NaiveDate> {
        self.current(key).filter(|area| area.has_ended(self.today))?.end_date?.succ_opt()
    }

    /// The advice about an area that is missing.
    pub(super) fn hint(&self, kind: AreaKind) -> &'static str {
        if self.areas.keys().any(|key| key.kind == kind) { "" } else { ": import areas of that kind first" }
    }

    /// How many areas of each kind there are.
    pub(super) fn counts(&self) -> BTreeMap<AreaKind, usize> {
        let mut counts = BTreeMap::new();
        for key in self.areas.keys() {
            *counts.entry(key.kind).or_default() += 1;
        }
        counts
    }
}

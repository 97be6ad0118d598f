//! From a postcode to its areas, over all layers.
//!
//! Everything that does not depend on the postcode is worked out when the directory is built: for each profile of each layer the
//! codes that count today, the days on which they count, and the areas that follow from them. A look-up then only compares.
//!
//! It goes in three steps: what each layer says of the postcode ([`LookUp::begin`]); what is left of that after a person's choices
//! (`field`); and one place made of it, in which the latest layer that knows an area decides (`draft`).

mod draft;
mod field;

use super::postcode_table::Profile;
use super::profile::{COLUMNS, Country, column};
use super::{Place, PlaceError, PostcodeLayer};
use crate::{Area, AreaCode, AreaKey, AreaKind, LayerId, Nation, Postcode, SpecialPostcode};
use chrono::NaiveDate;
use draft::Draft;
use field::Field;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Areas that follow from another by its parent, where no file has a column for them.
pub(super) const PARENTS: [(AreaKind, AreaKind); 2] = [
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
    /// The nation by the codes themselves, for a file without a country.
    implied: Option<Nation>,
    is_large_user: bool,
    areas: Vec<PreparedArea>,
}

#[derive(Clone, Copy, Debug)]
struct PreparedArea {
    column: usize,
    code: AreaCode,
    /// Stands in where the row itself has no area of the kind.
    is_derived: bool,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

impl PreparedArea {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

impl PreparedProfile {
    /// The areas that hold on `day`, at most one of a kind.
    fn on(&self, day: NaiveDate) -> impl Iterator<Item = &PreparedArea> {
        let is_told =
            move |column| self.areas.iter().any(|own| !own.is_derived && own.column == column && own.holds_on(day));
        self.areas.iter().filter(move |area| area.holds_on(day) && !(area.is_derived && is_told(area.column)))
    }

    /// The nation, by the country or else by the codes; none for a Crown dependency.
    fn nation(&self) -> Option<Nation> {
        match self.country {
            Some(Country::Nation(nation)) => Some(nation),
            Some(Country::ChannelIslands | Country::IsleOfMan) => None,
            None => self.implied,
        }
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
        is_large_user: profile.is_large_user(),
        areas: own.chain(parents).collect(),
    }
}

/// An area that is not listed counts always: a file may be ahead of the list.
fn prepare_area(key: AreaKey, is_derived: bool, areas: &HashMap<AreaKey, Area>) -> Option<PreparedArea> {
    let area = areas.get(&key);
    let (first, last) = (area.and_then(|area| area.start_date), area.and_then(|area| area.end_date));
    Some(PreparedArea { column: column(key.kind)?, code: key.code, is_derived, first, last })
}

/// What the layers tell of a postcode on a day, after a person's choices.
pub(super) struct LookUp<'a> {
    postcode: Postcode,
    day: NaiveDate,
    told: Vec<Field<'a>>,
    nations: Nations,
}

/// Where a postcode may lie: in one nation, but for the few that a border divides.
struct Nations {
    first: Nation,
    others: Vec<Nation>,
}

impl Nations {
    fn include(&self, code: AreaCode) -> bool {
        code.nation().is_none_or(|nation| nation == self.first || self.others.contains(&nation))
    }
}

impl<'a> LookUp<'a> {
    /// Looks in every layer; the choices decide where there are several answers. Their codes must be canonical.
    pub(super) fn begin(
        layers: &'a [PreparedLayer],
        postcode: Postcode,
        choices: &[AreaKey],
        day: NaiveDate,
    ) -> Result<Self, PlaceError> {
        if let Some(special) = postcode.special() {
            return Err(special_error(special));
        }
        let mut told = find(layers, postcode, day)?;
        let border = told.iter().position(Field::is_divided_by_a_border);
        for choice in choices {
            for told in &mut told {
                told.choose(*choice, day);
            }
            follow(&mut told, *choice, day);
        }
        let nations = match nations(&told, border, choices) {
            Err(PlaceError::NoLocation) if told.iter().any(Field::is_of_large_user) => Err(PlaceError::LargeUser),
            nations => nations,
        }?;
        // A layer that puts the person elsewhere knows the less about where they live, however late it is.
        told.sort_by_key(Field::is_overruled);
        Ok(Self { postcode, day, told, nations })
    }

    /// The place: what is certain, what is not, and where the layers disagree.
    pub(super) fn place(&self) -> Place {
        let mut draft = Draft::default();
        for told in &self.told {
            draft.hear(told, &self.nations, self.day);
        }
        draft.finish(self.postcode, &self.nations, self.told.iter().any(Field::is_of_large_user))
    }

    /// Every area that some layer gives and that does not hold on the day: of older boundaries, or of boundaries to come.
    pub(super) fn at_other_times(&self) -> Vec<(AreaKey, LayerId)> {
        let mut areas: Vec<(AreaKey, LayerId)> = Vec::new();
        for told in &self.told {
            for area in told.profiles().flat_map(|profile| &profile.areas) {
                let Some(kind) = COLUMNS.get(area.column) else { continue };
                let key = AreaKey { kind: *kind, code: area.code };
                let is_told = areas.iter().any(|(other, _layer)| *other == key);
                if !area.holds_on(self.day) && self.nations.include(area.code) && !is_told {
                    areas.push((key, told.layer.facts.id));
                }
            }
        }
        areas.sort_by_key(|(key, _layer)| *key);
        areas
    }
}

const fn special_error(special: SpecialPostcode) -> PlaceError {
    match special {
        SpecialPostcode::Bfpo => PlaceError::Bfpo,
        SpecialPostcode::Crown(dependency) => PlaceError::CrownDependency { dependency },
        SpecialPostcode::Overseas(territory) => PlaceError::Overseas { territory },
    }
}

/// What each layer that knows the postcode says of it.
///
/// Only some files date the end of a postcode; others keep ended ones among the live. So the latest of those that date ends decides,
/// and a file without ends decides nothing.
fn find(layers: &[PreparedLayer], postcode: Postcode, day: NaiveDate) -> Result<Vec<Field<'_>>, PlaceError> {
    let mut found = Vec::with_capacity(layers.len());
    let mut is_decided = false;
    for layer in layers {
        let Some(row) = layer.facts.table.find(postcode.key()) else { continue };
        if let Some(month) = row.ended.filter(|month| !is_decided && month.has_begun(day)) {
            return Err(PlaceError::Terminated { month });
        }
        is_decided |= layer.facts.table.dates_ends();
        found.extend(Field::of(layer, row, day));
    }
    if found.is_empty() { Err(PlaceError::Unknown) } else { Ok(found) }
}

/// Lets what follows from a chosen area overrule layers that do not tell of its kind: a constituency decides the region.
fn follow(told: &mut [Field<'_>], choice: AreaKey, day: NaiveDate) {
    let Some(parent) = PARENTS.iter().find(|(child, _parent)| *child == choice.kind).map(|(_child, parent)| *parent)
    else {
        return;
    };
    let is_chosen = |told: &&Field<'_>| told.gives(choice.kind, day) == Some(choice.code);
    let Some(code) = told.iter().find(is_chosen).and_then(|told| told.gives(parent, day)) else { return };
    for silent in told.iter_mut().filter(|told| told.gives(choice.kind, day).is_none()) {
        silent.choose(AreaKey { kind: parent, code }, day);
    }
}

/// The nation by the latest file that divides the postcode by a border, or else that gives a country, or else whose codes tell it.
/// A chosen area decides between the sides of a border.
fn nations(told: &[Field<'_>], border: Option<usize>, choices: &[AreaKey]) -> Result<Nations, PlaceError> {
    if let Some(mut nations) = border.and_then(|at| told.get(at)).map(Field::nations) {
        let is_chosen = |nation: &Nation| choices.iter().all(|choice| choice.code.nation() == Some(*nation));
        if let Some(chosen) = nations.iter().copied().find(is_chosen).filter(|_chosen| !choices.is_empty()) {
            nations = vec![chosen];
        }
        let others = nations.split_off(nations.len().min(1));
        return nations.first().map(|first| Nations { first: *first, others }).ok_or(PlaceError::NoLocation);
    }
    let first = match told.iter().find_map(|told| told.first().country) {
        Some(Country::Nation(nation)) => nation,
        Some(country) => {
            let crown = |dependency| PlaceError::CrownDependency { dependency };
            return Err(country.crown().map_or(PlaceError::NoLocation, crown));
        }
        None => told.iter().find_map(|told| told.first().implied).ok_or(PlaceError::NoLocation)?,
    };
    Ok(Nations { first, others: Vec::new() })
}

#[cfg(test)]
mod tests;

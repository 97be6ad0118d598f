//! Areas, postcodes, representatives and bodies together: everything a look-up needs, in memory.

pub mod change;
#[cfg(test)]
pub(crate) mod examples;
mod layer;
mod look_up;
mod looked_up;
mod month;
mod neighbours;
mod overlap;
mod place;
pub mod postcode_table;
mod profile;
mod share;

pub use layer::PostcodeLayer;
pub use looked_up::{LookedUpPostcode, PostcodeAnswer};
pub use month::YearMonth;
pub use overlap::Overlap;
pub use place::{AreaChoice, AreaChoices, Disagreement, Place, PlaceError};
pub use postcode_table::{BuiltTable, Part, PostcodeTable, PostcodeTableBuilder, TableError};
pub use profile::{Country, Profile};
pub use share::Share;

use crate::{
    Area, AreaCode, AreaKey, AreaKind, Body, Dissolution, DissolutionPhase, LayerId, Legislature, Nation, Office,
    Postcode, Representative, RepresentativeId,
};
use chrono::NaiveDate;
use look_up::{Aliases, LookUp, PreparedLayer};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// The parts that a directory is built from.
#[derive(Clone, Debug, Default)]
pub struct DirectoryParts {
    /// Every area, of every kind and time.
    pub areas: Vec<Area>,
    /// Every representative, past ones too.
    pub representatives: Vec<Representative>,
    /// Every body.
    pub bodies: Vec<Body>,
    /// Every postcode file.
    pub layers: Vec<PostcodeLayer>,
    /// Every dissolution, past and announced.
    pub dissolutions: Vec<Dissolution>,
}

impl DirectoryParts {
    /// The same parts, with the memberships that a dissolution ends, ended.
    #[must_use]
    pub fn with_dissolutions(mut self) -> Self {
        Dissolution::end_memberships(&self.dissolutions, &mut self.representatives);
        self
    }
}

/// Everything about places and the people in office, at one moment: immutable, shared, and replaced as a whole.
#[derive(Debug, Default)]
pub struct Directory {
    areas: HashMap<AreaKey, Area>,
    representatives: Vec<Representative>,
    by_id: HashMap<RepresentativeId, usize>,
    by_seat: HashMap<(Office, AreaCode), Vec<usize>>,
    /// The offices and nations of which holders, past or present, are known.
    known_offices: HashSet<(Office, Nation)>,
    bodies: Vec<Body>,
    by_area: HashMap<AreaKey, Vec<usize>>,
    aliases: Aliases,
    layers: Vec<PreparedLayer>,
    dissolutions: Vec<Dissolution>,
    /// How many live postcodes of each layer have each of its profiles; counted at the first call.
    live_rows: OnceLock<Vec<Vec<u32>>>,
}

impl Directory {
    /// A directory without anything in it.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Indexes the parts. Codes that were re-issued are followed: the areas of representatives and bodies are those that replaced them.
    /// Memberships that a dissolution ends, end with it.
    pub fn build(parts: DirectoryParts) -> Self {
        let parts = parts.with_dissolutions();
        let areas: HashMap<AreaKey, Area> = parts.areas.into_iter().map(|area| (area.key, area)).collect();
        let aliases = Aliases::of(areas.values());
        let seat = |person: &Representative| (person.office, aliases.canonical(seat_key(person)).code);
        let by_seat = positions(&parts.representatives, seat);
        let by_area = positions(&parts.bodies, |body| aliases.canonical(body.key()));
        let known_offices = parts.representatives.iter();
        let known_offices =
            known_offices.filter_map(|person| Some((person.office, person.area_code.nation()?))).collect();
        let by_id = parts.representatives.iter().enumerate().map(|(at, person)| (person.id, at)).collect();
        let layers = look_up::prepare(parts.layers, &areas, &aliases);
        Self {
            representatives: parts.representatives,
            by_id,
            by_seat,
            known_offices,
            bodies: parts.bodies,
            by_area,
            areas,
            aliases,
            layers,
            dissolutions: parts.dissolutions,
            live_rows: OnceLock::new(),
        }
    }

    /// True while it has no postcode.
    pub fn is_empty(&self) -> bool {
        self.layers.iter().all(|layer| layer.facts.table.is_empty())
    }

    /// Looks up the place of a postcode on `day`: what is certain after the choices, and the candidates for the rest.
    ///
    /// A choice may name any area that some layer gives; one that the place then does not lie in is refused.
    pub fn place(&self, postcode: &Postcode, choices: &AreaChoices, day: NaiveDate) -> Result<Place, PlaceError> {
        self.place_in(&self.layers, *postcode, choices, day)
    }

    /// Makes the place of a postcode on `day` from a service's answer: a file of one row, read by these areas.
    ///
    /// An answer none of whose constituencies counts here is for other boundaries: then the postcode is as unknown as before.
    pub fn place_looked_up(
        &self,
        found: &LookedUpPostcode,
        choices: &AreaChoices,
        day: NaiveDate,
    ) -> Result<Place, PlaceError> {
        let is_listed = |key| self.areas.contains_key(&self.aliases.canonical(key));
        let layer = found.as_layer(|key| !looked_up::is_seat(key.kind) || is_listed(key)).ok_or(PlaceError::Unknown)?;
        let prepared = look_up::prepare(vec![layer.clone()], &self.areas, &self.aliases);
        match self.place_in(&prepared, found.postcode, choices, day) {
            Err(PlaceError::NoLocation) if found.has_seats() => Err(PlaceError::Unknown),
            place => Ok(Place { looked_up: Some(Box::new(layer)), ..place? }),
        }
    }

    fn place_in(
        &self,
        layers: &[PreparedLayer],
        postcode: Postcode,
        choices: &AreaChoices,
        day: NaiveDate,
    ) -> Result<Place, PlaceError> {
        let chosen = self.chosen(choices);
        let place = LookUp::begin(layers, postcode, &chosen, day)?.place();
        let is_wrong = |choice: &&AreaKey| !place.is_in(choice.kind, choice.code);
        let kinds: Vec<AreaKind> = chosen.iter().filter(is_wrong).map(|choice| choice.kind).collect();
        if kinds.is_empty() {
            return place.located();
        }
        // A postcode without a place is refused as that, even with a choice.
        LookUp::begin(layers, postcode, &[], day)?.place().located()?;
        Err(PlaceError::WrongChoice { kinds })
    }

    /// Every area of a postcode that some layer gives and that does not hold on `day`, of old boundaries and of those to come, and
    /// the layer; nothing for a postcode that leads to no place.
    pub fn areas_at_other_times(
        &self,
        postcode: &Postcode,
        choices: &AreaChoices,
        day: NaiveDate,
    ) -> Vec<(AreaKey, LayerId)> {
        let look_up = LookUp::begin(&self.layers, *postcode, &self.chosen(choices), day);
        look_up.map(|look_up| look_up.at_other_times()).unwrap_or_default()
    }

    /// The choices by the codes of today.
    fn chosen(&self, choices: &AreaChoices) -> Vec<AreaKey> {
        choices.iter().map(|(kind, code)| self.aliases.canonical(AreaKey { kind, code })).collect()
    }

    /// An area and those it lies in, the nation last. Parents that go round in a ring are left at the nation.
    pub fn chain(&self, key: AreaKey) -> Vec<AreaKey> {
        let mut chain = vec![self.aliases.canonical(key)];
        while let Some(parent) = chain.last().and_then(|area| self.parent(*area)).filter(|area| !chain.contains(area)) {
            chain.push(parent);
        }
        let nation = key.code.nation().map(AreaKey::of_nation);
        chain.extend(nation.filter(|nation| !chain.contains(nation)));
        chain
    }

    /// The area that an area lies in, if the list names one.
    fn parent(&self, key: AreaKey) -> Option<AreaKey> {
        let code = self.areas.get(&key)?.parent_code?;
        Some(self.aliases.canonical(AreaKey { kind: key.kind.parent()?, code }))
    }

    /// An area by its identity, exactly as it was imported.
    pub fn area(&self, key: AreaKey) -> Option<&Area> {
        self.areas.get(&key)
    }

    /// The code that replaced this one, or the code itself.
    pub fn canonical_code(&self, kind: AreaKind, code: AreaCode) -> AreaCode {
        self.aliases.canonical(AreaKey { kind, code }).code
    }

    /// A representative by id, in office or not.
    pub fn representative(&self, id: RepresentativeId) -> Option<&Representative> {
        self.by_id.get(&id).and_then(|at| self.representatives.get(*at))
    }

    /// Who holds an office for an area on `day`, in the order of the parts.
    pub fn holders(&self, office: Office, code: AreaCode, day: NaiveDate) -> impl Iterator<Item = &Representative> {
        let seat = (office, self.canonical_code(office.area_kind(), code));
        let holders = self.by_seat.get(&seat).into_iter().flatten();
        holders.filter_map(|at| self.representatives.get(*at)).filter(move |person| person.holds_on(day))
    }

    /// True if holders of the office in the nation were ever imported: only then is an empty seat vacant.
    pub fn knows_holders(&self, office: Office, nation: Nation) -> bool {
        self.known_offices.contains(&(office, nation))
    }

    /// The bodies that a place's area of this kind leads to.
    pub fn bodies_at(&self, place: &Place, kind: AreaKind) -> Vec<&Body> {
        place.area(kind).into_iter().flat_map(|code| self.bodies_of(AreaKey { kind, code })).collect()
    }

    /// True if the person is known to be in office on `day`. Many files do not say since when: nobody sits for an area before there
    /// was one.
    pub fn is_in_office(&self, person: &Representative, day: NaiveDate) -> bool {
        let area = AreaKey { kind: person.office.area_kind(), code: person.area_code };
        person.holds_on(day) && self.area(area).is_none_or(|area| area.has_begun(day))
    }

    /// The bodies that an area leads to.
    pub fn bodies_of(&self, area: AreaKey) -> impl Iterator<Item = &Body> {
        let at = self.by_area.get(&self.aliases.canonical(area)).into_iter().flatten();
        at.filter_map(|at| self.bodies.get(*at))
    }

    /// What people ought to know of a legislature on `day`: the dissolution that is announced, or the one after which nobody has
    /// taken office yet.
    pub fn dissolution(&self, legislature: Legislature, day: NaiveDate) -> Option<&Dissolution> {
        let of_it = self.dissolutions.iter().filter(|dissolution| dissolution.legislature() == legislature);
        let next =
            of_it.clone().filter(|d| d.phase(day) == DissolutionPhase::Announced).min_by_key(|d| d.dissolved_on());
        let last = of_it.filter(|d| d.phase(day) != DissolutionPhase::Announced).max_by_key(|d| d.dissolved_on());
        last.filter(|_last| !self.sits(legislature, day)).or(next)
    }

    /// True if anybody is a member of the legislature on `day`.
    fn sits(&self, legislature: Legislature, day: NaiveDate) -> bool {
        let is_member = |person: &Representative| person.office.legislature() == Some(legislature);
        self.representatives.iter().any(|person| is_member(person) && person.holds_on(day))
    }

    /// Every dissolution, past and announced, in the order of the parts.
    pub fn dissolutions(&self) -> &[Dissolution] {
        &self.dissolutions
    }

    /// How many people hold an office in one of these nations on `day`: the "of" of a tally.
    pub fn seats(&self, office: Office, nations: &[Nation], day: NaiveDate) -> usize {
        let counts = |person: &&Representative| {
            person.office == office
                && person.area_code.nation().is_some_and(|nation| nations.contains(&nation))
                && person.holds_on(day)
        };
        self.representatives.iter().filter(counts).count()
    }

    /// Every area, in no order.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }

    /// Every representative, in the order of the parts.
    pub fn representatives(&self) -> impl Iterator<Item = &Representative> {
        self.representatives.iter()
    }

    /// Every body, in the order of the parts.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.bodies.iter()
    }

    /// Every postcode file, the latest first.
    pub fn layers(&self) -> impl Iterator<Item = &PostcodeLayer> {
        self.layers.iter().map(|layer| &layer.facts)
    }

    /// A postcode file by id: where a place's area comes from.
    pub fn layer(&self, id: LayerId) -> Option<&PostcodeLayer> {
        self.layers().find(|layer| layer.id == id)
    }
}

fn seat_key(person: &Representative) -> AreaKey {
    AreaKey { kind: person.office.area_kind(), code: person.area_code }
}

fn positions<T, K: Eq + std::hash::Hash>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, Vec<usize>> {
    let mut positions: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        positions.entry(key(item)).or_default().push(at);
    }
    positions
}

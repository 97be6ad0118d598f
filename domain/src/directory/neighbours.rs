//! What the neighbours of an unknown postcode share: new buildings have postcodes months before the published files.
//!
//! Nothing is guessed. The areas that every known postcode of the sector lies in (all of `SW1A 1` for `SW1A 1ZZ`) may be offered to
//! the person, and only what the person confirms counts.

use super::looked_up::is_seat;
use super::{Directory, Place, PlaceError};
use crate::{AreaChoices, AreaKey, AreaKind, Postcode, PostcodeKey};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// So many known neighbours at least: one or two may lie at the edge of a constituency by chance.
const FEWEST: usize = 3;

/// Bodies that letters may name.
const BODIES: [AreaKind; 3] = [AreaKind::SubIcb, AreaKind::Icb, AreaKind::CancerAlliance];

impl Directory {
    /// The constituencies and bodies that every live postcode of the same sector lies in on `day`; nothing where there are few
    /// neighbours, or where they share no constituency.
    pub fn shared_by_neighbours(&self, postcode: Postcode, day: NaiveDate) -> Vec<AreaKey> {
        let mut places = self.neighbours(postcode).into_iter().filter_map(|neighbour| {
            let place = self.place(&neighbour, &AreaChoices::none(), day).ok()?;
            Some(place.areas.into_iter().map(|(kind, code)| AreaKey { kind, code }).collect::<BTreeSet<_>>())
        });
        let Some(mut shared) = places.next() else { return Vec::new() };
        let mut known = 1;
        for areas in places {
            shared.retain(|area| areas.contains(area));
            known += 1;
        }
        shared.retain(|area| is_seat(area.kind) || BODIES.contains(&area.kind));
        let is_offered = known >= FEWEST && shared.iter().any(|area| is_seat(area.kind));
        if is_offered { shared.into_iter().collect() } else { Vec::new() }
    }

    /// The place that a person confirmed for a postcode that no file has: the chosen areas, if they are among those that its
    /// neighbours share ([`Directory::shared_by_neighbours`]), and no others.
    pub fn confirmed_place(
        &self,
        postcode: Postcode,
        choices: &AreaChoices,
        shared: &[AreaKey],
    ) -> Result<Place, PlaceError> {
        let chosen = self.chosen(choices);
        let nation = chosen.iter().filter(|area| is_seat(area.kind)).find_map(|area| area.code.nation());
        let nation = nation.ok_or(PlaceError::Unknown)?;
        if shared.is_empty() {
            return Err(PlaceError::Unknown);
        }
        let wrong: Vec<AreaKind> = chosen.iter().filter(|area| !shared.contains(area)).map(|area| area.kind).collect();
        if !wrong.is_empty() {
            return Err(PlaceError::WrongChoice { kinds: wrong });
        }
        let areas = chosen.into_iter().map(|area| (area.kind, area.code)).collect();
        Ok(Place::with_areas(postcode, nation, areas))
    }

    /// The live postcodes of the same sector, of every layer.
    fn neighbours(&self, postcode: Postcode) -> BTreeSet<Postcode> {
        let tables = self.layers.iter().map(|layer| &layer.facts.table);
        tables.flat_map(|table| table.sector(postcode.key())).map(PostcodeKey::postcode).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::DirectoryParts;
    use crate::directory::examples::{Row, day, layer, postcode};

    const PCON: AreaKind = AreaKind::WestminsterConstituency;
    const ICB: AreaKind = AreaKind::Icb;

    fn today() -> NaiveDate {
        day("2026-11-27")
    }

    fn directory_of(rows: &[Row<'_>]) -> Directory {
        Directory::build(DirectoryParts { layers: vec![layer(1, "2026-08-01", rows)], ..DirectoryParts::default() })
    }

    fn choices(chosen: &[(AreaKind, &str)]) -> AreaChoices {
        chosen.iter().map(|(kind, code)| (*kind, code.parse().unwrap())).collect()
    }

    #[test]
    fn what_all_neighbours_share_may_be_confirmed_and_nothing_else_counts() {
        let elsewhere: &[(AreaKind, &str)] = &[(PCON, "E14000002")];
        let directory = directory_of(&[
            ("ZA1 1AA", "", &[(PCON, "E14000001"), (ICB, "E54000001")]),
            ("ZA1 1AB", "", &[(PCON, "E14000001"), (ICB, "E54000002")]),
            ("ZA1 1AD", "", &[(PCON, "E14000001"), (ICB, "E54000001")]),
            ("ZA1 1AE", "201907", elsewhere),
            ("ZA1 2AA", "", elsewhere),
        ]);
        let unknown = postcode("ZA1 1ZZ");
        let shared = directory.shared_by_neighbours(unknown, today());
        assert_eq!(shared, [AreaKey { kind: PCON, code: "E14000001".parse().unwrap() }]);
        let place = |chosen: &[(AreaKind, &str)]| directory.confirmed_place(unknown, &choices(chosen), &shared);
        assert_eq!(place(&[(PCON, "E14000001")]).unwrap().areas, [(PCON, "E14000001".parse().unwrap())]);
        assert_eq!(place(&[]), Err(PlaceError::Unknown));
        assert_eq!(place(&[(PCON, "E14000002")]), Err(PlaceError::WrongChoice { kinds: vec![PCON] }));
        let both = [(PCON, "E14000001"), (ICB, "E54000001")];
        assert_eq!(place(&both), Err(PlaceError::WrongChoice { kinds: vec![ICB] }));
    }

    #[test]
    fn few_neighbours_or_neighbours_on_both_sides_of_a_border_offer_nothing() {
        let few = directory_of(&[("ZA1 1AA", "", &[(PCON, "E14000001")]), ("ZA1 1AB", "", &[(PCON, "E14000001")])]);
        let divided = directory_of(&[
            ("ZA1 1AA", "", &[(PCON, "E14000001")]),
            ("ZA1 1AB", "", &[(PCON, "E14000001")]),
            ("ZA1 1AD", "", &[(PCON, "E14000002")]),
        ]);
        for directory in [few, divided] {
            let shared = directory.shared_by_neighbours(postcode("ZA1 1ZZ"), today());
            assert_eq!(shared, []);
            let refused = directory.confirmed_place(postcode("ZA1 1ZZ"), &choices(&[(PCON, "E14000001")]), &shared);
            assert_eq!(refused, Err(PlaceError::Unknown));
        }
    }
}

//! Which areas of one kind meet an area of another, by their live postcodes: a body's boundary need not follow a constituency's.

use super::look_up::PreparedLayer;
use super::{Directory, Profile};
use crate::{AreaCode, AreaKey, AreaKind, Nation};
use std::collections::BTreeMap;

/// Another area that an area meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// The other area.
    pub code: AreaCode,
    /// How many of the area's live postcodes lie in it.
    pub postcodes: u32,
    /// The part of the area's live postcodes, from 0 to 1.
    pub share: f64,
}

impl Directory {
    /// The areas of `kind` in which the live postcodes of an area lie, the largest part first.
    ///
    /// The latest file that has both kinds for a postcode decides; a file has a few thousand combinations of areas, so this is quick.
    pub fn overlaps(&self, of: AreaKey, kind: AreaKind) -> Vec<Overlap> {
        let of = self.aliases.canonical(of);
        let told = self.layers.iter().enumerate().map(|(at, _layer)| self.overlaps_in(at, of, kind));
        told.into_iter().find(|overlaps| !overlaps.is_empty()).unwrap_or_default()
    }

    fn overlaps_in(&self, layer: usize, of: AreaKey, kind: AreaKind) -> Vec<Overlap> {
        let profiles = self.layers.get(layer).map(|layer| layer.facts.table.profiles()).unwrap_or_default();
        let (mut counts, mut total) = (BTreeMap::<AreaCode, u32>::new(), 0_u32);
        for (profile, rows) in profiles.iter().zip(self.live_rows(layer)) {
            let area = |kind| Some(self.aliases.canonical(AreaKey { kind, code: profile.area(kind)? }).code);
            if area(of.kind) == Some(of.code) {
                total += rows;
                if let Some(code) = area(kind).filter(|_code| *rows > 0) {
                    *counts.entry(code).or_default() += rows;
                }
            }
        }
        let overlap = |(code, postcodes)| Overlap { code, postcodes, share: f64::from(postcodes) / f64::from(total) };
        let mut overlaps: Vec<Overlap> = counts.into_iter().map(overlap).collect();
        overlaps.sort_by_key(|overlap| std::cmp::Reverse(overlap.postcodes));
        overlaps
    }

    /// How many live postcodes lead to an area of this kind in a nation, by the file that knows the most of them.
    pub fn live_postcodes(&self, kind: AreaKind, nation: Nation) -> u32 {
        let in_layer = |(at, layer): (usize, &PreparedLayer)| -> u32 {
            let profiles = layer.facts.table.profiles().iter().zip(self.live_rows(at));
            let leads_there = |profile: &Profile| profile.area(kind).and_then(AreaCode::nation) == Some(nation);
            profiles.filter(|(profile, _)| leads_there(profile)).map(|(_, rows)| rows).sum()
        };
        self.layers.iter().enumerate().map(in_layer).max().unwrap_or_default()
    }

    /// How many live postcodes of a layer have each of its profiles: counted when first asked.
    fn live_rows(&self, layer: usize) -> &[u32] {
        let counted =
            self.live_rows.get_or_init(|| self.layers.iter().map(|layer| layer.facts.table.live_rows()).collect());
        counted.get(layer).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Area;
    use crate::directory::DirectoryParts;
    use crate::directory::examples::{Row, area, code, layer};
    use proptest::prelude::*;

    const PCON: AreaKind = AreaKind::WestminsterConstituency;
    const CAL: AreaKind = AreaKind::CancerAlliance;

    fn key(text: &str) -> AreaKey {
        AreaKey { kind: PCON, code: code(text) }
    }

    #[test]
    fn a_constituency_is_divided_by_its_live_postcodes() {
        let rows: &[Row<'_>] = &[
            ("ZA1 1AA", "", &[(PCON, "E14000001"), (CAL, "E56000002")]),
            ("ZA1 1AB", "", &[(PCON, "E14000001"), (CAL, "E56000009")]),
            ("ZA1 1AD", "", &[(PCON, "E14000001"), (CAL, "E56000001")]),
            ("ZA1 1AE", "", &[(PCON, "E14000001")]),
            ("ZA1 1AF", "202001", &[(PCON, "E14000001"), (CAL, "E56000003")]),
            ("ZA1 1AG", "", &[(PCON, "E14000002"), (CAL, "E56000004")]),
        ];
        let renamed = Area { alias_of: Some(code("E56000002")), ..area(CAL, "E56000009", "Old") };
        let newer: &[Row<'_>] = &[("ZA1 1AA", "", &[(PCON, "E14000001")])];
        let layers = vec![layer(1, "2026-01-01", rows), layer(2, "2026-06-01", newer)];
        let parts = DirectoryParts { areas: vec![renamed], layers, ..DirectoryParts::default() };
        let directory = Directory::build(parts);
        let told: Vec<_> = directory
            .overlaps(key("E14000001"), CAL)
            .iter()
            .map(|share| (share.code.to_string(), share.postcodes, share.share))
            .collect();
        assert_eq!(told, [("E56000002".to_owned(), 2, 0.5), ("E56000001".to_owned(), 1, 0.25)]);
        assert_eq!(directory.overlaps(key("E14000009"), CAL), []);
        assert_eq!(directory.overlaps(key("E14000001"), AreaKind::Icb), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_parts_of_an_area_are_never_more_than_the_whole(alliances in prop::collection::vec(0..4_u8, 1..60)) {
            let letters = b"ABDEFGHJLN";
            let rows: Vec<(String, String)> = alliances.iter().enumerate().map(|(at, alliance)| {
                let letter = |at: usize| char::from(letters[at % letters.len()]);
                (format!("ZA1 1{}{}", letter(at / letters.len()), letter(at)), format!("E5600000{alliance}"))
            }).collect();
            let cells: Vec<_> = rows.iter().map(|(_, alliance)| [(PCON, "E14000001"), (CAL, alliance.as_str())]).collect();
            let rows: Vec<Row<'_>> = rows.iter().zip(&cells).map(|((postcode, _), cells)| (postcode.as_str(), "", &cells[..])).collect();
            let layers = vec![layer(1, "2026-01-01", &rows)];
            let directory = Directory::build(DirectoryParts { layers, ..DirectoryParts::default() });
            let overlaps = directory.overlaps(key("E14000001"), CAL);
            prop_assert!((overlaps.iter().map(|share| share.share).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(overlaps.is_sorted_by(|one, other| one.postcodes >= other.postcodes));
        }
    }
}

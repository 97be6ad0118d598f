//! Millions of postcodes in a few megabytes, found in a few hundred nanoseconds.
//!
//! A row is six bytes: its inward part, the number of its profile, and the month of its end. The outward parts stand apart in a
//! short list that stays in the processor's cache, and each knows where its sectors (`SW1A 1`) begin: so a look-up is two short
//! binary searches, and the second, in memory that is not in the cache, is over a few hundred bytes.
//! The few postcodes that are divided between areas are repeated in a list of their parts, which is empty for most files.

mod builder;
mod encoding;
mod sealed_block;

use super::month::YearMonth;
pub use super::profile::Profile;
use super::share::Share;
use crate::PostcodeKey;
pub use builder::{BuiltTable, Part, PostcodeTableBuilder};
use std::ops::Range;

/// The postcodes of one file, in order, each with the country and the areas it lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostcodeTable {
    outwards: Vec<u32>,
    /// The rows of each outward part.
    spans: Vec<Span>,
    units: Vec<u16>,
    profile_of: Vec<u16>,
    /// Empty while no row has ended; zero for a live row.
    ended: Vec<u16>,
    profiles: Vec<Profile>,
    /// Every part of each postcode that is divided, by key, the greatest first.
    parts: Vec<PostcodePart>,
}

/// The rows of one outward part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: u32,
    /// The number of rows up to the end of each sector.
    ends: [u16; SECTORS],
}

/// Inward parts begin with a digit.
const SECTORS: usize = 10;

/// How many inward parts one sector may have: two letters.
const SECTOR: u16 = 26 * 26;

impl Span {
    /// The rows of one sector.
    fn sector(&self, sector: usize) -> Option<Range<usize>> {
        let start = usize::try_from(self.start).ok()?;
        let before = sector.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        Some(start + usize::from(before)..start + usize::from(*self.ends.get(sector)?))
    }

    /// All of them.
    fn rows(&self) -> Range<usize> {
        let [.., last] = self.ends;
        let start = usize::try_from(self.start).unwrap_or_default();
        start..start + usize::from(last)
    }

    /// Takes in another row, whose sector is none before the last row's.
    fn grow(&mut self, sector: usize) {
        let [.., last] = self.ends;
        self.ends.iter_mut().skip(sector).for_each(|end| *end = last + 1);
    }
}

/// One postcode of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostcodeRow {
    /// The postcode.
    pub key: PostcodeKey,
    /// The month in which it ended, unless it is live.
    pub ended: Option<YearMonth>,
    /// The number of its profile in [`PostcodeTable::profiles`].
    pub profile: u16,
}

/// One part of a postcode that is divided between areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostcodePart {
    /// The postcode.
    pub key: PostcodeKey,
    /// The number of the part's profile in [`PostcodeTable::profiles`].
    pub profile: u16,
    /// How much of the postcode it is, where known.
    pub share: Option<Share>,
}

/// Why a table cannot be built or read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The file has too many rows.
    #[error("the table has more than {} postcodes", PostcodeTable::MAX_ROWS)]
    TooManyRows,
    /// The file has too many different combinations of areas: it cannot be a postcode file.
    #[error("the postcodes have more than {} combinations of areas", PostcodeTable::MAX_PROFILES)]
    TooManyProfiles,
    /// The shares of a postcode's parts make more than the whole.
    #[error("the shares of {} add up to more than 1", .0.postcode())]
    SharesExceedWhole(PostcodeKey),
    /// The stored blocks are not what was written.
    #[error("the stored postcode table is damaged: {0}")]
    Corrupt(&'static str),
}

impl PostcodeTable {
    /// More rows than the United Kingdom will ever have.
    pub const MAX_ROWS: usize = 16_000_000;
    /// The most profiles that a row can number; real files have a few thousand.
    pub const MAX_PROFILES: usize = 65_536;

    /// The number of postcodes, live and ended.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// True without any postcode.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The number of live postcodes.
    pub fn live(&self) -> usize {
        self.len() - self.ended.iter().filter(|ended| **ended != 0).count()
    }

    /// True if the file dates the end of postcodes; then a row without an end is live.
    pub fn dates_ends(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Every combination of country and areas, by number.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Every part of every postcode that is divided, by key, the greatest first. A row has the profile of its first part.
    pub fn parts(&self) -> &[PostcodePart] {
        &self.parts
    }

    /// The parts of one postcode: none unless it is divided, and then at least two.
    pub fn parts_of(&self, key: PostcodeKey) -> &[PostcodePart] {
        let start = self.parts.partition_point(|part| part.key < key);
        let parts = self.parts.get(start..).unwrap_or_default();
        let count = parts.iter().take_while(|part| part.key == key).count();
        parts.get(..count).unwrap_or_default()
    }

    /// The row of a postcode.
    pub fn find(&self, key: PostcodeKey) -> Option<PostcodeRow> {
        let unit = u16::try_from(key.unit()).ok()?;
        let rows = self.sector_rows(key, unit)?;
        let row = rows.start + self.units.get(rows)?.binary_search(&unit).ok()?;
        Some(PostcodeRow { key, ended: self.ended_at(row), profile: *self.profile_of.get(row)? })
    }

    /// The live postcodes of a postcode's sector: all of `SW1A 1` for `SW1A 1AA`.
    pub fn sector(&self, key: PostcodeKey) -> impl Iterator<Item = PostcodeKey> + '_ {
        let rows = u16::try_from(key.unit()).ok().and_then(|unit| self.sector_rows(key, unit)).unwrap_or_default();
        self.rows_in(key.outward(), rows).filter(|row| row.ended.is_none()).map(|row| row.key)
    }

    /// The profile that a row shares with other postcodes.
    pub fn profile(&self, row: PostcodeRow) -> Option<&Profile> {
        self.profiles.get(usize::from(row.profile))
    }

    /// How many live postcodes have each profile, in the order of [`PostcodeTable::profiles`].
    pub fn live_rows(&self) -> Vec<u32> {
        let mut counts = vec![0; self.profiles.len()];
        for (row, profile) in self.profile_of.iter().enumerate() {
            let is_live = self.ended.get(row).is_none_or(|ended| *ended == 0);
            if let Some(count) = counts.get_mut(usize::from(*profile)).filter(|_count| is_live) {
                *count += 1;
            }
        }
        counts
    }

    /// Every row, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = PostcodeRow> + '_ {
        self.outwards.iter().zip(&self.spans).flat_map(|(outward, span)| self.rows_in(*outward, span.rows()))
    }

    /// Roughly what it occupies in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.outwards.len() * (size_of::<u32>() + size_of::<Span>())
            + (self.units.len() + self.profile_of.len() + self.ended.len()) * size_of::<u16>()
            + self.profiles.len() * size_of::<Profile>()
            + self.parts.len() * size_of::<PostcodePart>()
    }

    /// The rows of the sector that an inward part lies in.
    fn sector_rows(&self, key: PostcodeKey, unit: u16) -> Option<Range<usize>> {
        let at = self.outwards.binary_search(&key.outward()).ok()?;
        self.spans.get(at)?.sector(usize::from(unit / SECTOR))
    }

    fn rows_in(&self, outward: u32, rows: Range<usize>) -> impl Iterator<Item = PostcodeRow> + '_ {
        let base = outward * PostcodeKey::UNITS;
        rows.filter_map(move |row| {
            let key = PostcodeKey::from_number(base + u32::from(*self.units.get(row)?))?;
            Some(PostcodeRow { key, ended: self.ended_at(row), profile: *self.profile_of.get(row)? })
        })
    }

    fn ended_at(&self, row: usize) -> Option<YearMonth> {
        self.ended.get(row).and_then(|number| YearMonth::from_number(*number))
    }

    /// Appends a row, whose key must be above all others.
    fn append(&mut self, row: PostcodeRow) -> Result<(), TableError> {
        let outward = row.key.outward();
        let unit = u16::try_from(row.key.unit()).map_err(|_error| TableError::Corrupt("a key is out of range"))?;
        if self.outwards.last() != Some(&outward) {
            let start = u32::try_from(self.units.len()).map_err(|_error| TableError::TooManyRows)?;
            self.outwards.push(outward);
            self.spans.push(Span { start, ends: [0; SECTORS] });
        }
        if let Some(span) = self.spans.last_mut() {
            span.grow(usize::from(unit / SECTOR));
        }
        if let Some(month) = row.ended {
            self.ended.resize(self.units.len(), 0);
            self.ended.push(month.number());
        } else if !self.ended.is_empty() {
            self.ended.push(0);
        }
        self.units.push(unit);
        self.profile_of.push(row.profile);
        Ok(())
    }

    fn with_capacity(rows: usize, profiles: Vec<Profile>) -> Self {
        Self { units: Vec::with_capacity(rows), profile_of: Vec::with_capacity(rows), profiles, ..Self::default() }
    }

    /// Gives back what was reserved and not used.
    fn settled(mut self) -> Self {
        self.parts.shrink_to_fit();
        self.ended.shrink_to_fit();
        self.outwards.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.profiles.shrink_to_fit();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::examples::{postcode, profile, table};
    use crate::{AreaKind, Postcode};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const PCON: AreaKind = AreaKind::WestminsterConstituency;

    fn corrupt(blocks: &[Vec<u8>]) -> bool {
        matches!(PostcodeTable::decode(blocks), Err(TableError::Corrupt(_)))
    }

    #[test]
    fn a_postcode_is_found_in_whatever_order_it_came() {
        let table = table(&[
            ("ZA9 9ZZ", "", &[(PCON, "E14000002")]),
            ("GIR 0AA", "", &[]),
            ("ZA1 1AA", "201907", &[(PCON, "E14000001")]),
            ("A1 1AA", "", &[(PCON, "E14000001")]),
            ("NPT 1AA", "199801", &[]),
        ]);
        let row = table.find(postcode("ZA1 1AA").key()).unwrap();
        assert_eq!(
            (row.ended, table.profile(row).unwrap().area(PCON)),
            (YearMonth::new(2019, 7), "E14000001".parse().ok())
        );
        assert!(table.find(postcode("A1 1AA").key()).unwrap().ended.is_none());
        assert!(table.find(postcode("GIR 0AA").key()).is_some() && table.find(postcode("NPT 1AA").key()).is_some());
        for absent in ["A1 1AB", "ZA1 1AB", "ZA2 1AA", "ZZ9 9ZZ", "BFPO 1"] {
            assert_eq!(table.find(postcode(absent).key()), None, "{absent}");
        }
        assert_eq!((table.len(), table.live(), table.profiles().len()), (5, 3, 3));
    }

    #[test]
    fn of_several_rows_the_live_one_then_the_latest_is_kept() {
        let mut builder = PostcodeTableBuilder::new();
        let (month, key) = (|year| YearMonth::new(year, 1), postcode("ZA1 1AA").key());
        for (ended, code) in
            [(month(2001), "E14000001"), (None, "E14000002"), (None, "E14000003"), (month(2020), "E14000004")]
        {
            builder.push(key, ended, &profile(&[(PCON, code)])).unwrap();
        }
        let other = postcode("ZA1 1AB").key();
        for (year, code) in [(2005, "E14000001"), (2010, "E14000002"), (2007, "E14000003")] {
            builder.push(other, month(year), &profile(&[(PCON, code)])).unwrap();
        }
        let BuiltTable { table, repeated } = builder.finish().unwrap();
        let told = |key| table.find(key).and_then(|row| table.profile(row)?.area(PCON)).map(|code| code.to_string());
        assert_eq!((told(key).as_deref(), told(other).as_deref(), repeated), (Some("E14000003"), Some("E14000002"), 5));
    }

    /// Code and ten-thousandths.
    type FieldPart = (String, Option<u16>);

    /// The parts of `ZA1 1AA`, and how many rows were repeats.
    fn divided(rows: &[(&str, &str, Part)]) -> Result<(Vec<FieldPart>, usize), TableError> {
        let (mut builder, key) = (PostcodeTableBuilder::new(), postcode("ZA1 1AA").key());
        for (ended, code, part) in rows {
            builder.push_part(key, YearMonth::parse(ended).ok(), &profile(&[(PCON, code)]), *part)?;
        }
        let BuiltTable { table, repeated } = builder.finish()?;
        assert_eq!(PostcodeTable::decode(table.encode()).as_ref(), Ok(&table));
        let code = |number: u16| table.profiles()[usize::from(number)].area(PCON).unwrap().to_string();
        let parts = table.parts_of(key).iter().map(|part| (code(part.profile), part.share.map(Share::number)));
        let parts: Vec<_> = parts.collect();
        let main = code(table.find(key).unwrap().profile);
        assert!(parts.first().is_none_or(|(first, _share)| *first == main));
        Ok((parts, repeated))
    }

    fn share(text: &str) -> Part {
        Part::Share(Share::parse(text).ok())
    }

    #[test]
    fn the_parts_of_a_postcode_stand_with_the_greatest_first() {
        let (parts, repeated) = divided(&[
            ("", "E14000001", share("0.25")),
            ("", "E14000002", share("0.7")),
            ("", "E14000003", share("")),
            ("201907", "E14000004", share("1")),
        ])
        .unwrap();
        let part = |code: &str, share| (code.to_owned(), share);
        let expected = [part("E14000002", Some(7_000)), part("E14000001", Some(2_500)), part("E14000003", None)];
        assert_eq!((parts, repeated), (expected.to_vec(), 1));
    }

    #[test]
    fn parts_in_the_same_areas_are_one() {
        let rows = [("", "E14000001", share("0.25")), ("", "E14000001", share("0.75"))];
        assert_eq!(divided(&rows).unwrap(), (vec![], 0));
        assert_eq!(divided(&rows[..1]).unwrap(), (vec![], 0));
    }

    #[test]
    fn shares_of_more_than_the_whole_are_refused() {
        let error = divided(&[("", "E14000001", share("0.6")), ("", "E14000002", share("0.41"))]).unwrap_err();
        assert_eq!(error.to_string(), "the shares of ZA1 1AA add up to more than 1");
    }

    #[test]
    fn halves_are_shared_by_their_households_or_come_by_their_letters() {
        let half = |letter, households| Part::Half { letter, households };
        let two = |a, b| divided(&[("", "S14000002", half('B', b)), ("", "S14000001", half('A', a))]).unwrap().0;
        let part = |code: &str, share| (code.to_owned(), share);
        assert_eq!(two(Some(3), Some(9)), [part("S14000002", Some(7_500)), part("S14000001", Some(2_500))]);
        for (a, b) in [(None, Some(9)), (Some(0), Some(0)), (None, None)] {
            assert_eq!(two(a, b), [part("S14000001", None), part("S14000002", None)]);
        }
    }

    #[test]
    fn a_postcode_that_a_live_row_gives_whole_is_not_divided_by_ended_parts() {
        let (mut builder, key) = (PostcodeTableBuilder::new(), postcode("ZA1 1AA").key());
        builder.push(key, None, &profile(&[(PCON, "E14000009")])).unwrap();
        for code in ["E14000001", "E14000002"] {
            builder.push_part(key, YearMonth::new(2019, 7), &profile(&[(PCON, code)]), share("0.5")).unwrap();
        }
        let table = builder.finish().unwrap().table;
        assert!(table.parts().is_empty() && table.find(key).unwrap().ended.is_none());
    }

    #[test]
    fn blocks_of_the_first_version_stay_readable() {
        const STORED: &str = "50425431000000000303010445313430303030303101044531343030303030320000b4f7b8991907\
            01aabd019e883d028105724be81f9f9e";
        let byte = |at| u8::from_str_radix(&STORED[at..at + 2], 16).unwrap();
        let block: Vec<u8> = (0..STORED.len()).step_by(2).map(byte).collect();
        let nation = (AreaKind::Nation, "E92000001");
        let expected = table(&[
            ("ZA1 1AA", "", &[nation, (PCON, "E14000001")]),
            ("ZA1 1AB", "201907", &[nation, (PCON, "E14000002")]),
            ("ZA2 1AA", "", &[]),
        ]);
        assert_eq!(PostcodeTable::decode([&block]).as_ref(), Ok(&expected));
        assert_eq!(PostcodeTable::decode(expected.encode()), Ok(expected));
    }

    #[test]
    fn a_table_without_divided_postcodes_has_no_room_for_them() {
        let table = table(&[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
        assert_eq!((table.parts.capacity(), table.parts_of(postcode("ZA1 1AA").key())), (0, &[][..]));
    }

    #[test]
    fn too_many_combinations_are_refused() {
        let mut builder = PostcodeTableBuilder::new();
        let key = postcode("ZA1 1AA").key();
        let mut push = |number: u32| builder.push(key, None, &profile(&[(PCON, &format!("E{number:08}"))]));
        assert!((0..65_536).all(|number| push(number).is_ok()));
        assert_eq!(push(65_536), Err(TableError::TooManyProfiles));
    }

    #[test]
    fn damage_is_told() {
        let rows: Vec<String> =
            (0..200_000).filter_map(PostcodeKey::from_number).map(|key| key.postcode().to_string()).collect();
        let rows: Vec<_> = rows.iter().map(|text| (text.as_str(), "202001", &[(PCON, "E14000001")][..])).collect();
        let table = table(&rows);
        let blocks = table.encode();
        assert!(blocks.len() > 1 && blocks.iter().all(|block| block.len() <= 262_144), "{}", blocks.len());
        assert_eq!(PostcodeTable::decode(&blocks).as_ref(), Ok(&table));
        assert!(corrupt(&[]) && corrupt(&blocks[1..]) && corrupt(&blocks[..blocks.len() - 1]));
        assert!(corrupt(&[blocks[1].clone(), blocks[0].clone()]));
        assert!(corrupt(&[&blocks[..1], &blocks[..]].concat()));
        assert!(corrupt(&[vec![], vec![1, 2, 3]]));
        for at in (0..blocks[0].len()).step_by(9_973) {
            let mut damaged = blocks.clone();
            damaged[0][at] ^= 0x10;
            assert!(corrupt(&damaged), "byte {at}");
        }
    }

    #[test]
    fn an_empty_table_is_stored_too() {
        let empty = table(&[]);
        assert_eq!(PostcodeTable::decode(empty.encode()), Ok(empty));
    }

    fn any_rows() -> impl Strategy<Value = Vec<(u32, u16, u8)>> {
        let key = prop_oneof![0..5_000_u32, 1_755_980_000..1_756_010_000_u32, any::<u32>()];
        prop::collection::vec((key, 0..3_000_u16, 0..6_u8), 0..200)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_stored_is_found_again(rows in any_rows()) {
            let mut builder = PostcodeTableBuilder::new();
            let mut expected = BTreeMap::new();
            for (number, month, area) in rows {
                let Some(key) = PostcodeKey::from_number(number) else { continue };
                let ended = YearMonth::new(1990 + month / 100, month % 100);
                if expected.contains_key(&key) {
                    continue;
                }
                let profile = profile(&[(PCON, &format!("E1400000{area}")), (AreaKind::Nation, "W92000004")]);
                builder.push(key, ended, &profile).unwrap();
                expected.insert(key, (ended, profile));
            }
            let table = builder.finish().unwrap().table;
            let read = PostcodeTable::decode(table.encode()).unwrap();
            prop_assert_eq!(&read, &table);
            let rows: BTreeMap<_, _> = read.iter().map(|row| (row.key, (row.ended, *read.profile(row).unwrap()))).collect();
            prop_assert_eq!(&rows, &expected);
            for (key, (ended, profile)) in expected {
                let row = read.find(key).unwrap();
                prop_assert_eq!((row.ended, read.profile(row)), (ended, Some(&profile)));
                prop_assert_eq!(Postcode::parse(&key.postcode().to_string()).unwrap().key(), key);
            }
        }

        #[test]
        fn what_was_divided_is_found_again(rows in prop::collection::vec((0..400_u32, 0..6_u8, 0..4_u16, 0..=2_500_u16), 0..200)) {
            let mut builder = PostcodeTableBuilder::new();
            for (number, area, ended, share) in rows {
                let Some(key) = PostcodeKey::from_number(number) else { continue };
                let profile = profile(&[(PCON, &format!("E1400000{area}"))]).of_large_user(area == 0);
                let part = Part::Share((area != 5).then(|| Share::from_number(share)).flatten());
                let ended = YearMonth::new(2000 + ended, 1).filter(|_month| ended != 0);
                if number % 3 == 0 {
                    builder.push(key, ended, &profile).unwrap();
                } else {
                    builder.push_part(key, ended, &profile, part).unwrap();
                }
            }
            let table = match builder.finish() {
                Ok(built) => built.table,
                Err(error) => {
                    prop_assert!(matches!(error, TableError::SharesExceedWhole(_)));
                    return Ok(());
                }
            };
            prop_assert_eq!(&PostcodeTable::decode(table.encode()).unwrap(), &table);
            for row in table.iter() {
                let parts = table.parts_of(row.key);
                prop_assert!(parts.len() != 1 && parts.first().is_none_or(|part| part.profile == row.profile));
                let sum: u32 = parts.iter().filter_map(|part| part.share).map(|share| u32::from(share.number())).sum();
                prop_assert!(sum <= 10_000);
            }
            let told: usize = table.iter().map(|row| table.parts_of(row.key).len()).sum();
            prop_assert_eq!(told, table.parts().len());
        }

        #[test]
        fn reading_any_bytes_is_an_answer(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..3)) {
            prop_assert!(PostcodeTable::decode(&blocks).is_err());
        }
    }
}

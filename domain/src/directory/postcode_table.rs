//! Millions of postcodes in a few megabytes, found in a few hundred nanoseconds.
//!
//! A row is six bytes: its inward part, the number of its profile, and the month of its end. The outward parts stand apart in a
//! short list that stays in the processor's cache, so a look-up is two short binary searches.

mod builder;
mod encoding;
mod sealed_block;

use super::month::YearMonth;
pub use super::profile::Profile;
use crate::PostcodeKey;
pub use builder::{BuiltTable, PostcodeTableBuilder};

/// The postcodes of one file, in order, each with the country and the areas it lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostcodeTable {
    outwards: Vec<Outward>,
    units: Vec<u16>,
    profile_of: Vec<u16>,
    /// Empty while no row has ended; zero for a live row.
    ended: Vec<u16>,
    profiles: Vec<Profile>,
}

/// The rows of one outward part: from `start` to the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outward {
    id: u32,
    start: u32,
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

/// Why a table cannot be built or read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The file has too many rows.
    #[error("the table has more than {} postcodes", PostcodeTable::MAX_ROWS)]
    TooManyRows,
    /// The file has too many different combinations of areas: it cannot be a postcode file.
    #[error("the postcodes have more than {} combinations of areas", PostcodeTable::MAX_PROFILES)]
    TooManyProfiles,
    /// The stored blocks are not what was written.
    #[error("the stored postcode table is damaged: {0}")]
    Corrupt(&'static str),
}

impl PostcodeTable {
    /// More rows than the United Kingdom will ever have.
    pub const MAX_ROWS: usize = 16_000_000;
    /// As many as a row can number; real files have a few thousand.
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

    /// The row of a postcode.
    pub fn find(&self, key: PostcodeKey) -> Option<PostcodeRow> {
        let unit = u16::try_from(key.unit()).ok()?;
        let at = self.outwards.binary_search_by_key(&key.outward(), |outward| outward.id).ok()?;
        let start = self.start_of(at)?;
        let rows = self.units.get(start..self.start_of(at + 1)?)?;
        let row = start + rows.binary_search(&unit).ok()?;
        Some(PostcodeRow { key, ended: self.ended_at(row), profile: *self.profile_of.get(row)? })
    }

    /// What a row's postcode shares with others.
    pub fn profile(&self, row: PostcodeRow) -> Option<&Profile> {
        self.profiles.get(usize::from(row.profile))
    }

    /// Every row, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = PostcodeRow> + '_ {
        (0..self.outwards.len()).flat_map(move |at| self.rows_of(at))
    }

    /// Roughly what it occupies in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.outwards.len() * size_of::<Outward>()
            + (self.units.len() + self.profile_of.len() + self.ended.len()) * size_of::<u16>()
            + self.profiles.len() * size_of::<Profile>()
    }

    fn rows_of(&self, at: usize) -> impl Iterator<Item = PostcodeRow> + '_ {
        let start = self.start_of(at).unwrap_or_default();
        let end = self.start_of(at + 1).unwrap_or_default();
        let base = self.outwards.get(at).map_or(0, |outward| outward.id) * PostcodeKey::UNITS;
        (start..end).filter_map(move |row| {
            let key = PostcodeKey::from_number(base + u32::from(*self.units.get(row)?))?;
            Some(PostcodeRow { key, ended: self.ended_at(row), profile: *self.profile_of.get(row)? })
        })
    }

    /// Where the rows of an outward part start; those of the part after the last start at the end.
    fn start_of(&self, at: usize) -> Option<usize> {
        match self.outwards.get(at) {
            Some(outward) => usize::try_from(outward.start).ok(),
            None => Some(self.units.len()),
        }
    }

    fn ended_at(&self, row: usize) -> Option<YearMonth> {
        self.ended.get(row).and_then(|number| YearMonth::from_number(*number))
    }

    /// Appends a row, whose key must be above all others.
    fn append(&mut self, row: PostcodeRow) -> Result<(), TableError> {
        let outward = row.key.outward();
        let unit = u16::try_from(row.key.unit()).map_err(|_error| TableError::Corrupt("a key is out of range"))?;
        if self.outwards.last().is_none_or(|last| last.id != outward) {
            let start = u32::try_from(self.units.len()).map_err(|_error| TableError::TooManyRows)?;
            self.outwards.push(Outward { id: outward, start });
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
        self.ended.shrink_to_fit();
        self.outwards.shrink_to_fit();
        self.profiles.shrink_to_fit();
        self
    }
}

//! How a table is stored: three counts, the profiles, then the rows as steps from one to the next, two bytes each for the most
//! part, then the parts of the postcodes that are divided.
//!
//! A row is the step from the key before, times four, plus two if its profile differs from the one before (which then follows),
//! plus one if it has ended (the month then follows). A part is the step from the key before, its profile, and one more than its
//! share, or zero where that is not known.

use super::sealed_block::{BlockReader, BlockWriter, Version};
use super::{PostcodePart, PostcodeRow, PostcodeTable, Profile, TableError};
use crate::directory::month::YearMonth;
use crate::directory::profile::{COLUMNS, Country};
use crate::directory::share::Share;
use crate::{AreaCode, PostcodeKey};

const ENDED: u64 = 1;
const PROFILE: u64 = 2;
const STEP: u64 = 4;

impl PostcodeTable {
    /// The table as blocks of at most 256 kB, to be stored in order.
    pub fn encode(&self) -> Vec<Vec<u8>> {
        let mut writer = BlockWriter::default();
        writer.number(number(self.profiles.len()));
        writer.number(number(self.len()));
        writer.number(number(self.parts.len()));
        writer.end_record();
        for profile in &self.profiles {
            write_profile(&mut writer, profile);
        }
        let mut before = Before::default();
        for row in self.iter() {
            before.write(&mut writer, row);
        }
        let mut before = 0;
        for part in &self.parts {
            let key = u64::from(part.key.get());
            writer.number(key - before);
            writer.number(u64::from(part.profile));
            writer.number(part.share.map_or(0, |share| u64::from(share.number()) + 1));
            writer.end_record();
            before = key;
        }
        writer.finish()
    }

    /// The table that was encoded into these blocks; an error if anything is missing, changed or out of order.
    pub fn decode<B: AsRef<[u8]>>(blocks: impl IntoIterator<Item = B>) -> Result<Self, TableError> {
        let mut decoder = Decoder::default();
        for (block, number) in blocks.into_iter().zip(0..) {
            decoder.read(&mut BlockReader::open(block.as_ref(), number)?)?;
        }
        decoder.finish()
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn write_profile(writer: &mut BlockWriter, profile: &Profile) {
    let country = profile.country.and_then(|country| Country::ALL.iter().position(|other| *other == country));
    writer.number(country.map_or(0, |position| number(position) + 1));
    writer.number(u64::from(profile.is_large_user));
    let filled = profile.areas.iter().rev().fold(0, |filled, area| filled * 2 + u64::from(area.is_some()));
    writer.number(filled);
    for code in profile.areas.iter().flatten() {
        writer.bytes(code.as_str().as_bytes());
    }
    writer.end_record();
}

fn read_profile(reader: &mut BlockReader<'_>) -> Result<Profile, TableError> {
    let country = match usize::try_from(reader.number()?).unwrap_or(usize::MAX) {
        0 => None,
        position => Some(*Country::ALL.get(position - 1).ok_or(TableError::Corrupt("a country is unknown"))?),
    };
    let is_large_user = match reader.version() {
        Version::First => false,
        Version::Second => read_flag(reader)?,
    };
    let filled = reader.number()?;
    if filled >> COLUMNS.len() != 0 {
        return Err(TableError::Corrupt("a column is unknown"));
    }
    let mut profile = Profile { country, is_large_user, ..Profile::default() };
    for (column, cell) in profile.areas.iter_mut().enumerate() {
        if filled >> column & 1 == 1 {
            *cell = Some(read_code(reader)?);
        }
    }
    Ok(profile)
}

fn read_flag(reader: &mut BlockReader<'_>) -> Result<bool, TableError> {
    match reader.number()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(TableError::Corrupt("a flag is neither up nor down")),
    }
}

fn read_code(reader: &mut BlockReader<'_>) -> Result<AreaCode, TableError> {
    let bytes = reader.bytes::<9>()?;
    let code = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    code.ok_or(TableError::Corrupt("an area code is none"))
}

/// The row before the one being written or read.
#[derive(Debug, Default)]
struct Before {
    key: u64,
    profile: u64,
}

impl Before {
    fn write(&mut self, writer: &mut BlockWriter, row: PostcodeRow) {
        // One above the key, so that even the first step is at least one.
        let (key, profile) = (u64::from(row.key.get()) + 1, u64::from(row.profile));
        let is_changed = if profile == self.profile { 0 } else { PROFILE };
        writer.number((key - self.key) * STEP + is_changed + row.ended.map_or(0, |_month| ENDED));
        if is_changed != 0 {
            writer.number(profile);
        }
        if let Some(month) = row.ended {
            writer.number(u64::from(month.number()));
        }
        writer.end_record();
        *self = Self { key, profile };
    }

    fn read(&mut self, reader: &mut BlockReader<'_>) -> Result<PostcodeRow, TableError> {
        let word = reader.number()?;
        if word < STEP {
            return Err(TableError::Corrupt("two rows have one key"));
        }
        self.key = self.key.saturating_add(word / STEP);
        if word & PROFILE != 0 {
            self.profile = reader.number()?;
        }
        let ended = if word & ENDED == 0 { None } else { Some(read_month(reader)?) };
        Ok(PostcodeRow { key: key(self.key - 1)?, ended, profile: profile(self.profile)? })
    }
}

fn key(number: u64) -> Result<PostcodeKey, TableError> {
    let key = u32::try_from(number).ok().and_then(PostcodeKey::from_number);
    key.ok_or(TableError::Corrupt("a key is of no postcode"))
}

fn profile(number: u64) -> Result<u16, TableError> {
    u16::try_from(number).map_err(|_error| TableError::Corrupt("a profile is out of range"))
}

fn read_share(reader: &mut BlockReader<'_>) -> Result<Option<Share>, TableError> {
    let Some(number) = reader.number()?.checked_sub(1) else { return Ok(None) };
    let share = u16::try_from(number).ok().and_then(Share::from_number);
    share.map(Some).ok_or(TableError::Corrupt("a share is more than the whole"))
}

fn read_month(reader: &mut BlockReader<'_>) -> Result<YearMonth, TableError> {
    let month = u16::try_from(reader.number()?).ok().and_then(YearMonth::from_number);
    month.ok_or(TableError::Corrupt("a month is none"))
}

/// The numbers that the first record announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    profiles: usize,
    rows: usize,
    parts: usize,
}

impl Counts {
    fn read(reader: &mut BlockReader<'_>) -> Result<Self, TableError> {
        let most_parts = match reader.version() {
            Version::First => None,
            Version::Second => Some(PostcodeTable::MAX_ROWS),
        };
        let mut count = |most: usize| {
            let count = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
            if count > most { Err(TableError::Corrupt("a count is too high")) } else { Ok(count) }
        };
        let (profiles, rows) = (count(PostcodeTable::MAX_PROFILES)?, count(PostcodeTable::MAX_ROWS)?);
        Ok(Self { profiles, rows, parts: most_parts.map_or(Ok(0), count)? })
    }
}

#[derive(Debug, Default)]
struct Decoder {
    expected: Option<(Version, Counts)>,
    table: PostcodeTable,
    before: Before,
    part_before: u64,
}

impl Decoder {
    fn read(&mut self, reader: &mut BlockReader<'_>) -> Result<(), TableError> {
        let (version, counts) = match self.expected {
            Some(expected) => expected,
            None => self.begin(reader)?,
        };
        if reader.version() != version {
            return Err(TableError::Corrupt("the blocks are of two versions"));
        }
        while !reader.is_done() {
            if self.table.profiles.len() < counts.profiles {
                self.table.profiles.push(read_profile(reader)?);
            } else if self.table.len() < counts.rows {
                self.read_row(reader)?;
            } else {
                self.read_part(reader)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, reader: &mut BlockReader<'_>) -> Result<(Version, Counts), TableError> {
        let counts = Counts::read(reader)?;
        self.table = PostcodeTable::with_capacity(counts.rows, Vec::with_capacity(counts.profiles));
        Ok(*self.expected.insert((reader.version(), counts)))
    }

    fn read_row(&mut self, reader: &mut BlockReader<'_>) -> Result<(), TableError> {
        let row = self.before.read(reader)?;
        self.check_profile(row.profile)?;
        self.table.append(row)
    }

    fn read_part(&mut self, reader: &mut BlockReader<'_>) -> Result<(), TableError> {
        self.part_before = self.part_before.saturating_add(reader.number()?);
        let part = PostcodePart {
            key: key(self.part_before)?,
            profile: profile(reader.number()?)?,
            share: read_share(reader)?,
        };
        self.check_profile(part.profile)?;
        self.table.parts.push(part);
        Ok(())
    }

    fn check_profile(&self, profile: u16) -> Result<(), TableError> {
        if usize::from(profile) < self.table.profiles.len() {
            Ok(())
        } else {
            Err(TableError::Corrupt("a profile is out of range"))
        }
    }

    fn finish(self) -> Result<PostcodeTable, TableError> {
        let table = self.table;
        let found = Counts { profiles: table.profiles.len(), rows: table.len(), parts: table.parts.len() };
        if self.expected.is_none_or(|(_version, expected)| expected != found) {
            return Err(TableError::Corrupt("rows are missing"));
        }
        if !table.parts.chunk_by(|a, b| a.key == b.key).all(|parts| table.is_divided_into(parts)) {
            return Err(TableError::Corrupt("a postcode is not divided as its row says"));
        }
        Ok(table.settled())
    }
}

impl PostcodeTable {
    /// True of at least two parts that make no more than the whole, the first of which gives the row its profile.
    fn is_divided_into(&self, parts: &[PostcodePart]) -> bool {
        let Some(first) = parts.first().filter(|_first| parts.len() > 1) else { return false };
        let mut shares = parts.iter().filter_map(|part| part.share);
        self.find(first.key).is_some_and(|row| row.profile == first.profile)
            && shares.try_fold(Share::NOTHING, Share::plus).is_some()
    }
}

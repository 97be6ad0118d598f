//! How a table is stored: the profiles, then the rows as steps from one to the next, two bytes each for the most part.
//!
//! A row is the step from the key before, times four, plus two if its profile differs from the one before (which then follows),
//! plus one if it has ended (the month then follows).

use super::sealed_block::{BlockReader, BlockWriter};
use super::{PostcodeRow, PostcodeTable, Profile, TableError};
use crate::directory::month::YearMonth;
use crate::directory::profile::{COLUMNS, Country};
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
        writer.end_record();
        for profile in &self.profiles {
            write_profile(&mut writer, profile);
        }
        let mut before = Before::default();
        for row in self.iter() {
            before.write(&mut writer, row);
        }
        writer.finish()
    }

    /// The table that was encoded into these blocks; anything missing, changed or out of order is told.
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
    let filled = reader.number()?;
    if filled >> COLUMNS.len() != 0 {
        return Err(TableError::Corrupt("a column is unknown"));
    }
    let mut profile = Profile { country, ..Profile::default() };
    for (column, cell) in profile.areas.iter_mut().enumerate() {
        if filled >> column & 1 == 1 {
            *cell = Some(read_code(reader)?);
        }
    }
    Ok(profile)
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
        let key = u32::try_from(self.key - 1).ok().and_then(PostcodeKey::from_number);
        let key = key.ok_or(TableError::Corrupt("a key is of no postcode"))?;
        let profile = u16::try_from(self.profile).map_err(|_error| TableError::Corrupt("a profile is out of range"))?;
        Ok(PostcodeRow { key, ended, profile })
    }
}

fn read_month(reader: &mut BlockReader<'_>) -> Result<YearMonth, TableError> {
    let month = u16::try_from(reader.number()?).ok().and_then(YearMonth::from_number);
    month.ok_or(TableError::Corrupt("a month is none"))
}

#[derive(Debug, Default)]
struct Decoder {
    expected: Option<(usize, usize)>,
    table: PostcodeTable,
    before: Before,
}

impl Decoder {
    fn read(&mut self, reader: &mut BlockReader<'_>) -> Result<(), TableError> {
        let (profiles, _rows) = match self.expected {
            Some(expected) => expected,
            None => self.begin(reader)?,
        };
        while !reader.is_done() {
            if self.table.profiles.len() < profiles {
                self.table.profiles.push(read_profile(reader)?);
            } else {
                self.read_row(reader)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, reader: &mut BlockReader<'_>) -> Result<(usize, usize), TableError> {
        let mut count = |most: usize| {
            let count = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
            if count > most { Err(TableError::Corrupt("a count is too high")) } else { Ok(count) }
        };
        let expected = (count(PostcodeTable::MAX_PROFILES)?, count(PostcodeTable::MAX_ROWS)?);
        self.table = PostcodeTable::with_capacity(expected.1, Vec::with_capacity(expected.0));
        self.expected = Some(expected);
        Ok(expected)
    }

    fn read_row(&mut self, reader: &mut BlockReader<'_>) -> Result<(), TableError> {
        let row = self.before.read(reader)?;
        if usize::from(row.profile) >= self.table.profiles.len() {
            return Err(TableError::Corrupt("a profile is out of range"));
        }
        self.table.append(row)
    }

    fn finish(self) -> Result<PostcodeTable, TableError> {
        let found = (self.table.profiles.len(), self.table.len());
        match self.expected {
            Some(expected) if expected == found => Ok(self.table.settled()),
            _ => Err(TableError::Corrupt("rows are missing")),
        }
    }
}

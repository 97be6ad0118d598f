//! Makes a table out of a file's rows, in whatever order they come.

use super::{PostcodeRow, PostcodeTable, Profile, TableError};
use crate::PostcodeKey;
use crate::directory::month::YearMonth;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Gathers the rows of a file; 8 bytes a row until [`PostcodeTableBuilder::finish`].
#[derive(Debug, Default)]
pub struct PostcodeTableBuilder {
    rows: Vec<Gathered>,
    numbers: HashMap<Profile, u16>,
    profiles: Vec<Profile>,
    last: Option<(Profile, u16)>,
}

#[derive(Clone, Copy, Debug)]
struct Gathered {
    key: PostcodeKey,
    profile: u16,
    ended: u16,
}

/// A table and how many rows of the file were about a postcode that another row told better.
#[derive(Debug)]
pub struct BuiltTable {
    /// The table.
    pub table: PostcodeTable,
    /// Rows left out.
    pub repeated: usize,
}

impl PostcodeTableBuilder {
    /// Starts without any row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row.
    pub fn push(&mut self, key: PostcodeKey, ended: Option<YearMonth>, profile: &Profile) -> Result<(), TableError> {
        if self.rows.len() == PostcodeTable::MAX_ROWS {
            return Err(TableError::TooManyRows);
        }
        let profile = self.number(profile)?;
        self.rows.push(Gathered { key, profile, ended: ended.map_or(0, YearMonth::number) });
        Ok(())
    }

    /// The table. Of several rows about one postcode a live one is kept rather than an ended one, then the one that ended
    /// last, then the one that came last.
    pub fn finish(mut self) -> Result<BuiltTable, TableError> {
        drop(self.numbers);
        // Stable, so that among equals the file's order stays; quick on files that are sorted already.
        self.rows.sort_by_key(|row| (row.key, Reverse(row.ended == 0), Reverse(row.ended)));
        let gathered = self.rows.len();
        let mut table = PostcodeTable::with_capacity(gathered, self.profiles);
        for same in self.rows.chunk_by(|a, b| a.key == b.key) {
            if let Some(kept) = best(same) {
                table.append(kept)?;
            }
        }
        let repeated = gathered - table.len();
        Ok(BuiltTable { table: table.settled(), repeated })
    }

    /// The number of a profile. Neighbours in a file mostly share one, so the last is tried first.
    fn number(&mut self, profile: &Profile) -> Result<u16, TableError> {
        if let Some((_last, number)) = self.last.filter(|(last, _number)| last == profile) {
            return Ok(number);
        }
        let number = match self.numbers.get(profile) {
            Some(number) => *number,
            None => self.add(profile)?,
        };
        self.last = Some((*profile, number));
        Ok(number)
    }

    fn add(&mut self, profile: &Profile) -> Result<u16, TableError> {
        let number = u16::try_from(self.profiles.len()).map_err(|_error| TableError::TooManyProfiles)?;
        self.profiles.push(*profile);
        self.numbers.insert(*profile, number);
        Ok(number)
    }
}

/// Of rows about one postcode, best first by the sort's key: the last of those that are as good as the first.
fn best(same: &[Gathered]) -> Option<PostcodeRow> {
    let first = same.first()?;
    let row = same.iter().take_while(|row| row.ended == first.ended).last()?;
    Some(PostcodeRow { key: row.key, ended: YearMonth::from_number(row.ended), profile: row.profile })
}

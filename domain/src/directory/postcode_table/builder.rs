//! Builds a table from a file's rows, in any order.

use super::{PostcodePart, PostcodeRow, PostcodeTable, Profile, TableError};
use crate::PostcodeKey;
use crate::directory::month::YearMonth;
use crate::directory::share::Share;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Gathers the rows of a file; 8 bytes a row until [`PostcodeTableBuilder::finish`].
#[derive(Debug, Default)]
pub struct PostcodeTableBuilder {
    rows: Vec<Gathered>,
    parts: Vec<(Gathered, Part)>,
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

/// What a file says of a row that is about a part of a postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How much of the postcode it is, where the file knows.
    Share(Option<Share>),
    /// A half of the Scottish Postcode Directory: its letter, of which A comes first, and how many households were counted in it.
    Half {
        /// Its letter.
        letter: char,
        /// Its households, where they were counted.
        households: Option<u16>,
    },
}

impl Part {
    const fn letter(self) -> char {
        match self {
            Self::Share(_) => 'A',
            Self::Half { letter, .. } => letter,
        }
    }

    fn households(self) -> Option<u32> {
        match self {
            Self::Share(_) => None,
            Self::Half { households, .. } => households.map(u32::from),
        }
    }

    /// Its share, given the households of the whole postcode.
    fn share(self, households: Option<u32>) -> Option<Share> {
        match self {
            Self::Share(share) => share,
            Self::Half { households: own, .. } => Share::of(own?.into(), households?),
        }
    }
}

/// A table, and how many rows were dropped for a better row of the same postcode.
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

    /// Adds a row about the whole of a postcode.
    pub fn push(&mut self, key: PostcodeKey, ended: Option<YearMonth>, profile: &Profile) -> Result<(), TableError> {
        let row = self.gather(key, ended, profile)?;
        self.rows.push(row);
        Ok(())
    }

    /// Adds a row about a part of a postcode. Parts in the same areas are one in the end.
    pub fn push_part(
        &mut self,
        key: PostcodeKey,
        ended: Option<YearMonth>,
        profile: &Profile,
        part: Part,
    ) -> Result<(), TableError> {
        let row = self.gather(key, ended, profile)?;
        self.parts.push((row, part));
        Ok(())
    }

    fn gather(
        &mut self,
        key: PostcodeKey,
        ended: Option<YearMonth>,
        profile: &Profile,
    ) -> Result<Gathered, TableError> {
        if self.rows.len() + self.parts.len() == PostcodeTable::MAX_ROWS {
            return Err(TableError::TooManyRows);
        }
        Ok(Gathered { key, profile: self.number(profile)?, ended: ended.map_or(0, YearMonth::number) })
    }

    /// The table. Of several rows about one postcode a live one is kept rather than an ended one, then the one that ended
    /// last, then the parts rather than the whole, then the one that came last.
    pub fn finish(mut self) -> Result<BuiltTable, TableError> {
        drop(self.numbers);
        let mut repeated = 0;
        let mut divided: Vec<(Gathered, PostcodePart)> = Vec::new();
        self.parts.sort_by_key(|(row, part)| (order(*row), part.letter()));
        for same in self.parts.chunk_by(|(a, _), (b, _)| a.key == b.key) {
            let parts = best_of(same, |(row, _part)| row.ended);
            repeated += same.len() - parts.len();
            let Some((row, parts)) = unite(parts)? else { continue };
            self.rows.push(row);
            divided.extend(parts.into_iter().map(|part| (row, part)));
        }
        drop(self.parts);
        // Stable, so that among equals the file's order stays; quick on files that are sorted already.
        self.rows.sort_by_key(|row| order(*row));
        let mut table = PostcodeTable::with_capacity(self.rows.len(), self.profiles);
        for same in self.rows.chunk_by(|a, b| a.key == b.key) {
            if let Some(kept) = best_of(same, |row| row.ended).last() {
                table.append(kept.row())?;
            }
        }
        repeated += self.rows.len() - table.len();
        // Where another row was kept, a whole one that is better, the parts are as much out of date as theirs.
        divided.retain(|(row, _part)| table.find(row.key) == Some(row.row()));
        table.parts = divided.into_iter().map(|(_row, part)| part).collect();
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

/// The order in which the best row of each postcode comes first.
const fn order(row: Gathered) -> (PostcodeKey, Reverse<bool>, Reverse<u16>) {
    (row.key, Reverse(row.ended == 0), Reverse(row.ended))
}

/// Of rows about one postcode in that order, those that are as good as the first.
fn best_of<T>(same: &[T], ended: impl Fn(&T) -> u16) -> &[T] {
    let first = same.first().map(&ended);
    let count = same.iter().take_while(|row| Some(ended(row)) == first).count();
    same.get(..count).unwrap_or_default()
}

/// The row for a postcode's parts, which is that of the greatest, and the parts if they lie in different areas.
fn unite(rows: &[(Gathered, Part)]) -> Result<Option<(Gathered, Vec<PostcodePart>)>, TableError> {
    let households = rows.iter().map(|(_row, part)| part.households()).sum();
    let mut parts: Vec<PostcodePart> = Vec::with_capacity(rows.len());
    for (row, part) in rows {
        let share = part.share(households);
        match parts.iter_mut().find(|known| known.profile == row.profile) {
            Some(known) => known.share = together(row.key, known.share, share)?,
            None => parts.push(PostcodePart { key: row.key, profile: row.profile, share }),
        }
    }
    let Some((first, _part)) = rows.first() else { return Ok(None) };
    let mut known = parts.iter().filter_map(|part| part.share);
    known.try_fold(Share::NOTHING, Share::plus).ok_or(TableError::SharesExceedWhole(first.key))?;
    parts.sort_by_key(|part| Reverse(part.share));
    let profile = parts.first().map_or(first.profile, |part| part.profile);
    if parts.len() < 2 {
        parts.clear();
    }
    Ok(Some((Gathered { profile, ..*first }, parts)))
}

/// Two shares of one postcode together: unknown if one of them is.
fn together(key: PostcodeKey, a: Option<Share>, b: Option<Share>) -> Result<Option<Share>, TableError> {
    let Some((a, b)) = a.zip(b) else { return Ok(None) };
    a.plus(b).map(Some).ok_or(TableError::SharesExceedWhole(key))
}

impl Gathered {
    fn row(self) -> PostcodeRow {
        PostcodeRow { key: self.key, ended: YearMonth::from_number(self.ended), profile: self.profile }
    }
}

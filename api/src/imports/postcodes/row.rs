//! From a row of cells to a postcode, its end and its areas.

use super::layout::{Dates, LargeUsers, Layout};
use crate::imports::atlas::Atlas;
use crate::imports::cells;
use crate::imports::table::{Column, Row};
use postbag_domain::directory::{Part, Profile, TableError};
use postbag_domain::{AreaCode, AreaKind, Country, Postcode, PostcodeKey, PostcodeTableBuilder, Share, YearMonth};

/// A row that has been read.
pub(super) struct PostcodeFact<'a> {
    pub(super) key: PostcodeKey,
    pub(super) ended: Option<YearMonth>,
    pub(super) profile: &'a Profile,
    /// The part of the postcode it is about, if not all of it.
    pub(super) part: Option<Part>,
}

impl PostcodeFact<'_> {
    /// Adds the row to its table.
    pub(super) fn push(self, builder: &mut PostcodeTableBuilder) -> Result<(), TableError> {
        match self.part {
            Some(part) => builder.push_part(self.key, self.ended, self.profile, part),
            None => builder.push(self.key, self.ended, self.profile),
        }
    }
}

/// Reads rows; neighbours mostly share their areas, so the last profile is kept at hand.
pub(super) struct RowReader<'a> {
    layout: &'a Layout,
    atlas: &'a Atlas,
    cells: Vec<u8>,
    last_cells: Vec<u8>,
    profile: Profile,
    /// The latest month in any row: the file cannot be older.
    pub(super) latest: Option<YearMonth>,
    /// The old codes of Northern Ireland stood in a column of Westminster constituencies.
    pub(super) has_assembly: bool,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(layout: &'a Layout, atlas: &'a Atlas) -> Self {
        Self {
            layout,
            atlas,
            cells: Vec::new(),
            // No row's cells: the first row is always read.
            last_cells: vec![b'\n'],
            profile: Profile::default(),
            latest: None,
            has_assembly: false,
        }
    }

    /// Reads a row.
    pub(super) fn read(&mut self, row: Row<'_>) -> Result<PostcodeFact<'_>, String> {
        let (key, letter) = self.key(row)?;
        let introduced = self.month(row, "date of introduction", self.layout.introduced)?;
        let ended = self.month(row, "date of termination", self.layout.terminated)?;
        let part = self.part(row, letter)?;
        self.latest = self.latest.max(introduced).max(ended);
        self.read_profile(row)?;
        Ok(PostcodeFact { key, ended, profile: &self.profile, part })
    }

    /// The postcode, and the letter of its half where the Scottish directory splits it: `PA75 6NUA`.
    fn key(&self, row: Row<'_>) -> Result<(PostcodeKey, Option<char>), String> {
        let cell = row.text(Some(self.layout.key)).ok_or("postcode: must not be empty")?;
        match (Postcode::parse(cell), self.layout.dates) {
            (Ok(postcode), _) => Ok((postcode.key(), None)),
            (Err(flaw), Dates::Scottish) => half(cell).ok_or_else(|| format!("postcode: {flaw}")),
            (Err(flaw), Dates::YearMonth) => Err(format!("postcode: {flaw}")),
        }
    }

    /// Every row of a file with a column of shares is about a part, if only of one.
    fn part(&self, row: Row<'_>, letter: Option<char>) -> Result<Option<Part>, String> {
        if self.layout.share.is_some() {
            return Ok(Some(Part::Share(row.parsed("share", self.layout.share, Share::parse)?)));
        }
        let households = || row.text(self.layout.households).and_then(|count| count.parse().ok());
        Ok(letter.map(|letter| Part::Half { letter, households: households() }))
    }

    fn month(&self, row: Row<'_>, name: &str, column: Column) -> Result<Option<YearMonth>, String> {
        match self.layout.dates {
            Dates::YearMonth => row.parsed(name, column, YearMonth::parse),
            Dates::Scottish => row.parsed(name, column, cells::scottish_month),
        }
    }

    fn read_profile(&mut self, row: Row<'_>) -> Result<(), String> {
        self.cells.clear();
        for (at, _kind) in self.layout.areas.iter().chain(&self.layout.named) {
            self.cells.extend_from_slice(row.raw(*at));
            self.cells.push(0);
        }
        if self.cells != self.last_cells {
            self.profile = self.profile_of(row)?;
            std::mem::swap(&mut self.cells, &mut self.last_cells);
        }
        let is_large_user = self.is_of_large_user(row);
        if self.profile.is_large_user() != is_large_user {
            self.profile = self.profile.of_large_user(is_large_user);
        }
        Ok(())
    }

    fn profile_of(&mut self, row: Row<'_>) -> Result<Profile, String> {
        let mut areas = Vec::with_capacity(self.layout.areas.len() + 1);
        for (at, kind) in &self.layout.areas {
            let Some(code) = row.parsed(kind.as_str(), Some(*at), str::parse::<AreaCode>)? else { continue };
            areas.extend(meant(*kind, code));
        }
        if let Some((at, kind)) = self.layout.named {
            let name = row.text(Some(at)).ok_or("area: must not be empty")?;
            areas.push((kind, self.atlas.named(kind, name)?));
        }
        self.has_assembly |= areas.iter().any(|(kind, _code)| *kind == AreaKind::AssemblyConstituency);
        Ok(Profile::new(self.country(&areas), &areas))
    }

    fn is_of_large_user(&self, row: Row<'_>) -> bool {
        match self.layout.large_users {
            LargeUsers::Unmarked => false,
            LargeUsers::All => true,
            LargeUsers::Marked(at, mark) => row.raw(at) == mark,
        }
    }

    fn country(&self, areas: &[(AreaKind, AreaCode)]) -> Option<Country> {
        let nation = areas.iter().find(|(kind, _code)| *kind == AreaKind::Nation);
        nation.and_then(|(_kind, code)| Country::from_code(code.as_str())).or(self.layout.country)
    }
}

/// What a code means in a column: pseudo-codes mean none, and some columns hold what other nations have instead.
pub(crate) fn meant(kind: AreaKind, code: AreaCode) -> Option<(AreaKind, AreaCode)> {
    let text = code.as_str();
    match kind {
        _ if code.is_pseudo() => None,
        // Health boards of Wales and Scotland stand where England has its parts of the NHS.
        AreaKind::SubIcb | AreaKind::Icb | AreaKind::CancerAlliance if !text.starts_with('E') => None,
        // The boundaries of 2008, which the Commons left in 2024 and the Assembly kept.
        AreaKind::WestminsterConstituency if text.starts_with("N06") => Some((AreaKind::AssemblyConstituency, code)),
        _ => Some((kind, code)),
    }
}

/// The Scottish directory splits a postcode that lies in two areas and writes a letter after each half.
fn half(cell: &str) -> Option<(PostcodeKey, Option<char>)> {
    let letter = cell.chars().last().filter(char::is_ascii_uppercase)?;
    let whole = Postcode::parse(cell.strip_suffix(letter)?).ok()?;
    Some((whole.key(), Some(letter)))
}

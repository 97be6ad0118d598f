//! From a row of cells to a postcode, its end and its areas.

use super::layout::{Dates, Layout};
use crate::imports::atlas::Atlas;
use crate::imports::cells;
use crate::imports::table::{Column, Row};
use postbag_domain::directory::Profile;
use postbag_domain::{AreaCode, AreaKind, Country, Postcode, PostcodeKey, YearMonth};

/// A row that has been read.
pub(super) struct PostcodeFact<'a> {
    pub(super) key: PostcodeKey,
    pub(super) ended: Option<YearMonth>,
    pub(super) profile: &'a Profile,
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

    /// What a row tells; nothing if it is the second half of a postcode that the Scottish directory splits.
    pub(super) fn read(&mut self, row: Row<'_>) -> Result<Option<PostcodeFact<'_>>, String> {
        let Some(key) = self.key(row)? else { return Ok(None) };
        let introduced = self.month(row, "date of introduction", self.layout.introduced)?;
        let ended = self.month(row, "date of termination", self.layout.terminated)?;
        self.latest = self.latest.max(introduced).max(ended);
        self.read_profile(row)?;
        Ok(Some(PostcodeFact { key, ended, profile: &self.profile }))
    }

    fn key(&self, row: Row<'_>) -> Result<Option<PostcodeKey>, String> {
        let cell = row.text(Some(self.layout.key)).ok_or("postcode: must not be empty")?;
        match (Postcode::parse(cell), self.layout.dates) {
            (Ok(postcode), _) => Ok(Some(postcode.key())),
            (Err(_), Dates::Scottish) if is_split(cell, 'A') => Ok(half(cell).map(Postcode::key)),
            (Err(_), Dates::Scottish) if half(cell).is_some() => Ok(None),
            (Err(flaw), _) => Err(format!("postcode: {flaw}")),
        }
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

    fn country(&self, areas: &[(AreaKind, AreaCode)]) -> Option<Country> {
        let told = areas.iter().find(|(kind, _code)| *kind == AreaKind::Nation);
        told.and_then(|(_kind, code)| Country::from_code(code.as_str())).or(self.layout.country)
    }
}

/// What a code means in a column: pseudo-codes mean none, and some columns hold what other nations have instead.
fn meant(kind: AreaKind, code: AreaCode) -> Option<(AreaKind, AreaCode)> {
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

/// The Scottish directory splits a postcode that lies in two areas: `PA75 6NUA` has the greater part.
fn is_split(cell: &str, half_letter: char) -> bool {
    cell.ends_with(half_letter) && half(cell).is_some()
}

fn half(cell: &str) -> Option<Postcode> {
    let whole = cell.strip_suffix(|c: char| c.is_ascii_uppercase())?;
    Postcode::parse(whole).ok()
}

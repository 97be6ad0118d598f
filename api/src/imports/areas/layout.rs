//! The layouts of area lists, recognised by their headers.

use super::boundary_sets::{completed, general_election};
use super::fact::AreaFact;
use crate::imports::cells::{date, name};
use crate::imports::error::ImportError;
use crate::imports::ons::{OnsColumn, Part};
use crate::imports::table::{Column, Row, Table};
use chrono::{Datelike, NaiveDate};
use postbag_domain::{Area, AreaCode, AreaKey, AreaKind};

const EXPECTED: &str = "is no list of areas that is known here. Expected are the columns code, name, kind (and if wanted \
    name_cy, name_gd, generation, parent_code, seats, start_date, end_date, alias_of), or codes and names as the Office for \
    National Statistics heads them, such as pcon24cd, pcon24nm";

/// One of the layouts, with the places of its columns.
pub(super) enum Layout {
    /// Our own.
    Documented(Box<Documented>),
    /// Gaelic names for Holyrood's areas.
    GaelicNames { code: Column, kind: Column, name_gd: Column },
    /// Codes that were re-issued.
    Aliases { old: Column, code: Column, name: Column },
    /// What became of the Cancer Alliances of 2021: the code of each, and that of the one that follows it.
    Alliances { old: Column, old_name: Column, code: Column, name: Column },
    /// Northern Ireland's constituencies, of two generations and for two parliaments.
    NorthernIreland { generation: Column, code: Column, name: Column, seats: Column, used_for: Column },
    /// The Senedd's own list of its constituencies, or of its regions.
    Senedd(Box<Senedd>),
    /// Pairs of codes and names.
    Pairs(Vec<Pair>),
}

/// Our own layout.
pub(super) struct Documented {
    code: Column,
    name: Column,
    kind: Column,
    name_cy: Column,
    name_gd: Column,
    generation: Column,
    parent_code: Column,
    seats: Column,
    start_date: Column,
    end_date: Column,
    alias_of: Column,
}

/// The Senedd's own list.
pub(super) struct Senedd {
    kind: AreaKind,
    code: Column,
    name: Column,
    name_cy: Column,
    parent: Column,
    seats: Column,
    start_date: Column,
    end_date: Column,
}

/// A code and a name of one kind of area.
pub(super) struct Pair {
    kind: AreaKind,
    year: Option<u16>,
    code: Column,
    name: Column,
    welsh: Column,
    seats: Column,
    parent: Column,
}

impl Layout {
    /// Recognises the layout by the header.
    pub(super) fn of(table: &mut Table<'_>) -> Result<Self, ImportError> {
        if table.has(&["code", "name", "kind"]) {
            return Ok(Self::Documented(Box::new(Documented::of(table))));
        }
        if table.has(&["code", "kind", "name_gd"]) {
            let mut column = |name| table.column(name);
            return Ok(Self::GaelicNames { code: column("code"), kind: column("kind"), name_gd: column("name_gd") });
        }
        if table.has(&["old_or_provisional_code", "pcon24cd", "pcon24nm"]) {
            let mut column = |name| table.column(name);
            let (old, code, name) = (column("old_or_provisional_code"), column("pcon24cd"), column("pcon24nm"));
            return Ok(Self::Aliases { old, code, name });
        }
        if table.has(&["cal21cd", "cal21nm", "cal24cd", "cal24nm", "change"]) {
            let mut column = |name| table.column(name);
            let (old, old_name) = (column("cal21cd"), column("cal21nm"));
            return Ok(Self::Alliances { old, old_name, code: column("cal24cd"), name: column("cal24nm") });
        }
        if table.has(&["boundary_generation", "gss_code", "name", "used_for"]) {
            return Ok(northern_ireland(table));
        }
        if let Some(senedd) = Senedd::of(table) {
            return Ok(Self::Senedd(Box::new(senedd)));
        }
        pairs(table)
    }

    /// The facts of a row.
    pub(super) fn facts(&self, row: Row<'_>) -> Result<Vec<AreaFact>, String> {
        let areas = match self {
            Self::Documented(columns) => vec![columns.area(row)?],
            Self::GaelicNames { code, kind, name_gd } => return gaelic_name(row, *code, *kind, *name_gd),
            Self::Aliases { old, code, name } => vec![alias(row, *old, *code, *name)?],
            Self::Alliances { old, old_name, code, name } => alliances(row, [*old, *old_name, *code, *name])?,
            Self::NorthernIreland { generation, code, name, seats, used_for } => {
                of_northern_ireland(row, [*generation, *code, *name, *seats, *used_for])?
            }
            Self::Senedd(columns) => vec![columns.area(row)?],
            Self::Pairs(pairs) => {
                let areas: Result<Vec<_>, _> = pairs.iter().map(|pair| pair.area(row)).collect();
                areas?.into_iter().flatten().collect()
            }
        };
        Ok(areas.into_iter().map(|area| AreaFact::Area(Box::new(area))).collect())
    }
}

impl Documented {
    fn of(table: &mut Table<'_>) -> Self {
        let mut column = |name| table.column(name);
        Self {
            code: column("code"),
            name: column("name"),
            kind: column("kind"),
            name_cy: column("name_cy"),
            name_gd: column("name_gd"),
            generation: column("generation"),
            parent_code: column("parent_code"),
            seats: column("seats"),
            start_date: column("start_date"),
            end_date: column("end_date"),
            alias_of: column("alias_of"),
        }
    }

    fn area(&self, row: Row<'_>) -> Result<Area, String> {
        let kind: AreaKind = row.needed("kind", self.kind, str::parse)?;
        let area = area_of(kind, code_of(row, "code", self.code)?, row.needed("name", self.name, name)?);
        let area = Area {
            name_cy: row.parsed("name_cy", self.name_cy, name)?,
            name_gd: row.parsed("name_gd", self.name_gd, name)?,
            generation: row.parsed("generation", self.generation, name)?,
            parent_code: row.parsed("parent_code", self.parent_code, str::parse)?,
            seats: row.parsed("seats", self.seats, seats)?,
            start_date: row.parsed("start_date", self.start_date, date)?,
            end_date: row.parsed("end_date", self.end_date, date)?,
            alias_of: row.parsed("alias_of", self.alias_of, str::parse)?,
            ..area
        };
        checked(area)
    }
}

impl Senedd {
    fn of(table: &mut Table<'_>) -> Option<Self> {
        let (kind, code) = [(AreaKind::SeneddConstituency, "sencd"), (AreaKind::SeneddRegion, "senercd")]
            .into_iter()
            .find(|(_kind, code)| table.has(&[code, "name_en", "name_cy"]))?;
        let mut column = |name| table.column(name);
        Some(Self {
            kind,
            code: column(code),
            name: column("name_en"),
            name_cy: column("name_cy"),
            parent: column("region_code"),
            seats: column("seats"),
            start_date: column("start_date"),
            end_date: column("end_date"),
        })
    }

    fn area(&self, row: Row<'_>) -> Result<Area, String> {
        let area = area_of(self.kind, code_of(row, "code", self.code)?, row.needed("name_en", self.name, name)?);
        let start_date = row.parsed("start_date", self.start_date, date)?;
        checked(Area {
            name_cy: row.parsed("name_cy", self.name_cy, name)?,
            generation: start_date.map(|day: NaiveDate| day.year().to_string()),
            parent_code: row.parsed("region_code", self.parent, str::parse)?,
            seats: row.parsed("seats", self.seats, seats)?,
            start_date,
            end_date: row.parsed("end_date", self.end_date, date)?,
            ..area
        })
    }
}

impl Pair {
    fn area(&self, row: Row<'_>) -> Result<Option<Area>, String> {
        let code = row.parsed("code", self.code, str::parse::<AreaCode>)?;
        let Some(code) = code.filter(|code| !code.is_pseudo() && !is_crown(*code)) else { return Ok(None) };
        let area = area_of(self.kind, code, row.needed("name", self.name, name)?);
        let parent_code = row.parsed("code", self.parent, str::parse::<AreaCode>)?;
        Ok(Some(completed(Area {
            name_cy: row.parsed("name", self.welsh, name)?,
            generation: self.year.map(|year| year.to_string()),
            parent_code: parent_code.filter(|code| !code.is_pseudo()),
            seats: row.parsed("list_seats", self.seats, seats)?,
            ..area
        })))
    }
}

fn area_of(kind: AreaKind, code: AreaCode, name: String) -> Area {
    Area::new(AreaKey { kind, code }, name)
}

/// A Crown dependency's code: outside the nations.
fn is_crown(code: AreaCode) -> bool {
    matches!(code.as_str().as_bytes().first(), Some(b'L' | b'M'))
}

/// The areas that an area of this kind lies in, as far as anything here asks.
const fn parent(kind: AreaKind) -> Option<AreaKind> {
    match kind {
        AreaKind::HolyroodConstituency => Some(AreaKind::HolyroodRegion),
        AreaKind::SubIcb => Some(AreaKind::Icb),
        _ => None,
    }
}

/// Every pair of a code and a name in the header; of two lists of one kind the newer.
fn pairs(table: &mut Table<'_>) -> Result<Layout, ImportError> {
    if table.header().iter().any(|name| matches!(name.as_str(), "pcds" | "pcd" | "pcd7" | "postcode")) {
        return Err(table.source().refused("is a file of postcodes: import it as postcodes"));
    }
    let columns: Vec<(usize, OnsColumn)> =
        table.header().iter().enumerate().filter_map(|(at, name)| Some((at, OnsColumn::read(name)?))).collect();
    let place = |kind, year, part| {
        let is_it = |(_at, column): &&(usize, OnsColumn)| *column == OnsColumn { kind, year, part };
        columns.iter().find(is_it).map(|(at, _column)| *at)
    };
    let newest = |kind| {
        let years = columns.iter().filter(|(_at, column)| column.kind == kind && column.part == Part::Code);
        years.map(|(_at, column)| column.year).max()
    };
    let mut pairs = Vec::new();
    for kind in AreaKind::ALL.iter().copied() {
        let Some(year) = newest(kind) else { continue };
        let (code, name) = (place(kind, year, Part::Code), place(kind, year, Part::Name));
        if code.is_none() || name.is_none() {
            continue;
        }
        let parent = parent(kind).and_then(|kind| place(kind, newest(kind)?, Part::Code));
        let seats = if kind == AreaKind::HolyroodRegion { table.column("list_seats") } else { None };
        let welsh = place(kind, year, Part::WelshName);
        [code, name, welsh].into_iter().flatten().for_each(|place| table.take(place));
        pairs.push(Pair { kind, year, code, name, welsh, seats, parent });
    }
    if pairs.is_empty() { Err(table.source().refused(EXPECTED)) } else { Ok(Layout::Pairs(pairs)) }
}

fn northern_ireland(table: &mut Table<'_>) -> Layout {
    let mut column = |name| table.column(name);
    Layout::NorthernIreland {
        generation: column("boundary_generation"),
        code: column("gss_code"),
        name: column("name"),
        seats: column("assembly_seats"),
        used_for: column("used_for"),
    }
}

/// The areas of 2008 are the Assembly's still, and were the Commons' until 2024; those of 2024 are the Commons' alone.
fn of_northern_ireland(row: Row<'_>, columns: [Column; 5]) -> Result<Vec<Area>, String> {
    let [generation, code, name_column, seats_column, used_for] = columns;
    let used_for = row.text(used_for).unwrap_or_default().to_lowercase();
    let named = |kind| -> Result<Area, String> {
        let area = area_of(kind, code_of(row, "gss_code", code)?, row.needed("name", name_column, name)?);
        Ok(Area { generation: row.parsed("boundary_generation", generation, name)?, ..area })
    };
    let mut areas = Vec::new();
    if used_for.contains("assembly") {
        let seats = row.parsed("assembly_seats", seats_column, seats)?;
        areas.push(Area { seats, ..named(AreaKind::AssemblyConstituency)? });
    }
    if let Some((_before, when)) = used_for.split_once("westminster") {
        let (start_date, end_date) = westminster_use(when);
        let area = named(AreaKind::WestminsterConstituency)?;
        areas.push(completed(Area { seats: Some(1), start_date, end_date, ..area }));
    }
    if areas.is_empty() { Err("used_for: must name the assembly or Westminster".to_owned()) } else { Ok(areas) }
}

/// `since 2024-07-04` or `2010-2024`: from one general election to the day before another.
fn westminster_use(when: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let when = when.trim();
    if let Some(day) = when.strip_prefix("since ") {
        return (date(day.trim()).ok(), None);
    }
    let election = |year: &str| year.trim().parse().ok().and_then(general_election);
    let Some((from, to)) = when.split_once('-') else { return (None, None) };
    (election(from), election(to).and_then(|day| day.pred_opt()))
}

fn gaelic_name(row: Row<'_>, code: Column, kind: Column, name_gd: Column) -> Result<Vec<AreaFact>, String> {
    let kind = match row.text(kind).unwrap_or_default() {
        "region" => AreaKind::HolyroodRegion,
        "constituency" => AreaKind::HolyroodConstituency,
        other => other.parse().map_err(|flaw| format!("kind: {flaw}"))?,
    };
    let key = AreaKey { kind, code: code_of(row, "code", code)? };
    let name = row.parsed("name_gd", name_gd, name)?;
    Ok(name.map(|name| AreaFact::GaelicName(key, name)).into_iter().collect())
}

fn alias(row: Row<'_>, old: Column, code: Column, name_column: Column) -> Result<Area, String> {
    let kind = AreaKind::WestminsterConstituency;
    let area = area_of(kind, code_of(row, "old_or_provisional_code", old)?, row.needed("pcon24nm", name_column, name)?);
    Ok(Area { alias_of: Some(code_of(row, "pcon24cd", code)?), ..area })
}

/// The alliance of 2024, and that of 2021 as its alias where its code is another. Several can have become one.
fn alliances(row: Row<'_>, columns: [Column; 4]) -> Result<Vec<Area>, String> {
    let [old, old_name, code, name_column] = columns;
    let kind = AreaKind::CancerAlliance;
    let of_year = |area, year: &str| Area { generation: Some(year.to_owned()), ..area };
    let now = area_of(kind, code_of(row, "cal24cd", code)?, row.needed("cal24nm", name_column, name)?);
    let before = area_of(kind, code_of(row, "cal21cd", old)?, row.needed("cal21nm", old_name, name)?);
    let alias = (before.key != now.key).then(|| Area { alias_of: Some(now.key.code), ..of_year(before, "2021") });
    Ok(std::iter::once(of_year(now, "2024")).chain(alias).collect())
}

fn code_of(row: Row<'_>, name: &str, column: Column) -> Result<AreaCode, String> {
    let code: AreaCode = row.needed(name, column, str::parse)?;
    if code.is_pseudo() { Err(format!("{name}: is a code that means none")) } else { Ok(code) }
}

fn seats(cell: &str) -> Result<u16, String> {
    cell.parse().ok().filter(|seats| *seats > 0).ok_or_else(|| "must be a whole number above zero".to_owned())
}

fn checked(area: Area) -> Result<Area, String> {
    match (area.start_date, area.end_date) {
        (Some(first), Some(last)) if last < first => Err("end_date: must not be before start_date".to_owned()),
        _ if area.alias_of == Some(area.key.code) => Err("alias_of: must be another code".to_owned()),
        _ => Ok(area),
    }
}

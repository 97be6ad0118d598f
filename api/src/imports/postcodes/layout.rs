//! The layouts of postcode files, recognised by the header or, without one, by the first row.

use crate::imports::Options;
use crate::imports::error::ImportError;
use crate::imports::ons::OnsColumn;
use crate::imports::source::Source;
use crate::imports::table::{Column, Row, Table};
use postbag_domain::{AreaCode, AreaKind, Country, Nation, Postcode};

const EXPECTED: &str = "is no postcode file that is known here. Expected are a column of postcodes (pcds, pcd7, pcd8, pcd, pcd2 or \
    postcode) and columns of area codes such as ctry25cd, rgn25cd, lad25cd, pcon24cd, icb23cd, cal24cd, sen26cd, spc26cd, spr26cd \
    or nia_cd (and if wanted share, where several rows are about parts of one postcode); or the Scottish Postcode Directory as it is";

/// `CensusHouseholdCount2011` in the Scottish directory of small users.
const HOUSEHOLDS_2011: usize = 26;

/// The columns of postcodes, the best first.
pub(in crate::imports) const KEYS: [&str; 6] = ["pcds", "pcd7", "pcd8", "pcd", "pcd2", "postcode"];

/// How a file writes the month in which a postcode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    /// `202309`.
    YearMonth,
    /// `1/9/2023 00:00:00`.
    Scottish,
}

/// How a file marks postcodes of one large user of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LargeUsers {
    /// It does not.
    Unmarked,
    /// All of them are.
    All,
    /// Those with this word in this column.
    Marked(usize, &'static [u8]),
}

/// The places of the columns in a file.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) key: usize,
    pub(super) introduced: Column,
    pub(super) terminated: Column,
    pub(super) dates: Dates,
    /// The country of every row, if the file is of one country.
    pub(super) country: Option<Country>,
    /// The columns of area codes.
    pub(super) areas: Vec<(usize, AreaKind)>,
    /// A column with the name of an area instead of its code.
    pub(super) named: Option<(usize, AreaKind)>,
    pub(super) large_users: LargeUsers,
    /// How much of a postcode a row is about: several rows of such a file may be about one postcode.
    pub(super) share: Column,
    /// How many households were counted in a half of the Scottish directory.
    pub(super) households: Column,
    family: Option<&'static str>,
}

impl Layout {
    /// The layout of a table.
    pub(super) fn of(table: &mut Table<'_>, options: &Options) -> Result<Self, ImportError> {
        let first = table.first();
        if first.text(Some(0)).is_some_and(|cell| Postcode::parse(cell).is_ok()) {
            let layout = scottish(first).or_else(|| named(first, options));
            table.without_header();
            return layout.ok_or_else(|| table.source().refused(EXPECTED));
        }
        Self::of_header(table).ok_or_else(|| table.source().refused(EXPECTED))
    }

    /// The layer's usual name.
    pub(super) fn layer(&self, source: &Source) -> String {
        self.family.map_or_else(|| source.stem().to_lowercase(), ToOwned::to_owned)
    }

    /// The kinds of area that it has columns for.
    pub(super) fn kinds(&self) -> impl Iterator<Item = AreaKind> {
        self.areas.iter().chain(&self.named).map(|(_at, kind)| *kind)
    }

    fn of_header(table: &mut Table<'_>) -> Option<Self> {
        let key = KEYS.iter().find_map(|key| table.column(key))?;
        let areas = area_columns(table.header());
        if areas.is_empty() {
            return None;
        }
        for (at, _kind) in &areas {
            table.take(*at);
        }
        let is_scottish = table.has(&["dateofdeletion"]);
        let (introduced, terminated) = if is_scottish {
            (table.column("dateofintroduction"), table.column("dateofdeletion"))
        } else {
            (table.column("dointr"), table.column("doterm"))
        };
        let family = family(table, &areas);
        let large_users = large_users(table);
        let households = newest_households(table.header());
        if let Some(column) = households {
            table.take(column);
        }
        Some(Self {
            key,
            introduced,
            terminated,
            dates: if is_scottish { Dates::Scottish } else { Dates::YearMonth },
            country: is_scottish.then_some(Country::Nation(Nation::Scotland)),
            areas,
            named: None,
            large_users,
            share: table.column("share"),
            households,
            family,
        })
    }
}

/// ONS marks large users by a number, the Scottish directory by a letter or by giving them a file of their own.
fn large_users(table: &mut Table<'_>) -> LargeUsers {
    const MARKS: [(&str, &[u8]); 3] = [("usertype", b"1"), ("usrtypind", b"1"), ("postcodetype", b"L")];
    let marked = MARKS.iter().find_map(|(name, mark)| Some(LargeUsers::Marked(table.column(name)?, mark)));
    let all = || table.column("linkedsmalluserpostcode").map(|_column| LargeUsers::All);
    marked.or_else(all).unwrap_or(LargeUsers::Unmarked)
}

/// The households of the latest census.
fn newest_households(header: &[String]) -> Column {
    let year = |name: &str| name.strip_prefix("censushouseholdcount")?.parse::<u16>().ok();
    let counts = header.iter().enumerate().filter_map(|(at, name)| Some((year(name)?, at)));
    counts.max().map(|(_year, at)| at)
}

/// The layer that a header's columns tell.
fn family(table: &Table<'_>, areas: &[(usize, AreaKind)]) -> Option<&'static str> {
    let has_any = |names: &[&str]| names.iter().any(|name| table.has(&[name]));
    if has_any(&["gridind", "osgrdind"]) && table.has(&["doterm"]) {
        return Some("onspd");
    }
    match areas {
        _ if table.has(&["share"]) => None,
        [(_at, AreaKind::SeneddConstituency)] => Some("senedd"),
        _ if table.has(&["pcds", "pqi"]) => Some("compact"),
        _ => None,
    }
}

/// Every column of area codes; of two lists of one kind the newer.
fn area_columns(header: &[String]) -> Vec<(usize, AreaKind)> {
    let mut columns: Vec<(usize, AreaKind, Option<u16>)> = Vec::new();
    for (at, name) in header.iter().enumerate() {
        let Some((kind, year)) = area_column(name) else { continue };
        match columns.iter_mut().find(|(_at, known, _year)| *known == kind) {
            Some(known) if known.2 < year => *known = (at, kind, year),
            Some(_newer) => {}
            None => columns.push((at, kind, year)),
        }
    }
    columns.into_iter().map(|(at, kind, _year)| (at, kind)).collect()
}

fn area_column(name: &str) -> Option<(AreaKind, Option<u16>)> {
    const SCOTTISH: [(&str, AreaKind); 4] = [
        ("scottishparliamentaryconstituency", AreaKind::HolyroodConstituency),
        ("scottishparliamentaryregion", AreaKind::HolyroodRegion),
        ("ukparliamentaryconstituency", AreaKind::WestminsterConstituency),
        ("councilarea", AreaKind::LocalAuthority),
    ];
    if let Some((stem, kind)) = SCOTTISH.iter().find(|(stem, _kind)| name.starts_with(stem)) {
        let year = name.strip_prefix(stem)?.strip_suffix("code")?;
        return Some((*kind, year.parse().ok()));
    }
    let column = OnsColumn::read_code(name)?;
    // The Commons left the boundaries of 2008 in 2024; Northern Ireland's Assembly kept them.
    let kind = match (column.kind, column.year) {
        (AreaKind::WestminsterConstituency, Some(2008)) => AreaKind::AssemblyConstituency,
        (kind, _year) => kind,
    };
    Some((kind, column.year))
}

/// The Scottish Postcode Directory as National Records of Scotland publishes it: no header, large users and small ones apart.
fn scottish(first: Row<'_>) -> Option<Layout> {
    let holds = |at: usize, initial: &str| {
        first.text(Some(at)).is_some_and(|cell| cell.starts_with(initial) && cell.parse::<AreaCode>().is_ok())
    };
    let is = |constituency: usize| first.len() > 40 && holds(constituency, "S16") && holds(constituency - 1, "S17");
    let (family, constituency) =
        [("scotland-large", 14), ("scotland-small", 13)].into_iter().find(|(_, at)| is(*at))?;
    let is_large = family == "scotland-large";
    Some(Layout {
        key: 0,
        introduced: Some(3),
        terminated: Some(4),
        dates: Dates::Scottish,
        country: Some(Country::Nation(Nation::Scotland)),
        areas: vec![
            (constituency - 3, AreaKind::LocalAuthority),
            (constituency - 1, AreaKind::HolyroodRegion),
            (constituency, AreaKind::HolyroodConstituency),
        ],
        named: None,
        large_users: if is_large { LargeUsers::All } else { LargeUsers::Unmarked },
        share: None,
        households: if is_large { None } else { Some(HOUSEHOLDS_2011) },
        family: Some(family),
    })
}

/// Two columns without a header: a postcode and the name of the Assembly's constituency, or of the kind that was asked for.
fn named(first: Row<'_>, options: &Options) -> Option<Layout> {
    let is_ulster = first.text(Some(0)).is_some_and(|cell| cell.to_uppercase().starts_with("BT"));
    let kind = options.kind.or_else(|| is_ulster.then_some(AreaKind::AssemblyConstituency))?;
    (first.len() == 2).then_some(Layout {
        key: 0,
        introduced: None,
        terminated: None,
        dates: Dates::YearMonth,
        country: None,
        areas: Vec::new(),
        named: Some((1, kind)),
        large_users: LargeUsers::Unmarked,
        share: None,
        households: None,
        family: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(header: &str) -> Vec<(usize, &'static str)> {
        let header: Vec<String> = header.split(',').map(ToOwned::to_owned).collect();
        area_columns(&header).into_iter().map(|(at, kind)| (at, kind.as_str())).collect()
    }

    #[test]
    fn columns_are_known_by_the_area_they_are_about() {
        assert_eq!(
            kinds("pcds,ctry,pcon24cd,pcon24nm,nia_cd,oscty,hlthau"),
            [(1, "nation"), (2, "westminster_constituency"), (4, "assembly_constituency")]
        );
        assert_eq!(kinds("pcds,cal21cd,cal24cd"), [(2, "cancer_alliance")]);
        assert_eq!(
            kinds("pcds,lad_code,pcon_2008_code,pcon24cd"),
            [(1, "local_authority"), (2, "assembly_constituency"), (3, "westminster_constituency")]
        );
        let scottish = "postcode,scottishparliamentaryconstituency2014code,scottishparliamentaryconstituency2026code";
        assert_eq!(kinds(scottish), [(2, "holyrood_constituency")]);
    }
}

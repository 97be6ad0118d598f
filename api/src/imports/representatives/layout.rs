//! The layouts of tables of representatives, recognised by their headers.

use crate::imports::Options;
use crate::imports::cells::{date, email, is_vacant, name};
use crate::imports::error::ImportError;
use crate::imports::member::{AreaGiven, Member};
use crate::imports::source::Source;
use crate::imports::table::{Column, Row, Table};
use postbag_domain::directory::change::Field;
use postbag_domain::{AreaCode, Flaw, Office};

const EXPECTED: &str = "is no table of representatives that is known here. Expected are the columns external_id, area_code, \
    office, name (and if wanted party, email, start_date, end_date, source, salutation, route, language, verified_on), a published \
    table of members, or Popolo JSON";

/// A published table: which columns tell what.
struct Known {
    /// The columns by which it is known.
    header: &'static [&'static str],
    /// The scheme of its ids, and their column; without one, seat and name stand in.
    id: Option<(&'static str, &'static str)>,
    /// The offices it may list: the areas decide.
    offices: &'static [Office],
    /// The column of the area, and whether it holds a code.
    area: (&'static str, bool),
    /// The columns of the name: each of these lists is tried, and its cells joined.
    names: &'static [&'static [&'static str]],
    party: &'static str,
    email: Option<&'static str>,
    start: Option<&'static str>,
}

const KNOWN: [Known; 6] = [
    // Members of the House of Commons with their addresses, by the Department for Education.
    Known {
        header: &["pcon_code", "member_id", "display_as", "party_text", "member_email"],
        id: Some(("parliament", "member_id")),
        offices: &[Office::Mp],
        area: ("pcon_code", true),
        names: &[&["display_as"]],
        party: "party_text",
        email: Some("member_email"),
        start: None,
    },
    // Members of the House of Commons, by Open Innovations.
    Known {
        header: &["pcon24cd", "mp", "id", "party name"],
        id: Some(("parliament", "id")),
        offices: &[Office::Mp],
        area: ("pcon24cd", true),
        names: &[&["mp"]],
        party: "party name",
        email: None,
        start: Some("start date"),
    },
    // Members of the Senedd, by the candidates that Democracy Club lists.
    Known {
        header: &["sen26cd", "seat_order", "name", "party", "dc_person_id"],
        id: Some(("democracy-club", "dc_person_id")),
        offices: &[Office::Ms],
        area: ("sen26cd", true),
        names: &[&["name"]],
        party: "party",
        email: None,
        start: None,
    },
    // Constituency members of the Scottish Parliament, likewise.
    Known {
        header: &["spc26cd", "dc_name", "dc_person_id", "party", "name_in_results_source"],
        id: Some(("democracy-club", "dc_person_id")),
        offices: &[Office::MspConstituency],
        area: ("spc26cd", true),
        names: &[&["name_in_results_source"], &["dc_name"]],
        party: "party",
        email: None,
        start: None,
    },
    // Members of the Scottish Parliament with the kind of their area, whose addresses nobody has verified.
    Known {
        header: &["name", "area_type", "area_code", "party", "email_unverified"],
        id: None,
        offices: &[Office::MspConstituency, Office::MspRegion],
        area: ("area_code", true),
        names: &[&["name"]],
        party: "party",
        email: None,
        start: None,
    },
    // Members of the Northern Ireland Assembly, from its own list.
    Known {
        header: &["id", "name", "first_name", "last_name", "party", "area"],
        id: Some(("ni-assembly", "id")),
        offices: &[Office::Mla],
        area: ("area", false),
        names: &[&["first_name", "last_name"], &["name"]],
        party: "party",
        email: None,
        start: None,
    },
];

/// A table's layout, with the places of its columns.
pub(super) struct Layout {
    id: Option<(Option<&'static str>, Column)>,
    offices: Vec<Office>,
    office: Column,
    area: (Column, bool),
    names: Vec<Vec<Column>>,
    party: Column,
    email: Column,
    start: Column,
    end: Column,
    salutation: Column,
    route: Column,
    language: Column,
    source: Column,
    verified_on: Column,
}

impl Layout {
    /// Recognises the layout by the header.
    pub(super) fn of(table: &mut Table<'_>, options: &Options) -> Result<Self, ImportError> {
        if table.has(&["external_id", "area_code", "name"]) {
            return Self::documented(table, options);
        }
        if table.has(&["party_ec_id", "dc_person_id"]) {
            return Err(table.source().refused("lists candidates: only people who were elected can be written to"));
        }
        match KNOWN.iter().find(|known| table.has(known.header)) {
            Some(known) => Ok(Self::known(known, table)),
            None => Err(table.source().refused(EXPECTED)),
        }
    }

    fn documented(table: &mut Table<'_>, options: &Options) -> Result<Self, ImportError> {
        let office = table.column("office");
        if office.is_none() && options.office.is_none() {
            return Err(table.source().refused("has no column office: say --office"));
        }
        Ok(Self {
            id: Some((None, table.column("external_id"))),
            offices: options.office.into_iter().collect(),
            office,
            area: (table.column("area_code"), true),
            names: vec![vec![table.column("name")]],
            party: table.column("party"),
            email: table.column("email"),
            start: table.column("start_date"),
            end: table.column("end_date"),
            salutation: table.column("salutation"),
            route: table.column("route"),
            language: table.column("language"),
            source: table.column("source"),
            verified_on: table.column("verified_on"),
        })
    }

    fn known(known: &Known, table: &mut Table<'_>) -> Self {
        let names = known.names.iter().map(|names| names.iter().map(|name| table.column(name)).collect()).collect();
        Self {
            id: known.id.map(|(scheme, name)| (Some(scheme), table.column(name))),
            offices: known.offices.to_vec(),
            office: None,
            area: (table.column(known.area.0), known.area.1),
            names,
            party: table.column(known.party),
            email: known.email.and_then(|name| table.column(name)),
            start: known.start.and_then(|name| table.column(name)),
            end: None,
            salutation: None,
            route: None,
            language: None,
            source: None,
            verified_on: None,
        }
    }

    /// The member in a row; `None` for a vacant seat.
    pub(super) fn member(&self, source: &Source, row: Row<'_>) -> Result<Option<Member>, String> {
        let area = self.area(row)?;
        let Some(person) = self.name(row)? else { return Err("name: must not be empty".to_owned()) };
        if is_vacant(&person) {
            return Ok(None);
        }
        let offices = match row.parsed("office", self.office, str::parse)? {
            Some(office) => vec![office],
            None if self.offices.is_empty() => return Err("office: must not be empty".to_owned()),
            None => self.offices.clone(),
        };
        let external_id = self.external_id(row, &area, &person)?;
        let member = Member::new(source.name(), &offices, area, external_id, person);
        self.rest(row, member).map(Some)
    }

    fn rest(&self, row: Row<'_>, member: Member) -> Result<Member, String> {
        let (start_date, end_date) =
            (row.parsed("start_date", self.start, date)?, row.parsed("end_date", self.end, date)?);
        if start_date.zip(end_date).is_some_and(|(start, end)| end < start) {
            return Err("end_date: must not be before start_date".to_owned());
        }
        Ok(Member {
            salutation: row.parsed("salutation", self.salutation, name)?,
            party: field(self.party, row.parsed("party", self.party, name)?),
            email: field(self.email, row.parsed("email", self.email, email)?.flatten()),
            route: row.parsed("route", self.route, str::parse)?,
            language: row.parsed("language", self.language, str::parse)?,
            source: row.parsed("source", self.source, name)?.or(member.source),
            verified_on: row.parsed("verified_on", self.verified_on, date)?,
            start_date,
            end_date,
            ..member
        })
    }

    fn area(&self, row: Row<'_>) -> Result<AreaGiven, String> {
        let (column, is_code) = self.area;
        if is_code {
            row.needed("area_code", column, str::parse::<AreaCode>).map(AreaGiven::Code)
        } else {
            row.needed("area", column, name).map(AreaGiven::Name)
        }
    }

    /// The first list of columns that has anything, its cells joined.
    fn name(&self, row: Row<'_>) -> Result<Option<String>, String> {
        let joined = self.names.iter().find_map(|columns| {
            let words: Vec<&str> = columns.iter().filter_map(|column| row.text(*column)).collect();
            (!words.is_empty()).then(|| words.join(" "))
        });
        joined
            .map(|joined| name(&joined))
            .transpose()
            .map(|name| name.map(quiet))
            .map_err(|flaw| format!("name: {flaw}"))
    }

    fn external_id(&self, row: Row<'_>, area: &AreaGiven, person: &str) -> Result<String, String> {
        let Some((scheme, column)) = self.id else {
            let AreaGiven::Code(code) = area else { return Err("area_code: must not be empty".to_owned()) };
            return Ok(format!("seat:{code}/{}", crate::imports::cells::folded(person)));
        };
        let id = row.needed("external_id", column, identifier)?;
        Ok(scheme.map_or_else(|| id.clone(), |scheme| format!("{scheme}:{id}")))
    }
}

/// An id at the source: no spaces, and not a word such as "Vacant" by accident of length.
fn identifier(cell: &str) -> Result<String, Flaw> {
    let is_plain = cell.len() <= 200 && cell.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if is_plain {
        Ok(cell.to_owned())
    } else {
        Err(Flaw::new("external_id_invalid", "must be one word of at most 200 bytes"))
    }
}

fn field<T>(column: Column, cell: Option<T>) -> Field<T> {
    if column.is_some() { Field::from(cell) } else { Field::Missing }
}

/// `Pauline STAFFORD` as `Pauline Stafford`: ballot papers shout surnames.
fn quiet(name: String) -> String {
    let shouts =
        |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 2 && !word.chars().any(char::is_lowercase);
    if !name.split(' ').any(shouts) || name.split(' ').all(shouts) {
        return name;
    }
    let hush = |word: &str| if shouts(word) { capitalised(word) } else { word.to_owned() };
    name.split(' ').map(hush).collect::<Vec<_>>().join(" ")
}

fn capitalised(word: &str) -> String {
    let mut starts = true;
    let letter = |c: char| {
        let kept = if starts { c } else { c.to_lowercase().next().unwrap_or(c) };
        starts = !c.is_alphabetic();
        kept
    };
    word.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_need_not_shout() {
        for (given, quieted) in [
            ("Pauline STAFFORD", "Pauline Stafford"),
            ("Sanne DIJKSTRA-DOWNIE", "Sanne Dijkstra-Downie"),
            ("J.K. Rowling", "J.K. Rowling"),
            ("Ann MacDonald", "Ann MacDonald"),
            ("SIR MARK", "SIR MARK"),
        ] {
            assert_eq!(quiet(given.to_owned()), quieted);
        }
    }
}

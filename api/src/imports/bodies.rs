//! Lists of bodies: our own layout, and lists of codes and names of an area that a body goes with.

use super::cells::{email, name};
use super::error::ImportError;
use super::ons::{OnsColumn, Part};
use super::source::Source;
use super::table::{Column, Row, Table};
use super::{Options, Progress, Reading};
use postbag_domain::{AreaCode, AreaKey, AreaKind, Body, Route};
use std::collections::BTreeMap;

const EXPECTED: &str = "is no list of bodies that is known here. Expected are the columns code, name (and if wanted kind, email, \
    route, source), or codes and names as the Office for National Statistics heads them, such as cal24cd, cal24nm";

/// The places of the columns in a list.
struct Layout {
    fixed: Option<AreaKind>,
    code: Column,
    name: Column,
    kind: Column,
    email: Column,
    route: Column,
    source: Column,
}

/// A body in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyFact {
    body: Body,
    /// Its route, if the file gives one.
    route: Option<Route>,
}

impl BodyFact {
    /// The body, with the route that is known where the file gives none: an address opens the usual one.
    pub(super) fn over(self, known: Option<&Body>) -> Body {
        let email = self.body.email.or_else(|| known.and_then(|known| known.email.clone()));
        let usual = if email.is_some() { Route::Email } else { Route::NoAddress };
        let kept = known.map(|known| known.route).filter(|route| *route != Route::NoAddress);
        Body { route: self.route.or(kept).unwrap_or(usual), email, ..self.body }
    }

    /// Its identity.
    pub(super) const fn key(&self) -> AreaKey {
        self.body.key()
    }
}

/// Reads one file.
pub(super) fn read(
    source: &Source,
    options: &Options,
    reading: &mut Reading,
    progress: Progress,
) -> Result<Vec<BodyFact>, ImportError> {
    let mut table = Table::open(source, source.open(progress)?)?;
    let layout = Layout::of(&mut table, options)?;
    let mut bodies = BTreeMap::new();
    while table.advance(reading)? {
        match layout.body(source, table.row()) {
            Ok(Some(body)) => drop(bodies.insert(body.key(), body)),
            Ok(None) => {}
            Err(detail) => table.note(reading, detail),
        }
    }
    reading.finish(&table);
    Ok(bodies.into_values().collect())
}

impl Layout {
    fn of(table: &mut Table<'_>, options: &Options) -> Result<Self, ImportError> {
        if table.has(&["code", "name"]) {
            return Self::documented(table, options);
        }
        let columns: Vec<(usize, OnsColumn)> =
            table.header().iter().enumerate().filter_map(|(at, name)| Some((at, OnsColumn::read(name)?))).collect();
        let kind = one_kind(table, &columns, options)?;
        let of_kind = || columns.iter().filter(|(_at, column)| column.kind == kind);
        let newest = of_kind().map(|(_at, column)| column.year).max().flatten();
        let place = |part| of_kind().find(|(_at, c)| c.part == part && c.year == newest).map(|(at, _column)| *at);
        let (code, name) = (place(Part::Code), place(Part::Name));
        if code.is_none() || name.is_none() {
            return Err(table.source().refused(EXPECTED));
        }
        [code, name].into_iter().flatten().for_each(|place| table.take(place));
        Ok(Self { fixed: Some(kind), code, name, kind: None, email: None, route: None, source: None })
    }

    fn documented(table: &mut Table<'_>, options: &Options) -> Result<Self, ImportError> {
        let kind = table.column("kind");
        if kind.is_none() && options.kind.is_none() {
            return Err(table.source().refused("has no column kind: say --kind"));
        }
        Ok(Self {
            fixed: options.kind,
            kind,
            code: table.column("code"),
            name: table.column("name"),
            email: table.column("email"),
            route: table.column("route"),
            source: table.column("source"),
        })
    }

    /// The body in a row; none where the row has no code.
    fn body(&self, source: &Source, row: Row<'_>) -> Result<Option<BodyFact>, String> {
        let code = row.parsed("code", self.code, str::parse::<AreaCode>)?;
        let Some(code) = code.filter(|code| !code.is_pseudo()) else {
            return if self.kind.is_some() { Err("code: must not be empty".to_owned()) } else { Ok(None) };
        };
        let kind = row.parsed("kind", self.kind, str::parse)?.or(self.fixed);
        let email = row.parsed("email", self.email, email)?.flatten();
        let route = row.parsed("route", self.route, str::parse)?;
        let body = Body {
            kind: kind.ok_or("kind: must not be empty")?,
            code,
            name: row.needed("name", self.name, name)?,
            email,
            route: Route::NoAddress,
            source: row.parsed("source", self.source, name)?.or_else(|| Some(source.name().to_owned())),
        };
        Ok(Some(BodyFact { body, route }))
    }
}

/// The kind that was asked for, or the only one that the header has.
fn one_kind(table: &Table<'_>, columns: &[(usize, OnsColumn)], options: &Options) -> Result<AreaKind, ImportError> {
    let mut kinds: Vec<AreaKind> = columns.iter().map(|(_at, column)| column.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    match (options.kind, kinds.as_slice()) {
        (Some(kind), _) if kinds.contains(&kind) => Ok(kind),
        (None, [kind]) => Ok(*kind),
        (None, [_, ..]) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            Err(table.source().refused(format!("lists several kinds: say --kind, one of {}", kinds.join(", "))))
        }
        _ => Err(table.source().refused(EXPECTED)),
    }
}

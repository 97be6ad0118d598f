//! Made-up places and people for tests.

use super::{Country, PostcodeLayer, PostcodeTable, PostcodeTableBuilder, Profile, YearMonth};
use crate::{
    Area, AreaCode, AreaKey, AreaKind, Body, LayerId, Office, Postcode, Representative, RepresentativeId, Route,
};
use chrono::NaiveDate;
use uuid::Uuid;

/// A row: postcode, end as `YYYYMM` or nothing, areas.
pub(crate) type Row<'a> = (&'a str, &'a str, &'a [(AreaKind, &'a str)]);

pub(crate) fn code(text: &str) -> AreaCode {
    text.parse().expect("an area code")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn postcode(text: &str) -> Postcode {
    Postcode::parse(text).expect("a postcode")
}

pub(crate) fn area(kind: AreaKind, text: &str, name: &str) -> Area {
    Area::new(AreaKey { kind, code: code(text) }, name.to_owned())
}

pub(crate) fn body(kind: AreaKind, text: &str, name: &str) -> Body {
    Body { kind, code: code(text), name: name.to_owned(), email: None, route: Route::ViaOffice, source: None }
}

pub(crate) fn representative(number: u128, office: Office, area: &str) -> Representative {
    Representative {
        id: RepresentativeId::new(Uuid::from_u128(number)),
        external_id: format!("example:{number}"),
        office,
        area_code: code(area),
        name: format!("Person {number}"),
        salutation: None,
        party: None,
        email: None,
        route: Route::Email,
        language: None,
        source: None,
        verified_on: None,
        bounced_on: None,
        held_on: None,
        digest: None,
        end_decided_on: None,
        start_date: None,
        end_date: None,
    }
}

/// A profile; an area of kind `nation` is the country.
pub(crate) fn profile(areas: &[(AreaKind, &str)]) -> Profile {
    let country =
        areas.iter().find(|(kind, _)| *kind == AreaKind::Nation).and_then(|(_, text)| Country::from_code(text));
    Profile::new(country, &areas.iter().map(|(kind, text)| (*kind, code(text))).collect::<Vec<_>>())
}

pub(crate) fn table(rows: &[Row<'_>]) -> PostcodeTable {
    let mut builder = PostcodeTableBuilder::new();
    for (text, ended, areas) in rows {
        builder.push(postcode(text).key(), YearMonth::parse(ended).ok(), &profile(areas)).expect("room");
    }
    builder.finish().expect("a table").table
}

pub(crate) fn layer(number: u128, as_of: &str, rows: &[Row<'_>]) -> PostcodeLayer {
    PostcodeLayer {
        id: LayerId::new(Uuid::from_u128(number)),
        name: format!("layer-{number}"),
        source: format!("file {number}"),
        as_of: day(as_of),
        kinds: Vec::new(),
        table: table(rows).into(),
    }
}

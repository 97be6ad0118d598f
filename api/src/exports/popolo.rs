//! The directory in the shape of mySociety's `people.json`: Popolo, as its JSON Schema has it. No address leaves in it (C30).
//!
//! Where that shape has no place for something, an identifier of ours holds it, so that the file can be imported again as it is:
//! `postbag` is a person's id at the source, `postbag-office` the office of a post, `gss` the code of an area or a body. A name
//! stands undivided in `family_name`: nothing here guesses where it parts.

use crate::imports::Progress;
use crate::views::popolo;
use chrono::NaiveDate;
use postbag_domain::{AreaCode, AreaKey, Body, Directory, Office, Representative};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The whole directory: persons, their memberships, the posts with their areas, and the organisations. The same directory always
/// gives the same document.
#[derive(Debug, Serialize)]
pub struct PopoloDocument<'a> {
    memberships: Vec<Membership<'a>>,
    organizations: Vec<Organization<'a>>,
    persons: Vec<Person<'a>>,
    posts: Vec<Post<'a>>,
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    id: String,
    identifiers: Vec<Identifier<'a>>,
    names: [Name<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Name<'a> {
    family_name: &'a str,
    note: &'static str,
}

#[derive(Debug, Serialize)]
struct Identifier<'a> {
    identifier: &'a str,
    scheme: &'static str,
}

#[derive(Debug, Serialize)]
struct Membership<'a> {
    id: String,
    person_id: String,
    post_id: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Post<'a> {
    id: String,
    label: String,
    role: &'static str,
    organization_id: String,
    area: Area<'a>,
    identifiers: [OwnedIdentifier; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<NaiveDate>,
}

#[derive(Debug, Serialize)]
struct OwnedIdentifier {
    identifier: String,
    scheme: &'static str,
}

#[derive(Debug, Serialize)]
struct Area<'a> {
    name: &'a str,
    other_names: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Organization<'a> {
    id: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identifiers: Vec<OwnedIdentifier>,
}

impl<'a> PopoloDocument<'a> {
    /// Everything that the directory holds about people, past and present.
    pub fn of(directory: &'a Directory, progress: Progress) -> Self {
        let parties = Parties::of(directory);
        let mut people: Vec<&Representative> = directory.representatives().collect();
        people.sort_by_key(|person| person.id);
        let mut show = progress.count("memberships");
        let memberships = people.iter().enumerate().map(|(done, person)| {
            show(done + 1, people.len());
            membership(person, &parties, directory)
        });
        Self {
            memberships: memberships.collect(),
            organizations: organizations(directory, &parties),
            persons: persons(&people),
            posts: posts(directory),
        }
    }
}

fn membership<'a>(person: &'a Representative, parties: &Parties<'_>, directory: &Directory) -> Membership<'a> {
    Membership {
        id: person.id.to_string(),
        person_id: person_id(&person.external_id),
        post_id: post_id(person.office, seat(person, directory).code),
        role: person.office.title(),
        on_behalf_of_id: person.party.as_deref().and_then(|party| parties.id(party)),
        start_date: person.start_date,
        end_date: person.end_date,
        source: person.source.as_deref(),
    }
}

fn seat(person: &Representative, directory: &Directory) -> AreaKey {
    let kind = person.office.area_kind();
    AreaKey { kind, code: directory.canonical_code(kind, person.area_code) }
}

/// One entry for each person, under the name of the latest membership.
fn persons<'a>(people: &[&'a Representative]) -> Vec<Person<'a>> {
    let mut latest: BTreeMap<&str, &Representative> = BTreeMap::new();
    for person in people {
        let known = latest.entry(&person.external_id).or_insert(person);
        if known.start_date <= person.start_date {
            *known = person;
        }
    }
    latest.into_values().map(entry).collect()
}

fn entry(person: &Representative) -> Person<'_> {
    let parliament = person.external_id.strip_prefix("parliament:");
    let parliament = parliament.map(|identifier| Identifier { identifier, scheme: "datadotparl_id" });
    let own = Identifier { identifier: &person.external_id, scheme: "postbag" };
    Person {
        id: person_id(&person.external_id),
        identifiers: parliament.into_iter().chain([own]).collect(),
        names: [Name { family_name: &person.name, note: "Main" }],
    }
}

fn person_id(external_id: &str) -> String {
    match external_id.strip_prefix("publicwhip:") {
        Some(id) => format!("uk.org.publicwhip/person/{id}"),
        None => format!("postbag/person/{external_id}"),
    }
}

/// A post for each seat that there is or was, whether held or not.
fn posts(directory: &Directory) -> Vec<Post<'_>> {
    let listed = directory.areas().filter(|area| area.alias_of.is_none()).map(|area| area.key);
    let held = directory.representatives().map(|person| seat(person, directory));
    let areas: BTreeSet<AreaKey> = listed.chain(held).collect();
    let of_area = |key: AreaKey| Office::ALL.iter().copied().filter(move |office| office.area_kind() == key.kind);
    areas.iter().flat_map(|key| of_area(*key).map(|office| post(office, *key, directory))).collect()
}

fn post(office: Office, key: AreaKey, directory: &Directory) -> Post<'_> {
    let area = directory.area(key);
    let name = area.map(|area| area.name.as_str()).unwrap_or_default();
    let others = area.into_iter().flat_map(|area| [&area.name_cy, &area.name_gd]).filter_map(Option::as_deref);
    Post {
        id: post_id(office, key.code),
        label: popolo::post_label(office, name),
        role: office.title(),
        organization_id: popolo::organization_id(office),
        area: Area { name, other_names: others.collect() },
        identifiers: [
            OwnedIdentifier { identifier: key.code.to_string(), scheme: "gss" },
            OwnedIdentifier { identifier: office.to_string(), scheme: "postbag-office" },
        ],
        start_date: area.and_then(|area| area.start_date),
        end_date: area.and_then(|area| area.end_date),
    }
}

/// The schema wants ids that end like the Public Whip's. Ours begin with our own name, so that nobody takes them for its.
fn post_id(office: Office, code: AreaCode) -> String {
    let office = Office::ALL.iter().position(|known| *known == office).unwrap_or_default();
    let digits: String = code.as_str().chars().map(number).collect();
    format!("postbag/{office}/uk.org.publicwhip/cons/{digits}")
}

/// A letter of a code as two digits, a digit as itself.
fn number(c: char) -> String {
    if c.is_ascii_digit() { c.to_string() } else { u32::from(c).to_string() }
}

/// Every party's id; of two whose names differ only in their accents and points, the later has a number.
struct Parties<'a>(BTreeMap<&'a str, String>);

impl<'a> Parties<'a> {
    fn of(directory: &'a Directory) -> Self {
        let names: BTreeSet<&str> = directory.representatives().filter_map(|person| person.party.as_deref()).collect();
        let mut taken = BTreeSet::new();
        let id = |name| {
            let plain = popolo::party_id(name);
            let numbered = (2..).map(|number| format!("{plain}-{number}"));
            let free = std::iter::once(plain.clone()).chain(numbered).find(|id| !taken.contains(id));
            let id = free.unwrap_or(plain);
            taken.insert(id.clone());
            id
        };
        let ids: Vec<String> = names.iter().copied().map(id).collect();
        Self(names.into_iter().zip(ids).collect())
    }

    fn id(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

fn organizations<'a>(directory: &'a Directory, parties: &Parties<'a>) -> Vec<Organization<'a>> {
    let chamber = |office: &Office| {
        let classification = office.legislature().map(|_legislature| "chamber");
        let (id, name) = (popolo::organization_id(*office), popolo::organization_name(*office));
        Organization { id, name, classification, identifiers: Vec::new() }
    };
    let party = |(name, id): (&&'a str, &String)| Organization {
        id: id.clone(),
        name,
        classification: Some("party"),
        identifiers: Vec::new(),
    };
    let mut all: Vec<Organization<'_>> = Office::ALL.iter().map(chamber).collect();
    all.extend(parties.0.iter().map(party));
    all.extend(directory.bodies().map(body));
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all.dedup_by(|one, other| one.id == other.id);
    all
}

fn body(body: &Body) -> Organization<'_> {
    let code = body.code.to_string();
    Organization {
        id: format!("{}-{}", body.kind.as_str().replace('_', "-"), code.to_ascii_lowercase()),
        name: &body.name,
        classification: None,
        identifiers: vec![OwnedIdentifier { identifier: code, scheme: "gss" }],
    }
}

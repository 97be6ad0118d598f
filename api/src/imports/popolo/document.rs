//! The document as it is written, and the ways through it.

use crate::imports::cells;
use chrono::NaiveDate;
use postbag_domain::{AreaCode, Office};
use serde::Deserialize;
use std::collections::HashMap;

/// A whole document; members that are not needed are skipped.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub(super) persons: Vec<Person>,
    pub(super) memberships: Vec<Membership>,
    organizations: Vec<Organization>,
    posts: Vec<Post>,
    areas: Vec<Area>,
    events: Vec<Event>,
}

/// A person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    id: String,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    contact_details: Vec<ContactDetail>,
    identifiers: Vec<Identifier>,
    names: Vec<OtherName>,
    other_names: Vec<OtherName>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContactDetail {
    #[serde(rename = "type")]
    sort: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identifier {
    scheme: String,
    identifier: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OtherName {
    note: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    end_date: Option<String>,
}

/// One continuous time in one seat.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Membership {
    id: Option<String>,
    person_id: Option<String>,
    organization_id: Option<String>,
    on_behalf_of_id: Option<String>,
    area_id: Option<String>,
    area: Option<Area>,
    post_id: Option<String>,
    legislative_period_id: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Organization {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Post {
    id: String,
    organization_id: Option<String>,
    area_id: Option<String>,
    area: Option<Area>,
    identifiers: Vec<Identifier>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Area {
    id: Option<String>,
    name: Option<String>,
    identifiers: Vec<Identifier>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    id: String,
    start_date: Option<String>,
    end_date: Option<String>,
}

impl Membership {
    /// The name for it in a complaint.
    pub(super) fn label(&self) -> String {
        let label = self.id.as_deref().or(self.person_id.as_deref());
        format!("membership {}", label.unwrap_or("without an id"))
    }
}

impl Person {
    /// The name by which the person goes now.
    pub(super) fn name(&self) -> Option<String> {
        let whole = |given: Option<&str>, family: Option<&str>| {
            let words: Vec<&str> = [given, family].into_iter().flatten().filter(|word| !word.is_empty()).collect();
            (!words.is_empty()).then(|| words.join(" "))
        };
        let names = self.other_names.iter().chain(&self.names);
        let main = names.filter(|name| name.note.as_deref() == Some("Main") && name.family_name.is_some());
        let main = main.max_by_key(|name| name.end_date.as_deref().unwrap_or("9999").to_owned());
        let own = || whole(self.given_name.as_deref(), self.family_name.as_deref());
        let other = || main.and_then(|name| whole(name.given_name.as_deref(), name.family_name.as_deref()));
        self.name.clone().or_else(other).or_else(own)
    }

    /// The person's own address, or that of the first contact that is one.
    pub(super) fn email(&self) -> Option<&str> {
        let contact = || self.contact_details.iter().find(|contact| contact.sort == "email");
        self.email.as_deref().or_else(|| contact().map(|contact| contact.value.as_str()))
    }

    /// The id that we gave it away with, or the one at Parliament where the document has it, or else the document's own.
    pub(super) fn external_id(&self) -> String {
        if let Some(id) = self.identifiers.iter().find(|id| id.scheme == "postbag") {
            return id.identifier.clone();
        }
        let parliament = |id: &&Identifier| matches!(id.scheme.as_str(), "datadotparl" | "datadotparl_id");
        if let Some(id) = self.identifiers.iter().find(parliament) {
            return format!("parliament:{}", id.identifier);
        }
        match self.id.strip_prefix("uk.org.publicwhip/person/") {
            Some(id) => format!("publicwhip:{id}"),
            None => format!("popolo:{}", self.id),
        }
    }
}

/// A document by its ids.
pub(super) struct Index<'a> {
    persons: HashMap<&'a str, &'a Person>,
    organizations: HashMap<&'a str, &'a Organization>,
    posts: HashMap<&'a str, &'a Post>,
    areas: HashMap<&'a str, &'a Area>,
    events: HashMap<&'a str, &'a Event>,
}

impl<'a> Index<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let areas = document.areas.iter().filter_map(|area| Some((area.id.as_deref()?, area)));
        Self {
            persons: document.persons.iter().map(|person| (person.id.as_str(), person)).collect(),
            organizations: document.organizations.iter().map(|body| (body.id.as_str(), body)).collect(),
            posts: document.posts.iter().map(|post| (post.id.as_str(), post)).collect(),
            areas: areas.collect(),
            events: document.events.iter().map(|event| (event.id.as_str(), event)).collect(),
        }
    }

    pub(super) fn person(&self, membership: &Membership) -> Option<&'a Person> {
        self.persons.get(membership.person_id.as_deref()?).copied()
    }

    /// The id and the name of the chamber, as one text.
    pub(super) fn chamber(&self, membership: &Membership) -> String {
        let of_post = self.post(membership).and_then(|post| post.organization_id.as_deref());
        let id = membership.organization_id.as_deref().or(of_post).unwrap_or_default();
        let name = self.organizations.get(id).and_then(|body| body.name.as_deref());
        format!("{id} {}", name.unwrap_or_default())
    }

    pub(super) fn party(&self, membership: &Membership) -> Option<&'a str> {
        self.organizations.get(membership.on_behalf_of_id.as_deref()?)?.name.as_deref()
    }

    /// The area's official code where the document has it, or else its name.
    pub(super) fn area(&self, membership: &Membership) -> Option<String> {
        let post = self.post(membership);
        let by_id = |id: &Option<String>| self.areas.get(id.as_deref()?).copied();
        let listed = by_id(&membership.area_id).or_else(|| by_id(&post?.area_id));
        let areas = [membership.area.as_ref(), listed, post.and_then(|post| post.area.as_ref())];
        let areas = || areas.iter().flatten();
        let identifiers =
            areas().flat_map(|area| &area.identifiers).chain(post.into_iter().flat_map(|post| &post.identifiers));
        let ids = identifiers.map(|id| &id.identifier).chain(areas().filter_map(|area| area.id.as_ref()));
        let code = ids.into_iter().find(|id| id.parse::<AreaCode>().is_ok()).cloned();
        code.or_else(|| areas().find_map(|area| area.name.clone()))
    }

    /// The first day, and the day the seat was left: the membership's own, or those of its term.
    pub(super) fn dates(&self, membership: &Membership) -> Result<(Option<NaiveDate>, Option<NaiveDate>), String> {
        let term = membership.legislative_period_id.as_deref().and_then(|id| self.events.get(id));
        let of_term = |date: fn(&Event) -> Option<&str>| term.and_then(|term| date(term));
        let start = membership.start_date.as_deref().or_else(|| of_term(|term| term.start_date.as_deref()));
        let end = membership.end_date.as_deref().or_else(|| of_term(|term| term.end_date.as_deref()));
        Ok((day(start, "start_date")?, day(end, "end_date")?))
    }

    /// The office, where the post says it in our own words.
    pub(super) fn office(&self, membership: &Membership) -> Option<Office> {
        let own = self.post(membership)?.identifiers.iter().find(|id| id.scheme == "postbag-office")?;
        own.identifier.parse().ok()
    }

    fn post(&self, membership: &Membership) -> Option<&'a Post> {
        self.posts.get(membership.post_id.as_deref()?).copied()
    }
}

/// A date, of which month and day may be missing; `9999-12-31` is how some say that there is no end.
fn day(date: Option<&str>, name: &str) -> Result<Option<NaiveDate>, String> {
    let Some(date) = date.filter(|date| !date.is_empty() && !date.starts_with("9999")) else { return Ok(None) };
    let whole = match date.len() {
        4 => format!("{date}-01-01"),
        7 => format!("{date}-01"),
        _ => date.to_owned(),
    };
    cells::date(&whole).map(Some).map_err(|flaw| format!("{name}: {flaw}"))
}

//! Popolo: persons, memberships, posts, areas and organisations in one JSON document.
//!
//! What `EveryPolitician` published and what mySociety's `people.json` holds are both of this shape
//! (<http://www.popoloproject.com/specs/>): the one names a membership's area, the other its post.

mod chamber;
mod document;

use super::cells;
use super::error::ImportError;
use super::member::{AreaGiven, Member};
use super::source::{Source, Text};
use super::{Options, Reading};
use document::{Document, Index, Membership};
use postbag_domain::EmailAddress;
use postbag_domain::directory::change::Field;

/// Reads one file: everybody who is or was a member of a chamber that is known here.
pub(super) fn read(
    source: &Source,
    text: Text,
    options: &Options,
    reading: &mut Reading,
) -> Result<Vec<Member>, ImportError> {
    let digest = text.digest();
    let document: Document =
        serde_json::from_reader(text.reader).map_err(|error| source.refused(format!("is no Popolo: {error}")))?;
    reading.digests.push(digest.hex());
    if document.persons.is_empty() || document.memberships.is_empty() {
        return Err(source.refused("is no Popolo: it has no persons or no memberships"));
    }
    let index = Index::of(&document);
    let mut elsewhere = 0_usize;
    let mut members = Vec::new();
    for membership in &document.memberships {
        match member(source, membership, &index, options) {
            Ok(Some(member)) => members.push(member),
            Ok(None) => elsewhere += 1,
            Err(reason) => reading.bad.note(source.name(), None, format!("{}: {reason}", membership.label())),
        }
    }
    if elsewhere > 0 {
        reading.notice(format!("{elsewhere} memberships are of no chamber or area that is written to here"));
    }
    Ok(members)
}

/// The member of a membership; none if it is of another kind of chamber.
fn member(
    source: &Source,
    membership: &Membership,
    index: &Index<'_>,
    options: &Options,
) -> Result<Option<Member>, String> {
    let offices = match options.office.or_else(|| index.office(membership)) {
        Some(office) => vec![office],
        None => match chamber::offices(&index.chamber(membership)) {
            Some(offices) => offices.to_vec(),
            None => return Ok(None),
        },
    };
    let Some(area) = index.area(membership) else { return Ok(None) };
    let person = index.person(membership).ok_or("person_id: there is no such person")?;
    let name = person.name().ok_or("the person has no name")?;
    let name = cells::name(&name).map_err(|flaw| format!("name: {flaw}"))?;
    let area = area.parse().map_or_else(|_flaw| AreaGiven::Name(area), AreaGiven::Code);
    let (start_date, end_date) = index.dates(membership)?;
    Ok(Some(Member {
        party: index.party(membership).map_or(Field::Missing, |party| Field::Present(party.to_owned())),
        email: address(person.email())?,
        start_date,
        end_date,
        ..Member::new(source.name(), &offices, area, person.external_id(), name)
    }))
}

/// A document without an address says nothing about it: most have none of anybody.
fn address(email: Option<&str>) -> Result<Field<EmailAddress>, String> {
    let email = email.map(str::trim).filter(|email| !email.is_empty());
    let parsed = email.map(cells::email).transpose().map_err(|flaw| format!("email: {flaw}"))?;
    Ok(parsed.flatten().map_or(Field::Missing, Field::Present))
}

//! The recipient of a message at the moment of sending: the person who holds the seat of the supporter's postcode then, never somebody
//! who has left it (B19).
//!
//! A message is written to a person. That person may leave, the seat may be filled again, its boundaries may change, or the
//! postcode may turn out to lie in another seat. [`Recipient::of`] says what all that means for one message on one day.

use crate::{
    AreaChoices, AreaCode, AreaKey, Directory, EmailAddress, HeldFor, Office, Postcode, Representative,
    RepresentativeId, Route,
};
use chrono::NaiveDate;

/// The facts about a message that is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Addressed<'a> {
    /// The representative it was written to.
    pub representative_id: RepresentativeId,
    /// The office they held.
    pub office: Office,
    /// The area they held it for.
    pub area_code: AreaCode,
    /// The supporter's postcode.
    pub postcode: Postcode,
    /// The areas that the supporter named, where the place lies in several.
    pub area_choices: &'a AreaChoices,
}

/// The recipient of a message today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient<'d> {
    /// It goes to this person, at this address: the one it was written to.
    Same(&'d Representative, &'d EmailAddress),
    /// It waits.
    Nobody(HeldFor),
    /// Somebody else holds the seat now.
    Successor(&'d Representative),
}

impl<'d> Recipient<'d> {
    /// Who receives a message on `day`. `written` are the representatives to whom the same supporter's other messages of the
    /// campaign go: none of them is anybody's successor.
    pub fn of(message: Addressed<'_>, written: &[RepresentativeId], directory: &'d Directory, day: NaiveDate) -> Self {
        let Some(seat) = seat(message, directory, day) else { return Self::Nobody(HeldFor::Moved) };
        let known = directory.representative(message.representative_id).filter(|known| known.office == message.office);
        let holds_seat = |person: &Representative| directory.canonical_code(seat.kind, person.area_code) == seat.code;
        match known {
            Some(person) if person.holds_on(day) && holds_seat(person) => Self::to(person),
            _ => successor(message, known, seat, (written, directory), day)
                .map_or_else(|| Self::Nobody(why_nobody(known, day)), Self::Successor),
        }
    }

    fn to(person: &'d Representative) -> Self {
        match (person.reachable(), &person.email) {
            (Route::Email | Route::ViaOffice, _) if person.held_on.is_some() => Self::Nobody(HeldFor::Bounces),
            (Route::Email | Route::ViaOffice, Some(email)) => Self::Same(person, email),
            (Route::Refuses, _) => Self::Nobody(HeldFor::Refusal),
            (Route::Email | Route::ViaOffice | Route::NoAddress, _) => Self::Nobody(HeldFor::NoAddress),
        }
    }
}

fn why_nobody(known: Option<&Representative>, day: NaiveDate) -> HeldFor {
    if known.is_some_and(|person| person.holds_on(day)) { HeldFor::Moved } else { HeldFor::Vacancy }
}

/// The seat of the supporter's place today.
///
/// The postcode decides, by today's boundaries. Where it cannot (it has ended, or straddles seats), the seat the message was
/// written to stays, as long as there is such a seat.
fn seat(message: Addressed<'_>, directory: &Directory, day: NaiveDate) -> Option<AreaKey> {
    let kind = message.office.area_kind();
    let written = directory.canonical_code(kind, message.area_code);
    let chosen = directory.place(&message.postcode, message.area_choices, day);
    let place = chosen.or_else(|_refused| directory.place(&message.postcode, &AreaChoices::none(), day));
    let today = place.ok().and_then(|place| place.area(kind));
    let has_ended = directory.area(AreaKey { kind, code: written }).is_some_and(|area| area.has_ended(day));
    let code = today.or_else(|| (!has_ended).then_some(written))?;
    Some(AreaKey { kind, code })
}

/// Who took the seat over. Where one area elects several, only somebody who came after the other had left.
fn successor<'d>(
    message: Addressed<'_>,
    left: Option<&Representative>,
    seat: AreaKey,
    (written, directory): (&[RepresentativeId], &'d Directory),
    day: NaiveDate,
) -> Option<&'d Representative> {
    let same_seat = directory.canonical_code(seat.kind, message.area_code) == seat.code;
    let came_after = |person: &Representative| match (person.start_date, left.and_then(|left| left.end_date)) {
        _ if !same_seat || message.office.is_single() => true,
        (Some(start), Some(end)) => end <= start,
        _ => false,
    };
    let holders = directory.holders(message.office, seat.code, day);
    let mut candidates = holders.filter(|person| !written.contains(&person.id) && came_after(person));
    candidates.find(|person| person.reachable().is_open())
}

#[cfg(test)]
mod tests;

//! Lists of representatives: our own layout, those that parliaments and volunteers publish, and Popolo.

mod layout;

use super::atlas::Atlas;
use super::error::ImportError;
use super::member::{AreaGiven, Member};
use super::source::{Source, Text};
use super::table::Table;
use super::{Options, Progress, Reading, cells, popolo};
use chrono::NaiveDate;
use layout::Layout;
use postbag_domain::directory::change::{Change, Field, RepresentativeFacts};
use postbag_domain::{
    AreaCode, AreaKey, Dissolution, DissolutionPhase, Legislature, Office, Representative, RepresentativeId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

impl Member {
    fn has_left_by(&self, day: NaiveDate) -> bool {
        self.end_date.is_some_and(|end| end <= day)
    }

    /// The office and the area, or why they cannot be found.
    fn seat(&self, atlas: &Atlas) -> Result<(Office, AreaCode), String> {
        let mut reason = String::new();
        for office in &self.offices {
            let kind = office.area_kind();
            let found = match &self.area {
                AreaGiven::Name(name) => atlas.named(kind, name),
                AreaGiven::Code(code) => {
                    let area = atlas.current(AreaKey { kind, code: *code });
                    let missing =
                        || format!("there is no area of kind {kind} with the code {code}{}", atlas.hint(kind));
                    area.map(|area| area.key.code).ok_or_else(missing)
                }
            };
            match found {
                Ok(code) => return Ok((*office, code)),
                Err(why) if reason.is_empty() => reason = why,
                Err(_why) => {}
            }
        }
        Err(reason)
    }

    /// Whole, now that the seat is known. Who holds a seat that is no more left it with the seat.
    fn facts(&self, (office, area_code): (Office, AreaCode), atlas: &Atlas) -> RepresentativeFacts {
        let dissolved = atlas.ended(AreaKey { kind: office.area_kind(), code: area_code });
        let person = self.clone();
        RepresentativeFacts {
            salutation: person.salutation,
            party: person.party,
            email: person.email,
            route: person.route,
            language: person.language,
            source: person.source,
            verified_on: person.verified_on,
            start_date: person.start_date,
            end_date: person.end_date.into_iter().chain(dissolved).min(),
            as_of: person.as_of,
            ..RepresentativeFacts::new(person.external_id, office, area_code, person.name)
        }
    }
}

/// Reads one file: a table, or Popolo if it begins as JSON does.
pub(super) fn read(
    source: &Source,
    options: &Options,
    reading: &mut Reading,
    progress: Progress,
) -> Result<Vec<Member>, ImportError> {
    let mut text = source.open(progress)?;
    let mut members = if is_json(source, &mut text)? {
        popolo::read(source, text, options, reading)?
    } else {
        read_table(source, text, options, reading)?
    };
    let dated = options.as_of.or_else(|| cells::date_in(source.name()));
    for member in &mut members {
        member.as_of = dated;
        if matches!(member.email, Field::Present(_)) {
            member.verified_on = member.verified_on.or(dated);
        }
    }
    Ok(members)
}

/// The day of which most of the addresses of an office are.
pub(super) fn usual_date(people: &[Representative], office: Office, today: NaiveDate) -> Option<NaiveDate> {
    let in_office = people.iter().filter(|person| person.office == office && person.holds_on(today));
    let mut days: Vec<NaiveDate> = in_office.filter_map(|person| person.verified_on).collect();
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}

/// How many of those in office can be written to once the change is made, office by office.
pub(super) fn reachable(change: &Change<Representative>, before: &[Representative], today: NaiveDate) -> String {
    let rows = [&change.added, &change.changed, &change.ended, &change.verified];
    let after: BTreeMap<RepresentativeId, &Representative> =
        before.iter().chain(rows.into_iter().flatten()).map(|person| (person.id, person)).collect();
    let touched: BTreeSet<Office> = rows.into_iter().flatten().map(|person| person.office).collect();
    let mut counts: BTreeMap<Office, (usize, usize)> = BTreeMap::new();
    for person in after.into_values().filter(|person| person.holds_on(today)) {
        if touched.is_empty() || touched.contains(&person.office) {
            let (with, without) = counts.entry(person.office).or_default();
            *(if person.reachable().is_open() { with } else { without }) += 1;
        }
    }
    let words = counts
        .iter()
        .map(|(office, (with, without))| format!("{office}: {with} with an e-mail address, {without} without"));
    words.collect::<Vec<_>>().join("; ")
}

fn is_json(source: &Source, text: &mut Text) -> Result<bool, ImportError> {
    let head = text.reader.fill_buf().map_err(|error| source.unreadable(&error))?;
    Ok(matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')))
}

fn read_table(
    source: &Source,
    text: Text,
    options: &Options,
    reading: &mut Reading,
) -> Result<Vec<Member>, ImportError> {
    let mut table = Table::open(source, text)?;
    let layout = Layout::of(&mut table, options)?;
    if table.has(&["email_unverified"]) {
        reading.notice("email_unverified is not used: an address that nobody has verified is not written to");
    }
    let (mut members, mut vacant) = (Vec::new(), 0_usize);
    while table.advance(reading)? {
        match layout.member(source, table.row()) {
            Ok(Some(member)) => members.push(Member { line: Some(table.line()), ..member }),
            Ok(None) => vacant += 1,
            Err(detail) => table.note(reading, detail),
        }
    }
    if vacant > 0 {
        reading.notice(format!("{vacant} of the seats in {} are vacant", source.name()));
    }
    reading.finish(&table);
    Ok(members)
}

/// Who holds which seat, by the areas that are there.
///
/// A file about the past only says nothing about who is in office now, so it is left out office by office.
pub(super) fn resolve(
    members: &[Member],
    atlas: &Atlas,
    today: NaiveDate,
    reading: &mut Reading,
) -> Vec<RepresentativeFacts> {
    let mut facts = Vec::with_capacity(members.len());
    for member in members {
        match member.seat(atlas) {
            Ok(seat) => facts.push(member.facts(seat, atlas)),
            // The areas of those who left long ago need not be known.
            Err(_reason) if member.has_left_by(today) => {}
            Err(reason) => reading.bad.note(&member.file, member.line, reason),
        }
    }
    let is_over = |facts: &RepresentativeFacts| facts.end_date.is_some_and(|end| end <= today);
    let covered: BTreeSet<Office> = facts.iter().filter(|facts| !is_over(facts)).map(|facts| facts.office).collect();
    let before = facts.len();
    facts.retain(|facts| covered.contains(&facts.office));
    if facts.len() < before {
        let past = before - facts.len();
        reading.notice(format!("{past} memberships are over or of areas that have ended: they change nothing"));
    }
    facts
}

/// Without those who cannot be in office, because their legislature is dissolved and they do not begin after that.
///
/// Published tables still list former members.
pub(super) fn without_dissolved(
    facts: Vec<RepresentativeFacts>,
    dissolutions: &[Dissolution],
    today: NaiveDate,
    reading: &mut Reading,
) -> Vec<RepresentativeFacts> {
    let is_out = |facts: &RepresentativeFacts| {
        let last = Dissolution::last(dissolutions, facts.office, today);
        last.filter(|last| last.phase(today) == DissolutionPhase::Dissolved)
            .filter(|last| facts.start_date.is_none_or(|start| start < last.dissolved_on()))
            .map(Dissolution::legislature)
    };
    let (mut kept, mut left_out) = (Vec::with_capacity(facts.len()), BTreeMap::<Legislature, usize>::new());
    for facts in facts {
        match is_out(&facts) {
            Some(legislature) => *left_out.entry(legislature).or_default() += 1,
            None => kept.push(facts),
        }
    }
    for (legislature, count) in left_out {
        let name = legislature.name();
        reading.notice(format!("{count} members are left out: {name} is dissolved, and its election is not over yet"));
    }
    kept
}

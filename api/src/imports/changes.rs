//! Changes one by one, in words: who came, who left, what is different.

use super::atlas::Atlas;
use postbag_domain::directory::change::Change;
use postbag_domain::{AreaKey, Representative, RepresentativeId};
use std::collections::HashMap;

/// Each change in words; only additions to an empty directory are left out, since there are thousands.
pub(super) fn in_words<T>(change: &Change<T>, words: impl Fn(&T) -> String) -> Vec<String> {
    if change.live == 0 {
        return Vec::new();
    }
    let of = |sign: &'static str, rows: &[T]| -> Vec<String> {
        rows.iter().map(|row| format!("{sign} {}", words(row))).collect()
    };
    [of("+", &change.added), of("~", &change.changed), of("-", &change.ended)].concat()
}

/// Like [`in_words`], with what is different about a person. Addresses themselves are not repeated (C31).
pub(super) fn people_in_words(
    change: &Change<Representative>,
    before: &[Representative],
    atlas: &Atlas,
) -> Vec<String> {
    let before: HashMap<RepresentativeId, &Representative> = before.iter().map(|person| (person.id, person)).collect();
    let name = |person: &Representative| {
        let seat = AreaKey { kind: person.office.area_kind(), code: person.area_code };
        let place = atlas.area(seat).map_or("", |area| &area.name);
        format!("{}, {} for {place} ({})", person.name, person.office, person.area_code)
    };
    let kept = change.kept_ended.iter().map(|person| {
        let decided = person.end_decided_on.map_or_else(String::new, |day| format!(" on {day}"));
        format!(
            "stays ended: {}, as decided by hand{decided}; only a file of a later day brings them back",
            name(person)
        )
    });
    let lines = in_words(change, |person| {
        let who = name(person);
        let known = before.get(&person.id).filter(|known| known.end_date == person.end_date);
        match known.map(|known| differences(known, person)).filter(|words| !words.is_empty()) {
            Some(words) => format!("{who}: {}", words.join(", ")),
            None => who,
        }
    });
    kept.chain(lines).collect()
}

fn differences(before: &Representative, after: &Representative) -> Vec<&'static str> {
    let address = match (&before.email, &after.email) {
        (None, Some(_)) => "address found",
        (Some(_), None) => "address lost",
        _ => "address changed",
    };
    let checks = [
        (before.name != after.name, "name changed"),
        (before.party != after.party, "party changed"),
        (before.email != after.email, address),
        (before.route != after.route, "route changed"),
        (before.start_date != after.start_date, "first day changed"),
        (before.salutation != after.salutation, "salutation changed"),
        (before.language != after.language, "language changed"),
    ];
    checks.into_iter().filter(|(differs, _words)| *differs).map(|(_differs, words)| words).collect()
}

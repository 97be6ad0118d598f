//! What a file of representatives would change.

use super::Change;
use crate::{AreaCode, Dissolution, EmailAddress, Locale, Office, Representative, RepresentativeId, Route};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A fact of a person as a file states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// The file has no such column: the known fact stays.
    #[default]
    Missing,
    /// The file says that there is none ("No email found").
    Absent,
    /// The file states it.
    Present(T),
}

impl<T> Field<T> {
    fn over(self, known: Option<T>) -> Option<T> {
        match self {
            Self::Missing => known,
            Self::Absent => None,
            Self::Present(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Field<T> {
    /// For a column that the file has: an empty cell says that there is none.
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Absent, Self::Present)
    }
}

/// One membership in a file. `None` means that the file has no such column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentativeFacts {
    /// The person's id at the source.
    pub external_id: String,
    /// The office held.
    pub office: Office,
    /// The area it is held for, by the code that counts today.
    pub area_code: AreaCode,
    /// The person's name.
    pub name: String,
    /// How a letter greets the person.
    pub salutation: Option<String>,
    /// The party.
    pub party: Field<String>,
    /// The address of their mail.
    pub email: Field<EmailAddress>,
    /// How mail travels; `email` for a person not known before.
    pub route: Option<Route>,
    /// The language preferred.
    pub language: Option<Locale>,
    /// Where the file comes from.
    pub source: Option<String>,
    /// The day the file says the address was verified.
    pub verified_on: Option<NaiveDate>,
    /// The first day in office.
    pub start_date: Option<NaiveDate>,
    /// The day the office was left.
    pub end_date: Option<NaiveDate>,
    /// The day to which the file's facts hold, where it says so.
    pub as_of: Option<NaiveDate>,
}

impl RepresentativeFacts {
    /// The facts that every file has, and nothing else.
    pub fn new(external_id: impl Into<String>, office: Office, area_code: AreaCode, name: impl Into<String>) -> Self {
        Self {
            external_id: external_id.into(),
            office,
            area_code,
            name: name.into(),
            salutation: None,
            party: Field::Missing,
            email: Field::Missing,
            route: None,
            language: None,
            source: None,
            verified_on: None,
            start_date: None,
            end_date: None,
            as_of: None,
        }
    }

    /// True if an administrator ended this membership and the file is not of a later day.
    fn is_overruled_by(&self, person: &Representative) -> bool {
        let is_same = self.area_code == person.area_code;
        is_same && person.end_decided_on.is_some_and(|decided| self.as_of.is_none_or(|as_of| as_of <= decided))
    }

    fn key(&self) -> Key {
        (self.office, self.external_id.clone())
    }

    fn has_left_by(&self, day: NaiveDate) -> bool {
        self.end_date.is_some_and(|end| end <= day)
    }

    /// These facts, with a first day that no dissolution contradicts: a person who was a member before it and is one after it was
    /// elected again.
    fn elected_again(self, dissolutions: &[Dissolution], day: NaiveDate) -> Self {
        let last = Dissolution::last(dissolutions, self.office, day);
        let election = last.and_then(|last| last.election_on().filter(|_election| self.began_before(last)));
        Self { start_date: election.or(self.start_date), ..self }
    }

    fn began_before(&self, dissolution: &Dissolution) -> bool {
        self.start_date.is_some_and(|start| start < dissolution.dissolved_on())
    }

    /// These facts about a new person, in office since `since` if the file does not say.
    fn added(self, id: RepresentativeId, since: Option<NaiveDate>) -> Representative {
        Representative {
            id,
            external_id: self.external_id,
            office: self.office,
            area_code: self.area_code,
            name: self.name,
            salutation: self.salutation,
            party: self.party.over(None),
            email: self.email.over(None),
            route: self.route.unwrap_or(Route::Email),
            language: self.language,
            source: self.source,
            verified_on: self.verified_on,
            bounced_on: None,
            held_on: None,
            digest: None,
            start_date: self.start_date.or(since),
            end_date: self.end_date,
            end_decided_on: None,
        }
    }

    /// These facts over what is known of the same membership.
    fn over(self, known: &Representative) -> Representative {
        let known = known.clone();
        let email = self.email.over(known.email.clone());
        let same_address = email == known.email;
        Representative {
            id: known.id,
            external_id: known.external_id,
            office: known.office,
            area_code: self.area_code,
            name: self.name,
            salutation: self.salutation.or(known.salutation),
            party: self.party.over(known.party),
            // What came back from another address says nothing about this one.
            bounced_on: known.bounced_on.filter(|_day| same_address),
            held_on: known.held_on.filter(|_day| same_address),
            digest: known.digest,
            email,
            route: self.route.unwrap_or(known.route),
            language: self.language.or(known.language),
            source: self.source.or(known.source),
            verified_on: if same_address { self.verified_on.max(known.verified_on) } else { self.verified_on },
            start_date: self.start_date.or(known.start_date),
            end_date: self.end_date.or(known.end_date),
            end_decided_on: known.end_decided_on,
        }
    }
}

type Key = (Office, String);

/// Compares a file of representatives with those in office, by office and external id.
///
/// A file lists everybody who holds an office it has: a person who is missing leaves on `day`, or on the day the file gives. A person who
/// now sits for another area left the one seat and took the other. Memberships that are over already are history and add
/// nothing. Another source alone is no change, and a later day of verification is noted without being one. Of two rows with one key the later counts.
///
/// Somebody who is new among others that are known, and whose first day the file does not tell, is known since `day`. After a
/// dissolution, everybody is new: `current` holds memberships as dissolutions left them.
pub fn plan_representatives<'a>(
    current: impl IntoIterator<Item = &'a Representative>,
    incoming: Vec<RepresentativeFacts>,
    dissolutions: &[Dissolution],
    day: NaiveDate,
    fresh: &mut dyn FnMut() -> Uuid,
) -> Change<Representative> {
    let incoming: Vec<_> = incoming.into_iter().map(|facts| facts.elected_again(dissolutions, day)).collect();
    let offices: BTreeSet<Office> = incoming.iter().map(|facts| facts.office).collect();
    let (past, holding): (Vec<_>, Vec<_>) = incoming.into_iter().partition(|facts| facts.has_left_by(day));
    let left: BTreeMap<Key, NaiveDate> = past.iter().filter_map(|facts| Some((facts.key(), facts.end_date?))).collect();
    let mut holding: BTreeMap<Key, RepresentativeFacts> = holding.into_iter().map(|f| (f.key(), f)).collect();
    let (gone, in_office): (Vec<_>, Vec<_>) = current
        .into_iter()
        .filter(|person| offices.contains(&person.office))
        .partition(|person| person.has_left_by(day));
    let mut change = Change { kept_ended: keep_ended(&mut holding, &gone), ..Change::default() };
    for person in in_office {
        change.live += 1;
        let key = (person.office, person.external_id.clone());
        match holding.remove(&key).ok_or(left.get(&key)) {
            Ok(facts) if facts.area_code == person.area_code => sort_in(&mut change, person, facts),
            Ok(facts) => {
                change.ended.push(leaving(person, day));
                holding.insert(key, facts);
            }
            Err(end) => change.ended.push(leaving(person, *end.unwrap_or(&day))),
        }
    }
    let newcomers = change.live > 0;
    let added = holding.into_values().map(|facts| {
        let election = Dissolution::last(dissolutions, facts.office, day).and_then(Dissolution::election_on);
        facts.added(RepresentativeId::new(fresh()), if newcomers { Some(day) } else { election })
    });
    change.added = added.collect();
    change
}

/// Takes out of the file those whose membership an administrator ended, and that the file does not overrule.
fn keep_ended(holding: &mut BTreeMap<Key, RepresentativeFacts>, gone: &[&Representative]) -> Vec<Representative> {
    let mut kept = Vec::new();
    for person in gone {
        let key = (person.office, person.external_id.clone());
        if holding.get(&key).is_some_and(|facts| facts.is_overruled_by(person)) {
            holding.remove(&key);
            kept.push((*person).clone());
        }
    }
    kept
}

fn sort_in(change: &mut Change<Representative>, known: &Representative, facts: RepresentativeFacts) {
    let after = facts.over(known);
    let same_origin = Representative { source: known.source.clone(), verified_on: known.verified_on, ..after.clone() };
    if same_origin != *known {
        change.changed.push(after);
        return;
    }
    change.unchanged += 1;
    if known.verified_on < after.verified_on {
        change.verified.push(after);
    }
}

fn leaving(person: &Representative, end: NaiveDate) -> Representative {
    Representative { end_date: Some(end), end_decided_on: None, ..person.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::examples::{code, day};

    fn facts(id: &str, area: &str, name: &str) -> RepresentativeFacts {
        RepresentativeFacts::new(id, Office::Mp, code(area), name)
    }

    fn plan(current: &[Representative], file: Vec<RepresentativeFacts>) -> Change<Representative> {
        plan_on(current, file, &[], "2026-07-01")
    }

    fn plan_on(
        current: &[Representative],
        file: Vec<RepresentativeFacts>,
        dissolutions: &[Dissolution],
        today: &str,
    ) -> Change<Representative> {
        let mut next = if current.is_empty() { 0 } else { 100 };
        plan_representatives(current, file, dissolutions, day(today), &mut || {
            next += 1;
            Uuid::from_u128(next)
        })
    }

    fn house() -> Vec<Representative> {
        let email = |id: &str| Field::Present(EmailAddress::parse(&format!("{id}@example.org")).unwrap());
        let person = |id: &str, area| RepresentativeFacts { email: email(id), ..facts(id, area, &id.to_uppercase()) };
        plan(&[], vec![person("a", "E14000001"), person("b", "E14000002"), person("c", "E14000003")]).added
    }

    #[test]
    fn a_file_without_a_column_blanks_nothing_of_it() {
        let house = house();
        let file = vec![facts("a", "E14000001", "A"), facts("b", "E14000002", "B"), facts("c", "E14000003", "C")];
        let elsewhere = |facts: RepresentativeFacts| RepresentativeFacts { source: Some("newer".into()), ..facts };
        let change = plan(&house, file.into_iter().map(elsewhere).collect());
        assert!(change.counts().is_nothing());
        assert_eq!((change.unchanged, change.live), (3, 3));
    }

    #[test]
    fn a_newer_file_verifies_what_it_does_not_change() {
        let house = house();
        let dated = |verified: &str| {
            let facts =
                |id, area, name| RepresentativeFacts { verified_on: Some(day(verified)), ..facts(id, area, name) };
            vec![facts("a", "E14000001", "A"), facts("b", "E14000002", "B"), facts("c", "E14000003", "C")]
        };
        let change = plan(&house, dated("2026-06-27"));
        assert!(change.counts().is_nothing());
        assert!(change.verified.iter().all(|person| person.verified_on == Some(day("2026-06-27"))));
        assert_eq!((change.verified.len(), change.unchanged), (3, 3));
        assert!(plan(&change.verified, dated("2026-06-27")).verified.is_empty(), "the same file again");
        assert!(plan(&change.verified, dated("2026-06-11")).verified.is_empty(), "an older one");
    }

    #[test]
    fn changes_keep_the_id() {
        let house = house();
        let without = RepresentativeFacts { email: Field::from(None), ..facts("a", "E14000001", "A") };
        let renamed = facts("b", "E14000002", "Beth");
        let change = plan(&house, vec![without, renamed, facts("c", "E14000003", "C")]);
        let changed: Vec<_> = change.changed.iter().map(|p| (p.id, p.name.as_str(), p.email.is_some())).collect();
        assert_eq!(changed, [(house[0].id, "A", false), (house[1].id, "Beth", true)]);
        assert_eq!(change.changed[0].reachable(), Route::NoAddress);
    }

    #[test]
    fn whoever_is_missing_has_left() {
        let house = house();
        let change = plan(&house, vec![facts("a", "E14000001", "A"), facts("d", "E14000002", "D")]);
        let ended: Vec<_> = change.ended.iter().map(|p| (p.external_id.as_str(), p.end_date)).collect();
        assert_eq!(ended, [("b", Some(day("2026-07-01"))), ("c", Some(day("2026-07-01")))]);
        assert!(change.ended.iter().all(|person| !person.holds_on(day("2026-07-01"))));
        assert_eq!(change.added.iter().map(|p| p.external_id.as_str()).collect::<Vec<_>>(), ["d"]);
        assert_eq!(change.counts().guard(false).unwrap_err().ended, 2);
    }

    #[test]
    fn what_an_administrator_ended_comes_back_only_with_a_newer_file() {
        let mut house = house();
        house[0].end_date = Some(day("2026-06-20"));
        house[0].end_decided_on = Some(day("2026-06-20"));
        let dated = |as_of: Option<&str>| {
            let facts = [facts("a", "E14000001", "A"), facts("b", "E14000002", "B"), facts("c", "E14000003", "C")];
            facts.map(|facts| RepresentativeFacts { as_of: as_of.map(day), ..facts }).to_vec()
        };
        for as_of in [None, Some("2026-06-11"), Some("2026-06-20")] {
            let change = plan(&house, dated(as_of));
            assert!(change.added.is_empty() && change.ended.is_empty(), "{as_of:?}");
            assert_eq!(change.kept_ended.iter().map(|person| person.id).collect::<Vec<_>>(), [house[0].id]);
        }
        let change = plan(&house, dated(Some("2026-06-27")));
        assert_eq!(change.added.iter().map(|person| person.external_id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(change.kept_ended.is_empty());
    }

    #[test]
    fn a_file_of_one_office_leaves_the_others_alone() {
        let house = house();
        let ms = RepresentativeFacts::new("m", Office::Ms, code("W09000001"), "M");
        assert_eq!(plan(&house, vec![ms]).counts().ended, 0);
        assert_eq!(plan(&house, vec![]).counts().ended, 0);
    }

    #[test]
    fn another_seat_is_another_membership() {
        let house = house();
        let file = vec![facts("a", "E14000009", "A"), facts("b", "E14000002", "B"), facts("c", "E14000003", "C")];
        let change = plan(&house, file);
        assert_eq!((change.ended[0].id, change.added[0].area_code), (house[0].id, code("E14000009")));
        assert_ne!(change.added[0].id, house[0].id);
    }

    #[test]
    fn history_adds_nothing_and_dates_an_end() {
        let house = house();
        let until = |facts, end| RepresentativeFacts { end_date: Some(day(end)), ..facts };
        let file = vec![
            until(facts("a", "E14000001", "A"), "2015-03-30"),
            facts("a", "E14000001", "A"),
            until(facts("b", "E14000002", "B"), "2026-06-15"),
            until(facts("z", "E14000003", "Z"), "2010-04-12"),
            facts("c", "E14000003", "C"),
        ];
        let change = plan(&house, file);
        assert_eq!(change.counts(), super::super::Counts { ended: 1, unchanged: 2, live: 3, ..Default::default() });
        assert_eq!(change.ended[0].end_date, Some(day("2026-06-15")));
    }

    #[test]
    fn a_newcomer_among_others_is_known_since_today() {
        let house = house();
        assert_eq!(house[0].start_date, None, "nobody knows since when the first ones sit");
        let file = vec![facts("a", "E14000001", "A"), facts("b", "E14000002", "B"), facts("d", "E14000003", "D")];
        let added = plan(&house, file).added;
        assert_eq!((added[0].external_id.as_str(), added[0].start_date), ("d", Some(day("2026-07-01"))));
    }

    #[test]
    fn after_a_general_election_everybody_holds_a_new_membership() {
        let dissolution =
            [Dissolution::new(crate::Legislature::HouseOfCommons, day("2026-06-01"), Some(day("2026-07-01"))).unwrap()];
        let mut house = house();
        Dissolution::end_memberships(&dissolution, &mut house);
        let since = |facts, start| RepresentativeFacts { start_date: Some(day(start)), ..facts };
        let file = vec![since(facts("a", "E14000001", "A"), "2015-05-08"), facts("d", "E14000002", "D")];
        let change = plan_on(&house, file.clone(), &dissolution, "2026-07-03");
        assert_eq!((change.live, change.ended.len(), change.added.len()), (0, 0, 2));
        assert!(change.added.iter().all(|person| person.start_date == Some(day("2026-07-01"))), "{:?}", change.added);
        assert_ne!(change.added[0].id, house[0].id);
        let parliament = change.added;
        assert!(plan_on(&parliament, file, &dissolution, "2026-07-04").counts().is_nothing(), "the same file again");
    }
}

use super::*;
use crate::directory::examples::{area, code, day, layer, postcode, representative};
use crate::{Area, AreaKind, DirectoryParts, Dissolution, Legislature, PostcodeLayer};
use proptest::prelude::*;
use std::sync::LazyLock;
use uuid::Uuid;

const PCON: AreaKind = AreaKind::WestminsterConstituency;
const SEN: AreaKind = AreaKind::SeneddConstituency;

fn id(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(number))
}

fn reachable(number: u128, office: Office, seat: &str, start: &str, end: Option<&str>) -> Representative {
    Representative {
        email: EmailAddress::parse(&format!("person{number}@example.org")).ok(),
        start_date: Some(day(start)),
        end_date: end.map(day),
        ..representative(number, office, seat)
    }
}

fn mp(number: u128, start: &str, end: Option<&str>) -> Representative {
    reachable(number, Office::Mp, "E14000001", start, end)
}

fn house(representatives: Vec<Representative>) -> Directory {
    let layers = vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000001")])])];
    Directory::build(DirectoryParts { representatives, layers, ..DirectoryParts::default() })
}

fn to(number: u128, office: Office, seat: &str) -> Addressed<'static> {
    static NONE: LazyLock<AreaChoices> = LazyLock::new(AreaChoices::none);
    Addressed {
        representative_id: id(number),
        office,
        area_code: code(seat),
        postcode: postcode("ZA1 1AA"),
        area_choices: &NONE,
    }
}

/// The person, the reason it is held, or the successor, in a word.
fn in_a_word(recipient: &Recipient<'_>) -> String {
    match recipient {
        Recipient::Same(person, _) => person.name.clone(),
        Recipient::Nobody(reason) => reason.to_string(),
        Recipient::Successor(person) => format!("successor {}", person.name),
    }
}

fn on(directory: &Directory, message: Addressed<'_>, written: &[u128], day_text: &str) -> String {
    let written: Vec<_> = written.iter().map(|number| id(*number)).collect();
    in_a_word(&Recipient::of(message, &written, directory, day(day_text)))
}

#[test]
fn a_by_election_empties_a_seat_and_fills_it_again() {
    let directory = house(vec![mp(1, "2024-07-05", Some("2026-03-01")), mp(2, "2026-05-08", None)]);
    let message = to(1, Office::Mp, "E14000001");
    assert_eq!(on(&directory, message, &[], "2026-02-28"), "Person 1");
    assert_eq!(on(&directory, message, &[], "2026-03-01"), "vacancy");
    assert_eq!(on(&directory, message, &[], "2026-05-07"), "vacancy");
    assert_eq!(on(&directory, message, &[], "2026-05-08"), "successor Person 2");
    assert_eq!(on(&directory, message, &[2], "2026-05-08"), "vacancy", "nobody is written to twice");
}

#[test]
fn a_dissolution_empties_every_seat_until_the_election() {
    let dissolution =
        Dissolution::new(Legislature::HouseOfCommons, day("2029-03-30"), Some(day("2029-05-03"))).unwrap();
    let parts = DirectoryParts {
        representatives: vec![mp(1, "2024-07-05", None), mp(2, "2029-05-04", None)],
        layers: vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000001")])])],
        dissolutions: vec![dissolution],
        ..DirectoryParts::default()
    };
    let directory = Directory::build(parts);
    let message = to(1, Office::Mp, "E14000001");
    assert_eq!(on(&directory, message, &[], "2029-03-29"), "Person 1");
    assert_eq!(on(&directory, message, &[], "2029-03-30"), "vacancy");
    assert_eq!(on(&directory, message, &[], "2029-05-04"), "successor Person 2");
}

#[test]
fn wishes_and_missing_addresses_hold_a_message_back() {
    let refuses = Representative { route: Route::Refuses, ..mp(1, "2024-07-05", None) };
    let silent = Representative { email: None, ..mp(1, "2024-07-05", None) };
    assert_eq!(on(&house(vec![refuses]), to(1, Office::Mp, "E14000001"), &[], "2026-05-08"), "refusal");
    assert_eq!(on(&house(vec![silent]), to(1, Office::Mp, "E14000001"), &[], "2026-05-08"), "no_address");
    assert_eq!(on(&house(vec![]), to(1, Office::Mp, "E14000001"), &[], "2026-05-08"), "vacancy");
}

#[test]
fn of_several_members_only_one_who_came_later_succeeds() {
    let ms = |number, start, end| reachable(number, Office::Ms, "W09000001", start, end);
    let people = vec![
        ms(1, "2026-05-08", Some("2026-09-01")),
        ms(2, "2026-05-08", None),
        Representative { start_date: None, ..ms(3, "2026-05-08", None) },
        ms(4, "2026-09-10", None),
    ];
    let layers = vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(SEN, "W09000001")])])];
    let directory = Directory::build(DirectoryParts { representatives: people, layers, ..DirectoryParts::default() });
    let message = to(1, Office::Ms, "W09000001");
    assert_eq!(on(&directory, message, &[2], "2026-09-05"), "vacancy", "colleagues are no successors");
    assert_eq!(on(&directory, message, &[2], "2026-09-10"), "successor Person 4");
}

#[test]
fn after_a_change_of_boundaries_the_postcode_finds_the_seat() {
    let old = Area { end_date: Some(day("2026-05-06")), ..area(SEN, "W09000001", "Old") };
    let new = Area { start_date: Some(day("2026-05-07")), ..area(SEN, "W09000051", "New") };
    let layers = |with_new: bool| -> Vec<PostcodeLayer> {
        let old = layer(1, "2024-01-01", &[("ZA1 1AA", "", &[(SEN, "W09000001")])]);
        let new = layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(SEN, "W09000051")])]);
        if with_new { vec![old, new] } else { vec![old] }
    };
    let people = vec![
        reachable(1, Office::Ms, "W09000001", "2021-05-07", Some("2026-04-08")),
        reachable(2, Office::Ms, "W09000051", "2026-05-08", None),
    ];
    let parts = |with_new| DirectoryParts {
        areas: vec![old.clone(), new.clone()],
        representatives: people.clone(),
        layers: layers(with_new),
        ..DirectoryParts::default()
    };
    let message = to(1, Office::Ms, "W09000001");
    assert_eq!(on(&Directory::build(parts(true)), message, &[], "2026-05-08"), "successor Person 2");
    assert_eq!(on(&Directory::build(parts(false)), message, &[], "2026-05-08"), "moved", "no file tells the new seat");
}

#[test]
fn a_postcode_that_moved_seat_takes_its_message_along() {
    let people = vec![mp(1, "2024-07-05", None), reachable(2, Office::Mp, "E14000002", "2024-07-05", None)];
    let layers = vec![layer(1, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000002")])])];
    let parts =
        |representatives| DirectoryParts { representatives, layers: layers.clone(), ..DirectoryParts::default() };
    let message = to(1, Office::Mp, "E14000001");
    assert_eq!(on(&Directory::build(parts(people.clone())), message, &[], "2026-05-08"), "successor Person 2");
    assert_eq!(on(&Directory::build(parts(people[..1].to_vec())), message, &[], "2026-05-08"), "moved");
}

#[test]
fn an_area_that_the_supporter_named_stays_theirs_and_one_they_did_not_follows_the_files() {
    let people = vec![mp(1, "2024-07-05", None), reachable(2, Office::Mp, "E14000002", "2024-07-05", None)];
    let older = layer(1, "2025-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
    let newer = layer(2, "2026-01-01", &[("ZA1 1AA", "", &[(PCON, "E14000002")])]);
    let parts = DirectoryParts { representatives: people, layers: vec![older, newer], ..DirectoryParts::default() };
    let directory = Directory::build(parts);
    let message = to(1, Office::Mp, "E14000001");
    assert_eq!(on(&directory, message, &[], "2026-05-08"), "successor Person 2");
    let named = AreaChoices::from_iter([(PCON, code("E14000001"))]);
    assert_eq!(on(&directory, Addressed { area_choices: &named, ..message }, &[], "2026-05-08"), "Person 1");
}

#[test]
fn a_postcode_that_is_not_known_any_more_leaves_the_seat_as_it_was() {
    let directory = Directory::build(DirectoryParts {
        representatives: vec![mp(1, "2024-07-05", None)],
        ..DirectoryParts::default()
    });
    assert_eq!(on(&directory, to(1, Office::Mp, "E14000001"), &[], "2026-05-08"), "Person 1");
}

proptest! {
    #[test]
    fn nobody_who_is_not_in_office_receives_anything(
        terms in prop::collection::vec((0..300_u64, 1..300_u64), 1..5),
        asked in 0..700_u64,
        first in 0..5_usize,
    ) {
        let on = |days| day("2026-01-01") + chrono::Days::new(days);
        let people: Vec<_> = (1..).zip(&terms).map(|(number, (start, length))| Representative {
            start_date: Some(on(*start)),
            end_date: Some(on(start + length)),
            ..mp(number, "2026-01-01", None)
        }).collect();
        let directory = house(people);
        let message = to(u128::try_from(first).unwrap() + 1, Office::Mp, "E14000001");
        match Recipient::of(message, &[], &directory, on(asked)) {
            Recipient::Same(person, _) | Recipient::Successor(person) => prop_assert!(person.holds_on(on(asked))),
            Recipient::Nobody(_) => {}
        }
    }
}

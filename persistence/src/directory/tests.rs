use super::*;
use crate::testing::{block_on, each_backend};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use postbag_domain::directory::change::{Change, Counts};
use postbag_domain::directory::{Country, Part, Profile};
use postbag_domain::{
    Area, AreaKey, AreaKind, Body, DigestDetail, DigestInterval, DigestRule, Dissolution, EmailAddress, LayerId,
    Legislature, Locale, Nation, Office, Postcode, PostcodeLayer, PostcodeTableBuilder, RepresentativeId, Route, Share,
};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-22T10:00:00.123456Z".parse().unwrap()
}

fn area() -> Area {
    Area {
        key: AreaKey { kind: AreaKind::WestminsterConstituency, code: "W07000112".parse().unwrap() },
        name: "Ynys Môn".to_owned(),
        name_cy: Some("Ynys Môn".to_owned()),
        name_gd: None,
        generation: Some("2024".to_owned()),
        parent_code: Some("W92000004".parse().unwrap()),
        seats: Some(1),
        start_date: Some(day("2024-07-04")),
        end_date: None,
        alias_of: None,
    }
}

fn representative(number: u128) -> Representative {
    Representative {
        id: RepresentativeId::new(Uuid::from_u128(number)),
        external_id: format!("parliament:{number}"),
        office: Office::Mp,
        area_code: "W07000112".parse().unwrap(),
        name: "Ada Example".to_owned(),
        salutation: Some("Dr Example".to_owned()),
        party: Some("Independent".to_owned()),
        email: Some(EmailAddress::parse("ada@example.org").unwrap()),
        route: Route::Email,
        language: Some(Locale::Cy),
        source: Some("made up".to_owned()),
        verified_on: Some(day("2026-01-02")),
        bounced_on: Some(day("2026-02-03")),
        held_on: Some(day("2026-02-04")),
        digest: Some(DigestRule { every: DigestInterval::Week, shows: DigestDetail::NamesAndPostcodes }),
        end_decided_on: None,
        start_date: Some(day("2024-07-04")),
        end_date: None,
    }
}

fn body() -> Body {
    Body {
        kind: AreaKind::CancerAlliance,
        code: "E56000021".parse().unwrap(),
        name: "Example Alliance".to_owned(),
        email: None,
        route: Route::NoAddress,
        source: None,
    }
}

fn layer(number: u128, postcodes: u32) -> PostcodeLayer {
    let seat = (AreaKind::WestminsterConstituency, "W07000112".parse().unwrap());
    let profile = Profile::new(Some(Country::Nation(Nation::Wales)), &[seat]);
    let mut builder = PostcodeTableBuilder::new();
    for at in 0..postcodes {
        let postcode = Postcode::parse(&format!("LL{} {}AA", at / 10 + 1, at % 10)).unwrap();
        builder.push(postcode.key(), None, &profile).unwrap();
    }
    PostcodeLayer {
        id: LayerId::new(Uuid::from_u128(number)),
        name: "onspd".to_owned(),
        source: "made up".to_owned(),
        as_of: day("2026-05-01"),
        kinds: vec![AreaKind::Nation, AreaKind::WestminsterConstituency],
        table: builder.finish().unwrap().table.into(),
    }
}

fn import(against: i64) -> Import {
    Import {
        id: Uuid::from_u128(u128::try_from(against).unwrap() + 1),
        file_name: "file.csv".to_owned(),
        digest: "00".to_owned(),
        against,
        at: now(),
    }
}

fn added<T>(rows: Vec<T>) -> Change<T> {
    Change { added: rows, ..Change::default() }
}

fn postcodes(layer: PostcodeLayer) -> DirectoryChange {
    DirectoryChange::Postcodes(PackedLayer::of(layer), Counts::default())
}

/// Imports against the revision that is there.
fn done(store: &Store, change: &DirectoryChange) {
    let against = store.load_directory_blocking(&[]).unwrap().revision;
    let outcome = store.import_blocking(&import(against), change).unwrap();
    assert_eq!(outcome, ImportOutcome::Done { revision: against + 1 });
}

#[test]
fn what_is_imported_is_loaded_as_it_was() {
    each_backend(|store| {
        let layer = layer(1, 40);
        done(store, &DirectoryChange::Areas(added(vec![area()])));
        done(store, &DirectoryChange::Representatives(added(vec![representative(1), representative(2)])));
        done(store, &DirectoryChange::Bodies(added(vec![body()])));
        done(store, &postcodes(layer.clone()));
        let loaded = store.load_directory_blocking(&[]).unwrap();
        assert_eq!(loaded.revision, 4);
        assert_eq!(loaded.value.areas, [area()]);
        assert_eq!(loaded.value.representatives, [representative(1), representative(2)]);
        assert_eq!(loaded.value.bodies, [body()]);
        assert_eq!(loaded.value.layers, [layer]);
    });
}

#[test]
fn a_later_import_changes_ends_and_removes() {
    each_backend(|store| {
        done(store, &DirectoryChange::Representatives(added(vec![representative(1)])));
        done(store, &DirectoryChange::Bodies(added(vec![body()])));
        let left = Representative { end_date: Some(day("2026-05-07")), email: None, ..representative(1) };
        done(store, &DirectoryChange::Representatives(Change { ended: vec![left.clone()], ..Change::default() }));
        done(store, &DirectoryChange::Bodies(Change { ended: vec![body()], ..Change::default() }));
        let parts = store.load_directory_blocking(&[]).unwrap().value;
        assert_eq!(parts.representatives, [left]);
        assert!(parts.bodies.is_empty());
    });
}

#[test]
fn the_parts_of_a_postcode_and_its_large_user_are_kept() {
    each_backend(|store| {
        let mut builder = PostcodeTableBuilder::new();
        let key = Postcode::parse("LL1 1AA").unwrap().key();
        for (seat, share) in [("W07000112", "0.6"), ("W07000113", "0.35"), ("W07000114", "")] {
            let seat = (AreaKind::WestminsterConstituency, seat.parse().unwrap());
            let profile = Profile::new(None, &[seat]).of_large_user(share.is_empty());
            builder.push_part(key, None, &profile, Part::Share(Share::parse(share).ok())).unwrap();
        }
        let divided = PostcodeLayer { table: builder.finish().unwrap().table.into(), ..layer(1, 0) };
        assert_eq!(divided.table.parts_of(key).len(), 3);
        done(store, &DirectoryChange::Postcodes(PackedLayer::of(divided.clone()), Counts::default()));
        assert_eq!(store.load_directory_blocking(&[]).unwrap().value.layers, [divided]);
    });
}

#[test]
fn a_newer_file_replaces_its_layer() {
    each_backend(|store| {
        done(store, &postcodes(layer(1, 40)));
        done(store, &postcodes(layer(2, 7)));
        let layers = store.load_directory_blocking(&[]).unwrap().value.layers;
        assert_eq!(layers, [layer(2, 7)]);
    });
}

#[test]
fn the_rows_of_a_layer_that_is_held_are_not_read_again() {
    each_backend(|store| {
        done(store, &postcodes(layer(1, 40)));
        let held = store.load_directory_blocking(&[]).unwrap().value.layers;
        let other = PostcodeLayer { name: "senedd".to_owned(), ..layer(2, 7) };
        done(store, &postcodes(other.clone()));
        let layers = store.load_directory_blocking(&held).unwrap().value.layers;
        assert_eq!(layers, [held[0].clone(), other]);
        assert!(std::sync::Arc::ptr_eq(&layers[0].table, &held[0].table));
        done(store, &postcodes(layer(3, 9)));
        let layers = store.load_directory_blocking(&layers).unwrap().value.layers;
        assert_eq!(layers.iter().map(|layer| layer.table.len()).collect::<Vec<_>>(), [7, 9]);
    });
}

#[test]
fn a_plan_made_before_another_change_is_stale_and_writes_nothing() {
    each_backend(|store| {
        done(store, &DirectoryChange::Areas(added(vec![area()])));
        let outcome = store.import_blocking(&import(0), &DirectoryChange::Bodies(added(vec![body()]))).unwrap();
        assert_eq!(outcome, ImportOutcome::Stale);
        assert!(store.load_directory_blocking(&[]).unwrap().value.bodies.is_empty());
    });
}

#[test]
fn an_import_leaves_a_row_that_says_where_it_came_from() {
    each_backend(|store| {
        done(store, &DirectoryChange::Representatives(added(vec![representative(1), representative(2)])));
        let records = store.read_blocking(|connection| imports::list(connection, 10)).unwrap();
        let [record] = records.as_slice() else { panic!("one import, {} records", records.len()) };
        assert_eq!((record.kind.as_str(), record.written, record.at), ("representatives", [2, 0, 0], now()));
    });
}

#[test]
fn more_rows_than_fit_one_statement_are_written() {
    each_backend(|store| {
        let many: Vec<_> = (0..2_100).map(representative).collect();
        done(store, &DirectoryChange::Representatives(added(many)));
        assert_eq!(store.load_directory_blocking(&[]).unwrap().value.representatives.len(), 2_100);
    });
}

#[test]
fn a_damaged_row_is_named_with_its_place() {
    each_backend(|store| {
        done(store, &DirectoryChange::Representatives(added(vec![representative(1)])));
        let damage = "UPDATE representatives SET area_code = 'nowhere'";
        store.write_blocking(|connection| Ok(diesel::sql_query(damage).execute(connection)?)).unwrap();
        let error = store.load_directory_blocking(&[]).unwrap_err().to_string();
        let id = Uuid::from_u128(1);
        assert_eq!(error, format!("representatives.area_code of {id} is corrupt"));
    });
}

#[test]
fn damaged_postcodes_are_reported_and_not_guessed() {
    each_backend(|store| {
        done(store, &postcodes(layer(1, 40)));
        let damage = if store.is_postgres() {
            "UPDATE postcode_blocks SET data = set_byte(data, 9, get_byte(data, 9) # 1)"
        } else {
            "UPDATE postcode_blocks SET data = CAST(substr(data, 1, length(data) - 1) AS BLOB)"
        };
        store.write_blocking(|connection| Ok(diesel::sql_query(damage).execute(connection)?)).unwrap();
        let error = store.load_directory_blocking(&[]).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { table: "postcode_blocks", .. }), "{error}");
    });
}

#[test]
fn a_dissolution_is_announced_moved_and_taken_back() {
    each_backend(|store| {
        let dissolution = |election: &str| {
            Dissolution::new(Legislature::HouseOfCommons, day("2029-03-30"), Some(day(election))).unwrap()
        };
        let loaded = || store.load_directory_blocking(&[]).unwrap();
        let before = loaded().revision;
        block_on(async {
            store.put_dissolution(dissolution("2029-05-03"), now()).await.unwrap();
            store.put_dissolution(dissolution("2029-05-10"), now()).await.unwrap();
        });
        assert_eq!(loaded().value.dissolutions, [dissolution("2029-05-10")]);
        assert_eq!(loaded().revision, before + 2);
        let remove = || block_on(store.remove_dissolution(Legislature::HouseOfCommons, day("2029-03-30")));
        assert!(remove().unwrap());
        assert!(!remove().unwrap(), "it is gone");
        assert_eq!((loaded().value.dissolutions.len(), loaded().revision), (0, before + 3));
    });
}

//! All or nothing: what refuses a file, and what a refusal leaves behind.

use super::fixtures::{AREAS, Desk, counts, day, text_of};
use crate::imports::*;
use postbag_domain::Office;

#[test]
fn a_bad_row_refuses_the_file_and_is_named_by_line() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let before = desk.revision();
    let rows = "pcds,dointr,doterm,pcon24cd\r\nAB1 0AA,198001,,E14000001\r\nAB1 0AB,198001,AAAAAA,E14000001\r\n\
        nonsense,198001,,E14000001\r\nAB1 0AD,198001,,14\r\nAB1 0AE\r\n";
    let error = desk.postcodes("bad.csv", rows).unwrap_err().to_string();
    assert_eq!(
        error,
        "4 bad rows\n  bad.csv, line 3: date of termination: must be a month written as YYYYMM\n  \
        bad.csv, line 4: postcode: must be a UK postcode such as SW1A 1AA\n  \
        bad.csv, line 5: westminster_constituency: must be an official code: one capital letter and eight digits\n  \
        bad.csv, line 6: has 1 cells where the first line has 4"
    );
    assert_eq!((desk.revision(), desk.parts().layers.len()), (before, 0));
    let lenient = Desk { options: Options { skip_bad_rows: true, ..desk.options.clone() }, ..desk };
    let report = lenient.postcodes("bad.csv", rows).unwrap();
    assert_eq!((counts(&report), report.skipped.count()), ((1, 0, 0, 0), 4));
}

#[test]
fn bad_rows_of_people_areas_and_bodies_refuse_their_files() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let before = desk.revision();
    let people = "external_id,area_code,office,name,email,start_date,end_date\n\
        x:1,E14000001,mp,A B,a at b,,\nx:2,E14000009,mp,C D,,,\nx:3,E14000003,lord,E F,,,\nx:4,E14000004,mp,,,,\n\
        x:5,E14000005,mp,G H,,2026-01-02,2026-01-01\n";
    let error = desk.people(people).unwrap_err().to_string();
    for line in ["line 2: email: ", "line 4: office: ", "line 5: name: ", "line 6: end_date: "] {
        assert!(error.contains(line), "{error}");
    }
    assert!(!error.contains("a at b"), "{error}");
    let unknown =
        desk.people("external_id,area_code,office,name\nx:1,E14000001,mp,A B\nx:2,E14000009,mp,C D\n").unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("line 3: there is no area of kind westminster_constituency with the code E14000009")
    );
    let areas = "code,name,kind,seats,start_date,end_date\nE14000001,,westminster_constituency,,,\nE14,B,icb,,,\n\
        E54000001,C,borough,,,\nE54000001,D,icb,none,,\nE54000001,E,icb,,2026-02-30,\nE54000001,F,icb,,2026-02-02,2026-02-01\n";
    assert!(desk.areas(areas).unwrap_err().to_string().starts_with("6 bad rows"));
    assert!(
        desk.bodies("code,name,kind\nE56000001,,cancer_alliance\n").unwrap_err().to_string().contains("line 2: name")
    );
    assert_eq!((desk.revision(), desk.in_office(Office::Mp).len()), (before, 0));
}

#[test]
fn a_dry_run_tells_the_same_and_changes_nothing() {
    let mut desk = Desk::new();
    desk.options.dry_run = true;
    let report = desk.areas(AREAS).unwrap();
    assert!(report.dry_run && desk.parts().areas.is_empty());
    desk.options.dry_run = false;
    assert_eq!(desk.areas(AREAS).unwrap().counts, report.counts);
    let postcodes = "pcds,pcon24cd\nAB1 0AA,E14000001\n";
    desk.options.dry_run = true;
    assert_eq!(counts(&desk.postcodes("p.csv", postcodes).unwrap()), (1, 0, 0, 0));
    assert!(desk.parts().layers.is_empty());
}

#[test]
fn a_file_for_other_boundaries_is_refused_with_the_reason() {
    let desk = Desk::new();
    let rows = "pcds,pcon24cd\nAB1 0AA,E14009991\nAB1 0AB,E14009992\nAB1 0AD,E14000001\n";
    let error = desk.postcodes("p.csv", rows).unwrap_err().to_string();
    assert!(error.contains("import areas first"), "{error}");
    desk.areas(AREAS).unwrap();
    let error = desk.postcodes("p.csv", rows).unwrap_err().to_string();
    assert!(error.contains("is for other boundaries: 2 of 3 postcodes"), "{error}");
    let mostly = rows.replace("E14009991", "E14000002");
    let report = desk.postcodes("p.csv", &mostly).unwrap();
    assert!(report.notices.iter().any(|notice| notice.starts_with("1 postcodes of layer p")), "{:?}", report.notices);
    let more = "pcds,pcon24cd,spc26cd\nAB1 0AA,E14000001,S16000151\n";
    let report = desk.postcodes("q.csv", more).unwrap();
    assert!(
        report.notices.iter().any(|notice| notice.contains("codes of holyrood_constituency")),
        "{:?}",
        report.notices
    );
}

#[test]
fn a_file_that_is_cut_short_is_refused_unless_forced() {
    let mut desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let all = "pcds,pcon24cd\nAB1 0AA,E14000001\nAB1 0AB,E14000002\nAB1 0AD,E14000003\nAB1 0AE,E14000003\n";
    let some = "pcds,pcon24cd\nAB1 0AA,E14000002\nAB1 0AB,E14000002\nAB1 0AD,E14000003\n";
    desk.postcodes("p.csv", all).unwrap();
    let error = desk.postcodes("p.csv", some).unwrap_err();
    assert!(matches!(error, ImportError::TooManyEnded(_)) && error.to_string().contains("--force"), "{error}");
    assert_eq!(desk.parts().layers[0].table.len(), 4);
    desk.options.force = true;
    let report = desk.postcodes("p.csv", some).unwrap();
    assert_eq!((counts(&report), report.moved_seat), ((0, 1, 1, 2), Some(1)));
    assert!(
        report.changes[0].contains(": westminster_constituency E14") && report.changes[0].contains(" → "),
        "{report}"
    );
    assert_eq!(desk.parts().layers.len(), 1);
}

#[test]
fn the_same_file_on_a_later_day_changes_nothing() {
    let mut desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let rows = "pcds,pcon24cd\nAB1 0AA,E14000001\n";
    desk.postcodes("p.csv", rows).unwrap();
    let revision = desk.revision();
    desk.options.now = day("2026-08-01");
    assert_eq!(counts(&desk.postcodes("p.csv", rows).unwrap()), (0, 0, 0, 1));
    assert_eq!(desk.revision(), revision);
    desk.options.as_of = "2026-07-15".parse().ok();
    desk.postcodes("p.csv", rows).unwrap();
    assert_eq!(desk.parts().layers[0].as_of.to_string(), "2026-07-15");
}

#[test]
fn files_of_one_layer_are_one() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let header = "pcds,dointr,doterm,gridind,pcon24cd\n";
    let files = [
        text_of("ONSPD_NOV_2025_UK_AB.csv", &format!("{header}AB1 0AA,198001,,1,E14000001\n")),
        text_of("ONSPD_NOV_2025_UK_CB.csv", &format!("{header}CB1 0AA,198001,,1,E14000002\n")),
        text_of("mine.csv", "pcds,pcon24cd\nCB1 0AA,E14000002\n"),
    ];
    let report = import_postcodes(&desk.store, &files, &desk.options, Progress::quiet()).unwrap();
    assert_eq!(counts(&report), (3, 0, 0, 0));
    let mut layers: Vec<_> = desk.parts().layers.iter().map(|layer| (layer.name.clone(), layer.table.len())).collect();
    layers.sort();
    assert_eq!(layers, [("mine".to_owned(), 1), ("onspd".to_owned(), 2)]);
}

#[test]
fn one_bad_file_of_several_refuses_all() {
    let desk = Desk::new();
    let files = [text_of("areas.csv", AREAS), text_of("more.csv", "code,name,kind\nX,,icb\n")];
    let error = import_areas(&desk.store, &files, &desk.options, Progress::quiet()).unwrap_err();
    assert!(error.to_string().contains("more.csv, line 2"), "{error}");
    assert!(desk.parts().areas.is_empty());
}

#[test]
fn every_import_that_changed_something_is_on_record() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    desk.areas(AREAS).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let imports = runtime.block_on(desk.store.imports(10)).unwrap();
    assert_eq!((imports.len(), imports[0].file_name.as_str(), imports[0].digest.len()), (1, "areas.csv", 64));
}

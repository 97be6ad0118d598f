//! Every published file, where they are at hand: `POSTBAG_TEST_DATA` or the folder beside this repository.

use super::fixtures::{Desk, counts};
use crate::imports::*;
use postbag_domain::{Area, AreaChoices, AreaKind, Directory, Office, Postcode, Route};
use std::fmt::Write;
use std::path::PathBuf;

pub(super) fn folder() -> Option<PathBuf> {
    let given = std::env::var_os("POSTBAG_TEST_DATA").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    {
        eprintln!("skipped: no published files here (POSTBAG_TEST_DATA)");
    }
    None
}

const AREAS: [&str; 13] = [
    "areas/countries.csv",
    "areas/regions_of_england.csv",
    "areas/westminster_constituencies_2024.csv",
    "areas/westminster_2024_code_aliases.csv",
    "areas/northern_ireland_constituencies.csv",
    "areas/scottish_parliament_2011_constituencies.csv",
    "areas/scottish_parliament_2011_names_gd.csv",
    "areas/scottish_parliament_2026_constituencies.csv",
    "areas/scottish_parliament_2026_regions.csv",
    "areas/senedd_constituencies.csv",
    "areas/senedd_regions_2007_2026.csv",
    "health/cancer_alliances_2024.csv",
    "health/sicbl23_icb23_cal24.csv",
];

type Run = fn(&postbag_persistence::Store, &[Source], &Options, Progress) -> Result<Report, ImportError>;

fn import(desk: &Desk, run: Run, folder: &std::path::Path, files: &[&str]) -> Result<Report, ImportError> {
    let sources: Vec<Source> = files.iter().map(|file| Source::file(folder.join(file))).collect();
    run(&desk.store, &sources, &desk.options, Progress::quiet())
}

/// A second time the same, so nothing.
fn import_twice(desk: &Desk, run: Run, folder: &std::path::Path, files: &[&str]) -> Report {
    let report = import(desk, run, folder, files).unwrap_or_else(|error| panic!("{files:?}: {error}"));
    let again = import(desk, run, folder, files).unwrap();
    assert!(again.counts.is_nothing() && again.counts.unchanged > 0, "{files:?}: {again}");
    report
}

#[test]
fn areas_as_published() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import_twice(&desk, import_areas, &folder, &AREAS);
    let more = [
        "health/icb_2023.csv",
        "health/icb_2026.csv",
        "health/sicbl22_icb22_nhser22_lookup_ons.csv",
        "health/cancer_alliance_2021_to_2024.csv",
        "health/ccg21_stp21_cal21_lookup_ons.csv",
        "health/lad23_icb23_cal24_postcode_counts.csv",
    ];
    import_twice(&desk, import_areas, &folder, &more);
    for file in AREAS.iter().chain(&more) {
        // Spellings differ from file to file, but none takes the other's facts away.
        import(&desk, import_areas, &folder, &[file]).unwrap();
    }
    let areas = desk.parts().areas;
    let live = |kind| {
        let today = desk.options.now.date_naive();
        let is_live = |area: &&Area| {
            area.key.kind == kind && area.alias_of.is_none() && area.end_date.is_none_or(|last| last >= today)
        };
        areas.iter().filter(is_live).count()
    };
    assert_eq!(live(AreaKind::Nation), 4);
    assert_eq!(live(AreaKind::EnglishRegion), 9);
    assert_eq!(live(AreaKind::WestminsterConstituency), 650);
    assert_eq!(live(AreaKind::HolyroodConstituency), 73);
    assert_eq!(live(AreaKind::HolyroodRegion), 8);
    assert_eq!(live(AreaKind::SeneddConstituency), 16);
    assert_eq!(live(AreaKind::SeneddRegion), 0);
    assert_eq!(live(AreaKind::AssemblyConstituency), 18);
    assert_eq!(live(AreaKind::CancerAlliance), 20);
    let ended = |area: &&postbag_domain::Area| area.key.kind == AreaKind::Icb && area.end_date.is_some();
    assert_eq!(areas.iter().filter(ended).count(), 13);
    let directory = postbag_domain::Directory::build(desk.parts());
    let today = |code: &str| directory.canonical_code(AreaKind::CancerAlliance, code.parse().unwrap()).to_string();
    assert_eq!([today("E56000022"), today("E56000023"), today("E56000013")], ["E56000035", "E56000035", "E56000034"]);
    assert_eq!(areas.iter().filter(|area| area.name_gd.is_some()).count(), 79);
    assert!(
        areas
            .iter()
            .filter(|area| area.key.kind == AreaKind::WestminsterConstituency && area.name_cy.is_some())
            .count()
            > 10
    );
}

#[test]
fn representatives_and_bodies_as_published() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import(&desk, import_areas, &folder, &AREAS).unwrap();
    let people =
        |file: &str| import_twice(&desk, import_representatives, &folder, &[&format!("representatives/{file}")]);
    let report = people("mps_2026-06-11_dfe_with_vacancies.csv");
    assert_eq!(counts(&report), (647, 0, 0, 0));
    assert!(report.notices.iter().any(|notice| notice.starts_with("3 of the seats")), "{report}");
    let report = people("mps_2026-06-27_dfe.csv");
    assert!(
        report.counts.added >= 3
            && report.changes.len() == report.counts.added + report.counts.changed + report.counts.ended
    );
    let mps = desk.in_office(Office::Mp);
    assert_eq!((mps.len(), mps.iter().filter(|mp| mp.email.is_none()).count()), (650, 4));
    assert!(mps.iter().filter(|mp| mp.email.is_some()).all(|mp| mp.reachable() == Route::Email));
    people("senedd_members_elected_2026-05-07.csv");
    people("msps_constituency_elected_2026-05-07.csv");
    people("mlas_2022-06-10_official.csv");
    let file = "representatives/msps_2021_parliament_2023-11-15.csv";
    let error = import(&desk, import_representatives, &folder, &[file]).unwrap_err().to_string();
    assert!(error.starts_with("3 bad rows") && error.contains("line 84: area_code: must not be empty"), "{error}");
    let number = |office| desk.in_office(office).len();
    assert_eq!(
        [number(Office::Ms), number(Office::MspConstituency), number(Office::MspRegion), number(Office::Mla)],
        [96, 73, 0, 90]
    );
    for candidates in
        ["scottish_constituency_candidates_2026-05-07.csv", "scottish_regional_list_candidates_2026-05-07.csv"]
    {
        let error =
            import(&desk, import_representatives, &folder, &[&format!("representatives/{candidates}")]).unwrap_err();
        assert!(error.to_string().contains("candidates"), "{error}");
    }
    let older = ["representatives/mps_2026-04-03_open_innovations.csv"];
    let error = import(&desk, import_representatives, &folder, &older).unwrap_err().to_string();
    assert!(error.contains("is of 2026-04-03") && error.contains("--older"), "{error}");
    let sources = older.map(|file| Source::file(folder.join(file)));
    let options = Options { older: true, ..desk.options.clone() };
    let report = import_representatives(&desk.store, &sources, &options, Progress::quiet()).unwrap();
    assert!(report.counts.changed > 600 && report.counts.ended < 10, "{report}");
    assert_eq!(
        counts(&import_twice(&desk, import_bodies, &folder, &["health/cancer_alliances_2024.csv"])),
        (20, 0, 0, 0)
    );
    assert_eq!(counts(&import_twice(&desk, import_bodies, &folder, &["health/icb_2023.csv"])), (42, 0, 0, 0));
    let councils = Options { kind: Some(AreaKind::LocalAuthority), ..desk.options.clone() };
    let source = Source::file(folder.join("health/lad23_icb23_cal24_postcode_counts.csv"));
    let report = import_bodies(&desk.store, &[source], &councils, Progress::quiet()).unwrap();
    assert!(report.counts.added > 280 && report.counts.ended == 0, "{report}");
    let error = import(&desk, import_bodies, &folder, &["health/icb_2026.csv"]).unwrap_err();
    assert!(matches!(error, ImportError::TooManyEnded(_)), "{error}");
}

#[test]
fn popolo_as_published() {
    let Some(folder) = folder() else { return };
    for (file, kinds) in [
        ("uk_commons", &[AreaKind::WestminsterConstituency][..]),
        ("scotland", &[AreaKind::HolyroodConstituency, AreaKind::HolyroodRegion]),
        ("northern_ireland", &[AreaKind::AssemblyConstituency]),
        ("wales", &[AreaKind::SeneddConstituency]),
    ] {
        let desk = Desk::new();
        let file = format!("representatives/popolo_everypolitician_2015-11/{file}.json.gz");
        let error = import(&desk, import_representatives, &folder, &[&file]).unwrap_err();
        assert!(error.to_string().contains("import areas of that kind first"), "{error}");
        desk.areas(&areas_of(&folder.join(&file), kinds)).unwrap();
        let report = import_twice(&desk, import_representatives, &folder, &[&file]);
        assert!(report.counts.added >= 50, "{report}");
        let has_email = desk.parts().representatives.iter().filter(|person| person.email.is_some()).count();
        assert_eq!(
            has_email > 50,
            matches!(kinds, [AreaKind::WestminsterConstituency | AreaKind::SeneddConstituency]),
            "{file}"
        );
    }
}

/// The areas of a Popolo file as a list of our own, with codes made up: the file is older than today's boundaries.
fn areas_of(path: &std::path::Path, kinds: &[AreaKind]) -> String {
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    let document: serde_json::Value = serde_json::from_reader(file).unwrap();
    let regions = [
        "Central Scotland",
        "Glasgow",
        "Highlands and Islands",
        "Lothian",
        "Mid Scotland and Fife",
        "North East Scotland",
        "South Scotland",
        "West Scotland",
        "Lothians",
        "South of Scotland",
        "West of Scotland",
    ];
    let mut text = "code,name,kind\n".to_owned();
    let mut seen = std::collections::BTreeSet::new();
    for (number, area) in document["areas"].as_array().unwrap().iter().enumerate() {
        let name = area["name"].as_str().unwrap();
        let kind = if regions.contains(&name) { kinds.last() } else { kinds.first() }.unwrap();
        if seen.insert(super::super::cells::folded(name)) {
            writeln!(text, "E14{number:06},\"{name}\",{kind}").unwrap();
        }
    }
    text
}

#[test]
fn postcodes_as_published() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import(&desk, import_areas, &folder, &AREAS).unwrap();
    let postcodes = |file: &str| import_twice(&desk, import_postcodes, &folder, &[&format!("postcodes/{file}")]);
    assert_eq!(postcodes("onspd_layout/onspd_nov2025_rows.csv").counts.added, 4);
    assert_eq!(postcodes("wales_postcodes_senedd_2026.csv.gz").counts.added, 141_313);
    assert_eq!(postcodes("ni_example_postcodes_pcon24.csv").counts.added, 9);
    assert_eq!(postcodes("ni_postcodes_sample.csv").counts.added, 187);
    assert_eq!(postcodes("ni_derryaghy_bt17_postcodes.csv").counts.added, 133);
    let report = postcodes("scottish_spd_largeuser_rows_noheader.csv");
    assert!(report.notices.iter().any(|notice| notice.contains("has ended")), "{report}");
    postcodes("scottish_spd_smalluser_rows_noheader.csv");
    let names: Vec<String> =
        desk.parts().layers.into_iter().map(|layer| format!("{} {}", layer.name, layer.as_of)).collect();
    for name in
        ["onspd 2025-11-01", "senedd 2026-07-01", "scotland-large", "scotland-small", "ni_postcodes_sample 2026-07-01"]
    {
        assert!(names.iter().any(|layer| layer.starts_with(name)), "{name} in {names:?}");
    }
    let ended = desk.found("AB1 0AA").unwrap_err();
    assert!(ended.starts_with("Terminated"), "{ended}");
    assert!(desk.found("EH2 2ED").unwrap_err().starts_with("Terminated"));
    assert!(desk.found("IM1 1AA").unwrap_err().starts_with("CrownDependency"));
    // A large user's postcode, by the boundaries of the last day on which those of the file held.
    let directory = Directory::build(desk.parts());
    let large = Postcode::parse("DG1 1JB").unwrap();
    let place = directory.place(&large, &AreaChoices::none(), "2026-05-06".parse().unwrap()).unwrap();
    assert!(place.is_large_user);
    assert_eq!(place.area(AreaKind::HolyroodConstituency).unwrap().as_str(), "S16000097");
    // Both halves of PA31 8UA lie in the same constituency.
    let halves: Vec<_> = desk.parts().layers.into_iter().flat_map(|layer| layer.table.parts().to_vec()).collect();
    assert!(halves.is_empty(), "{halves:?}");
    let found = desk.place("BT16 1XZ").unwrap();
    assert!(found.contains(&"westminster_constituency N05000001".to_owned()), "{found:?}");
}

#[test]
fn postcode_files_of_older_boundaries_and_broken_ones_are_refused() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import(&desk, import_areas, &folder, &AREAS).unwrap();
    let error =
        |file: &str| import(&desk, import_postcodes, &folder, &[&format!("postcodes/{file}")]).unwrap_err().to_string();
    let error_text = error("onspd_layout/onspd_jun2023_AB_broken_rows.csv");
    assert!(
        error_text.starts_with("1 bad row\n  onspd_jun2023_AB_broken_rows.csv, line 2: date of termination"),
        "{error_text}"
    );
    assert!(error("onspd_layout/onspd_may2018_rows.csv").contains("is for other boundaries"));
    assert!(desk.parts().layers.is_empty());
    for file in [
        "onspd_aug2024_rows.csv",
        "postcodesio_seed_2024-09-30_AB1_AB10_AB11.csv.gz",
        "postcodesio_seed_2025-09-12_AB1_AB10_AB11.csv.gz",
    ] {
        let desk = Desk::new();
        import(&desk, import_areas, &folder, &AREAS).unwrap();
        import_twice(&desk, import_postcodes, &folder, &[&format!("postcodes/onspd_layout/{file}")]);
    }
}

/// The Assembly's constituencies of 2008 beside Westminster's of 2024, and the Senedd's of 2026 after its older ones.
#[test]
fn two_generations_of_boundaries_stand_side_by_side() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import(&desk, import_areas, &folder, &AREAS).unwrap();
    for file in ["ni_example_postcodes_pcon24.csv", "ni_postcodes_sample.csv", "wales_postcodes_senedd_2026.csv.gz"] {
        import(&desk, import_postcodes, &folder, &[&format!("postcodes/{file}")]).unwrap();
    }
    // An older file of the Senedd's former constituencies: one row, of a code that the list of areas ends in May 2026.
    let areas = desk.parts().areas;
    let is_old = |area: &&Area| area.key.kind == AreaKind::SeneddConstituency && area.end_date.is_some();
    let old = areas.iter().find(is_old).unwrap().key.code;
    let rows = format!("pcds,sen07cd\nCF10 1AA,{old}\n");
    let options = Options { layer: Some("old".to_owned()), ..desk.options.clone() };
    import_postcodes(&desk.store, &[Source::bytes("old.csv", rows.into_bytes())], &options, Progress::quiet()).unwrap();
    let directory = Directory::build(desk.parts());
    let (postcode, none) = (Postcode::parse("CF10 1AA").unwrap(), AreaChoices::none());
    let on = |day: &str| {
        directory.place(&postcode, &none, day.parse().unwrap()).map(|place| place.area(AreaKind::SeneddConstituency))
    };
    assert_eq!(on("2026-05-06"), Ok(Some(old)));
    let new = on("2026-05-07").unwrap().unwrap();
    assert_ne!(new, old);
    let others = directory.areas_at_other_times(&postcode, &none, "2026-05-07".parse().unwrap());
    assert!(others.iter().any(|(key, _layer)| key.code == old), "{others:?}");
    let both = desk.place("BT6 8LY").unwrap();
    assert!(both.contains(&"westminster_constituency N05000003".to_owned()), "{both:?}");
}

#[test]
fn all_of_great_britain() {
    let Some(folder) = folder() else { return };
    let desk = Desk::new();
    import(&desk, import_areas, &folder, &AREAS).unwrap();
    let report = import(&desk, import_postcodes, &folder, &["postcodes/gb_postcodes.csv.gz"]).unwrap();
    assert_eq!(counts(&report), (1_734_274, 0, 0, 0), "{report}");
    assert_eq!(desk.parts().layers[0].name, "compact");
    assert_eq!(desk.found("GY1 1AA").unwrap_err(), "CrownDependency { dependency: Guernsey }");
    assert_eq!(desk.found("BFPO 57").unwrap_err(), "Bfpo");
    assert_eq!(desk.found("AB43 1AG").unwrap_err(), "NoLocation");
    assert_eq!(desk.found("AB99 9ZZ").unwrap_err(), "Unknown");
    let place = desk.place("SW1A 1AA").unwrap();
    assert!(place.iter().any(|area| area.starts_with("cancer_alliance E56")), "{place:?}");
}

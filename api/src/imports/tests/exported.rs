//! What is exported is what the schema wants, holds no address, and can be imported again.

use super::fixtures::{AREAS, Desk, counts};
use super::published::folder;
use crate::exports::PopoloDocument;
use crate::imports::*;
use postbag_domain::Directory;
use serde_json::Value;

const PEOPLE: &str = "external_id,area_code,office,name,party,email,start_date,end_date,salutation\n\
    parliament:1,E14000001,mp,Ada Vale,Workers' Party,ada@example.org,2024-07-05,,Dr Vale\n\
    parliament:1,E14000001,mp,Ada Vale-Old,Workers' Party,,2019-12-13,2024-05-30,\n\
    x:2,W09000001,ms,Bea Wyn,,bea@example.org,,,\n";

fn export(desk: &Desk) -> Value {
    let directory = Directory::build(desk.parts());
    serde_json::to_value(PopoloDocument::of(&directory, Progress::quiet())).unwrap()
}

fn import_again(desk: &Desk, document: &Value) -> Report {
    let source = Source::bytes("export.json", serde_json::to_vec(document).unwrap());
    import_representatives(&desk.store, &[source], &desk.options, Progress::quiet()).unwrap()
}

#[test]
fn an_export_has_no_address_and_comes_back_as_it_was() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    desk.people(PEOPLE).unwrap();
    let before = desk.parts().representatives;
    let document = export(&desk);
    assert!(!document.to_string().contains('@'), "{document:#}");
    assert_eq!(document, export(&desk));
    let report = import_again(&desk, &document);
    assert!(report.counts.is_nothing() && report.counts.unchanged == 2, "{report}");
    assert_eq!(desk.parts().representatives, before);
}

#[test]
fn an_export_is_what_the_published_schema_wants() {
    let Some(folder) = folder() else { return };
    let schema = std::fs::read(folder.join("representatives/popolo_schema_mysociety.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let desk = Desk::new();
    let import =
        |run: fn(&postbag_persistence::Store, &[Source], &Options, Progress) -> Result<Report, ImportError>,
         file: &str| {
            run(&desk.store, &[Source::file(folder.join(file))], &desk.options, Progress::quiet()).unwrap()
        };
    for file in ["westminster_constituencies_2024", "senedd_constituencies", "scottish_parliament_2026_constituencies"]
    {
        import(import_areas, &format!("areas/{file}.csv"));
    }
    import(import_areas, "areas/scottish_parliament_2026_regions.csv");
    import(import_areas, "areas/northern_ireland_constituencies.csv");
    import(import_bodies, "health/cancer_alliances_2024.csv");
    for file in ["mps_2026-06-27_dfe", "senedd_members_elected_2026-05-07", "msps_constituency_elected_2026-05-07"] {
        import(import_representatives, &format!("representatives/{file}.csv"));
    }
    import(import_representatives, "representatives/mlas_2022-06-10_official.csv");
    let before = desk.parts().representatives;
    let document = export(&desk);
    let flaws: Vec<String> =
        schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path)).take(5).collect();
    assert_eq!(flaws, Vec::<String>::new());
    assert_eq!(document["persons"].as_array().unwrap().len(), 650 + 96 + 73 + 90);
    assert!(!document.to_string().contains('@'));
    let report = import_again(&desk, &document);
    assert_eq!(counts(&report), (0, 0, 0, before.len()), "{report}");
    assert_eq!(desk.parts().representatives, before);
}

//! Each layout, with rows as they come.

use super::fixtures::{AREAS, Desk, counts, text_of};
use crate::imports::*;
use postbag_domain::{AreaKind, Office, Route};

#[test]
fn our_own_list_of_areas_may_leave_columns_out() {
    let desk = Desk::new();
    assert_eq!(counts(&desk.areas(AREAS).unwrap()), (8, 0, 0, 0));
    let report =
        desk.areas("NAME,name_cy,Kind,code,hue\r\nFfawydd,Ffawydd,senedd_constituency,W09000001,red\r\n").unwrap();
    assert_eq!((counts(&report), report.ignored_columns), ((0, 1, 0, 0), vec!["hue".to_owned()]));
    let parts = desk.parts();
    let area = parts.areas.iter().find(|area| area.key.code.as_str() == "W09000001").unwrap();
    assert_eq!((area.name_cy.as_deref(), area.seats), (Some("Ffawydd"), Some(6)));
}

#[test]
fn codes_and_names_are_read_as_ons_heads_them() {
    let desk = Desk::new();
    desk.areas("\u{feff}SPC26CD,SPC26NM,SPR26CD,SPR26NM\nS16000151,Aberdeen Central,S17000026,North East Scotland\n")
        .unwrap();
    desk.areas("spr26cd,spr26nm,list_seats\nS17000026,North East Scotland,7\n").unwrap();
    desk.areas("pcon24cd,pcon24nm,pcon24nmw\nW07000082,Alyn and Deeside,Alun a Glannau Dyfrdwy\n").unwrap();
    desk.areas("sicbl23cd,sicbl23nm,icb23cd,icb23nm,cal21cd,cal21nm,cal24cd,cal24nm\nE38000006,A,E54000061,B,E56000001,Old,E56000002,New\n").unwrap();
    let areas = desk.parts().areas;
    let area = |code: &str| areas.iter().find(|area| area.key.code.as_str() == code).unwrap();
    let constituency = area("S16000151");
    assert_eq!(constituency.parent_code.unwrap().as_str(), "S17000026");
    assert_eq!((constituency.seats, constituency.start_date.unwrap().to_string()), (Some(1), "2026-05-07".to_owned()));
    assert_eq!(area("S17000026").seats, Some(7));
    assert_eq!(area("W07000082").name_cy.as_deref(), Some("Alun a Glannau Dyfrdwy"));
    assert_eq!(area("E38000006").parent_code.unwrap().as_str(), "E54000061");
    assert_eq!(area("E56000002").name, "New");
    assert!(areas.iter().all(|area| area.key.code.as_str() != "E56000001"));
}

#[test]
fn an_older_list_does_not_override_a_newer_one() {
    let desk = Desk::new();
    desk.areas("icb26cd,icb26nm\nE54000008,New name\n").unwrap();
    let report = desk.areas("icb23cd,icb23nm\nE54000008,Old name\nE54000009,Only here\n").unwrap();
    assert_eq!(counts(&report), (1, 0, 0, 1));
    desk.areas("code,name,kind\nE54000008,By hand,icb\n").unwrap();
    assert!(desk.parts().areas.iter().any(|area| area.name == "By hand" && area.generation.as_deref() == Some("2026")));
}

#[test]
fn gaelic_names_and_aliases_need_their_areas() {
    let desk = Desk::new();
    let names =
        "code,kind,region_code,name_en,name_gd\nS16000074,constituency,S17000014,Aberdeen Central,Obar Dheathain\n";
    let report = desk.areas(names).unwrap();
    assert!(report.notices[0].contains("S16000074"), "{:?}", report.notices);
    desk.areas("spc_code,spc_name,spr_code,spr_name\nS16000074,Aberdeen Central,S17000014,North East Scotland\n")
        .unwrap();
    assert_eq!(counts(&desk.areas(names).unwrap()), (0, 1, 0, 0));
    desk.areas("pcon24cd,pcon24nm\nS14000107,Ayr\n").unwrap();
    desk.areas("old_or_provisional_code,pcon24cd,pcon24nm\nS14000006,S14000107,Ayr\n").unwrap();
    let rows = "external_id,area_code,office,name\nx:1,S14000006,mp,Jo Bloggs\n";
    desk.people(rows).unwrap();
    assert_eq!(desk.in_office(Office::Mp)[0].area_code.as_str(), "S14000107");
    assert_eq!(desk.parts().areas.iter().filter(|area| area.name_gd.is_some()).count(), 1);
}

#[test]
fn an_alliance_of_2021_leads_to_what_became_of_it() {
    let desk = Desk::new();
    let text = "cal21cd,cal21nm,cal24cd,cal24nm,change\n\
        E56000005,Same,E56000005,Same,unchanged\nE56000022,North,E56000035,East,code changed\n\
        E56000023,South,E56000035,East,code changed\n";
    assert_eq!(counts(&desk.areas(text).unwrap()), (4, 0, 0, 0));
    assert_eq!(counts(&desk.areas(text).unwrap()), (0, 0, 0, 4));
    desk.areas("pcon24cd,pcon24nm\nE14001063,Aldershot\n").unwrap();
    desk.bodies("code,name,kind,email,route\nE56000035,East Alliance,cancer_alliance,east@example.org,via_office\n")
        .unwrap();
    desk.postcodes("onspd_2021.csv", "pcds,doterm,ctry,pcon,calncv\nGU11 1AA,,E92000001,E14001063,E56000022\n")
        .unwrap();
    assert!(desk.place("GU11 1AA").unwrap().contains(&"cancer_alliance E56000035".to_owned()));
    let body = &desk.parts().bodies[0];
    assert_eq!((body.reachable(), body.email.is_some()), (Route::ViaOffice, true));
}

#[test]
fn what_the_newer_list_of_boards_lacks_has_ended() {
    let old = "icb23cd,icb23nm\nE54000008,Stays\nE54000026,Merged\n";
    let new = "icb26cd,icb26nm\nE54000008,Stays\nE54000066,New\n";
    for files in [[old, new], [new, old]] {
        let mut desk = Desk::new();
        desk.options.force = true;
        for file in files {
            desk.areas(file).unwrap();
        }
        let mut ends: Vec<_> = desk
            .parts()
            .areas
            .into_iter()
            .map(|area| (area.key.code.to_string(), area.end_date.map(|day| day.to_string())))
            .collect();
        ends.sort();
        let merged = ("E54000026".to_owned(), Some("2026-03-31".to_owned()));
        assert_eq!(ends, [("E54000008".to_owned(), None), merged, ("E54000066".to_owned(), None)]);
        assert!(files.iter().all(|file| desk.areas(file).unwrap().counts.is_nothing()));
    }
}

#[test]
fn northern_ireland_has_two_generations_at_once() {
    let desk = Desk::new();
    let text = "boundary_generation,gss_code,name,assembly_seats,used_for\n\
        2008,N06000001,Belfast East,5,assembly (2022 election) and Westminster 2010-2024\n\
        2024,N05000001,Belfast East,,Westminster since 2024-07-04\n";
    assert_eq!(counts(&desk.areas(text).unwrap()), (3, 0, 0, 0));
    assert_eq!(counts(&desk.areas(text).unwrap()), (0, 0, 0, 3));
    let old = desk
        .parts()
        .areas
        .into_iter()
        .find(|a| a.key.kind == AreaKind::WestminsterConstituency && a.key.code.as_str() == "N06000001");
    assert_eq!(old.unwrap().end_date.unwrap().to_string(), "2024-07-03");
}

#[test]
fn a_postcode_file_is_layered_by_what_it_is() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let onspd = "pcd,pcd2,pcds,dointr,doterm,osgrdind,ctry,rgn,pcon,sicbl,calncv\n\
        \"AB1 0AA\",\"AB1  0AA\",\"AB1 0AA\",198001,,1,E92000001,E12000001,E14000001,E38000001,E56000001\n\
        \"M1  1AD\",\"M1   1AD\",\"M1 1AD\",198001,202509,1,E92000001,E99999999,E14000002,W11000001,E99999999\n\
        \"IM1 1AA\",\"IM1  1AA\",\"IM1 1AA\",198001,,9,M83000003,M99999999,M99999999,M99999999,M99999999\n\
        \"ZE1 0AA\",\"ZE1  0AA\",\"ZE1 0AA\",202510,,9,,,,,\n";
    let report = desk.postcodes("ONSPD_NOV_2025.csv", onspd).unwrap();
    assert_eq!(counts(&report), (4, 0, 0, 0));
    assert_eq!(counts(&desk.postcodes("ONSPD_NOV_2025.csv", onspd).unwrap()), (0, 0, 0, 4));
    desk.postcodes("senedd.csv", "pcds,sen26cd\nCF10 1AA,W09000001\n").unwrap();
    desk.postcodes("mine.csv", "Postcode,nia_cd\nbt1 1aa,N06000001\n").unwrap();
    let layers: Vec<_> = desk.parts().layers.into_iter().map(|layer| (layer.name, layer.as_of.to_string())).collect();
    assert!(layers.contains(&("onspd".to_owned(), "2025-11-01".to_owned())), "{layers:?}");
    assert!(layers.contains(&("senedd".to_owned(), "2026-07-01".to_owned())), "{layers:?}");
    assert!(layers.contains(&("mine".to_owned(), "2026-07-01".to_owned())), "{layers:?}");
    let place = desk.place("AB1 0AA").unwrap();
    assert!(place.contains(&"westminster_constituency E14000001".to_owned()), "{place:?}");
    assert!(place.contains(&"cancer_alliance E56000001".to_owned()), "{place:?}");
    assert!(desk.place("M1 1AD").unwrap_err().contains("Terminated"));
    assert!(desk.place("IM1 1AA").unwrap_err().contains("CrownDependency"));
    assert!(desk.place("ZE1 0AA").unwrap_err().contains("NoLocation"));
}

#[test]
fn large_users_are_marked_by_every_layout_that_has_them() {
    for (name, header, mark) in [
        ("old.csv", "pcds,usertype,pqi", "1"),
        ("new.csv", "pcds,USRTYPIND,pqi", "1"),
        ("s.csv", "pcds,PostcodeType,pqi", "L"),
    ] {
        let rows = format!(
            "{header},ctry,pcon\nAB1 0AA,{mark},10,E92000001,E14000001\nAB1 0AB,0,10,E92000001,E14000001\n\
            AB1 0AD,{mark},90,E92000001,\nAB1 0AE,0,90,E92000001,\n"
        );
        let desk = Desk::new();
        desk.areas(AREAS).unwrap();
        let report = desk.postcodes(name, &rows).unwrap();
        assert_eq!(report.ignored_columns, ["pqi"], "{name}");
        assert!(desk.found("AB1 0AA").unwrap().is_large_user, "{name}");
        assert!(!desk.found("AB1 0AB").unwrap().is_large_user, "{name}");
        assert_eq!(desk.found("AB1 0AD").unwrap_err(), "LargeUser", "{name}");
        assert_eq!(desk.found("AB1 0AE").unwrap_err(), "NoLocation", "{name}");
    }
}

#[test]
fn a_file_of_shares_tells_of_postcodes_in_several_areas() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let rows = "postcode,pcon24cd,cal24cd,share\nAB1 0AA,E14000001,E56000001,0.3\nAB1 0AB,E14000003,E56000001,\n\
        AB1 0AA,E14000002,E56000001,0.7\nAB1 0AD,E14000001,E56000001,\nAB1 0AD,E14000002,E56000001,\n";
    let report = desk.postcodes("mine.csv", rows).unwrap();
    assert_eq!(counts(&report), (3, 0, 0, 0));
    assert!(report.notices.iter().any(|notice| notice == "2 postcodes of layer mine lie in several areas"), "{report}");
    assert_eq!(counts(&desk.postcodes("mine.csv", rows).unwrap()), (0, 0, 0, 3));
    let choices = |number: u8, share: &str| format!("westminster_constituency E1400000{number} {share}");
    assert_eq!(desk.choices("AB1 0AA"), [choices(2, "0.7"), choices(1, "0.3")]);
    assert_eq!(desk.choices("AB1 0AD"), [choices(1, "?"), choices(2, "?")]);
    assert_eq!(desk.place("AB1 0AA").unwrap(), ["cancer_alliance E56000001"]);
    assert_eq!(desk.place("AB1 0AB").unwrap().len(), 2);
    let moved = desk.postcodes("mine.csv", &rows.replace("0.3", "0.2")).unwrap();
    assert_eq!(counts(&moved), (0, 1, 0, 2));
}

#[test]
fn shares_that_make_no_sense_are_refused() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let rows = |share: &str| format!("pcds,pcon24cd,share\nAB1 0AA,E14000001,0.6\nAB1 0AA,E14000002,{share}\n");
    let error = desk.postcodes("mine.csv", &rows("70%")).unwrap_err().to_string();
    assert!(error.contains("mine.csv, line 3: share: must be a number from 0 to 1"), "{error}");
    let error = desk.postcodes("mine.csv", &rows("0.5")).unwrap_err().to_string();
    assert!(error.contains("the shares of AB1 0AA add up to more than 1"), "{error}");
    assert!(desk.parts().layers.is_empty());
}

/// A row of the Scottish Postcode Directory of small users, without a header: invented areas in the published places.
fn scottish(postcode: &str, constituency: &str, households: &str) -> String {
    let mut cells = vec![""; 58];
    cells[0] = postcode;
    cells[3] = "7/7/2004 00:00:00";
    cells[10] = "S12000035";
    cells[12] = "S17000001";
    cells[13] = constituency;
    cells[26] = households;
    cells.join(",")
}

#[test]
fn both_halves_of_a_scottish_postcode_are_kept() {
    let desk = Desk::new();
    let areas = "code,name,kind\nS17000001,Highlands,holyrood_region\nS16000001,Argyll,holyrood_constituency\n\
        S16000002,Skye,holyrood_constituency\n";
    desk.areas(areas).unwrap();
    let rows = [
        scottish("G13 3AE", "S16000001", "40"),
        scottish("PA75 6NUB", "S16000002", "3"),
        scottish("PA75 6NUA", "S16000001", "9"),
        scottish("PA31 8UAB", "S16000001", "0"),
        scottish("PA31 8UAA", "S16000001", "9"),
        scottish("PA80 5UAB", "S16000002", ""),
        scottish("PA80 5UAA", "S16000001", "9"),
    ];
    desk.postcodes("spd.csv", &rows.join("\n")).unwrap();
    let choice = |number: u8, share: &str| format!("holyrood_constituency S1600000{number} {share}");
    assert_eq!(desk.choices("PA75 6NU"), [choice(1, "0.75"), choice(2, "0.25")]);
    assert_eq!(desk.choices("PA80 5UA"), [choice(1, "?"), choice(2, "?")]);
    assert_eq!(desk.choices("PA31 8UA"), [""; 0]);
    assert_eq!(desk.place("PA75 6NU").unwrap(), ["local_authority S12000035", "holyrood_region S17000001"]);
    let headed = "Postcode,DateOfIntroduction,DateOfDeletion,SplitIndicator,CensusHouseholdCount2011,CensusHouseholdCount2022,\
        ScottishParliamentaryConstituency2021Code\nPA75 6NUA,7/7/2004 00:00:00,,Y,9,6,S16000001\n\
        PA75 6NUB,7/7/2004 00:00:00,,Y,0,2,S16000002\n";
    desk.postcodes("headed.csv", headed).unwrap();
    assert_eq!(desk.choices("PA75 6NU"), [choice(1, "0.75"), choice(2, "0.25")]);
}

#[test]
fn a_table_of_names_finds_its_areas() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let report = desk.postcodes("ni.csv", "BT170FZ,belfast EAST\nBT170GE,Belfast East\n").unwrap();
    assert_eq!(
        (report.counts.added, report.ignored_columns.len()),
        (2, 0),
        "the first line is a row, and names no column"
    );
    assert_eq!(desk.place("BT17 0GE").unwrap(), ["assembly_constituency N06000001"]);
    let error = desk.postcodes("ni.csv", "BT170FZ,Belfast East\nBT170GE,Nowhere\n").unwrap_err();
    assert!(error.to_string().contains("ni.csv, line 2: there is no area of kind assembly_constituency"), "{error}");
}

#[test]
fn members_of_the_commons_are_read_as_published() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let table = |birch: &str| {
        format!(
            "\u{feff}\"pcon_name\",\"pcon_code\",\"member_id\",\"display_as\",\"party_text\",\"member_email\",\"lad_names\"\r\n\
            \"Alder\",\"E14000001\",\"101\",\"Sir Al Der\",\"Labour\",\"al@parliament.uk\",\"A / B\"\r\n{birch}\
            \"Cedar\",\"E14000003\",\"Vacant\",\"Vacant\",\"Vacant\",\"No email found\",\"C\"\r\n\
            \"Douglas\",\"E14000004\",\"104\",\"Órfhlaith Doe\",\"Sinn Féin\",\"No email found\",\"D\"\r\n\
            \"Elm\",\"E14000005\",\"105\",\"El M\",\"Speaker\",\"el@parliament.uk\",\"E\"\r\n"
        )
    };
    let birch = "\"Birch\",\"E14000002\",\"102\",\"Bi Rch\",\"Labour\",\"bi@parliament.uk\",\"B\"\r\n";
    let report = desk.people(&table(birch)).unwrap();
    assert_eq!(counts(&report), (4, 0, 0, 0));
    assert!(report.notices[0].starts_with("1 of the seats"), "{:?}", report.notices);
    assert!(report.ignored_columns.contains(&"lad_names".to_owned()));
    assert_eq!(counts(&desk.people(&table(birch)).unwrap()), (0, 0, 0, 4));
    let people = desk.in_office(Office::Mp);
    let doe = people.iter().find(|person| person.external_id == "parliament:104").unwrap();
    assert_eq!((doe.reachable(), doe.email.is_some()), (Route::NoAddress, false));

    let other = "PCON24CD,PCON24NM,MP,ID,Start date,Party,Party name\nE14000001,Alder,Sir Al Der,101,2024-07-04T00:00:00,Lab,Labour\n\
        E14000002,Birch,Bi Rch,102,2024-07-04T00:00:00,Lab,Labour\nE14000004,Douglas,Órfhlaith Doe,104,2024-07-04T00:00:00,SF,Sinn Féin\n\
        E14000005,Elm,El M,105,2024-07-04T00:00:00,Spk,Speaker\n";
    assert_eq!(counts(&desk.people(other).unwrap()), (0, 4, 0, 0));
    assert_eq!(desk.in_office(Office::Mp).iter().filter(|person| person.email.is_some()).count(), 3);

    desk.people(&table("")).unwrap_err();
    let mut forced = Desk { options: Options { force: true, ..desk.options.clone() }, ..desk };
    let report = forced.people(&table("")).unwrap();
    assert_eq!(
        (counts(&report), report.changes),
        ((0, 0, 1, 3), vec!["- Bi Rch, mp for Birch (E14000002)".to_owned()])
    );
    forced.options.force = false;
    assert_eq!(forced.in_office(Office::Mp).len(), 3);
}

#[test]
fn members_elsewhere_are_read_as_published() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    desk.areas("spc26cd,spc26nm\nS16000163,Bathgate\n").unwrap();
    desk.people(
        "sen26cd,sen26nm,seat_order,name,party,dc_person_id\nW09000001,Ffawydd,1,Sera Evans,Plaid Cymru,33693\n",
    )
    .unwrap();
    desk.people("spc26cd,dc_name,party,dc_person_id,name_in_results_source\nS16000163,Pauline STAFFORD,SNP,85291,\n")
        .unwrap();
    desk.people("id,name,first_name,last_name,party,area\n5797,\"Aiken, Steve OBE\",Steve,Aiken,UUP,BELFAST  East\n")
        .unwrap();
    let found = |office| {
        let people = desk.in_office(office);
        format!("{} {}", people[0].external_id, people[0].name)
    };
    assert_eq!(found(Office::Ms), "democracy-club:33693 Sera Evans");
    assert_eq!(found(Office::MspConstituency), "democracy-club:85291 Pauline Stafford");
    assert_eq!(found(Office::Mla), "ni-assembly:5797 Steve Aiken");
    let candidates = "spc26cd,spc26nm,dc_person_id,name,party_name,party_ec_id\nS16000163,Bathgate,1,A B,C,PP1\n";
    assert!(desk.people(candidates).unwrap_err().to_string().contains("lists candidates"));
}

#[test]
fn members_for_areas_that_have_ended_end_nobody() {
    let desk = Desk::new();
    desk.areas("spc_code,spc_name\nS16000163,Bathgate\nS16000100,Of old\n").unwrap();
    desk.people("external_id,area_code,office,name\nx:1,S16000163,msp_constituency,Now Here\n").unwrap();
    let old = "name,area_type,area_name,area_code,party,email_unverified,twitter\nB. Fore,constituency,Of old,S16000100,SNP,b@x.scot,\n";
    let report = desk.people(old).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(counts(&report), (0, 0, 0, 0));
    assert!(report.notices.iter().any(|notice| notice.contains("email_unverified")), "{:?}", report.notices);
    assert_eq!(desk.in_office(Office::MspConstituency).len(), 1);
}

const POPOLO: &str = r#"{
  "persons": [
    {"id": "uk.org.publicwhip/person/1", "identifiers": [{"scheme": "datadotparl_id", "identifier": "101"}],
     "other_names": [{"note": "Main", "given_name": "Old", "family_name": "Name", "end_date": "2001-01-01"},
                     {"note": "Main", "given_name": "Al", "family_name": "Der"}], "shortcuts": {"x": 1}},
    {"id": "uk.org.publicwhip/person/2", "name": "Bi Rch",
     "contact_details": [{"type": "phone", "value": "020"}, {"type": "email", "value": "bi@parliament.uk"}]},
    {"id": "uk.org.publicwhip/person/3", "name": "Peer"}],
  "organizations": [{"id": "labour", "name": "Labour"}, {"id": "house-of-commons", "name": "House of Commons"}],
  "posts": [
    {"id": "c/1", "organization_id": "house-of-commons", "area": {"name": "Alder"}, "label": "MP for Alder"},
    {"id": "c/2", "organization_id": "house-of-commons", "area": {"name": "Other", "identifiers": [{"scheme": "gss", "identifier": "E14000002"}]}},
    {"id": "c/9", "organization_id": "house-of-commons", "area": {"name": "Long gone"}}],
  "memberships": [
    {"id": "m/0", "person_id": "uk.org.publicwhip/person/1", "post_id": "c/9", "start_date": "1992", "end_date": "2010-04-12"},
    {"id": "m/1", "person_id": "uk.org.publicwhip/person/1", "post_id": "c/1", "on_behalf_of_id": "labour", "start_date": "2024-07-04", "end_date": "9999-12-31"},
    {"id": "m/2", "person_id": "uk.org.publicwhip/person/2", "post_id": "c/2", "name": {"given_name": "Bi"}},
    {"id": "l/1", "person_id": "uk.org.publicwhip/person/3", "organization_id": "house-of-lords", "start_date": "1999"}]
}"#;

#[test]
fn popolo_tells_of_members_by_post() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let report = desk.people(POPOLO).unwrap();
    assert_eq!(counts(&report), (2, 0, 0, 0), "{report}");
    assert_eq!(counts(&desk.people(POPOLO).unwrap()), (0, 0, 0, 2));
    let mut people: Vec<_> =
        desk.in_office(Office::Mp).into_iter().map(|p| (p.external_id, p.name, p.email.is_some(), p.party)).collect();
    people.sort();
    assert_eq!(people[0], ("parliament:101".to_owned(), "Al Der".to_owned(), false, Some("Labour".to_owned())));
    assert_eq!(people[1], ("publicwhip:2".to_owned(), "Bi Rch".to_owned(), true, None));
    let elsewhere = POPOLO.replace("\"Alder\"", "\"Nowhere\"");
    let error = desk.people(&elsewhere).unwrap_err().to_string();
    assert!(error.contains("people.csv: there is no area"), "{error}");
    assert!(desk.people("{\"persons\": []}").is_err() && desk.people("{\"persons\": [").is_err());
}

#[test]
fn bodies_come_from_our_own_list_or_from_codes_and_names() {
    let desk = Desk::new();
    desk.areas(AREAS).unwrap();
    let own = "code,name,kind,email,route,source\nE56000001,North Alliance,cancer_alliance,north@example.org,,list\n";
    assert_eq!(counts(&desk.bodies(own).unwrap()), (1, 0, 0, 0));
    assert_eq!(counts(&desk.bodies(own).unwrap()), (0, 0, 0, 1));
    let report = desk.bodies("cal24cd,cal24nm\nE56000001,North\n").unwrap();
    assert_eq!(
        (counts(&report), report.changes),
        ((0, 1, 0, 0), vec!["~ cancer_alliance North (E56000001)".to_owned()])
    );
    let body = desk.parts().bodies.remove(0);
    assert_eq!((body.reachable(), body.email.is_some()), (Route::Email, true));
    let many = "sicbl23cd,sicbl23nm,cal24cd,cal24nm\nE38000001,A,E56000001,North\n";
    assert!(desk.bodies(many).unwrap_err().to_string().contains("--kind"));
    let chosen = Desk { options: Options { kind: Some(AreaKind::CancerAlliance), ..desk.options.clone() }, ..desk };
    assert_eq!(counts(&chosen.bodies(many).unwrap()), (0, 0, 0, 1));
}

#[test]
fn files_of_no_known_layout_are_refused_with_what_was_expected() {
    let desk = Desk::new();
    let error = |result: Result<Report, ImportError>| result.unwrap_err().to_string();
    assert!(error(desk.areas("a,b\n1,2\n")).contains("areas.csv: is no list of areas"));
    assert!(error(desk.areas("pcds,pcon24cd,pcon24nm\nA,B,C\n")).contains("import it as postcodes"));
    assert!(error(desk.postcodes("p.csv", "a,b\n1,2\n")).contains("Expected are a column of postcodes"));
    assert!(error(desk.postcodes("p.csv", "AB1 0AA,b,c\n")).contains("Expected are"));
    assert!(error(desk.people("a,b\n1,2\n")).contains("external_id, area_code"));
    assert!(error(desk.people("external_id,area_code,name\nx:1,E14000001,A\n")).contains("--office"));
    assert!(error(desk.bodies("code,name\nE56000001,A\n")).contains("--kind"));
    assert!(error(desk.bodies("a,b\n1,2\n")).contains("is no list of bodies"));
    let empty = import_areas(&desk.store, &[text_of("none.csv", "")], &desk.options, Progress::quiet());
    assert!(error(empty).contains("none.csv: is empty"));
}

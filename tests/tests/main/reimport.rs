//! A newer members' file: the report says who came, who left and what changed, and nothing else; messages that wait follow.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::server::{Home, eventually};
use postbag_tests::supporter::{key, person, submission};
use std::time::Duration;

use crate::setup;

/// How many seats the invented house has.
const SEATS: usize = 120;

/// One row of the file: person, name, party, address.
type Row = (usize, String, &'static str, String);

/// The invented house, by seat: every member's number is their seat's.
fn house() -> BTreeMap<usize, Row> {
    let row = |seat: usize| (seat, format!("Invented Member {seat}"), "Lantern Party", address(seat, ""));
    (0..SEATS).map(|seat| (seat, row(seat))).collect()
}

fn address(number: usize, suffix: &str) -> String {
    format!("member.{number}{suffix}@members.example.org")
}

fn code(seat: usize) -> String {
    format!("E1499{:04}", 1000 + seat)
}

fn postcode(seat: usize) -> String {
    let letters = b"ABDEFGHJLN";
    format!("ZB{} {}AA", seat / 10 % 10, seat % 10).replace("AA", &format!("{}A", char::from(letters[seat / 100])))
}

async fn write(home: &Home, what: &str, name: &str, content: &str, options: &[&str]) -> String {
    let path = home.folder().join(name);
    std::fs::write(&path, content).unwrap();
    let path = path.display().to_string();
    let args: Vec<_> = ["import", what, &path].into_iter().chain(options.iter().copied()).collect();
    home.cli(&args).await.succeeds().text()
}

fn members(house: &BTreeMap<usize, Row>) -> String {
    let mut file = String::from("external_id,area_code,office,name,party,email,source\n");
    for (seat, (number, name, party, email)) in house {
        writeln!(file, "invented:{number},{},mp,{name},{party},{email},invented", code(*seat)).unwrap();
    }
    file
}

/// Twenty changes: 6 leave and 4 come (so 2 seats fall empty), 4 addresses, 3 parties, 2 names and 1 address lost.
fn changed(mut house: BTreeMap<usize, Row>) -> BTreeMap<usize, Row> {
    for seat in 0..4 {
        let number = 500 + seat;
        house.insert(seat, (number, format!("Invented Newcomer {seat}"), "Meadow Party", address(number, "")));
    }
    house.remove(&4);
    house.remove(&5);
    for seat in 10..14 {
        house.get_mut(&seat).unwrap().3 = address(seat, ".new");
    }
    for seat in 20..23 {
        house.get_mut(&seat).unwrap().2 = "Independent";
    }
    for seat in 30..32 {
        write!(house.get_mut(&seat).unwrap().1, " of Sample").unwrap();
    }
    house.get_mut(&40).unwrap().3 = String::new();
    house
}

/// The lines of a report that tell one change each, sorted.
fn told(report: &str) -> Vec<String> {
    let is_change = |line: &&str| ["+ ", "~ ", "- "].iter().any(|sign| line.starts_with(sign));
    let mut lines: Vec<_> = report.lines().map(str::trim).filter(is_change).map(ToOwned::to_owned).collect();
    lines.sort();
    lines
}

fn expected() -> Vec<String> {
    let who = |name: String, seat: usize| format!("{name}, mp for Invented Seat {seat} ({})", code(seat));
    let member = |seat: usize| who(format!("Invented Member {seat}"), seat);
    let mut lines = Vec::new();
    lines.extend((0..4).map(|seat| format!("+ {}", who(format!("Invented Newcomer {seat}"), seat))));
    lines.extend((0..6).map(|seat| format!("- {}", member(seat))));
    lines.extend((10..14).map(|seat| format!("~ {}: address changed", member(seat))));
    lines.extend((20..23).map(|seat| format!("~ {}: party changed", member(seat))));
    lines.extend(
        (30..32).map(|seat| format!("~ {}: name changed", who(format!("Invented Member {seat} of Sample"), seat))),
    );
    lines.push(format!("~ {}: address lost", member(40)));
    lines.sort();
    lines
}

#[tokio::test]
async fn the_report_of_a_newer_file_lists_exactly_its_twenty_changes_and_messages_follow() {
    let home = setup().empty().prepare().await;
    home.cli(&["migrate"]).await.succeeds();
    let mut areas = String::from("code,name,kind,generation\nE56997001,Northmere,cancer_alliance,2024\n");
    let mut postcodes = String::from("pcds,ctry,pcon24cd,cal24cd\n");
    for seat in 0..SEATS {
        writeln!(areas, "{},Invented Seat {seat},westminster_constituency,2024", code(seat)).unwrap();
        writeln!(postcodes, "{},E92000001,{},E56997001", postcode(seat), code(seat)).unwrap();
    }
    write(&home, "areas", "areas.csv", &areas, &[]).await;
    write(&home, "postcodes", "postcodes.csv", &postcodes, &["--as-of", "2026-01-01"]).await;
    let bodies = "code,name,kind,email,route\nE56997001,Northmere Cancer Alliance,cancer_alliance,,via_office\n";
    write(&home, "bodies", "bodies.csv", bodies, &[]).await;
    write(&home, "representatives", "members.csv", &members(&house()), &[]).await;

    let mut server = home.serve_with(&[("POSTBAG_ROLE", "api")]).await;
    let campaign = CampaignPlan::fair_care().publish(&server).await;
    let seats = [0, 4, 10, 50];
    for seat in seats {
        let body = submission(&postcode(seat), &person(seat));
        server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    }
    let newer = members(&changed(house()));
    let dry = write(&home, "representatives", "newer.csv", &newer, &["--dry-run"]).await;
    assert_eq!(told(&dry), expected(), "{dry}");
    assert!(dry.contains("2 messages that wait for people who leave are held"), "{dry}");
    let real = write(&home, "representatives", "newer.csv", &newer, &[]).await;
    assert_eq!(told(&real), expected(), "{real}");
    assert!(real.contains("4 are added, 10 changed, 6 ended"), "{real}");
    assert!(told(&write(&home, "representatives", "newer.csv", &newer, &[]).await).is_empty(), "the same file again");
    server.stop().await;

    // Who left receives nothing; who came receives what waited; an address that changed is the new one.
    let server = home.serve().await;
    let letters = home.letters(3).await;
    let mut recipients: Vec<_> = letters.iter().map(|letter| letter.recipient().to_owned()).collect();
    recipients.sort();
    assert_eq!(recipients, [address(10, ".new"), address(500, ""), address(50, "")]);
    eventually("the message to the empty seat is held", Duration::from_secs(30), || async {
        let held =
            server.get("/v1/admin/deliveries?state=held").token(&server.operator().await).await.expect(200).json();
        held["items"].as_array().unwrap().len() == 1 && held["items"][0]["held_for"] == "vacancy"
    })
    .await;
    server.cli(&["recount", "--check"]).await.succeeds();
}

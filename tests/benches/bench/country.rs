//! A made-up Scotland in which everybody has two representatives, and as many postcodes as are asked for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How many seats there are in either parliament.
const SEATS: usize = 73;

/// Enough for submissions.
pub(crate) const SMALL: usize = 4000 * SEATS;

/// Letters that stand at the end of postcodes.
const UNIT: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";

/// How many postcodes share an outward code.
const INWARD: usize = 10 * UNIT.len() * UNIT.len();

/// The n-th postcode.
pub(crate) fn postcode(n: usize) -> String {
    let (outward, inward) = (n / INWARD, n % INWARD);
    let (digit, first, second) = (inward / 400, UNIT[inward / 20 % 20], UNIT[inward % 20]);
    let area = char::from(b"ABCDEFGH"[outward / 54 % 8]);
    format!("Z{area}{} {digit}{}{}", outward % 54 + 1, char::from(first), char::from(second))
}

/// Writes the files in the order in which they are imported.
pub(crate) fn write_to(folder: &Path, postcodes: usize) -> Vec<(&'static str, PathBuf)> {
    let (mut areas, mut people) = (
        "code,name,kind,generation,parent_code,seats\nS17997001,Region,holyrood_region,2026,,7\n".to_owned(),
        "external_id,area_code,office,name,party,email,start_date,end_date,source\n".to_owned(),
    );
    for n in 0..SEATS {
        writeln!(areas, "S14997{n:03},Seat {n},westminster_constituency,2024,,1").expect("memory");
        writeln!(areas, "S16997{n:03},Seat {n},holyrood_constituency,2026,S17997001,1").expect("memory");
        let person = |area: &str, office: &str| {
            format!(
                "bench:{office}:{n},{area}{n:03},{office},Una {office} {n},Lantern Party,{office}{n}@members.example.org,2024-07-05,,invented"
            )
        };
        writeln!(people, "{}", person("S14997", "mp")).expect("memory");
        writeln!(people, "{}", person("S16997", "msp_constituency")).expect("memory");
    }
    let mut places = "pcds,doterm,ctry,pcon24cd,spc26cd\n".to_owned();
    for n in 0..postcodes {
        let seat = n / INWARD % SEATS;
        writeln!(places, "{},,S92000003,S14997{seat:03},S16997{seat:03}", postcode(n)).expect("memory");
    }
    let write = |what: &'static str, content: &str| {
        let path = folder.join(format!("bench-{what}.csv"));
        std::fs::write(&path, content).expect("a file of the country");
        (what, path)
    };
    vec![write("areas", &areas), write("representatives", &people), write("postcodes", &places)]
}

//! A made-up kingdom in the layout of the postcode directory that the Office for National Statistics published in November 2025: as
//! many rows as the real one, live and terminated, over as many outward codes and combinations of areas. All of it is invented.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The columns, as published.
const HEADER: &str = "pcd7,pcd8,pcds,dointr,doterm,cty25cd,ced25cd,lad25cd,wd25cd,parncp25cd,usrtypind,east1m,north1m,gridind,\
    hlth19cd,nhser24cd,ctry25cd,rgn25cd,ssr95cd,pcon24cd,eer20cd,educ23cd,ttwa15cd,pco19cd,itl25cd,wdstl05cd,oa01cd,wdcas03cd,\
    npark16cd,lsoa01cd,msoa01cd,ruc01ind,oac01ind,oa11cd,lsoa11cd,msoa11cd,wz11cd,sicbl24cd,bua24cd,ruc11ind,oac11ind,lat,long,\
    lep21cd1,lep21cd2,pfa23cd,imd20ind,cal24cd,icb23cd,oa21cd,lsoa21cd,msoa21cd,ruc21ind";

/// Letters of postal areas that do not exist, each with a hundred outward parts.
const POSTAL_AREAS: [&str; 29] = [
    "YA", "YB", "YC", "YD", "YE", "YF", "ZA", "ZB", "ZC", "ZD", "ZE", "ZF", "ZG", "ZH", "ZK", "ZL", "ZM", "ZN", "ZO",
    "ZP", "ZQ", "ZR", "ZS", "ZT", "ZU", "ZV", "ZW", "ZX", "ZY",
];
const OUTWARD: usize = 100 * POSTAL_AREAS.len();

/// Letters that end postcodes, and how many inward parts an outward part has with them.
const UNIT: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
const INWARD: usize = 10 * UNIT.len() * UNIT.len();

/// Combinations of areas.
const COMBINATIONS: usize = 4_000;

/// Seats in the Commons, and up to which of them lies England, Scotland and Wales.
const SEATS: usize = 650;
const BORDERS: [usize; 3] = [543, 600, 632];

/// Seats that are held for a kind of area: the beginning of its codes, how many there are, the office, and the seats of each.
const OFFICES: [(&str, usize, &str, usize); 5] = [
    ("pcon", SEATS, "mp", 1),
    ("S16", 73, "msp_constituency", 1),
    ("S17", 8, "msp_region", 7),
    ("W09", 16, "ms", 6),
    ("N06", 18, "mla", 5),
];

/// The other areas.
const AREAS: [(&str, usize, &str); 9] = [
    ("S16", 73, "holyrood_constituency"),
    ("S17", 8, "holyrood_region"),
    ("W09", 16, "senedd_constituency"),
    ("N06", 18, "assembly_constituency"),
    ("E12", 9, "english_region"),
    ("E38", 107, "sub_icb"),
    ("E54", 42, "icb"),
    ("E56", 20, "cancer_alliance"),
    ("E07", 310, "local_authority"),
];

/// Which of two editions; in the second, one row in forty has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    First,
    Second,
}

/// The files of the kingdom.
#[derive(Debug)]
pub(crate) struct Kingdom {
    /// Areas, representatives, and what the devolved parliaments' own postcode files say: in the order in which they are imported.
    pub(crate) others: Vec<(&'static str, PathBuf)>,
    /// The directory, and the edition that comes after it.
    pub(crate) editions: [PathBuf; 2],
    /// How many rows each edition has.
    pub(crate) rows: usize,
    /// Some of the live postcodes, from everywhere.
    pub(crate) postcodes: Vec<String>,
}

impl Kingdom {
    /// Writes the files into a folder.
    pub(crate) fn write_to(folder: &Path) -> Self {
        let file = |name: &str, write: &dyn Fn(&mut BufWriter<File>)| {
            let path = folder.join(name);
            let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a file of the kingdom"));
            write(&mut file);
            file.flush().expect("room on the disk");
            path
        };
        let others = vec![
            ("areas", file("areas.csv", &write_areas)),
            ("representatives", file("people.csv", &write_people)),
            ("postcodes", file("scotland_2025-11.csv", &|file| write_layer(file, "spc26cd,spr26cd", holyrood))),
            ("postcodes", file("senedd_2025-11.csv", &|file| write_layer(file, "sen26cd", senedd))),
            ("postcodes", file("assembly_2025-11.csv", &|file| write_layer(file, "nia_cd", assembly))),
        ];
        let editions = [("onspd_2025-11.csv", Edition::First), ("onspd_2025-12.csv", Edition::Second)];
        let editions = editions.map(|(name, edition)| file(name, &|file| write_edition(file, edition)));
        let postcodes = rows(Edition::First).filter(|row| row.is_live).step_by(997).map(Row::postcode).collect();
        Self { others, editions, rows: rows(Edition::First).count(), postcodes }
    }
}

/// One row.
#[derive(Clone, Copy)]
struct Row {
    outward: usize,
    inward: usize,
    combination: usize,
    is_live: bool,
}

/// Every row, from few in an outward part to many.
fn rows(edition: Edition) -> impl Iterator<Item = Row> {
    (0..OUTWARD).flat_map(move |outward| {
        let count = 300 + outward * 7919 % 1263;
        (0..count).map(move |n| Row::of(outward, n, count, edition))
    })
}

impl Row {
    fn of(outward: usize, n: usize, count: usize, edition: Edition) -> Self {
        let inward = n * INWARD / count;
        let sector = outward * 10 + inward / 400;
        // Borders run through sectors.
        let astray = usize::from(n.is_multiple_of(17)) + usize::from(edition == Edition::Second && n % 40 == 7);
        let combination = (sector * COMBINATIONS / (OUTWARD * 10) + astray) % COMBINATIONS;
        Self { outward, inward, combination, is_live: (outward * 31 + n * 7) % 100 < 65 }
    }

    fn outward(self) -> String {
        format!("{}{}", POSTAL_AREAS[self.outward / 100], self.outward % 100)
    }

    fn inward(self) -> String {
        let unit = |at: usize| char::from(UNIT[at % 20]);
        format!("{}{}{}", self.inward / 400, unit(self.inward / 20), unit(self.inward))
    }

    fn postcode(self) -> String {
        format!("{} {}", self.outward(), self.inward())
    }

    fn seat(self) -> usize {
        self.combination * SEATS / COMBINATIONS
    }

    /// England, Scotland, Wales or Northern Ireland.
    fn nation(self) -> usize {
        nation(self.seat())
    }

    fn write(self, file: &mut impl Write) {
        let (outward, inward, combination) = (self.outward(), self.inward(), self.combination);
        let (seat, nation) = (self.seat(), self.nation());
        let letter = ["E", "S", "W", "N"][nation];
        let pseudo = format!("{letter}99999999");
        let english = |prefix, n| if nation == 0 { code(prefix, n) } else { pseudo.clone() };
        let lad = code(["E07", "S12", "W06", "N09"][nation], seat * 308 / SEATS + combination % 3);
        let sub_icb = english("E38", seat * 106 / SEATS + combination / 3 % 2);
        let country = ["E92000001", "S92000003", "W92000004", "N92000002"][nation];
        let (region, icb) = (english("E12", seat * 9 / SEATS), english("E54", seat * 42 / SEATS));
        let (alliance, seat) = (english("E56", seat * 20 / SEATS), seat_code(seat));
        let ended =
            if self.is_live { String::new() } else { format!("20{:02}{:02}", combination % 26, combination % 12 + 1) };
        let (east, north) = (100_000 + self.outward * 173, 20_000 + self.outward * 331 + self.inward);
        let small = format!("{letter}00{:06}", self.outward * 60 + self.inward / 80);
        writeln!(
            file,
            "\"{outward:<4}{inward}\",\"{outward:<5}{inward}\",\"{outward} {inward}\",\"198001\",\"{ended}\",\"{pseudo}\",\
             \"{pseudo}\",\"{lad}\",\"{pseudo}\",\"{pseudo}\",\"0\",\"{east}\",\"{north:07}\",\"1\",\"{pseudo}\",\"{pseudo}\",\
             \"{country}\",\"{region}\",\"0\",\"{seat}\",\"{pseudo}\",\"{pseudo}\",\"{pseudo}\",\"{pseudo}\",\"{pseudo}\",\
             \"99ZZ00\",\"{small}\",\"01C30\",\"{pseudo}\",\"{small}\",\"{small}\",\"6\",\"3C2\",\"{small}\",\"{small}\",\
             \"{small}\",\"{small}\",\"{sub_icb}\",\"{pseudo}\",\"3\",\"1C3\",5{}.{:06},-2.{:06},\"{pseudo}\",\"\",\"{pseudo}\",\
             {combination},\"{alliance}\",\"{icb}\",\"{small}\",\"{small}\",\"{small}\",\"1\"",
            nation, self.outward * 97, self.inward * 241
        )
        .expect("room on the disk");
    }
}

/// Which nation a seat of the Commons is in.
fn nation(seat: usize) -> usize {
    BORDERS.iter().filter(|border| seat >= **border).count()
}

fn code(prefix: &str, n: usize) -> String {
    format!("{prefix}998{n:03}")
}

/// The code of a seat in the Commons.
fn seat_code(seat: usize) -> String {
    code(["E14", "S14", "W07", "N05"][nation(seat)], seat)
}

fn write_edition(file: &mut BufWriter<File>, edition: Edition) {
    writeln!(file, "{HEADER}").expect("room on the disk");
    rows(edition).for_each(|row| row.write(file));
}

/// A file of one nation's parliament.
fn write_layer(file: &mut BufWriter<File>, columns: &str, areas: fn(Row) -> Option<String>) {
    writeln!(file, "pcds,{columns}").expect("room on the disk");
    for row in rows(Edition::First).filter(|row| row.is_live) {
        if let Some(areas) = areas(row) {
            writeln!(file, "{},{areas}", row.postcode()).expect("room on the disk");
        }
    }
}

fn holyrood(row: Row) -> Option<String> {
    let constituency = (row.nation() == 1).then(|| (row.seat() - BORDERS[0]) * 73 / 57)?;
    Some(format!("{},{}", code("S16", constituency), code("S17", constituency * 8 / 73)))
}

fn senedd(row: Row) -> Option<String> {
    (row.nation() == 2).then(|| code("W09", (row.seat() - BORDERS[1]) / 2))
}

fn assembly(row: Row) -> Option<String> {
    (row.nation() == 3).then(|| code("N06", row.seat() - BORDERS[2]))
}

fn write_areas(file: &mut BufWriter<File>) {
    writeln!(file, "code,name,kind,generation,parent_code,seats").expect("room on the disk");
    for seat in 0..SEATS {
        writeln!(file, "{},Seat {seat},westminster_constituency,2024,,1", seat_code(seat)).expect("room on the disk");
    }
    for (prefix, count, kind) in AREAS {
        for n in 0..count {
            writeln!(file, "{},{kind} {n},{kind},,,", code(prefix, n)).expect("room on the disk");
        }
    }
}

fn write_people(file: &mut BufWriter<File>) {
    writeln!(file, "external_id,area_code,office,name,party,email,start_date,end_date,source")
        .expect("room on the disk");
    for (prefix, count, office, seats) in OFFICES {
        for n in 0..count * seats {
            let area = if office == "mp" { seat_code(n) } else { code(prefix, n / seats) };
            let person = format!("bench:{office}:{n},{area},{office},Una {office} {n},Lantern Party");
            writeln!(file, "{person},{office}{n}@members.example.org,2024-07-05,,invented").expect("room on the disk");
        }
    }
}

//! A made-up country, small enough to know by heart: invented places, invented people, `example.org` addresses.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The domain of every representative's address: no public answer may hold it (C30).
pub const MEMBERS: &str = "members.example.org";

/// The letters that the second half of a postcode is written with.
const UNIT: &[u8] = b"ABDEFGHJLN";

/// The country: the files an operator would import.
#[derive(Clone, Copy, Debug)]
pub struct Country;

/// A constituency with an MP and, in England, a Cancer Alliance.
pub const ALDER: Seat = Seat { outward: "ZA1", name: "Alder Vale", mp: "Una Ashby" };
/// Another one.
pub const DOGWOOD: Seat = Seat { outward: "ZA4", name: "Dogwood", mp: "Ivo Larkspur" };
/// Its MP has no address.
pub const BIRCH: Seat = Seat { outward: "ZA2", name: "Birch Moor", mp: "Mattias Quill" };
/// It has no MP at present.
pub const CEDAR: Seat = Seat { outward: "ZA3", name: "Cedar Cross", mp: "" };
/// In Scotland: an MP, an MSP for the constituency and two for the region.
pub const FEARN: Seat = Seat { outward: "ZA5", name: "Strath Fearn", mp: "Morag Tulloch-Bain" };
/// In Wales: an MP and six Members of the Senedd.
pub const HELYG: Seat = Seat { outward: "ZA6", name: "Pont Helyg", mp: "Gwilym Treharne" };
/// In Northern Ireland: an MP and five MLAs.
pub const LOUGH: Seat = Seat { outward: "ZA7", name: "Lough Rua", mp: "Sorcha Magennis" };

/// The Cancer Alliance of [`ALDER`], [`BIRCH`] and [`CEDAR`].
pub const NORTHMERE: &str = "Northmere Cancer Alliance";
/// The Cancer Alliance of [`DOGWOOD`].
pub const SOUTHMERE: &str = "Southmere Cancer Alliance";

/// A postcode that was never given out.
pub const UNKNOWN: &str = "ZA8 8ZZ";
/// A postcode that ended in May 2019.
pub const TERMINATED: &str = "ZA9 9ZZ";
/// A postcode without a place on the map.
pub const NOWHERE: &str = "ZA9 9ZA";
/// An organisation's postcode, in [`ALDER`].
pub const OFFICE: &str = "ZA9 9ZB";
/// A postcode of a post office's boxes, which lie nowhere.
pub const BOXES: &str = "ZA9 9ZD";
/// A postcode of which 0.7 of the addresses lie in [`ALDER`] and 0.3 in [`DOGWOOD`]: [`PARTS`] says so, and the file of all postcodes
/// gives the seat of its centre.
pub const DIVIDED: &str = "ZA9 9ZE";
/// A postcode that the file of all postcodes puts into [`ALDER`], and the older [`PARTS`] into [`DOGWOOD`].
pub const DISPUTED: &str = "ZA9 9ZF";

/// The file of the postcodes that lie in several areas.
pub const PARTS: &str = "parts-2018-11.csv";

/// A Westminster constituency.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    outward: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The name of its MP.
    pub mp: &'static str,
}

impl Seat {
    /// Its n-th postcode, from 0 to 99.
    pub fn postcode(&self, n: usize) -> String {
        let letter = |n: usize| char::from(UNIT[n % UNIT.len()]);
        format!("{} 1{}{}", self.outward, letter(n / UNIT.len()), letter(n))
    }
}

const AREAS: &str = "\
code,name,kind,generation,parent_code,seats
E56997001,Northmere,cancer_alliance,2024,,
E56997002,Southmere,cancer_alliance,2024,,
E14997001,Alder Vale,westminster_constituency,2024,,1
E14997002,Birch Moor,westminster_constituency,2024,,1
E14997003,Cedar Cross,westminster_constituency,2024,,1
E14997004,Dogwood,westminster_constituency,2024,,1
S14997001,Strath Fearn,westminster_constituency,2024,,1
W07997001,Pont Helyg,westminster_constituency,2024,,1
N05997001,Lough Rua,westminster_constituency,2024,,1
S17997001,Fearn and the Isles,holyrood_region,2026,,7
S16997001,Fearn and District,holyrood_constituency,2026,S17997001,1
W09997001,Dyffryn Helyg,senedd_constituency,2026,,6
N06997001,Lough Rua,assembly_constituency,2008,,5
";

const REPRESENTATIVES: &str = "\
external_id,area_code,office,name,party,email,start_date,end_date,source
made-up:1,E14997001,mp,Una Ashby,Lantern Party,una.ashby@members.example.org,2024-07-05,,invented
made-up:2,E14997002,mp,Mattias Quill,Harbour Party,,2024-07-05,,invented
made-up:3,E14997003,mp,Odo Farrier,Harbour Party,odo.farrier@members.example.org,2019-12-13,2024-05-30,invented
made-up:4,E14997004,mp,Ivo Larkspur,Meadow Party,ivo.larkspur@members.example.org,2024-07-05,,invented
made-up:5,S14997001,mp,Morag Tulloch-Bain,Lantern Party,morag.tb@members.example.org,2024-07-05,,invented
made-up:6,W07997001,mp,Gwilym Treharne,Meadow Party,gwilym.treharne@members.example.org,2024-07-05,,invented
made-up:7,N05997001,mp,Sorcha Magennis,Independent,sorcha.magennis@members.example.org,2024-07-05,,invented
made-up:8,S16997001,msp_constituency,Ailis Corrigall,Harbour Party,ailis.corrigall@members.example.org,2026-05-08,,invented
made-up:9,S17997001,msp_region,Torquil Inkster,Lantern Party,torquil.inkster@members.example.org,2026-05-08,,invented
made-up:10,S17997001,msp_region,Beathag Ross,Meadow Party,beathag.ross@members.example.org,2026-05-08,,invented
made-up:11,W09997001,ms,Anwen Prydderch,Lantern Party,anwen.prydderch@members.example.org,2026-05-08,,invented
made-up:12,W09997001,ms,Berwyn Cadogan,Lantern Party,berwyn.cadogan@members.example.org,2026-05-08,,invented
made-up:13,W09997001,ms,Ceinwen Morus,Harbour Party,ceinwen.morus@members.example.org,2026-05-08,,invented
made-up:14,W09997001,ms,Deiniol Pugh,Harbour Party,deiniol.pugh@members.example.org,2026-05-08,,invented
made-up:15,W09997001,ms,Eleri Vychan,Meadow Party,eleri.vychan@members.example.org,2026-05-08,,invented
made-up:16,W09997001,ms,Ffion Wyn,Meadow Party,ffion.wyn@members.example.org,2026-05-08,,invented
made-up:17,N06997001,mla,Aoife Devlin,Lantern Party,aoife.devlin@members.example.org,2022-05-06,,invented
made-up:18,N06997001,mla,Bartley Kane,Harbour Party,bartley.kane@members.example.org,2022-05-06,,invented
made-up:19,N06997001,mla,Clodagh McBride,Meadow Party,clodagh.mcbride@members.example.org,2022-05-06,,invented
made-up:20,N06997001,mla,Donal Quigg,Independent,donal.quigg@members.example.org,2022-05-06,,invented
made-up:21,N06997001,mla,Eithne Savage,Independent,eithne.savage@members.example.org,2022-05-06,,invented
";

const POSTCODES_IN_PARTS: &str = "\
pcds,pcon24cd,cal24cd,share
ZA9 9ZE,E14997004,E56997002,0.3
ZA9 9ZE,E14997001,E56997001,0.7
ZA9 9ZF,E14997004,E56997001,
";

const BODIES: &str = "\
code,name,kind,email,route,source
E56997001,Northmere Cancer Alliance,cancer_alliance,,via_office,invented
E56997002,Southmere Cancer Alliance,cancer_alliance,,via_office,invented
";

/// A seat, its nation, and its codes: Westminster, Cancer Alliance, Senedd, Holyrood, Assembly.
const PLACES: [(Seat, &str, &str); 7] = [
    (ALDER, "E92000001", "E14997001,E56997001,,,"),
    (BIRCH, "E92000001", "E14997002,E56997001,,,"),
    (CEDAR, "E92000001", "E14997003,E56997001,,,"),
    (DOGWOOD, "E92000001", "E14997004,E56997002,,,"),
    (FEARN, "S92000003", "S14997001,,,S16997001,"),
    (HELYG, "W92000004", "W07997001,,W09997001,,"),
    (LOUGH, "N92000002", "N05997001,,,,N06997001"),
];

impl Country {
    /// The file of areas.
    pub const fn areas() -> &'static str {
        AREAS
    }

    /// The file of representatives.
    pub const fn representatives() -> &'static str {
        REPRESENTATIVES
    }

    /// The file of bodies.
    pub const fn bodies() -> &'static str {
        BODIES
    }

    /// The file of postcodes.
    pub fn postcodes() -> String {
        let mut file = String::from("pcds,doterm,usertype,ctry,pcon24cd,cal24cd,sen26cd,spc26cd,nia_cd\n");
        for (seat, nation, codes) in PLACES {
            for n in 0..UNIT.len() * UNIT.len() {
                writeln!(file, "{},,0,{nation},{codes}", seat.postcode(n)).expect("memory");
            }
        }
        let in_alder = "E92000001,E14997001,E56997001,,,";
        for (postcode, ended, user, areas) in [
            (TERMINATED, "201905", 0, in_alder),
            (NOWHERE, "", 0, "E92000001,,,,,"),
            (OFFICE, "", 1, in_alder),
            (BOXES, "", 1, "E92000001,,,,,"),
            (DIVIDED, "", 0, in_alder),
            (DISPUTED, "", 0, in_alder),
        ] {
            writeln!(file, "{postcode},{ended},{user},{areas}").expect("memory");
        }
        file
    }

    /// Changes whenever the country does.
    pub fn fingerprint() -> u64 {
        let mut hasher = DefaultHasher::new();
        (AREAS, REPRESENTATIVES, BODIES, Self::postcodes(), POSTCODES_IN_PARTS).hash(&mut hasher);
        hasher.finish()
    }

    /// Writes the files, in the order in which they are imported: what `postbag import` calls each, and where it is.
    pub fn write_to(folder: &Path) -> [(&'static str, PathBuf); 5] {
        let write = |what: &'static str, name: &str, content: &str| {
            let path = folder.join(name);
            std::fs::write(&path, content).expect("a file of the country");
            (what, path)
        };
        [
            write("areas", "areas.csv", AREAS),
            write("postcodes", "postcodes.csv", &Self::postcodes()),
            write("postcodes", PARTS, POSTCODES_IN_PARTS),
            write("representatives", "representatives.csv", REPRESENTATIVES),
            write("bodies", "bodies.csv", BODIES),
        ]
    }
}

//! How the Office for National Statistics names columns: what the area is, the year of its list, and `cd`, `nm` or `nmw`.
//!
//! `pcon24cd` is the code of a Westminster constituency of 2024, `pcon24nmw` its Welsh name. Older files say `pcon` alone, and
//! people who pass tables on say `pcon_code`.

use postbag_domain::AreaKind;

/// The fact about an area that a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Its code.
    Code,
    /// Its English name.
    Name,
    /// Its Welsh name.
    WelshName,
}

/// The meaning of a column's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnsColumn {
    /// The kind of area.
    pub(super) kind: AreaKind,
    /// The year of the list.
    pub(super) year: Option<u16>,
    /// The fact it holds.
    pub(super) part: Part,
}

const SUFFIXES: [(&str, Part); 5] =
    [("_code", Part::Code), ("_name", Part::Name), ("cd", Part::Code), ("nmw", Part::WelshName), ("nm", Part::Name)];

/// The stems, and those that older postcode files use as whole names.
const STEMS: [(&str, AreaKind); 17] = [
    ("ctry", AreaKind::Nation),
    ("rgn", AreaKind::EnglishRegion),
    ("lad", AreaKind::LocalAuthority),
    ("oslaua", AreaKind::LocalAuthority),
    ("laua", AreaKind::LocalAuthority),
    ("pcon", AreaKind::WestminsterConstituency),
    ("spc", AreaKind::HolyroodConstituency),
    ("spr", AreaKind::HolyroodRegion),
    ("sen", AreaKind::SeneddConstituency),
    ("sener", AreaKind::SeneddRegion),
    ("nia", AreaKind::AssemblyConstituency),
    ("sicbl", AreaKind::SubIcb),
    ("ccg", AreaKind::SubIcb),
    ("icb", AreaKind::Icb),
    ("stp", AreaKind::Icb),
    ("cal", AreaKind::CancerAlliance),
    ("calncv", AreaKind::CancerAlliance),
];

impl OnsColumn {
    /// Reads a column's name, in lower case: stem, year, and what it holds.
    pub(super) fn read(name: &str) -> Option<Self> {
        let (rest, part) = SUFFIXES.iter().find_map(|(suffix, part)| Some((name.strip_suffix(suffix)?, *part)))?;
        let (stem, year) = split_year(rest);
        Some(Self { kind: kind(stem)?, year, part })
    }

    /// Reads the name of a column of codes in a postcode file, where the stem alone means a code.
    pub(super) fn read_code(name: &str) -> Option<Self> {
        if let Some(kind) = kind(name) {
            return Some(Self { kind, year: None, part: Part::Code });
        }
        Self::read(name).filter(|column| column.part == Part::Code)
    }
}

fn kind(stem: &str) -> Option<AreaKind> {
    STEMS.iter().find(|(known, _kind)| *known == stem).map(|(_known, kind)| *kind)
}

/// `pcon24` is `pcon` and 2024; `pcon_2008` is `pcon` and 2008; `nia_` is `nia` of no year.
fn split_year(rest: &str) -> (&str, Option<u16>) {
    let stem = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let year = match rest.get(stem.len()..).unwrap_or_default() {
        digits if digits.len() == 2 => digits.parse().ok().map(|year: u16| 2000 + year),
        digits if digits.len() == 4 => digits.parse().ok(),
        _ => None,
    };
    (stem.trim_end_matches('_'), year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_old_and_new_are_read() {
        let code = |name: &str| OnsColumn::read_code(name).map(|column| (column.kind, column.year));
        for (name, kind, year) in [
            ("pcon", AreaKind::WestminsterConstituency, None),
            ("pcon24cd", AreaKind::WestminsterConstituency, Some(2024)),
            ("pcon_2008_code", AreaKind::WestminsterConstituency, Some(2008)),
            ("oslaua", AreaKind::LocalAuthority, None),
            ("lad25cd", AreaKind::LocalAuthority, Some(2025)),
            ("lad_code", AreaKind::LocalAuthority, None),
            ("ctry25cd", AreaKind::Nation, Some(2025)),
            ("calncv", AreaKind::CancerAlliance, None),
            ("cal24cd", AreaKind::CancerAlliance, Some(2024)),
            ("ccg", AreaKind::SubIcb, None),
            ("sicbl24cd", AreaKind::SubIcb, Some(2024)),
            ("stp", AreaKind::Icb, None),
            ("sen26cd", AreaKind::SeneddConstituency, Some(2026)),
            ("senercd", AreaKind::SeneddRegion, None),
            ("nia_cd", AreaKind::AssemblyConstituency, None),
        ] {
            assert_eq!(code(name), Some((kind, year)), "{name}");
        }
        for name in ["pcd", "pcds", "ced25cd", "oa11cd", "icb23cdh", "pcon24nm", "pco19cd", "lsoa11", "itl25cd", ""] {
            assert_eq!(code(name), None, "{name}");
        }
        let welsh = OnsColumn::read("pcon24nmw").unwrap();
        assert_eq!((welsh.part, welsh.year), (Part::WelshName, Some(2024)));
        assert_eq!(OnsColumn::read("spc_name").unwrap().part, Part::Name);
    }
}

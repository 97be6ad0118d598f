//! Places with official codes, and the nations they lie in.

use crate::Flaw;
use crate::words::words;
use chrono::NaiveDate;
use std::fmt;
use std::str::FromStr;

words! {
    /// A nation of the United Kingdom.
    Nation, "nation_unknown" {
        /// England, `E92000001`.
        England = "england",
        /// Scotland, `S92000003`.
        Scotland = "scotland",
        /// Wales, `W92000004`.
        Wales = "wales",
        /// Northern Ireland, `N92000002`.
        NorthernIreland = "northern_ireland",
    }
}

impl Nation {
    /// The nation's GSS code.
    pub const fn area_code(self) -> AreaCode {
        AreaCode(match self {
            Self::England => *b"E92000001",
            Self::Scotland => *b"S92000003",
            Self::Wales => *b"W92000004",
            Self::NorthernIreland => *b"N92000002",
        })
    }

    /// Its name for people, in English.
    pub const fn name(self) -> &'static str {
        match self {
            Self::England => "England",
            Self::Scotland => "Scotland",
            Self::Wales => "Wales",
            Self::NorthernIreland => "Northern Ireland",
        }
    }

    /// The nation with this GSS code; Crown dependencies have none.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|nation| nation.area_code().as_str() == code)
    }
}

words! {
    /// What sort of place an area is. A code is unique within its kind.
    AreaKind, "area_kind_unknown" {
        /// One of the four nations.
        Nation = "nation",
        /// One of the nine regions of England.
        EnglishRegion = "english_region",
        /// A council's area.
        LocalAuthority = "local_authority",
        /// A constituency of the House of Commons.
        WestminsterConstituency = "westminster_constituency",
        /// A constituency of the Scottish Parliament.
        HolyroodConstituency = "holyrood_constituency",
        /// A region of the Scottish Parliament.
        HolyroodRegion = "holyrood_region",
        /// A constituency of the Senedd.
        SeneddConstituency = "senedd_constituency",
        /// A region of the Senedd, until 2026.
        SeneddRegion = "senedd_region",
        /// A constituency of the Northern Ireland Assembly.
        AssemblyConstituency = "assembly_constituency",
        /// A sub-location of an Integrated Care Board.
        SubIcb = "sub_icb",
        /// An Integrated Care Board.
        Icb = "icb",
        /// A Cancer Alliance.
        CancerAlliance = "cancer_alliance",
        /// A ward, which elects councillors.
        Ward = "ward",
        /// A combined authority, which may have an elected mayor.
        CombinedAuthority = "combined_authority",
        /// The whole of the United Kingdom, `K02000001`.
        UnitedKingdom = "united_kingdom",
    }
}

impl AreaKind {
    /// The kind of the areas that those of this kind lie in, where a list gives them.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::HolyroodConstituency => Some(Self::HolyroodRegion),
            Self::SeneddConstituency => Some(Self::SeneddRegion),
            Self::SubIcb => Some(Self::Icb),
            Self::Ward => Some(Self::LocalAuthority),
            Self::EnglishRegion => Some(Self::Nation),
            Self::UnitedKingdom
            | Self::Nation
            | Self::LocalAuthority
            | Self::CombinedAuthority
            | Self::WestminsterConstituency
            | Self::HolyroodRegion
            | Self::SeneddRegion
            | Self::AssemblyConstituency
            | Self::Icb
            | Self::CancerAlliance => None,
        }
    }
}

/// An official nine-character code, such as `E14001172`: one letter and eight digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode([u8; 9]);

impl AreaCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The nation in which the area lies: official codes begin with its initial.
    pub fn nation(self) -> Option<Nation> {
        match self.0.first() {
            Some(b'E') => Some(Nation::England),
            Some(b'S') => Some(Nation::Scotland),
            Some(b'W') => Some(Nation::Wales),
            Some(b'N') => Some(Nation::NorthernIreland),
            _ => None,
        }
    }

    /// Pseudo-codes such as `E99999999` mean "none" in ONS files.
    pub fn is_pseudo(&self) -> bool {
        self.0.ends_with(b"99999999")
    }
}

impl FromStr for AreaCode {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("area_code_invalid", "must be an official code: one capital letter and eight digits");
        let bytes: [u8; 9] = text.as_bytes().try_into().map_err(|_error| flaw())?;
        let [letter, digits @ ..] = bytes;
        if letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit) { Ok(Self(bytes)) } else { Err(flaw()) }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for AreaCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for AreaCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The identity of an area: codes are unique within a kind, not across kinds (`N06…` names Westminster and Assembly seats alike).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct AreaKey {
    /// The kind of area.
    pub kind: AreaKind,
    /// Its code within the kind.
    pub code: AreaCode,
}

impl AreaKey {
    /// The area that is a whole nation.
    pub const fn of_nation(nation: Nation) -> Self {
        Self { kind: AreaKind::Nation, code: nation.area_code() }
    }
}

/// A place with an official code, between two dates.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Area {
    /// Its identity.
    pub key: AreaKey,
    /// Its English name.
    pub name: String,
    /// Its Welsh name, where it has one.
    pub name_cy: Option<String>,
    /// Its Gaelic name, where it has one.
    pub name_gd: Option<String>,
    /// The boundary set it belongs to, such as `2024`.
    pub generation: Option<String>,
    /// The area it lies in: a Holyrood constituency's region.
    pub parent_code: Option<AreaCode>,
    /// How many people are elected for it.
    pub seats: Option<u16>,
    /// First day of validity; open when absent.
    pub start_date: Option<NaiveDate>,
    /// Last day of validity; open when absent.
    pub end_date: Option<NaiveDate>,
    /// The code that replaced this one, where it was re-issued for the same place.
    pub alias_of: Option<AreaCode>,
}

impl Area {
    /// An area of which only this is known.
    pub const fn new(key: AreaKey, name: String) -> Self {
        Self {
            key,
            name,
            name_cy: None,
            name_gd: None,
            generation: None,
            parent_code: None,
            seats: None,
            start_date: None,
            end_date: None,
            alias_of: None,
        }
    }

    /// The same area, with the facts of `other` where this one has none.
    #[must_use]
    pub fn completed_from(self, other: &Self) -> Self {
        let other = other.clone();
        Self {
            key: self.key,
            name: self.name,
            name_cy: self.name_cy.or(other.name_cy),
            name_gd: self.name_gd.or(other.name_gd),
            generation: self.generation.or(other.generation),
            parent_code: self.parent_code.or(other.parent_code),
            seats: self.seats.or(other.seats),
            start_date: self.start_date.or(other.start_date),
            end_date: self.end_date.or(other.end_date),
            alias_of: self.alias_of.or(other.alias_of),
        }
    }

    /// True if its first day was not after `day`.
    pub fn has_begun(&self, day: NaiveDate) -> bool {
        self.start_date.is_none_or(|first| first <= day)
    }

    /// True if it was an area on `day`: it had begun, and not ended.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.has_begun(day) && !self.has_ended(day)
    }

    /// True if its last day was before `day`.
    pub fn has_ended(&self, day: NaiveDate) -> bool {
        self.end_date.is_some_and(|last| last < day)
    }
}

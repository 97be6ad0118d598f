//! What many postcodes share: the country and the areas they lie in, and who uses them.

use crate::{AreaCode, AreaKind, CrownDependency, Nation};

/// The country that a postcode file gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Country {
    /// A nation of the United Kingdom.
    Nation(Nation),
    /// The Channel Islands, `L93000001`: Jersey or Guernsey, which the postcode itself distinguishes.
    ChannelIslands,
    /// The Isle of Man, `M83000003`.
    IsleOfMan,
}

impl Country {
    /// Every country, in the order of their stored numbers: only append.
    pub(super) const ALL: [Self; 6] = [
        Self::Nation(Nation::England),
        Self::Nation(Nation::Scotland),
        Self::Nation(Nation::Wales),
        Self::Nation(Nation::NorthernIreland),
        Self::ChannelIslands,
        Self::IsleOfMan,
    ];

    /// The country with this GSS code; pseudo-codes such as `E99999999` name none.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "L93000001" => Some(Self::ChannelIslands),
            "M83000003" => Some(Self::IsleOfMan),
            _ => Nation::from_code(code).map(Self::Nation),
        }
    }

    /// The Crown dependency, where it is one; the Channel Islands answer as Jersey unless the postcode says otherwise.
    pub(super) const fn crown(self) -> Option<CrownDependency> {
        match self {
            Self::Nation(_) => None,
            Self::ChannelIslands => Some(CrownDependency::Jersey),
            Self::IsleOfMan => Some(CrownDependency::IsleOfMan),
        }
    }
}

/// The columns a table can have, in the order of their stored numbers: only append.
pub(super) const COLUMNS: [AreaKind; 11] = [
    AreaKind::EnglishRegion,
    AreaKind::LocalAuthority,
    AreaKind::WestminsterConstituency,
    AreaKind::HolyroodConstituency,
    AreaKind::HolyroodRegion,
    AreaKind::SeneddConstituency,
    AreaKind::SeneddRegion,
    AreaKind::AssemblyConstituency,
    AreaKind::SubIcb,
    AreaKind::Icb,
    AreaKind::CancerAlliance,
];

/// The place of a kind among the columns; a nation is the country, not a column.
pub(super) fn column(kind: AreaKind) -> Option<usize> {
    COLUMNS.iter().position(|column| *column == kind)
}

/// The country and the areas that many postcodes share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Profile {
    pub(super) country: Option<Country>,
    pub(super) is_large_user: bool,
    pub(super) areas: [Option<AreaCode>; COLUMNS.len()],
}

impl Profile {
    /// The profile of a row. Pseudo-codes mean none; an area of kind `nation` gives the country where no other is given.
    pub fn new(country: Option<Country>, areas: &[(AreaKind, AreaCode)]) -> Self {
        let mut profile = Self { country, ..Self::default() };
        for (kind, code) in areas.iter().filter(|(_kind, code)| !code.is_pseudo()) {
            if *kind == AreaKind::Nation {
                profile.country = profile.country.or_else(|| Country::from_code(code.as_str()));
            } else if let Some(cell) = column(*kind).and_then(|column| profile.areas.get_mut(column)) {
                *cell = Some(*code);
            }
        }
        profile
    }

    /// The same areas, for postcodes that one large user of the mail has to itself: an organisation, or a post office's boxes.
    #[must_use]
    pub const fn of_large_user(self, is_large_user: bool) -> Self {
        Self { is_large_user, ..self }
    }

    /// True if the file says that its postcodes are of one large user each.
    pub const fn is_large_user(&self) -> bool {
        self.is_large_user
    }

    /// The country, where the file gives one.
    pub const fn country(&self) -> Option<Country> {
        self.country
    }

    /// The area of a kind, where the file gives one.
    pub fn area(&self, kind: AreaKind) -> Option<AreaCode> {
        column(kind).and_then(|column| self.areas.get(column).copied().flatten())
    }

    /// Every area, in the order of the columns.
    pub fn areas(&self) -> impl Iterator<Item = (AreaKind, AreaCode)> {
        COLUMNS.into_iter().zip(self.areas).filter_map(|(kind, code)| Some((kind, code?)))
    }
}

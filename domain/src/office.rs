//! Kinds of elected post.

use crate::area::{AreaKind, Nation};
use crate::words::words;

words! {
    /// A kind of elected post.
    Office, "office_unknown" {
        /// A Member of Parliament, in the House of Commons.
        Mp = "mp",
        /// A Member of the Scottish Parliament for a constituency.
        MspConstituency = "msp_constituency",
        /// A Member of the Scottish Parliament for a region.
        MspRegion = "msp_region",
        /// A Member of the Senedd.
        Ms = "ms",
        /// A Member of the Legislative Assembly of Northern Ireland.
        Mla = "mla",
    }
}

impl Office {
    /// The kind of area that elects it.
    pub const fn area_kind(self) -> AreaKind {
        match self {
            Self::Mp => AreaKind::WestminsterConstituency,
            Self::MspConstituency => AreaKind::HolyroodConstituency,
            Self::MspRegion => AreaKind::HolyroodRegion,
            Self::Ms => AreaKind::SeneddConstituency,
            Self::Mla => AreaKind::AssemblyConstituency,
        }
    }

    /// True if the people of `nation` elect this office.
    pub const fn serves(self, nation: Nation) -> bool {
        match self {
            Self::Mp => true,
            Self::MspConstituency | Self::MspRegion => matches!(nation, Nation::Scotland),
            Self::Ms => matches!(nation, Nation::Wales),
            Self::Mla => matches!(nation, Nation::NorthernIreland),
        }
    }

    /// The title of its holder in a letter, in English.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mp => "Member of Parliament",
            Self::MspConstituency | Self::MspRegion => "Member of the Scottish Parliament",
            Self::Ms => "Member of the Senedd",
            Self::Mla => "Member of the Legislative Assembly",
        }
    }
}

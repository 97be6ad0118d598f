//! Kinds of elected post, and the legislatures that people are elected to.

use crate::Flaw;
use crate::area::{AreaKind, Nation};
use crate::words::words;

words! {
    /// A kind of elected or appointed post.
    Office, "office_unknown" {
        /// A Member of Parliament, in the House of Commons.
        Mp = "mp",
        /// A Member of the Scottish Parliament for a constituency.
        MspConstituency = "msp_constituency",
        /// A Member of the Scottish Parliament for a region.
        MspRegion = "msp_region",
        /// A Member of the Senedd for a constituency.
        Ms = "ms",
        /// A Member of the Senedd for a region, until May 2026.
        MsRegion = "ms_region",
        /// A Member of the Legislative Assembly of Northern Ireland.
        Mla = "mla",
        /// A councillor, for a ward.
        Councillor = "councillor",
        /// An elected mayor, for a combined authority.
        Mayor = "mayor",
        /// A member of the House of Lords, who sits for no area.
        Peer = "peer",
    }
}

words! {
    /// A body of elected or appointed members, which is dissolved and elected as a whole.
    Legislature, "legislature_unknown" {
        /// The House of Commons.
        HouseOfCommons = "house_of_commons",
        /// The House of Lords, which is never dissolved by an election.
        HouseOfLords = "house_of_lords",
        /// The Scottish Parliament.
        ScottishParliament = "scottish_parliament",
        /// The Senedd.
        Senedd = "senedd",
        /// The Northern Ireland Assembly.
        NorthernIrelandAssembly = "northern_ireland_assembly",
    }
}

impl Legislature {
    /// Its name for people, in English.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HouseOfCommons => "the House of Commons",
            Self::HouseOfLords => "the House of Lords",
            Self::ScottishParliament => "the Scottish Parliament",
            Self::Senedd => "the Senedd",
            Self::NorthernIrelandAssembly => "the Northern Ireland Assembly",
        }
    }

    /// The offices of its members.
    pub fn offices(self) -> impl Iterator<Item = Office> {
        Office::ALL.iter().copied().filter(move |office| office.legislature() == Some(self))
    }

    /// True if its members leave office together, by a dissolution.
    pub const fn is_elected(self) -> bool {
        !matches!(self, Self::HouseOfLords)
    }
}

impl Office {
    /// The kind of area that it is held for.
    pub const fn area_kind(self) -> AreaKind {
        match self {
            Self::Mp => AreaKind::WestminsterConstituency,
            Self::MspConstituency => AreaKind::HolyroodConstituency,
            Self::MspRegion => AreaKind::HolyroodRegion,
            Self::Ms => AreaKind::SeneddConstituency,
            Self::MsRegion => AreaKind::SeneddRegion,
            Self::Mla => AreaKind::AssemblyConstituency,
            Self::Councillor => AreaKind::Ward,
            Self::Mayor => AreaKind::CombinedAuthority,
            Self::Peer => AreaKind::UnitedKingdom,
        }
    }

    /// True if a postcode leads to its holders. The others can be listed, and not yet be written to by a campaign.
    pub const fn is_found_by_postcode(self) -> bool {
        match self {
            Self::Mp | Self::MspConstituency | Self::MspRegion | Self::Ms | Self::MsRegion | Self::Mla => true,
            Self::Councillor | Self::Mayor | Self::Peer => false,
        }
    }

    /// True if one area has one holder at a time.
    pub const fn is_single(self) -> bool {
        match self {
            Self::Mp | Self::MspConstituency | Self::Mayor => true,
            Self::MspRegion | Self::Ms | Self::MsRegion | Self::Mla | Self::Councillor | Self::Peer => false,
        }
    }

    /// Takes the word of an office that campaigns can write to: one that a postcode leads to.
    pub fn parse_written_to(word: &str) -> Result<Self, Flaw> {
        let office: Self = word.parse()?;
        let unfound = || Flaw::new("office_not_by_postcode", format!("no postcode leads to the office {office} yet"));
        if office.is_found_by_postcode() { Ok(office) } else { Err(unfound()) }
    }

    /// The legislature its holders are members of; councils and mayors have their own elections.
    pub const fn legislature(self) -> Option<Legislature> {
        match self {
            Self::Mp => Some(Legislature::HouseOfCommons),
            Self::Peer => Some(Legislature::HouseOfLords),
            Self::MspConstituency | Self::MspRegion => Some(Legislature::ScottishParliament),
            Self::Ms | Self::MsRegion => Some(Legislature::Senedd),
            Self::Mla => Some(Legislature::NorthernIrelandAssembly),
            Self::Councillor | Self::Mayor => None,
        }
    }

    /// True if people of `nation` have holders of this office.
    pub const fn serves(self, nation: Nation) -> bool {
        match self {
            Self::Mp | Self::Peer | Self::Councillor => true,
            Self::MspConstituency | Self::MspRegion => matches!(nation, Nation::Scotland),
            Self::Ms | Self::MsRegion => matches!(nation, Nation::Wales),
            Self::Mla => matches!(nation, Nation::NorthernIreland),
            Self::Mayor => matches!(nation, Nation::England),
        }
    }

    /// The title of its holder in a letter, in English.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mp => "Member of Parliament",
            Self::MspConstituency | Self::MspRegion => "Member of the Scottish Parliament",
            Self::Ms | Self::MsRegion => "Member of the Senedd",
            Self::Mla => "Member of the Legislative Assembly",
            Self::Councillor => "Councillor",
            Self::Mayor => "Mayor",
            Self::Peer => "Member of the House of Lords",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_of_a_legislature_holds_one_of_its_offices() {
        let of = |legislature: Legislature| legislature.offices().map(Office::as_str).collect::<Vec<_>>().join(" ");
        assert_eq!(of(Legislature::HouseOfCommons), "mp");
        assert_eq!(of(Legislature::ScottishParliament), "msp_constituency msp_region");
        assert_eq!(of(Legislature::Senedd), "ms ms_region");
        assert_eq!(of(Legislature::NorthernIrelandAssembly), "mla");
        assert_eq!(of(Legislature::HouseOfLords), "peer");
    }
}

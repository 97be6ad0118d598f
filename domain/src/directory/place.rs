//! What a postcode stands for on a day.

use super::month::YearMonth;
use crate::{AreaCode, AreaKind, CrownDependency, LayerId, Nation, Postcode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The areas a postcode lies in on a day, and which file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The postcode.
    pub postcode: Postcode,
    /// The nation.
    pub nation: Nation,
    /// The areas, at most one of a kind, in the order of [`AreaKind`]. Aliased codes are answered as the code that replaced them.
    pub areas: Vec<(AreaKind, AreaCode)>,
    /// The layer each area comes from; an area that follows from another has that one's layer.
    pub sources: Vec<(AreaKind, LayerId)>,
}

impl Place {
    /// The area of a kind.
    pub fn area(&self, kind: AreaKind) -> Option<AreaCode> {
        self.areas.iter().find(|(other, _code)| *other == kind).map(|(_kind, code)| *code)
    }

    /// The layer that gave the area of a kind.
    pub fn source(&self, kind: AreaKind) -> Option<LayerId> {
        self.sources.iter().find(|(other, _layer)| *other == kind).map(|(_kind, layer)| *layer)
    }
}

/// Which of several areas a person says to live in, by kind, where a postcode straddles them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AreaChoices(BTreeMap<AreaKind, AreaCode>);

impl AreaChoices {
    /// Chooses nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// The area chosen for a kind.
    pub fn get(&self, kind: AreaKind) -> Option<AreaCode> {
        self.0.get(&kind).copied()
    }

    /// Every choice.
    pub fn iter(&self) -> impl Iterator<Item = (AreaKind, AreaCode)> + '_ {
        self.0.iter().map(|(kind, code)| (*kind, *code))
    }
}

impl FromIterator<(AreaKind, AreaCode)> for AreaChoices {
    fn from_iter<I: IntoIterator<Item = (AreaKind, AreaCode)>>(choices: I) -> Self {
        Self(choices.into_iter().collect())
    }
}

/// One area of several between which a postcode is divided.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaChoice {
    /// What sort of area.
    pub kind: AreaKind,
    /// One candidate.
    pub code: AreaCode,
    /// The part of the postcode's addresses in it, from 0 to 1, where known.
    pub share: Option<f64>,
}

/// Why a postcode leads to no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No file knows it.
    #[error("this postcode is not known; check it, or use that of a neighbour")]
    Unknown,
    /// Royal Mail has ended it.
    #[error("this postcode ended in {month}; use the one that replaced it")]
    Terminated {
        /// The month in which it ended.
        month: YearMonth,
    },
    /// It exists, but no file says where: a large organisation's, or a box number's.
    #[error("this postcode belongs to no place; use the postcode of your home")]
    NoLocation,
    /// It is of an island that elects no member of the United Kingdom's parliaments.
    #[error("this postcode is in {}, which elects no member of the United Kingdom's parliaments", dependency.name())]
    CrownDependency {
        /// Which one.
        dependency: CrownDependency,
    },
    /// It is of the British Forces Post Office.
    #[error(
        "this is a forces address, which has no constituency of its own; use the postcode where you are registered to vote"
    )]
    Bfpo,
    /// It is of an overseas territory.
    #[error("this postcode is in {territory}, which elects no member of the United Kingdom's parliaments")]
    Overseas {
        /// Which one.
        territory: &'static str,
    },
    /// The area chosen is not one of those the postcode lies in.
    #[error("the postcode does not lie in the {kind} that was chosen")]
    WrongChoice {
        /// The kind of the choice.
        kind: AreaKind,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_written_by_kind() {
        let choices: AreaChoices = serde_json::from_str(r#"{"westminster_constituency":"E14001172"}"#).unwrap();
        assert_eq!(choices.get(AreaKind::WestminsterConstituency).unwrap().as_str(), "E14001172");
        assert_eq!(serde_json::to_string(&choices).unwrap(), r#"{"westminster_constituency":"E14001172"}"#);
        for bad in [r#"{"parish":"E14001172"}"#, r#"{"icb":"x"}"#, "[]"] {
            assert!(serde_json::from_str::<AreaChoices>(bad).is_err(), "{bad}");
        }
    }
}

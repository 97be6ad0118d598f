//! The place of a postcode on a day.

use super::PostcodeLayer;
use super::month::YearMonth;
use super::share::Share;
use crate::{AreaCode, AreaKind, CrownDependency, LayerId, Nation, Office, Postcode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The areas a postcode lies in on a day, and which file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The postcode.
    pub postcode: Postcode,
    /// The nation; where a border divides the postcode and no choice has decided, that of its greatest part.
    pub nation: Nation,
    /// The other nations it may lie in. While there are any, every area is among the choices.
    pub other_nations: Vec<Nation>,
    /// What is certain: at most one area of a kind, in the order of [`AreaKind`]. Aliased codes are answered as the code that
    /// replaced them.
    pub areas: Vec<(AreaKind, AreaCode)>,
    /// The layer each of those comes from; an area that follows from another has that one's layer.
    pub sources: Vec<(AreaKind, LayerId)>,
    /// Where the postcode is divided between areas: the candidates of each kind, the greatest share first.
    pub choices: Vec<AreaChoice>,
    /// The areas that other layers name instead of those that were chosen.
    pub disagreements: Vec<Disagreement>,
    /// It is of one large user of the mail: an organisation's, or a post office's boxes. Hardly anybody lives there.
    pub is_large_user: bool,
    /// The layer that is not the directory's: what a service answered about this one postcode.
    pub looked_up: Option<Box<PostcodeLayer>>,
}

/// An area that an earlier layer gives, where a later one gives another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The kind of area.
    pub kind: AreaKind,
    /// The area that was not chosen.
    pub code: AreaCode,
    /// The layer that gives it.
    pub layer: LayerId,
}

impl Place {
    /// A place with these areas, from no particular layer.
    pub const fn with_areas(postcode: Postcode, nation: Nation, areas: Vec<(AreaKind, AreaCode)>) -> Self {
        Self {
            postcode,
            nation,
            other_nations: Vec::new(),
            areas,
            sources: Vec::new(),
            choices: Vec::new(),
            disagreements: Vec::new(),
            is_large_user: false,
            looked_up: None,
        }
    }

    /// The area of a kind, if it is certain.
    pub fn area(&self, kind: AreaKind) -> Option<AreaCode> {
        self.areas.iter().find(|(other, _code)| *other == kind).map(|(_kind, code)| *code)
    }

    /// The layer that gave the area of a kind.
    pub fn source(&self, kind: AreaKind) -> Option<LayerId> {
        self.sources.iter().find(|(other, _layer)| *other == kind).map(|(_kind, layer)| *layer)
    }

    /// True if it lies in an area of this kind, be it certain which or not.
    pub fn knows(&self, kind: AreaKind) -> bool {
        self.area(kind).is_some() || self.choices.iter().any(|choice| choice.kind == kind)
    }

    /// Every nation it may lie in.
    pub fn nations(&self) -> impl Iterator<Item = Nation> + '_ {
        std::iter::once(self.nation).chain(self.other_nations.iter().copied())
    }

    /// The place, if it lies in a constituency of any parliament: otherwise it is on no map.
    pub(super) fn located(self) -> Result<Self, PlaceError> {
        match Office::ALL.iter().any(|office| self.knows(office.area_kind())) {
            true => Ok(self),
            false if self.is_large_user => Err(PlaceError::LargeUser),
            false => Err(PlaceError::NoLocation),
        }
    }

    /// True if this is where it lies: its nation or its area of the kind.
    pub(super) fn is_in(&self, kind: AreaKind, code: AreaCode) -> bool {
        match kind {
            AreaKind::Nation => self.other_nations.is_empty() && self.nation.area_code() == code,
            _ => self.area(kind) == Some(code),
        }
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

    /// True if nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaChoice {
    /// The kind of area.
    pub kind: AreaKind,
    /// One candidate.
    pub code: AreaCode,
    /// The part of the postcode's addresses in it, where known.
    pub share: Option<Share>,
}

/// Why a postcode leads to no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No file knows it.
    #[error("this postcode is not known: check it, or use that of a neighbour if the building is new")]
    Unknown,
    /// Royal Mail has ended it.
    #[error("this postcode ended in {month}: use the one that the address has now")]
    Terminated {
        /// The month in which it ended.
        month: YearMonth,
    },
    /// It exists, but no file says where.
    #[error("this postcode has no place on the map: use the postcode of your home, or that of a neighbour")]
    NoLocation,
    /// It is of a large user of the mail, and no file says where.
    #[error(
        "this postcode is of an organisation or of a post office's boxes, which lie nowhere: use the postcode of your home"
    )]
    LargeUser,
    /// It is of an island that elects no member of the United Kingdom's parliaments.
    #[error("this postcode is in {}, which elects no member of the United Kingdom's parliaments", dependency.name())]
    CrownDependency {
        /// Which one.
        dependency: CrownDependency,
    },
    /// It is of the British Forces Post Office.
    #[error(
        "this is a forces address, which has no constituency of its own: use the postcode where you are registered to vote"
    )]
    Bfpo,
    /// It is of an overseas territory.
    #[error("this postcode is in {territory}, which elects no member of the United Kingdom's parliaments")]
    Overseas {
        /// Which one.
        territory: &'static str,
    },
    /// The postcode does not lie in areas that were chosen, or not in all of them at once.
    #[error("the postcode does not lie in the {} that was chosen", words(kinds))]
    WrongChoice {
        /// The kinds of those choices.
        kinds: Vec<AreaKind>,
    },
}

fn words(kinds: &[AreaKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" and the ")
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

//! Postcodes that a service was asked about, one by one, where no file had them.

use super::postcode_table::{PostcodeTableBuilder, Profile};
use super::{PostcodeLayer, YearMonth};
use crate::{AreaKey, AreaKind, LayerId, Office, Postcode};
use chrono::NaiveDate;
use uuid::Uuid;

/// A postcode service's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeAnswer {
    /// It is in use and lies in these areas, its nation among them; in none if the service does not say where it is.
    Live(Vec<AreaKey>),
    /// Royal Mail ended it in this month.
    Terminated(YearMonth),
    /// The service does not know it.
    Unknown,
}

impl PostcodeAnswer {
    /// What a table holds of such a postcode: its end and its areas; nothing for one that is not known.
    pub fn row(&self) -> Option<(Option<YearMonth>, Profile)> {
        match self {
            Self::Live(areas) => {
                let areas: Vec<_> = areas.iter().map(|area| (area.kind, area.code)).collect();
                Some((None, Profile::new(None, &areas)))
            }
            Self::Terminated(month) => Some((Some(*month), Profile::default())),
            Self::Unknown => None,
        }
    }

    /// The areas it gives.
    pub fn areas(&self) -> &[AreaKey] {
        match self {
            Self::Live(areas) => areas,
            Self::Terminated(_) | Self::Unknown => &[],
        }
    }
}

/// A postcode that a service was asked about, with its answer: a postcode file of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedUpPostcode {
    /// The postcode.
    pub postcode: Postcode,
    /// The name of the layer that the service's answers are.
    pub layer: String,
    /// Which service, as sources are named.
    pub source: String,
    /// The day it was asked.
    pub on: NaiveDate,
    /// The service's answer.
    pub answer: PostcodeAnswer,
}

impl LookedUpPostcode {
    /// The answer as a file, with the areas that `counts` lets through; nothing if the service did not know the postcode.
    ///
    /// Its id is nil, which no file of a directory has.
    pub(super) fn as_layer(&self, counts: impl Fn(AreaKey) -> bool) -> Option<PostcodeLayer> {
        let answer = match &self.answer {
            PostcodeAnswer::Live(areas) => {
                PostcodeAnswer::Live(areas.iter().copied().filter(|area| counts(*area)).collect())
            }
            other => other.clone(),
        };
        let (ended, profile) = answer.row()?;
        let mut builder = PostcodeTableBuilder::new();
        builder.push(self.postcode.key(), ended, &profile).ok()?;
        Some(PostcodeLayer {
            id: LayerId::new(Uuid::nil()),
            name: self.layer.clone(),
            source: self.source.clone(),
            as_of: self.on,
            kinds: answer.areas().iter().map(|area| area.kind).collect(),
            table: builder.finish().ok()?.table.into(),
        })
    }

    /// True if it names an area that elects a representative.
    pub(super) fn has_seats(&self) -> bool {
        self.answer.areas().iter().any(|area| is_seat(area.kind))
    }
}

/// True for areas that elect a representative.
pub(super) fn is_seat(kind: AreaKind) -> bool {
    Office::ALL.iter().any(|office| office.is_found_by_postcode() && office.area_kind() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::examples::{area, code, day, layer, postcode};
    use crate::directory::{AreaChoices, Directory, DirectoryParts, PlaceError};
    use crate::{Area, Nation};
    use proptest::prelude::*;

    const PCON: AreaKind = AreaKind::WestminsterConstituency;
    const SPC: AreaKind = AreaKind::HolyroodConstituency;
    const SPR: AreaKind = AreaKind::HolyroodRegion;

    fn key(kind: AreaKind, text: &str) -> AreaKey {
        AreaKey { kind, code: code(text) }
    }

    fn looked_up(answer: PostcodeAnswer) -> LookedUpPostcode {
        LookedUpPostcode {
            postcode: postcode("ZA1 1AA"),
            layer: "postcodes-io".to_owned(),
            source: "postcodes.io at postcodes.example.org".to_owned(),
            on: day("2026-11-20"),
            answer,
        }
    }

    fn directory() -> Directory {
        let scottish = Area { parent_code: Some(code("S17000001")), ..area(SPC, "S16000001", "Constituency") };
        let old = Area { end_date: Some(day("2024-05-29")), ..area(PCON, "E14000001", "Left") };
        let reissued = Area { alias_of: Some(code("S14000002")), ..area(PCON, "S14000001", "Seat") };
        let areas = vec![scottish, old, reissued, area(PCON, "S14000002", "Seat"), area(PCON, "E14000002", "New")];
        let layers = vec![layer(1, "2026-01-01", &[("ZA9 9AA", "", &[(PCON, "E14000002")])])];
        Directory::build(DirectoryParts { areas, layers, ..DirectoryParts::default() })
    }

    fn place(answer: PostcodeAnswer) -> Result<crate::Place, PlaceError> {
        directory().place_looked_up(&looked_up(answer), &AreaChoices::none(), day("2026-11-22"))
    }

    #[test]
    fn an_answer_is_followed_like_a_file_and_names_its_source() {
        let scotland = key(AreaKind::Nation, "S92000003");
        let found = place(PostcodeAnswer::Live(vec![scotland, key(PCON, "S14000001"), key(SPC, "S16000001")])).unwrap();
        assert_eq!(found.nation, Nation::Scotland);
        assert_eq!(found.area(PCON), Some(code("S14000002")), "a code that was issued again");
        assert_eq!(found.area(SPR), Some(code("S17000001")), "a region that follows from its constituency");
        let layer = found.looked_up.as_deref().unwrap();
        assert_eq!((layer.name.as_str(), layer.as_of), ("postcodes-io", day("2026-11-20")));
        assert!(AreaKind::ALL.iter().filter_map(|kind| found.source(*kind)).all(|source| source == layer.id));
    }

    #[test]
    fn an_answer_for_other_boundaries_leaves_the_postcode_unknown() {
        for code in ["E14000999", "E14000001"] {
            assert_eq!(place(PostcodeAnswer::Live(vec![key(PCON, code)])), Err(PlaceError::Unknown), "{code}");
        }
    }

    #[test]
    fn what_the_service_says_instead_of_areas_is_told() {
        let month = YearMonth::new(1996, 6).unwrap();
        assert_eq!(place(PostcodeAnswer::Terminated(month)), Err(PlaceError::Terminated { month }));
        assert_eq!(place(PostcodeAnswer::Unknown), Err(PlaceError::Unknown));
        assert_eq!(place(PostcodeAnswer::Live(Vec::new())), Err(PlaceError::NoLocation));
    }

    #[test]
    fn a_wrong_choice_is_refused_here_too() {
        let found = looked_up(PostcodeAnswer::Live(vec![key(PCON, "E14000002")]));
        let choose = |text: &str| {
            let choices = [(PCON, code(text))].into_iter().collect();
            directory().place_looked_up(&found, &choices, day("2026-11-22")).map(|place| place.area(PCON))
        };
        assert_eq!(choose("E14000002"), Ok(Some(code("E14000002"))));
        assert_eq!(choose("E14000001"), Err(PlaceError::WrongChoice { kinds: vec![PCON] }));
    }

    proptest! {
        #[test]
        fn every_answer_is_a_place_or_a_reason(
            areas in prop::collection::vec((prop::sample::select(AreaKind::ALL), "[ESWNLM][0-9]{8}"), 0..6),
            days in 0..20_000_u64,
        ) {
            let areas = areas.iter().map(|(kind, text)| key(*kind, text)).collect();
            let day = day("1990-01-01") + chrono::Days::new(days);
            let found = looked_up(PostcodeAnswer::Live(areas));
            if let Ok(place) = directory().place_looked_up(&found, &AreaChoices::none(), day) {
                prop_assert!(place.areas.iter().any(|(kind, _code)| is_seat(*kind)));
                prop_assert!(place.areas.iter().all(|(_kind, code)| code.nation().is_none_or(|own| own == place.nation)));
            }
        }
    }
}

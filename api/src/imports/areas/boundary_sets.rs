//! When the sets of boundaries that are in use began and ended, and how many members each of their areas elects.
//!
//! Codes are issued for a set: the lists of codes and names leave out what everybody knows of the set.

use chrono::NaiveDate;
use postbag_domain::{Area, AreaCode, AreaKind};

/// A set of boundaries.
struct BoundarySet {
    kind: AreaKind,
    generation: &'static str,
    first: Option<(i32, u32, u32)>,
    last: Option<(i32, u32, u32)>,
    seats: Option<u16>,
}

/// In force from one election to the next: the Commons by the Parliamentary Constituencies Order 2023; Holyrood by the Second
/// Review of Scottish Parliament Boundaries; the Senedd by the Senedd Cymru (Members and Elections) Act 2024.
const SETS: [BoundarySet; 6] = [
    BoundarySet {
        kind: AreaKind::WestminsterConstituency,
        generation: "2024",
        first: Some((2024, 7, 4)),
        last: None,
        seats: Some(1),
    },
    BoundarySet {
        kind: AreaKind::HolyroodConstituency,
        generation: "2011",
        first: None,
        last: Some((2026, 5, 6)),
        seats: Some(1),
    },
    BoundarySet {
        kind: AreaKind::HolyroodRegion,
        generation: "2011",
        first: None,
        last: Some((2026, 5, 6)),
        seats: Some(7),
    },
    BoundarySet {
        kind: AreaKind::HolyroodConstituency,
        generation: "2026",
        first: Some((2026, 5, 7)),
        last: None,
        seats: Some(1),
    },
    BoundarySet {
        kind: AreaKind::HolyroodRegion,
        generation: "2026",
        first: Some((2026, 5, 7)),
        last: None,
        seats: Some(7),
    },
    BoundarySet {
        kind: AreaKind::SeneddConstituency,
        generation: "2026",
        first: Some((2026, 5, 7)),
        last: None,
        seats: Some(6),
    },
];

/// A list of all areas of its kind: an area that only the list before it had ended with it.
pub(super) struct Replacement {
    kind: AreaKind,
    before: &'static str,
    after: &'static str,
    last: (i32, u32, u32),
}

/// Integrated Care Boards merged on 1 April 2026. Their new boundaries are not all unions of old ones, so no code leads from one
/// to the other.
pub(super) const REPLACEMENTS: [Replacement; 1] =
    [Replacement { kind: AreaKind::Icb, before: "2023", after: "2026", last: (2026, 3, 31) }];

impl Replacement {
    /// True if the area is of the newer list.
    pub(super) fn brings(&self, area: &Area) -> bool {
        area.key.kind == self.kind && area.generation.as_deref() == Some(self.after)
    }

    /// True if the area is of the older list alone, and nothing else is known of its end.
    pub(super) fn ends(&self, area: &Area) -> bool {
        area.key.kind == self.kind && area.generation.as_deref() == Some(self.before) && area.end_date.is_none()
    }

    /// The last day of the older list.
    pub(super) fn last_day(&self) -> Option<NaiveDate> {
        let (year, month, day) = self.last;
        NaiveDate::from_ymd_opt(year, month, day)
    }
}

/// The area with what is known of its set, where the file leaves that out.
pub(super) fn completed(area: Area) -> Area {
    let generation = area.generation.clone().or_else(|| implied(area.key.kind, area.key.code).map(ToOwned::to_owned));
    let is_of = |set: &&BoundarySet| set.kind == area.key.kind && generation.as_deref() == Some(set.generation);
    let Some(set) = SETS.iter().find(is_of) else { return Area { generation, ..area } };
    let day = |day: Option<(i32, u32, u32)>| day.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
    Area {
        generation,
        seats: area.seats.or(set.seats),
        start_date: area.start_date.or(day(set.first)),
        end_date: area.end_date.or(day(set.last)),
        ..area
    }
}

/// The set that a Holyrood code belongs to: S16000151 and S17000021 are the first of 2026.
fn implied(kind: AreaKind, code: AreaCode) -> Option<&'static str> {
    let (first_of_2026, after) = match kind {
        AreaKind::HolyroodConstituency => ("S16000151", "S16000999"),
        AreaKind::HolyroodRegion => ("S17000021", "S17000999"),
        _ => return None,
    };
    match code.as_str() {
        code if code < first_of_2026 => Some("2011"),
        code if code < after => Some("2026"),
        _ => None,
    }
}

/// The days of the general elections between which older constituencies were in use.
pub(super) fn general_election(year: u16) -> Option<NaiveDate> {
    const DAYS: [(u16, u32, u32); 5] = [(2010, 5, 6), (2015, 5, 7), (2017, 6, 8), (2019, 12, 12), (2024, 7, 4)];
    let (_year, month, day) = DAYS.iter().find(|(held, ..)| *held == year)?;
    NaiveDate::from_ymd_opt(i32::from(year), *month, *day)
}

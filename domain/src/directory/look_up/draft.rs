//! Builds a `Place`: the newest layer wins, and conflicts are kept.

use super::field::{Field, FieldPart};
use super::{COLUMNS, Nations};
use crate::directory::place::{AreaChoice, Disagreement, Place};
use crate::directory::share::Share;
use crate::{AreaCode, AreaKind, LayerId, Nation, Postcode};
use chrono::NaiveDate;

/// What has been heard of a postcode so far, layer by layer, the latest first.
#[derive(Default)]
pub(super) struct Draft {
    cells: [Option<(AreaCode, LayerId)>; COLUMNS.len()],
    /// The candidates of the columns that are not decided; empty but for the few postcodes that are divided.
    candidates: Vec<Candidate>,
    /// What an earlier layer says instead; empty but for the few postcodes on which layers disagree.
    others: Vec<(usize, AreaCode, LayerId)>,
    /// The nations between which a border divides the postcode.
    nations: Vec<(Nation, Option<Share>)>,
}

struct Candidate {
    column: usize,
    code: AreaCode,
    share: Option<Share>,
}

impl Draft {
    /// Adds the areas of one layer.
    pub(super) fn hear(&mut self, told: &Field<'_>, nations: &Nations, day: NaiveDate) {
        let layer = told.layer.facts.id;
        if told.parts().is_empty() {
            let counts = |column, code| nations.include(code) && !told.is_overruled_on(column);
            for area in told.first().on(day).filter(|area| counts(area.column, area.code)) {
                self.add(area.column, area.code, layer);
            }
            return;
        }
        for column in (0..COLUMNS.len()).filter(|column| !told.is_overruled_on(*column)) {
            let candidates = candidates(told.parts(), column, nations, day);
            match candidates.as_slice() {
                [] => {}
                [only] => self.add(column, only.code, layer),
                _ => self.divide(column, candidates, layer),
            }
        }
        if self.nations.is_empty() && told.is_divided_by_a_border() {
            self.nations = told.nations().into_iter().map(|nation| (nation, told.share_of(nation))).collect();
        }
    }

    /// A later layer's word stands, and an earlier one's is kept beside it: a layer never blanks what it does not know.
    fn add(&mut self, column: usize, code: AreaCode, layer: LayerId) {
        let Some(cell) = self.cells.get_mut(column) else { return };
        match cell {
            None => *cell = Some((code, layer)),
            Some((known, _layer)) if *known == code => {}
            Some(_other) => self.disagree(column, code, layer),
        }
    }

    /// A layer that divides a postcode says more than one that gives the area of its centre, even if that is later; unless none of
    /// its areas is the later one's.
    fn divide(&mut self, column: usize, candidates: Vec<Candidate>, layer: LayerId) {
        let Some(cell) = self.cells.get_mut(column) else { return };
        let is_among = |code: AreaCode| candidates.iter().any(|candidate| candidate.code == code);
        match *cell {
            Some((known, _layer)) if is_divided(&self.candidates, column) || !is_among(known) => {
                let differing = candidates.iter().filter(|candidate| candidate.code != known);
                let differing: Vec<AreaCode> = differing.map(|candidate| candidate.code).collect();
                for code in differing {
                    self.disagree(column, code, layer);
                }
            }
            _ => {
                *cell = candidates.first().map(|first| (first.code, layer));
                self.candidates.extend(candidates);
            }
        }
    }

    fn disagree(&mut self, column: usize, code: AreaCode, layer: LayerId) {
        if !self.others.iter().any(|(other, known, _layer)| (*other, *known) == (column, code)) {
            self.others.push((column, code, layer));
        }
    }

    /// The place. While the nation is not decided nothing is: every area lies in one of them.
    pub(super) fn finish(mut self, postcode: Postcode, nations: &Nations, is_large_user: bool) -> Place {
        let mut place = Place {
            postcode,
            nation: nations.first,
            other_nations: nations.others.clone(),
            areas: Vec::with_capacity(COLUMNS.len()),
            sources: Vec::with_capacity(COLUMNS.len()),
            choices: Vec::new(),
            disagreements: Vec::new(),
            is_large_user,
            looked_up: None,
        };
        if !nations.others.is_empty() {
            place.choices.extend(self.nations.iter().map(|(nation, share)| nation_choice(*nation, *share)));
            self.undecide();
        }
        for (column, kind) in COLUMNS.into_iter().enumerate() {
            let Some((code, layer)) = self.cells.get(column).copied().flatten() else { continue };
            if is_divided(&self.candidates, column) {
                place.choices.extend(self.choices(column, kind));
            } else {
                place.areas.push((kind, code));
                place.sources.push((kind, layer));
                place.disagreements.extend(self.disagreements(column, kind));
            }
        }
        place
    }

    /// Makes a candidate of every area that is not divided itself.
    fn undecide(&mut self) {
        for (column, cell) in self.cells.iter().enumerate() {
            if let Some((code, _layer)) = cell.filter(|_cell| !is_divided(&self.candidates, column)) {
                self.candidates.push(Candidate { column, code, share: None });
            }
        }
    }

    /// The candidates of a column, and what else the layer says of it, for the person to choose.
    fn choices(&self, column: usize, kind: AreaKind) -> impl Iterator<Item = AreaChoice> + '_ {
        let candidates = self.candidates.iter().filter(move |candidate| candidate.column == column);
        let is_candidate =
            move |code: AreaCode| self.candidates.iter().any(|known| (known.column, known.code) == (column, code));
        let others = self.others.iter().filter(move |(other, code, _)| *other == column && !is_candidate(*code));
        let choice = move |code, share| AreaChoice { kind, code, share };
        let candidates = candidates.map(move |candidate| choice(candidate.code, candidate.share));
        candidates.chain(others.map(move |(_column, code, _layer)| choice(*code, None)))
    }

    fn disagreements(&self, column: usize, kind: AreaKind) -> impl Iterator<Item = Disagreement> + '_ {
        let others = self.others.iter().filter(move |(other, ..)| *other == column);
        others.map(move |(_column, code, layer)| Disagreement { kind, code: *code, layer: *layer })
    }
}

fn is_divided(candidates: &[Candidate], column: usize) -> bool {
    candidates.iter().any(|candidate| candidate.column == column)
}

fn nation_choice(nation: Nation, share: Option<Share>) -> AreaChoice {
    AreaChoice { kind: AreaKind::Nation, code: nation.area_code(), share }
}

/// The different areas of one column that the parts lie in, the shares of those in one area taken together.
fn candidates(parts: &[FieldPart<'_>], column: usize, nations: &Nations, day: NaiveDate) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (profile, share) in parts {
        let Some(area) = profile.on(day).find(|area| area.column == column && nations.include(area.code)) else {
            continue;
        };
        match candidates.iter_mut().find(|known| known.code == area.code) {
            Some(known) => known.share = known.share.zip(*share).and_then(|(a, b)| a.plus(b)),
            None => candidates.push(Candidate { column, code: area.code, share: *share }),
        }
    }
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.share));
    candidates
}

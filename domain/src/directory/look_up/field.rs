//! What one layer says of a postcode, narrowed by a person's choice.

use super::{COLUMNS, PARENTS, PreparedLayer, PreparedProfile, column};
use crate::directory::postcode_table::PostcodeRow;
use crate::directory::share::Share;
use crate::{AreaCode, AreaKey, AreaKind, Nation};
use chrono::NaiveDate;

/// A part of a postcode in one layer.
pub(super) type FieldPart<'a> = (&'a PreparedProfile, Option<Share>);

/// One layer's statement about a postcode.
pub(super) struct Field<'a> {
    pub(super) layer: &'a PreparedLayer,
    whole: &'a PreparedProfile,
    /// At least two where the postcode is divided, and none where it is not.
    parts: Vec<FieldPart<'a>>,
    /// The kinds of area, a bit for each column, of which a choice says otherwise.
    overruled: u16,
    has_ended: bool,
}

impl<'a> Field<'a> {
    /// Reads a layer's row.
    pub(super) fn of(layer: &'a PreparedLayer, row: PostcodeRow, day: NaiveDate) -> Option<Self> {
        let profile = |number: u16| layer.profiles.get(usize::from(number));
        let parts = layer.facts.table.parts_of(row.key).iter();
        let parts = parts.filter_map(|part| Some((profile(part.profile)?, part.share))).collect();
        let has_ended = row.ended.is_some_and(|month| month.has_begun(day));
        Some(Self { layer, whole: profile(row.profile)?, parts, overruled: 0, has_ended })
    }

    /// The whole postcode, or its greatest part.
    pub(super) fn first(&self) -> &'a PreparedProfile {
        self.parts.first().map_or(self.whole, |(profile, _share)| profile)
    }

    /// The parts of a postcode that is divided.
    pub(super) fn parts(&self) -> &[FieldPart<'a>] {
        &self.parts
    }

    /// The whole postcode, or every part of it.
    pub(super) fn profiles(&self) -> impl Iterator<Item = &'a PreparedProfile> {
        let whole = self.parts.is_empty().then_some(self.whole);
        whole.into_iter().chain(self.parts.iter().map(|(profile, _share)| *profile))
    }

    /// True if its row is live and says that one large user has the postcode to itself.
    pub(super) fn is_of_large_user(&self) -> bool {
        !self.has_ended && self.profiles().any(|profile| profile.is_large_user)
    }

    /// The nations of the parts, that of the greatest first.
    pub(super) fn nations(&self) -> Vec<Nation> {
        let mut nations = Vec::new();
        for nation in self.profiles().filter_map(PreparedProfile::nation) {
            if !nations.contains(&nation) {
                nations.push(nation);
            }
        }
        nations
    }

    /// True if its parts lie in different nations.
    pub(super) fn is_divided_by_a_border(&self) -> bool {
        !self.parts.is_empty() && self.nations().len() > 1
    }

    /// How much of the postcode lies in a nation, where known.
    pub(super) fn share_of(&self, nation: Nation) -> Option<Share> {
        let own = self.parts.iter().filter(|(profile, _share)| profile.nation() == Some(nation));
        own.map(|(_profile, share)| *share).reduce(|a, b| a?.plus(b?)).flatten()
    }

    /// True if a choice has overruled any of its areas.
    pub(super) const fn is_overruled(&self) -> bool {
        self.overruled != 0
    }

    /// True if a choice has overruled its area of this column.
    pub(super) const fn is_overruled_on(&self, column: usize) -> bool {
        self.overruled >> column & 1 == 1
    }

    /// The area of a kind that the whole postcode, or its greatest part, lies in.
    pub(super) fn gives(&self, kind: AreaKind, day: NaiveDate) -> Option<AreaCode> {
        let column = column(kind)?;
        self.first().on(day).find(|area| area.column == column).map(|area| area.code)
    }

    /// Keeps the parts that lie in the chosen area. A layer that has only other areas of the kind is overruled, for the areas
    /// that follow from it too: a person in another constituency is in that one's region.
    pub(super) fn choose(&mut self, choice: AreaKey, day: NaiveDate) {
        let is_it = |profile: &PreparedProfile| is_in(profile, choice, day);
        if self.profiles().any(is_it) {
            self.parts.retain(|(profile, _share)| is_it(profile));
            if let [(only, _share)] = self.parts.as_slice() {
                self.whole = only;
                self.parts.clear();
            }
        } else if choice.kind != AreaKind::Nation && self.profiles().any(|profile| tells(profile, choice.kind, day)) {
            self.overrule(choice.kind);
        }
    }

    fn overrule(&mut self, kind: AreaKind) {
        let related = |pair: &&(AreaKind, AreaKind)| pair.0 == kind || pair.1 == kind;
        let related = PARENTS.iter().filter(related).flat_map(|(child, parent)| [*child, *parent]);
        for column in related.chain([kind]).filter_map(column) {
            self.overruled |= 1 << column;
        }
    }
}

const _: () = assert!(COLUMNS.len() <= 16, "a column has no bit");

fn is_in(profile: &PreparedProfile, choice: AreaKey, day: NaiveDate) -> bool {
    match column(choice.kind) {
        Some(column) => profile.on(day).any(|area| area.column == column && area.code == choice.code),
        None => profile.nation().is_some_and(|nation| nation.area_code() == choice.code),
    }
}

fn tells(profile: &PreparedProfile, kind: AreaKind, day: NaiveDate) -> bool {
    column(kind).is_some_and(|column| profile.on(day).any(|area| area.column == column))
}

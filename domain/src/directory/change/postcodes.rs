//! What a newer postcode file would change in its layer.

use super::Counts;
use crate::directory::postcode_table::{PostcodePart, PostcodeRow, PostcodeTable};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Compares a layer's table with the one that is to replace it, in one walk over both.
///
/// Changed are postcodes that moved to other areas, or whose parts did; ended are those live before that the new table lacks or has ended.
pub fn plan_postcodes(current: Option<&PostcodeTable>, incoming: &PostcodeTable) -> Counts {
    let Some(current) = current else { return Counts { added: incoming.len(), ..Counts::default() } };
    let same = same_profiles(current, incoming);
    let mut counts = Counts { live: current.live(), ..Counts::default() };
    let (mut before, mut after) = (current.iter().peekable(), incoming.iter().peekable());
    loop {
        match (before.peek().copied(), after.peek().copied()) {
            (None, None) => return counts,
            (Some(old), Some(new)) if old.key == new.key => {
                let parts = (current.parts_of(old.key), incoming.parts_of(new.key));
                counts.compare(old, new, is_same(old, new, &same) && are_same(parts, &same));
                before.next();
                after.next();
            }
            (Some(old), new) if new.is_none_or(|new| old.key.cmp(&new.key) == Ordering::Less) => {
                counts.lose(old);
                before.next();
            }
            _ => {
                counts.added += 1;
                after.next();
            }
        }
    }
}

impl Counts {
    const fn compare(&mut self, old: PostcodeRow, new: PostcodeRow, is_same: bool) {
        if old.ended.is_none() && new.ended.is_some() {
            self.ended += 1;
        } else if is_same {
            self.unchanged += 1;
        } else {
            self.changed += 1;
        }
    }

    /// A row that is gone ends if it was live; if it had ended already, only the memory of it goes.
    fn lose(&mut self, old: PostcodeRow) {
        if old.ended.is_none() { self.ended += 1 } else { self.changed += 1 }
    }
}

fn is_same(old: PostcodeRow, new: PostcodeRow, same: &[Option<u16>]) -> bool {
    old.ended == new.ended && same.get(usize::from(old.profile)) == Some(&Some(new.profile))
}

fn are_same((old, new): (&[PostcodePart], &[PostcodePart]), same: &[Option<u16>]) -> bool {
    let is_same = |(old, new): (&PostcodePart, &PostcodePart)| {
        old.share == new.share && same.get(usize::from(old.profile)) == Some(&Some(new.profile))
    };
    old.len() == new.len() && old.iter().zip(new).all(is_same)
}

/// For each profile of the one table, the number of the equal one in the other.
fn same_profiles(current: &PostcodeTable, incoming: &PostcodeTable) -> Vec<Option<u16>> {
    let numbers: HashMap<_, u16> = incoming.profiles().iter().zip(0..=u16::MAX).collect();
    current.profiles().iter().map(|profile| numbers.get(profile).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Part;
    use crate::directory::examples::{postcode, profile, table};
    use crate::{AreaKind, PostcodeTableBuilder, Share};

    const PCON: AreaKind = AreaKind::WestminsterConstituency;

    #[test]
    fn a_newer_file_is_compared_row_by_row() {
        let current = table(&[
            ("ZA1 1AA", "", &[(PCON, "E14000001")]),
            ("ZA1 1AB", "", &[(PCON, "E14000001")]),
            ("ZA1 1AD", "", &[(PCON, "E14000001")]),
            ("ZA1 1AE", "", &[(PCON, "E14000002")]),
            ("ZA1 1AF", "200101", &[(PCON, "E14000002")]),
            ("ZA1 1AG", "200101", &[]),
        ]);
        let incoming = table(&[
            ("ZA0 1AA", "", &[]),
            ("ZA1 1AA", "", &[(PCON, "E14000001")]),
            ("ZA1 1AB", "", &[(PCON, "E14000002")]),
            ("ZA1 1AD", "202601", &[(PCON, "E14000001")]),
            ("ZA1 1AF", "", &[(PCON, "E14000002")]),
            ("ZZ1 1AA", "", &[]),
        ]);
        let counts = plan_postcodes(Some(&current), &incoming);
        assert_eq!(counts, Counts { added: 2, changed: 3, ended: 2, unchanged: 1, live: 4 });
    }

    #[test]
    fn a_share_that_moves_is_a_change() {
        let parts = |share: &str| {
            let mut builder = PostcodeTableBuilder::new();
            for (code, share) in [("E14000001", "0.6"), ("E14000002", share)] {
                let (key, part) = (postcode("ZA1 1AA").key(), Part::Share(Share::parse(share).ok()));
                builder.push_part(key, None, &profile(&[(PCON, code)]), part).unwrap();
            }
            builder.finish().unwrap().table
        };
        let counts = |before: &PostcodeTable, after: &PostcodeTable| {
            let counts = plan_postcodes(Some(before), after);
            (counts.changed, counts.unchanged)
        };
        assert_eq!(counts(&parts("0.4"), &parts("0.4")), (0, 1));
        assert_eq!(counts(&parts("0.4"), &parts("0.3")), (1, 0));
        let whole = table(&[("ZA1 1AA", "", &[(PCON, "E14000001")])]);
        assert_eq!((counts(&parts("0.4"), &whole), counts(&whole, &parts("0.4"))), ((1, 0), (1, 0)));
    }

    #[test]
    fn the_same_file_twice_changes_nothing() {
        let rows: &[_] = &[("ZA1 1AA", "", &[(PCON, "E14000001")][..]), ("ZA1 1AB", "202601", &[])];
        let counts = plan_postcodes(Some(&table(rows)), &table(rows));
        assert_eq!(counts, Counts { unchanged: 2, live: 1, ..Counts::default() });
        assert_eq!(plan_postcodes(None, &table(rows)).added, 2);
    }
}

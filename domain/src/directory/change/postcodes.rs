//! What a newer postcode file would change in its layer.

use super::Counts;
use crate::directory::postcode_table::{PostcodeRow, PostcodeTable};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Compares a layer's table with the one that is to replace it, in one walk over both.
///
/// Changed are postcodes that moved to other areas; ended are those live before that the new table lacks or has ended.
pub fn plan_postcodes(current: Option<&PostcodeTable>, incoming: &PostcodeTable) -> Counts {
    let Some(current) = current else { return Counts { added: incoming.len(), ..Counts::default() } };
    let same = same_profiles(current, incoming);
    let mut counts = Counts { live: current.live(), ..Counts::default() };
    let (mut before, mut after) = (current.iter().peekable(), incoming.iter().peekable());
    loop {
        match (before.peek().copied(), after.peek().copied()) {
            (None, None) => return counts,
            (Some(old), Some(new)) if old.key == new.key => {
                counts.compare(old, new, &same);
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
    fn compare(&mut self, old: PostcodeRow, new: PostcodeRow, same: &[Option<u16>]) {
        let is_same_profile = same.get(usize::from(old.profile)) == Some(&Some(new.profile));
        if old.ended.is_none() && new.ended.is_some() {
            self.ended += 1;
        } else if old.ended == new.ended && is_same_profile {
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

/// For each profile of the one table, the number of the equal one in the other.
fn same_profiles(current: &PostcodeTable, incoming: &PostcodeTable) -> Vec<Option<u16>> {
    let numbers: HashMap<_, u16> = incoming.profiles().iter().zip(0..=u16::MAX).collect();
    current.profiles().iter().map(|profile| numbers.get(profile).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AreaKind;
    use crate::directory::examples::table;

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
    fn the_same_file_twice_changes_nothing() {
        let rows: &[_] = &[("ZA1 1AA", "", &[(PCON, "E14000001")][..]), ("ZA1 1AB", "202601", &[])];
        let counts = plan_postcodes(Some(&table(rows)), &table(rows));
        assert_eq!(counts, Counts { unchanged: 2, live: 1, ..Counts::default() });
        assert_eq!(plan_postcodes(None, &table(rows)).added, 2);
    }
}

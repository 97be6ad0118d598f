//! Which postcodes of a layer are in another seat than before.

use postbag_domain::directory::{PostcodeTable, Profile};
use postbag_domain::{AreaCode, AreaKind, Office};
use std::collections::HashMap;

/// How many are listed one by one.
const EXAMPLES: usize = 100;

/// The postcodes that moved between two files of one layer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::imports) struct Moves {
    /// How many postcodes.
    pub(in crate::imports) count: usize,
    /// The first of them in words: `AB1 2CD: westminster_constituency E14000001 → E14000002`.
    pub(in crate::imports) examples: Vec<String>,
}

/// One seat of a postcode, before and after.
type Move = (AreaKind, AreaCode, AreaCode);

/// Compares the seats of every postcode that both tables have. Neighbours share their profiles, so each pair of profiles is
/// compared once.
pub(in crate::imports) fn moves(before: &PostcodeTable, after: &PostcodeTable) -> Moves {
    let mut seen: HashMap<(u16, u16), Vec<Move>> = HashMap::new();
    let mut moves = Moves::default();
    for row in after.iter() {
        let Some(old) = before.find(row.key) else { continue };
        let pair = (old.profile, row.profile);
        let seats = seen.entry(pair).or_insert_with(|| other_seats(&profile(before, pair.0), &profile(after, pair.1)));
        if seats.is_empty() {
            continue;
        }
        moves.count += 1;
        if moves.examples.len() < EXAMPLES {
            let words: Vec<_> = seats.iter().map(|(kind, from, to)| format!("{kind} {from} → {to}")).collect();
            moves.examples.push(format!("{}: {}", row.key.postcode(), words.join(", ")));
        }
    }
    moves
}

fn profile(table: &PostcodeTable, number: u16) -> Profile {
    table.profiles().get(usize::from(number)).copied().unwrap_or_default()
}

fn other_seats(old: &Profile, new: &Profile) -> Vec<Move> {
    let kinds = Office::ALL.iter().map(|office| office.area_kind());
    let seats = kinds.filter_map(|kind| Some((kind, old.area(kind)?, new.area(kind)?)));
    seats.filter(|(_kind, from, to)| from != to).collect()
}

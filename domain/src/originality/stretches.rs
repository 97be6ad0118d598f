//! Texts as sets of hashed stretches, and as the few smallest of them.

use super::STRETCH;
use std::collections::HashSet;

/// How many numbers stand for a message.
pub(super) const NUMBERS: usize = 8;

/// The multiplier of the rolling hash, and those of the eight orders in which stretches are sorted: odd numbers without a pattern.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const ORDERS: [u64; NUMBERS] = [
    0xbf58_476d_1ce4_e5b9,
    0x94d0_49bb_1331_11eb,
    0xd6e8_feb8_6659_fd93,
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5896_5ea3_9c88_c6e5,
    0xc2b2_ae3d_27d4_eb4f,
];

/// Letters and digits in small letters, and nothing else.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The hashes of all stretches of a folded text; of the whole where it is shorter than one.
pub(super) fn stretches(folded: &str) -> HashSet<u64> {
    let letters: Vec<u64> = folded.chars().map(|c| u64::from(u32::from(c)) + 1).collect();
    let width = letters.len().min(STRETCH);
    if width == 0 {
        return HashSet::new();
    }
    let leading = (1..width).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let roll = |hash: u64, letter: &u64| hash.wrapping_mul(BASE).wrapping_add(*letter);
    let mut hash = letters.iter().take(width).fold(0, roll);
    let mut found = HashSet::with_capacity(letters.len());
    found.insert(hash);
    for (leaving, coming) in letters.iter().zip(letters.iter().skip(width)) {
        hash = roll(hash.wrapping_sub(leaving.wrapping_mul(leading)), coming);
        found.insert(hash);
    }
    found
}

/// A message as eight numbers: two messages that share most of their stretches share most of these (`MinHash`). No word can be read from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketch([u64; NUMBERS]);

impl Sketch {
    /// The sketch of a message; none of one that is too short to be distinguished from others.
    pub fn of(message: &str) -> Option<Self> {
        let folded = folded(message);
        if folded.chars().count() < STRETCH {
            return None;
        }
        let stretches = stretches(&folded);
        let smallest = |order: u64| stretches.iter().map(|stretch| mixed(stretch ^ order)).min().unwrap_or_default();
        Some(Self(ORDERS.map(smallest)))
    }

    /// About which share of their stretches two messages share.
    pub fn likeness(&self, other: &Self) -> f64 {
        let alike = self.0.iter().zip(&other.0).filter(|(one, other)| one == other).count();
        super::share(alike, NUMBERS)
    }

    pub(super) const fn numbers(&self) -> &[u64; NUMBERS] {
        &self.0
    }
}

/// Spreads the bits of a number (`SplitMix64`).
pub(super) const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str =
        "My mother waited eleven weeks for her scan, and nobody called her in all that time. She is 71.";

    #[test]
    fn messages_that_share_most_words_have_like_sketches() {
        let sketch = |text: &str| Sketch::of(text).unwrap();
        let changed = MESSAGE.replace("71", "72").to_uppercase();
        assert!(sketch(MESSAGE).likeness(&sketch(&changed)) > 0.7);
        let other = "I have worked as a nurse on that ward since 2009 and have never seen it so short of staff as now.";
        assert!(sketch(MESSAGE).likeness(&sketch(other)) < 0.2);
        assert_eq!(Sketch::of("Please help."), None);
    }

    #[test]
    fn a_rolling_hash_is_that_of_the_stretch_alone() {
        let folded = folded(MESSAGE);
        let last: String = folded.chars().skip(folded.chars().count() - STRETCH).collect();
        assert!(stretches(&last).is_subset(&stretches(&folded)));
    }
}

//! How many like messages went to one representative: counted in a table of a fixed size, however many there are.

use super::stretches::{NUMBERS, Sketch, mixed};
use crate::RepresentativeId;

/// How many bits of a hash name a counter: there are 2 million counters, in 4 MB.
const BITS: u32 = 21;

/// Counts messages by representative and sketch. It errs upwards, and seldom: each of a message's numbers has a counter, and the middle one
/// is what counts.
pub struct Crowd {
    counters: Vec<u16>,
    /// Drawn for each process, so that nobody can aim at a counter.
    seed: u64,
}

impl std::fmt::Debug for Crowd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Crowd")
    }
}

impl Crowd {
    /// An empty table.
    pub fn new(seed: u64) -> Self {
        Self { counters: vec![0; 1 << BITS], seed }
    }

    /// How many like messages to a representative are counted.
    pub fn count(&self, to: RepresentativeId, sketch: &Sketch) -> u16 {
        let mut counts = self.places(to, sketch).map(|place| self.counters.get(place).copied().unwrap_or_default());
        counts.sort_unstable();
        counts[NUMBERS / 2]
    }

    /// Counts a message.
    pub fn note(&mut self, to: RepresentativeId, sketch: &Sketch) {
        for place in self.places(to, sketch) {
            if let Some(counter) = self.counters.get_mut(place) {
                *counter = counter.saturating_add(1);
            }
        }
    }

    /// Halves every count: what is long ago says less and less.
    pub fn age(&mut self) {
        self.counters.iter_mut().for_each(|counter| *counter /= 2);
    }

    fn places(&self, to: RepresentativeId, sketch: &Sketch) -> [usize; NUMBERS] {
        let (high, low) = to.uuid().as_u64_pair();
        let whom = mixed(high ^ mixed(low ^ self.seed));
        sketch.numbers().map(|number| usize::try_from(mixed(number ^ whom) >> (u64::BITS - BITS)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn representative(number: u128) -> RepresentativeId {
        RepresentativeId::new(Uuid::from_u128(number))
    }

    #[test]
    fn like_messages_to_one_representative_are_counted_among_a_hundred_thousand_others() {
        let mut crowd = Crowd::new(7);
        for number in 0..100_000 {
            let message =
                format!("{number} people like me, in street {number} of town {number}, wrote this one time only");
            crowd.note(representative(1), &Sketch::of(&message).unwrap());
        }
        let copied = |ending: &str| {
            let text =
                "I copied these words from a page that asks everybody to send exactly this, and added nothing but ";
            Sketch::of(&format!("{text}{ending}")).unwrap()
        };
        for ending in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            crowd.note(representative(1), &copied(ending));
        }
        assert!((9..=20).contains(&crowd.count(representative(1), &copied("me"))));
        assert_eq!(crowd.count(representative(2), &copied("me")), 0, "to somebody else");
        crowd.age();
        assert!(crowd.count(representative(1), &copied("me")) <= 10);
    }
}

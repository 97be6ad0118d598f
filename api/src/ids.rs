//! The only place that makes ids, as the clock is the only one that reads the time.

use uuid::Uuid;

/// A new id for something that is kept: greater than those before it, because it begins with the time (RFC 9562, version 7).
#[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}

/// A new id that says nothing of the time: for requests, and for leases, which must not be guessed.
#[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
pub fn random() -> Uuid {
    Uuid::new_v4()
}

/// A random number from 0 to `highest` that nobody can foresee.
pub fn random_number(highest: u32) -> u32 {
    let (_, low) = random().as_u64_pair();
    // The first two bits are the same in every id.
    let number = (low & u64::MAX >> 2) % (u64::from(highest) + 1);
    u32::try_from(number).unwrap_or(highest)
}

/// A random byte, to spread what would happen at one moment.
pub fn random_byte() -> u8 {
    let [byte, ..] = random().into_bytes();
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_grow_and_random_ones_differ() {
        let ids: Vec<_> = std::iter::repeat_with(fresh).take(1000).collect();
        assert!(ids.is_sorted_by(|before, after| before < after));
        assert_ne!(random(), random());
    }

    #[test]
    fn random_numbers_reach_both_ends() {
        let numbers: std::collections::BTreeSet<_> = std::iter::repeat_with(|| random_number(3)).take(1000).collect();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(random_number(0), 0);
    }
}

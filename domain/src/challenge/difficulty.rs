//! How hard a proof of work is: harder while a server has more to do than usual.

/// The highest number to try at an ordinary time: 25,000 hashes on average, a moment for a telephone.
pub const ORDINARY_NUMBER: u32 = 50_000;

/// How many times as hard it becomes at most.
const HARDEST: f64 = 8.0;

/// From which part of a full queue on it becomes harder, and at which it is hardest.
const FILL: (f64, f64) = (0.125, 0.5);

/// From which multiple of the usual pace on it becomes harder, and at which it is hardest.
const PACE: (f64, f64) = (4.0, 32.0);

/// What a server has to do at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The part of the queue of submissions that is full, from 0 to 1.
    pub fill: f64,
    /// How many times the usual pace submissions come at.
    pub times_usual: f64,
}

impl Load {
    /// The load of a queue in which so many wait, of which there is room for so many.
    pub fn of(waiting: usize, room: usize, times_usual: f64) -> Self {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        Self { fill: number(waiting) / number(room.max(1)), times_usual }
    }
}

/// The highest number that a browser has to try: [`ORDINARY_NUMBER`], and up to eight times that while submissions wait or come much
/// faster than usual.
pub fn highest_number(load: Load) -> u32 {
    let strain = rise(load.fill, FILL).max(rise(load.times_usual, PACE));
    let number = f64::from(ORDINARY_NUMBER) * (1.0 + strain * (HARDEST - 1.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 50,000 to 400,000")]
    #[expect(clippy::as_conversions, reason = "no fallible conversion from float exists")]
    let number = number as u32;
    number
}

/// 0 up to the first bound, 1 from the second on, and evenly in between.
fn rise(value: f64, (from, to): (f64, f64)) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(waiting: usize, times_usual: f64) -> u32 {
        highest_number(Load::of(waiting, 4096, times_usual))
    }

    #[test]
    fn an_ordinary_time_is_easy_and_a_crush_is_eight_times_as_hard() {
        for (waiting, times_usual, expected) in [
            (0, 0.0, 50_000),
            (512, 4.0, 50_000),
            (1280, 0.0, 225_000),
            (0, 18.0, 225_000),
            (2048, 0.0, 400_000),
            (0, 32.0, 400_000),
            (4096, 1000.0, 400_000),
        ] {
            assert_eq!(number(waiting, times_usual), expected, "{waiting} wait, {times_usual} times the usual");
        }
        assert_eq!(highest_number(Load::of(0, 0, 1.0)), ORDINARY_NUMBER, "a queue without room");
    }

    proptest! {
        #[test]
        fn more_to_do_is_never_easier(waiting in 0_usize..5000, more in 0_usize..5000, pace in 0.0_f64..100.0, faster in 0.0_f64..100.0) {
            let before = number(waiting, pace);
            prop_assert!((50_000..=400_000).contains(&before));
            prop_assert!(before <= number(waiting + more, pace + faster));
        }
    }
}

//! How close together questions to one service may be.

use std::time::{Duration, Instant};

/// Gives each question its turn, a pause after the one before.
#[derive(Debug)]
pub struct Pace {
    pause: Duration,
    next: Option<Instant>,
}

impl Pace {
    /// With this pause between two questions.
    pub const fn new(pause: Duration) -> Self {
        Self { pause, next: None }
    }

    /// When the question may be asked; nothing, and no turn is taken, if that is not before the deadline.
    pub fn turn(&mut self, now: Instant, deadline: Instant) -> Option<Instant> {
        let turn = self.next.map_or(now, |next| next.max(now));
        if turn >= deadline {
            return None;
        }
        self.next = Some(turn + self.pause);
        Some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn turns_are_a_pause_apart_and_none_is_wasted() {
        let (start, pause) = (Instant::now(), Duration::from_millis(100));
        let mut pace = Pace::new(pause);
        let deadline = start + Duration::from_millis(250);
        let turns: Vec<_> = (0..4).map(|_| pace.turn(start, deadline)).collect();
        assert_eq!(turns, [Some(start), Some(start + pause), Some(start + pause * 2), None]);
        let later = start + Duration::from_secs(9);
        assert_eq!(pace.turn(later, later + pause), Some(later), "nobody waits for a turn that was not taken");
    }

    proptest! {
        #[test]
        fn no_two_turns_are_closer_than_the_pause(waits in prop::collection::vec((0..300_u64, 1..500_u64), 1..50)) {
            let pause = Duration::from_millis(100);
            let (mut pace, mut now, mut last) = (Pace::new(pause), Instant::now(), None);
            for (wait, patience) in waits {
                now += Duration::from_millis(wait);
                let deadline = now + Duration::from_millis(patience);
                if let Some(turn) = pace.turn(now, deadline) {
                    prop_assert!(turn >= now && turn < deadline);
                    prop_assert!(last.is_none_or(|last| turn >= last + pause));
                    last = Some(turn);
                }
            }
        }
    }
}

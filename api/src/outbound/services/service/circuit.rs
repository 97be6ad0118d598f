//! When to stop asking a service that does not answer.

use std::time::{Duration, Instant};

/// The rule by which a circuit opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct CircuitRule {
    /// How many failures in a row open it; at least one.
    pub failures: u32,
    /// How long it stays open before one question is let through.
    pub open_for: Duration,
}

/// Counts failures in a row. After too many nothing is let through for a while; then one question is, and its answer decides.
#[derive(Debug)]
pub struct Circuit {
    rule: CircuitRule,
    state: State,
    /// Which period of its life this is. Answers to questions of an earlier one come too late to tell anything.
    period: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One question is out. If its outcome is never reported, another may go after this time.
    Probing {
        until: Instant,
    },
}

/// The permission to ask one question, to be given back with what came of it.
#[derive(Debug)]
#[must_use = "the circuit learns from what came of the question"]
pub struct Pass {
    period: u64,
}

impl Circuit {
    /// Closed, as if nothing had ever failed.
    pub const fn new(rule: CircuitRule) -> Self {
        Self { rule, state: State::Closed { failures: 0 }, period: 0 }
    }

    /// Whether a question may be asked now.
    pub fn admit(&mut self, now: Instant) -> Option<Pass> {
        match self.state {
            State::Closed { .. } => {}
            State::Open { until } | State::Probing { until } if now >= until => {
                self.enter(State::Probing { until: now + self.rule.open_for });
            }
            State::Open { .. } | State::Probing { .. } => return None,
        }
        Some(Pass { period: self.period })
    }

    /// Takes note of what came of a question. True if the circuit has opened by that.
    pub fn learn(&mut self, pass: &Pass, has_succeeded: bool, now: Instant) -> bool {
        if pass.period != self.period {
            return false;
        }
        match (self.state, has_succeeded) {
            (State::Closed { .. }, true) => self.state = State::Closed { failures: 0 },
            (State::Closed { failures }, false) if failures + 1 < self.rule.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            (State::Probing { .. }, true) => self.enter(State::Closed { failures: 0 }),
            (State::Closed { .. } | State::Probing { .. }, false) => {
                self.enter(State::Open { until: now + self.rule.open_for });
                return true;
            }
            // No pass is given out while it is open.
            (State::Open { .. }, _) => {}
        }
        false
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.period = self.period.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: CircuitRule = CircuitRule { failures: 3, open_for: Duration::from_secs(30) };

    fn fail(circuit: &mut Circuit, times: u32, now: Instant) {
        for _time in 0..times {
            let pass = circuit.admit(now).expect("a closed circuit");
            circuit.learn(&pass, false, now);
        }
    }

    #[test]
    fn three_failures_in_a_row_open_it() {
        let now = Instant::now();
        let mut circuit = Circuit::new(RULE);
        fail(&mut circuit, 2, now);
        let pass = circuit.admit(now).unwrap();
        assert!(!circuit.learn(&pass, true, now), "a success in between starts the count again");
        fail(&mut circuit, 2, now);
        let pass = circuit.admit(now).unwrap();
        assert!(circuit.learn(&pass, false, now), "it says when it opens");
        assert!(circuit.admit(now + Duration::from_secs(29)).is_none());
    }

    #[test]
    fn one_probe_decides_whether_it_closes() {
        let now = Instant::now();
        let later = now + Duration::from_secs(30);
        for (has_succeeded, is_closed) in [(true, true), (false, false)] {
            let mut circuit = Circuit::new(RULE);
            fail(&mut circuit, 3, now);
            let probe = circuit.admit(later).unwrap();
            assert!(circuit.admit(later).is_none(), "only one at a time");
            circuit.learn(&probe, has_succeeded, later);
            assert_eq!(circuit.admit(later).is_some(), is_closed);
        }
    }

    #[test]
    fn a_probe_that_is_never_heard_of_does_not_keep_it_open_for_ever() {
        let now = Instant::now();
        let mut circuit = Circuit::new(RULE);
        fail(&mut circuit, 3, now);
        let lost = circuit.admit(now + Duration::from_secs(30)).unwrap();
        let second = circuit.admit(now + Duration::from_mins(1)).unwrap();
        circuit.learn(&lost, false, now + Duration::from_secs(61));
        circuit.learn(&second, true, now + Duration::from_secs(61));
        assert!(circuit.admit(now + Duration::from_secs(61)).is_some());
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ask,
        Answer { which: usize, has_succeeded: bool },
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => Just(Step::Ask),
            3 => (0..8_usize, any::<bool>()).prop_map(|(which, has_succeeded)| Step::Answer { which, has_succeeded }),
            1 => (0..40_u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 0..120)
    }

    proptest! {
        #[test]
        fn while_it_is_open_nothing_passes_and_afterwards_one_question_does(steps in steps()) {
            let mut now = Instant::now();
            let mut circuit = Circuit::new(RULE);
            let mut out: Vec<Pass> = Vec::new();
            let mut opened: Option<Instant> = None;
            for step in steps {
                match step {
                    Step::Wait(seconds) => now += Duration::from_secs(seconds),
                    Step::Ask => {
                        let Some(pass) = circuit.admit(now) else {
                            let is_probing = matches!(circuit.state, State::Probing { .. });
                            prop_assert!(opened.is_some() || is_probing, "a closed circuit lets everything through");
                            continue;
                        };
                        prop_assert!(opened.is_none_or(|at| now >= at + RULE.open_for));
                        if opened.take().is_some() {
                            prop_assert!(circuit.admit(now).is_none(), "the probe goes alone");
                        }
                        out.push(pass);
                    }
                    Step::Answer { which, has_succeeded } if !out.is_empty() => {
                        let pass = out.swap_remove(which % out.len());
                        if circuit.learn(&pass, has_succeeded, now) {
                            prop_assert!(!has_succeeded, "a success opens nothing");
                            opened = Some(now);
                        }
                    }
                    Step::Answer { .. } => {}
                }
            }
            now += RULE.open_for;
            prop_assert!(circuit.admit(now).is_some(), "whatever happened, it does not stay open for ever");
        }
    }
}

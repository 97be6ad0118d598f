//! How a sink may misbehave.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A point in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A connection was accepted; nothing was said yet.
    Connect,
    /// EHLO or HELO was heard.
    Ehlo,
    /// AUTH was heard.
    Auth,
    /// MAIL was heard.
    Mail,
    /// RCPT was heard.
    Rcpt,
    /// DATA was heard.
    Data,
    /// The first line of a message was heard.
    Transfer,
    /// A whole message was heard and is not taken yet.
    Dot,
    /// A message was taken; its answer was not given yet.
    AfterDot,
}

/// A misbehaviour at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Says this instead; a greeting that is refused, a 421 and an interrupted transfer end the connection.
    Reply(u16, &'static str),
    /// Says these bytes instead.
    Bytes(&'static [u8]),
    /// Hangs up.
    Drop,
    /// Says nothing for so long, then goes on as if nothing were.
    Stall(Duration),
}

/// How often to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// Every time.
    Always,
    /// Only the n-th time, from 1.
    Nth(usize),
    /// The first n times.
    First(usize),
}

#[derive(Debug)]
struct Rule {
    stage: Stage,
    act: Act,
    times: Times,
    seen: usize,
}

/// The rules of a sink; a sink without any asks one atomic and no lock.
#[derive(Debug, Default)]
pub(super) struct Script {
    any: AtomicBool,
    rules: Mutex<Vec<Rule>>,
}

impl Script {
    pub(super) fn add(&self, stage: Stage, act: Act, times: Times) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(Rule { stage, act, times, seen: 0 });
        self.any.store(true, Ordering::Release);
    }

    pub(super) fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.any.store(false, Ordering::Release);
    }

    /// The misbehaviour for a session that reached `stage`, if there is one.
    pub(super) fn at(&self, stage: Stage) -> Option<Act> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let due = rules.iter_mut().filter(|rule| rule.stage == stage).filter_map(Rule::due);
        due.last()
    }
}

impl Rule {
    fn due(&mut self) -> Option<Act> {
        self.seen = self.seen.saturating_add(1);
        let due = match self.times {
            Times::Always => true,
            Times::Nth(n) => self.seen == n,
            Times::First(n) => self.seen <= n,
        };
        due.then_some(self.act)
    }
}

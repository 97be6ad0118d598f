//! The bounded queue between the handlers and the writers.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue that never holds more than `room`, and hands out what is waiting in groups (C3, C10).
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    /// Wakes the writer that waits for something to arrive.
    arrived: Condvar,
    /// Wakes the writer that gathers a group when it is full.
    filled: Condvar,
    room: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// The size of the group being gathered.
    gathering: Option<usize>,
    closed: bool,
}

/// Why an item was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no room now.
    Full,
    /// Nothing is taken any more.
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        let state = State { waiting: VecDeque::with_capacity(room.min(1024)), gathering: None, closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), filled: Condvar::new(), room }
    }

    /// Takes the item, or refuses it at once if there is no room.
    pub(super) fn push(&self, item: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        if state.waiting.len() >= self.room {
            return Err(Refused::Full);
        }
        state.waiting.push_back(item);
        let (waiting, gathering) = (state.waiting.len(), state.gathering);
        drop(state);
        match gathering {
            None => self.arrived.notify_one(),
            Some(most) if waiting >= most => self.filled.notify_one(),
            Some(_) => {}
        }
        Ok(())
    }

    /// Up to `most` items: at once if so many wait, or else what has arrived `patience` after the first was seen. `None` once the
    /// queue is closed and empty.
    ///
    /// A group costs nearly as much as one item, so a moment's patience saves most of the work. One writer gathers at a time.
    pub(super) fn take(&self, most: usize, patience: Duration) -> Option<Vec<T>> {
        let mut state = self.lock();
        while !state.closed && state.waiting.len() < most {
            if state.waiting.is_empty() || state.gathering.is_some() {
                state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state = self.gather(state, most, patience);
            if !state.waiting.is_empty() {
                break;
            }
        }
        let count = state.waiting.len().min(most);
        let group: Vec<T> = state.waiting.drain(..count).collect();
        if !state.waiting.is_empty() {
            self.arrived.notify_one();
        }
        (!group.is_empty()).then_some(group)
    }

    fn gather<'q>(
        &self,
        mut state: MutexGuard<'q, State<T>>,
        most: usize,
        patience: Duration,
    ) -> MutexGuard<'q, State<T>> {
        state.gathering = Some(most);
        let is_short = |state: &mut State<T>| !state.closed && state.waiting.len() < most;
        let waited = self.filled.wait_timeout_while(state, patience, is_short);
        let (mut state, _elapsed) = waited.unwrap_or_else(PoisonError::into_inner);
        state.gathering = None;
        state
    }

    /// Takes nothing more; what waits is still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        self.filled.notify_all();
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// True if the next item finds no room.
    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.room
    }

    // A panic cannot leave the state half changed: each step under the lock is whole.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Instant;

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn a_full_queue_refuses_at_once() {
        let queue = Queue::new(2);
        assert_eq!([queue.push(1), queue.push(2), queue.push(3)], [Ok(()), Ok(()), Err(Refused::Full)]);
        assert!(queue.is_full());
        assert_eq!(queue.take(1, AT_ONCE), Some(vec![1]));
        assert!(!queue.is_full());
        assert_eq!(queue.push(3), Ok(()));
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_group_is_what_waits_up_to_its_size_in_order() {
        let queue = Queue::new(10);
        for item in 0..5 {
            queue.push(item).unwrap();
        }
        assert_eq!(queue.take(3, AT_ONCE), Some(vec![0, 1, 2]));
        assert_eq!(queue.take(3, AT_ONCE), Some(vec![3, 4]));
    }

    #[test]
    fn a_closed_queue_hands_out_what_waits_and_then_ends() {
        let queue = Queue::new(10);
        queue.push('a').unwrap();
        queue.close();
        assert_eq!(queue.push('b'), Err(Refused::Closed));
        assert_eq!(queue.take(8, AT_ONCE), Some(vec!['a']));
        assert_eq!(queue.take(8, AT_ONCE), None);
    }

    #[test]
    fn a_waiting_writer_wakes_when_something_arrives() {
        let queue = Arc::new(Queue::new(1));
        let writer = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.take(8, AT_ONCE)
        });
        queue.push(7).unwrap();
        assert_eq!(writer.join().unwrap(), Some(vec![7]));
    }

    #[test]
    fn patience_makes_a_fuller_group_and_ends_when_it_is_full() {
        let queue = Arc::new(Queue::new(10));
        queue.push(0).unwrap();
        let writer = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.take(3, Duration::from_mins(1))
        });
        let began = Instant::now();
        while queue.lock().gathering.is_none() {
            std::thread::yield_now();
        }
        queue.push(1).unwrap();
        queue.push(2).unwrap();
        assert_eq!(writer.join().unwrap(), Some(vec![0, 1, 2]));
        assert!(began.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn nothing_is_left_behind_in_the_queue() {
        let queue = Arc::new(Queue::new(10_000));
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || {
                    let mut taken = Vec::new();
                    while let Some(group) = queue.take(7, Duration::from_micros(200)) {
                        taken.extend(group);
                    }
                    taken
                })
            })
            .collect();
        for item in 0..5000 {
            queue.push(item).unwrap();
        }
        queue.close();
        let mut taken: Vec<i32> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        taken.sort_unstable();
        assert_eq!(taken, (0..5000).collect::<Vec<_>>());
    }
}

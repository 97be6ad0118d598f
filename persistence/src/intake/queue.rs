//! The bounded queue between the handlers and the writers.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue that never holds more than `room`, and hands out what is waiting in groups (C3, C10).
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
    room: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
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
        let state = State { waiting: VecDeque::with_capacity(room.min(1024)), closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), room }
    }

    /// Takes the item, or refuses it at once: nobody waits for room.
    pub(super) fn push(&self, item: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        if state.waiting.len() >= self.room {
            return Err(Refused::Full);
        }
        state.waiting.push_back(item);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Up to `most` items, as soon as there is one. `None` once the queue is closed and empty.
    pub(super) fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let count = state.waiting.len().min(most);
        let group: Vec<T> = state.waiting.drain(..count).collect();
        (!group.is_empty()).then_some(group)
    }

    /// Takes nothing more; what waits is still handed out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
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

    #[test]
    fn a_full_queue_refuses_at_once() {
        let queue = Queue::new(2);
        assert_eq!([queue.push(1), queue.push(2), queue.push(3)], [Ok(()), Ok(()), Err(Refused::Full)]);
        assert_eq!(queue.take(1), Some(vec![1]));
        assert_eq!(queue.push(3), Ok(()));
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_group_is_what_waits_up_to_its_size_in_order() {
        let queue = Queue::new(10);
        for item in 0..5 {
            queue.push(item).unwrap();
        }
        assert_eq!(queue.take(3), Some(vec![0, 1, 2]));
        assert_eq!(queue.take(3), Some(vec![3, 4]));
    }

    #[test]
    fn a_closed_queue_hands_out_what_waits_and_then_ends() {
        let queue = Queue::new(10);
        queue.push('a').unwrap();
        queue.close();
        assert_eq!(queue.push('b'), Err(Refused::Closed));
        assert_eq!(queue.take(8), Some(vec!['a']));
        assert_eq!(queue.take(8), None);
    }

    #[test]
    fn a_waiting_writer_wakes_when_something_arrives() {
        let queue = Arc::new(Queue::new(1));
        let writer = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.take(8)
        });
        queue.push(7).unwrap();
        assert_eq!(writer.join().unwrap(), Some(vec![7]));
    }
}

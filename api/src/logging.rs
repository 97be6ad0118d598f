//! Structured logs on the standard error stream (C31, C32).
//!
//! Lines that tell of nothing wrong are written a few at a time: a system call for each would cost a busy route more than
//! anything else it does. Warnings and errors are written at once, with all that stands before them.

use crate::config::{Log, LogFormat};
use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The longest that a line may wait.
const WAIT: Duration = Duration::from_millis(100);

/// How many bytes may wait.
const ROOM: usize = 32 * 1024;

/// Lines that are not written yet.
static WAITING: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Refuses a filter that cannot be read.
pub fn check(log: &Log) -> anyhow::Result<()> {
    filter(log).map(drop)
}

fn filter(log: &Log) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(&log.filter).map_err(|error| anyhow::anyhow!("log.filter cannot be read: {error}"))
}

/// Starts the log. Later calls change nothing.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = filter(log)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Lines);
    let _ = match log.format {
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
        LogFormat::Human => subscriber.with_ansi(io::stderr().is_terminal()).try_init(),
    };
    panic::set_hook(Box::new(|panic| {
        // Without the message, which may hold personal data that the code was working on.
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panicked");
    }));
    thread::Builder::new().name("log".to_owned()).spawn(|| {
        loop {
            thread::sleep(WAIT);
            flush();
        }
    })?;
    Ok(())
}

/// Writes what waits; for the end of the process.
pub fn flush() {
    write(&mut waiting());
}

fn waiting() -> MutexGuard<'static, Vec<u8>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Under the lock, so that lines keep their order. A failure to write the log itself has nowhere to go.
fn write(waiting: &mut Vec<u8>) {
    if !waiting.is_empty() {
        let _ = io::stderr().write_all(waiting);
        waiting.clear();
    }
}

/// The destination of lines.
#[derive(Clone, Copy, Debug)]
struct Lines;

/// One line, on its way.
#[derive(Clone, Copy, Debug)]
struct Line {
    at_once: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { at_once: true }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line {
        Line { at_once: *metadata.level() <= Level::WARN }
    }
}

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = waiting();
        waiting.extend_from_slice(line);
        if self.at_once || waiting.len() >= ROOM {
            write(&mut waiting);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

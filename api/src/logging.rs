//! Structured logs on the standard error stream (C31, C32).

use crate::config::{Log, LogFormat};
use std::io::{self, IsTerminal};
use std::panic;
use tracing_subscriber::EnvFilter;

/// Starts the log. Later calls change nothing.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let _ = match log.format {
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
        LogFormat::Human => subscriber.with_ansi(io::stderr().is_terminal()).try_init(),
    };
    panic::set_hook(Box::new(|panic| {
        // Not the message: it may hold whatever the code was working on.
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panicked");
    }));
    Ok(())
}

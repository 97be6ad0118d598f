//! How far an import is, for whoever watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Read;

/// Shows the bytes read of each file, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    is_shown: bool,
}

impl Progress {
    /// Shows nothing.
    pub const fn quiet() -> Self {
        Self { is_shown: false }
    }

    /// Shows a bar on standard error if that is a terminal, and nothing otherwise.
    pub const fn on_terminal() -> Self {
        Self { is_shown: true }
    }

    /// The reader, with its progress shown.
    pub(super) fn watch<R: Read>(self, name: &str, size: u64, reader: R) -> impl Read + use<R> {
        let target = if self.is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(size), target).with_message(name.to_owned());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}");
        bar.set_style(style.unwrap_or_else(|_error| ProgressStyle::default_bar()));
        bar.wrap_read(reader)
    }
}

//! Progress of long work on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Read;

/// Shows how far long work is, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    is_shown: bool,
}

struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
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
        self.bar(name, size, "{msg} {wide_bar} {bytes}/{total_bytes} {eta}").wrap_read(reader)
    }

    /// A spinner for work of unknown length, until it is dropped.
    pub fn spin(self, name: &str) -> impl Drop + use<> {
        let bar = self.bar(name, 0, "{spinner} {msg} {elapsed}");
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Spinner(bar)
    }

    /// A bar of questions to a service. It receives how many of how many have been answered.
    pub fn count(self, name: &str) -> impl FnMut(usize, usize) + use<> {
        let bar = self.bar(name, 0, "{msg} {wide_bar} {pos}/{len} {eta}");
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        move |done, all| {
            bar.set_length(number(all));
            bar.set_position(number(done));
        }
    }

    fn bar(self, name: &str, size: u64, template: &str) -> ProgressBar {
        let target = if self.is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(size), target).with_message(name.to_owned());
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_error| ProgressStyle::default_bar()));
        bar
    }
}

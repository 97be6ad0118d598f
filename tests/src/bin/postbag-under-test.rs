//! The server itself, built beside the tests so that cargo tells them where it is.
//!
//! Its clock runs ahead of the machine's by as many seconds as the file says that `CLOCK_AHEAD_FILE` names.

use postbag::clock::Clock;

fn main() -> std::process::ExitCode {
    postbag::cli::main_by(Clock::moved(ahead))
}

/// In microseconds; nothing while there is no such file.
fn ahead() -> i64 {
    let file = std::env::var_os("CLOCK_AHEAD_FILE");
    let seconds = file.and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse::<i64>().ok());
    seconds.unwrap_or_default().saturating_mul(1_000_000)
}

//! The server itself, built beside the tests so that cargo tells them where it is.
//!
//! Its clock runs ahead of the machine's by as many seconds as the file says that `CLOCK_AHEAD_FILE` names. Without a name it is the
//! machine's, since a measurement must not include the time to read a file.

use postbag::clock::Clock;

fn main() -> std::process::ExitCode {
    let is_moved = std::env::var_os(FILE).is_some_and(|file| !file.is_empty());
    postbag::cli::main_by(if is_moved { Clock::moved(ahead) } else { Clock::system() })
}

/// The variable that names the file.
const FILE: &str = "CLOCK_AHEAD_FILE";

/// The lead of the clock in microseconds; nothing while there is no such file.
fn ahead() -> i64 {
    let file = std::env::var_os(FILE);
    let seconds = file.and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse::<i64>().ok());
    seconds.unwrap_or_default().saturating_mul(1_000_000)
}

//! `postbag token`

use crate::auth::{Grant, Org, ScopeName, install_provider, issue};
use crate::clock::Clock;
use crate::config::Config;
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::time::Duration;

/// Tokens for the administrative API.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Print a new token, signed with the shared secret
    Issue(Issue),
}

/// Options of a new token.
#[derive(Debug, Args)]
pub(super) struct Issue {
    /// Slug of the organisation, or `*` for the operator
    #[arg(long)]
    org: Org,
    /// Scopes such as `campaigns:write`, separated by spaces; may be repeated
    #[arg(long = "scope", required = true, value_name = "SCOPE", value_delimiter = ' ')]
    scopes: Vec<ScopeName>,
    /// Lifetime: a number and s, m, h or d
    #[arg(long, default_value = "1h", value_parser = lifetime, value_name = "TIME")]
    lifetime: Duration,
    /// Subject: the person or system that uses the token
    #[arg(long, default_value = "operator")]
    subject: String,
}

impl Token {
    pub(super) fn run(self, config: Config, clock: &Clock) -> anyhow::Result<()> {
        let Self::Issue(Issue { org, scopes, lifetime, subject }) = self;
        let config = config.load_secrets()?;
        install_provider();
        let token = issue(&config.auth, Grant { subject, org, scopes, lifetime }, clock.now())?;
        writeln!(io::stdout(), "{token}")?;
        Ok(())
    }
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text} is not a time such as 90s, 15m, 1h or 30d");
    let split = text.len().checked_sub(1).filter(|split| text.is_char_boundary(*split)).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_why| wrong())?;
    number.checked_mul(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read_as_people_write_them() {
        assert_eq!(lifetime("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(lifetime("30d"), Ok(Duration::from_hours(720)));
        for wrong in ["", "1", "h", "0h", "-1h", "1w", "1é", "99999999999999999d"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}

//! `postbag token`

use super::runtime;
use crate::auth::{Grant, Issued, Org, ScopeName, install_provider, issue};
use crate::clock::Clock;
use crate::config::Config;
use chrono::DateTime;
use clap::{Args, Subcommand};
use postbag_persistence::{IssuedToken, PageRequest, Revoked, Store, StoreOptions};
use std::io::{self, Write};
use std::time::Duration;

/// Tokens for the administrative API.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Print a new token, signed with the shared secret
    Issue(Issue),
    /// List the tokens that were issued, newest first
    List,
    /// Revoke a token, or all tokens of a subject; every server follows within a second
    Revoke(Revoke),
}

/// What to revoke.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Revoke {
    /// Id of one token, as `token list` shows it (its `jti`)
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Subject whose tokens up to now are revoked
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
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
        match self {
            Self::Issue(options) => options.run(config, clock),
            Self::List => list(&open(&config)?),
            Self::Revoke(what) => what.run(&open(&config)?, clock),
        }
    }
}

impl Issue {
    fn run(self, config: Config, clock: &Clock) -> anyhow::Result<()> {
        let Self { org, scopes, lifetime, subject } = self;
        let config = config.load_secrets()?;
        install_provider();
        let Issued { token, claims } = issue(&config.auth, Grant { subject, org, scopes, lifetime }, clock.now())?;
        let time = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        open(&config)?.remember_token_blocking(&IssuedToken {
            id: claims.jti.parse()?,
            subject: claims.sub,
            org: claims.org.into(),
            scope: claims.scope,
            issued_at: time(claims.iat),
            expires_at: time(claims.exp),
        })?;
        writeln!(io::stdout(), "{token}")?;
        Ok(())
    }
}

impl Revoke {
    fn run(self, store: &Store, clock: &Clock) -> anyhow::Result<()> {
        let what = match (self.id, self.subject) {
            (Some(id), _) => Revoked::Token(id),
            (None, Some(subject)) => Revoked::Subject(subject),
            (None, None) => anyhow::bail!("name --id or --subject"),
        };
        runtime()?.block_on(store.revoke(what, clock.now()))?;
        Ok(writeln!(io::stdout(), "revoked")?)
    }
}

fn list(store: &Store) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let mut request = PageRequest { limit: 100, after: None };
    let mut out = io::stdout();
    loop {
        let page = runtime.block_on(store.issued_tokens(request))?;
        for IssuedToken { id, subject, org, scope, issued_at, expires_at } in page.items {
            writeln!(out, "{id}  {issued_at:?} to {expires_at:?}  {subject}  {org}  {scope}")?;
        }
        let Some(next) = page.next else { return Ok(()) };
        request.after = Some(next);
    }
}

/// Opens the database, which remembers what was issued and revoked.
fn open(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
    store.migrate()?;
    Ok(store)
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

//! The command line.

mod backup;
mod check;
mod dkim;
mod export;
mod health;
mod import;
mod migrate;
mod openapi;
mod recount;
mod secrets;
mod serve;
mod stop;
mod sync;
mod token;

use crate::clock::Clock;
use crate::config::Config;
use crate::logging;
use clap::{Parser, Subcommand};
use postbag_persistence::{Store, StoreOptions};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

/// Headless REST API for advocacy campaigns.
#[derive(Debug, Parser)]
#[command(name = "postbag", version, propagate_version = true)]
struct Postbag {
    /// Configuration file; `postbag.toml` by default, if it exists. `POSTBAG_*` variables override it.
    #[arg(long, global = true, env = "POSTBAG_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// A command of `postbag`.
#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests and send messages, until SIGTERM or SIGINT
    Serve(serve::Serve),
    /// Update the database schema to this version
    Migrate,
    /// Import published files into the directory
    #[command(subcommand)]
    Import(import::Import),
    /// Update MPs and postcodes from the Parliament and postcode APIs
    #[command(subcommand)]
    Sync(sync::Sync),
    /// Export the directory, without e-mail addresses, or whom an organisation may contact
    #[command(subcommand)]
    Export(export::Export),
    /// Copy the database and its keys into a new folder, while it is in use
    Backup(backup::Backup),
    /// Put a backup in the place of a database that is not there
    Restore(backup::Restore),
    /// Compare every count with the rows it counts
    Recount(recount::Recount),
    /// Replace the keys of this server
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    /// Show the DNS records of the keys that sign letters, or make new keys
    Dkim(dkim::Dkim),
    /// Stop submissions, what is sent, or both: everything, an organisation, a campaign, a representative or a domain
    Stop(stop::Stop),
    /// List what is stopped
    Stops,
    /// Lift a stop
    Resume(stop::Resume),
    /// Issue tokens for the administrative API
    #[command(subcommand)]
    Token(token::Token),
    /// Print the OpenAPI document as YAML
    Openapi,
    /// Check the configuration and print it, with secrets redacted
    Check(check::Check),
    /// Ask the running server whether it is alive (for container health checks)
    Health,
}

/// Runs the command line with the machine's clock.
pub fn main() -> ExitCode {
    main_by(Clock::system())
}

/// Runs [`main`] with another clock, for tests that span months.
pub fn main_by(clock: Clock) -> ExitCode {
    let ended = run(Postbag::parse(), clock);
    logging::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the last word to the person who typed the command")]
fn complain(error: &anyhow::Error) {
    eprintln!("postbag: {error:#}");
}

fn run(postbag: Postbag, clock: Clock) -> anyhow::Result<()> {
    let config = || Config::load(postbag.config.as_deref());
    match postbag.command {
        Command::Serve(serve) => serve.run(config()?, clock),
        Command::Migrate => migrate::run(&config()?),
        Command::Import(import) => import.run(&config()?, &clock),
        Command::Sync(sync) => sync.run(&config()?, &clock),
        Command::Export(export) => export.run(&config()?, &clock),
        Command::Backup(backup) => backup.run(config()?, &clock),
        Command::Restore(restore) => restore.run(config()?),
        Command::Recount(recount) => recount.run(&config()?),
        Command::Secrets(secrets) => secrets.run(config()?),
        Command::Dkim(dkim) => dkim.run(&config()?),
        Command::Stop(stop) => stop.run(&config()?, &clock),
        Command::Stops => stop::list(&config()?),
        Command::Resume(resume) => resume.run(&config()?, &clock),
        Command::Token(token) => token.run(config()?, &clock),
        Command::Openapi => openapi::run(),
        Command::Check(check) => check.run(config),
        Command::Health => health::run(&config()?),
    }
}

/// Opens the database, which must have the current schema.
fn open_current(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
    store.check_schema()?;
    Ok(store)
}

/// What a command waits on the database with.
fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Postbag::command().debug_assert();
    }
}

//! `postbag dkim`

use crate::config::Config;
use crate::outbound::{DkimKey, DkimKeys};
use anyhow::Context;
use clap::{Args, Subcommand};
use postbag_domain::DomainName;
use std::io::{self, Write};

/// Signing keys of sending domains.
#[derive(Debug, Args)]
pub(super) struct Dkim {
    #[command(subcommand)]
    command: Option<DkimCommand>,
}

/// A command of `postbag dkim`.
#[derive(Debug, Subcommand)]
enum DkimCommand {
    /// Make an RSA and an Ed25519 key for a sending domain, and print their DNS records
    Generate(Generate),
}

/// The domain and the names of its new keys.
#[derive(Debug, Args)]
struct Generate {
    /// Sending domain of an organisation, such as letters.example.org
    domain: String,
    /// Name of the keys within the domain. Take another one to replace keys: publish its records before the old ones go
    #[arg(long, default_value = "postbag")]
    selector: String,
}

impl Dkim {
    /// Prints the DNS records of all keys, after making new ones if that is wanted.
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let folder = &config.mail.dkim_folder;
        if let Some(DkimCommand::Generate(new)) = self.command {
            let domain = DomainName::parse(&new.domain).map_err(|flaw| anyhow::anyhow!("{}: {flaw}", new.domain))?;
            DkimKeys::generate(folder, &domain, &new.selector).context("the keys were not made")?;
        }
        let keys = DkimKeys::load(folder)?;
        anyhow::ensure!(
            keys.iter().next().is_some(),
            "there are no keys in {}: `postbag dkim generate DOMAIN` makes some",
            folder.display()
        );
        print(keys.iter())
    }
}

/// Comment lines of the zone file that is printed.
const ADVICE: &str = "\
; Publish these records, then restart the servers that send: each letter is signed with every key of its domain.
; In a web form the name ends before \" IN TXT\", without the last dot, and the value is what the quotation marks hold, joined.
";

fn print<'k>(keys: impl Iterator<Item = &'k DkimKey>) -> anyhow::Result<()> {
    let mut out = io::stdout();
    write!(out, "{ADVICE}")?;
    for key in keys {
        writeln!(out, "{}", key.zone_line())?;
    }
    Ok(())
}

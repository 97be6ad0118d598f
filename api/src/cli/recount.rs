//! `postbag recount`

use super::{open_current, runtime};
use crate::config::Config;
use clap::Args;
use postbag_persistence::Difference;
use std::io::{self, Write};

/// Compares every count with the rows it counts.
#[derive(Debug, Args)]
pub(super) struct Recount {
    /// Report differences without changing anything (the default)
    #[arg(long, conflicts_with = "repair")]
    check: bool,
    /// Correct counts that differ
    #[arg(long)]
    repair: bool,
}

impl Recount {
    /// Fails if a count was wrong and is not repaired.
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let store = open_current(config)?;
        let differences = runtime()?.block_on(async {
            let repair = self.repair && !self.check;
            if repair { store.repair_tallies(None).await } else { store.recount(None).await }
        })?;
        report(&differences, self.repair)
    }
}

fn report(differences: &[Difference], repaired: bool) -> anyhow::Result<()> {
    let mut out = io::stdout();
    for Difference { campaign_id, key, stored, counted } in differences {
        writeln!(
            out,
            "campaign {campaign_id}, {} {}: the count is {stored}, the rows are {counted}",
            key.kind, key.key
        )?;
    }
    match differences.len() {
        0 => Ok(writeln!(out, "every count equals its rows")?),
        wrong if repaired => Ok(writeln!(out, "{wrong} counts repaired")?),
        wrong => anyhow::bail!("{wrong} counts are wrong; `postbag recount --repair` corrects them"),
    }
}

//! `postbag sync`

use super::import::{Caution, open};
use super::runtime;
use crate::clock::Clock;
use crate::config::Config;
use crate::imports::{
    AnsweredLayer, MemberAnswer, Options, Progress, Report, Source, read_postcode_list, sync_postcodes,
    sync_representatives,
};
use crate::outbound::{Fault, Manners, MembersApi, PostcodeService};
use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use url::Url;

/// Update MPs and postcodes from the Parliament and postcode APIs, completely or not at all. The server never does this by itself.
#[derive(Debug, Subcommand)]
pub(super) enum Sync {
    /// Members of the House of Commons, from the UK Parliament's Members API
    Representatives(Caution),
    /// Areas of postcodes, from postcodes.io or MapIt; kept as a layer of its own
    Postcodes(Postcodes),
}

#[derive(Debug, Args)]
pub(super) struct Postcodes {
    #[command(flatten)]
    caution: Caution,
    /// Postcodes to look up: one per line, or a table with a postcode column; gzip is unpacked
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Sync {
    pub(super) fn run(self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        let runtime = runtime()?;
        let usual = Options::at(clock.now());
        let report = match self {
            Self::Representatives(caution) => representatives(&runtime, config, &caution.options(usual))?,
            Self::Postcodes(Postcodes { caution, files }) => {
                postcodes(&runtime, config, &caution.options(usual), files)?
            }
        };
        write!(io::stdout(), "{report}")?;
        Ok(())
    }
}

type Runtime = tokio::runtime::Runtime;

/// All answers are fetched before the database is opened, so that no transaction waits for a service.
fn representatives(runtime: &Runtime, config: &Config, options: &Options) -> anyhow::Result<Report> {
    let sync = &config.sync;
    let api = MembersApi::open(Url::parse(&sync.members_api)?, Manners::of_sync(sync), sync.deadline())?;
    let answers = runtime.block_on(ask_members(&api)).map_err(|fault| failed(&api.source(), fault))?;
    Ok(sync_representatives(&open(config)?, &answers, &api.source(), options)?)
}

async fn ask_members(api: &MembersApi) -> Result<Vec<MemberAnswer>, Fault> {
    let members = api.members(Progress::on_terminal().count("members")).await?;
    let (all, mut show) = (members.len(), Progress::on_terminal().count("addresses"));
    let mut answers = Vec::with_capacity(all);
    for member in members {
        let email = api.office_email(member.id).await?;
        answers.push((member, email));
        show(answers.len(), all);
    }
    Ok(answers)
}

fn postcodes(runtime: &Runtime, config: &Config, options: &Options, files: Vec<PathBuf>) -> anyhow::Result<Report> {
    let sources: Vec<Source> = files.into_iter().map(Source::file).collect();
    let list = read_postcode_list(&sources, Progress::on_terminal())?;
    let sync = &config.sync;
    let url = Url::parse(sync.postcodes.url()).context("sync.postcodes.url")?;
    let service = PostcodeService::open(sync.postcodes.service, url, Manners::of_sync(sync))?;
    let mut show = Progress::on_terminal().count("postcodes");
    let asked = service.look_up_all(&list, sync.deadline(), |done| show(done, list.len()));
    let answers = runtime.block_on(asked).map_err(|fault| failed(&service.source(), fault))?;
    let source = service.source();
    let answered = AnsweredLayer { name: service.layer(), source: &source, answers: &answers };
    Ok(sync_postcodes(&open(config)?, answered, options)?)
}

fn failed(source: &str, fault: Fault) -> anyhow::Error {
    anyhow!("{source}: {fault}; nothing was changed")
}

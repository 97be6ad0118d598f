//! `postbag stop`, `postbag stops` and `postbag resume`

use super::{open_current, runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids;
use clap::Args;
use postbag_domain::delivery::{Stop as Stored, Stopped, StoppedWork};
use postbag_domain::text::{self, Limit};
use postbag_domain::{DomainName, FieldErrors, Locale, RepresentativeId, Slug, StopId, Wordings};
use postbag_persistence::{Actor, NewStop, Reach, Store};
use std::io::{self, Write};
use uuid::Uuid;

/// Subject under which the audit names this command.
const OPERATOR: &str = "command line";

/// What to stop.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Everything on this server
    #[arg(long)]
    everything: bool,
    /// An organisation and its campaigns
    #[arg(long, value_name = "SLUG")]
    organisation: Option<Slug>,
    /// One campaign
    #[arg(long, value_name = "SLUG")]
    campaign: Option<Slug>,
    /// Letters to one representative
    #[arg(long, value_name = "ID")]
    representative: Option<Uuid>,
    /// Submissions with addresses at a domain, or below it
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<DomainName>,
}

/// Options of a stop.
#[derive(Debug, Args)]
pub(super) struct Stop {
    #[command(flatten)]
    what: What,
    /// Work to stop: `sending`, `submissions` or `both`; all that can be when left out
    #[arg(long, value_name = "WORK")]
    work: Option<StoppedWork>,
    /// Reason, for other administrators
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// What the public reads in English; plain words that are built in otherwise
    #[arg(long, value_name = "TEXT")]
    notice: Option<String>,
    /// What the public reads in Welsh
    #[arg(long, value_name = "TEXT", requires = "notice")]
    notice_cy: Option<String>,
    /// What the public reads in Scottish Gaelic
    #[arg(long, value_name = "TEXT", requires = "notice")]
    notice_gd: Option<String>,
}

/// What to let go again.
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// Id of the stop, as `postbag stops` shows it
    id: Uuid,
}

impl Stop {
    /// Stops it on every server, within a second.
    pub(super) fn run(self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        let store = open_current(config)?;
        let stop = runtime()?.block_on(async {
            let stopped = self.what.find(&store).await?;
            let new = self.parse(stopped)?;
            let stopped = store.stop(Reach::All, new, actor(clock)).await?;
            Ok::<_, anyhow::Error>(stopped.map(|(stop, _)| stop))
        })?;
        stop.as_ref().map_or(Ok(()), show)
    }

    fn parse(self, stopped: Stopped) -> anyhow::Result<NewStop> {
        if let Some(work) = self.work {
            stopped.allow(work).map_err(|flaw| anyhow::anyhow!("--work {}", flaw.detail()))?;
        }
        let note = text::line(&self.note, Limit::of(500))?;
        let others = [(Locale::Cy, self.notice_cy), (Locale::Gd, self.notice_gd)];
        let others = others.into_iter().filter_map(|(locale, text)| Some((locale, text?)));
        let notice = self.notice.map(|text| Wordings::new([(Locale::En, text)].into_iter().chain(others).collect()));
        let notice = notice.transpose().map_err(|errors| anyhow::anyhow!("the notice {}", first(&errors)))?;
        Ok(NewStop { stopped, work: self.work, notice, note })
    }
}

impl What {
    async fn find(&self, store: &Store) -> anyhow::Result<Stopped> {
        if let Some(slug) = &self.organisation {
            let found = store.organisation(Reach::All, slug.clone()).await?;
            let found = found.ok_or_else(|| anyhow::anyhow!("there is no organisation {slug}"))?;
            return Ok(Stopped::Organisation(found.organisation.id));
        }
        if let Some(slug) = &self.campaign {
            let found = store.campaign(Reach::All, slug.clone()).await?;
            let found = found.ok_or_else(|| anyhow::anyhow!("there is no campaign {slug}"))?;
            return Ok(Stopped::Campaign(found.campaign.id()));
        }
        Ok(match (self.representative, &self.domain) {
            (Some(id), _) => Stopped::Representative(RepresentativeId::new(id)),
            (None, Some(domain)) => Stopped::Domain(domain.clone()),
            (None, None) => Stopped::Everything,
        })
    }
}

impl Resume {
    /// Lifts a stop on every server, within a second.
    pub(super) fn run(&self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        let store = open_current(config)?;
        let lifted = runtime()?.block_on(store.resume(Reach::All, StopId::new(self.id), actor(clock)))?;
        anyhow::ensure!(lifted, "there is no stop {}: `postbag stops` lists them", self.id);
        Ok(writeln!(io::stdout(), "lifted")?)
    }
}

/// Lists everything that is stopped.
pub(super) fn list(config: &Config) -> anyhow::Result<()> {
    let stops = runtime()?.block_on(open_current(config)?.stops())?;
    if stops.is_empty() {
        writeln!(io::stdout(), "nothing is stopped")?;
    }
    stops.iter().try_for_each(show)
}

fn show(stop: &Stored) -> anyhow::Result<()> {
    let Stored { id, stopped, work, note, created_by, created_at, notice: _, made_by: _ } = stop;
    let subject = match stopped {
        Stopped::Everything => String::new(),
        Stopped::Organisation(id) => format!(" {id}"),
        Stopped::Campaign(id) => format!(" {id}"),
        Stopped::Representative(id) => format!(" {id}"),
        Stopped::Domain(domain) => format!(" {domain}"),
    };
    let scope = stopped.scope();
    writeln!(io::stdout(), "{id}  {created_at:?}  {scope}{subject}  {work}  by {created_by}: {note}")?;
    Ok(())
}

fn first(errors: &FieldErrors) -> String {
    errors.iter().next().map(|error| error.flaw().detail().to_owned()).unwrap_or_default()
}

fn actor(clock: &Clock) -> Actor {
    Actor { name: OPERATOR.to_owned(), now: clock.now(), fresh: ids::fresh }
}

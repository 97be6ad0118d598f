//! `postbag serve`

use crate::app::App;
use crate::app::server::Server;
use crate::clock::Clock;
use crate::config::{Config, Role, Transport};
use crate::demo::Demo;
use crate::inbound::maildir::Maildir;
use crate::logging;
use crate::outbound::{DkimKeys, Mailer};
use crate::secrets;
use crate::workers::{self, Pacing, WorkerContext};
use chrono::TimeDelta;
use clap::Args;
use postbag_domain::DomainName;
use postbag_persistence::{Store, StoreOptions};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// Answers requests and sends messages.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Answer requests only (`api`), send messages only (`worker`), or both (`all`)
    #[arg(long)]
    role: Option<Role>,
    /// Try Postbag on a made-up country with two campaigns. Needs an empty database or an earlier demo's
    ///
    /// Everybody who reaches a demo can read its letters, so it listens on this machine only.
    #[arg(long)]
    demo: bool,
    /// Let the demo listen on other addresses than this machine's own (in a container, for example)
    #[arg(long, requires = "demo")]
    demo_on_any_address: bool,
}

impl Serve {
    pub(super) fn run(self, config: Config, clock: Clock) -> anyhow::Result<()> {
        let mut config = config.load_secrets()?;
        config.role = self.role.unwrap_or(config.role);
        if self.demo && !self.demo_on_any_address {
            require_loopback("listen", config.listen)?;
            require_loopback("admin_listen", config.admin_listen)?;
        }
        logging::start(&config.log)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(config, clock, self.demo))
    }
}

/// Keeps a demo to this machine.
fn require_loopback(setting: &str, address: SocketAddr) -> anyhow::Result<()> {
    anyhow::ensure!(
        address.ip().is_loopback(),
        "--demo shows every letter to anybody who reaches {address}: set {setting} to 127.0.0.1, or add --demo-on-any-address"
    );
    Ok(())
}

async fn serve(mut config: Config, clock: Clock, with_demo: bool) -> anyhow::Result<()> {
    // The people of a demo have made-up addresses.
    config.mail_domains.look_up &= !with_demo;
    let store = open(&config)?;
    secrets::check(&store, &config).await?;
    let app = App::start(config, clock, store)?;
    let demo = if with_demo { Some(Demo::open(&patient(&app)?, &app).await?) } else { None };
    app.refresh().await?;
    let works = app.config.role.works().then(|| context(&app)).transpose()?;
    let mut server = Server::start(Arc::clone(&app), with_demo)?;
    server.add_worker(tokio::spawn(Arc::clone(&app).follow(server.stop_token())));
    if app.config.role.serves() {
        server.add_worker(tokio::spawn(Arc::clone(&app).share_limits(server.stop_token())));
        server.add_worker(tokio::spawn(Arc::clone(&app).release_reviews(server.stop_token())));
    }
    if let Some(context) = works {
        for worker in workers::start(context, app.config.mail.lanes, &server.stop_token()) {
            server.add_worker(worker);
        }
    }
    announce(&server, demo.as_ref());
    server.run().await?;
    app.stop().await;
    // Everything is in the log already: a full disk only leaves the file to be tidied by the next start.
    if let Err(error) = app.store.checkpoint() {
        tracing::warn!(%error, "the database file could not be tidied");
    }
    Ok(())
}

/// Brings the schema up, then opens the database for requests that are answered within a second.
fn open(config: &Config) -> anyhow::Result<Store> {
    let url = config.database_url.expose();
    for migration in Store::open(url, &StoreOptions::default())?.migrate()? {
        tracing::info!(migration, "migrated");
    }
    let messages = Some(secrets::message_seal(config));
    Ok(Store::open(url, &StoreOptions { messages, ..StoreOptions::hasty() })?)
}

/// A database that waits for others: several demos may start at once, and one of them fills it.
fn patient(app: &App) -> anyhow::Result<Store> {
    let messages = Some(secrets::message_seal(&app.config));
    Ok(Store::open(app.config.database_url.expose(), &StoreOptions { messages, ..StoreOptions::default() })?)
}

/// Puts together what the workers share with the rest of the process.
fn context(app: &Arc<App>) -> anyhow::Result<WorkerContext> {
    let mailer = Mailer::open(&app.config.mail)?;
    let bounces_folder = app.config.mail.bounces_folder.clone().map(Maildir::open).transpose()?;
    let dkim_keys = DkimKeys::load(&app.config.mail.dkim_folder)?;
    warn_of_unsigned(app, &dkim_keys);
    let lease = TimeDelta::seconds(i64::try_from(app.config.mail.lease_seconds)?);
    let directory = {
        let app = Arc::clone(app);
        Arc::new(move || app.directory.load_full())
    };
    Ok(WorkerContext::new(
        (app.store.clone(), app.clock.clone()),
        (mailer, dkim_keys, bounces_folder),
        (lease, Pacing::of(&app.config.pacing), Arc::clone(&app.mail_health)),
        (app.mail_keys.clone(), app.config.public_url()),
        directory,
        app.listener(),
        [&app.wake, &app.wake_mails, &app.wake_invalidations].map(Arc::clone),
    ))
}

/// Logs the sending domains whose letters leave without a signature of ours: a relay may sign them, and many receivers refuse
/// letters that nobody signed (B20).
fn warn_of_unsigned(app: &App, keys: &DkimKeys) {
    let campaigns = app.campaigns.load();
    let domains = campaigns.newest_first().filter_map(|public| public.live.edition.content().sending_domain.as_ref());
    let unsigned: BTreeSet<&str> =
        domains.map(DomainName::as_str).filter(|domain| keys.of(domain).next().is_none()).collect();
    if app.config.mail.transport == Transport::Smtp {
        for domain in unsigned {
            tracing::warn!(
                domain,
                "letters from this domain are not signed here: `postbag dkim generate` makes keys for it"
            );
        }
    }
}

/// Prints the addresses, for people and for scripts.
#[expect(clippy::print_stdout, reason = "this is what the command says")]
fn announce(server: &Server, demo: Option<&Demo>) {
    let (public, administration) = (server.public_address(), server.admin_address());
    println!("listening on http://{public}");
    println!("administration on http://{administration}");
    if let Some(demo) = demo {
        println!("{}", demo.welcome(public, administration));
    }
}

//! `serve --demo`: a made-up country, two organisations with a live campaign each, and a page to try them on, so that a newcomer
//! can go through everything offline.

mod country;
mod page;

pub(crate) use page::register;

use crate::app::App;
use crate::auth::{Grant, Org, ScopeName, issue};
use crate::handlers::admin::{CampaignDocument, JoinCampaign, OrganisationDocument, ParsedCampaign, PutLibrary};
use crate::ids;
use anyhow::Context;
use postbag_domain::{Campaign, CampaignId, CampaignStatus, Slug};
use postbag_persistence::{
    CampaignEdit, DemoClaim, Edited, Expected, Library, LibraryEdit, PartnerChange, Reach, Refusal, Store,
};
use serde::Deserialize;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// The campaigns, each with its organisation, in the documents that administrators write.
const CAMPAIGNS: [&str; 2] =
    [include_str!("../assets/demo/every-week-counts.json"), include_str!("../assets/demo/room-to-breathe.json")];

/// Poll interval while another process fills the database, and how often it is polled: half a minute in all.
const FILLING_POLL: Duration = Duration::from_millis(100);
const FILLING_TRIES: u32 = 300;

/// The lines that the terminal shows of a demo.
pub(crate) struct Demo {
    token: String,
    outbox: String,
}

/// A campaign with everything that belongs to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Showcase {
    organisation: At<OrganisationDocument>,
    #[serde(default)]
    library: PutLibrary,
    campaign: At<CampaignDocument>,
    /// Organisations of earlier showcases that share the campaign.
    #[serde(default)]
    partners: Vec<PartnerOf>,
}

/// A partner of a campaign, and what it asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerOf {
    organisation: Slug,
    asks: JoinCampaign,
}

/// A document and its slug.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At<T> {
    slug: Slug,
    document: T,
}

impl Demo {
    /// Fills an empty database, or takes one that a demo filled before. Any other is refused: the demo shows every letter, and prints
    /// a token for everything.
    pub(crate) async fn open(store: &Store, app: &App) -> anyhow::Result<Self> {
        match store.claim_demo(app.clock.now()).await? {
            DemoClaim::Fill => fill(store, app).await?,
            DemoClaim::Filling => wait_until_filled(store, app).await?,
            DemoClaim::Filled => {}
            DemoClaim::Foreign => anyhow::bail!(
                "this database holds data that is not the demo's, and --demo shows every letter to anybody who asks: \
                 start without --demo, or name an empty folder with POSTBAG_DATA_DIR"
            ),
        }
        Ok(Self { token: administrator(app)?, outbox: app.config.mail.folder.display().to_string() })
    }

    /// The welcome: where to look, and how to go on.
    pub(crate) fn welcome(&self, public: SocketAddr, administration: SocketAddr) -> String {
        let mut text = String::new();
        let _ = write!(
            text,
            "
  Try it in a browser    http://{public}/
  The documentation      http://{public}/docs/
  Administration         http://{administration}/docs/
  Metrics                http://{administration}/metrics
  The letters sent       {outbox}

  Try it from a terminal, as an administrator (the token lasts a day):

    export TOKEN={token}
    curl -H \"Authorization: Bearer $TOKEN\" http://{administration}/v1/admin/campaigns
",
            outbox = self.outbox,
            token = self.token
        );
        text
    }
}

async fn fill(store: &Store, app: &App) -> anyhow::Result<()> {
    let (store_of_country, now) = (store.clone(), app.clock.now());
    tokio::task::spawn_blocking(move || country::import(&store_of_country, now)).await??;
    for showcase in CAMPAIGNS {
        let showcase: Showcase = serde_json::from_str(showcase).context("a campaign of the demo")?;
        showcase.publish(store, app).await?;
    }
    Ok(store.finish_demo(app.clock.now()).await?)
}

/// Waits for another process that fills the same database.
async fn wait_until_filled(store: &Store, app: &App) -> anyhow::Result<()> {
    for _ in 0..FILLING_TRIES {
        if store.claim_demo(app.clock.now()).await? == DemoClaim::Filled {
            return Ok(());
        }
        tokio::time::sleep(FILLING_POLL).await;
    }
    anyhow::bail!("an earlier demo stopped before this database was filled: delete it and start again")
}

/// A token for everything, for a day.
fn administrator(app: &App) -> anyhow::Result<String> {
    let grant = Grant {
        subject: "demo".to_owned(),
        org: Org::Operator,
        scopes: ScopeName::ALL.to_vec(),
        lifetime: Duration::from_hours(24),
    };
    Ok(issue(&app.config.auth, grant, app.clock.now())?.token)
}

impl Showcase {
    async fn publish(self, store: &Store, app: &App) -> anyhow::Result<()> {
        let now = app.clock.now();
        let content = self.organisation.document.parse(&self.organisation.slug, None)?;
        let owner = store.put_organisation(Reach::All, content, Expected::Nothing, now, ids::fresh).await?;
        let owner = done(owner)?.organisation.id;
        let (questions, notices) = self.library.parse(&Library::default())?;
        let library = LibraryEdit { organisation: owner, expected: Expected::Anything, questions, notices, now };
        let (library, _revision) = done(store.put_library(library).await?)?;
        let ParsedCampaign { content, lists } = self.campaign.document.parse(&self.campaign.slug, None, &library)?;
        let edit = || CampaignEdit {
            reach: Reach::All,
            slug: self.campaign.slug.clone(),
            expected: Expected::Anything,
            now,
            fresh: ids::fresh,
        };
        let draft = Campaign::draft(CampaignId::new(ids::fresh()), owner, content);
        done(store.put_campaign(edit(), draft, lists).await?)?;
        done(store.transition_campaign(edit(), CampaignStatus::Live).await?)?;
        for partner in self.partners {
            let stored =
                store.organisation(Reach::All, partner.organisation).await?.context("a partner of the demo")?;
            let id = stored.organisation.id;
            let (questions, notices) = partner.asks.parse(&store.library(id).await?)?;
            done(store.change_partner(edit(), id, PartnerChange::Invite).await?)?;
            done(store.change_partner(edit(), id, PartnerChange::Join(questions, notices)).await?)?;
        }
        Ok(())
    }
}

/// The value of a change that was made.
fn done<T: std::fmt::Debug>(edited: Edited<T, Refusal>) -> anyhow::Result<T> {
    match edited {
        Edited::Created(value) | Edited::Done(value) => Ok(value),
        refused => anyhow::bail!("the demo could not be filled: {refused:?}"),
    }
}

//! A server with a campaign that everybody submits to.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::load::{self, Requests};
use postbag_tests::server::{Ended, Home, Server, Setup};
use serde_json::{Value, json};

use crate::country;
use crate::pair::Side;
use crate::scratch::{Engine, Scratch};

/// The campaign's slug.
pub(crate) const SLUG: &str = "clean-air";

/// How many connections read at once.
const READERS: usize = 32;

/// How many people submit at once: enough for a full group in each of two writers while others are on their way.
pub(crate) const SUBMITTERS: usize = 320;

/// A home for servers, and its database.
pub(crate) struct Rig {
    // Before the database, so that it ends first.
    pub(crate) home: Home,
    pub(crate) scratch: Scratch,
}

impl Rig {
    /// Tables and nothing else. With a relay, mail goes there.
    pub(crate) async fn empty(engine: Engine, relay: Option<std::net::SocketAddr>) -> Self {
        let scratch = Scratch::create(engine).await;
        let setup = Setup::new(env!("CARGO_BIN_EXE_postbag-under-test"), env!("CARGO_TARGET_TMPDIR")).empty();
        let setup = setup.by_the_machines_clock();
        let setup = setup.with("POSTBAG_DATABASE_URL", scratch.url());
        let setup = relay.into_iter().fold(setup, Setup::mailing_to);
        let home = setup.prepare().await;
        home.cli(&["migrate"]).await.succeeds();
        Self { home, scratch }
    }

    /// With the made-up country.
    pub(crate) async fn with_country(engine: Engine, relay: Option<std::net::SocketAddr>, postcodes: usize) -> Self {
        let rig = Self::empty(engine, relay).await;
        for (what, file) in country::write_to(rig.home.folder(), postcodes) {
            rig.import(what, &file).await;
        }
        rig
    }

    pub(crate) async fn import(&self, what: &str, file: &Path) -> Ended {
        self.home.cli(&["import", what, &file.display().to_string()]).await.succeeds()
    }

    /// A server that only answers, with a live campaign, and what a form of it sends: answers to two questions, for two
    /// channels each.
    pub(crate) async fn answering(&self, settings: &[(&str, &str)]) -> (Server, Value) {
        self.answering_for(CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency"]), settings).await
    }

    /// [`Rig::answering`] with this campaign.
    pub(crate) async fn answering_for(&self, plan: CampaignPlan, settings: &[(&str, &str)]) -> (Server, Value) {
        let settings: Vec<_> = settings.iter().copied().chain([("POSTBAG_ROLE", "api")]).collect();
        let server = self.home.serve_with(&settings).await;
        if server.get(&format!("/v1/campaigns/{SLUG}")).await.status == 404 {
            plan.publish(&server).await;
        }
        let form = server.get(&format!("/v1/campaigns/{SLUG}/form")).await.expect(200).json();
        let answers = form["consent_questions"].as_array().expect("questions").iter().flat_map(answers).collect();
        (server, answers)
    }
}

/// A yes for each channel of a question.
fn answers(question: &Value) -> Vec<Value> {
    let channels = question["channels"].as_array().cloned().unwrap_or_default();
    let answer = |channel| json!({ "question_id": question["id"], "version": question["version"], "channel": channel, "answer": "yes" });
    channels.into_iter().map(answer).collect()
}

/// A GET, over and over.
pub(crate) fn reader(addr: std::net::SocketAddr, path: &str) -> Side {
    let path = path.to_owned();
    let requests: Requests = Arc::new(move |_n, buffer| load::get(buffer, &path));
    Side { addr, requests, connections: READERS }
}

/// Another postcode each time.
pub(crate) fn seeker(addr: std::net::SocketAddr, path: &str, postcodes: Arc<Vec<String>>) -> Side {
    let path = path.to_owned();
    let requests: Requests = Arc::new(move |n, buffer| {
        let index = usize::try_from(n.wrapping_mul(7919)).unwrap_or(0) % postcodes.len();
        load::post_json(buffer, &path, "", &format!(r#"{{"postcode":"{}"}}"#, postcodes[index]));
    });
    Side { addr, requests, connections: READERS }
}

/// Another person each time, anywhere in the country.
pub(crate) fn submitter(server: &Server, consents: &Value) -> Side {
    submitter_at(server, consents, |n| country::postcode(n % country::SMALL))
}

/// [`submitter`] with more members in each body, written as JSON.
pub(crate) fn submitter_with(
    server: &Server,
    consents: &Value,
    members: impl Fn() -> String + Send + Sync + 'static,
) -> Side {
    submitter_of(server, consents, |n| country::postcode(n % country::SMALL), members, |_n| String::new())
}

/// [`submitter`] behind a proxy that names another client for each n, or one for all.
pub(crate) fn submitter_from(
    server: &Server,
    consents: &Value,
    client: impl Fn(u64) -> std::net::Ipv4Addr + Send + Sync + 'static,
) -> Side {
    let header = move |n| format!("X-Forwarded-For: {}\r\n", client(n));
    submitter_of(server, consents, |n| country::postcode(n % country::SMALL), String::new, header)
}

/// [`submitter`] anywhere else: the n-th postcode of a place for any n.
pub(crate) fn submitter_at(
    server: &Server,
    consents: &Value,
    place: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Side {
    submitter_of(server, consents, place, String::new, |_n| String::new())
}

fn submitter_of(
    server: &Server,
    consents: &Value,
    place: impl Fn(usize) -> String + Send + Sync + 'static,
    members: impl Fn() -> String + Send + Sync + 'static,
    headers: impl Fn(u64) -> String + Send + Sync + 'static,
) -> Side {
    static PERSON: AtomicU64 = AtomicU64::new(0);
    let path = format!("/v1/campaigns/{SLUG}/actions");
    let form = Form::asking(consents);
    let requests: Requests = Arc::new(move |_n, buffer| {
        let n = PERSON.fetch_add(1, Ordering::Relaxed);
        let place = place(usize::try_from(n.wrapping_mul(104_729)).unwrap_or(0));
        let body = form.filled_in(&format!("person-{n}@bench.example"), &place, &members());
        load::post_json(buffer, &path, &format!("Idempotency-Key: bench-{n:012}\r\n{}", headers(n)), &body);
    });
    Side { addr: server.addr(), requests, connections: SUBMITTERS }
}

/// A form whose questions are answered; who fills it in is open.
pub(crate) struct Form {
    before: &'static str,
    after: String,
}

impl Form {
    pub(crate) fn asking(consents: &Value) -> Self {
        let rest = json!({
            "personal_message": "My brother waited eleven weeks, and nobody could tell him why.",
            "consents": consents, "source": { "source": "newsletter", "medium": "email", "campaign": "may" }
        });
        let before = r#"{"supporter":{"title":"Ms","first_name":"Ada","last_name":"Ashgrove","email":""#;
        Self { before, after: format!(",{}", &rest.to_string()[1..]) }
    }

    /// The body of a submission, with more members written as JSON.
    pub(crate) fn filled_in(&self, email: &str, postcode: &str, members: &str) -> String {
        let Self { before, after } = self;
        let between = r#"","address":{"line1":"17 Example Street","town":"Exampleton","postcode":""#;
        format!("{before}{email}{between}{postcode}\"}}}}{members}{after}")
    }
}

//! What the operator decides: one TOML file, and `POSTBAG_*` variables over it (A25).

mod challenge;
mod check;
mod error;
mod load;
mod secret;
mod settings;

pub use challenge::Challenge;
pub use error::ConfigError;
pub use secret::Secret;
pub use settings::table;

use postbag_domain::Network;
use postbag_domain::delivery::{Cap, Caps, SendingHours};
use postbag_persistence::IntakeOptions;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The whole configuration. Every setting has a default that works on one machine with nothing else on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How this server is reached from outside: links in mails begin with it.
    pub public_url: Option<String>,
    /// Where to listen for administration and metrics.
    pub admin_listen: SocketAddr,
    /// How administration is reached from outside.
    pub admin_url: Option<String>,
    /// Where to report a weakness of this server: `mailto:…` or `https://…`.
    pub security_contact: Option<String>,
    /// `sqlite:<path>` or `postgres://…`.
    #[serde(serialize_with = "secret::address")]
    pub database_url: Secret,
    /// Where files are kept: generated secrets, exports.
    pub data_dir: PathBuf,
    /// Signs receipt tokens, links and cursors. `postbag secrets rotate` changes it without ending those.
    pub secret: Option<Secret>,
    /// Earlier values of `secret`: what they signed is still accepted.
    pub previous_secrets: Vec<Secret>,
    /// Keys under which suppressed addresses are hashed, the newest first. Old ones are needed for good.
    pub suppression_keys: Vec<NamedKey>,
    /// Keys that personal messages are sealed with, the newest first. Old ones are needed for what they sealed.
    pub message_keys: Vec<NamedKey>,
    /// What this process does.
    pub role: Role,
    /// How many threads answer requests; 0 means one per core.
    pub threads: usize,
    /// How long running requests and messages may take to finish after a stop signal, in seconds.
    pub drain_seconds: u64,
    /// How long a whole request body may take to arrive, in seconds.
    pub body_deadline_seconds: u64,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// A newer list of domains that hand out addresses for minutes, one a line.
    pub disposable_domains_file: Option<PathBuf>,
    /// Whether the domains of addresses are looked up.
    pub mail_domains: MailDomains,
    /// Tokens.
    pub auth: Auth,
    /// The group-commit writers.
    pub intake: Intake,
    /// Outgoing mail.
    pub mail: Mail,
    /// The services that `postbag sync` asks.
    pub sync: Sync,
    /// Looking up postcodes that no file has.
    pub fallback: Fallback,
    /// How fast messages leave.
    pub pacing: Pacing,
    /// Challenges for machines.
    pub challenge: Challenge,
    /// How often a client may do what.
    pub limits: Limits,
    /// The log.
    pub log: Log,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers requests.
    Api,
    /// Sends messages.
    Worker,
    /// Both.
    All,
}

impl Role {
    /// True if it answers more than health checks.
    pub const fn serves(self) -> bool {
        matches!(self, Self::Api | Self::All)
    }

    /// True if it sends messages.
    pub const fn works(self) -> bool {
        matches!(self, Self::Worker | Self::All)
    }
}

/// Whose tokens are accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// The `iss` that a token must carry.
    pub issuer: String,
    /// The `aud` that a token must carry.
    pub audience: String,
    /// The shared secret for HS256, with which `postbag token issue` signs.
    pub hs256_secret: Option<Secret>,
    /// Keys of identity providers.
    pub public_keys: Vec<PublicKey>,
    /// The longest a token may last, in seconds.
    pub max_lifetime_seconds: u64,
}

impl Auth {
    /// The longest a token may last.
    pub const fn max_lifetime(&self) -> Duration {
        Duration::from_secs(self.max_lifetime_seconds)
    }
}

/// A key that checks tokens and cannot make them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKey {
    /// What tokens name it by.
    pub kid: String,
    /// Its only algorithm; a token cannot choose another.
    pub algorithm: KeyAlgorithm,
    /// The key itself.
    #[serde(default)]
    pub pem: Option<String>,
    /// Or the file that holds it.
    #[serde(default)]
    pub file: Option<PathBuf>,
}

impl PublicKey {
    /// The key's text, from the setting or its file.
    pub fn pem(&self) -> Result<String, ConfigError> {
        match (&self.pem, &self.file) {
            (Some(pem), None) => Ok(pem.clone()),
            (None, Some(file)) => load::read(file),
            _ => Err(ConfigError::PublicKeySource { kid: self.kid.clone() }),
        }
    }
}

/// A key that the database names by an id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedKey {
    /// Its name in the database.
    pub id: String,
    /// The key itself.
    pub key: Secret,
}

/// The algorithm of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// RSA with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Whether the DNS is asked for the domains of supporters' addresses.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailDomains {
    /// Ask at all.
    pub look_up: bool,
    /// The name server to ask, in place of the system's.
    pub server: Option<SocketAddr>,
    /// How long a submission waits for an answer, in milliseconds; what is known already costs nothing.
    pub deadline_ms: u64,
}

impl Default for MailDomains {
    fn default() -> Self {
        Self { look_up: true, server: None, deadline_ms: 200 }
    }
}

/// How accepted submissions become durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// How many submissions may wait; the next one is answered 503.
    pub queue: usize,
    /// How many are stored in one transaction.
    pub group: usize,
    /// How many transactions run at once on PostgreSQL. SQLite always has one.
    pub writers: usize,
}

/// How many messages to representatives leave in any hour, over all campaigns and organisations; 0 is without limit (B26).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pacing {
    /// To one address.
    pub mailbox: u32,
    /// To all addresses at one domain.
    pub domain: u32,
    /// Of one campaign.
    pub campaign: u32,
    /// From one sending domain, mails to supporters too.
    pub sender: u32,
    /// The hours of the day in which they leave, by British clocks.
    pub hours: SendingHours,
}

impl Pacing {
    /// The caps.
    pub fn caps(&self) -> Caps {
        Caps {
            mailbox: Cap::per_hour(self.mailbox),
            domain: Cap::per_hour(self.domain),
            campaign: Cap::per_hour(self.campaign),
            sender: Cap::per_hour(self.sender),
        }
    }
}

/// How often a client may do what, in an hour where nothing else is said; 0 is without limit. A client is an IPv4 address, or an IPv6 /64.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Reporting what is wrong in the directory.
    pub reports: u32,
    /// The same, by all clients together.
    pub reports_together: u32,
    /// The same for each client in a minute.
    pub reports_a_minute: u32,
    /// Submitting. Callers on a private network, and servers with a token that vouch for the person, are not counted.
    pub submissions: u32,
    /// The same in a minute.
    pub submissions_a_minute: u32,
    /// Submitting by one server that vouches or calls for many people.
    pub submissions_of_credential: u32,
    /// The same in a minute.
    pub submissions_of_credential_a_minute: u32,
    /// Submitting to one campaign that sets no limit of its own.
    pub submissions_of_campaign: u32,
    /// The same in a minute.
    pub submissions_of_campaign_a_minute: u32,
    /// Submitting to all campaigns.
    pub submissions_together: u32,
    /// The same in a minute.
    pub submissions_together_a_minute: u32,
    /// Looking up whom a postcode would write to, by a look-up, a preview or a test. Callers on a private network are not counted.
    pub targets: u32,
    /// The same in a minute.
    pub targets_a_minute: u32,
    /// Wrong codes and links of confirmations.
    pub confirmations: u32,
    /// The same in a minute.
    pub confirmations_a_minute: u32,
    /// Asking for the link to preferences.
    pub preference_links: u32,
    /// The same in a minute.
    pub preference_links_a_minute: u32,
    /// Complaints.
    pub complaints: u32,
    /// The same in a minute.
    pub complaints_a_minute: u32,
    /// Connections that one address may hold at once; 0 is without limit. Trusted proxies are not counted.
    pub connections: usize,
}

/// Outgoing mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Where mail goes.
    pub transport: Transport,
    /// For `folder`: where the `.eml` files are written.
    pub folder: PathBuf,
    /// For `smtp`: the relay.
    pub smtp: Smtp,
    /// The keys that sign letters: `<domain>/<selector>.pem`.
    pub dkim_folder: PathBuf,
    /// A Maildir folder in which mail arrives that comes back.
    pub bounces_folder: Option<PathBuf>,
    /// How many messages are sent at once: as many can be in doubt after a crash, and be sent again.
    pub lanes: usize,
    /// How long a worker may hold a message before another takes it over, in seconds.
    pub lease_seconds: u64,
}

/// Where mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// To files, for trying out.
    Folder,
    /// To a relay.
    Smtp,
}

/// The relay.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Who we are to it.
    pub username: Option<String>,
    /// How we prove it.
    pub password: Option<Secret>,
}

/// How the connection to the relay is protected (B36).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// TLS with a verified certificate, or nothing is sent: implicit on port 465, STARTTLS elsewhere.
    Required,
    /// In the clear: only to this machine itself.
    None,
}

/// The services that `postbag sync` asks. The server never does so by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sync {
    /// The UK Parliament's Members API.
    pub members_api: String,
    /// The service of postcodes.
    pub postcodes: PostcodeSource,
    /// How long one attempt at a question may take, in seconds.
    pub timeout_seconds: u64,
    /// How long a question may take with all its repetitions, in seconds.
    pub deadline_seconds: u64,
    /// The pause between two questions, in milliseconds.
    pub pause_ms: u64,
    /// How often a question that failed is asked again.
    pub retries: u32,
}

impl Sync {
    /// How long a question may take with all its repetitions.
    pub const fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }
}

/// Looking up postcodes that no file has, while a person waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fallback {
    /// Whether it is done: people's postcodes go to the service then.
    pub enabled: bool,
    /// The service of postcodes.
    pub postcodes: PostcodeSource,
    /// How long a person waits for it at most, in milliseconds.
    pub deadline_ms: u64,
    /// The pause between two questions, in milliseconds.
    pub pause_ms: u64,
    /// How many look-ups may be under way at once.
    pub at_once: usize,
    /// How many answers are kept in memory.
    pub cache_size: u64,
    /// How long an answer counts, in days.
    pub cache_days: u64,
}

/// A service that says where a postcode is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PostcodeSource {
    /// How it answers.
    pub service: PostcodeServiceKind,
    /// Where it is; without it the address of those who run the service of that kind.
    pub url: Option<String>,
}

impl PostcodeSource {
    /// Where the service is.
    pub fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(match self.service {
            PostcodeServiceKind::PostcodesIo => "https://api.postcodes.io",
            PostcodeServiceKind::Mapit => "https://mapit.mysociety.org",
        })
    }
}

/// How a service of postcodes answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostcodeServiceKind {
    /// As postcodes.io does.
    PostcodesIo,
    /// As MapIt does.
    Mapit,
}

/// The log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// Which events: a directive such as `info,postbag::access=debug`.
    pub filter: String,
}

/// Without what clients can provoke at will, and what actix says about itself.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http::h1::dispatcher=off";

/// For whom the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// People.
    Human,
    /// Programs: one JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            admin_url: None,
            security_contact: None,
            database_url: Secret::from("sqlite:./data/postbag.db"),
            data_dir: PathBuf::from("./data"),
            secret: None,
            previous_secrets: Vec::new(),
            suppression_keys: Vec::new(),
            message_keys: Vec::new(),
            role: Role::All,
            threads: 0,
            drain_seconds: 30,
            body_deadline_seconds: 10,
            trusted_proxies: Vec::new(),
            disposable_domains_file: None,
            mail_domains: MailDomains::default(),
            auth: Auth::default(),
            intake: Intake::default(),
            mail: Mail::default(),
            sync: Sync::default(),
            fallback: Fallback::default(),
            pacing: Pacing::default(),
            challenge: Challenge::default(),
            limits: Limits::default(),
            log: Log::default(),
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: "postbag".to_owned(),
            audience: "postbag".to_owned(),
            hs256_secret: None,
            public_keys: Vec::new(),
            max_lifetime_seconds: 366 * 24 * 60 * 60,
        }
    }
}

impl Default for Intake {
    fn default() -> Self {
        let IntakeOptions { queue, group, writers, .. } = IntakeOptions::default();
        Self { queue, group, writers }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reports: 10,
            reports_together: 600,
            reports_a_minute: 5,
            submissions: 60,
            submissions_a_minute: 8,
            submissions_of_credential: 60_000,
            submissions_of_credential_a_minute: 3_000,
            submissions_of_campaign: 120_000,
            submissions_of_campaign_a_minute: 6_000,
            submissions_together: 600_000,
            submissions_together_a_minute: 30_000,
            targets: 600,
            targets_a_minute: 120,
            confirmations: 60,
            confirmations_a_minute: 20,
            preference_links: 20,
            preference_links_a_minute: 10,
            complaints: 10,
            complaints_a_minute: 5,
            connections: 512,
        }
    }
}

impl Default for Pacing {
    fn default() -> Self {
        Self { mailbox: 60, domain: 3600, campaign: 0, sender: 0, hours: SendingHours::ALWAYS }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: Transport::Folder,
            folder: PathBuf::from("./data/outbox"),
            smtp: Smtp::default(),
            dkim_folder: PathBuf::from("./data/dkim"),
            bounces_folder: None,
            lanes: 1,
            lease_seconds: 300,
        }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self { host: "localhost".to_owned(), port: 587, tls: Tls::Required, username: None, password: None }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            members_api: "https://members-api.parliament.uk".to_owned(),
            postcodes: PostcodeSource::default(),
            timeout_seconds: 10,
            deadline_seconds: 60,
            pause_ms: 200,
            retries: 4,
        }
    }
}

impl Default for Fallback {
    fn default() -> Self {
        Self {
            enabled: false,
            postcodes: PostcodeSource::default(),
            deadline_ms: 800,
            pause_ms: 20,
            at_once: 8,
            cache_size: 10_000,
            cache_days: 30,
        }
    }
}

impl Default for PostcodeSource {
    fn default() -> Self {
        Self { service: PostcodeServiceKind::PostcodesIo, url: None }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Human, filter: DEFAULT_FILTER.to_owned() }
    }
}

impl Config {
    /// How this server is reached from outside; without the setting, where it listens.
    pub fn public_url(&self) -> String {
        address(self.public_url.as_deref(), self.listen)
    }

    /// How administration is reached from outside; without the setting, where it listens.
    pub fn admin_url(&self) -> String {
        address(self.admin_url.as_deref(), self.admin_listen)
    }

    /// How long a whole request body may take to arrive.
    pub const fn body_deadline(&self) -> Duration {
        Duration::from_secs(self.body_deadline_seconds)
    }

    /// How long running work may take to finish after a stop signal.
    pub const fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// True for the embedded database.
    pub fn is_sqlite(&self) -> bool {
        self.database_url.expose().starts_with("sqlite:")
    }

    /// The server's secret and those before it, the newest first. Empty only before [`Config::load_secrets`].
    pub fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.secret.iter().chain(&self.previous_secrets).map(|secret| secret.expose().as_bytes())
    }
}

fn address(url: Option<&str>, listen: SocketAddr) -> String {
    url.map_or_else(|| format!("http://{listen}"), |url| url.trim_end_matches('/').to_owned())
}

impl Smtp {
    /// True if the relay is this machine itself.
    fn is_loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        address.map_or(self.host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests;

//! Whether a domain takes mail at all, as the DNS says.

use crate::config::MailDomains as Settings;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData};
use moka::Expiry;
use moka::future::Cache;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How many domains are remembered.
const REMEMBERED: u64 = 10_000;

/// How long an answer is remembered, and how long it is that there was none.
const KNOWN: Duration = Duration::from_hours(1);
const UNKNOWN: Duration = Duration::from_mins(1);

/// How long one question to the DNS may take, and how often it is repeated.
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;

/// What the DNS says of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    TakesMail,
    TakesNone,
    /// It did not say.
    Unknown,
}

/// Looks domains up, one question for all who ask at once, and remembers the answers.
#[derive(Debug)]
pub(crate) struct MailDomains {
    resolver: Option<TokioResolver>,
    verdicts: Cache<String, Verdict>,
    deadline: Duration,
}

impl MailDomains {
    /// Asks the system's name servers or the one that is set; nobody if look-ups are off, or the system has none.
    pub(crate) fn open(settings: &Settings) -> Self {
        let resolver = settings.look_up.then(|| resolver(settings.server)).transpose();
        let resolver = resolver.unwrap_or_else(|error| {
            tracing::warn!(%error, "the system has no name server, so no domain is looked up");
            None
        });
        let verdicts = Cache::builder().max_capacity(REMEMBERED).expire_after(Lasting).build();
        Self { resolver, verdicts, deadline: Duration::from_millis(settings.deadline_ms) }
    }

    /// True if the domain is known to take no mail. Waits for an answer until the deadline; a later one is remembered for the next who asks.
    pub(crate) async fn take_none(&self, domain: &str) -> bool {
        let Some(resolver) = &self.resolver else { return false };
        if let Some(known) = self.verdicts.get(domain).await {
            return known == Verdict::TakesNone;
        }
        let (resolver, verdicts, domain) = (resolver.clone(), self.verdicts.clone(), domain.to_owned());
        let asked = tokio::spawn(async move { verdicts.get_with_by_ref(&domain, look_up(&resolver, &domain)).await });
        matches!(tokio::time::timeout(self.deadline, asked).await, Ok(Ok(Verdict::TakesNone)))
    }
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        None => TokioResolver::builder_tokio()?,
        Some(address) => {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            server
                .connections
                .iter_mut()
                .for_each(|connection: &mut ConnectionConfig| connection.port = address.port());
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    (options.timeout, options.attempts) = (PATIENCE, ATTEMPTS);
    builder.build()
}

/// Its MX records, or else its own address (RFC 5321 section 5.1). A single MX without a name says that it takes none (RFC 7505).
async fn look_up(resolver: &TokioResolver, domain: &str) -> Verdict {
    // With the stop at its end it is not looked for below the system's own domains.
    let name = format!("{domain}.");
    match resolver.mx_lookup(name.as_str()).await {
        Ok(found) => {
            let mut hosts = found.answers().iter().filter_map(|record| match &record.data {
                RData::MX(mx) => Some(&mx.exchange),
                _ => None,
            });
            if hosts.all(Name::is_root) { Verdict::TakesNone } else { Verdict::TakesMail }
        }
        Err(error) if error.is_nx_domain() => Verdict::TakesNone,
        Err(error) if error.is_no_records_found() => match resolver.lookup_ip(name.as_str()).await {
            Ok(_address) => Verdict::TakesMail,
            Err(error) if error.is_no_records_found() => Verdict::TakesNone,
            Err(_silence) => Verdict::Unknown,
        },
        Err(_silence) => Verdict::Unknown,
    }
}

/// How long each verdict is remembered.
struct Lasting;

impl Expiry<String, Verdict> for Lasting {
    fn expire_after_create(&self, _domain: &String, verdict: &Verdict, _now: Instant) -> Option<Duration> {
        Some(match verdict {
            Verdict::TakesMail | Verdict::TakesNone => KNOWN,
            Verdict::Unknown => UNKNOWN,
        })
    }
}

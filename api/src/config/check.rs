//! Refuses settings that would only fail later, or be unsafe.

use super::{Config, ConfigError, Secret, SuppressionKey, Tls, Transport};
use std::collections::HashSet;

/// The least a secret may hold, in bytes.
const SECRET_BYTES: usize = 32;

/// What examples are made of.
const EXAMPLES: [&str; 9] =
    ["changeme", "change-me", "change_me", "secret", "password", "example", "postbag", "0123456789abcdef", "your-"];

impl Config {
    /// Every rule that types cannot hold.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.check_database()?;
        self.check_public_url()?;
        self.check_secrets()?;
        self.check_keys()?;
        self.check_mail()?;
        self.check_services()?;
        self.check_ranges()
    }

    fn check_database(&self) -> Result<(), ConfigError> {
        let url = self.database_url.expose();
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        if known { Ok(()) } else { Err(ConfigError::Database) }
    }

    fn check_public_url(&self) -> Result<(), ConfigError> {
        let Some(url) = &self.public_url else { return Ok(()) };
        let url = url::Url::parse(url).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let web = url.is_some_and(|url| url.query().is_none() && url.fragment().is_none());
        if web { Ok(()) } else { Err(ConfigError::PublicUrl) }
    }

    fn check_secrets(&self) -> Result<(), ConfigError> {
        let (secret, shared) = (self.secret.as_ref(), self.auth.hs256_secret.as_ref());
        check_secret("secret", secret)?;
        check_secret("auth.hs256_secret", shared)?;
        self.previous_secrets.iter().try_for_each(|secret| check_secret("previous_secrets", Some(secret)))?;
        self.check_suppression_keys()?;
        match (secret, shared) {
            (Some(one), Some(other)) if one.expose() == other.expose() => Err(ConfigError::SharedSecret),
            _ => Ok(()),
        }
    }

    fn check_suppression_keys(&self) -> Result<(), ConfigError> {
        let mut ids = HashSet::new();
        for SuppressionKey { id, key } in &self.suppression_keys {
            check_secret("suppression_keys", Some(key))?;
            let is_word =
                !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !is_word || !ids.insert(id) {
                return Err(ConfigError::SuppressionKeyId { id: id.clone() });
            }
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), ConfigError> {
        let mut kids = HashSet::new();
        for key in &self.auth.public_keys {
            if !kids.insert(&key.kid) {
                return Err(ConfigError::PublicKeyTwice { kid: key.kid.clone() });
            }
            key.pem()?;
        }
        Ok(())
    }

    fn check_mail(&self) -> Result<(), ConfigError> {
        let smtp = &self.mail.smtp;
        if smtp.username.is_some() != smtp.password.is_some() {
            return Err(ConfigError::HalfCredentials);
        }
        if self.mail.transport == Transport::Folder || smtp.tls == Tls::Required {
            return Ok(());
        }
        if !smtp.is_loopback() {
            return Err(ConfigError::PlainMail { host: smtp.host.clone() });
        }
        if smtp.password.is_some() { Err(ConfigError::PlainPassword) } else { Ok(()) }
    }

    fn check_services(&self) -> Result<(), ConfigError> {
        check_service("sync.members_api", &self.sync.members_api)?;
        check_service("sync.postcodes.url", self.sync.postcodes.url())?;
        check_service("fallback.postcodes.url", self.fallback.postcodes.url())
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let number = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let ranges = [
            ("threads", number(self.threads), 0, 1024),
            ("drain_seconds", self.drain_seconds, 0, 3600),
            ("body_deadline", self.body_deadline, 1, 300),
            ("auth.max_lifetime", self.auth.max_lifetime, 60, 400 * 86_400),
            ("intake.queue", number(self.intake.queue), 1, 1_000_000),
            ("intake.group", number(self.intake.group), 1, 1024),
            ("intake.writers", number(self.intake.writers), 1, 16),
            ("limits.reports", self.limits.reports.into(), 0, 1_000_000),
            ("limits.reports_together", self.limits.reports_together.into(), 0, 1_000_000),
            ("limits.targets", self.limits.targets.into(), 0, 1_000_000),
            ("limits.connections", number(self.limits.connections), 0, 1_000_000),
            ("mail.lanes", number(self.mail.lanes), 1, 256),
            ("mail.lease_seconds", self.mail.lease_seconds, 30, 86_400),
            ("sync.timeout_seconds", self.sync.timeout_seconds, 1, 300),
            ("sync.deadline_seconds", self.sync.deadline_seconds, 1, 3600),
            ("sync.pause_ms", self.sync.pause_ms, 0, 60_000),
            ("sync.retries", self.sync.retries.into(), 0, 20),
            ("fallback.deadline_ms", self.fallback.deadline_ms, 50, 10_000),
            ("fallback.pause_ms", self.fallback.pause_ms, 0, 1000),
            ("fallback.at_once", number(self.fallback.at_once), 1, 256),
            ("fallback.cache_size", self.fallback.cache_size, 1, 10_000_000),
            ("fallback.cache_days", self.fallback.cache_days, 1, 366),
        ];
        let wrong = ranges.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value));
        wrong.map_or(Ok(()), |(setting, _, least, most)| Err(ConfigError::Range { setting, least, most }))
    }

    /// The effective settings, one a line, as TOML, with every secret redacted.
    pub fn describe(&self) -> String {
        let mut lines = Vec::new();
        let settings = serde_json::to_value(self).unwrap_or_default();
        flatten("", &settings, &mut lines);
        lines.join("\n")
    }
}

/// A service's answers decide who is written to and where, so they do not cross the internet in the clear.
fn check_service(setting: &'static str, url: &str) -> Result<(), ConfigError> {
    let url = url::Url::parse(url).map_err(|_error| ConfigError::ServiceUrl { setting })?;
    let is_bare = url.query().is_none() && url.fragment().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    match (url.scheme(), url.host()) {
        ("https", Some(_host)) if is_bare && is_anonymous => Ok(()),
        ("http", Some(host)) if is_bare && is_anonymous => {
            if is_near(&host) {
                Ok(())
            } else {
                Err(ConfigError::PlainService { setting, host: host.to_string() })
            }
        }
        _ => Err(ConfigError::ServiceUrl { setting }),
    }
}

/// True for this machine and for private networks, where a name has no dot.
fn is_near(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => !name.contains('.'),
        url::Host::Ipv4(address) => address.is_loopback() || address.is_private(),
        url::Host::Ipv6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

fn check_secret(setting: &'static str, secret: Option<&Secret>) -> Result<(), ConfigError> {
    let Some(secret) = secret.map(Secret::expose) else { return Ok(()) };
    if secret.len() < SECRET_BYTES {
        return Err(ConfigError::ShortSecret { setting });
    }
    let lower = secret.to_ascii_lowercase();
    let variety = secret.bytes().collect::<HashSet<_>>().len();
    let weak = variety < 8 || EXAMPLES.iter().any(|example| lower.contains(example));
    if weak { Err(ConfigError::WeakSecret { setting }) } else { Ok(()) }
}

fn flatten(path: &str, value: &serde_json::Value, lines: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => members.iter().for_each(|(name, member)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            flatten(&path, member, lines);
        }),
        serde_json::Value::Null => lines.push(format!("# {path} is not set")),
        value => lines.push(format!("{path} = {value}")),
    }
}

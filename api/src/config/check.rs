//! Refuses settings that would only fail later, or be unsafe.

use super::{Config, ConfigError, NamedKey, Secret, Tls, Transport};
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
        self.check_listeners()?;
        check_url("public_url", self.public_url.as_deref())?;
        check_url("admin_url", self.admin_url.as_deref())?;
        self.check_security_contact()?;
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

    /// One listener must not take the other's calls.
    fn check_listeners(&self) -> Result<(), ConfigError> {
        let (public, admin) = (self.listen, self.admin_listen);
        let overlap = public.ip() == admin.ip() || public.ip().is_unspecified() || admin.ip().is_unspecified();
        // Port 0 is any that is free.
        if overlap && public.port() == admin.port() && public.port() != 0 {
            return Err(ConfigError::OneListener { public, admin });
        }
        Ok(())
    }

    fn check_security_contact(&self) -> Result<(), ConfigError> {
        let Some(contact) = &self.security_contact else { return Ok(()) };
        let url = url::Url::parse(contact).ok();
        let is_one_line = !contact.chars().any(char::is_control);
        let fits = url.is_some_and(|url| matches!(url.scheme(), "mailto" | "https") && is_one_line);
        if fits { Ok(()) } else { Err(ConfigError::SecurityContact) }
    }

    fn check_secrets(&self) -> Result<(), ConfigError> {
        let (secret, shared) = (self.secret.as_ref(), self.auth.hs256_secret.as_ref());
        check_secret("secret", secret)?;
        check_secret("auth.hs256_secret", shared)?;
        self.previous_secrets.iter().try_for_each(|secret| check_secret("previous_secrets", Some(secret)))?;
        check_named_keys("suppression_keys", &self.suppression_keys)?;
        check_named_keys("message_keys", &self.message_keys)?;
        match (secret, shared) {
            (Some(one), Some(other)) if one.expose() == other.expose() => Err(ConfigError::SharedSecret),
            _ => Ok(()),
        }
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
        check_service("fallback.postcodes.url", self.fallback.postcodes.url())?;
        self.check_challenge()
    }

    fn check_challenge(&self) -> Result<(), ConfigError> {
        let challenge = &self.challenge;
        let Some(url) = challenge.url() else {
            let is_bare = challenge.site_key.is_none() && challenge.secret.is_none() && challenge.url.is_none();
            return if is_bare { Ok(()) } else { Err(ConfigError::ChallengeWithoutService) };
        };
        if challenge.site_key.is_none() || challenge.secret.is_none() {
            return Err(ConfigError::ChallengeKeys);
        }
        check_service("challenge.url", url)
    }
}

/// An address that others are given is a web address.
fn check_url(setting: &'static str, url: Option<&str>) -> Result<(), ConfigError> {
    let Some(url) = url else { return Ok(()) };
    let url = url::Url::parse(url).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let web = url.is_some_and(|url| url.query().is_none() && url.fragment().is_none());
    if web { Ok(()) } else { Err(ConfigError::WebUrl { setting }) }
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

/// Keys strong enough, each with an id of its own.
fn check_named_keys(setting: &'static str, keys: &[NamedKey]) -> Result<(), ConfigError> {
    let mut ids = HashSet::new();
    for NamedKey { id, key } in keys {
        check_secret(setting, Some(key))?;
        let is_word = !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_word || !ids.insert(id) {
            return Err(ConfigError::KeyId { setting, id: id.clone() });
        }
    }
    Ok(())
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

//! The relay that letters go to: where it is, how it is trusted, how long it may take.

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error};

/// An SMTP relay and the terms on which letters are handed to it. Clones share the settings.
#[derive(Clone, Debug)]
pub struct Relay {
    terms: Arc<Terms>,
}

#[derive(Clone, Debug)]
struct Terms {
    host: String,
    port: u16,
    security: Security,
    login: Option<Login>,
    hello: ClientId,
    timeouts: Timeouts,
    letters_per_connection: u32,
    roots: Vec<CertificateDer<'static>>,
    tls: OnceLock<Tls>,
}

/// How the connection is protected (B36, RFC 8314). A certificate is always verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS before anything of a letter or a login is said.
    StartTls,
    /// Clear text: never with a login, and never to another machine than this one; the address decides, not the name.
    Clear,
}

#[derive(Clone, Debug)]
struct Login {
    user: String,
    password: SecretString,
}

/// How the relay is spoken to in TLS: its certificate must be valid for its name.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Why a relay's terms were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// A login was given for a relay that is spoken to in clear text (B36).
    #[error("a login never travels in clear text")]
    LoginInClear,
    /// The certificate authority is not a PEM certificate.
    #[error("the relay's certificate authority is not a PEM certificate")]
    Root,
}

impl Relay {
    /// A relay by its name or address, without a login.
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        let terms = Terms {
            host: host.into(),
            port,
            security,
            login: None,
            hello: ClientId::default(),
            timeouts: Timeouts::default(),
            letters_per_connection: 100,
            roots: Vec::new(),
            tls: OnceLock::new(),
        };
        Self { terms: Arc::new(terms) }
    }

    fn with(mut self, change: impl FnOnce(&mut Terms)) -> Self {
        change(Arc::make_mut(&mut self.terms));
        self
    }

    /// Logs in with these, over TLS only.
    pub fn with_login(self, user: String, password: SecretString) -> Result<Self, RelayError> {
        match self.terms.security {
            Security::Clear => Err(RelayError::LoginInClear),
            Security::Implicit | Security::StartTls => {
                Ok(self.with(|terms| terms.login = Some(Login { user, password })))
            }
        }
    }

    /// Waits this long for each step.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        self.with(|terms| terms.timeouts = timeouts)
    }

    /// Opens a new connection after so many letters, at least one.
    #[must_use]
    pub fn with_letters_per_connection(self, letters: u32) -> Self {
        self.with(|terms| terms.letters_per_connection = letters.max(1))
    }

    /// Trusts this certificate authority (PEM) besides the system's, for a relay inside the house.
    pub fn trusting(self, pem: &[u8]) -> Result<Self, RelayError> {
        let root = CertificateDer::from_pem_slice(pem).or(Err(RelayError::Root))?;
        Ok(self.with(|terms| {
            terms.roots.push(root);
            terms.tls = OnceLock::new();
        }))
    }

    /// How long each step may take.
    pub fn timeouts(&self) -> Timeouts {
        self.terms.timeouts
    }

    pub(super) fn target(&self) -> (&str, u16) {
        (&self.terms.host, self.terms.port)
    }

    pub(super) fn security(&self) -> Security {
        self.terms.security
    }

    pub(super) fn hello(&self) -> &ClientId {
        &self.terms.hello
    }

    pub(super) fn letters_per_connection(&self) -> u32 {
        self.terms.letters_per_connection
    }

    pub(super) fn credentials(&self) -> Option<Credentials> {
        let login = self.terms.login.as_ref()?;
        Some(Credentials::new(login.user.clone(), login.password.expose_secret().to_owned()))
    }

    /// The terms of TLS, made once: the system's authorities and those of [`Relay::trusting`] are trusted.
    pub(super) fn tls(&self) -> Result<Tls, Error> {
        if let Some(ready) = self.terms.tls.get() {
            return Ok(ready.clone());
        }
        let made = self.make_tls()?;
        Ok(self.terms.tls.get_or_init(|| made).clone())
    }

    fn make_tls(&self) -> Result<Tls, Error> {
        let name = ServerName::try_from(self.terms.host.clone()).map_err(|error| Error::General(error.to_string()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(self.terms.roots.clone(), Arc::clone(&provider))?;
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        Ok(Tls { connector: TlsConnector::from(Arc::new(config)), name })
    }
}

/// How long a relay may take before it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The time to reach the relay and its greeting.
    pub connect: Duration,
    /// The time for each command.
    pub command: Duration,
    /// For the message and the answer to it: if short, more letters are left in doubt (RFC 5321 section 4.5.3.2.6).
    pub message: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::within(Duration::from_mins(10))
    }
}

impl Timeouts {
    /// Such that one letter never takes longer than the lease on it, however slow the relay is (C5).
    pub fn within(lease: Duration) -> Self {
        let step = lease / 24;
        Self { connect: step, command: step, message: lease / 2 }
    }

    /// The longest that one letter can take: over a connection that proves stale first, then over a fresh one.
    pub fn whole(&self) -> Duration {
        self.connect * 2 + self.command * 8 + self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_never_goes_with_clear_text() {
        let login = |security| Relay::new("localhost", 25, security).with_login("u".to_owned(), "p".to_owned().into());
        assert_eq!(login(Security::Clear).unwrap_err(), RelayError::LoginInClear);
        assert!(login(Security::StartTls).is_ok() && login(Security::Implicit).is_ok());
    }

    #[test]
    fn a_letter_never_outlasts_its_lease() {
        for seconds in [30, 300, 86_400] {
            let lease = Duration::from_secs(seconds);
            assert!(Timeouts::within(lease).whole() < lease);
        }
    }

    #[test]
    fn no_password_shows_in_debug() {
        let relay =
            Relay::new("a", 465, Security::Implicit).with_login("u".to_owned(), "hunter2".to_owned().into()).unwrap();
        assert!(!format!("{relay:?}").contains("hunter2"));
    }
}

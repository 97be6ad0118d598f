//! The relay that letters go to: where it is, how it is trusted, how long it may take.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

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
    roots: Vec<Root>,
    tls: OnceLock<Tls>,
}

/// How the connection is protected (B36, RFC 8314).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS before anything else; none is needed to reach this machine itself without a login.
    Upgrade,
    /// Clear text, never with a login and never beyond a private network.
    Private,
}

#[derive(Clone, Debug)]
struct Login {
    user: String,
    password: SecretString,
}

/// A certificate authority besides the system's.
#[derive(Clone)]
struct Root(Certificate);

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Root")
    }
}

#[derive(Clone)]
struct Tls(TlsParameters);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Why a relay's address or terms were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Not an address of the form that is understood.
    #[error(
        "a relay is smtp://host[:port] (STARTTLS) or smtps://host[:port] (TLS), with ?tls=off for a private network"
    )]
    Address,
    /// The address holds a user name or a password, which would end in logs.
    #[error("the user name and the password of a relay have settings of their own")]
    LoginInAddress,
    /// A login was given for a relay that is spoken to in clear text (B36).
    #[error("a login never travels in clear text: remove tls=off or the login")]
    LoginInClear,
    /// The certificate authority is not a PEM certificate.
    #[error("the relay's certificate authority is not a PEM certificate")]
    Root,
}

impl Relay {
    /// Takes `smtp://host[:587]`, `smtps://host[:465]` or `smtp://host[:25]?tls=off`.
    pub fn parse(address: &str) -> Result<Self, RelayError> {
        let url = Url::parse(address).or(Err(RelayError::Address))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RelayError::LoginInAddress);
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(RelayError::Address);
        }
        let security = security(&url).ok_or(RelayError::Address)?;
        let host = host(&url).ok_or(RelayError::Address)?;
        Ok(Self::new(host, url.port().unwrap_or(security.port()), security))
    }

    fn new(host: String, port: u16, security: Security) -> Self {
        let terms = Terms {
            host,
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
            Security::Private => Err(RelayError::LoginInClear),
            Security::Implicit | Security::Upgrade => {
                Ok(self.with(|terms| terms.login = Some(Login { user, password })))
            }
        }
    }

    /// Greets with this name instead of the machine's.
    #[must_use]
    pub fn with_hello(self, name: String) -> Self {
        self.with(|terms| terms.hello = ClientId::Domain(name))
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
        let root = Certificate::from_pem(pem).or(Err(RelayError::Root))?;
        Ok(self.with(|terms| {
            terms.roots.push(Root(root));
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

    /// Whether clear text will do, to the machine that was really reached.
    pub(super) fn may_speak_clearly_to(&self, peer: IpAddr) -> bool {
        match self.terms.security {
            Security::Implicit => false,
            Security::Upgrade => peer.to_canonical().is_loopback() && self.terms.login.is_none(),
            Security::Private => is_private(peer.to_canonical()),
        }
    }

    /// The relay's name and certificate are always verified.
    pub(super) fn tls(&self) -> Result<TlsParameters, smtp::Error> {
        if let Some(Tls(ready)) = self.terms.tls.get() {
            return Ok(ready.clone());
        }
        let mut builder = TlsParameters::builder(self.terms.host.clone());
        for Root(certificate) in &self.terms.roots {
            builder = builder.add_root_certificate(certificate.clone());
        }
        let made = builder.build()?;
        Ok(self.terms.tls.get_or_init(|| Tls(made)).0.clone())
    }
}

impl Security {
    fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Upgrade => 587,
            Self::Private => 25,
        }
    }
}

fn security(url: &Url) -> Option<Security> {
    match (url.scheme(), url.query()) {
        ("smtps", None) => Some(Security::Implicit),
        ("smtp", None) => Some(Security::Upgrade),
        ("smtp", Some("tls=off")) => Some(Security::Private),
        _ => None,
    }
}

/// The host without the brackets of an IPv6 address, in the form that name look-up and certificates know.
fn host(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => idna_host(name),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

/// The `smtp` scheme is not special to URLs, so its host arrives as it was typed.
fn idna_host(name: &str) -> Option<String> {
    match Host::parse(name).ok()? {
        Host::Domain(name) => Some(name),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// How long a relay may take before it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For reaching the relay and its greeting.
    pub connect: Duration,
    /// For each command.
    pub command: Duration,
    /// For the message and the answer to it: short, and more letters are left in doubt (RFC 5321 section 4.5.3.2.6).
    pub message: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), command: Duration::from_mins(1), message: Duration::from_mins(10) }
    }
}

impl Timeouts {
    /// The longest that one letter can take: a stale connection first, then a fresh one. A lease is longer than this.
    pub fn whole(&self) -> Duration {
        self.connect * 2 + self.command * 12 + self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(address: &str) -> Relay {
        Relay::parse(address).unwrap()
    }

    #[test]
    fn an_address_says_how_the_relay_is_spoken_to() {
        let told = |address: &str| {
            let relay = relay(address);
            (relay.target().0.to_owned(), relay.target().1, relay.security())
        };
        assert_eq!(told("smtp://Mail.Example.org"), ("mail.example.org".to_owned(), 587, Security::Upgrade));
        assert_eq!(told("smtps://mail.example.org"), ("mail.example.org".to_owned(), 465, Security::Implicit));
        assert_eq!(told("smtp://mailpit:1025?tls=off"), ("mailpit".to_owned(), 1025, Security::Private));
        assert_eq!(told("smtp://[::1]:25"), ("::1".to_owned(), 25, Security::Upgrade));
        assert_eq!(told("smtp://127.0.0.1"), ("127.0.0.1".to_owned(), 587, Security::Upgrade));
    }

    #[test]
    fn other_addresses_are_refused() {
        for address in
            ["mail.example.org", "http://a", "smtp://", "smtp://a?tls=maybe", "smtps://a?tls=off", "smtp://a/b"]
        {
            assert_eq!(Relay::parse(address).unwrap_err(), RelayError::Address, "{address}");
        }
        assert_eq!(Relay::parse("smtp://u:p@a").unwrap_err(), RelayError::LoginInAddress);
    }

    #[test]
    fn a_login_never_goes_with_clear_text() {
        let login = |relay: Relay| relay.with_login("u".to_owned(), "p".to_owned().into());
        assert_eq!(login(relay("smtp://localhost?tls=off")).unwrap_err(), RelayError::LoginInClear);
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert!(relay("smtp://localhost").may_speak_clearly_to(loopback));
        assert!(!login(relay("smtp://localhost")).unwrap().may_speak_clearly_to(loopback));
    }

    #[test]
    fn clear_text_stays_on_a_private_network() {
        let speaks = |address: &str, peer: &str| relay(address).may_speak_clearly_to(peer.parse().unwrap());
        assert!(speaks("smtp://mailpit?tls=off", "172.18.0.3"));
        assert!(speaks("smtp://mailpit?tls=off", "fd00::3"));
        assert!(speaks("smtp://mailpit?tls=off", "::ffff:10.0.0.1"));
        assert!(!speaks("smtp://mailpit?tls=off", "203.0.113.9"));
        assert!(!speaks("smtp://mailpit", "172.18.0.3"));
        assert!(!speaks("smtps://mailpit", "127.0.0.1"));
    }

    #[test]
    fn no_password_shows_in_debug() {
        let relay = relay("smtps://a").with_login("u".to_owned(), "hunter2".to_owned().into()).unwrap();
        assert!(!format!("{relay:?}").contains("hunter2"));
    }
}

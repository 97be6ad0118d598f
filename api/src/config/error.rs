//! Why the server does not start: each reason with its own sentence.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting is unknown or has the wrong type.
    #[error("the configuration cannot be read: {0}")]
    Read(Box<figment::Error>),
    /// A file is not there, or not for us.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A setting is given both in place and as a file.
    #[error("{variable} and {variable}_FILE are both set: choose one")]
    Twice {
        /// The variable without `_FILE`.
        variable: String,
    },
    /// A secret is too short to be one.
    #[error("{setting} is too short: a secret has at least 32 bytes; `openssl rand -hex 32` makes one")]
    ShortSecret {
        /// Which setting.
        setting: &'static str,
    },
    /// A secret that everybody can guess.
    #[error("{setting} is an example or can be guessed: make one with `openssl rand -hex 32`")]
    WeakSecret {
        /// Which setting.
        setting: &'static str,
    },
    /// Two secrets are the same.
    #[error("secret and auth.hs256_secret are the same: each needs its own")]
    SharedSecret,
    /// With PostgreSQL there may be several servers, and each would make up its own secret.
    #[error("{setting} is not set: with PostgreSQL it must be configured, the same on every server")]
    MissingSecret {
        /// Which setting.
        setting: &'static str,
    },
    /// An id of a key that is no word, or is given twice.
    #[error("{setting}: the id {id:?} must be 1 to 32 letters, digits or hyphens, and stand once")]
    KeyId {
        /// The list.
        setting: &'static str,
        /// Which id.
        id: String,
    },
    /// Others can read the generated secrets.
    #[error("{path} can be read by others: run `chmod 600` on it")]
    ExposedSecrets {
        /// Which file.
        path: PathBuf,
    },
    /// The database cannot be one of ours.
    #[error("database_url begins with neither sqlite: nor postgres://")]
    Database,
    /// A public key is no key of its algorithm.
    #[error("auth.public_keys: the key {kid} is not a PEM public key of its algorithm")]
    PublicKey {
        /// Which key.
        kid: String,
    },
    /// A public key is nowhere, or in two places.
    #[error("auth.public_keys: the key {kid} needs either pem or file")]
    PublicKeySource {
        /// Which key.
        kid: String,
    },
    /// Two public keys have one name.
    #[error("auth.public_keys: the kid {kid} is given twice")]
    PublicKeyTwice {
        /// Which key.
        kid: String,
    },
    /// Mail would cross a network in the clear.
    #[error("mail.smtp.tls is none, but {host} is not this machine: mail is never sent in the clear")]
    PlainMail {
        /// The relay.
        host: String,
    },
    /// A password would cross in the clear.
    #[error("mail.smtp.password is set with tls = none: a password is never sent in the clear")]
    PlainPassword,
    /// A user name without a password, or the other way round.
    #[error("mail.smtp.username and mail.smtp.password go together")]
    HalfCredentials,
    /// A number is out of range.
    #[error("{setting} must be between {least} and {most}")]
    Range {
        /// Which setting.
        setting: &'static str,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
    },
    /// The address of a service is no web address.
    #[error("{setting} must begin with https:// or http://, and have no password, query or fragment")]
    ServiceUrl {
        /// Which setting.
        setting: &'static str,
    },
    /// What is asked of a service, and what it answers, would cross the internet in the clear.
    #[error("{setting} begins with http://, but {host} is not on this machine or a private network: use https://")]
    PlainService {
        /// Which setting.
        setting: &'static str,
        /// The service.
        host: String,
    },
    /// A service for challenges without its keys.
    #[error("challenge.provider is a service: challenge.site_key and challenge.secret go with it")]
    ChallengeKeys,
    /// Keys or the address of a service that is not asked.
    #[error(
        "challenge.site_key, challenge.secret and challenge.url are for a service: set challenge.provider to hcaptcha or turnstile"
    )]
    ChallengeWithoutService,
    /// The contact for weaknesses cannot be followed.
    #[error("security_contact must begin with mailto: or https://")]
    SecurityContact,
    /// An address given to others is no web address.
    #[error("{setting} must begin with https:// or http:// and have no query")]
    WebUrl {
        /// Which setting.
        setting: &'static str,
    },
    /// Both listeners would take the same connections.
    #[error("listen ({public}) and admin_listen ({admin}) overlap: give administration a port of its own")]
    OneListener {
        /// The setting `listen`.
        public: SocketAddr,
        /// The setting `admin_listen`.
        admin: SocketAddr,
    },
}

//! Text that is never shown, and wiped from memory when it is dropped (C33).

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What stands in its place.
const REDACTED: &str = "[redacted]";

/// A secret setting.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself, for its one use.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not the derived path: its error would repeat a value of the wrong type.
        let text = String::deserialize(deserializer).map_err(|_why| serde::de::Error::custom("must be text"))?;
        Ok(Self(SecretString::from(text)))
    }
}

/// Shows an address without what proves who we are.
pub(super) fn address<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    let text = secret.expose();
    if text.starts_with("sqlite:") {
        return serializer.serialize_str(text);
    }
    let url = url::Url::parse(text).ok();
    let host =
        url.as_ref().map(|url| format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()));
    serializer.serialize_str(&host.map_or_else(|| REDACTED.to_owned(), |host| format!("{host} {REDACTED}")))
}

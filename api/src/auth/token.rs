//! What a token says, and how this server writes one.

use super::scope::ScopeName;
use crate::config::Auth;
use crate::ids;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The claims of an access token (RFC 9068, and `org`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience: one name or several.
    pub aud: Audience,
    /// The person or system that it speaks for.
    pub sub: String,
    /// The moment it ends, in seconds.
    pub exp: i64,
    /// The moment it begins, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The moment it was issued, in seconds.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
    /// The organisation whose data it opens.
    pub org: Org,
    /// Its permissions, separated by spaces.
    pub scope: String,
}

impl Claims {
    /// True if the token carries the scope.
    pub fn allows(&self, scope: ScopeName) -> bool {
        self.scope.split(' ').any(|name| name == scope.as_str())
    }
}

/// One name or several (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One name.
    One(String),
    /// Several names.
    Many(Vec<String>),
}

impl Audience {
    /// True if `name` is among them.
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }
}

/// The organisations whose data a token opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Org {
    /// Every organisation's, and what belongs to none: `*`.
    Operator,
    /// One organisation's, by its slug.
    Organisation(String),
}

impl TryFrom<String> for Org {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let slug = !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        match text.as_str() {
            "*" => Ok(Self::Operator),
            _ if slug => Ok(Self::Organisation(text)),
            _ => Err("an organisation's slug, or * for the operator".to_owned()),
        }
    }
}

impl From<Org> for String {
    fn from(org: Org) -> Self {
        match org {
            Org::Operator => "*".to_owned(),
            Org::Organisation(slug) => slug,
        }
    }
}

impl std::str::FromStr for Org {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_owned())
    }
}

/// The claims of a new token.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The person or system that it speaks for.
    pub subject: String,
    /// The organisation whose data it opens.
    pub org: Org,
    /// Its permissions.
    pub scopes: Vec<ScopeName>,
    /// How long it lasts.
    pub lifetime: Duration,
}

/// A new token and what it says.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The token itself, for its bearer alone.
    pub token: String,
    /// Its claims.
    pub claims: Claims,
}

/// Writes a token with the shared secret.
pub fn issue(auth: &Auth, grant: Grant, now: DateTime<Utc>) -> anyhow::Result<Issued> {
    let secret = auth.hs256_secret.as_ref().ok_or_else(|| anyhow::anyhow!("auth.hs256_secret is not set"))?;
    anyhow::ensure!(
        grant.lifetime <= auth.max_lifetime(),
        "a token may last at most {} seconds (auth.max_lifetime_seconds)",
        auth.max_lifetime_seconds
    );
    let iat = now.timestamp();
    let claims = Claims {
        iss: auth.issuer.clone(),
        aud: Audience::One(auth.audience.clone()),
        sub: grant.subject,
        exp: iat.saturating_add(i64::try_from(grant.lifetime.as_secs())?),
        nbf: Some(iat),
        iat,
        jti: ids::fresh().to_string(),
        org: grant.org,
        scope: grant.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
    };
    let header = Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret.expose().as_bytes()))?;
    Ok(Issued { token, claims })
}

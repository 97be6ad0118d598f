//! Checking tokens against the configured keys (RFC 8725).

use super::token::Claims;
use crate::config::{Auth, ConfigError, KeyAlgorithm};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, crypto};
use std::collections::HashMap;

/// The longest token that is looked at.
const MAX_TOKEN: usize = 4096;

/// How far the issuer's clock may be ahead or behind, in seconds.
const LEEWAY: i64 = 60;

/// Which check refused a token: for the log only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It was revoked, or its subject was.
    #[error("the token was revoked")]
    Revoked,
    /// It is longer than any token of ours.
    #[error("the token is too long")]
    TooLong,
    /// No JWT, or claims missing or of the wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// Its `typ` is not that of an access token.
    #[error("the token is of another type")]
    Type,
    /// It needs an extension (`crit`), and none is understood here (RFC 7515, section 4.1.11).
    #[error("the token needs an extension that is not understood")]
    Extension,
    /// Its `kid` is not configured.
    #[error("the token names no configured key")]
    UnknownKey,
    /// Its signature or algorithm does not fit the key.
    #[error("the signature does not fit")]
    Signature,
    /// It comes from another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// It is meant for another audience.
    #[error("the token is for another audience")]
    Audience,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// It lasts longer than is allowed here.
    #[error("the token lasts too long")]
    Lifetime,
}

/// One key, which alone decides the algorithm.
struct Key {
    decoding: DecodingKey,
    validation: Validation,
}

/// The configured keys and what else a token must satisfy.
pub struct Keys {
    issuer: String,
    audience: String,
    max_lifetime: i64,
    shared: Option<Key>,
    public: HashMap<String, Key>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("public", &self.public.keys()).finish_non_exhaustive()
    }
}

/// Chooses the cryptography for tokens once per process; jsonwebtoken would panic at first use if it had to guess.
pub fn install_provider() {
    // Only fails when it is already installed.
    let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

impl Keys {
    /// Reads the configured keys, refusing those that cannot be used.
    pub fn new(auth: &Auth) -> Result<Self, ConfigError> {
        install_provider();
        let shared = auth
            .hs256_secret
            .as_ref()
            .map(|secret| Key::new(DecodingKey::from_secret(secret.expose().as_bytes()), Algorithm::HS256));
        let mut public = HashMap::new();
        for key in &auth.public_keys {
            let pem = key.pem()?;
            let (decoding, algorithm) = match key.algorithm {
                KeyAlgorithm::Rs256 => (DecodingKey::from_rsa_pem(pem.as_bytes()), Algorithm::RS256),
                KeyAlgorithm::EdDsa => (DecodingKey::from_ed_pem(pem.as_bytes()), Algorithm::EdDSA),
            };
            let decoding = decoding.map_err(|_why| ConfigError::PublicKey { kid: key.kid.clone() })?;
            public.insert(key.kid.clone(), Key::new(decoding, algorithm));
        }
        let max_lifetime = i64::try_from(auth.max_lifetime_seconds).unwrap_or(i64::MAX);
        Ok(Self { issuer: auth.issuer.clone(), audience: auth.audience.clone(), max_lifetime, shared, public })
    }

    /// The claims, if every check passes.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Refusal> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_why| Refusal::Malformed)?;
        let access = header.typ.as_deref().is_some_and(is_access_token);
        if !access {
            return Err(Refusal::Type);
        }
        if header.crit.is_some() {
            return Err(Refusal::Extension);
        }
        // `jku`, `x5u`, `jwk` and `alg` are never consulted: `kid` picks a configured key, and the key its algorithm.
        let key = match &header.kid {
            Some(kid) => self.public.get(kid),
            None => self.shared.as_ref(),
        };
        let key = key.ok_or(Refusal::UnknownKey)?;
        let data =
            jsonwebtoken::decode::<Claims>(token, &key.decoding, &key.validation).map_err(|why| refusal(&why))?;
        self.check(&data.claims, now.timestamp())?;
        Ok(data.claims)
    }

    fn check(&self, claims: &Claims, now: i64) -> Result<(), Refusal> {
        let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
        let checks = [
            (claims.iss == self.issuer, Refusal::Issuer),
            (claims.aud.holds(&self.audience), Refusal::Audience),
            (now < claims.exp.saturating_add(LEEWAY), Refusal::Expired),
            (begins <= now.saturating_add(LEEWAY), Refusal::NotYet),
            (claims.exp.saturating_sub(claims.iat) <= self.max_lifetime, Refusal::Lifetime),
        ];
        checks.iter().find(|(passed, _)| !passed).map_or(Ok(()), |(_, refusal)| Err(*refusal))
    }
}

impl Key {
    fn new(decoding: DecodingKey, algorithm: Algorithm) -> Self {
        // Times, issuer and audience are checked above, against our own clock.
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self { decoding, validation }
    }
}

fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "at+jwt" | "jwt")
}

fn refusal(error: &jsonwebtoken::errors::Error) -> Refusal {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Refusal::Signature,
        _ => Refusal::Malformed,
    }
}

#[cfg(test)]
mod tests;

//! One key of a domain, under its selector.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postbag_domain::DomainName;
use std::fmt;

/// The PEM label of a private key (RFC 7468).
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// The longest text of one string of a TXT record (RFC 1035, section 3.3).
const TXT_STRING: usize = 255;

/// Why a key cannot sign.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DkimKeyError {
    /// The text is no private key in PEM.
    #[error("it holds no private key in PEM (PKCS#8, \"-----BEGIN PRIVATE KEY-----\")")]
    NotPem,
    /// The key is of neither algorithm.
    #[error("it is neither an RSA nor an Ed25519 key")]
    Algorithm,
    /// An RSA key is shorter than receivers accept (RFC 8301).
    #[error("an RSA key must have at least 2048 bits")]
    Short,
    /// A selector is one label of a host name.
    #[error("a selector is made of letters, digits and hyphens, at most 63")]
    Selector,
    /// The system has no randomness for a new key.
    #[error("a key could not be made")]
    Unmade,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// A private key, and the name under which receivers find its public half.
pub struct DkimKey {
    domain: DomainName,
    selector: String,
    pair: Pair,
}

/// Shows where the public half is, and nothing of the key.
impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DkimKey").field(&self.record_name()).finish()
    }
}

impl DkimKey {
    /// Reads a private key in PEM.
    pub fn parse(domain: DomainName, selector: &str, pem: &str) -> Result<Self, DkimKeyError> {
        if !is_label(selector) {
            return Err(DkimKeyError::Selector);
        }
        let parsed = pem::parse(pem).map_err(|_why| DkimKeyError::NotPem)?;
        if parsed.tag() != PRIVATE_KEY {
            return Err(DkimKeyError::NotPem);
        }
        let pair = pair(parsed.contents())?;
        Ok(Self { domain, selector: selector.to_ascii_lowercase(), pair })
    }

    /// A new RSA key of 2048 bits, in PEM: longer ones do not fit into one answer of the domain name system.
    pub fn new_rsa() -> Result<String, DkimKeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_why| DkimKeyError::Unmade)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_why| DkimKeyError::Unmade)?;
        Ok(pem::encode(&pem::Pem::new(PRIVATE_KEY, der.as_ref())))
    }

    /// A new Ed25519 key, in PEM.
    pub fn new_ed25519() -> Result<String, DkimKeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_why| DkimKeyError::Unmade)?;
        Ok(pem::encode(&pem::Pem::new(PRIVATE_KEY, document.as_ref())))
    }

    /// The domain that signs.
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    /// The name of the key within its domain.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The algorithm, as a signature names it.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "rsa-sha256",
            Pair::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The order of keys: by domain, RSA before Ed25519.
    pub(super) fn rank(&self) -> (&str, bool, &str) {
        (self.domain(), matches!(self.pair, Pair::Ed25519(_)), self.selector())
    }

    /// The name of the TXT record that holds the public key.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain())
    }

    /// The content of that record (RFC 6376, section 3.6.1).
    pub fn record_content(&self) -> String {
        match &self.pair {
            Pair::Rsa(pair) => {
                let der: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
                format!("v=DKIM1; k=rsa; p={}", der.map(|der| base64(der.as_ref())).unwrap_or_default())
            }
            Pair::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", base64(pair.public_key().as_ref())),
        }
    }

    /// The record as a line of a zone file: strings of at most 255 characters.
    pub fn zone_line(&self) -> String {
        let content = self.record_content();
        let strings =
            content.as_bytes().chunks(TXT_STRING).map(|part| format!("\"{}\"", String::from_utf8_lossy(part)));
        format!("{}. IN TXT ( {} )", self.record_name(), strings.collect::<Vec<_>>().join(" "))
    }

    /// Signs canonicalized headers.
    pub(super) fn sign(&self, signed: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                // It fails only for a buffer of another length.
                let _signed = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature);
                signature
            }
            // RFC 8463, section 3: what Ed25519 signs is the digest.
            Pair::Ed25519(pair) => pair.sign(&sha256(signed)).as_ref().to_vec(),
        }
    }
}

fn pair(pkcs8: &[u8]) -> Result<Pair, DkimKeyError> {
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8) {
        return Ok(Pair::Ed25519(Box::new(pair)));
    }
    let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_why| DkimKeyError::Algorithm)?;
    if pair.public_modulus_len() < 256 { Err(DkimKeyError::Short) } else { Ok(Pair::Rsa(Box::new(pair))) }
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

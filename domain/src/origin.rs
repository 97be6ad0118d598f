//! Addresses on the web: the origins whose pages may call, and the links that are shown.

use crate::Flaw;
use crate::parsed::parsed;
use url::{Host, Url};

/// A web origin (RFC 6454): scheme, host and port, in the one spelling that browsers send.
///
/// Only `https`, except on the machine itself. No wildcard and no `null`: an origin is named or it is not allowed (A19).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Takes an origin in any spelling a person may use and keeps the browser's.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("origin_invalid", "must be an origin such as https://www.example.org, without a path");
        let url = parse_url(text).ok_or_else(flaw)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if is_bare && is_safe { Ok(Self(url.origin().ascii_serialization())) } else { Err(flaw()) }
    }

    /// The origin as a browser sends it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Origin);

/// A link that people may follow: absolute, `https`, without credentials, at most 2,048 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUrl(String);

impl WebUrl {
    /// Takes a link and keeps it in the normal form of the URL standard.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("url_invalid", "must be an https address of at most 2048 characters");
        let url = parse_url(text).filter(|url| url.scheme() == "https").ok_or_else(flaw)?;
        if url.as_str().len() > 2048 { Err(flaw()) } else { Ok(Self(url.into())) }
    }

    /// The link as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(WebUrl);

/// A page that a mailed link opens: like an [`Origin`], with a path and a query and without a fragment, which is where the link's token
/// goes, so that no server's log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage(String);

impl WebPage {
    /// Takes a page and keeps it in the normal form of the URL standard.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("page_invalid", "must be a page such as https://www.example.org/confirm, without a #");
        let url = parse_url(text).filter(|url| url.fragment().is_none()).ok_or_else(flaw)?;
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if is_safe && url.as_str().len() <= 500 { Ok(Self(url.into())) } else { Err(flaw()) }
    }

    /// The page as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(WebPage);

/// A URL with a real host and no user in it. Text that the URL parser would silently mend is refused.
fn parse_url(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > 2048 || text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '*')) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    (url.host().is_some() && !has_user).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        for (typed, kept) in [
            ("https://Example.ORG", "https://example.org"),
            ("https://example.org/", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("https://example.org:8443", "https://example.org:8443"),
            ("https://gweithredu.café.example", "https://gweithredu.xn--caf-dma.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(Origin::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn an_origin_is_exact_and_safe() {
        for bad in [
            "",
            "null",
            "*",
            "https://*.example.org",
            "http://example.org",
            "http://127.0.0.2",
            "http://localhost.example.org",
            "https://example.org/path",
            "https://example.org?x",
            "https://example.org#x",
            "https://user@example.org",
            "ftp://example.org",
            "file:///etc",
            "example.org",
            "https://exa mple.org",
            "https:\\\\example.org",
        ] {
            assert_eq!(Origin::parse(bad).unwrap_err().code(), "origin_invalid", "{bad:?}");
        }
    }

    #[test]
    fn a_link_is_https_without_credentials() {
        assert_eq!(WebUrl::parse("https://Example.org/a?b#c").unwrap().as_str(), "https://example.org/a?b#c");
        for bad in
            ["http://example.org", "javascript:alert(1)", "https://a:b@example.org", "/relative", "https://x\u{202e}\n"]
        {
            assert_eq!(WebUrl::parse(bad).unwrap_err().code(), "url_invalid", "{bad:?}");
        }
    }
}

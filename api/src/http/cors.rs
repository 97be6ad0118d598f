//! Which web pages may call: exact origins, per campaign (A19).

mod layer;

pub use layer::{Layer, LayerService, layer};

use crate::http::listener::Listener;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use arc_swap::ArcSwap;
use std::collections::{HashMap, HashSet};

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: usize = 600;

/// The headers that pages may send.
const REQUEST_HEADERS: [HeaderName; 5] =
    [header::ACCEPT, header::ACCEPT_LANGUAGE, header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH];

/// The headers that pages may read besides the usual ones.
const RESPONSE_HEADERS: [&str; 8] = [
    "location",
    "etag",
    "link",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
    "idempotency-replayed",
];

/// The origins that may call, replaced as a whole whenever the campaigns change.
#[derive(Debug)]
pub struct Origins {
    /// The origin of each listener's own pages.
    public: String,
    administration: String,
    table: ArcSwap<Table>,
}

#[derive(Debug, Default)]
struct Table {
    campaigns: HashMap<String, HashSet<String>>,
    any: HashSet<String>,
}

impl Origins {
    /// Only the server's own pages, until campaigns are known.
    pub fn new(public_url: &str, admin_url: &str) -> Self {
        Self { public: origin_of(public_url), administration: origin_of(admin_url), table: ArcSwap::default() }
    }

    /// Takes the campaigns' slugs and origins as they are now.
    pub fn replace(&self, campaigns: impl IntoIterator<Item = (String, Vec<String>)>) {
        let mut table = Table::default();
        for (slug, origins) in campaigns {
            table.any.extend(origins.iter().cloned());
            table.campaigns.insert(slug, origins.into_iter().collect());
        }
        self.table.store(table.into());
    }

    /// True if pages of `origin` may change something at `path`: at a campaign's own paths only those of its own origins, at other public
    /// paths those of any campaign, in administration none but its own.
    pub fn allow(&self, listener: Listener, path: &str, origin: &str) -> bool {
        match listener {
            Listener::Public => origin == self.public || self.table.load().allows(path, origin),
            Listener::Administration => origin == self.administration,
        }
    }

    /// True if a browser sent this request to change something from a page that may not. Reads carry nothing personal and no credentials,
    /// so every page may read them, and the refusal too.
    pub(crate) fn refuse(&self, listener: Listener, request: &RequestHead) -> bool {
        let Some(origin) = request.headers().get(header::ORIGIN) else { return false };
        let safe = matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let allowed = || origin.to_str().is_ok_and(|origin| self.allow(listener, request.uri.path(), origin));
        !safe && !is_same(origin, request) && !allowed()
    }
}

impl Table {
    fn allows(&self, path: &str, origin: &str) -> bool {
        let Some(rest) = path.strip_prefix("/v1/campaigns/") else { return self.any.contains(origin) };
        let slug = rest.split('/').next().unwrap_or_default();
        self.campaigns.get(slug).is_some_and(|origins| origins.contains(origin))
    }
}

fn origin_of(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// True if the page came from this very address. The server speaks plain HTTP, so a page over TLS came through a proxy, and its
/// origin is that of the listener's own address.
fn is_same(origin: &HeaderValue, request: &RequestHead) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_origin_of_the_campaign_is_allowed() {
        let origins = Origins::new("https://postbag.example.org/", "https://cms.example.org");
        origins.replace([
            ("fair-care".to_owned(), vec!["https://red.example".to_owned()]),
            ("clean-air".to_owned(), vec!["https://blue.example:8443".to_owned()]),
        ]);
        let fair = "/v1/campaigns/fair-care/actions";
        let allow = |path, origin| origins.allow(Listener::Public, path, origin);
        assert!(allow(fair, "https://red.example") && allow(fair, "https://postbag.example.org"));
        let strangers = [
            "null",
            "",
            "*",
            "http://red.example",
            "https://red.example:444",
            "https://red.example.evil",
            "https://evil-red.example",
            "https://RED.example",
            "https://red.example/",
            "https://blue.example:8443",
        ];
        for stranger in strangers {
            assert!(!allow(fair, stranger), "{stranger}");
        }
        assert!(allow("/v1/campaigns", "https://blue.example:8443"));
        assert!(!allow("/v1/campaigns/unknown", "https://red.example"));
    }

    #[test]
    fn administration_takes_changes_from_its_own_pages_alone() {
        let origins = Origins::new("https://postbag.example.org/", "https://cms.example.org/");
        origins.replace([("fair-care".to_owned(), vec!["https://red.example".to_owned()])]);
        let allow = |origin| origins.allow(Listener::Administration, "/v1/admin/stops", origin);
        assert!(allow("https://cms.example.org"));
        assert!(!allow("https://red.example") && !allow("https://postbag.example.org") && !allow("null"));
    }
}

//! Who is calling, by address (C29).

use crate::app::App;
use crate::http::network::ClientAddress;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};

impl ClientAddress {
    /// The client that sent this request.
    pub fn of(request: &HttpRequest) -> Self {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let trusted = &App::of(request).config.trusted_proxies;
        if trusted.is_empty() {
            warn_of_proxy(request);
            return Self::from(peer);
        }
        let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        Self::find(peer, &forwarded.collect::<Vec<_>>(), trusted)
    }
}

/// Logs once that requests come through an undeclared proxy: all its clients share one quota.
fn warn_of_proxy(request: &HttpRequest) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    let is_forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    if is_forwarded && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "requests come through a proxy that trusted_proxies does not name: all its clients count as one, and pages under \
             the public address may be refused. Set trusted_proxies to the proxy's address"
        );
    }
}

impl FromRequest for ClientAddress {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

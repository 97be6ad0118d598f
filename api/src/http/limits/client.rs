//! For whom a call counts: the client that sent it, or the one that a server names.

use super::charge::Subject;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::network::ClientAddress;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::secrets::ClientHash;
use actix_web::HttpRequest;
use postbag_domain::LiveCampaign;
use std::net::IpAddr;
use uuid::Uuid;

/// Names the client for which a server calls.
const NAME: &str = "client-address";

/// The client of a call.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: ClientAddress,
    /// Its keyed hash of today.
    pub(crate) hash: ClientHash,
    /// The server that named it.
    pub(crate) credential: Option<ClientHash>,
}

impl Client {
    /// The client that sent a call, or that a server names with a token that may.
    pub(crate) fn of(request: &HttpRequest) -> Answer<Self> {
        let app = App::of(request);
        let (address, credential) = match named(request)? {
            Some((address, credential)) => (address, Some(credential)),
            None => (ClientAddress::of(request), None),
        };
        Ok(Self { address, hash: app.limits.keys.hash(address.bucket(), app.clock.now().date_naive()), credential })
    }

    /// What is counted of it, within an organisation, a campaign or, for nil, everywhere.
    pub(super) const fn subject(&self, scope: Uuid) -> Subject {
        Subject::of(scope, self.hash)
    }

    /// True for callers on the operator's own network: a proxy that is missing from the settings, or a server that asks for many people.
    pub(super) fn is_on_own_network(&self) -> bool {
        self.credential.is_none() && is_private(self.address.ip())
    }
}

/// The client that a server names in `Client-Address`, in calls of a campaign: elsewhere nothing says for whom a server may speak. Who may not
/// is refused, so that no mistake goes unnoticed.
fn named(request: &HttpRequest) -> Answer<Option<(ClientAddress, ClientHash)>> {
    let Some(value) = request.headers().get(NAME) else { return Ok(None) };
    let Some(slug) = request.match_info().get("slug") else { return Ok(None) };
    let caller = Caller::<scope::ActionsForward>::of(request)?;
    let app = App::of(request);
    require_part(&caller, &app.campaign(slug)?.live)?;
    let address = value.to_str().ok().and_then(|text| text.trim().parse::<IpAddr>().ok());
    let address = address.ok_or_else(|| Problem::new(ProblemType::ClientAddressInvalid))?;
    Ok(Some((ClientAddress::from(address), credential(app, &caller))))
}

/// What is counted of the system that a token speaks for.
pub(crate) fn credential<S>(app: &App, caller: &Caller<S>) -> ClientHash {
    app.limits.keys.credential(caller.tenant().unwrap_or("*"), caller.subject())
}

/// Goes on only for a server of an organisation that has a part in the campaign.
fn require_part<S>(caller: &Caller<S>, live: &LiveCampaign) -> Answer<()> {
    let has_part = live.organisations().any(|organisation| caller.reach(organisation.content.slug.as_str()).is_ok());
    if has_part { Ok(()) } else { Err(Problem::not_found()) }
}

/// True for addresses of private networks.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_the_operators_own() {
        for own in ["127.0.0.1", "172.17.0.1", "10.1.2.3", "::1", "fd00::1", "::ffff:192.168.1.1"] {
            assert!(is_private(own.parse().unwrap()), "{own}");
        }
        for other in ["192.0.2.1", "2001:db8::1", "172.32.0.1"] {
            assert!(!is_private(other.parse().unwrap()), "{other}");
        }
    }
}

//! How often people may submit, as an organisation or a campaign sets it (A4, C29).

use crate::text::{self, Limit};
use crate::{FieldErrors, Findings, Flaw, Network};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::num::NonZeroU32;

/// The highest rate that can be set.
const HIGHEST: u32 = 1_000_000;

/// How many networks can be named.
const NETWORKS: usize = 100;

/// How often something may be done: in a minute, in an hour, or both. What is absent is without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// The burst.
    pub a_minute: Option<NonZeroU32>,
    /// What may go on.
    pub an_hour: Option<NonZeroU32>,
}

/// A rate before it is checked; also its stored form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Rate")]
pub struct RateFields {
    pub a_minute: Option<u32>,
    pub an_hour: Option<u32>,
}

/// The limits of submissions before they are checked; also their stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: SubmissionLimits")]
pub struct SubmissionLimitsFields {
    pub each_client: Option<RateFields>,
    pub together: Option<RateFields>,
    pub networks: Vec<KnownNetworkFields>,
}

/// A network before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: KnownNetwork")]
pub struct KnownNetworkFields {
    pub name: String,
    pub network: String,
    pub rate: RateFields,
}

/// The limits of submissions that an organisation or a campaign sets. Read-only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubmissionLimits {
    each_client: Option<Rate>,
    together: Option<Rate>,
    networks: Vec<KnownNetwork>,
}

/// A network behind which many people share an address, such as a hospital's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownNetwork {
    /// Whose it is, for other administrators.
    pub name: String,
    /// Its addresses.
    pub network: Network,
    /// The rate of all of them together, in place of that of each client.
    pub rate: Rate,
}

impl Rate {
    /// Rates of one to 1,000,000. Pointers are `/a_minute` and `/an_hour`.
    pub fn new(fields: RateFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let mut amount = |pointer: &str, amount: Option<u32>| {
            let parsed = amount.map(|amount| NonZeroU32::new(amount).filter(|amount| amount.get() <= HIGHEST));
            if parsed == Some(None) {
                let flaw = Flaw::new(
                    "out_of_range",
                    format!("must be a number from 1 to {HIGHEST}; leave it out for no limit"),
                );
                findings.note(pointer, flaw);
            }
            parsed.flatten()
        };
        let rate = Self { a_minute: amount("/a_minute", fields.a_minute), an_hour: amount("/an_hour", fields.an_hour) };
        findings.finish(Some(rate))
    }
}

impl SubmissionLimits {
    /// Limits whose parts are well-formed. Pointers are `/each_client`, `/together` and `/networks/…`.
    pub fn new(fields: &SubmissionLimitsFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let each_client = check_rate(&mut findings, "/each_client", fields.each_client);
        let together = check_rate(&mut findings, "/together", fields.together);
        let networks = check_networks(&mut findings, &fields.networks);
        let whole = each_client.zip(together).zip(networks);
        findings.finish(whole.map(|((each_client, together), networks)| Self { each_client, together, networks }))
    }

    /// The rate of each client; the next wider limits say it when absent.
    pub const fn each_client(&self) -> Option<Rate> {
        self.each_client
    }

    /// The rate of all clients together; no limit of its own when absent.
    pub const fn together(&self) -> Option<Rate> {
        self.together
    }

    /// The first network that holds an address.
    pub fn network_of(&self, address: IpAddr) -> Option<&KnownNetwork> {
        self.networks.iter().find(|known| known.network.contains(address))
    }
}

#[expect(clippy::option_option, reason = "absent and flawed are different answers")]
fn check_rate(findings: &mut Findings, pointer: &str, fields: Option<RateFields>) -> Option<Option<Rate>> {
    let Some(fields) = fields else { return Some(None) };
    findings.absorb(Rate::new(fields).map_err(|errors| errors.under(pointer))).map(Some)
}

fn check_networks(findings: &mut Findings, networks: &[KnownNetworkFields]) -> Option<Vec<KnownNetwork>> {
    if networks.len() > NETWORKS {
        findings.note("/networks", Flaw::new("too_many", format!("must be at most {NETWORKS} networks")));
        return None;
    }
    let checked: Vec<_> =
        networks.iter().enumerate().map(|(index, fields)| check_network(findings, index, fields)).collect();
    checked.into_iter().collect()
}

fn check_network(findings: &mut Findings, index: usize, fields: &KnownNetworkFields) -> Option<KnownNetwork> {
    let at = |field: &str| format!("/networks/{index}/{field}");
    let name = findings.check(at("name"), text::line(&fields.name, Limit::of(100)));
    let network = findings.check(at("network"), fields.network.parse().and_then(narrow));
    let rate = findings.absorb(Rate::new(fields.rate).map_err(|errors| errors.under(&at("rate"))));
    Some(KnownNetwork { name: name?, network: network?, rate: rate? })
}

/// A network that is too wide would switch the limits off for whole countries.
fn narrow(network: Network) -> Result<Network, Flaw> {
    let least = if network.base().is_ipv4() { 16 } else { 32 };
    let flaw = || Flaw::new("network_too_wide", "must be at least as narrow as /16, or /32 for IPv6");
    if network.bits() >= least { Ok(network) } else { Err(flaw()) }
}

impl From<Rate> for RateFields {
    fn from(rate: Rate) -> Self {
        Self { a_minute: rate.a_minute.map(NonZeroU32::get), an_hour: rate.an_hour.map(NonZeroU32::get) }
    }
}

impl From<SubmissionLimits> for SubmissionLimitsFields {
    fn from(limits: SubmissionLimits) -> Self {
        Self {
            each_client: limits.each_client.map(Into::into),
            together: limits.together.map(Into::into),
            networks: limits.networks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<KnownNetwork> for KnownNetworkFields {
    fn from(known: KnownNetwork) -> Self {
        Self { name: known.name, network: known.network.to_string(), rate: known.rate.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(network: &str) -> KnownNetworkFields {
        let rate = RateFields { a_minute: Some(100), an_hour: None };
        KnownNetworkFields { name: "City Hospital".to_owned(), network: network.to_owned(), rate }
    }

    #[test]
    fn limits_come_back_through_the_same_door() {
        let fields = SubmissionLimitsFields {
            each_client: Some(RateFields { a_minute: Some(3), an_hour: Some(20) }),
            together: None,
            networks: vec![network("203.0.113.0/24")],
        };
        let limits = SubmissionLimits::new(&fields).unwrap();
        assert_eq!(limits.network_of("203.0.113.7".parse().unwrap()).unwrap().name, "City Hospital");
        assert!(limits.network_of("203.0.114.7".parse().unwrap()).is_none());
        assert_eq!(SubmissionLimitsFields::from(limits), fields);
    }

    #[test]
    fn every_flaw_has_its_place() {
        let fields = SubmissionLimitsFields {
            each_client: Some(RateFields { a_minute: Some(0), an_hour: Some(1_000_001) }),
            together: None,
            networks: vec![network("10.0.0.0/8"), network("x")],
        };
        let errors = SubmissionLimits::new(&fields).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        let expected = ["/each_client/a_minute", "/each_client/an_hour", "/networks/0/network", "/networks/1/network"];
        assert_eq!(pointers, expected);
    }
}

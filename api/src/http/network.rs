//! The addresses of clients: what rates are counted on (C29).

use postbag_domain::Network;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address of the client: of the connection, or what trusted proxies say.
///
/// It is personal data, so it is never logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(redacted)")
    }
}

impl ClientAddress {
    /// The address itself.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What counts as one client: an IPv4 address, or an IPv6 /64, since one host has all of that.
    pub fn bucket(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
            v4 @ IpAddr::V4(_) => v4,
        }
    }

    /// Walks `X-Forwarded-For` from the right, as long as each hop is a trusted proxy.
    pub(crate) fn find(peer: IpAddr, forwarded: &[&str], trusted: &[Network]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let mut address = peer.to_canonical();
        for hop in forwarded.iter().rev().flat_map(|value| value.rsplit(',')) {
            match parse_hop(hop.trim()) {
                Some(next) if is_trusted(address) => address = next.to_canonical(),
                _ => break,
            }
        }
        Self(address)
    }
}

/// Reads one entry of `X-Forwarded-For`: an address, which some proxies write with a port or in brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        ClientAddress::find(peer.parse().unwrap(), forwarded, &trusted).ip().to_string()
    }

    #[test]
    fn a_forged_header_changes_nothing() {
        assert_eq!(find("203.0.113.9", &["1.2.3.4"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["1.2.3.4, 203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["1.2.3.4", "203.0.113.9, 10.0.0.2"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn a_port_beside_an_address_is_ignored() {
        assert_eq!(find("10.0.0.1", &["203.0.113.9:443"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["[2001:db8::1]:443"], &["10.0.0.0/8"]), "2001:db8::1");
        assert_eq!(find("10.0.0.1", &["[2001:db8::1]"], &["10.0.0.0/8"]), "2001:db8::1");
        assert_eq!(find("10.0.0.1", &["203.0.113.9:port"], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn a_host_hopping_in_its_own_64_is_one_client() {
        let bucket = |text: &str| ClientAddress(text.parse().unwrap()).bucket();
        assert_eq!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:2:ffff::9"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_eq!(bucket("::ffff:192.0.2.1"), bucket("192.0.2.1"));
    }
}

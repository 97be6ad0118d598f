//! Keyed hashes of clients, networks and credentials, so that an address is never kept (C29, C31).

use super::seal::Seal;
use crate::config::Config;
use arc_swap::ArcSwap;
use chrono::NaiveDate;
use postbag_domain::Network;
use std::net::IpAddr;
use std::sync::Arc;

/// The keyed hash of a client of one day, or of a credential: what counts are kept under.
pub(crate) type Hash = [u8; 16];

/// Hashes clients under a key of the day, and what names no person under keys that stay.
///
/// The hashes of two days cannot be compared. The server's secret makes the key of any day again.
#[derive(Debug)]
pub(crate) struct ClientKeys {
    secrets: Vec<Vec<u8>>,
    credentials: Seal,
    networks: Seal,
    today: ArcSwap<(NaiveDate, Seal)>,
}

impl ClientKeys {
    pub(crate) fn of(config: &Config) -> Self {
        let secrets: Vec<Vec<u8>> = config.secrets().take(1).map(<[u8]>::to_vec).collect();
        let today = ArcSwap::from_pointee((NaiveDate::MIN, seal_of(&secrets, NaiveDate::MIN)));
        let [credentials, networks] = ["credential", "network"].map(|what| Seal::new(config.secrets(), what));
        Self { secrets, credentials, networks, today }
    }

    /// The hash of a client's address, or of the /64 that it stands for, on a day.
    pub(crate) fn hash(&self, bucket: IpAddr, day: NaiveDate) -> Hash {
        let current = self.today.load();
        if current.0 == day {
            return first_bytes(&current.1.tag(&bucket.to_string()));
        }
        let seal = seal_of(&self.secrets, day);
        let hash = first_bytes(&seal.tag(&bucket.to_string()));
        if current.0 < day {
            self.today.store(Arc::new((day, seal)));
        }
        hash
    }

    /// The hash of the subject of a token and its organisation.
    pub(crate) fn credential(&self, organisation: &str, subject: &str) -> Hash {
        first_bytes(&self.credentials.tag(&format!("{organisation} {subject}")))
    }

    /// The hash of a whole network.
    pub(crate) fn network(&self, network: Network) -> Hash {
        first_bytes(&self.networks.tag(&network.to_string()))
    }
}

fn seal_of(secrets: &[Vec<u8>], day: NaiveDate) -> Seal {
    Seal::new(secrets.iter().map(Vec::as_slice), &format!("client {day}"))
}

fn first_bytes(tag: &[u8]) -> Hash {
    tag.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_another_hash_each_day_and_the_same_again_for_the_same_day() {
        let config = Config { secret: Some("0123456789abcdef0123456789abcdef".into()), ..Config::default() };
        let keys = ClientKeys::of(&config);
        let [monday, tuesday] = [30, 31].map(|day| NaiveDate::from_ymd_opt(2026, 8, day).unwrap());
        let client: IpAddr = "203.0.113.9".parse().unwrap();
        let first = keys.hash(client, monday);
        assert_ne!(first, keys.hash(client, tuesday));
        assert_eq!(first, keys.hash(client, monday));
        assert_eq!(first, ClientKeys::of(&config).hash(client, monday), "on every server");
        assert_ne!(first, keys.hash("203.0.113.10".parse().unwrap(), monday));
    }
}

//! Limits on connections: how many one client may hold, and how long an answer may wait to be read (C18).
//!
//! Without them, clients that ask and never read hold the answers in memory for ever.

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use postbag_domain::Network;
use socket2::SockRef;
use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a written answer may wait for the client to read it, before the connection is cut.
const WRITE_DEADLINE: Duration = Duration::from_secs(20);

/// The connections that are open, by client.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    /// Proxies carry many clients each, so they are not counted.
    proxies: Vec<Network>,
}

/// One connection, counted until it closes.
struct Counted {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    client: IpAddr,
}

/// A client that holds as many connections as it may.
#[derive(Clone, Copy, Debug)]
struct TooMany;

impl Connections {
    /// At most so many for each client, without limit if zero.
    pub(crate) fn new(most: usize, proxies: &[Network]) -> Self {
        Self { open: Arc::default(), most, proxies: proxies.to_vec() }
    }

    /// Counts a connection that was accepted, or closes it at once.
    pub(crate) fn accept(&self, stream: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<TcpStream>() else { return };
        let socket = SockRef::from(stream);
        // On Linux this also ends a connection whose other end leaves its window closed.
        #[cfg(target_os = "linux")]
        let _best_effort = socket.set_tcp_user_timeout(Some(WRITE_DEADLINE));
        let Ok(peer) = stream.peer_addr() else { return };
        match self.count(peer.ip().to_canonical()) {
            Ok(counted) => drop(counted.map(|counted| extensions.insert(counted))),
            Err(TooMany) => drop(socket.shutdown(Shutdown::Both)),
        }
    }

    /// Nothing for a client that is not counted.
    fn count(&self, client: IpAddr) -> Result<Option<Counted>, TooMany> {
        if self.most == 0 || self.proxies.iter().any(|proxy| proxy.contains(client)) {
            return Ok(None);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if *count >= self.most {
            return Err(TooMany);
        }
        *count += 1;
        Ok(Some(Counted { open: Arc::clone(&self.open), client }))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_client_holds_so_many_connections_and_no_more() {
        let connections = Connections::new(2, &["10.0.0.0/8".parse().unwrap()]);
        let held = [connections.count(address("192.0.2.1")), connections.count(address("192.0.2.1"))];
        assert!(held.iter().all(Result::is_ok));
        assert!(connections.count(address("192.0.2.1")).is_err());
        assert!(connections.count(address("192.0.2.2")).is_ok());
        assert!((0..5).all(|_| connections.count(address("10.0.0.1")).is_ok()), "a proxy");
        drop(held);
        assert!(connections.count(address("192.0.2.1")).is_ok());
        assert!(connections.open.lock().unwrap().is_empty(), "what is closed is forgotten");
    }
}

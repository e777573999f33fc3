//! The addresses of hosts, each looked up until it is found, and looked at before it is connected to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::lookup_host;
use tokio::sync::OnceCell;

use super::destination::Destination;
use super::fault::Fault;
use crate::audit::probe::refused_address;

/// A host is given up where requests in a row, without an answer between them, come to so much.
const PATIENCE: u32 = 20;

/// The addresses of hosts.
#[derive(Debug)]
pub(super) struct Hosts {
    allow_loopback: bool,
    known: Mutex<HashMap<(String, u16), Arc<Known>>>,
}

/// What is known of a host.
#[derive(Debug, Default)]
pub(super) struct Known {
    addresses: OnceCell<Vec<SocketAddr>>,
    patience_used: Mutex<u32>,
}

impl Hosts {
    pub(super) fn new(allow_loopback: bool) -> Self {
        Hosts {
            allow_loopback,
            known: Mutex::default(),
        }
    }

    pub(super) fn of(&self, to: &Destination) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (to.host.clone(), to.port);
        Arc::clone(known.entry(key).or_default())
    }

    /// The addresses of a host that may be connected to: those that are returned, and not those that its name leads to a
    /// moment later.
    ///
    /// # Errors
    /// Where it has none; also where one of several is refused, as whoever answers for the name is not to be trusted.
    pub(super) async fn addresses(
        &self,
        to: &Destination,
        known: &Known,
    ) -> Result<Vec<SocketAddr>, Fault> {
        // A name that has none may have some a moment later: only what was found is kept.
        let looked_up = known.addresses.get_or_try_init(|| self.look_up(to));
        looked_up.await.cloned()
    }

    async fn look_up(&self, to: &Destination) -> Result<Vec<SocketAddr>, Fault> {
        let host = &to.host;
        let found = lookup_host((host.as_str(), to.port)).await;
        let found: Vec<SocketAddr> = found
            .map_err(|error| Fault::because(&format!("{host} has no address"), &error))?
            .collect();
        for address in &found {
            let ip = address.ip().to_canonical();
            if let Some(what) = refused_address(ip, self.allow_loopback) {
                return Err(Fault::unreachable(format!(
                    "{host} leads to {ip}, {what}, which is not asked"
                )));
            }
            if to.in_clear && !ip.is_loopback() {
                return Err(Fault::unreachable(format!(
                    "{host} leads to {ip}: without TLS only this host itself is asked"
                )));
            }
        }
        if found.is_empty() {
            return Err(Fault::unreachable(format!("{host} has no address")));
        }
        Ok(found)
    }
}

impl Known {
    /// Whether the host was given up, as too many requests in a row had no answer.
    pub(super) fn is_given_up(&self) -> bool {
        *self.count() >= PATIENCE
    }

    /// Takes note that the host answered.
    pub(super) fn answered(&self) {
        *self.count() = 0;
    }

    /// Takes note that a request had no answer, and how much of the patience that takes.
    pub(super) fn left_unanswered(&self, takes: u32) {
        let mut count = self.count();
        *count = count.saturating_add(takes);
    }

    fn count(&self) -> std::sync::MutexGuard<'_, u32> {
        self.patience_used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

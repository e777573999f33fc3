//! Sends planned requests.

use std::time::Duration;

use hyper::{Request, header};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::connection::{Connection, tls};
use super::destination::{Instead, Target};
use super::exchange::{Answered, ask};
use super::fault::Fault;
use super::hosts::{Hosts, Known};
use super::signature::Signer;
use crate::audit::probe::{Answer, Outcome, Planned};
use crate::inventory::ApiKind;

/// Who is asking.
const USER_AGENT: &str = concat!("gatewatch/", env!("CARGO_PKG_VERSION"), " probe");

/// The key of a handshake, sixteen bytes in base64. It proves nothing, and the connection is closed at once.
const WEBSOCKET_KEY: &str = "Z2F0ZXdhdGNoLXByb2JlIQ==";

/// Sends planned requests, each within a time limit.
pub struct Sender {
    limit: Duration,
    hosts: Hosts,
    instead: Option<Instead>,
    signer: Option<Signer>,
    tls: Result<TlsConnector, String>,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sender = f.debug_struct("Sender");
        sender.field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Sender {
    /// Sends each request and reads its answer within `limit`. Hosts on loopback addresses are asked only where that is
    /// allowed. `instead`: a host that gets every request in place of the URL's own. `signer`: who signs those that are to
    /// be signed.
    pub fn new(
        limit: Duration,
        allow_loopback: bool,
        instead: Option<Instead>,
        signer: Option<Signer>,
    ) -> Self {
        Sender {
            limit,
            hosts: Hosts::new(allow_loopback),
            instead,
            signer,
            tls: tls(),
        }
    }

    /// Whether the host of a request left so many without an answer that it is not asked any more.
    pub fn is_given_up(&self, planned: &Planned) -> bool {
        let target = Target::of(&planned.url, self.instead.as_ref());
        target.is_ok_and(|it| self.hosts.of(&it.to).is_given_up())
    }

    /// Sends a request.
    pub async fn ask(&self, planned: &Planned) -> Outcome {
        let target = match Target::of(&planned.url, self.instead.as_ref()) {
            Ok(target) => target,
            Err(fault) => return fault.into(),
        };
        let known = self.hosts.of(&target.to);
        if known.is_given_up() {
            let host = &target.to.host;
            let message = format!("{host} left several requests in a row without an answer");
            return Fault::unreachable(message).into();
        }
        let end = Instant::now() + self.limit;
        match self.answered(planned, &target, &known, end).await {
            Ok(mut answered) => {
                known.answered();
                // Nearly all that matters is in the head: a body without an end is cut.
                let _ = timeout_at(end, answered.read_body()).await;
                Outcome::Answered(Answer::from(answered.heard()))
            }
            Err(fault) => {
                known.left_unanswered(fault.takes);
                fault.into()
            }
        }
    }

    async fn answered(
        &self,
        planned: &Planned,
        target: &Target,
        known: &Known,
        end: Instant,
    ) -> Result<Answered, Fault> {
        let request = self.request(planned, target)?;
        let connection = timeout_at(end, self.connection(target, known)).await;
        let connection = connection.map_err(|_| Fault::no_connection())??;
        let answered = timeout_at(end, ask(connection, request)).await;
        answered.map_err(|_| Fault::no_answer())?
    }

    async fn connection(&self, target: &Target, known: &Known) -> Result<Connection, Fault> {
        let addresses = self.hosts.addresses(&target.to, known).await?;
        Connection::to(&target.to, &addresses, &self.tls).await
    }

    fn request(&self, planned: &Planned, target: &Target) -> Result<Request<String>, Fault> {
        let mut request = Request::builder()
            .method(planned.verb.as_str())
            .uri(target.path.as_str())
            .header(header::HOST, target.host.as_str())
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT, "*/*");
        request = match planned.kind {
            ApiKind::WebSocket => request
                .header(header::CONNECTION, "Upgrade")
                .header(header::UPGRADE, "websocket")
                .header(header::SEC_WEBSOCKET_VERSION, "13")
                .header(header::SEC_WEBSOCKET_KEY, WEBSOCKET_KEY),
            ApiKind::Rest | ApiKind::Http => request.header(header::CONNECTION, "close"),
        };
        let unsound = |error: &dyn std::fmt::Display| {
            Fault::malformed(format!("the request cannot be made: {error}"))
        };
        let mut request = request
            .body(String::new())
            .map_err(|error| unsound(&error))?;
        if planned.signed {
            let signer = self.signer.as_ref();
            let signer = signer.ok_or_else(|| unsound(&"nobody signs"))?;
            let url = format!("https://{}{}", target.host, target.path);
            let signed = signer.sign(&mut request, &url, &planned.method.region);
            signed.map_err(|error| unsound(&error))?;
        }
        Ok(request)
    }
}

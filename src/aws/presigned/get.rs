//! One request to S3, and what comes back.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;

use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::address::Address;
use crate::aws::client::in_full;
use crate::aws::probe::connection::{Connection, tls};

/// The most that is read, in bytes: two templates of 1 MB each, written as JSON texts, and the changes of a change set.
pub const MOST: usize = 16 * 1024 * 1024;

/// The most bytes of a status line with its headers.
const MOST_OF_A_HEAD: usize = 64 * 1024;

/// Who is asking.
const USER_AGENT: &str = concat!("gatewatch/", env!("CARGO_PKG_VERSION"), " hook");

/// Why a URL leads to nothing that can be used. No word of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFetched {
    /// The URL is not one that is asked.
    #[error("the event's URL {0}, and is not asked")]
    Refused(String),
    /// S3 could not be reached, or broke off.
    #[error("the templates of the event could not be fetched: {0}")]
    Unreachable(String),
    /// S3 answered with something else.
    #[error(
        "the templates of the event could not be fetched: {host} answered with status {status}"
    )]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// There is more than is read.
    #[error("what the event's URL leads to has more than {MOST} bytes")]
    Large,
}

/// Fetches what pre-signed URLs of S3 lead to.
pub struct Fetcher {
    region: String,
    endpoint: Option<String>,
    tls: Result<TlsConnector, String>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fetcher = f.debug_struct("Fetcher");
        fetcher
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The driver of a connection, which ends with its value.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Fetcher {
    /// For URLs of S3 in the partition of a Region. `endpoint`: what the environment names in place of S3, such as an emulator
    /// on this host.
    pub fn new(region: &str, endpoint: Option<String>) -> Self {
        Fetcher {
            region: region.to_owned(),
            endpoint,
            tls: tls(),
        }
    }

    /// What a URL leads to.
    ///
    /// # Errors
    /// Where it is no URL of S3, S3 does not answer with what is there, or that is too large.
    pub async fn get(&self, url: &str) -> Result<Vec<u8>, NotFetched> {
        let address = Address::of(url, &self.region, self.endpoint.as_deref());
        let address = address.map_err(NotFetched::Refused)?;
        let addresses = addresses(&address).await?;
        let connection = Connection::to(&address.to, &addresses, &self.tls).await;
        let connection = connection.map_err(|it| NotFetched::Unreachable(it.message()))?;
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MOST_OF_A_HEAD);
        let handshake = builder.handshake(TokioIo::new(connection)).await;
        let (mut sender, driver) = handshake.map_err(|error| broken(&error))?;
        let _driver = Driver(tokio::spawn(async move {
            // What breaks here breaks the request as well, which says so.
            let _ = driver.await;
        }));
        let request = request(&address)?;
        let response = sender.send_request(request).await;
        let response = response.map_err(|error| broken(&error))?;
        sound(&address, &response)?;
        whole(response.into_body()).await
    }
}

/// The addresses of the host. Without TLS, none but this host's own.
async fn addresses(address: &Address) -> Result<Vec<SocketAddr>, NotFetched> {
    let host = &address.to.host;
    let unreachable = |why: String| NotFetched::Unreachable(format!("{host} {why}"));
    let found = lookup_host((host.as_str(), address.to.port)).await;
    let found = found.map_err(|error| unreachable(format!("has no address: {error}")))?;
    let found: Vec<SocketAddr> = found.collect();
    let is_own = |it: &SocketAddr| it.ip().to_canonical().is_loopback();
    if address.to.in_clear && !found.iter().all(is_own) {
        return Err(unreachable(
            "is asked without TLS on this host alone".to_owned(),
        ));
    }
    Ok(found)
}

fn request(address: &Address) -> Result<Request<String>, NotFetched> {
    let request = Request::get(address.path.as_str())
        .header(header::HOST, address.authority.as_str())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .body(String::new());
    request.map_err(|_| NotFetched::Refused("makes no request".to_owned()))
}

/// Whether an answer is what is there, in full and as it is.
fn sound(address: &Address, response: &Response<Incoming>) -> Result<(), NotFetched> {
    if response.status() != StatusCode::OK {
        return Err(NotFetched::Status {
            host: address.to.host.clone(),
            status: response.status().as_u16(),
        });
    }
    let headers = response.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        let why = "it came compressed, which nobody asked for";
        return Err(NotFetched::Unreachable(why.to_owned()));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    match length {
        Some(length) if length > MOST => Err(NotFetched::Large),
        _ => Ok(()),
    }
}

/// A body, to its end.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, NotFetched> {
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| broken(&error))?;
        let data = frame.into_data().unwrap_or_default();
        if whole.len() + data.len() > MOST {
            return Err(NotFetched::Large);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

fn broken(error: &hyper::Error) -> NotFetched {
    NotFetched::Unreachable(format!("the connection broke: {}", in_full(error)))
}

//! One connection, encrypted unless it stays on this host.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::destination::Destination;
use super::fault::Fault;

/// A connection.
pub(in crate::aws) enum Connection {
    Clear(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// TLS as the SDK uses it: rustls on ring, with the certificates of the system. HTTP/1.1 is all that is offered.
///
/// # Errors
/// Where the system has no certificates to trust.
pub(in crate::aws) fn tls() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err("the system has no certificates of authorities to trust".to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Connection {
    /// Connects to the first of these addresses that takes the connection.
    pub(in crate::aws) async fn to(
        to: &Destination,
        addresses: &[SocketAddr],
        tls: &Result<TlsConnector, String>,
    ) -> Result<Self, Fault> {
        let host = &to.host;
        let stream = TcpStream::connect(addresses).await;
        let stream = stream
            .map_err(|error| Fault::because(&format!("{host} takes no connection"), &error))?;
        // A request is one small write.
        let _ = stream.set_nodelay(true);
        if to.in_clear {
            return Ok(Connection::Clear(stream));
        }
        let tls = tls
            .as_ref()
            .map_err(|why| Fault::unreachable(why.clone()))?;
        let name = ServerName::try_from(host.clone());
        let name = name.map_err(|error| Fault::because(&format!("{host} is no name"), &error))?;
        let stream = tls.connect(name, stream).await;
        let stream = stream
            .map_err(|error| Fault::because(&format!("{host} makes no TLS connection"), &error))?;
        Ok(Connection::Encrypted(Box::new(stream)))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Connection::Clear(stream) => Pin::new(stream).poll_read(context, buffer),
            Connection::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Connection::Clear(stream) => Pin::new(stream).poll_write(context, bytes),
            Connection::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Connection::Clear(stream) => Pin::new(stream).poll_flush(context),
            Connection::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Connection::Clear(stream) => Pin::new(stream).poll_shutdown(context),
            Connection::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

//! Asking deployed URLs: one connection a request, to an address that was looked at before.
//!
//! - In: a planned request.
//! - Out: what came back, as far as it is kept.
//! - Not known here: what an answer means.
//!
//! Redirects are not followed, no proxy is used, nothing is decompressed, and of a body no more than
//! [`MOST_OF_A_BODY`](crate::audit::probe::MOST_OF_A_BODY) is read. Connections are HTTP/1.1: a WebSocket API opens its own
//! by it, and an answer has an end that its time limit knows.

pub(in crate::aws) mod connection;
pub(in crate::aws) mod destination;
mod exchange;
pub(in crate::aws) mod fault;
mod hosts;
mod sender;
mod signature;

pub use destination::{Instead, InsteadError};
pub use sender::Sender;
pub use signature::{NoCredentials, Signer};

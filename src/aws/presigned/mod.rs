//! What a pre-signed URL of S3 leads to.
//!
//! - In: a URL from an event.
//! - Out: what is there, as it came.
//! - Not known here: what it means.
//!
//! The URL comes from outside, and whoever has it can read what it leads to. So only hosts of S3 are asked, over TLS; no
//! redirect is followed, no proxy used and nothing decompressed; no more is read than [`MOST`]; and no message names more of
//! the URL than its host.

mod address;
mod get;

pub use get::{Fetcher, MOST, NotFetched};

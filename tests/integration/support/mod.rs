//! What the tests share.

pub(crate) mod blessed;
pub(crate) mod command;
pub(crate) mod probe;
pub(crate) mod testbed;
pub(crate) mod yaml;

use std::path::PathBuf;

/// A path below the package.
pub(crate) fn package(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

//! Which gatewatch this is.

use crate::render::Check;

/// The version of this gatewatch.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn check() -> Check {
    Check::ok("version", format!("gatewatch {VERSION}"))
}

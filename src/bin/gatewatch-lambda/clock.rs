//! The clock.

use jiff::Timestamp;

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

//! The environment.

/// A variable of the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the environment and passes it in"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

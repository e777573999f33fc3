//! What could not be read of a stack.

use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::render::Check;

/// A step whose question was not answered. `expected`: what the answer to the command, which asks the same, should be.
pub(super) fn unread(
    name: &'static str,
    failure: &Failure,
    expected: &str,
    look: &[&str],
) -> Check {
    let message = format!("it could not be told: {failure}");
    Check::unknown(name, message)
        .advise(expected)
        .by(command(look))
}

//! Whether a condition holds.

use super::context::Context;
use super::language::{Condition, Version};
use super::truth::Truth;

/// Whether a condition of a policy holds for a request of which this is known.
pub fn holds(condition: &Condition, version: Version, context: &Context) -> Truth {
    let _ = (condition, version, context);
    Truth::Unknown
}

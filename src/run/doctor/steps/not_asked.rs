//! Steps that nobody could take.

use crate::render::Check;

/// What a step says that was not asked, because nobody knows whose account it is.
pub(super) fn not_asked(name: &'static str) -> Check {
    Check::unknown(
        name,
        "it was not asked: without an identity, no call is answered",
    )
    .advise("mend the step identity, and call `gatewatch doctor` again")
}

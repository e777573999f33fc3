//! What an answer says.

use crate::audit::operation::Operation;

/// What becomes of the operation that a hook asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStatus {
    /// It goes on.
    Success,
    /// It is refused for what it would bring. A hook that only warns lets it go on.
    NonCompliant,
    /// It is refused as it could not be judged. The same holds.
    InternalFailure,
}

/// What was found out about an operation.
#[derive(Debug, Clone, Copy)]
pub enum HookResult<'r> {
    /// It makes nothing that anyone could call.
    Nothing,
    /// It was judged.
    Judged(&'r Operation),
    /// It was not, and why.
    NotJudged(&'r str),
}

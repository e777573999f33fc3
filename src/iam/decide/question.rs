//! What is asked: who, of which policies, and what is known of the request.

use crate::iam::condition::context::Context;
use crate::iam::decide::caller::Caller;
use crate::iam::document::Policy;

/// The policies that weigh on a caller.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The identity policies: inline, attached, through groups.
    pub identity: Vec<&'a Policy>,
    /// The permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// The service control policies by level, the root's first. Every level must allow.
    pub scps: Vec<Vec<&'a Policy>>,
    /// The API's resource policy.
    pub resource: Option<&'a Policy>,
    /// The policies that the caller's session was begun with. They limit what it may do as a boundary does; none at all
    /// limit nothing.
    pub session: Vec<&'a Policy>,
    /// The policy of the VPC endpoint that the request comes through. It must allow the request, too, whoever asks.
    pub endpoint: Option<&'a Policy>,
}

/// A caller and what is known of the request, but for its resource.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The action, such as `execute-api:Invoke`.
    pub action: &'a str,
    /// The id of the account that the API is in.
    pub resource_account: &'a str,
    /// The API's id, which a resource policy may leave out.
    pub api: &'a str,
    /// What is known of the condition keys.
    pub context: &'a Context,
}

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// The caller: an identity policy, a permissions boundary or a service control policy.
    ToCaller,
    /// The API: a resource policy, whose statements name principals.
    ToResource {
        /// Whether the caller has a permissions boundary: `NotPrincipal` with Deny spares nobody who has
        /// one, whomever it names
        /// ([permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)).
        caller_has_boundary: bool,
    },
}

impl Attached {
    pub(super) fn is_to_resource(self) -> bool {
        matches!(self, Attached::ToResource { .. })
    }
}

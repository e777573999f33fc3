//! What the kinds of policies come to together, by how the caller's account and the API's stand to each other.
//!
//! Sources: [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html),
//! [how API Gateway resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html),
//! [permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html),
//! [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html),
//! [session policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session),
//! [VPC endpoint policies for private APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html).

use crate::iam::decide::caller::Caller;
use crate::iam::decide::question::Question;
use crate::iam::truth::{Logic, Truth};

/// How the caller's account and the API's stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Side {
    /// An anonymous caller, or one whose account lets it do what it likes: nothing but the resource policy
    /// decides.
    Outside,
    SameAccount,
    /// The root user of the same account.
    Root,
    OtherAccount,
    /// The root user of another account, whom no identity policy limits.
    OtherRoot,
}

impl Side {
    pub(in crate::iam) fn of(question: Question<'_>) -> Self {
        match question.caller {
            Caller::Anonymous
            | Caller::Stranger
            | Caller::Federated { .. }
            | Caller::OfOtherAccount { .. } => Side::Outside,
            caller => match (
                caller.account() == Some(question.resource_account),
                caller.is_root(),
            ) {
                (true, false) => Side::SameAccount,
                (true, true) => Side::Root,
                (false, false) => Side::OtherAccount,
                (false, true) => Side::OtherRoot,
            },
        }
    }
}

/// What statements say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Said<T> {
    pub(in crate::iam) denies: T,
    pub(in crate::iam) allows: T,
    /// Of `allows`, what is said by more than naming the caller's account.
    pub(in crate::iam) beyond_account: T,
    /// Of `allows`, what a permissions boundary does not limit.
    pub(in crate::iam) beyond_boundary: T,
}

impl<T: Logic> Said<T> {
    pub(in crate::iam) fn nothing() -> Self {
        let no = T::from(Truth::False);
        Said {
            denies: no.clone(),
            allows: no.clone(),
            beyond_account: no.clone(),
            beyond_boundary: no,
        }
    }
}

/// What all kinds of policies say of one caller.
#[derive(Debug, Clone, Copy)]
pub(in crate::iam) struct Sides<T> {
    /// What any of them denies.
    pub(in crate::iam) denied: T,
    /// What the identity policies allow.
    pub(in crate::iam) identity: T,
    /// What the permissions boundary allows.
    pub(in crate::iam) boundary: T,
    /// What every level of SCPs allows.
    pub(in crate::iam) levels: T,
    /// The resource policy.
    pub(in crate::iam) resource: Said<T>,
}

impl<T: Logic> Sides<T> {
    pub(in crate::iam) fn outcome(self, side: Side) -> Outcome<T> {
        let Sides {
            denied,
            identity,
            boundary,
            levels,
            resource,
        } = self;
        let allowed = match side {
            Side::Outside => resource.allows,
            Side::Root => levels,
            // Naming the account leaves the decision to its identity policies. Naming a role's ARN grants
            // to the role, which the boundary limits.
            Side::SameAccount => {
                let limited = (identity | resource.beyond_account) & boundary;
                levels & (limited | resource.beyond_boundary)
            }
            Side::OtherRoot => levels & resource.allows,
            Side::OtherAccount => levels & boundary & identity & resource.allows,
        };
        Outcome {
            allowed: allowed & !denied.clone(),
            denied,
        }
    }
}

/// What the policies come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Outcome<T = Truth> {
    pub(in crate::iam) allowed: T,
    pub(in crate::iam) denied: T,
}

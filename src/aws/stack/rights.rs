//! What a principal may do, where no harmless call tells: by IAM's policy simulator.

use aws_sdk_iam::types::PolicyEvaluationDecisionType as Answer;

use crate::aws::client::{Clients, Failure, failure};

/// What the simulator says. It weighs the principal's own policies, its boundary and those of the organization, and not the
/// policy of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A policy allows it.
    Allowed,
    /// A policy denies it.
    Denied,
    /// No policy allows it.
    NotAllowed,
}

/// Asks whether a principal may do something. `principal`: the ARN of a user or role; `action`: such as `sns:Publish`.
///
/// # Errors
/// Where it may not be asked, or there is no such principal.
///
/// Source: [SimulatePrincipalPolicy](https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
pub async fn may(
    clients: &Clients,
    principal: &str,
    action: &str,
    resource: &str,
) -> Result<Decision, Failure> {
    const OPERATION: &str = "iam:SimulatePrincipalPolicy";
    let asked = clients.iam().simulate_principal_policy();
    let asked = asked.policy_source_arn(principal).action_names(action);
    let answer = asked.resource_arns(resource).send().await;
    let answer = answer.map_err(|error| failure(OPERATION, error))?;
    let results = answer.evaluation_results.unwrap_or_default();
    // One action and one resource have one result, on the first page.
    let decisions = results.into_iter().map(|it| it.eval_decision);
    match decisions.collect::<Vec<_>>().as_slice() {
        [Answer::Allowed] => Ok(Decision::Allowed),
        [Answer::ExplicitDeny] => Ok(Decision::Denied),
        [Answer::ImplicitDeny] => Ok(Decision::NotAllowed),
        _ => Err(Failure::malformed(
            OPERATION,
            "the answer has no decision that is known here",
        )),
    }
}

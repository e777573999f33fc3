//! The reads of IAM.

use aws_sdk_iam::Client;

use super::outcome::Trial;
use crate::aws::client::given;

pub(super) async fn try_principals(client: &Client, partition: &str) -> Trial {
    const DETAILS: &str = "iam:GetAccountAuthorizationDetails";
    let mut trial = Trial::default();
    let answer = client.get_account_authorization_details().max_items(1);
    let answer = answer.send().await;
    trial.note(DETAILS, None, answer);
    try_policy(client, partition, &mut trial).await;
    trial
}

/// One of AWS's own policies, which every account of every partition has.
async fn try_policy(client: &Client, partition: &str, trial: &mut Trial) {
    const POLICY: &str = "iam:GetPolicy";
    const VERSION: &str = "iam:GetPolicyVersion";
    let arn = format!("arn:{partition}:iam::aws:policy/AdministratorAccess");
    let answer = client.get_policy().policy_arn(&arn).send().await;
    let policy = trial.note(POLICY, None, answer).and_then(|it| it.policy);
    let version = policy.and_then(|it| given(it.default_version_id));
    // Without the first answer, a policy of AWS's own still has this version.
    let version = version.unwrap_or_else(|| "v1".to_owned());
    let request = client.get_policy_version().policy_arn(&arn);
    let answer = request.version_id(version).send().await;
    trial.note(VERSION, None, answer);
}

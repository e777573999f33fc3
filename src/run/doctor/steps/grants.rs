//! What a call that was refused needs, as a command that allows it, and questions to IAM's policy simulator.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::principal::Principal;
use crate::audit::finding::command;
use crate::aws::client::Identity;
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::asked::Front;
use crate::run::doctor::facts::Facts;

/// What of API Gateway a scan reads: the resources of `apigateway:GET`, as in the role of `template.yaml`.
pub(super) const APIS: [&str; 12] = [
    "/restapis",
    "/restapis/*/stages",
    "/restapis/*/deployments/*",
    "/restapis/*/resources",
    "/apis",
    "/apis/*/stages",
    "/apis/*/routes",
    "/apis/*/authorizers",
    "/apis/*/exports/*",
    "/domainnames",
    "/domainnames/*/basepathmappings",
    "/domainnames/*/apimappings",
];

/// Something that a run needs to be allowed. No two of them share the name of their policy: putting one must not take away
/// another.
#[derive(Debug, Clone)]
pub(super) enum Grant {
    /// Reads of API Gateway.
    Apis,
    /// The routing rules of custom domain names.
    RoutingRules,
    /// The list of Regions.
    Regions,
    /// IAM's principals.
    Principals,
    /// Documents of managed policies.
    Policies,
    /// The state, in a prefix of a bucket.
    State { bucket: String, prefix: String },
    /// The object that holds the policy file.
    PolicyFile { bucket: String, key: String },
    /// Publishing to a topic, and seeing whether anybody gets it.
    Topic(String),
    /// Using the key that encrypts a topic, by the key's ARN.
    Key(String),
    /// The list of an organization's accounts.
    Accounts,
    /// Answers to a custom rule of AWS Config.
    Evaluations,
}

impl Grant {
    /// The name of the policy that its command puts.
    pub(super) fn policy_name(&self) -> String {
        match self {
            Grant::Apis => "gatewatch-read-apis".to_owned(),
            Grant::RoutingRules => "gatewatch-read-routing-rules".to_owned(),
            Grant::Regions => "gatewatch-list-regions".to_owned(),
            Grant::Principals => "gatewatch-read-principals".to_owned(),
            Grant::Policies => "gatewatch-read-policies".to_owned(),
            // Each place its own.
            Grant::State { bucket, prefix } => {
                format!("gatewatch-keep-state-{}", short_hash(&[bucket, prefix]))
            }
            Grant::PolicyFile { bucket, key } => {
                format!("gatewatch-read-policy-file-{}", short_hash(&[bucket, key]))
            }
            Grant::Topic(arn) => format!("gatewatch-publish-{}", short_hash(&[arn])),
            Grant::Key(arn) => format!("gatewatch-use-key-{}", short_hash(&[arn])),
            Grant::Accounts => "gatewatch-list-accounts".to_owned(),
            Grant::Evaluations => "gatewatch-answer-config".to_owned(),
        }
    }

    fn document(&self, identity: &Identity) -> Value {
        let (partition, account) = (&identity.partition, &identity.account);
        let allow = |actions: &[&str], resources: Vec<String>| json!({"Effect": "Allow", "Action": actions, "Resource": resources});
        let everything = || vec!["*".to_owned()];
        let statements = match self {
            Grant::Apis => {
                let arns = APIS.map(|it| format!("arn:{partition}:apigateway:*::{it}"));
                vec![allow(&["apigateway:GET"], arns.to_vec())]
            }
            Grant::RoutingRules => {
                let arn = format!("arn:{partition}:apigateway:*:{account}:/domainnames/*");
                vec![allow(&["apigateway:ListRoutingRules"], vec![arn])]
            }
            Grant::Regions => vec![allow(&["account:ListRegions"], everything())],
            Grant::Principals => {
                vec![allow(&["iam:GetAccountAuthorizationDetails"], everything())]
            }
            Grant::Policies => {
                let arns = ["aws", account].map(|it| format!("arn:{partition}:iam::{it}:policy/*"));
                vec![allow(
                    &["iam:GetPolicy", "iam:GetPolicyVersion"],
                    arns.to_vec(),
                )]
            }
            Grant::State { bucket, prefix } => {
                let bucket = format!("arn:{partition}:s3:::{bucket}");
                let objects = format!("{bucket}/{prefix}*");
                vec![
                    allow(&["s3:ListBucket"], vec![bucket]),
                    allow(&["s3:GetObject", "s3:PutObject"], vec![objects]),
                ]
            }
            Grant::PolicyFile { bucket, key } => {
                let object = format!("arn:{partition}:s3:::{bucket}/{key}");
                vec![allow(&["s3:GetObject"], vec![object])]
            }
            Grant::Topic(arn) => vec![allow(
                &["sns:GetTopicAttributes", "sns:Publish"],
                vec![arn.clone()],
            )],
            Grant::Key(arn) => vec![allow(
                &["kms:GenerateDataKey", "kms:Decrypt"],
                vec![arn.clone()],
            )],
            Grant::Accounts => vec![allow(&["organizations:ListAccounts"], everything())],
            Grant::Evaluations => vec![allow(&["config:PutEvaluations"], everything())],
        };
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}

/// Eight hexadecimal digits that differ where the words do.
fn short_hash(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.len().to_be_bytes());
        hash.update(word);
    }
    let bytes = hash.finalize();
    bytes.iter().take(4).map(|it| format!("{it:02x}")).collect()
}

/// Whether a call was refused because a permission is missing: not because the session has expired, or was not understood,
/// which AWS answers with the same status.
pub(super) fn is_refusal(reason: Option<Reason>, message: &str) -> bool {
    let words = [
        "AccessDenied",
        "AuthorizationError",
        "Unauthorized",
        "not authorized",
    ];
    reason == Some(Reason::AccessDenied) && words.iter().any(|it| message.contains(it))
}

/// A step that is refused, with what allows it. `message`: what AWS said.
pub(super) fn refused(check: Check, message: &str, grant: &Grant, facts: &Facts) -> Check {
    let Ok(identity) = &facts.identity else {
        return check;
    };
    if let Some(advice) = elsewhere(message) {
        return check.advise(advice);
    }
    granted(check, grant, identity, facts)
}

/// A step that fails for want of something, with what allows it.
pub(super) fn granted(check: Check, grant: &Grant, identity: &Identity, facts: &Facts) -> Check {
    let principal = Principal::of(identity);
    let (word, name) = match principal {
        Principal::User(name) => ("user", name),
        Principal::Role(name) => ("role", name),
        Principal::PermissionSet(_) | Principal::Other => {
            return check.advise(format!(
                "{} is not given policies in this account: whoever manages it has to add {}",
                principal.in_words(),
                grant.document(identity)
            ));
        }
        Principal::Root => {
            return check.advise(
                "nothing is denied to the root user but by a service control policy or the resource's own policy: \
                 change that one",
            );
        }
    };
    let (operation, flag) = (format!("put-{word}-policy"), format!("--{word}-name"));
    let (policy, document) = (grant.policy_name(), grant.document(identity).to_string());
    let words = [
        "aws",
        "iam",
        &operation,
        &flag,
        name,
        "--policy-name",
        &policy,
        "--policy-document",
        &document,
    ];
    let allow = format!("allow it to {}", principal.in_words());
    let advice = match &facts.front {
        Front::CommandLine { .. } => allow,
        Front::Function(_) if matches!(grant, Grant::Topic(arn) if facts.policy.names(arn)) => {
            format!("list it in the template's parameter NotifyTopicArns, or {allow} at once")
        }
        Front::Function(_) => {
            format!("deploy the template of this version again, or {allow} at once")
        }
    };
    check.advise(advice).by(command(&words))
}

/// How a message begins with which KMS itself refuses something. Other services hand on what KMS told them.
const OF_KMS: &str = "AccessDeniedException";

/// What to do where no policy of the principal's own mends it. `None`: one may.
///
/// Source: [access denied messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
fn elsewhere(message: &str) -> Option<&'static str> {
    // Where the resource's own policy is missed, the resource is another account's.
    let own = ["no identity-based policy"];
    if message.contains("kms:") && !message.starts_with(OF_KMS) {
        Some(
            "it is encrypted by a key: the key's policy has to allow kms:GenerateDataKey and kms:Decrypt to this principal",
        )
    } else if message.contains("explicit deny") {
        Some(
            "a policy denies it explicitly (the message says of which kind it is), and no other one can allow it: take \
             the Deny away, or have this principal excepted",
        )
    } else if message.contains("because no ") && !own.iter().any(|it| message.contains(it)) {
        Some(
            "it has to be allowed by the policy that the message names; one of the principal's own is not enough",
        )
    } else {
        None
    }
}

/// The question whether this principal may do something, to the policy simulator. The answer for each action should be
/// `allowed`. `None`: the simulator cannot be asked about such a principal.
pub(super) fn simulation(facts: &Facts, actions: &[&str], resources: &[String]) -> Option<String> {
    let identity = facts.identity.as_ref().ok()?;
    let source = Principal::of(identity).simulated(identity)?;
    let mut words = vec![
        "aws",
        "iam",
        "simulate-principal-policy",
        "--policy-source-arn",
        &source,
        "--action-names",
    ];
    words.extend(actions);
    words.push("--resource-arns");
    words.extend(resources.iter().map(String::as_str));
    words.extend([
        "--query",
        "EvaluationResults[].[EvalActionName,EvalDecision]",
    ]);
    Some(command(&words))
}

/// What a simulation should answer.
pub(super) const ALLOWED: &str = "the answer should be `allowed`";

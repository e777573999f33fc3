//! Where findings go beside the topic.

use crate::aws::client::Identity;

/// A place that findings go to beside the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An event bus, by its name or ARN.
    EventBus(String),
    /// Security Hub CSPM.
    SecurityHub,
    /// AWS Config, whose rule asks the function.
    ConfigRule,
}

impl Destination {
    /// The action that sends something there.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Destination::EventBus(_) => "events:PutEvents",
            Destination::SecurityHub => "securityhub:BatchImportFindings",
            Destination::ConfigRule => "config:PutEvaluations",
        }
    }

    /// The ARN of what that is allowed on.
    pub(super) fn resource(&self, identity: &Identity, region: &str) -> String {
        let (partition, account) = (&identity.partition, &identity.account);
        match self {
            Destination::EventBus(arn) if arn.starts_with("arn:") => arn.clone(),
            Destination::EventBus(name) => {
                format!("arn:{partition}:events:{region}:{account}:event-bus/{name}")
            }
            Destination::SecurityHub => {
                format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
            }
            // The call knows no narrower one.
            Destination::ConfigRule => "*".to_owned(),
        }
    }
}

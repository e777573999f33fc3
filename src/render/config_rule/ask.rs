//! What a custom rule of AWS Config asks for.

use jiff::Timestamp;

/// What a custom rule of AWS Config asks for.
///
/// Source: [Example events for AWS Config rules](https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigAsk {
    /// What ties the answer to the rule and the event. Whoever has it can answer in gatewatch's place.
    pub result_token: String,
    /// Whether it is a test, of which Config keeps no result.
    pub test_mode: bool,
    /// What is to be evaluated.
    pub about: About,
    /// The Region of the rule. Config evaluates what lies there.
    pub region: String,
    /// Whether the resource is no longer in the rule's scope.
    pub left_scope: bool,
    /// When Config recorded the resource, or asked. Config drops an answer that is older than what it has.
    pub ordering: Timestamp,
}

/// What is to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The APIs of the rule's Region, and the account.
    Everything,
    /// One resource that changed.
    Item {
        /// Its type, such as `AWS::ApiGateway::RestApi`.
        resource_type: String,
        /// Its id, as Config has it: the API's own, or an ARN.
        resource_id: String,
        /// The Region. `None`: the event names none.
        region: Option<String>,
        /// The id of the API that it is, or lies in. `None`: it cannot be told.
        api: Option<String>,
        /// Whether it is gone, or no longer recorded.
        deleted: bool,
    },
}

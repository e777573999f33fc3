//! The actions of API Gateway's data plane, `execute-api`.

/// The action that calls a method.
pub const INVOKE: &str = "execute-api:Invoke";

/// All of its actions.
///
/// Source: [actions of API Gateway's execute-api](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html).
pub const ACTIONS: [&str; 3] = [
    INVOKE,
    "execute-api:InvalidateCache",
    "execute-api:ManageConnections",
];

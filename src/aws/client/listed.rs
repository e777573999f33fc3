//! Refuses answers to a question for a list that hold something else.
//!
//! The SDK reads an answer without its list as one that has no entries: a form that it does not know, such as the
//! `_embedded` of API Gateway's own representation, would pass for a Region without APIs.
//!
//! An answer with nothing in it (`{}`) is another matter: API Gateway leaves out empty lists
//! ([observed](https://github.com/aws/aws-sdk-js/issues/1416)). Only where a list is never empty is that refused, too.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::de::IgnoredAny;

/// Refuses answers without the list that was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed;

/// What may stand in an answer whose empty list is left out: where the list goes on.
const PLACES: [&str; 3] = ["position", "nextToken", "NextToken"];

/// The member that holds a list, and whether it always has entries: an API has a root resource, an organization a
/// management account, an account some Regions.
///
/// Source: the answers of the operations that are read, in AWS's API references.
fn list_of(service: &str, operation: &str) -> Option<(&'static str, bool)> {
    Some(match (service, operation) {
        ("API Gateway", "GetRestApis" | "GetStages" | "GetDomainNames" | "GetBasePathMappings") => {
            ("item", false)
        }
        ("API Gateway", "GetResources") => ("item", true),
        (
            "ApiGatewayV2",
            "GetApis" | "GetStages" | "GetRoutes" | "GetAuthorizers" | "GetApiMappings",
        ) => ("items", false),
        ("ApiGatewayV2", "ListRoutingRules") => ("routingRules", false),
        ("Organizations", "ListAccounts") => ("Accounts", true),
        ("Account", "ListRegions") => ("Regions", true),
        _ => return None,
    })
}

impl Intercept for Listed {
    fn name(&self) -> &'static str {
        "refuse answers without their list"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let asked = config
            .load::<Metadata>()
            .and_then(|it| list_of(it.service(), it.name()));
        let body = context.response().body().bytes();
        let (Some((list, always)), Some(body)) = (asked, body) else {
            return Ok(());
        };
        if context.output_or_error().is_ok() && lacks(body, list, always) {
            return Err(format!("the answer has no list `{list}`").into());
        }
        Ok(())
    }
}

/// Whether a body lacks its list, and not because the list is empty. One that is no JSON object is refused elsewhere.
fn lacks(body: &[u8], list: &str, always: bool) -> bool {
    let members: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(body);
    members.is_ok_and(|members| {
        let others = members.keys().any(|it| !PLACES.contains(&it.as_str()));
        !members.contains_key(list) && (always || others)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_holds_something_else_is_no_empty_list() {
        for (body, expected) in [
            (r#"{"item":[]}"#, false),
            (r#"{"item":[{"id":"a"}],"position":"b"}"#, false),
            (r#"{"item":[],"message":"x"}"#, false),
            // Left out, as it is empty.
            ("{}", false),
            (r#"{"position":"b"}"#, false),
            (r#"{"_embedded":{"item":{"id":"a"}},"_links":{}}"#, true),
            (r#"{"items":[{"id":"a"}]}"#, true),
            (r#"{"message":"come again"}"#, true),
        ] {
            assert_eq!(lacks(body.as_bytes(), "item", false), expected, "{body}");
        }
        assert!(lacks(b"{}", "item", true));
        assert!(lacks(br#"{"position":"b"}"#, "item", true));
        assert!(!lacks(br#"{"item":[]}"#, "item", true));
    }
}

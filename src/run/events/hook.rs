//! The events of a CloudFormation Hook.
//!
//! Source: [functions for Lambda Hooks](https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html).
//! Its syntax and its examples spell two fields differently (`clientRequesttoken`, `stackID`): both spellings are read.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::iam::document::Arn;
use crate::inventory::region_name;

/// What a hook asks: whether an operation of CloudFormation, or of the Cloud Control API, may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAsk {
    /// What ties the answer to the event. `None`: the event has none.
    pub token: Option<String>,
    /// Whether the caller is the Cloud Control API, which shows less of a message.
    pub cloud_control: bool,
    /// The Region of the stack or the function. `None`: the event names none.
    pub region: Option<String>,
    /// What is to be judged, or why the event cannot be understood.
    pub target: Result<HookTarget, String>,
}

/// What a hook asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookTarget {
    /// Something that is deleted: nothing is made.
    Deleted,
    /// The template of a stack.
    Stack {
        /// The stack's name.
        name: String,
        /// Where the templates are: a pre-signed URL, which is a secret.
        payload: String,
    },
    /// A change set.
    ChangeSet {
        /// Where its template and its changes are: a pre-signed URL, which is a secret.
        payload: String,
    },
    /// One resource, by itself.
    Resource(HookResource),
}

/// A resource without the others of its stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookResource {
    /// Its type, such as `AWS::ApiGateway::Method`.
    pub kind: String,
    /// Its logical id.
    pub id: String,
    /// Its properties, with every reference resolved.
    pub properties: Map<String, Value>,
    /// The properties that it has now. `None`: it is new.
    pub previous: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    target_name: String,
    target_type: String,
    #[serde(default)]
    target_logical_id: Option<String>,
    #[serde(default)]
    payload: Option<String>,
    #[serde(default)]
    target_model: Option<Model>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(default)]
    resource_properties: Option<Map<String, Value>>,
    #[serde(default)]
    previous_resource_properties: Option<Map<String, Value>>,
}

/// Whether a payload is the event of a hook, whatever may be wrong with it: a hook always gets an answer.
pub(super) fn is_of_hook(fields: &Map<String, Value>) -> bool {
    ["hookTypeName", "hookModel", "requestData"]
        .iter()
        .any(|it| fields.contains_key(*it))
}

/// Reads the event of a hook.
pub(super) fn ask(fields: &Map<String, Value>) -> HookAsk {
    let request = (fields.get("requestData"))
        .ok_or_else(|| "it has no `requestData`".to_owned())
        .and_then(|it| {
            Request::deserialize(it)
                .map_err(|error| format!("its `requestData` cannot be read: {error}"))
        });
    let stack = text(fields, &["stackId", "stackID"]);
    // "For resources provisioned with Cloud Control API, this value will be RESOURCE."
    let is_resource = |it: &Request| it.target_type == "RESOURCE";
    HookAsk {
        token: text(fields, &["clientRequestToken", "clientRequesttoken"]).map(str::to_owned),
        cloud_control: stack.is_none() || request.as_ref().is_ok_and(is_resource),
        region: region(fields, stack),
        target: request.and_then(|it| target(fields, it)),
    }
}

/// The first of these fields that is a text and not empty.
fn text<'f>(fields: &'f Map<String, Value>, names: &[&str]) -> Option<&'f str> {
    let found = names.iter().find_map(|it| fields.get(*it)?.as_str());
    found.filter(|it| !it.is_empty())
}

fn region(fields: &Map<String, Value>, stack: Option<&str>) -> Option<String> {
    let model = fields.get("hookModel");
    let function = model.and_then(|it| it.get("LambdaFunction")?.as_str());
    let arns = [stack, function].into_iter().flatten();
    let mut regions = arns.filter_map(|it| region_name(Arn::read(it)?.region).ok());
    regions.next()
}

fn target(fields: &Map<String, Value>, request: Request) -> Result<HookTarget, String> {
    let Request {
        target_name,
        target_logical_id,
        payload,
        target_model,
        ..
    } = request;
    let is_change_set = target_name == "CHANGE_SET";
    // The syntax of a change set's event has no such field, its example has: only creating one invokes a hook.
    match text(fields, &["actionInvocationPoint"]) {
        Some("CREATE_PRE_PROVISION" | "UPDATE_PRE_PROVISION") => {}
        Some("DELETE_PRE_PROVISION") => return Ok(HookTarget::Deleted),
        None if is_change_set => {}
        point => {
            return Err(format!(
                "its `actionInvocationPoint` is `{}`, which is not known here",
                point.unwrap_or_default()
            ));
        }
    }
    let lacks = |what: &str| format!("its `requestData`, of `{target_name}`, has no `{what}`");
    if is_change_set || target_name == "STACK" {
        let payload = payload.filter(|it| !it.is_empty());
        let payload = payload.ok_or_else(|| lacks("payload"))?;
        return Ok(match is_change_set {
            true => HookTarget::ChangeSet { payload },
            false => HookTarget::Stack {
                name: target_logical_id.unwrap_or_default(),
                payload,
            },
        });
    }
    let model = target_model.ok_or_else(|| lacks("targetModel"))?;
    let properties = model.resource_properties;
    Ok(HookTarget::Resource(HookResource {
        properties: properties.ok_or_else(|| lacks("targetModel.resourceProperties"))?,
        previous: model.previous_resource_properties,
        id: target_logical_id
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| "Resource".to_owned()),
        kind: target_name,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: Value) -> HookAsk {
        let fields = event.as_object().unwrap();
        assert!(is_of_hook(fields));
        ask(fields)
    }

    fn sample(text: &str) -> HookAsk {
        read(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_four_targets_are_told_apart() {
        let stack = sample(include_str!("../../../events/hook-stack.json"));
        assert_eq!(
            stack.token.as_deref(),
            Some("f8da6d11-b23f-48f4-814c-0fb6a667f50e")
        );
        assert_eq!(stack.region.as_deref(), Some("eu-west-1"));
        assert!(!stack.cloud_control);
        assert!(
            matches!(&stack.target, Ok(HookTarget::Stack { name, .. }) if name == "shop"),
            "{stack:?}"
        );
        let set = sample(include_str!("../../../events/hook-change-set.json"));
        assert!(matches!(set.target, Ok(HookTarget::ChangeSet { .. })));
        let resource = sample(include_str!("../../../events/hook-resource.json"));
        assert!(!resource.cloud_control);
        let control = sample(include_str!("../../../events/hook-cloud-control.json"));
        assert!(control.cloud_control);
        for it in [resource, control] {
            let Ok(HookTarget::Resource(it)) = it.target else {
                panic!("{it:?}");
            };
            assert_eq!(it.kind, "AWS::ApiGateway::Method");
            assert_eq!(it.properties["HttpMethod"], "GET");
        }
    }

    #[test]
    fn the_syntax_of_the_guide_is_read_as_well_as_its_examples() {
        let request = json!({"targetName": "STACK", "targetType": "STACK", "targetLogicalId": "shop", "payload": "https://s3"});
        let it = read(json!({
            "clientRequesttoken": "t", "stackID": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
            "hookModel": {"LambdaFunction": "f"}, "actionInvocationPoint": "CREATE_PRE_PROVISION", "requestData": request,
        }));
        assert_eq!(it.token.as_deref(), Some("t"));
        assert_eq!(it.region.as_deref(), Some("eu-west-1"));
        assert!(it.target.is_ok());
    }

    #[test]
    fn what_cannot_be_understood_keeps_its_token() {
        let request =
            json!({"targetName": "STACK", "targetType": "STACK", "payload": "https://s3"});
        let point = "CREATE_PRE_PROVISION";
        for (request, point) in [
            (json!(null), point),
            (json!({"targetName": 1}), point),
            (json!({"targetName": "STACK", "targetType": "STACK"}), point),
            (
                json!({"targetName": "AWS::ApiGateway::Method", "targetType": "x"}),
                point,
            ),
            (
                json!({"targetName": "AWS::ApiGateway::Method", "targetType": "x", "targetModel": {}}),
                point,
            ),
            (request.clone(), "POST_PROVISION"),
            (request, ""),
        ] {
            let event = json!({"clientRequestToken": "t", "hookTypeName": "h", "requestData": request, "actionInvocationPoint": point});
            let it = read(event.clone());
            assert!(it.target.is_err(), "{event}");
            assert_eq!(it.token.as_deref(), Some("t"));
        }
    }

    #[test]
    fn a_deletion_needs_nothing_else() {
        let request = json!({"targetName": "STACK", "targetType": "STACK"});
        let it = read(
            json!({"hookTypeName": "h", "requestData": request, "actionInvocationPoint": "DELETE_PRE_PROVISION"}),
        );
        assert_eq!(it.target, Ok(HookTarget::Deleted));
    }
}

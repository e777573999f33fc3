//! The roles that SAM makes of functions and state machines which name none.
//!
//! Source: [`AWS::Serverless::Function`](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html).

use serde_json::json;

use super::document::marked;
use super::estate::{IamDraft, Named, Principal};
use super::kind::Kind as Of;
use super::managed::named;
use super::part::{Part, each_named, given};
use crate::iam::Document;
use crate::inventory::InlinePolicy;
use crate::template::tree::{Kind, Tree, Written};
use crate::template::types::sends_events;

/// What every function may do.
const BASIC: &str = "service-role/AWSLambdaBasicExecutionRole";

/// SAM's policy templates, none of which is about calls of APIs.
///
/// Source: [the list](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html).
const TEMPLATES: &str = include_str!("sam_policies.txt");

/// Whether SAM makes a role for a resource of this type: for those that send events.
pub(super) fn has_a_role(kind: &str) -> bool {
    sends_events(kind)
}

/// Adds the role of a function or state machine, where SAM makes one.
pub(super) fn role(draft: &mut IamDraft, part: &Part, globals: &Tree) {
    let own = |key: &str| part.properties.get(key);
    let is_function = part.kind == "AWS::Serverless::Function";
    let of_all = |key: &str| globals.get(key).filter(|_| is_function);
    if let Some(role) = own("Role").or_else(|| of_all("Role")) {
        // Of a condition that cannot be told, one side may name none.
        let may_be_none = role.written == Written::If && matches!(role.kind, Kind::Unknown(_));
        if !may_be_none {
            return;
        }
        let says = format!(
            "`{}` is taken to name no role, so that SAM makes one",
            part.id
        );
        draft.assumed.push((says, part.at));
    }
    let id = format!("{}Role", part.id);
    let known = draft.places.generated(Of::Role, &id).map(str::to_owned);
    let name = known.unwrap_or_else(|| draft.places.stand_in(&id));
    let mut made = Principal::new(Of::Role, &name, part.at);
    made.path = given(&part.properties, "RolePath")
        .unwrap_or("/")
        .to_owned();
    let service = match is_function {
        true => "lambda.amazonaws.com",
        false => "states.amazonaws.com",
    };
    made.trust = Some(match own("AssumeRolePolicyDocument") {
        Some(trust) => draft.trust(marked(trust, &draft.marks)),
        None => Document::Json(json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})),
    });
    if is_function {
        let partition = &draft.places.partition;
        made.attached.push(Named::Text(format!(
            "arn:{partition}:iam::aws:policy/{BASIC}"
        )));
    }
    let boundary = own("PermissionsBoundary").or_else(|| of_all("PermissionsBoundary"));
    made.boundary = each_named(draft, boundary).into_iter().next();
    // SAM lays those of `Globals` before those of a function.
    for policies in [of_all("Policies"), own("Policies")].into_iter().flatten() {
        let items = match &policies.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(policies),
        };
        for item in items {
            policy(draft, part, &mut made, item);
        }
    }
    draft.add(&id, made);
}

/// One of the policies that a function lists: a name or an ARN, a template of SAM, or a document.
fn policy(draft: &IamDraft, part: &Part, role: &mut Principal, item: &Tree) {
    match &item.kind {
        Kind::Map(entries) if entries.iter().any(|it| it.key == "Statement") => {
            role.inline.push(InlinePolicy {
                name: format!("{}RolePolicy{}", part.id, role.inline.len()),
                document: part.document(draft, Some(item)),
            });
        }
        Kind::Map(entries) => {
            let unknown = entries.iter().find(|it| {
                let mut known = TEMPLATES.lines();
                !known.any(|name| name == it.key)
            });
            if let Some(unknown) = unknown {
                role.inline.push(InlinePolicy {
                    name: unknown.key.clone(),
                    document: Document::Unparsed {
                        text: String::new(),
                        error: "it is no policy template of SAM that is known here".to_owned(),
                    },
                });
            }
        }
        Kind::Null | Kind::NoValue => {}
        _ => {
            for it in each_named(draft, Some(item)) {
                role.attached.push(match it {
                    // SAM knows AWS's policies by their names alone.
                    Named::Text(name) if !name.contains(':') => {
                        Named::Text(named(&draft.places.partition, &name).unwrap_or(name))
                    }
                    other => other,
                });
            }
        }
    }
}

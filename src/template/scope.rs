//! What a template's resource policy speaks of.

use serde_json::Value;

use super::options::ACCOUNT;
use crate::iam::Document;

/// A resource policy, unless it names what placeholders stand in for: held against them, a statement
/// about a real account would seem to be about nothing, and an open method closed.
pub(super) fn understood(policy: Document, region: &str, stages: &[&str]) -> Document {
    let Document::Json(json) = &policy else {
        return policy;
    };
    let statements = match json.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let resources = statements.iter().flat_map(|statement| {
        let keys = [statement.get("Resource"), statement.get("NotResource")];
        keys.into_iter()
            .flatten()
            .flat_map(|resource| match resource {
                Value::Array(resources) => resources.as_slice(),
                resource => std::slice::from_ref(resource),
            })
    });
    let names = |resource: &&str| !is_open(resource, region, stages);
    let named = resources.filter_map(Value::as_str).find(names);
    match named {
        Some(named) => Document::Unparsed {
            text: String::new(),
            error: format!("it speaks of `{named}`, and what that is only a deployment tells"),
        },
        None => policy,
    }
}

/// Whether a resource names nothing that a placeholder stands in for.
fn is_open(resource: &str, region: &str, stages: &[&str]) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let place = match parts.as_slice() {
        ["*"] => return true,
        ["arn", _, "execute-api", in_region, account, place] => {
            if (*in_region != "*" && *in_region != region) || !["*", ACCOUNT].contains(account) {
                return false;
            }
            *place
        }
        // The short form begins with the stage.
        ["execute-api", place] => place,
        _ => return false,
    };
    let stage = match place.split_once('/') {
        // Without a slash, one star is the whole API.
        None => return place.chars().all(|letter| letter == '*'),
        Some((api, rest)) if api.is_empty() || api == "*" => rest.split('/').next(),
        Some(_) => return false,
    };
    stage.is_some_and(|stage| stage == "*" || stages.contains(&stage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_placeholders_stand_in_for_is_not_understood() {
        let is_open = |resource: &str| is_open(resource, "us-east-1", &["prod"]);
        for resource in [
            "*",
            "arn:aws:execute-api:*:*:*",
            "arn:aws:execute-api:us-east-1:000000000000:*/prod/GET/pets",
            "execute-api:/*",
            "execute-api:/*/GET/pets",
            "execute-api:/prod/*",
        ] {
            assert!(is_open(resource), "{resource}");
        }
        for resource in [
            "arn:aws:execute-api:eu-west-1:*:*",
            "arn:aws:execute-api:*:111122223333:*",
            "arn:aws:execute-api:*:*:a1b2c3d4e5/*",
            "arn:aws:execute-api:*:*:*/dev/*",
            "execute-api:/dev/GET/pets",
            "arn:aws:execute-api:us-*:*:*",
            "pets",
        ] {
            assert!(!is_open(resource), "{resource}");
        }
    }
}

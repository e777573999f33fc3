//! Plans made by hand.

use serde_json::{Map, Value, json};

/// A plan of resources in the root module.
#[derive(Clone)]
pub(super) struct Plan {
    document: Value,
}

impl Plan {
    pub(super) fn new() -> Plan {
        Plan {
            document: json!({
                "format_version": "1.2",
                "terraform_version": "1.11.4",
                "planned_values": {"root_module": {"resources": []}},
                "resource_changes": [],
                "configuration": {
                    "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
                    "root_module": {"resources": []},
                },
            }),
        }
    }

    /// A resource: `known` are the values that are known, `unknown` the names of those that are not, and `references` what the
    /// attributes refer to.
    pub(super) fn with(
        mut self,
        address: &str,
        known: Value,
        unknown: &[&str],
        references: &[(&str, &[&str])],
    ) -> Plan {
        let (kind, rest) = address.split_once('.').unwrap();
        let (name, index) = match rest.split_once('[') {
            Some((name, key)) => (
                name,
                serde_json::from_str(key.trim_end_matches(']')).unwrap(),
            ),
            None => (rest, Value::Null),
        };
        let mut resource = json!({
            "address": address, "mode": "managed", "type": kind, "name": name, "values": known, "sensitive_values": {},
        });
        if !index.is_null() {
            resource["index"] = index;
        }
        let marks = unknown
            .iter()
            .map(|it| ((*it).to_owned(), Value::Bool(true)));
        let change = json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "change": {
                "actions": ["create"], "before": null, "after": known,
                "after_unknown": marks.collect::<Map<String, Value>>(),
            },
        });
        let mut expressions = Map::new();
        for (attribute, value) in known.as_object().unwrap() {
            if !value.is_null() {
                expressions.insert(attribute.clone(), json!({"constant_value": value}));
            }
        }
        for (attribute, references) in references {
            expressions.insert((*attribute).to_owned(), json!({"references": references}));
        }
        let written = json!({
            "address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws",
            "expressions": expressions,
        });
        self.list("/planned_values/root_module/resources")
            .push(resource);
        self.list("/resource_changes").push(change);
        self.list("/configuration/root_module/resources")
            .push(written);
        self
    }

    /// A new REST API.
    pub(super) fn rest_api(self, name: &str) -> Plan {
        self.with(
            &format!("aws_api_gateway_rest_api.{name}"),
            json!({"name": name, "body": null, "put_rest_api_mode": null, "tags": null}),
            &[
                "id",
                "root_resource_id",
                "execution_arn",
                "policy",
                "disable_execute_api_endpoint",
                "endpoint_configuration",
                "tags_all",
            ],
            &[],
        )
    }

    /// A new resource of the API `api`. `parent` is the name of another one, or empty for the root.
    pub(super) fn place(self, api: &str, name: &str, part: &str, parent: &str) -> Plan {
        let api = format!("aws_api_gateway_rest_api.{api}");
        let parent = match parent {
            "" => format!("{api}.root_resource_id"),
            parent => format!("aws_api_gateway_resource.{parent}.id"),
        };
        self.with(
            &format!("aws_api_gateway_resource.{name}"),
            json!({"path_part": part}),
            &["id", "path", "parent_id", "rest_api_id"],
            &[
                ("rest_api_id", &[&format!("{api}.id"), &api]),
                ("parent_id", &[&parent]),
            ],
        )
    }

    /// A new method on a resource of the API `api`, or on its root where that is empty.
    pub(super) fn method(self, api: &str, name: &str, place: &str, verb: &str, kind: &str) -> Plan {
        let api = format!("aws_api_gateway_rest_api.{api}");
        let place = match place {
            "" => format!("{api}.root_resource_id"),
            place => format!("aws_api_gateway_resource.{place}.id"),
        };
        self.with(
            &format!("aws_api_gateway_method.{name}"),
            json!({"http_method": verb, "authorization": kind, "authorizer_id": null, "api_key_required": false}),
            &["id", "resource_id", "rest_api_id"],
            &[("rest_api_id", &[&format!("{api}.id"), &api]), ("resource_id", &[&place])],
        )
    }

    /// A new HTTP or WebSocket API.
    pub(super) fn v2_api(self, name: &str, protocol: &str) -> Plan {
        self.with(
            &format!("aws_apigatewayv2_api.{name}"),
            json!({
                "name": name, "protocol_type": protocol, "body": null, "target": null, "route_key": null,
                "cors_configuration": [], "disable_execute_api_endpoint": null, "tags": null,
            }),
            &["id", "execution_arn", "tags_all"],
            &[],
        )
    }

    /// A new route.
    pub(super) fn route(self, api: &str, name: &str, key: &str, kind: &str) -> Plan {
        let api = format!("aws_apigatewayv2_api.{api}");
        self.with(
            &format!("aws_apigatewayv2_route.{name}"),
            json!({"route_key": key, "authorization_type": kind, "authorizer_id": null, "api_key_required": false}),
            &["id", "api_id"],
            &[("api_id", &[&format!("{api}.id"), &api])],
        )
    }

    /// Sets a part of the plan, which is made where it is not there.
    pub(super) fn set(mut self, pointer: &str, value: Value) -> Plan {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match self.document.pointer_mut(parent).unwrap() {
            Value::Object(entries) => {
                entries.insert(key.to_owned(), value);
            }
            other => other[key.parse::<usize>().unwrap()] = value,
        }
        self
    }

    /// Sets a value of the resource that was added last, which is known then.
    pub(super) fn set_last(mut self, attribute: &str, value: Value) -> Plan {
        let resources = self.list("/planned_values/root_module/resources");
        resources.last_mut().unwrap()["values"][attribute] = value;
        let change = self.list("/resource_changes").last_mut().unwrap();
        let unknown = change["change"]["after_unknown"].as_object_mut();
        unknown.unwrap().remove(attribute);
        self
    }

    /// Sets the references of an attribute of the resource that was added last.
    pub(super) fn refer_last(mut self, attribute: &str, references: &[&str]) -> Plan {
        let resources = self.list("/configuration/root_module/resources");
        resources.last_mut().unwrap()["expressions"][attribute] = json!({"references": references});
        self
    }

    pub(super) fn list(&mut self, pointer: &str) -> &mut Vec<Value> {
        self.document
            .pointer_mut(pointer)
            .unwrap()
            .as_array_mut()
            .unwrap()
    }

    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    pub(super) fn text(&self) -> String {
        self.document.to_string()
    }
}

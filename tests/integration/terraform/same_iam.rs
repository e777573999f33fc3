//! The same IAM in CloudFormation, in a plan of Terraform and as an account has it: the same access matrix.
//!
//! Random estates of groups, users, roles and policies, with conditions, permissions boundaries and denials. What ties them
//! together is drawn, too: each format has several ways of giving somebody a policy.

use std::collections::BTreeMap;

use gatewatch::audit::access::Estate;
use gatewatch::inventory::{Iam, Inventory};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::plan::Plan;
use super::translated;

const API: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5";

const METHODS: [(&str, &str); 3] = [("GET", "pets"), ("POST", "pets"), ("GET", "{id}")];

const ACTIONS: [&str; 4] = ["execute-api:Invoke", "execute-api:*", "s3:GetObject", "*"];

/// What statements are about. `API` stands for the ARN of the API.
const RESOURCES: [&str; 7] = [
    "*",
    "API/*",
    "API/prod/GET/pets",
    "API/prod/*/pets",
    "API/prod/GET/?*",
    "API/dev/*",
    "arn:aws:s3:::photos/*",
];

const CONDITIONS: [&str; 3] = [
    "{}",
    r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
    r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
];

/// A statement: whether it denies, its action, its resource, its condition.
type Statement = (bool, usize, usize, usize);

fn statement() -> impl Strategy<Value = Statement> {
    let parts = (
        0..4_u8,
        0..ACTIONS.len(),
        0..RESOURCES.len(),
        0..CONDITIONS.len(),
    );
    parts.prop_map(|(effect, action, resource, condition)| {
        (effect == 0, action, resource, condition)
    })
}

/// A document, with `api` in the place of the API's ARN.
fn document(statements: &[Statement], api: &str) -> Value {
    let statements = statements
        .iter()
        .map(|(denies, action, resource, condition)| {
            let condition: Value = serde_json::from_str(CONDITIONS[*condition]).unwrap();
            json!({
                "Effect": if *denies { "Deny" } else { "Allow" },
                "Action": ACTIONS[*action],
                "Resource": RESOURCES[*resource].replace("API", api),
                "Condition": condition,
            })
        });
    let mut statements: Vec<Value> = statements.collect();
    for it in &mut statements {
        if it["Condition"] == json!({}) {
            it.as_object_mut().unwrap().remove("Condition");
        }
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What a principal has.
#[derive(Debug, Clone)]
struct Holds {
    inline: Option<Vec<Statement>>,
    /// Which of the two managed policies.
    attached: [bool; 2],
    /// The boundary is one of them, where there is one.
    boundary: Option<usize>,
    /// Whether what it has stands in resources of its own.
    beside: bool,
}

fn holds() -> impl Strategy<Value = Holds> {
    let inline = prop::option::of(prop::collection::vec(statement(), 1..3));
    let boundary = prop::option::weighted(0.25, 0..2_usize);
    (inline, any::<[bool; 2]>(), boundary, any::<bool>()).prop_map(
        |(inline, attached, boundary, beside)| Holds {
            inline,
            attached,
            boundary,
            beside,
        },
    )
}

/// A whole estate.
#[derive(Debug, Clone)]
struct Drawn {
    managed: [Vec<Statement>; 2],
    groups: Vec<Holds>,
    /// Users, and the groups that each is a member of, by their numbers.
    users: Vec<(Holds, Vec<bool>)>,
    roles: Vec<Holds>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let statements = || prop::collection::vec(statement(), 1..3);
    let members = prop::collection::vec(any::<bool>(), 2);
    (
        [statements(), statements()],
        prop::collection::vec(holds(), 2),
        prop::collection::vec((holds(), members), 0..3),
        prop::collection::vec(holds(), 0..2),
    )
        .prop_map(|(managed, groups, users, roles)| Drawn {
            managed,
            groups,
            users,
            roles,
        })
}

fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
}

fn managed_names(holds: &Holds) -> Vec<usize> {
    (0..2).filter(|it| holds.attached[*it]).collect()
}

impl Drawn {
    /// Every principal by its kind and name, with its number among its kind.
    fn each(&self) -> Vec<(&'static str, String, &Holds, Vec<String>)> {
        let mut each = Vec::new();
        for (number, it) in self.groups.iter().enumerate() {
            each.push(("group", format!("group{number}"), it, Vec::new()));
        }
        for (number, (it, members)) in self.users.iter().enumerate() {
            let groups = members.iter().enumerate().filter(|it| *it.1);
            let groups = groups.map(|(number, _)| format!("group{number}")).collect();
            each.push(("user", format!("user{number}"), it, groups));
        }
        for (number, it) in self.roles.iter().enumerate() {
            each.push(("role", format!("role{number}"), it, Vec::new()));
        }
        each
    }

    fn as_cloudformation(&self) -> String {
        let api = "arn:aws:execute-api:eu-west-1:${AWS::AccountId}:${Api}";
        let of = |statements: &[Statement]| {
            let mut document = document(statements, api);
            for it in document["Statement"].as_array_mut().unwrap() {
                let resource = it["Resource"].clone();
                it["Resource"] = json!({"Fn::Sub": resource});
            }
            document
        };
        let mut resources = serde_json::Map::new();
        let mut add = |id: String, kind: &str, properties: Value| {
            resources.insert(id, json!({"Type": kind, "Properties": properties}));
        };
        add(
            "Api".to_owned(),
            "AWS::ApiGateway::RestApi",
            json!({"Name": "shop"}),
        );
        add(
            "Prod".to_owned(),
            "AWS::ApiGateway::Stage",
            json!({"RestApiId": {"Ref": "Api"}, "StageName": "prod"}),
        );
        for part in ["pets", "{id}"] {
            let id = format!("Place{}", part.trim_matches(['{', '}']));
            let root = json!({"Fn::GetAtt": ["Api", "RootResourceId"]});
            let properties =
                json!({"RestApiId": {"Ref": "Api"}, "ParentId": root, "PathPart": part});
            add(id, "AWS::ApiGateway::Resource", properties);
        }
        for (number, (verb, part)) in METHODS.into_iter().enumerate() {
            let place = format!("Place{}", part.trim_matches(['{', '}']));
            let properties = json!({"RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": place}, "HttpMethod": verb, "AuthorizationType": "AWS_IAM"});
            add(format!("M{number}"), "AWS::ApiGateway::Method", properties);
        }
        for (number, statements) in self.managed.iter().enumerate() {
            let mut properties = json!({"ManagedPolicyName": format!("managed{number}"), "PolicyDocument": of(statements)});
            for (kind, key) in [("group", "Groups"), ("user", "Users"), ("role", "Roles")] {
                let each = self.each();
                let own = each
                    .iter()
                    .filter(|it| it.0 == kind && it.2.beside && it.2.attached[number]);
                let names: Vec<Value> = own.map(|it| json!({"Ref": it.1})).collect();
                if !names.is_empty() {
                    properties[key] = names.into();
                }
            }
            add(
                format!("Managed{number}"),
                "AWS::IAM::ManagedPolicy",
                properties,
            );
        }
        for (kind, name, holds, groups) in self.each() {
            let (kind_name, key, list) = match kind {
                "group" => ("AWS::IAM::Group", "GroupName", "Groups"),
                "user" => ("AWS::IAM::User", "UserName", "Users"),
                _ => ("AWS::IAM::Role", "RoleName", "Roles"),
            };
            let mut properties = json!({key: name});
            if kind == "role" {
                properties["AssumeRolePolicyDocument"] = trust();
            }
            if !holds.beside {
                let attached = managed_names(holds).into_iter();
                let attached = attached.map(|it| json!({"Ref": format!("Managed{it}")}));
                properties["ManagedPolicyArns"] = attached.collect();
            }
            if let Some(boundary) = holds.boundary.filter(|_| kind != "group") {
                properties["PermissionsBoundary"] = json!({"Ref": format!("Managed{boundary}")});
            }
            if let Some(inline) = &holds.inline {
                let policy = json!({"PolicyName": "inline", "PolicyDocument": of(inline)});
                match holds.beside {
                    true => {
                        let mut policy = policy;
                        policy[list] = json!([{"Ref": name}]);
                        add(format!("{name}Policy"), "AWS::IAM::Policy", policy);
                    }
                    false => properties["Policies"] = json!([policy]),
                }
            }
            for (number, group) in groups.iter().enumerate() {
                match (holds.beside, number) {
                    (true, _) => {
                        let properties =
                            json!({"GroupName": {"Ref": group}, "Users": [{"Ref": name}]});
                        add(
                            format!("{name}In{group}"),
                            "AWS::IAM::UserToGroupAddition",
                            properties,
                        );
                    }
                    (false, _) => {
                        let list = properties["Groups"].as_array().cloned().unwrap_or_default();
                        let list: Vec<Value> =
                            list.into_iter().chain([json!({"Ref": group})]).collect();
                        properties["Groups"] = list.into();
                    }
                }
            }
            add(name, kind_name, properties);
        }
        json!({"Resources": resources}).to_string()
    }

    fn as_plan(&self) -> String {
        let mut plan = Plan::new()
            .rest_api("shop")
            .set_last("id", json!("a1b2c3d4e5"))
            .set_last("execution_arn", json!(API))
            .place("shop", "pets", "pets", "")
            .place("shop", "id", "{id}", "");
        for (number, (verb, part)) in METHODS.into_iter().enumerate() {
            let place = part.trim_matches(['{', '}']);
            plan = plan.method("shop", &format!("m{number}"), place, verb, "AWS_IAM");
        }
        plan = plan.with(
            "aws_api_gateway_stage.prod",
            json!({"stage_name": "prod", "rest_api_id": "a1b2c3d4e5", "canary_settings": []}),
            &["id", "deployment_id", "tags_all"],
            &[],
        );
        for (number, statements) in self.managed.iter().enumerate() {
            plan = plan.with(
                &format!("aws_iam_policy.managed{number}"),
                json!({"name": format!("managed{number}"), "path": "/", "policy": document(statements, API).to_string()}),
                &["arn", "id"],
                &[],
            );
        }
        for (kind, name, holds, groups) in self.each() {
            let mut known = json!({"name": name, "path": "/"});
            let mut unknown = vec!["arn", "id"];
            let boundary = holds.boundary.filter(|_| kind != "group");
            let boundary = boundary.map(|it| format!("aws_iam_policy.managed{it}.arn"));
            let refers = boundary.as_deref().map(|it| [it]);
            let mut references: Vec<(&str, &[&str])> = Vec::new();
            if let Some(refers) = &refers {
                unknown.push("permissions_boundary");
                references.push(("permissions_boundary", refers));
            }
            if kind == "role" {
                known["assume_role_policy"] = trust().to_string().into();
            }
            plan = plan.with(
                &format!("aws_iam_{kind}.{name}"),
                known,
                &unknown,
                &references,
            );
            let by_reference = format!("aws_iam_{kind}.{name}.name");
            if let Some(inline) = &holds.inline {
                plan = plan.with(
                    &format!("aws_iam_{kind}_policy.{name}"),
                    json!({"name": "inline", kind: name, "policy": document(inline, API).to_string()}),
                    &["id"],
                    &[],
                );
            }
            for managed in managed_names(holds) {
                let arn = format!("aws_iam_policy.managed{managed}.arn");
                plan = match holds.beside {
                    true => plan.with(
                        &format!("aws_iam_policy_attachment.{name}{managed}"),
                        json!({"name": "all", format!("{kind}s"): [name]}),
                        &["id", "policy_arn"],
                        &[("policy_arn", &[&arn])],
                    ),
                    false => plan.with(
                        &format!("aws_iam_{kind}_policy_attachment.{name}{managed}"),
                        json!({}),
                        &["id", "policy_arn", kind],
                        &[("policy_arn", &[&arn]), (kind, &[&by_reference])],
                    ),
                };
            }
            if groups.is_empty() {
                continue;
            }
            plan = match holds.beside {
                true => plan.with(
                    &format!("aws_iam_user_group_membership.{name}"),
                    json!({"user": name, "groups": groups}),
                    &["id"],
                    &[],
                ),
                false => groups.iter().fold(plan, |plan, group| {
                    plan.with(
                        &format!("aws_iam_group_membership.{name}{group}"),
                        json!({"name": "some", "group": group, "users": [name]}),
                        &["id"],
                        &[],
                    )
                }),
            };
        }
        plan.text()
    }

    /// As an account has it, with the places of a file.
    fn as_read(&self, file: &Inventory) -> Inventory {
        let api = format!(
            "arn:aws:execute-api:eu-west-1:000000000000:{}",
            file.apis[0].id
        );
        let arn = |it: usize| format!("arn:aws:iam::000000000000:policy/managed{it}");
        let managed = self.managed.iter().enumerate().map(|(number, statements)| {
            json!({"name": format!("managed{number}"), "arn": arn(number), "version": "v1",
                   "document": {"json": document(statements, &api)}})
        });
        let mut iam = json!({"groups": [], "users": [], "roles": [], "policies": managed.collect::<Vec<_>>()});
        for (kind, name, holds, groups) in self.each() {
            let attached = managed_names(holds).into_iter();
            let attached =
                attached.map(|it| json!({"name": format!("managed{it}"), "arn": arn(it)}));
            let inline = holds.inline.iter();
            let inline = inline
                .map(|it| json!({"name": "inline", "document": {"json": document(it, &api)}}));
            let mut one = json!({
                "name": name, "arn": format!("arn:aws:iam::000000000000:{kind}/{name}"),
                "inline": inline.collect::<Vec<_>>(), "attached": attached.collect::<Vec<_>>(),
            });
            if let Some(boundary) = holds.boundary.filter(|_| kind != "group") {
                one["permissions_boundary"] = arn(boundary).into();
            }
            match kind {
                "user" => one["groups"] = json!(groups),
                "role" => one["trust_policy"] = json!({"json": trust()}),
                _ => {}
            }
            iam[format!("{kind}s")].as_array_mut().unwrap().push(one);
        }
        let iam: Iam = serde_json::from_value(iam).unwrap();
        Inventory {
            iam: Some(iam),
            ..file.clone()
        }
    }
}

/// Who may call what: by kind and name, and by method.
fn matrix(inventory: &Inventory) -> BTreeMap<(String, String), String> {
    let estate = Estate::new(inventory).unwrap();
    let mut matrix = BTreeMap::new();
    for holder in estate.holders() {
        for method in estate.methods() {
            let access = estate.decide(holder, method).access;
            let mark = if access.conditional { "*" } else { "" };
            let who = format!("{} {}", holder.kind.as_str(), holder.name);
            let what = format!("{} {}", method.verb, method.path);
            matrix.insert((who, what), format!("{}{mark}", access.verdict.as_str()));
        }
    }
    matrix
}

/// The account's own id has no place in a template whose policies name it by a function.
fn read(text: &str) -> Inventory {
    let read = translated(text).unwrap();
    assert_eq!(super::gaps(&read), [""; 0], "{text}");
    assert!(
        read.inventory.gaps().is_empty(),
        "{:?}\n{text}",
        read.inventory.gaps()
    );
    read.inventory
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_give_the_same_access(drawn in drawn()) {
        let template = super::translated_in("eu-west-1", &drawn.as_cloudformation());
        prop_assert!(template.gaps().is_empty(), "{:?}", template.gaps());
        let plan = read(&drawn.as_plan());
        let expected = matrix(&drawn.as_read(&template));
        prop_assert!(!expected.values().any(|it| it == "UNDECIDED"));
        prop_assert_eq!(matrix(&template), expected.clone());
        prop_assert_eq!(matrix(&plan), expected);
    }
}

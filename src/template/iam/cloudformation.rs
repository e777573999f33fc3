//! `AWS::IAM::*`: groups, users, roles, policies, and what ties them together.
//!
//! Source: [IAM resource types](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html).

use super::document::marked;
use super::estate::{IamDraft, Named, Principal};
use super::finished::Finished;
use super::kind::Kind as Of;
use super::part::{Part, each_named, given, one_named};
use super::places::Places;
use super::sam;
use crate::inventory::InlinePolicy;
use crate::template::options::Options;
use crate::template::reading::{Reading, Resource};
use crate::template::resolve::{Resolver, written};
use crate::template::resource_keys::properties;
use crate::template::tree::{Kind, Spot, Tree, Unknown, name_of};
use crate::template::unknown_keys::of_resource;
use crate::yaml::{Node, Value};

/// What the names of IAM's types begin with.
const IAM: &str = "AWS::IAM::";

/// Reads the IAM of a template whose APIs are read. `None`: it has none.
pub(in crate::template) fn read(
    root: &Node,
    resolver: Resolver<'_>,
    (reading, resources): (&Reading, &[Resource]),
    options: &Options,
) -> Option<Finished> {
    let parts = parts(root, &resolver, reading);
    let globals = written(root, "Globals").and_then(|it| written(it, "Function"));
    let globals = globals.and_then(|it| resolver.marked(it));
    let globals = globals.unwrap_or(Tree::nothing(Spot::START));
    let mut places = Places::of(reading, options);
    for resource in resources {
        if resource.kind.ends_with("::Stage")
            && let Ok(Some(name)) = resource.properties.text_of("StageName")
        {
            places.stages.insert(resource.id.clone(), name.to_owned());
        }
    }
    let defaults = resolver.assumed();
    let mut draft = IamDraft::new(places, resolver.into_marks());
    draft.assumed = defaults;
    draft.gaps = loops(root);
    draft.gaps.extend(unknown_parts(root));
    for part in &parts {
        if let Some(condition) = &part.undecided {
            let says = format!(
                "`{}` is taken to be made: whether it is depends on condition `{condition}`",
                part.id
            );
            draft.assumed.push((says, part.at));
        }
        match part.kind.as_str() {
            "AWS::IAM::Group" => principal(&mut draft, part, Of::Group, "GroupName"),
            "AWS::IAM::User" => principal(&mut draft, part, Of::User, "UserName"),
            "AWS::IAM::Role" => principal(&mut draft, part, Of::Role, "RoleName"),
            "AWS::IAM::ManagedPolicy" => managed(&mut draft, part),
            kind if sam::has_a_role(kind) => sam::role(&mut draft, part, &globals),
            _ => {}
        }
    }
    for part in &parts {
        attachments(&mut draft, part);
    }
    draft.finished()
}

/// The resources of a template that bear on IAM.
fn parts(root: &Node, resolver: &Resolver<'_>, reading: &Reading) -> Vec<Part> {
    let Some(Value::Map(entries)) = written(root, "Resources").map(|it| &it.value) else {
        return Vec::new();
    };
    let parts = entries.iter().filter_map(|(key, node)| {
        let (id, at) = (name_of(key), Spot::of(key));
        let kind = written(node, "Type").and_then(Node::name)?;
        if !(kind.starts_with(IAM) || sam::has_a_role(kind)) {
            return None;
        }
        let condition = written(node, "Condition").and_then(Node::name);
        let is_made = condition.map(|it| resolver.condition(it));
        if is_made == Some(Ok(false)) || reading.not_made.contains(id) {
            return None;
        }
        let is_told = is_made.is_none_or(|it| it.is_ok());
        let properties = written(node, "Properties").and_then(|it| resolver.marked(it));
        Some(Part {
            id: id.to_owned(),
            kind: kind.to_owned(),
            at,
            properties: properties.unwrap_or(Tree::nothing(at)).without_no_values(),
            undecided: condition.filter(|_| !is_told).map(str::to_owned),
        })
    });
    parts.collect()
}

fn principal(draft: &mut IamDraft, part: &Part, kind: Of, key: &str) {
    let properties = &part.properties;
    let name = given(properties, key).map(str::to_owned);
    let name = name.or_else(|| draft.places.generated(kind, &part.id).map(str::to_owned));
    if name.is_none() {
        let says = format!(
            "the name of `{}` is not in the file, and its logical id stands for it",
            part.id
        );
        draft.assumed.push((says, part.at));
    }
    let name = name.unwrap_or_else(|| draft.places.stand_in(&part.id));
    let mut made = Principal::new(kind, &name, part.at);
    made.path = given(properties, "Path").unwrap_or("/").to_owned();
    made.inline = inline(draft, part, properties.get("Policies"));
    made.attached = each_named(draft, properties.get("ManagedPolicyArns"));
    made.groups = each_named(draft, properties.get("Groups").filter(|_| kind == Of::User));
    let boundary = properties.get("PermissionsBoundary");
    made.boundary = boundary.map(|it| one_named(draft, it));
    if kind == Of::Role {
        let trust = properties.get("AssumeRolePolicyDocument");
        made.trust = trust.map(|it| draft.trust(marked(it, &draft.marks)));
    }
    draft.add(&part.id, made);
}

/// The inline policies that stand in a principal.
fn inline(draft: &IamDraft, part: &Part, policies: Option<&Tree>) -> Vec<InlinePolicy> {
    let Some(policies) = policies else {
        return Vec::new();
    };
    let items = match &policies.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(policies),
    };
    let policies = items.iter().enumerate().map(|(index, it)| InlinePolicy {
        name: given(it, "PolicyName")
            .map_or_else(|| format!("policy {}", index + 1), str::to_owned),
        document: part.document(draft, it.get("PolicyDocument")),
    });
    policies.collect()
}

fn managed(draft: &mut IamDraft, part: &Part) {
    let properties = &part.properties;
    let name = given(properties, "ManagedPolicyName").map(str::to_owned);
    let known = || draft.places.generated_policy(&part.id).map(str::to_owned);
    let name = name.or_else(known);
    let name = name.unwrap_or_else(|| draft.places.stand_in(&part.id));
    let path = given(properties, "Path").unwrap_or("/");
    let document = part.document(draft, properties.get("PolicyDocument"));
    draft.add_policy(&part.id, (&name, path), document);
}

/// What gives principals something that stands elsewhere.
fn attachments(draft: &mut IamDraft, part: &Part) {
    let properties = &part.properties;
    match part.kind.as_str() {
        "AWS::IAM::ManagedPolicy" => {
            let policy = Named::Here(part.id.clone());
            for (kind, named) in targets(draft, properties) {
                let what = (part.what(), part.at);
                if let Some(principal) = draft.principal(kind, &named, (&what.0, what.1)) {
                    principal.attached.push(policy.clone());
                }
            }
        }
        "AWS::IAM::Policy" => {
            let targets = targets(draft, properties);
            embedded(draft, part, targets);
        }
        "AWS::IAM::GroupPolicy" => embedded_in(draft, part, Of::Group, "GroupName"),
        "AWS::IAM::UserPolicy" => embedded_in(draft, part, Of::User, "UserName"),
        "AWS::IAM::RolePolicy" => embedded_in(draft, part, Of::Role, "RoleName"),
        "AWS::IAM::UserToGroupAddition" => {
            let group = properties.get("GroupName").map(|it| one_named(draft, it));
            let group = group.unwrap_or(Named::Unknown("is not named".to_owned()));
            // A group that is not here is known by its name from now on.
            draft.principal(Of::Group, &group, (&part.what(), part.at));
            for user in each_named(draft, properties.get("Users")) {
                if let Some(user) = draft.principal(Of::User, &user, (&part.what(), part.at)) {
                    user.groups.push(group.clone());
                }
            }
        }
        _ => {}
    }
}

fn embedded_in(draft: &mut IamDraft, part: &Part, kind: Of, key: &str) {
    let named = part.properties.get(key).map(|it| one_named(draft, it));
    let named = named.unwrap_or(Named::Unknown("is not named".to_owned()));
    embedded(draft, part, vec![(kind, named)]);
}

/// An inline policy in a resource of its own.
fn embedded(draft: &mut IamDraft, part: &Part, targets: Vec<(Of, Named)>) {
    let name = given(&part.properties, "PolicyName").unwrap_or(&part.id);
    let policy = InlinePolicy {
        name: name.to_owned(),
        document: part.document(draft, part.properties.get("PolicyDocument")),
    };
    for (kind, named) in targets {
        if let Some(principal) = draft.principal(kind, &named, (&part.what(), part.at)) {
            principal.inline.push(policy.clone());
        }
    }
}

/// The principals that a policy is for.
fn targets(draft: &IamDraft, properties: &Tree) -> Vec<(Of, Named)> {
    let kinds = [
        (Of::Group, "Groups"),
        (Of::User, "Users"),
        (Of::Role, "Roles"),
    ];
    let each = kinds.into_iter().flat_map(|(kind, key)| {
        let named = each_named(draft, properties.get(key));
        named.into_iter().map(move |it| (kind, it))
    });
    each.collect()
}

/// The types of IAM that give nobody anything.
const WITHOUT_GRANTS: [&str; 7] = [
    "AWS::IAM::AccessKey",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::SAMLProvider",
    "AWS::IAM::ServerCertificate",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::IAM::VirtualMFADevice",
];

/// What is not known of the resources of IAM: a type, or a key, which may be misspelt and give somebody something.
fn unknown_parts(root: &Node) -> Vec<Unknown> {
    let Some(Value::Map(entries)) = written(root, "Resources").map(|it| &it.value) else {
        return Vec::new();
    };
    let unknown = entries.iter().flat_map(|(key, node)| {
        let kind = written(node, "Type").and_then(Node::name);
        let id = name_of(key);
        match kind {
            Some(kind) if WITHOUT_GRANTS.contains(&kind) => Vec::new(),
            Some(kind) if properties(kind).is_some() && kind.starts_with(IAM) => {
                of_resource(id, kind, node)
            }
            Some(kind) if is_of_iam(kind) => vec![Unknown {
                why: format!(
                    "resource `{id}` is of type `{kind}`, which is not known here and may give somebody something"
                ),
                at: Spot::of(key),
            }],
            _ => Vec::new(),
        }
    });
    unknown.collect()
}

/// Whether a type is of IAM, in any spelling.
fn is_of_iam(kind: &str) -> bool {
    kind.to_ascii_lowercase().starts_with("aws::iam::")
}

/// The loops that are not written out, and make something of IAM.
fn loops(root: &Node) -> Vec<Unknown> {
    let Some(Value::Map(entries)) = written(root, "Resources").map(|it| &it.value) else {
        return Vec::new();
    };
    let loops = entries
        .iter()
        .filter(|(key, node)| name_of(key).starts_with("Fn::") && makes_something_of_iam(node));
    let gaps = loops.map(|(key, _)| Unknown {
        why: format!(
            "`{}` makes something of IAM only on deployment",
            name_of(key)
        ),
        at: Spot::of(key),
    });
    gaps.collect()
}

fn makes_something_of_iam(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { .. } => false,
        Value::List(items) => items.iter().any(makes_something_of_iam),
        Value::Map(entries) => entries.iter().any(|(key, value)| match name_of(key) {
            // A type is never made by a function.
            "Type" => value
                .name()
                .is_some_and(|it| it.starts_with(IAM) || sam::has_a_role(it)),
            _ => {
                matches!(value.value, Value::Map(_) | Value::List(_))
                    && makes_something_of_iam(value)
            }
        }),
    }
}

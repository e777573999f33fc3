//! `ResourcePolicy` in the `Auth` of a serverless API or of an event: the statements that SAM writes for it into the
//! definition, method by method.
//!
//! Source: [ResourcePolicyStatement](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html)
//! and, where it is silent, [what SAM does](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/swagger/swagger.py).

use super::super::openapi::{ANY, POLICY};
use super::super::tree::{Entry, Kind, Spot, Told, Tree, Unknown, Written};
use super::super::unknown_keys::unknown_keys;
use super::globals::size;

const CUSTOM: &str = "CustomStatements";

const KEYS: &[&str] = &[
    "AwsAccountBlacklist",
    "AwsAccountWhitelist",
    CUSTOM,
    "IntrinsicVpcBlacklist",
    "IntrinsicVpcWhitelist",
    "IntrinsicVpceBlacklist",
    "IntrinsicVpceWhitelist",
    "IpRangeBlacklist",
    "IpRangeWhitelist",
    "SourceVpcBlacklist",
    "SourceVpcWhitelist",
];

/// The lists of networks: the operator of the Deny statement, and the keys of what SAM tells apart itself, of VPCs and of VPC
/// endpoints.
const NETWORKS: [(&str, [&str; 3]); 2] = [
    (
        "StringEquals",
        [
            "SourceVpcBlacklist",
            "IntrinsicVpcBlacklist",
            "IntrinsicVpceBlacklist",
        ],
    ),
    (
        "StringNotEquals",
        [
            "SourceVpcWhitelist",
            "IntrinsicVpcWhitelist",
            "IntrinsicVpceWhitelist",
        ],
    ),
];

/// How many values the statements of one `ResourcePolicy` may have: each path of its API gets all of them.
const MOST: usize = 200_000;

/// How many statements a policy may have, and how many methods of a path they may name. API Gateway takes a policy of 8,192
/// characters, and knows nine verbs.
///
/// Source: [API Gateway quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
const MOST_STATEMENTS: usize = 1_000;
const MOST_METHODS: usize = 64;

/// Adds statements to the policy of a definition. What cannot be told leaves a policy that cannot be.
pub(super) fn add(document: &mut Tree, made: Told<Vec<Tree>>, at: Spot) {
    let is_there = document.raw(POLICY).is_some_and(Tree::is_truthy);
    if !is_there {
        document.set(POLICY, map(Vec::new(), at));
    }
    let Some(whole) = document.child_mut(POLICY) else {
        return;
    };
    if let Err(unknown) = made.and_then(|made| extend(whole, made, at)) {
        *whole = Tree::new(Kind::Unknown(unknown.why), unknown.at);
    }
}

/// Adds statements to a policy.
fn extend(whole: &mut Tree, made: Vec<Tree>, at: Spot) -> Told<()> {
    as_written(whole, POLICY)?.entries()?;
    if made.is_empty() {
        return Ok(());
    }
    whole.set("Version", text("2012-10-17", at));
    match whole.child_mut("Statement") {
        None => whole.set("Statement", list(made, at)),
        Some(there) if there.is_null() => *there = list(made, at),
        Some(there) => {
            if !matches!(there.kind, Kind::List(_)) {
                *there = list(one_or_more(there, "Statement")?, at);
            }
            as_written(there, "Statement")?;
            if let Kind::List(before) = &mut there.kind {
                before.extend(made);
            }
        }
    }
    match whole.items_of("Statement")?.len() > MOST_STATEMENTS {
        true => Err(whole.unknown("has more statements than API Gateway takes")),
        false => Ok(()),
    }
}

/// The statements that SAM writes for these paths, each with its methods.
pub(super) fn statements(policy: &Tree, paths: &[Entry], stage: &Tree) -> Told<Vec<Tree>> {
    let keys = as_written(policy, "ResourcePolicy")?.entries()?;
    if let Some(unknown) = unknown_keys("`ResourcePolicy`", keys, KEYS)
        .into_iter()
        .next()
    {
        return Err(Unknown {
            why: format!("is not understood: {}", unknown.why),
            ..unknown
        });
    }
    if size(policy).saturating_mul(paths.len()) > MOST {
        return Err(policy.unknown("makes more statements than are read here"));
    }
    let mut statements = Vec::new();
    for path in paths {
        let resources = resources(path, stage, policy.at)?;
        statements.extend(of_path(policy, &resources)?);
    }
    if let Some(custom) = values(policy, CUSTOM)? {
        statements.extend(custom);
    }
    Ok(statements)
}

/// The statements for the methods of one path.
fn of_path(policy: &Tree, resources: &Tree) -> Told<Vec<Tree>> {
    let at = resources.at;
    let statement = |effect: &str, principal: Tree| {
        vec![
            ("Effect", text(effect, at)),
            ("Action", text("execute-api:Invoke", at)),
            ("Resource", resources.clone()),
            ("Principal", principal),
        ]
    };
    let everybody_but = |operator: &str, keys: Vec<(&str, Tree)>| {
        let mut deny = statement("Deny", text("*", at));
        deny.push(("Condition", map(vec![(operator, map(keys, at))], at)));
        [map(statement("Allow", text("*", at)), at), map(deny, at)]
    };
    let mut made = Vec::new();
    for (key, effect) in [
        ("AwsAccountWhitelist", "Allow"),
        ("AwsAccountBlacklist", "Deny"),
    ] {
        if let Some(accounts) = values(policy, key)? {
            let principal = map(vec![("AWS", list(accounts, at))], at);
            made.push(map(statement(effect, principal), at));
        }
    }
    for (key, operator) in [
        ("IpRangeWhitelist", "NotIpAddress"),
        ("IpRangeBlacklist", "IpAddress"),
    ] {
        if let Some(ranges) = values(policy, key)? {
            made.extend(everybody_but(
                operator,
                vec![("aws:SourceIp", list(ranges, at))],
            ));
        }
    }
    for (operator, [told_apart, vpcs, endpoints]) in NETWORKS {
        let told_apart = values(policy, told_apart)?.unwrap_or_default();
        // SAM takes texts alone here, and refuses a function.
        for value in &told_apart {
            as_written(value, "a VPC or VPC endpoint")?.text()?;
        }
        let begins = |it: &&Tree, with: &str| it.text().is_ok_and(|it| it.starts_with(with));
        let of = |prefix: &str, own: &str| -> Told<Vec<Tree>> {
            let mut found: Vec<Tree> = told_apart
                .iter()
                .filter(|it| begins(it, prefix))
                .cloned()
                .collect();
            found.extend(values(policy, own)?.unwrap_or_default());
            Ok(found)
        };
        let keys = [
            ("aws:SourceVpc", of("vpc-", vpcs)?),
            ("aws:SourceVpce", of("vpce-", endpoints)?),
        ];
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(key, values)| (key, list(values, at)))
            .collect();
        if !keys.is_empty() {
            made.extend(everybody_but(operator, keys));
        }
    }
    Ok(made)
}

/// The methods of a path as a resource policy names them: each path parameter is a star.
fn resources(path: &Entry, stage: &Tree, at: Spot) -> Told<Tree> {
    let stage = stage.text()?;
    let methods = as_written(&path.value, &path.key)?.entries()?;
    if methods.len() > MOST_METHODS {
        return Err(path.value.unknown("has more methods than a path can have"));
    }
    let resources = methods.iter().map(|method| {
        let verb = method.key.to_ascii_uppercase();
        let is_any = method.key.eq_ignore_ascii_case(ANY) || verb == "ANY";
        let verb = if is_any { "*" } else { &verb };
        text(
            &format!("execute-api:/{stage}/{verb}{}", starred(&path.key)),
            at,
        )
    });
    Ok(list(resources.collect(), at))
}

/// A path with a star for each of its parameters.
fn starred(path: &str) -> String {
    let mut made = String::new();
    let mut rest = path;
    while let Some((before, parameter)) = rest.split_once('{')
        && let Some((_, after)) = parameter.split_once('}')
    {
        made.push_str(before);
        made.push('*');
        rest = after;
    }
    made + rest
}

/// The values of a list, which may be one value. `None`: SAM writes no statement for it.
fn values(policy: &Tree, key: &str) -> Told<Option<Vec<Tree>>> {
    match policy.raw(key).filter(|it| it.is_truthy()) {
        Some(values) => Ok(Some(one_or_more(values, key)?)),
        None => Ok(None),
    }
}

/// The items of a list, or the one thing that stands in its place. A parameter that is a list is one text to SAM.
fn one_or_more(tree: &Tree, name: &str) -> Told<Vec<Tree>> {
    match &as_written(tree, name)?.kind {
        Kind::List(items) if tree.written != Written::Reference => Ok(items.clone()),
        Kind::Text(_) | Kind::Map(_) => Ok(vec![tree.clone()]),
        _ => Err(tree.unknown(format!(
            "is no list that SAM sees, in the place of `{name}`"
        ))),
    }
}

/// A part that no function makes.
fn as_written<'t>(tree: &'t Tree, name: &str) -> Told<&'t Tree> {
    tree.as_written(|| {
        format!("is made by a function in the place of `{name}`, and SAM writes statements without looking into it")
    })
}

fn text(text: &str, at: Spot) -> Tree {
    Tree::new(Kind::Text(text.to_owned()), at)
}

fn list(items: Vec<Tree>, at: Spot) -> Tree {
    Tree::new(Kind::List(items), at)
}

fn map(entries: Vec<(&str, Tree)>, at: Spot) -> Tree {
    let entries = entries.into_iter().map(|(key, value)| Entry {
        key: key.to_owned(),
        at,
        value,
    });
    Tree::new(Kind::Map(entries.collect()), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_parameter_is_a_star() {
        for (path, wanted) in [
            ("/", "/"),
            ("/pets/{id}", "/pets/*"),
            ("/a/{b}/c/{proxy+}", "/a/*/c/*"),
            ("/odd{", "/odd{"),
        ] {
            assert_eq!(starred(path), wanted);
        }
    }
}

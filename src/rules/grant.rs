//! The command that lets a group call certain methods and nothing else.

use sha2::{Digest, Sha256};

use super::{Context, holders, remedies};
use crate::config::WhichPolicy;
use crate::finding::{Exposure, command};
use crate::model::{Api, ApiKind, Inventory, Stage};

/// What stands for the group's name where the policy file names none. It is a word that no shell expands,
/// and there is no such group.
const GROUP_NAME: &str = "GROUP_NAME";

/// A longer document is left to the reader: the inline policies of a group share 5,120 characters
/// ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
const LONGEST: usize = 2_000;

/// A method that somebody is to be allowed to call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granted<'a> {
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    pub(super) verb: &'a str,
    pub(super) path: &'a str,
}

/// The command that grants a method to the group that the policy file means to call it, or else to one that
/// the reader puts in. `None`: no command grants just this.
pub(super) fn to_its_group(
    context: Context<'_>,
    method: Granted<'_>,
    exposures: &[Exposure],
) -> Option<String> {
    let meant = group_that_is_meant(context, method, exposures);
    if let Some(group) = meant {
        return to_group(context.inventory, group, &[method]);
    }
    // Where the policy file demands AWS's policy of a group, it accepts that the group calls everything.
    let full = remedies::invoke_policy_arn(&context.inventory.partition);
    let mut groups = context.policy.groups.iter();
    let accepted = groups.find(|group| {
        group.policies.iter().any(|policy| match policy {
            WhichPolicy::ManagedArn(arn) => *arn == full,
            WhichPolicy::ManagedName(name) => name == remedies::INVOKE_POLICY,
            WhichPolicy::Inline(_) => false,
        })
    });
    match accepted {
        Some(group) => Some(remedies::attach_command(&group.name, &full)),
        None => to_group(context.inventory, GROUP_NAME, &[method]),
    }
}

/// The command that grants methods, and nothing else, to a group. `None`: their ARNs take in other methods as
/// well, or are too many.
pub(super) fn to_group(
    inventory: &Inventory,
    group: &str,
    methods: &[Granted<'_>],
) -> Option<String> {
    let arns: Option<Vec<String>> = methods.iter().map(|it| arn(inventory, *it)).collect();
    let arns = arns?;
    let first = methods.first()?;
    let resources = serde_json::to_string(&arns).ok()?;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"execute-api:Invoke","Resource":{resources}}}]}}"#
    );
    (document.len() <= LONGEST).then(|| {
        command(&[
            "aws",
            "iam",
            "put-group-policy",
            "--group-name",
            group,
            "--policy-name",
            &policy_name(&first.api.id, &arns),
            "--policy-document",
            &document,
        ])
    })
}

/// A name that no policy for other methods has: `put-group-policy` replaces a policy of the same name.
fn policy_name(api: &str, arns: &[String]) -> String {
    let mut hash = Sha256::new();
    for arn in arns {
        hash.update(arn);
        hash.update([0]);
    }
    let hash = hash.finalize();
    let digits = hash.iter().take(6).map(|byte| format!("{byte:02x}"));
    let api: String = api.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("invoke-{api}-{}", digits.collect::<String>())
}

/// The ARN of the requests of a method, with `*` for what a caller fills in. `None`: the default route of an
/// HTTP API, whose requests no pattern tells from those of the stage's other routes.
fn arn(inventory: &Inventory, method: Granted<'_>) -> Option<String> {
    let Granted {
        api, stage, verb, ..
    } = method;
    let stage_arn = format!(
        "arn:{}:execute-api:{}:{}:{}/{}",
        inventory.partition, api.region, inventory.account, api.id, stage.name
    );
    if api.kind == ApiKind::WebSocket {
        return Some(format!("{stage_arn}/{}", method.path));
    }
    let path = method.path.strip_prefix('/')?;
    let verb = if verb == "ANY" { "*" } else { verb };
    Some(format!("{stage_arn}/{verb}/{}", without_parameters(path)))
}

/// A path template with `*` in the place of each `{…}`.
fn without_parameters(path: &str) -> String {
    let mut plain = String::new();
    let mut rest = path;
    while let Some((before, parameter)) = rest.split_once('{') {
        plain.push_str(before);
        plain.push('*');
        rest = parameter.split_once('}').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

/// The group that the policy file says should call a method.
fn group_that_is_meant<'p>(
    context: Context<'p>,
    method: Granted<'_>,
    exposures: &[Exposure],
) -> Option<&'p str> {
    let selects = |selector| {
        let mut exposures = exposures.iter();
        exposures.any(|it| holders::selects_at(selector, method, Some(*it)))
    };
    let mut groups = context.policy.groups.iter();
    let expected = groups.find(|group| group.invoke.iter().any(selects));
    if let Some(group) = expected {
        return Some(&group.name);
    }
    let entries = context.policy.invokers.iter();
    let entries = entries.filter(|entry| selects(&entry.selector));
    let mut groups = entries.flat_map(|entry| &entry.groups);
    groups
        .find(|name| !name.contains(['*', '?']))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_wildcards() {
        for (path, plain) in [
            ("", ""),
            ("pets", "pets"),
            ("pets/{petId}", "pets/*"),
            ("{a}/x/{b}", "*/x/*"),
            ("files/{name}.{kind}/{rest+}", "files/*.*/*"),
        ] {
            assert_eq!(without_parameters(path), plain, "{path}");
        }
    }

    #[test]
    fn policies_for_other_methods_have_other_names() {
        let of = |arns: &[&str]| {
            let arns: Vec<String> = arns.iter().map(|it| (*it).to_owned()).collect();
            policy_name("a1b2c3d4e5", &arns)
        };
        let names = [of(&["a"]), of(&["b"]), of(&["a", "b"]), of(&["ab"])];
        for (at, name) in names.iter().enumerate() {
            assert!(name.starts_with("invoke-a1b2c3d4e5-"), "{name}");
            assert_eq!(names.iter().position(|it| it == name), Some(at), "{name}");
        }
        assert_eq!(policy_name("a; id", &[]).split('-').nth(1), Some("aid"));
    }
}

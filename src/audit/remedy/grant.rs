//! The command that lets a group or role call certain methods and nothing else, or why there is none.

use std::cell::LazyCell;

use sha2::{Digest, Sha256};

use crate::audit::access::HolderKind;
use crate::audit::context::Context;
use crate::audit::finding::{Exposure, Remedy, command};
use crate::audit::method::{AtStage, MethodAt};
use crate::audit::remedy::grantee::{Grantee, about_stage, exposures};
use crate::audit::remedy::meant::{Meant, select_all};
use crate::audit::remedy::{commands, summary, taken_in};
use crate::inventory::{InlinePolicy, listed, quoted};
use crate::policy_file::{Invokers, Selector, WhichPolicy};

/// What stands for the group's name where the policy file names none. It is a word that no shell expands,
/// and there is no such group.
const GROUP_NAME: &str = "GROUP_NAME";

/// A longer document is left to the reader: the inline policies of a group share 5,120 characters
/// ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
const LONGEST: usize = 2_000;

/// An ARN of a method is longer than this: of very many methods, none is looked at.
const SHORTEST_ARN: usize = 40;

/// As many roles and users are named.
const NAMED: usize = 3;

/// The command, or why no command grants it.
pub(in crate::audit) type Grant = Result<String, String>;

/// Adds a grant to the commands of a remedy, or to its summary why there is none.
pub(in crate::audit) fn add(remedy: &mut Remedy, grant: Grant) {
    match grant {
        // Made at once, the list has no room left over: there may be a grant for each of very many methods.
        Ok(command) if remedy.commands.is_empty() => remedy.commands = vec![command.into()],
        Ok(command) => remedy.commands.push(command.into()),
        Err(why) => {
            remedy.summary = summary(&remedy.summary, Some(why)).into();
        }
    }
}

/// Who is to be allowed a method, and by what.
#[derive(Debug, Clone)]
pub(in crate::audit) enum ForMethod<'a> {
    /// AWS's policy for all APIs, which the policy file demands of this group.
    Managed {
        /// The group's name.
        group: &'a str,
        /// The policy's ARN.
        arn: String,
    },
    /// An inline policy for this method. `None`: the reader chooses the group.
    Inline(Option<&'a str>),
}

/// Why there is no inline policy for some methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::audit) struct NotGranted {
    /// The place, among the methods, of the one that cannot be granted. `None`: it is all of them together.
    pub(in crate::audit) method: Option<usize>,
    /// Why.
    pub(in crate::audit) why: String,
}

/// An inline policy that lets a group or role call certain methods and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::audit) struct Inline {
    kind: HolderKind,
    /// The name of the group or role.
    holder: String,
    /// The policy's name, which no policy of the holder has.
    pub(in crate::audit) name: String,
    /// The document.
    pub(in crate::audit) document: String,
}

impl Inline {
    /// The command that puts it.
    pub(in crate::audit) fn command(&self) -> String {
        let kind = self.kind.as_str();
        command(&[
            "aws",
            "iam",
            &format!("put-{kind}-policy"),
            &format!("--{kind}-name"),
            &self.holder,
            "--policy-name",
            &self.name,
            "--policy-document",
            &self.document,
        ])
    }
}

/// The command that grants a method to the group that the policy file means to call it, or else to one that
/// the reader puts in.
pub(in crate::audit) fn to_its_group(
    context: Context<'_>,
    method: MethodAt<'_>,
    exposures: &[Exposure],
) -> Grant {
    match for_method(context, method, exposures)? {
        ForMethod::Managed { group, arn } => Ok(commands::attach_command(group, &arn)),
        ForMethod::Inline(group) => {
            let grantee = group.map_or(Grantee::OF_THE_READERS_CHOICE, Grantee::group);
            to_holder(context, grantee, &[method])
        }
    }
}

/// The group that the policy file means to call a method, where its policies let its members call it already.
pub(in crate::audit) fn granted_group<'a>(
    context: Context<'a>,
    method: MethodAt<'_>,
    exposures: &[Exposure],
) -> Option<&'a str> {
    let group = match for_method(context, method, exposures) {
        Ok(ForMethod::Managed { group, .. } | ForMethod::Inline(Some(group))) => group,
        Ok(ForMethod::Inline(None)) | Err(_) => return None,
    };
    let estate = &context.access?.estate;
    let is_granted = context.calls.is_granted(estate, group, method);
    is_granted.then_some(group)
}

/// The group that the policy file means to call a method, and by what.
///
/// # Errors
/// Why it means none.
pub(in crate::audit) fn for_method<'a>(
    context: Context<'a>,
    method: MethodAt<'_>,
    exposures: &[Exposure],
) -> Result<ForMethod<'a>, String> {
    let exposures: Vec<Option<Exposure>> = exposures.iter().copied().map(Some).collect();
    let (api, stage) = (method.api, method.stage);
    let selects = |it: AtStage<'_>| exposures.iter().any(|with| it.selects(method, *with));
    let entries = about_stage(context, api, stage);
    let speaking = entries.iter().filter(|(at, _)| selects(*at));
    let speaking: Vec<&Invokers> = speaking.map(|(_, entry)| *entry).collect();
    // A group that is meant to call some verbs of an `ANY` method is not meant to call all of them.
    let wholly = |selector: &Selector| {
        let all = |it| select_all(&[it], method, &exposures);
        AtStage::new(selector, api, stage).is_some_and(all)
    };
    if let Some(group) = group_that_is_meant(context, &speaking, &wholly) {
        return Ok(ForMethod::Inline(Some(group)));
    }
    if !speaking.is_empty() && speaking.iter().all(|it| it.groups.is_empty()) {
        let others = speaking
            .iter()
            .flat_map(|it| it.roles.iter().chain(&it.users));
        let others: Vec<String> = others.map(|it| quoted(it)).collect();
        if others.is_empty() {
            return Err(
                "no command grants it to a group, because `invokers` of the policy file lists none for it, only other \
                 accounts or organizations: the resource policy of the API lets these in"
                    .to_owned(),
            );
        }
        return Err(format!(
            "no command grants it to a group, because `invokers` of the policy file lists none for it, only the \
             roles and users {}: grant it to these",
            listed(others.into_iter(), NAMED)
        ));
    }
    // A policy file that demands AWS's policy of a group accepts that the group calls everything.
    let full = commands::invoke_policy_arn(&context.inventory.partition);
    let mut groups = context.policy.groups.iter();
    let accepted = groups.find(|group| {
        let is_demanded = group.policies.iter().any(|policy| match policy {
            WhichPolicy::ManagedArn(arn) => *arn == full,
            WhichPolicy::ManagedName(name) => name == commands::INVOKE_POLICY,
            WhichPolicy::Inline(_) => false,
        });
        is_demanded && !Grantee::group(&group.name).is_unlisted(&entries, method, &exposures)
    });
    Ok(match accepted {
        Some(group) => ForMethod::Managed {
            group: &group.name,
            arn: full,
        },
        None => ForMethod::Inline(None),
    })
}

/// The command that grants methods, and nothing else, to a group or role.
pub(in crate::audit) fn to_holder(
    context: Context<'_>,
    grantee: Grantee<'_>,
    methods: &[MethodAt<'_>],
) -> Grant {
    let policy = inline(context, grantee, methods);
    policy.map(|it| it.command()).map_err(|it| it.why)
}

/// The inline policy that grants methods, and nothing else, to a group or role.
///
/// # Errors
/// Why there is none.
pub(in crate::audit) fn inline(
    context: Context<'_>,
    grantee: Grantee<'_>,
    methods: &[MethodAt<'_>],
) -> Result<Inline, NotGranted> {
    let too_long = || {
        NotGranted {
        method: None,
        why: "no command grants it, because its document would be longer than fits beside other policies: write one \
              with fewer ARNs"
            .to_owned(),
    }
    };
    if methods.len() > LONGEST / SHORTEST_ARN {
        return Err(too_long());
    }
    let kind = grantee.kind.as_str();
    let name = grantee.name.unwrap_or(GROUP_NAME);
    let mut arns: Vec<String> = Vec::new();
    let meant = Meant::new(context, grantee);
    for (at, method) in methods.iter().enumerate() {
        let not_granted = |why| NotGranted {
            method: Some(at),
            why,
        };
        let entries = about_stage(context, method.api, method.stage);
        if grantee.is_unlisted(&entries, *method, &exposures(context, *method)) {
            return Err(not_granted(format!(
                "no command grants it, because `invokers` of the policy file does not list {kind} {} for {}",
                quoted(name),
                method.name()
            )));
        }
        // The other methods are those of its stage.
        let meant = LazyCell::new(|| meant.as_ref()?.at(method.api, method.stage));
        let also = |other: MethodAt<'_>| {
            let is_granted = methods.iter().any(|it| taken_in::is_same(*it, other));
            is_granted || meant.as_ref().is_some_and(|it| it.has(other))
        };
        arns.extend(taken_in::arns(context, *method, &also).map_err(not_granted)?);
    }
    let first = methods.first().ok_or_else(too_long)?;
    let resources = serde_json::to_string(&arns).map_err(|_| too_long())?;
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"execute-api:Invoke","Resource":{resources}}}]}}"#
    );
    if document.len() > LONGEST {
        return Err(too_long());
    }
    let own_name = policy_name(&first.api.id, &arns);
    Ok(Inline {
        kind: grantee.kind,
        holder: name.to_owned(),
        name: free_name(&own_name, &grantee.inline(context)),
        document,
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

/// Whether a policy that grants these methods of an API may be called so.
pub(in crate::audit) fn is_name_of(name: &str, api: &str, arns: &[String]) -> bool {
    let own = policy_name(api, arns);
    let Some(rest) = name.strip_prefix(&own) else {
        return false;
    };
    let number = rest.strip_prefix('-').and_then(|it| it.parse::<u32>().ok());
    rest.is_empty() || number.is_some_and(|it| it > 1 && rest == format!("-{it}"))
}

/// The name, or the first with a number behind it that no policy has: somebody may have put more into the policy of
/// an earlier grant.
fn free_name(name: &str, taken: &[&InlinePolicy]) -> String {
    let is_taken = |name: &str| taken.iter().any(|it| it.name.eq_ignore_ascii_case(name));
    let mut free = name.to_owned();
    let mut number = 1;
    while is_taken(&free) {
        number += 1;
        free = format!("{name}-{number}");
    }
    free
}

/// The group that the policy file says should call a method: one that it must be able to, or one that is listed.
fn group_that_is_meant<'p>(
    context: Context<'p>,
    speaking: &[&'p Invokers],
    selects: &dyn Fn(&Selector) -> bool,
) -> Option<&'p str> {
    let mut groups = context.policy.groups.iter();
    let expected = groups.find(|group| group.invoke.iter().any(selects));
    if let Some(group) = expected {
        return Some(&group.name);
    }
    let whole = speaking.iter().filter(|it| selects(&it.selector));
    let mut groups = whole.flat_map(|entry| &entry.groups);
    groups
        .find(|name| !name.contains(['*', '?']))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::parse_document;

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

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let policies = ["INVOKE-a", "invoke-a-2", "invoke-a-4"].map(|name| InlinePolicy {
            name: name.to_owned(),
            document: parse_document("{}"),
        });
        let taken: Vec<&InlinePolicy> = policies.iter().collect();
        assert_eq!(free_name("invoke-a", &taken), "invoke-a-3");
        assert_eq!(free_name("invoke-b", &taken), "invoke-b");
    }
}

//! What lets the group call the methods that a plan protects.

use std::collections::BTreeMap;

use crate::audit::access::{Estate, HolderKind};
use crate::audit::context::Context;
use crate::audit::finding::{Exposure, Fingerprint};
use crate::audit::fix::callers::served;
use crate::audit::fix::stage::Target;
use crate::audit::fix::state::State;
use crate::audit::fix::step::{Action, Step};
use crate::audit::method::MethodAt;
use crate::audit::remedy::commands::attach_command;
use crate::audit::remedy::grant::{ForMethod, NotGranted, for_method, inline};
use crate::audit::remedy::grantee::Grantee;
use crate::iam::Verdict;
use crate::inventory::{AuthorizationType, Group, listed, quoted};

/// As many methods are named in a note.
const NAMED: usize = 3;

/// The steps that grant, and what a reader should know of those that there are not.
#[derive(Debug, Default)]
pub(super) struct Grants {
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<String>,
    /// Why the group that should call a method is not granted it.
    pub(super) left_out: BTreeMap<Fingerprint, String>,
}

impl Grants {
    fn leave_out(&mut self, target: &Target<'_>, why: &str) {
        let place = target.finding.place.in_words();
        self.notes.push(format!("{place}: {why}"));
        let finding = target.finding.fingerprint();
        self.left_out.insert(finding, why.to_owned());
    }
}

/// The grants for methods that ask for AWS_IAM then. `after` has all else that the plan does: what a group can call then
/// without a grant needs none. `named`: the group that was asked for.
pub(super) fn grants(
    context: Context<'_>,
    after: Option<&Estate<'_>>,
    targets: &[&Target<'_>],
    named: Option<&str>,
) -> Grants {
    let mut grants = Grants::default();
    let mut inlined: BTreeMap<(&str, &str, &str), Vec<&Target<'_>>> = BTreeMap::new();
    let mut without_group: Vec<String> = Vec::new();
    let of_iam = |it: &&&Target<'_>| it.type_after() == Some(&AuthorizationType::AwsIam);
    for target in targets.iter().filter(of_iam) {
        let at = place(target);
        let (group, arn) = match wanted(context, target, named) {
            Ok(ForMethod::Managed { group, arn }) => (group, Some(arn)),
            Ok(ForMethod::Inline(Some(group))) => (group, None),
            Ok(ForMethod::Inline(None)) => {
                without_group.push(target.finding.place.in_words());
                continue;
            }
            Err(why) => {
                grants.leave_out(target, &why);
                continue;
            }
        };
        let Some(group) = existing(context, group) else {
            let group = quoted(group);
            let why = format!(
                "group {group} should call it, and there is no such group: nothing is granted"
            );
            grants.leave_out(target, &why);
            continue;
        };
        if after.is_some_and(|it| can_call(it, &group.name, target)) {
            continue;
        }
        match arn {
            Some(arn) => attach(&mut grants.steps, group, &arn, target),
            None => {
                let key = (
                    group.name.as_str(),
                    at.api.region.as_str(),
                    at.api.id.as_str(),
                );
                inlined.entry(key).or_default().push(target);
            }
        }
    }
    if !without_group.is_empty() {
        grants.notes.push(format!(
            "the policy file names no group that should call {}: no group is granted anything there, unless --group names one",
            listed(without_group.into_iter(), NAMED)
        ));
    }
    for ((group, ..), targets) in inlined {
        put(context, &mut grants, group, &targets);
    }
    grants
}

/// Who is to be allowed a method, and by what.
fn wanted<'a>(
    context: Context<'a>,
    target: &Target<'_>,
    named: Option<&'a str>,
) -> Result<ForMethod<'a>, String> {
    let exposures: Vec<Exposure> = target.method.reach.exposures().collect();
    match named {
        Some(group) => Ok(ForMethod::Inline(Some(group))),
        None => for_method(context, place(target), &exposures),
    }
}

fn place<'a>(target: &Target<'a>) -> MethodAt<'a> {
    MethodAt {
        api: target.method.api,
        stage: target.method.stage,
        verb: target.method.verb,
        path: target.method.path,
    }
}

fn existing<'a>(context: Context<'a>, name: &str) -> Option<&'a Group> {
    let mut groups = context.inventory.iam.iter().flat_map(|it| &it.groups);
    groups.find(|it| it.name.eq_ignore_ascii_case(name))
}

/// Whether the members of a group can call all requests of a method, whatever the conditions.
fn can_call(estate: &Estate<'_>, group: &str, target: &Target<'_>) -> bool {
    let mut holders = estate.holders().iter();
    let holder = holders.find(|it| it.kind == HolderKind::Group && it.name == group);
    let method = served(estate, target);
    let (Some(holder), Some(method)) = (holder, method) else {
        return false;
    };
    let cells = estate.cells(holder, &[method]);
    let cell = cells.first();
    cell.is_some_and(|it| it.verdict == Verdict::All && !it.conditional)
}

/// One step attaches the policy for all methods.
fn attach(steps: &mut Vec<Step>, group: &Group, arn: &str, target: &Target<'_>) {
    let finding = target.finding.fingerprint();
    if group.attached.iter().any(|it| it.arn == arn) {
        return;
    }
    let action = Action::AttachGroupPolicy {
        group: group.name.clone(),
        arn: arn.to_owned(),
    };
    if let Some(step) = steps.iter_mut().find(|it| it.action == action) {
        step.findings.push(finding);
        return;
    }
    steps.push(Step {
        what: action.in_words(),
        action,
        before: "it is not attached".to_owned(),
        after: format!("{arn} is attached"),
        command: attach_command(&group.name, arn),
        findings: vec![finding],
        expects: State::Attachment { attached: false },
        freezes: Vec::new(),
    });
}

/// One step puts a policy for the methods of an API. One that cannot be granted takes no other with it, unless a wildcard of
/// the other's would grant it as well.
fn put(context: Context<'_>, grants: &mut Grants, group: &str, targets: &[&Target<'_>]) {
    let mut left = targets.to_vec();
    let policy = loop {
        if left.is_empty() {
            return;
        }
        let methods: Vec<MethodAt<'_>> = left.iter().map(|it| place(it)).collect();
        match inline(context, Grantee::group(group), &methods) {
            Ok(policy) => break policy,
            Err(NotGranted { method, why }) => {
                let gone = match method {
                    Some(at) if at < left.len() => vec![left.remove(at)],
                    _ => std::mem::take(&mut left),
                };
                for target in gone {
                    grants.leave_out(target, &why);
                }
            }
        }
    };
    let (after, command) = (
        format!("policy {}: {}", policy.name, policy.document),
        policy.command(),
    );
    let action = Action::PutGroupPolicy {
        group: group.to_owned(),
        policy: policy.name,
        document: policy.document,
    };
    grants.steps.push(Step {
        what: action.in_words(),
        before: "it has no policy of this name".to_owned(),
        after,
        command,
        findings: left.iter().map(|it| it.finding.fingerprint()).collect(),
        expects: State::Policy { document: None },
        freezes: Vec::new(),
        action,
    });
}

//! Whether a journal is one that `gatewatch fix` writes.
//!
//! Somebody may have edited a journal, or sent one. What it says is used only where each step is of a kind and a form that a
//! plan has, for one account and partition. That says nothing about whether the run took place: that is held against the
//! account, where a step is undone.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::audit::finding::{ApiRef, Fingerprint, Place};
use crate::audit::fix::ahead::is_in_effect;
use crate::audit::fix::journal::{Begun, Journal, JournalMethod, JournalStep, Progress};
use crate::audit::fix::seal::sealed;
use crate::audit::fix::selection::MENDED;
use crate::audit::fix::stage::is_of_aws;
use crate::audit::fix::state::{CanaryState, State};
use crate::audit::fix::step::Action;
use crate::audit::remedy::commands::invoke_policy_arn;
use crate::audit::remedy::grant::is_name_of;
use crate::inventory::{ANY, ApiKind, AuthorizationType, VERBS, partition_of, quoted, region_name};

/// A journal that gatewatch did not write as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no journal as gatewatch writes them, and is not used: {0}")]
pub struct Unsound(String);

impl Journal {
    /// Whether gatewatch writes such a journal.
    ///
    /// # Errors
    /// What it would not write. Nothing of such a journal must be carried out.
    pub fn check(&self) -> Result<(), Unsound> {
        let begun = &self.begun;
        check_head(begun).map_err(Unsound)?;
        for (number, step, progress) in self.steps() {
            let at = |why: String| Unsound(format!("step {}: {why}", number + 1));
            check_action(&step.action, begun).map_err(at)?;
            check_states(step, progress).map_err(at)?;
        }
        check_order(begun).map_err(Unsound)?;
        check_findings(begun).map_err(Unsound)?;
        match sealed(begun.clone()) == *begun {
            true => Ok(()),
            false => Err(Unsound(
                "what it says that its deployments are called does not fit its steps".to_owned(),
            )),
        }
    }
}

fn check_head(begun: &Begun) -> Result<(), String> {
    let is_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    if begun.account.len() != 12 || !is_digits(&begun.account) {
        return Err(format!("{} is no account", quoted(&begun.account)));
    }
    let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
    if begun.run.is_empty() || begun.run.len() > 32 || !begun.run.bytes().all(is_hex) {
        return Err(format!("{} is no run", quoted(&begun.run)));
    }
    Ok(())
}

/// Whether an action is of a form that a plan has.
fn check_action(action: &Action, begun: &Begun) -> Result<(), String> {
    match action {
        Action::PutGroupPolicy {
            group,
            policy,
            document,
        } => {
            check_group(group)?;
            check_grant(policy, document, begun)
        }
        Action::AttachGroupPolicy { group, arn } => {
            check_group(group)?;
            match *arn == invoke_policy_arn(&begun.partition) {
                true => Ok(()),
                false => Err(format!("{} is a policy that no fix attaches", quoted(arn))),
            }
        }
        Action::SetAuthorization {
            region,
            api,
            kind,
            resource,
            path,
            verb,
        } => {
            check_api((region, api, *kind), begun)?;
            check_method(verb, path)?;
            match is_of_aws(resource) {
                true => Ok(()),
                false => Err(format!("{} is no id of a resource", quoted(resource))),
            }
        }
        Action::Deploy {
            region,
            api,
            kind,
            stage,
            ..
        } => {
            check_api((region, api, *kind), begun)?;
            check_stage(stage)
        }
    }
}

fn check_api((region, api, kind): (&str, &str, ApiKind), begun: &Begun) -> Result<(), String> {
    if region_name(region).is_err() || partition_of(region) != begun.partition {
        return Err(format!(
            "{} is no Region of the partition {}",
            quoted(region),
            quoted(&begun.partition)
        ));
    }
    if !is_of_aws(api) {
        return Err(format!("{} is no id of an API", quoted(api)));
    }
    match kind {
        ApiKind::Rest | ApiKind::Http => Ok(()),
        ApiKind::WebSocket => Err("no fix changes a WebSocket API".to_owned()),
    }
}

fn check_stage(stage: &str) -> Result<(), String> {
    match stage == "$default" || is_of_aws(stage) {
        true => Ok(()),
        false => Err(format!("{} is no name of a stage", quoted(stage))),
    }
}

fn check_method(verb: &str, path: &str) -> Result<(), String> {
    let is_verb = verb == ANY || VERBS.contains(&verb);
    let is_path = (path.starts_with('/') || path == "$default") && !has_control(path);
    match is_verb && is_path {
        true => Ok(()),
        false => Err(format!(
            "{} is no method",
            quoted(&format!("{verb} {path}"))
        )),
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Source: [names of IAM](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names).
fn check_group(name: &str) -> Result<(), String> {
    let is_letter = |it: char| it.is_ascii_alphanumeric() || "+=,.@_-".contains(it);
    match (1..=128).contains(&name.len()) && name.chars().all(is_letter) {
        true => Ok(()),
        false => Err(format!("{} is no name of a group", quoted(name))),
    }
}

/// Whether a policy lets its group call methods of this account, and nothing else, and is called as such policies are.
fn check_grant(policy: &str, document: &str, begun: &Begun) -> Result<(), String> {
    let refused = || {
        Err(format!(
            "policy {} is none that a fix puts into a group",
            quoted(policy)
        ))
    };
    let Some(arns) = invoked(document) else {
        return refused();
    };
    let (partition, account) = (begun.partition.as_str(), begun.account.as_str());
    let api_of = |arn: &String| -> Option<String> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [
            "arn",
            of_partition,
            "execute-api",
            region,
            of_account,
            resource,
        ] = parts.as_slice()
        else {
            return None;
        };
        let (api, _) = resource.split_once('/')?;
        let is_own = *of_partition == partition && *of_account == account;
        let is_region = region_name(region).is_ok() && partition_of(region) == partition;
        (is_own && is_region && is_of_aws(api)).then(|| api.to_owned())
    };
    let apis: Option<BTreeSet<String>> = arns.iter().map(api_of).collect();
    let apis: Vec<String> = apis.into_iter().flatten().collect();
    match apis.as_slice() {
        [api] if is_name_of(policy, api, &arns) => Ok(()),
        _ => refused(),
    }
}

/// The ARNs of a document whose only statement allows `execute-api:Invoke` on them.
fn invoked(document: &str) -> Option<Vec<String>> {
    let document: Value = serde_json::from_str(document).ok()?;
    let statement = document.get("Statement")?.as_array()?;
    let [statement] = statement.as_slice() else {
        return None;
    };
    let arns: Vec<String> = serde_json::from_value(statement.get("Resource")?.clone()).ok()?;
    let plain = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arns}],
    });
    (document == plain).then_some(arns)
}

/// Whether the states of a step are those of what it changes.
fn check_states(step: &JournalStep, progress: &Progress) -> Result<(), String> {
    let fits = match (&step.action, &step.expects) {
        (Action::PutGroupPolicy { .. }, State::Policy { document }) => document.is_none(),
        (Action::AttachGroupPolicy { .. }, State::Attachment { attached }) => !attached,
        (
            Action::SetAuthorization { .. },
            State::Method {
                authorization,
                authorizer,
                ..
            },
        ) => {
            let is_other = |it: &str| it != AuthorizationType::AwsIam.as_str() && is_of_aws(it);
            authorization.as_deref().is_none_or(is_other)
                && authorizer.as_deref().is_none_or(is_of_aws)
        }
        (Action::Deploy { canary: choice, .. }, State::Stage { deployment, canary }) => {
            let is_share = |it: &str| {
                it.parse::<f64>()
                    .is_ok_and(|it| (0.0..=100.0).contains(&it))
            };
            let is_canary = |it: &CanaryState| {
                it.deployment.as_deref().is_some_and(is_of_aws) && is_share(&it.percent)
            };
            deployment.as_deref().is_none_or(is_of_aws)
                && choice.is_some() == canary.is_some()
                && canary.as_ref().is_none_or(is_canary)
        }
        _ => false,
    };
    if !fits {
        return Err("what it expects to find is nothing that a fix changes".to_owned());
    }
    let found = progress.found.as_ref();
    if found.is_some_and(|it| !it.is_as_planned(&step.expects)) {
        return Err(
            "what it found is not what it expected to find, and then no step is taken".to_owned(),
        );
    }
    let is_made = progress.made.as_deref().is_none_or(is_of_aws);
    let is_deployment = matches!(step.action, Action::Deploy { .. });
    if !is_made || (progress.made.is_some() && !is_deployment) {
        return Err("the deployment that it names is none".to_owned());
    }
    let left = progress.left.as_ref();
    match left.is_some_and(|it| !is_in_effect(step, progress, it)) {
        true => Err("what it left is not what it does".to_owned()),
        false => Ok(()),
    }
}

/// Whoever is to call is let in first, and what is set is deployed last. Nothing is changed twice.
fn check_order(begun: &Begun) -> Result<(), String> {
    let rank = |step: &JournalStep| match step.action {
        Action::PutGroupPolicy { .. } | Action::AttachGroupPolicy { .. } => 0,
        Action::SetAuthorization { .. } => 1,
        Action::Deploy { .. } => 2,
    };
    if !begun.steps.is_sorted_by_key(rank) {
        return Err("its steps are in an order that no plan has".to_owned());
    }
    for (at, step) in begun.steps.iter().enumerate() {
        let mut earlier = begun.steps.iter().take(at);
        if earlier.any(|it| it.action.does_the_same(&step.action)) {
            return Err(format!("step {}: it is there twice", at + 1));
        }
    }
    Ok(())
}

/// Whether each finding is of the method that it is said to be of, and each step is for such a finding.
fn check_findings(begun: &Begun) -> Result<(), String> {
    for method in &begun.methods {
        let name = || quoted(&format!("{} {}", method.verb, method.path));
        check_stage(&method.stage)?;
        check_method(&method.verb, &method.path)?;
        let place = place(begun, method);
        let mut ids = MENDED.iter().map(|it| Fingerprint::of(*it, &place));
        if !ids.any(|it| it.to_string() == method.finding) {
            return Err(format!(
                "{} is the id of no finding at {}",
                quoted(&method.finding),
                name()
            ));
        }
        let api = Some((method.region.as_str(), method.api.as_str()));
        if !begun.steps.iter().any(|it| it.action.api() == api) {
            return Err(format!("no step is for {}", name()));
        }
    }
    let known: BTreeSet<&str> = begun.methods.iter().map(|it| it.finding.as_str()).collect();
    let is_known = |step: &JournalStep| {
        let mut findings = step.findings.iter();
        !step.findings.is_empty() && findings.all(|it| known.contains(it.as_str()))
    };
    match begun.steps.iter().position(|it| !is_known(it)) {
        Some(at) => Err(format!("step {}: it is for no finding", at + 1)),
        None => Ok(()),
    }
}

fn place(begun: &Begun, method: &JournalMethod) -> Place {
    Place {
        region: Some(method.region.as_str().into()),
        api: Some(Arc::new(ApiRef {
            id: method.api.clone(),
            name: String::new(),
            kind: None,
        })),
        stage: Some(method.stage.as_str().into()),
        verb: Some(method.verb.as_str().into()),
        path: Some(method.path.as_str().into()),
        route_key: method.route_key.as_deref().map(Into::into),
        ..Place::of_account(&begun.account)
    }
}

//! Whether a source that was changed says the same as before, but for the methods that were to be mended.
//!
//! - In: what was read and found before the change, and after it.
//! - Out: what stands against the change, in words.

use std::collections::BTreeSet;

use crate::audit::Report;
use crate::audit::finding::{Finding, Fingerprint, RuleId, named_file};
use crate::audit::remedy::preflight;
use crate::inventory::{Api, ApiKind, AuthorizationType, Inventory, OPTIONS};
use crate::template;

/// What was read of files, and what was found.
#[derive(Debug, Clone, Copy)]
pub struct Read<'r> {
    /// What was read of each file.
    pub inventories: &'r [Inventory],
    /// What was found.
    pub report: &'r Report,
}

/// Why a finding is not mended in the source, whatever that looks like. `None`: it may be.
pub fn left_alone(finding: &Finding) -> Option<String> {
    match finding.rule {
        RuleId::OpenMethod | RuleId::ApiKeyOnly | RuleId::OpenConnect | RuleId::PendingOpening => {}
        RuleId::UndeployedFix => {
            return Some(
                "the source says AWS_IAM already, and no new deployment is made: let `triggers` of the deployment change with \
                 its methods"
                    .to_owned(),
            );
        }
        rule => return Some(format!("no edit is made for {rule}")),
    }
    let is_options = finding.place.verb.as_deref() == Some(OPTIONS);
    is_options.then(|| {
        "the method is OPTIONS, and browsers do not sign preflight requests: answer it by a MOCK integration, or let \
         `preflight` of the policy file accept it"
            .to_owned()
    })
}

/// Looks whether a change mended these findings, and did nothing else: each of them is gone, none is new, and all that was read
/// is as before, but for the authorization type of their methods.
///
/// # Errors
/// What else would be, in words.
pub fn is_all_that_changed(
    before: Read<'_>,
    after: Read<'_>,
    mended: &[&Finding],
) -> Result<(), String> {
    let then = found(after.report);
    if let Some(stays) = mended.iter().find(|it| then.contains(&it.fingerprint())) {
        return Err(format!("{} would still be there", stays.rule));
    }
    let now = found(before.report);
    let mut all = after.report.evaluation.all_findings();
    if let Some(new) = all.find(|it| !now.contains(&it.fingerprint())) {
        let place = new.place.in_words();
        return Err(format!("afterwards there would be {} at {place}", new.rule));
    }
    if before.inventories.len() != after.inventories.len() {
        return Err("other files would be read".to_owned());
    }
    let pairs = before.inventories.iter().zip(after.inventories);
    for (before, after) in pairs {
        same(before, after, mended)?;
    }
    Ok(())
}

fn found(report: &Report) -> BTreeSet<Fingerprint> {
    let all = report.evaluation.all_findings();
    all.map(Finding::fingerprint).collect()
}

fn same(before: &Inventory, after: &Inventory, mended: &[&Finding]) -> Result<(), String> {
    let file = before.scope.template.as_deref().unwrap_or("");
    let name = named_file(file);
    let mut expected = before.clone();
    for finding in mended.iter().filter(|it| it.place.file == name) {
        for api in &mut expected.apis {
            set(api, finding);
        }
    }
    if expected.scope != after.scope || expected.apis.len() != after.apis.len() {
        return Err(format!("other APIs of {file} would be read"));
    }
    for (expected, after) in expected.apis.iter().zip(&after.apis) {
        if told(expected)? != told(after)? {
            return Err(format!(
                "something else of API {} would change",
                expected.id
            ));
        }
    }
    let gaps = |inventory: &Inventory| -> Result<Vec<String>, String> {
        let mut gaps: Vec<String> = inventory.gaps.iter().map(told).collect::<Result<_, _>>()?;
        gaps.sort();
        Ok(gaps)
    };
    if gaps(&expected)? != gaps(after)? {
        return Err(format!("something else of {file} could not be told"));
    }
    match told(&expected.iam)? == told(&after.iam)? {
        true => Ok(()),
        false => Err(format!("what {file} says of IAM would change")),
    }
}

/// Sets the method of a finding, as the change should.
fn set(api: &mut Api, finding: &Finding) {
    let place = &finding.place;
    let is_here = place.api.as_ref().is_some_and(|it| it.id == api.id)
        && place.region.as_deref() == Some(api.region.as_str());
    if !is_here {
        return;
    }
    let is_method = |verb: &str, path: &str, key: Option<&str>| match &place.route_key {
        Some(wanted) => key == Some(wanted.as_str()),
        None => place.method() == Some((verb, path)),
    };
    let iam = || Some(AuthorizationType::AwsIam);
    for method in api
        .deployments
        .iter_mut()
        .flat_map(|it| &mut it.methods)
        .flatten()
    {
        if is_method(&method.verb, &method.path, method.route_key.as_deref()) {
            method.authorization = iam();
        }
    }
    for method in api.draft.iter_mut().flatten() {
        if is_method(&method.verb, &method.path, method.route_key.as_deref()) {
            method.authorization = iam();
        }
    }
    keeps_nothing_else(api);
}

/// What a stage of a plan keeps may differ in nothing any more from what the plan makes: then it is one deployment.
fn keeps_nothing_else(api: &mut Api) {
    let methods = |id: &str| {
        let mut deployments = api.deployments.iter();
        let deployment = deployments.find(|it| it.id == id)?;
        let methods = deployment.methods.iter().flatten();
        let asked = methods.map(|it| (&it.path, &it.verb, &it.authorization, it.api_key_required));
        Some(asked.collect::<Vec<_>>())
    };
    let is_kept = |it: &Option<String>| it.as_deref() == Some(template::KEPT);
    if methods(template::KEPT) != methods(template::STAGE) {
        return;
    }
    let is_rest = api.kind == ApiKind::Rest;
    for stage in api.stages.iter_mut().flatten() {
        if is_kept(&stage.deployment_id) {
            stage.deployment_id = Some(template::STAGE.to_owned());
            stage.auto_deploy = !is_rest;
        }
    }
    api.deployments.retain(|it| it.id != template::KEPT);
}

/// What something says, without the lines and columns of a file: these move.
fn told(it: &impl serde::Serialize) -> Result<String, String> {
    let text =
        serde_json::to_string(it).map_err(|error| format!("it cannot be compared: {error}"))?;
    let mut kept = String::with_capacity(text.len());
    for part in text.split_inclusive(|it: char| !it.is_ascii_digit()) {
        let end = part.trim_start_matches(|it: char| it.is_ascii_digit());
        if end.len() == part.len() || !(kept.ends_with(':') || kept.ends_with("line ")) {
            kept += part;
        } else {
            kept += end;
        }
    }
    Ok(kept)
}

/// What browsers lose with the methods of these findings.
pub fn lost_preflights(inventories: &[Inventory], mended: &[&Finding]) -> BTreeSet<String> {
    let mut notes = BTreeSet::new();
    for inventory in inventories {
        let name = inventory.scope.template.as_deref().and_then(named_file);
        for finding in mended.iter().filter(|it| it.place.file == name) {
            let place = &finding.place;
            let mut apis = inventory.apis.iter();
            let api = apis.find(|api| place.api.as_ref().is_some_and(|it| it.id == api.id));
            let Some(api) = api else { continue };
            let mut drafted = api.draft.iter().flatten();
            let method = drafted.find(|it| match &place.route_key {
                Some(key) => it.route_key.as_ref() == Some(key),
                None => place.method() == Some((it.verb.as_str(), it.path.as_str())),
            });
            if let Some(lost) = method.and_then(|it| preflight::lost(api, it)) {
                notes.insert(format!("{}: {lost}", place.in_words()));
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_move_are_no_difference() {
        let told = |text: &str| told(&text).unwrap();
        assert_eq!(
            told("a.yaml:9:5: it is made"),
            told("a.yaml:10:15: it is made")
        );
        assert_eq!(told("on line 9 it is"), told("on line 12 it is"));
        assert_ne!(told("has 2 parts"), told("has 3 parts"));
        assert_ne!(told("v1"), told("v2"));
    }
}

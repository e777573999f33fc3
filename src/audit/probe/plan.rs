//! Which requests are sent.

use super::at_stage::AtStage;
use super::planned::Plan;
use super::questions::Questions;
use crate::audit::exposure::DomainNames;
use crate::inventory::{Inventory, Stage};
use crate::policy_file::nearest;

/// Nothing that was asked for is there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotThere(String);

/// Plans the requests to every deployed method that is asked for, at each of its URLs. Only URLs of the inventory are
/// asked, and only those that lead to the method by what was read.
///
/// # Errors
/// Where the inventory is that of a template, or has no API or stage that was asked for.
pub fn plan(inventory: &Inventory, questions: &Questions) -> Result<Plan, NotThere> {
    if let Some(template) = &inventory.scope.template {
        return Err(NotThere(format!(
            "{template} is a template: nothing of it is deployed under a URL that is known"
        )));
    }
    are_there(inventory, questions)?;
    let names = DomainNames::new(inventory);
    let mut plan = Plan::default();
    for api in inventory.apis.iter().filter(|it| questions.takes_api(it)) {
        let stages = api.stages.iter().flatten();
        for stage in stages.filter(|it| questions.takes_stage(it)) {
            let at = AtStage::new(inventory, &names, api, stage, questions);
            at.add_to(&mut plan);
        }
    }
    if let Some(unused) = unused_parameter(inventory, questions) {
        return Err(NotThere(unused));
    }
    Ok(plan)
}

/// Whether each API and each stage that was asked for is there.
fn are_there(inventory: &Inventory, questions: &Questions) -> Result<(), NotThere> {
    let apis = &inventory.apis;
    let known: Vec<&str> = apis
        .iter()
        .flat_map(|it| [it.name.as_str(), it.id.as_str()])
        .collect();
    for asked in &questions.apis {
        if !known.contains(&asked.as_str()) {
            return Err(missing(
                &format!("the inventory has no API `{asked}`"),
                asked,
                &known,
            ));
        }
    }
    let of_apis = apis.iter().filter(|it| questions.takes_api(it));
    let stages: Vec<&str> = of_apis
        .flat_map(|it| it.stages.iter().flatten())
        .map(|it: &Stage| it.name.as_str())
        .collect();
    for asked in &questions.stages {
        if !stages.contains(&asked.as_str()) {
            let what = format!("no API that was asked for has a stage `{asked}`");
            return Err(missing(&what, asked, &stages));
        }
    }
    Ok(())
}

fn missing(what: &str, asked: &str, known: &[&str]) -> NotThere {
    let hint = nearest(asked, known);
    let hint = hint.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    NotThere(format!("{what}{hint}"))
}

/// A value that was given for a parameter that no path has: it was meant for another one.
fn unused_parameter(inventory: &Inventory, questions: &Questions) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for api in inventory.apis.iter().filter(|it| questions.takes_api(it)) {
        let deployed = api.deployments.iter().flat_map(|it| it.summary());
        let deployed = deployed.flatten().map(|it| it.path.as_str());
        let drafted = api.draft.iter().flatten().map(|it| it.path.as_str());
        for path in deployed.chain(drafted) {
            let parts = path.split('{').skip(1);
            let parts = parts.filter_map(|it| it.split('}').next());
            names.extend(parts.map(|it| it.trim_end_matches('+')));
        }
    }
    let mut given = questions.parameters.keys();
    let unused = given.find(|it| !names.contains(&it.as_str()))?;
    let hint = nearest(unused, &names);
    let hint = hint.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    Some(format!(
        "no path that is asked has a parameter `{unused}`{hint}"
    ))
}

//! Terraform plans and states: what is read of them, and what is made of those that are not sound.

mod domains;
mod examples;
mod hostile;
mod iam;
mod links;
mod plan;
mod redeployment;
mod refused;
mod same_api;
mod same_iam;
mod shapes;

use std::collections::BTreeMap;

use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::json;
use gatewatch::run::scan;
use gatewatch::template::{self, Options, Translated};
use serde_json::Value;

fn options() -> Options {
    Options {
        region: template::REGION.to_owned(),
        region_is_known: false,
        parameters: BTreeMap::new(),
        around: None,
    }
}

fn translated(text: &str) -> Result<Translated, String> {
    let now = "2026-06-15T08:00:00Z".parse().unwrap();
    match template::read("plan.json", text, &options(), now) {
        Ok(Some(translated)) => Ok(translated),
        Ok(None) => Err("it is an inventory".to_owned()),
        Err(problem) => Err(problem.to_string()),
    }
}

/// What a file holds that will be deployed to a Region.
fn translated_in(region: &str, text: &str) -> Inventory {
    let options = Options {
        region: region.to_owned(),
        region_is_known: true,
        ..options()
    };
    let now = "2026-06-15T08:00:00Z".parse().unwrap();
    let read = template::read("template.json", text, &options, now);
    read.unwrap().unwrap().inventory
}

/// The methods of an inventory as `API VERB PATH TYPE`, in order.
fn methods(inventory: &Inventory) -> Vec<String> {
    let mut methods = Vec::new();
    for api in &inventory.apis {
        for method in api
            .deployments
            .iter()
            .flat_map(|it| it.methods.iter().flatten())
        {
            let authorization = method.authorization.as_ref().unwrap();
            methods.push(format!(
                "{} {} {} {authorization}",
                api.id, method.verb, method.path
            ));
        }
    }
    methods.sort();
    methods
}

fn gaps(translated: &Translated) -> Vec<String> {
    let gaps = translated.inventory.gaps.iter();
    gaps.map(|it| it.message.clone()).collect()
}

/// The report of a plan as JSON.
fn report(text: &str) -> Result<Value, String> {
    let now = "2026-06-15T08:00:00Z".parse().unwrap();
    let report = scan::judge_template(translated(text)?, &PolicyFile::default(), now);
    Ok(serde_json::to_value(json::document(&report)).unwrap())
}

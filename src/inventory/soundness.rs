//! What a file made or edited by hand must not say: the first of two entries would silently win.

use std::collections::BTreeSet;
use std::fmt::Display;

use foldhash::HashSet;

use super::{Api, Inventory, VERBS, region_name};

/// Says the first thing that is wrong.
pub(super) fn check(inventory: &Inventory) -> Result<(), String> {
    let account = &inventory.account;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "`{account}` is no account id: they have twelve digits"
        ));
    }
    let partition = inventory.partition.bytes();
    if !partition
        .clone()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    {
        return Err(format!("`{}` is no partition", inventory.partition));
    }
    if inventory.scope.regions.is_empty() {
        return Err("its scope names no Region".to_owned());
    }
    for region in &inventory.scope.regions {
        region_name(region)?;
    }
    let ids = inventory
        .apis
        .iter()
        .map(|api| format!("API {} in {}", api.id, api.region));
    once("the inventory", ids)?;
    // Private names need not be unique.
    let domains = inventory
        .domains
        .iter()
        .flatten()
        .filter(|it| !it.is_private());
    once(
        "the inventory",
        domains.map(|it| format!("domain {} in {}", it.name, it.region)),
    )?;
    if let Some(iam) = &inventory.iam {
        let names = [
            iam.groups.iter().map(|it| &it.arn).collect(),
            iam.users.iter().map(|it| &it.arn).collect(),
            iam.roles.iter().map(|it| &it.arn).collect(),
            iam.policies.iter().map(|it| &it.arn).collect::<Vec<_>>(),
        ];
        for names in names {
            once("the inventory", names.into_iter())?;
        }
    }
    let mut seen = HashSet::default();
    let mut apis = inventory.apis.iter();
    apis.try_for_each(|it| api(it, &mut seen))
}

/// The verbs and paths that were seen in one place. One set serves all of them, as they are many.
type Seen<'a> = HashSet<(&'a str, &'a str)>;

fn api<'a>(api: &'a Api, seen: &mut Seen<'a>) -> Result<(), String> {
    region_name(&api.region)?;
    let place = format!("API {}", api.id);
    let stages = api.stages.iter().flatten();
    once(&place, stages.map(|stage| format!("stage {}", stage.name)))?;
    let deployments = api.deployments.iter();
    once(
        &place,
        deployments.map(|deployment| format!("deployment {}", deployment.id)),
    )?;
    for deployment in &api.deployments {
        let methods = deployment.methods.iter().flatten();
        let deployed = methods.map(|method| (method.verb.as_str(), method.path.as_str()));
        let of_deployment = || format!("deployment {} of {place}", deployment.id);
        unique_methods(&of_deployment, deployed, seen)?;
    }
    let methods = api.draft.iter().flatten();
    let drafted = methods.map(|method| (method.verb.as_str(), method.path.as_str()));
    unique_methods(&|| format!("the draft of {place}"), drafted, seen)
}

fn unique_methods<'a>(
    place: &dyn Fn() -> String,
    mut methods: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    seen: &mut Seen<'a>,
) -> Result<(), String> {
    // One that is not among the known verbs is a method like any other: API Gateway may have it one day.
    let is_verb = |verb: &str| !verb.is_empty() && verb.bytes().all(|it| it.is_ascii_uppercase());
    if let Some((verb, _)) = methods.clone().find(|(verb, _)| !is_verb(verb)) {
        return Err(format!(
            "{} has `{verb}`, which is no verb: they look like {}",
            place(),
            VERBS.join(", ")
        ));
    }
    seen.clear();
    match methods.find(|name| !seen.insert(*name)) {
        Some((verb, path)) => Err(format!("{} has {verb} {path} twice", place())),
        None => Ok(()),
    }
}

fn once<T: Ord + Display>(place: &str, mut names: impl Iterator<Item = T>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let twice = names.find_map(|name| seen.replace(name));
    match twice {
        Some(name) => Err(format!("{place} has {name} twice")),
        None => Ok(()),
    }
}

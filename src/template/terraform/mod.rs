//! Terraform plans and states, as `terraform show -json` prints them, and OpenTofu's: their resources in CloudFormation's
//! words, for the reader that CloudFormation's own templates have.
//!
//! What is known of a resource is in the plan's values. What only AWS will tell is not: ids above all, so that what
//! belongs to what is read from the references of the configuration. An unknown id is no gap where the references tell what
//! it will be the id of; an unknown type, verb or definition is one.

mod address;
mod attributes;
mod changes;
mod configuration;
mod document;
mod domains;
mod estate;
mod follow;
pub(super) mod form;
mod iam;
mod instances;
mod links;
mod merging;
mod order;
mod position;
mod redeployment;
mod regions;
mod resources;
mod sources;
mod too_early;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;

use super::options::Options;
use super::reading::{Reading, Resource, of_kind};
use super::source::{Problem, refused};
use super::tree::{Spot, Unknown};
use super::types::Bearing;
use super::{elsewhere, identity, rest, routes};
use crate::iam::document::Arn;
use crate::inventory::partition_of;
use address::Part;
use attributes::Attributes;
use changes::{Changes, deferred, left_out};
pub(super) use configuration::references;
use configuration::{Written, expressions};
use document::Document;
use estate::Estate;
use instances::Instances;
use links::Links;
use regions::Providers;
use resources::Maker;
pub use sources::{declared as declared_by_terraform, made as made_by_terraform};
use types::{bearing, makes_something_else};

/// Where the resource of an address is written: the names of the calls of modules, its type, and its name. `None`: it is no
/// address of a resource that Terraform manages.
pub(super) fn written_at(address: &str) -> Option<(Vec<String>, String, String)> {
    let parts = address::parts(address)?;
    let (modules, rest) = address::modules(&parts)?;
    let modules = modules.into_iter().map(|it| it.name).collect();
    match rest {
        [Part::Name(kind), Part::Name(name)]
        | [Part::Name(kind), Part::Name(name), Part::Key(_)] => {
            Some((modules, kind.clone(), name.clone()))
        }
        _ => None,
    }
}

/// Reads a plan or a state.
///
/// # Errors
/// For a text that is neither, with what it is instead, where that can be told.
pub(super) fn read(text: &str, options: &Options) -> Result<Reading, Problem> {
    let why = "a Terraform plan has the values of its variables in it";
    refused(options.parameters.keys(), why)?;
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| {
        Problem::Terraform(format!("is not of the form that is known: {error}"))
    })?;
    is_known(&document, text)?;
    let values = document
        .planned_values
        .as_ref()
        .or(document.values.as_ref());
    Ok(reading(
        &document,
        Instances::of(values, text),
        text,
        options,
    ))
}

/// Whether this is a plan or a state, of a version that is known.
fn is_known(document: &Document<'_>, text: &str) -> Result<(), Problem> {
    let refuse = |why: &str| Err(Problem::Terraform(why.to_owned()));
    let version = &document.format_version;
    if version.split('.').next() != Some("1") {
        let version = instances::printable(version);
        return refuse(&format!(
            "has the format version {version}, and versions 1.x are read: write it with Terraform 1.1 or later, or OpenTofu"
        ));
    }
    let is_planned = document.planned_values.is_some();
    let is_of_a_plan = document.resource_changes.is_some() || document.configuration.is_some();
    match (is_planned, &document.values) {
        (true, Some(_)) => {
            refuse("has both `planned_values` and `values`: a plan has the one, a state the other")
        }
        (false, Some(_)) if is_of_a_plan => {
            refuse("has the changes of a plan and the `values` of a state")
        }
        (true, None) | (false, Some(_)) => Ok(()),
        (false, None) => {
            // An empty state has nothing but its version.
            let keys: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).unwrap_or_default();
            let known = ["format_version", "terraform_version", "checks"];
            match keys.keys().find(|key| !known.contains(&key.as_str())) {
                None => Ok(()),
                Some(_) => refuse(
                    "has neither `planned_values` nor `values`: it is no plan and no state as `terraform show -json FILE` prints them",
                ),
            }
        }
    }
}

fn reading<'a>(
    document: &Document<'a>,
    instances: Instances<'a>,
    text: &'a str,
    options: &Options,
) -> Reading {
    let mut reading = Reading::default();
    let before = document.prior_state.as_ref();
    let before = Instances::of(before.and_then(|it| it.values.as_ref()), text);
    let written = Written::of(document.configuration.as_ref());
    let changes = Changes::of(document);
    let attributes: Vec<Attributes> = instances
        .read
        .iter()
        .map(|it| {
            let written = written.resource(&it.module, &it.kind, &it.name);
            Attributes::of(
                it,
                changes.unknown(&it.address),
                written.and_then(expressions),
            )
        })
        .collect();
    let estate = Estate::new(&instances, &attributes, &written, deferred(document));
    let mut links = Links::new(&estate);
    links.with_data(&before.data);
    links.with_data(&instances.data);
    let providers = Providers::new(
        document.configuration.as_ref(),
        document.variables.as_ref(),
        &written,
    );
    reading.gaps.extend(instances.gaps.iter().cloned());
    reading.gaps.extend(changes.gaps(&instances));
    left_out(document, &instances, &mut reading);
    for (instance, known) in instances.read.iter().zip(&attributes) {
        if bearing(&instance.kind) == Bearing::Unknown
            && !makes_something_else(&instance.kind, known.text("type_name"))
        {
            reading.gaps.push(Unknown {
                why: format!(
                    "it is of type `{}`, which is not known here and may make methods",
                    instances::printable(&instance.kind)
                ),
                at: instance.at,
            });
        }
    }
    named(&mut reading, &instances);
    let maker = Maker::new(&links, &providers);
    judged(&mut reading, &maker.resources());
    reading.gaps.extend(maker.unlinked);
    redeployment::canaries_of_deployments(&mut reading, &links);
    redeployment::canaries_that_cannot_be_told(&mut reading, &links);
    if document.planned_values.is_some() {
        let earlier = state(&before, &providers, options);
        too_early::missed(&mut reading, &earlier, &links, &changes);
        if document.prior_state.is_some() {
            redeployment::kept(&mut reading, earlier, &links, &changes);
        }
    }
    merging::what_stays(&mut reading, &instances, &attributes, &changes);
    in_their_regions(&mut reading, &instances, &attributes, &providers);
    reading.domains = domains::read(&links, &providers);
    of_another_account(&mut reading, &estate, options);
    identity::settle(&mut reading, options);
    reading.iam = iam::read(&reading, &links, options);
    if options.around.is_some() && document.prior_state.is_some() {
        let earlier = state(&before, &providers, options);
        reading.earlier = Some(Box::new(earlier));
    }
    let has_apis = !reading.apis.is_empty() || !reading.gaps.is_empty();
    reading
        .assumed
        .extend(estate.assumed().into_iter().filter(|_| has_apis));
    reading
}

/// What was there before a plan.
fn state(instances: &Instances<'_>, planned: &Providers<'_, '_>, options: &Options) -> Reading {
    let mut reading = Reading::default();
    let written = Written::default();
    let attributes = instances.read.iter();
    let attributes: Vec<Attributes> = attributes
        .map(|it| Attributes::of(it, None, None))
        .collect();
    let estate = Estate::new(instances, &attributes, &written, BTreeSet::new());
    let links = Links::new(&estate);
    let providers = Providers::new(None, None, &written);
    named(&mut reading, instances);
    judged(&mut reading, &Maker::new(&links, &providers).resources());
    if options.around.is_some() {
        in_their_regions(&mut reading, instances, &attributes, planned);
        reading.domains = domains::read(&links, planned);
        identity::settle(&mut reading, options);
        reading.iam = iam::read(&reading, &links, options);
    }
    reading
}

/// Notes which resources there are, and where.
fn named(reading: &mut Reading, instances: &Instances<'_>) {
    for instance in &instances.read {
        let address = instance.address.clone();
        reading.addresses.insert(instance.at, address);
    }
    for (address, kind) in &instances.managed {
        reading.named.insert(address.clone(), bearing(kind));
    }
}

/// Reads the resources as those of a template are read.
fn judged(reading: &mut Reading, resources: &[Resource]) {
    rest::apis(reading, resources);
    routes::apis(reading, resources);
    elsewhere::apis(reading, resources);
    rest::methods(reading, resources);
    routes::routes(reading, resources);
    policies(reading, resources);
}

/// The resource policies that stand in resources of their own.
fn policies(reading: &mut Reading, resources: &[Resource]) {
    for resource in of_kind(resources, "AWS::ApiGateway::RestApiPolicy") {
        // One of an API that is not here says nothing of one that is.
        if let Some(api) = reading.api_of(resource, "RestApiId") {
            api.guarded(resource.properties.get("Policy"));
        }
    }
}

/// A plan of one account that is laid over another one tells nothing.
fn of_another_account(reading: &mut Reading, estate: &Estate<'_, '_>, options: &Options) {
    let Some(around) = &options.around else {
        return;
    };
    let own = &around.inventory.account;
    let accounts = estate.all().filter_map(|(_, instance, known)| {
        let arns = ["execution_arn", "arn"].into_iter();
        let mut arns = arns.filter_map(|it| Arn::read(known.text(it)?));
        let account = arns.find(|it| it.account.len() == 12)?.account.to_owned();
        Some((account, instance.at))
    });
    let mut others = accounts.filter(|(account, _)| account != own);
    if let Some((account, at)) = others.next() {
        let why = format!(
            "is of account {account}, and the inventory is of {own}: name that of the account that the plan is for"
        );
        reading.gaps.push(Unknown { why, at });
    }
}

/// Says of each API in which Region it is.
fn in_their_regions(
    reading: &mut Reading,
    instances: &Instances<'_>,
    attributes: &[Attributes],
    providers: &Providers<'_, '_>,
) {
    let regions: BTreeMap<Spot, String> = instances
        .read
        .iter()
        .zip(attributes)
        .filter_map(|(it, known)| Some((it.at, providers.region(it, known)?)))
        .collect();
    let mut partitions = BTreeSet::new();
    let ids = instances.read.iter().zip(attributes);
    let ids = ids.filter_map(|(it, known)| Some((it.at, known.text("id")?.to_owned())));
    let ids: BTreeMap<Spot, String> = ids.collect();
    for api in reading.apis.values_mut() {
        api.region = regions.get(&api.at).cloned();
        api.given_id = ids.get(&api.at).filter(|_| !api.is_elsewhere).cloned();
        partitions.extend(api.region.as_deref().map(partition_of));
    }
    if partitions.len() > 1 {
        reading.gaps.push(Unknown {
            why: "the APIs are in several partitions, of which one is judged at a time: make a plan for each".to_owned(),
            at: Spot::START,
        });
    }
}

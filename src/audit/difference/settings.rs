//! What APIs are reached by, and by whom, on both sides: their settings and the custom domain names.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::changes::{Change, ChangeKind, Difference, Which};
use super::pair::{self, Pair};
use crate::audit::finding::Place;
use crate::iam::Document;
use crate::inventory::{Api, CustomDomain, Gap, GapKind, Inventory};

/// Compares the settings of an API that both sides have.
pub(super) fn compare(both: &Pair<'_>, (before, after): (&Api, &Api), difference: &mut Difference) {
    for side in [Which::Before, Which::After] {
        let is_its_policy = |gap: &&Gap| {
            gap.kind == GapKind::ResourcePolicy
                && gap.region.as_ref() == Some(&after.region)
                && gap.api.as_ref() == Some(&after.id)
        };
        let gap = difference.side(side).gaps.iter().find(is_its_policy);
        if let Some(why) = gap.map(Gap::in_words) {
            let what = format!(
                "whom the resource policy of {} lets in",
                pair::in_words(after)
            );
            difference.not_known(side, what, why);
        }
    }
    for (earlier, later) in settings(before).into_iter().zip(settings(after)) {
        if earlier != later {
            push(both, after, (earlier, later), difference);
        }
    }
    if before.resource_policy != after.resource_policy {
        let earlier = said_of_policy(before, "a resource policy");
        let later = match before.resource_policy.is_some() {
            true => said_of_policy(after, "another resource policy"),
            false => said_of_policy(after, "a resource policy"),
        };
        push(both, after, (earlier, later), difference);
    }
}

fn push(
    both: &Pair<'_>,
    api: &Api,
    (before, after): (String, String),
    difference: &mut Difference,
) {
    difference.changes.push(Change {
        kind: ChangeKind::SettingsChanged,
        place: both.place(api),
        before: Some(before),
        after: Some(after),
    });
}

fn settings(api: &Api) -> [String; 3] {
    let mut types = api.endpoint_types.clone();
    types.sort();
    let default = match api.default_endpoint_disabled {
        true => "default endpoint off",
        false => "default endpoint on",
    };
    let cors = match api.cors {
        true => "CORS preflights answered by the service",
        false => "CORS preflights not answered by the service",
    };
    [
        format!("endpoint type {}", types.join(", ")),
        default.to_owned(),
        cors.to_owned(),
    ]
}

fn said_of_policy(api: &Api, one: &str) -> String {
    let said = api.resource_policy.as_ref().map(|_| one);
    said.unwrap_or("no resource policy").to_owned()
}

/// Compares where the custom domain names of each Region lead.
pub(super) fn domains(before: &Inventory, after: &Inventory, difference: &mut Difference) {
    let regions = |it: &Inventory| it.scope.regions.iter().cloned().collect::<BTreeSet<_>>();
    let both: BTreeSet<String> = regions(before).union(&regions(after)).cloned().collect();
    for region in both {
        let mut is_known = true;
        for (side, inventory) in [(Which::Before, before), (Which::After, after)] {
            if let Some(why) = difference.side(side).lacks_region(&region) {
                is_known = false;
                difference.not_known(side, format!("everything in {region}"), why);
            } else if !inventory.lacks_no_domain_of(&region) {
                is_known = false;
                let what = format!("the custom domain names of {region}");
                difference.not_known(side, what, "not all of them could be read");
            }
        }
        if is_known {
            of_region(&region, [before, after], difference);
        }
    }
}

fn of_region(region: &str, [before, after]: [&Inventory; 2], difference: &mut Difference) {
    let [before, after] = [before, after].map(|it| named(it, region));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for name in names {
        let [earlier, later] = [&before, &after].map(|it| it.get(name).map(|it| it.join("; ")));
        if earlier == later {
            continue;
        }
        difference.changes.push(Change {
            kind: ChangeKind::DomainChanged,
            place: Place {
                region: Some(region.into()),
                ..Place::of_account(&difference.account)
            },
            before: earlier,
            after: later,
        });
    }
}

/// The names of a Region with what each is, in words. Private names need not be unique.
fn named<'a>(inventory: &'a Inventory, region: &str) -> BTreeMap<&'a str, Vec<String>> {
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let domains = inventory.domains.iter().flatten();
    for domain in domains.filter(|it| it.region == region) {
        named
            .entry(&domain.name)
            .or_default()
            .push(in_words(domain));
    }
    for each in named.values_mut() {
        each.sort();
    }
    named
}

fn in_words(domain: &CustomDomain) -> String {
    let mut types = domain.endpoint_types.clone();
    types.sort();
    let tls = match domain.mutual_tls {
        true => ", with mutual TLS",
        false => "",
    };
    let policy = match &domain.resource_policy {
        Some(policy) => format!(", with the policy {}", policy_name(policy)),
        None => String::new(),
    };
    let mut mappings: Vec<String> = domain
        .mappings
        .iter()
        .map(|it| {
            let stage = it
                .stage
                .as_deref()
                .unwrap_or("the stage that the path names");
            format!("/{} to {} {stage}", it.base_path, it.api_id)
        })
        .collect();
    mappings.sort();
    let mappings = match mappings.is_empty() {
        true => "nowhere".to_owned(),
        false => mappings.join(", "),
    };
    format!(
        "{} ({}{tls}{policy}): {mappings}",
        domain.name,
        types.join(", ")
    )
}

/// A name for what a policy says, the same for the same text.
fn policy_name(policy: &Document) -> String {
    let text = serde_json::to_string(policy).unwrap_or_default();
    let hash = Sha256::digest(text);
    hash.iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

//! The custom domain names of a file in the place of those that the account has.

use super::layer::Layer;
use crate::inventory::{CustomDomain, DomainMapping};

/// Lays the names of a file over those of the account.
pub(super) fn lay(all: &mut Vec<CustomDomain>, layer: &Layer) {
    let nothing = Vec::new();
    let own = layer.inventory.domains.as_ref().unwrap_or(&nothing);
    let earlier = layer.earlier.as_ref();
    let before = earlier.and_then(|it| it.inventory.domains.as_ref());
    for was in before.into_iter().flatten() {
        let now = own.iter().find(|it| is_same(it, was));
        // One that the file made, and not only something that leads from it.
        if now.is_none() && !was.endpoint_types.is_empty() {
            all.retain(|it| !is_same(it, was));
        }
        for domain in all.iter_mut().filter(|it| is_same(it, was)) {
            let is_gone = |it: &DomainMapping| {
                was.mappings.contains(it) && !now.is_some_and(|now| now.mappings.contains(it))
            };
            domain.mappings.retain(|it| !is_gone(it));
        }
    }
    for domain in own {
        let Some(known) = all.iter_mut().find(|it| is_same(it, domain)) else {
            all.push(domain.clone());
            continue;
        };
        if !domain.endpoint_types.is_empty() {
            known.endpoint_types.clone_from(&domain.endpoint_types);
            known.mutual_tls = domain.mutual_tls;
        }
        if domain.resource_policy.is_some() {
            known.resource_policy.clone_from(&domain.resource_policy);
        }
        for mapping in &domain.mappings {
            known
                .mappings
                .retain(|it| it.base_path != mapping.base_path);
            known.mappings.push(mapping.clone());
        }
    }
}

fn is_same(one: &CustomDomain, other: &CustomDomain) -> bool {
    (&one.region, &one.name) == (&other.region, &other.name)
}

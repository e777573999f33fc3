//! What an interrupted reading has, and what it lacks.

use std::collections::BTreeSet;

use super::words::plural;
use crate::inventory::{Gap, GapKind, Inventory, Reason};

/// What was read until a reading was interrupted, and what was not: `41 APIs were read; not read: 79 APIs, IAM users, groups
/// and roles`.
pub fn read_so_far(inventory: &Inventory) -> String {
    let lacking: Vec<&Gap> = (inventory.gaps.iter())
        .filter(|it| it.reason == Reason::NotReadYet)
        .collect();
    let of_kind = |kind| lacking.iter().filter(move |it| it.kind == kind);
    let regions = |kind| {
        let regions = of_kind(kind).filter_map(|it| it.region.as_deref());
        regions.collect::<BTreeSet<&str>>()
    };
    let all = |regions: BTreeSet<&str>| regions.into_iter().collect::<Vec<_>>().join(", ");
    let apis = of_kind(GapKind::Api).count();
    let drafts = of_kind(GapKind::Draft).count();
    let (unlisted, domains) = (regions(GapKind::Region), regions(GapKind::Domains));
    let lists = [
        (apis > 0).then(|| plural(apis, "API")),
        (drafts > 0).then(|| format!("the drafts of {}", plural(drafts, "API"))),
        (!unlisted.is_empty()).then(|| format!("the lists of APIs in {}", all(unlisted))),
        (!domains.is_empty()).then(|| format!("the custom domain names in {}", all(domains))),
        (of_kind(GapKind::Iam).next().is_some()).then(|| "IAM users, groups and roles".to_owned()),
    ];
    let lists: Vec<String> = lists.into_iter().flatten().collect();
    let read = inventory.apis.len().saturating_sub(apis);
    let were = if read == 1 { "was" } else { "were" };
    format!(
        "{} {were} read; not read: {}",
        plural(read, "API"),
        lists.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(gaps: &[(GapKind, Option<&str>)]) -> Inventory {
        let text = r#"{"schema_version": 1, "account": "111122223333", "partition": "aws",
            "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1", "us-east-1"]},
            "apis": [{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
                      "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                      "resource_policy": null, "stages": [], "deployments": [], "draft": []}],
            "domains": null, "iam": null, "gaps": []}"#;
        let gap = |(kind, region): &(GapKind, Option<&str>)| Gap {
            reason: Reason::NotReadYet,
            region: region.map(str::to_owned),
            ..Gap::malformed(*kind, "interrupted".to_owned())
        };
        let inventory = Inventory::from_json(text).unwrap();
        Inventory {
            gaps: gaps.iter().map(gap).collect(),
            ..inventory
        }
    }

    #[test]
    fn all_that_is_missing_is_named_once() {
        let (eu, us) = (Some("eu-west-1"), Some("us-east-1"));
        let said = read_so_far(&inventory(&[
            (GapKind::Api, eu),
            (GapKind::Region, us),
            (GapKind::Region, us),
            (GapKind::Domains, eu),
            (GapKind::Domains, us),
            (GapKind::Iam, None),
        ]));
        assert_eq!(
            said,
            "0 APIs were read; not read: 1 API; the lists of APIs in us-east-1; the custom domain names in eu-west-1, \
             us-east-1; IAM users, groups and roles"
        );
        let said = read_so_far(&inventory(&[(GapKind::Draft, eu)]));
        assert_eq!(said, "1 API was read; not read: the drafts of 1 API");
    }
}

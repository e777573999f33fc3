//! What a run reads, by what asks for it.

use std::collections::BTreeSet;

use super::events::{Changed, Narrowed};
use crate::inventory::Scope;
use crate::render::{About, ConfigAsk, not_applicable};

/// How much of what is watched a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Everything,
    /// These APIs, by id or name, in all Regions that are watched. Empty: all APIs, though the run counts as one over
    /// a part.
    Apis(Vec<String>),
    /// These Regions, or these APIs in them.
    Part(Scope),
    /// The IAM principals, as only they changed.
    Principals,
}

impl Extent {
    /// These APIs in all Regions that are watched; everything, if none is named.
    pub fn of_apis(apis: Vec<String>) -> Self {
        if apis.is_empty() {
            Extent::Everything
        } else {
            Extent::Apis(apis)
        }
    }
}

/// What a scan reads that somebody narrowed by hand, or nobody narrowed.
pub fn narrowed(by: Narrowed) -> Extent {
    if by.regions.is_empty() {
        Extent::of_apis(by.apis)
    } else {
        Extent::Part(Scope::new(by.regions, by.apis))
    }
}

/// What to read after these changes, in one run. `None`: nothing. `regions` are those that are watched; `None`: all
/// that the account has enabled but the `excluded` ones, whether or not they can be listed now.
pub fn of_changes(
    changed: &Changed,
    regions: Option<&[String]>,
    excluded: &[String],
) -> Option<Extent> {
    // An event that could not be read may be about anything.
    if changed.unreadable > 0 {
        return Some(Extent::Everything);
    }
    let watched = |region: &&String| {
        !excluded.contains(region) && regions.is_none_or(|it| it.contains(*region))
    };
    let wholly: BTreeSet<&String> = changed.regions.iter().filter(watched).collect();
    let apis = changed.apis.iter().filter(|(it, _)| watched(it));
    let partly: BTreeSet<&String> = apis.clone().map(|(region, _)| region).collect();
    let ids: BTreeSet<&String> = apis.flat_map(|(_, ids)| ids).collect();
    let touched: Vec<String> = wholly.union(&partly).map(|it| (*it).clone()).collect();
    match (changed.principals, touched.is_empty()) {
        (false, true) => None,
        (true, true) => Some(Extent::Principals),
        // The APIs of all Regions tell what principals can call.
        (true, false) => Some(Extent::Everything),
        (false, false) if wholly.is_empty() => {
            let ids = ids.into_iter().cloned().collect();
            Some(Extent::Part(Scope::new(touched, ids)))
        }
        (false, false) => Some(Extent::Part(Scope::new(touched, Vec::new()))),
    }
}

/// What AWS Config wants to be told of. `None`: nothing that has to be read.
pub fn config(ask: &ConfigAsk) -> Option<Extent> {
    match &ask.about {
        About::Everything => Some(Extent::Everything),
        _ if not_applicable(ask).is_some() => None,
        About::Item { region, api, .. } => {
            let region = region.as_ref().unwrap_or(&ask.region).clone();
            let apis = api.iter().cloned().collect();
            Some(Extent::Part(Scope::new(vec![region], apis)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn changes() -> Changed {
        Changed {
            apis: BTreeMap::new(),
            regions: BTreeSet::new(),
            principals: false,
            events: 1,
            ignored: 0,
            unreadable: 0,
        }
    }

    fn watched() -> Vec<String> {
        vec!["eu-west-1".to_owned(), "us-east-1".to_owned()]
    }

    fn api(region: &str, id: &str) -> BTreeMap<String, BTreeSet<String>> {
        BTreeMap::from([(region.to_owned(), BTreeSet::from([id.to_owned()]))])
    }

    #[test]
    fn only_what_changed_is_read() {
        let one = Changed {
            apis: api("eu-west-1", "a"),
            ..changes()
        };
        let part = |regions: &[&str], apis: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
            Some(Extent::Part(Scope::new(list(regions), list(apis))))
        };
        assert_eq!(
            of_changes(&one, Some(&watched()), &[]),
            part(&["eu-west-1"], &["a"])
        );
        let region = Changed {
            regions: BTreeSet::from(["us-east-1".to_owned()]),
            ..one.clone()
        };
        let both = part(&["eu-west-1", "us-east-1"], &[]);
        assert_eq!(of_changes(&region, Some(&watched()), &[]), both);
        let elsewhere = Changed {
            apis: api("ap-south-1", "a"),
            ..changes()
        };
        assert_eq!(of_changes(&elsewhere, Some(&watched()), &[]), None);
        let anywhere = of_changes(&elsewhere, None, &[]);
        assert_eq!(anywhere, part(&["ap-south-1"], &["a"]));
        let excluded = ["ap-south-1".to_owned()];
        assert_eq!(of_changes(&elsewhere, None, &excluded), None);
    }

    #[test]
    fn what_may_have_changed_anything_is_read_as_a_whole() {
        let unreadable = Changed {
            unreadable: 1,
            ..changes()
        };
        assert_eq!(
            of_changes(&unreadable, Some(&watched()), &[]),
            Some(Extent::Everything)
        );
        let principals = Changed {
            principals: true,
            ..changes()
        };
        assert_eq!(
            of_changes(&principals, Some(&watched()), &[]),
            Some(Extent::Principals)
        );
        let both = Changed {
            apis: api("eu-west-1", "a"),
            ..principals
        };
        assert_eq!(
            of_changes(&both, Some(&watched()), &[]),
            Some(Extent::Everything)
        );
    }

    #[test]
    fn apis_without_regions_are_looked_for_in_all_that_are_watched() {
        let by = |regions: &[&str], apis: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
            narrowed(Narrowed {
                regions: list(regions),
                apis: list(apis),
            })
        };
        let apis = vec!["a".to_owned()];
        assert_eq!(by(&[], &[]), Extent::Everything);
        assert_eq!(by(&[], &["a"]), Extent::Apis(apis.clone()));
        let scope = Scope::new(vec!["eu-west-1".to_owned()], apis);
        assert_eq!(by(&["eu-west-1"], &["a"]), Extent::Part(scope));
    }
}

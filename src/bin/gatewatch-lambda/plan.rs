//! What a run reads, by what it was asked for.

use std::collections::BTreeSet;

use gatewatch::announce::not_applicable;
use gatewatch::model::Scope;
use gatewatch::trigger::{About, Changed, ConfigAsk, Narrowed};

/// What a run reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// All that the settings name.
    Everything,
    /// Some Regions, or some APIs.
    Part(Scope),
    /// The IAM principals, as only they changed.
    Principals,
    /// Nothing: what happened is of no interest.
    Nothing,
}

/// A run that was narrowed by hand, or by nobody.
pub(crate) fn narrowed(by: Narrowed, regions: &[String]) -> Plan {
    if by.regions.is_empty() && by.apis.is_empty() {
        return Plan::Everything;
    }
    let regions = if by.regions.is_empty() {
        regions.to_vec()
    } else {
        by.regions
    };
    Plan::Part(Scope::new(regions, by.apis))
}

/// What to read after these changes, in one run. `regions` are those that are watched; `None`: all that there
/// are but the `excluded` ones, whether or not they can be listed now.
pub(crate) fn changed(changed: &Changed, regions: Option<&[String]>, excluded: &[String]) -> Plan {
    // What cannot be told may have changed anywhere.
    if changed.unreadable > 0 {
        return Plan::Everything;
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
        (false, true) => Plan::Nothing,
        (true, true) => Plan::Principals,
        // What principals can call is told by all APIs.
        (true, false) => Plan::Everything,
        (false, false) if wholly.is_empty() => {
            Plan::Part(Scope::new(touched, ids.into_iter().cloned().collect()))
        }
        (false, false) => Plan::Part(Scope::new(touched, Vec::new())),
    }
}

/// What AWS Config wants to be told of. `regions` are those that are watched.
pub(crate) fn config(ask: &ConfigAsk, regions: &[String]) -> Plan {
    match &ask.about {
        About::Everything => Plan::Everything,
        _ if not_applicable(ask).is_some() => Plan::Nothing,
        About::Item {
            region: Some(region),
            api: Some(api),
            ..
        } => Plan::Part(Scope::new(vec![region.clone()], vec![api.clone()])),
        About::Item {
            region: Some(region),
            ..
        } => Plan::Part(Scope::new(vec![region.clone()], Vec::new())),
        About::Item { .. } => Plan::Part(Scope::new(regions.to_vec(), Vec::new())),
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
            Plan::Part(Scope::new(list(regions), list(apis)))
        };
        assert_eq!(
            changed(&one, Some(&watched()), &[]),
            part(&["eu-west-1"], &["a"])
        );
        let region = Changed {
            regions: BTreeSet::from(["us-east-1".to_owned()]),
            ..one.clone()
        };
        let both = part(&["eu-west-1", "us-east-1"], &[]);
        assert_eq!(changed(&region, Some(&watched()), &[]), both);
        let elsewhere = Changed {
            apis: api("ap-south-1", "a"),
            ..changes()
        };
        assert_eq!(changed(&elsewhere, Some(&watched()), &[]), Plan::Nothing);
        let anywhere = changed(&elsewhere, None, &[]);
        assert_eq!(anywhere, part(&["ap-south-1"], &["a"]));
        let excluded = ["ap-south-1".to_owned()];
        assert_eq!(changed(&elsewhere, None, &excluded), Plan::Nothing);
    }

    #[test]
    fn what_may_have_changed_anything_is_read_as_a_whole() {
        let unreadable = Changed {
            unreadable: 1,
            ..changes()
        };
        assert_eq!(
            changed(&unreadable, Some(&watched()), &[]),
            Plan::Everything
        );
        let principals = Changed {
            principals: true,
            ..changes()
        };
        assert_eq!(
            changed(&principals, Some(&watched()), &[]),
            Plan::Principals
        );
        let both = Changed {
            apis: api("eu-west-1", "a"),
            ..principals
        };
        assert_eq!(changed(&both, Some(&watched()), &[]), Plan::Everything);
    }
}

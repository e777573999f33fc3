//! Entries of the policy file that match nothing, though everything was read that they could match.
//!
//! A misspelt name makes an entry that says nothing: a demand that is never made, or callers who are never allowed.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::Warning;
use super::nobody::nobody;
use super::values::{Values, is_expression};
use crate::audit::context::AccessView;
use crate::audit::method::stage_place;
use crate::iam::pattern;
use crate::inventory::served::ServedMethods;
use crate::inventory::{Api, Gap, Inventory, KNOWN_REGIONS, Stage, quoted};
use crate::policy_file::{PolicyFile, Selector, nearest};

/// An entry, or a part of one, that speaks of methods.
struct Speaking<'a> {
    line: usize,
    /// Such as `this entry of require`.
    what: Cow<'static, str>,
    selector: &'a Selector,
}

/// The entries that match nothing. None, unless everything was read: all APIs of an account, with their drafts, and
/// without a gap. `gaps`: all that could not be read. `access`: who can call what.
pub(in crate::audit) fn unmatched(
    inventory: &Inventory,
    policy: &PolicyFile,
    gaps: &BTreeSet<Gap>,
    access: Option<&AccessView<'_>>,
) -> Vec<Warning> {
    let scope = &inventory.scope;
    let narrowed = !scope.apis.is_empty() || scope.template.is_some() || scope.without_drafts;
    if narrowed || !gaps.is_empty() {
        return Vec::new();
    }
    let entries = speaking(inventory, policy);
    // A file that speaks of other Regions, too, is for more than was read here.
    let elsewhere = !scope.excluded_regions.is_empty()
        || entries
            .iter()
            .any(|it| !unread_regions(inventory, it.selector).is_empty());
    let mut warnings: Vec<Warning> = Vec::new();
    let mut pending: Vec<&Speaking<'_>> = Vec::new();
    for entry in &entries {
        if let Some(warning) = unknown_region(inventory, entry) {
            warnings.push(warning);
        } else if is_read(inventory, entry.selector, elsewhere) {
            pending.push(entry);
        }
    }
    let asked = pending.clone();
    pending.retain(|it| {
        !inventory
            .apis
            .iter()
            .any(|api| meets_undeployed(it.selector, api))
    });
    for api in &inventory.apis {
        for stage in api.stages.iter().flatten() {
            retain_unmet(&mut pending, api, stage);
        }
    }
    // An account has very many: most policy files need none of them.
    let values = LazyCell::new(|| AllValues::of(inventory));
    for entry in asked {
        let is_unmet = pending.iter().any(|it| std::ptr::eq(*it, entry));
        let says = if is_unmet {
            Some(values.why_nothing(entry, &scope.regions))
        } else if has_expression(entry.selector) {
            values.expressions(entry)
        } else {
            None
        };
        warnings.extend(says.map(|says| Warning {
            line: entry.line,
            says,
        }));
    }
    let named_beside =
        LazyCell::new(|| access.map_or_else(Vec::new, |it| it.estate.named_beside()));
    let invokers = policy.invokers.iter();
    warnings.extend(invokers.flat_map(|it| nobody(inventory, access, it, &named_beside)));
    warnings.sort();
    warnings
}

fn has_expression(selector: &Selector) -> bool {
    let lists = [&selector.api, &selector.stage, &selector.path];
    lists.into_iter().flatten().any(|it| is_expression(it))
}

fn speaking<'p>(inventory: &Inventory, policy: &'p PolicyFile) -> Vec<Speaking<'p>> {
    let require = policy.require.iter().map(|it| Speaking {
        line: it.line,
        what: "this entry of `require`".into(),
        selector: &it.selector,
    });
    let invokers = policy.invokers.iter().map(|it| Speaking {
        line: it.line,
        what: "this entry of `invokers`".into(),
        selector: &it.selector,
    });
    let groups = policy.groups.iter().flat_map(|group| {
        let invoke = group.invoke.iter();
        invoke.map(|selector| Speaking {
            line: group.line,
            what: format!("an `invoke` of group {}", quoted(&group.name)).into(),
            selector,
        })
    });
    // One for whole accounts, or for another account, names no API that could be missing here.
    let notify = policy
        .notify
        .iter()
        .filter(|it| it.meets_account(&inventory.account) && !it.is_of_account());
    let notify = notify.map(|it| Speaking {
        line: it.line,
        what: "this entry of `notify`".into(),
        selector: &it.selector,
    });
    require
        .chain(invokers)
        .chain(groups)
        .chain(notify)
        .collect()
}

fn is_in_scope(inventory: &Inventory, pattern: &str) -> bool {
    let mut regions = inventory.scope.regions.iter();
    regions.any(|region| pattern::matches(pattern, region))
}

/// The Regions that a selector names, that are known and were not read.
fn unread_regions<'s>(inventory: &Inventory, selector: &'s Selector) -> Vec<&'s str> {
    let named = selector.region.iter().map(String::as_str);
    let unread = named.filter(|it| !is_in_scope(inventory, it));
    let known = unread.filter(|it| {
        KNOWN_REGIONS
            .iter()
            .any(|known| pattern::matches(it, known))
    });
    known.collect()
}

/// A Region that an entry names and nobody knows.
fn unknown_region(inventory: &Inventory, entry: &Speaking<'_>) -> Option<Warning> {
    let is_known = |it: &str| {
        KNOWN_REGIONS
            .iter()
            .any(|known| pattern::matches(it, known))
    };
    let mut named = entry.selector.region.iter();
    let region = named.find(|it| !is_in_scope(inventory, it) && !is_known(it))?;
    let near = nearest(region, &KNOWN_REGIONS);
    let near = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    Some(Warning {
        line: entry.line,
        says: format!(
            "{} names the Region `{region}`, which is not known here{near}",
            entry.what
        ),
    })
}

/// Whether all that a selector may speak of was read. `elsewhere`: the policy file is for other Regions, too.
fn is_read(inventory: &Inventory, selector: &Selector, elsewhere: bool) -> bool {
    match selector.region.as_slice() {
        [] => !elsewhere,
        named => {
            let is_exact = |it: &String| !it.contains(['*', '?']) || !elsewhere;
            named
                .iter()
                .all(|it| is_in_scope(inventory, it) && is_exact(it))
        }
    }
}

/// What is not asked about: who reaches a method is no name that could be misspelt.
fn by_names(selector: &Selector) -> Selector {
    Selector {
        exposure: Vec::new(),
        ..selector.clone()
    }
}

/// Whether a selector names an API without a stage, whatever it says of stages and methods: they may be to come.
fn meets_undeployed(selector: &Selector, api: &Api) -> bool {
    let of_api = Selector {
        stage: Vec::new(),
        ..selector.clone()
    };
    let names =
        !selector.api.is_empty() || !selector.api_id.is_empty() || !selector.tags.is_empty();
    names
        && api.stages.as_ref().is_some_and(Vec::is_empty)
        && of_api.at_stage(stage_place(api, "")).is_some()
}

/// Leaves those that meet no method of a stage.
fn retain_unmet(pending: &mut Vec<&Speaking<'_>>, api: &Api, stage: &Stage) {
    let here = stage_place(api, &stage.name);
    let is_met = |it: &&Speaking<'_>| it.selector.at_stage(here).is_some();
    if !pending.iter().any(is_met) {
        return;
    }
    let served = ServedMethods::of(api, stage);
    pending.retain(|it| {
        if !is_met(it) {
            return true;
        }
        let selector = by_names(it.selector);
        if selector.path.is_empty() && selector.verb.is_empty() {
            return false;
        }
        let mut methods = served.iter();
        !methods.any(|method| {
            let meets = |verb: &str| selector.meets(here, verb, method.path, None).is_some();
            meets(method.verb) || method.asked().verbs().iter().any(meets)
        })
    });
}

/// All that the keys of a `match` can be met by in an account.
struct AllValues<'a> {
    apis: Values<'a>,
    ids: Values<'a>,
    stages: Values<'a>,
    paths: Values<'a>,
    tags: Vec<(&'a str, &'a str)>,
}

impl<'a> AllValues<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let apis = || inventory.apis.iter();
        let stages = || apis().flat_map(|it| it.stages.iter().flatten());
        let deployed = apis().flat_map(|it| it.deployments.iter().flat_map(|it| it.summary()));
        let deployed = deployed.flatten().map(|it| it.path.as_str());
        let drafted = apis().flat_map(|it| it.draft.iter().flatten());
        let tags = apis().flat_map(|it| &it.tags);
        AllValues {
            apis: apis()
                .flat_map(|it| [it.name.as_str(), it.id.as_str()])
                .collect(),
            ids: apis().map(|it| it.id.as_str()).collect(),
            stages: stages().map(|it| it.name.as_str()).collect(),
            paths: deployed.chain(drafted.map(|it| it.path.as_str())).collect(),
            tags: tags
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect(),
        }
    }

    fn of_tag(&self, key: &str) -> Values<'a> {
        let tags = self.tags.iter().filter(|(own, _)| *own == key);
        tags.map(|(_, value)| *value).collect()
    }

    /// The keys of a selector with their patterns and what could meet them. The verbs are known words, the Regions are
    /// looked at by themselves.
    fn keys<'s>(
        &'s self,
        selector: &'s Selector,
    ) -> Vec<(&'static str, &'s [String], &'s Values<'a>)> {
        vec![
            ("API", selector.api.as_slice(), &self.apis),
            ("API id", &selector.api_id, &self.ids),
            ("stage", &selector.stage, &self.stages),
            ("path", &selector.path, &self.paths),
        ]
    }

    /// Why an entry matches nothing: what of it nothing has, and what is spelt nearly so.
    fn why_nothing(&self, entry: &Speaking<'_>, regions: &[String]) -> String {
        let selector = entry.selector;
        let nothing = format!("{} matches nothing in {}", entry.what, regions.join(", "));
        for (key, patterns, values) in self.keys(selector) {
            if !values.meet(patterns) {
                let named = patterns.join("` or `");
                return format!(
                    "{nothing}: there is no {key} `{named}`{}",
                    values.hint(patterns)
                );
            }
        }
        for (key, patterns) in &selector.tags {
            let values = self.of_tag(key);
            if !values.meet(patterns) || self.tags.iter().all(|(own, _)| own != key) {
                let keys: Values<'_> = self.tags.iter().map(|(key, _)| *key).collect();
                let hint = match keys.meets(key) {
                    true => values.hint(patterns),
                    false => keys.hint(std::slice::from_ref(key)),
                };
                let named = patterns.join("` or `");
                return format!("{nothing}: no API has the tag `{key}` with `{named}`{hint}");
            }
        }
        format!("{nothing}: no method has all that it asks for")
    }

    /// What looks like a regular expression and meets nothing, in an entry that matches something.
    fn expressions(&self, entry: &Speaking<'_>) -> Option<String> {
        let keys = self.keys(entry.selector).into_iter();
        let mut each = keys
            .flat_map(|(key, patterns, values)| patterns.iter().map(move |it| (key, it, values)));
        let (key, pattern, values) =
            each.find(|(_, it, values)| is_expression(it) && !values.meets(it))?;
        let hint = values.hint(std::slice::from_ref(pattern));
        Some(format!(
            "in {}, no {key} matches `{pattern}`{hint}",
            entry.what
        ))
    }
}

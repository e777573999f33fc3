//! The groups whose members may call today, and the policies that let them.

use std::collections::BTreeSet;

use super::callers::CallersToday;
use crate::audit::access::PolicySource;
use crate::audit::context::AccessView;
use crate::audit::remedy::commands;
use crate::iam::is_blanket;
use crate::inventory::Inventory;

/// A group whose members may call, and what it carries for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupToday {
    /// Its name.
    pub name: String,
    /// The ARNs of the attached managed policies that allow calls.
    pub policies: Vec<String>,
    /// The names of the inline policies that allow calls.
    pub inline: Vec<String>,
    /// The names of the policies that let it call every API. Whoever names one among those it must carry accepts that.
    pub blanket: Vec<String>,
}

/// Every group that is listed among the callers.
pub(super) fn groups(
    inventory: &Inventory,
    access: &AccessView<'_>,
    callers: &[CallersToday],
) -> Vec<GroupToday> {
    let names: BTreeSet<&str> = callers
        .iter()
        .flat_map(|it| &it.groups)
        .map(String::as_str)
        .collect();
    let each = names.into_iter().map(|name| {
        let mut group = GroupToday {
            name: name.to_owned(),
            ..GroupToday::default()
        };
        let holder = access.group(name);
        let grants = holder.iter().flat_map(|it| access.own_grants(it));
        for (source, _, statement) in grants {
            if is_blanket(statement, &inventory.partition) && !is_of_the_guide(inventory, source) {
                group.blanket.push(source.name.clone());
                continue;
            }
            match &source.arn {
                // A policy file names managed policies by ARNs of this form.
                Some(arn) if arn.contains(":policy/") => group.policies.push(arn.clone()),
                Some(_) => {}
                None => group.inline.push(source.name.clone()),
            }
        }
        for list in [&mut group.policies, &mut group.inline, &mut group.blanket] {
            list.sort();
            list.dedup();
        }
        // A policy with one such statement is left out as a whole.
        let blanket = &group.blanket;
        group.inline.retain(|it| !blanket.contains(it));
        let sources = holder.iter().flat_map(|it| &it.sources);
        let blanket_arns: Vec<&String> = sources
            .filter(|it| blanket.contains(&it.name))
            .filter_map(|it| it.arn.as_ref())
            .collect();
        group.policies.retain(|it| !blanket_arns.contains(&it));
        group
    });
    each.collect()
}

/// AWS's policy for callers of APIs, which a group may have where no policy file says anything: naming it takes nothing
/// out of the report.
fn is_of_the_guide(inventory: &Inventory, source: &PolicySource) -> bool {
    source.arn.as_ref() == Some(&commands::invoke_policy_arn(&inventory.partition))
}

//! Names and ids of entries of `invokers` that nobody has.

use std::ops::Deref;

use super::Warning;
use super::values::Values;
use crate::audit::access::{HolderKind, NamedBeside};
use crate::audit::context::AccessView;
use crate::iam::document::units_around;
use crate::iam::pattern::matches;
use crate::inventory::{Inventory, quoted};
use crate::policy_file::Invokers;

/// Those of one entry. None, where the IAM principals were not read. `named_beside` is looked at only where there are some.
pub(super) fn nobody(
    inventory: &Inventory,
    access: Option<&AccessView<'_>>,
    entry: &Invokers,
    named_beside: &impl Deref<Target = Vec<NamedBeside>>,
) -> Vec<Warning> {
    let (Some(iam), Some(access)) = (&inventory.iam, access) else {
        return Vec::new();
    };
    // Of a file, the account has others.
    if inventory.scope.template.is_some() {
        return Vec::new();
    }
    let let_in = |kind: HolderKind| -> Values<'_> {
        let outside = access.estate.outside().iter().filter(|it| it.kind == kind);
        // Of an account its id, of a unit of an organization also what it is in.
        outside.flat_map(|it| units_around(&it.name)).collect()
    };
    let lacks = "which the account does not have";
    let refused = "which no resource policy names and lets in";
    let kinds: [(&str, &[String], Values<'_>, &str); 5] = [
        (
            "group",
            &entry.groups,
            iam.groups.iter().map(|it| it.name.as_str()).collect(),
            lacks,
        ),
        (
            "user",
            &entry.users,
            iam.users.iter().map(|it| it.name.as_str()).collect(),
            lacks,
        ),
        (
            "role",
            &entry.roles,
            iam.roles.iter().map(|it| it.name.as_str()).collect(),
            lacks,
        ),
        (
            "account",
            &entry.accounts,
            let_in(HolderKind::Account),
            refused,
        ),
        (
            "organization",
            &entry.organizations,
            let_in(HolderKind::Organization),
            refused,
        ),
    ];
    let mut warnings = Vec::new();
    for (kind, patterns, names, why) in kinds {
        let unmet = patterns.iter().filter(|it| !names.meets(it));
        warnings.extend(unmet.map(|it| Warning {
            line: entry.line,
            says: says((kind, it), why, &names, named_beside),
        }));
    }
    warnings
}

/// The warning about a name or an id that nobody has, or that lists nobody.
fn says(
    (kind, pattern): (&str, &str),
    why: &str,
    names: &Values<'_>,
    named_beside: &[NamedBeside],
) -> String {
    let entry = format!(
        "this entry of `invokers` names the {kind} {}",
        quoted(pattern)
    );
    match beside(named_beside, kind, pattern) {
        None => format!("{entry}, {why}{}", names.hint(&[pattern.to_owned()])),
        Some(says) => format!("{entry}, which lists nobody: {says}"),
    }
}

/// Where resource policies name somebody of this kind whom a pattern means beside others, and who is let in there.
fn beside<'b>(all: &'b [NamedBeside], kind: &str, pattern: &str) -> Option<&'b str> {
    let mut of_kind = all.iter().filter(|it| it.kind.as_str() == kind);
    let found = of_kind.find(|it| units_around(&it.name).any(|name| matches(pattern, name)));
    found.map(|it| it.says.as_str())
}

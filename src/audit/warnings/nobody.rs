//! Names and ids of entries of `invokers` that nobody has.

use super::Warning;
use super::values::Values;
use crate::audit::access::HolderKind;
use crate::audit::context::AccessView;
use crate::inventory::{Inventory, quoted};
use crate::policy_file::Invokers;

/// Those of one entry. None, where the IAM principals were not read.
pub(super) fn nobody(
    inventory: &Inventory,
    access: Option<&AccessView<'_>>,
    entry: &Invokers,
) -> Vec<Warning> {
    let (Some(iam), Some(access)) = (&inventory.iam, access) else {
        return Vec::new();
    };
    let let_in = |kind: HolderKind| -> Values<'_> {
        let outside = access.estate.outside().iter().filter(|it| it.kind == kind);
        outside.map(|it| it.name.as_str()).collect()
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
            says: format!(
                "this entry of `invokers` names the {kind} {}, {why}{}",
                quoted(it),
                names.hint(std::slice::from_ref(it))
            ),
        }));
    }
    warnings
}

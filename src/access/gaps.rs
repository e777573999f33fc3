//! What could not be read or understood of the policies.

use std::collections::BTreeSet;

use crate::model::{Document, Gap, GapKind, Inventory};
use crate::policy::language::Policy;

/// Every gap of an inventory, with those documents that are JSON and no policy: their effect is unknown.
pub fn gaps(inventory: &Inventory) -> BTreeSet<Gap> {
    let mut gaps = inventory.gaps();
    let Some(iam) = &inventory.iam else {
        return gaps;
    };
    let principals = (iam.groups.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.users.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.roles.iter().map(|it| (&it.arn, &it.inline)));
    let inline = principals.flat_map(|(arn, policies)| {
        let named = policies.iter();
        named.map(move |it| (arn, format!("inline policy `{}`", it.name), &it.document))
    });
    let managed = iam.policies.iter().map(|it| {
        let what = format!("version {} of policy `{}`", it.version, it.name);
        (&it.arn, what, &it.document)
    });
    for (subject, what, document) in inline.chain(managed) {
        // What is no JSON is among the inventory's own gaps.
        let Document::Json(json) = document else {
            continue;
        };
        if document.problem().is_none()
            && let Err(error) = Policy::from_value(json)
        {
            let message = format!("{what} is not understood: {error}; its effect is unknown");
            gaps.insert(Gap::malformed(GapKind::PolicyDocument, message).about(subject));
        }
    }
    gaps
}

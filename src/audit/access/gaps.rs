//! What could not be read or understood of the policies.

use std::collections::BTreeSet;

use crate::iam::document::Policy;
use crate::iam::{self, Document};
use crate::inventory::{Api, Gap, GapKind, Iam, Inventory, quoted};

/// Every gap of an inventory, with those documents that are JSON and no policy: their effect is unknown.
pub fn gaps(inventory: &Inventory) -> BTreeSet<Gap> {
    let mut gaps = inventory.gaps();
    gaps.extend(inventory.apis.iter().filter_map(resource_policy));
    gaps.extend(inventory.iam.iter().flat_map(documents));
    gaps.extend(inventory.iam.iter().flat_map(trust_policies));
    gaps
}

/// An API's resource policy that is JSON and no policy. Those that do not parse, and those with parts that are
/// only known after a deployment, are among the inventory's own gaps.
fn resource_policy(api: &Api) -> Option<Gap> {
    let document = api.resource_policy.as_ref()?;
    if document.resource_policy_problem().is_some() {
        return None;
    }
    let error = iam::resource_policy(document).err()?;
    let message = format!("the resource policy is not understood: {error}; its effect is unknown");
    Some(Gap::malformed(GapKind::ResourcePolicy, message).at(api))
}

/// The documents of groups, users and roles, and managed policies, that are JSON and no policy.
fn documents(iam: &Iam) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let principals = (iam.groups.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.users.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.roles.iter().map(|it| (&it.arn, &it.inline)));
    let inline = principals.flat_map(|(arn, policies)| {
        let named = policies.iter();
        named.map(move |it| {
            (
                arn,
                format!("inline policy {}", quoted(&it.name)),
                &it.document,
            )
        })
    });
    let managed = iam.policies.iter().map(|it| {
        let what = format!("version {} of policy {}", it.version, quoted(&it.name));
        (&it.arn, what, &it.document)
    });
    for (subject, what, document) in inline.chain(managed) {
        // A document that is not JSON is among the inventory's own gaps.
        let Document::Json(json) = document else {
            continue;
        };
        if document.problem().is_none()
            && let Err(error) = Policy::from_value(json)
        {
            let message = format!("{what} is not understood: {error}; its effect is unknown");
            gaps.push(Gap::malformed(GapKind::PolicyDocument, message).about(subject));
        }
    }
    gaps
}

/// The trust policies of roles that are JSON and no policy. Those that are not understood at a glance are among the
/// inventory's own gaps.
fn trust_policies(iam: &Iam) -> Vec<Gap> {
    let kept = iam.roles.iter().filter_map(|role| {
        let trust = role.trust_policy.as_ref()?;
        let is_known = trust.trust_policy_problem().is_some();
        let error = iam::trust_policy(trust).err().filter(|_| !is_known)?;
        let message = format!(
            "the trust policy is not understood: {error}; who can become the role is unknown"
        );
        Some(Gap::malformed(GapKind::PolicyDocument, message).about(&role.arn))
    });
    kept.collect()
}

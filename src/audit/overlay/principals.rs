//! The principals and policies of a file in the place of those that the account has.

use std::collections::BTreeSet;

use super::layer::Layer;
use super::stay::Stay;
use crate::inventory::{AttachedPolicy, Group, Iam, InlinePolicy, Role, User, listed, quoted};

/// As many policies are named.
const NAMED: usize = 5;

/// Lays what a file has of IAM over the account's. What of the account is taken to stay.
pub(super) fn lay(account: &mut Iam, layer: &Layer) -> Vec<Stay> {
    let mut stays = Vec::new();
    let nothing = Iam::default();
    let own = layer.inventory.iam.as_ref().unwrap_or(&nothing);
    let earlier = layer.earlier.as_ref();
    let earlier_iam = earlier.and_then(|it| it.inventory.iam.as_ref());
    for policy in &own.policies {
        match account.policies.iter_mut().find(|it| it.arn == policy.arn) {
            Some(known) => known.document = policy.document.clone(),
            None => account.policies.push(policy.clone()),
        }
    }
    let mut pass = Pass {
        layer,
        has_earlier: earlier.is_some(),
        stays: &mut stays,
    };
    pass.all(
        &mut account.groups,
        &own.groups,
        earlier_iam.map(|it| &it.groups),
    );
    pass.all(
        &mut account.users,
        &own.users,
        earlier_iam.map(|it| &it.users),
    );
    pass.all(
        &mut account.roles,
        &own.roles,
        earlier_iam.map(|it| &it.roles),
    );
    // A group that is gone has no members.
    let is_gone = |name: &String| {
        let had = earlier_iam.into_iter().flat_map(|it| &it.groups);
        let mut had = had.filter(|it| it.name.eq_ignore_ascii_case(name));
        had.next().is_some()
            && !account
                .groups
                .iter()
                .any(|it| it.name.eq_ignore_ascii_case(name))
    };
    for user in &mut account.users {
        user.groups.retain(|it| !is_gone(it));
    }
    stays
}

/// What groups, users and roles have in common.
trait Holder: Clone {
    fn name(&self) -> &str;
    fn arn(&self) -> &str;
    fn kind() -> &'static str;
    fn policies(&mut self) -> (&mut Vec<InlinePolicy>, &mut Vec<AttachedPolicy>);
    fn inline(&self) -> &[InlinePolicy];
    fn attached(&self) -> &[AttachedPolicy];
    /// The groups of a user.
    fn groups(&self) -> &[String] {
        &[]
    }
    fn groups_mut(&mut self) -> Option<&mut Vec<String>> {
        None
    }
    fn boundary(&self) -> Option<&String> {
        None
    }
    fn limit(&mut self, _boundary: Option<String>) {}
    /// Takes over what only its own kind has.
    fn rest(&mut self, _own: &Self) {}
}

impl Holder for Group {
    fn name(&self) -> &str {
        &self.name
    }
    fn arn(&self) -> &str {
        &self.arn
    }
    fn kind() -> &'static str {
        "group"
    }
    fn policies(&mut self) -> (&mut Vec<InlinePolicy>, &mut Vec<AttachedPolicy>) {
        (&mut self.inline, &mut self.attached)
    }
    fn inline(&self) -> &[InlinePolicy] {
        &self.inline
    }
    fn attached(&self) -> &[AttachedPolicy] {
        &self.attached
    }
}

impl Holder for User {
    fn name(&self) -> &str {
        &self.name
    }
    fn arn(&self) -> &str {
        &self.arn
    }
    fn kind() -> &'static str {
        "user"
    }
    fn policies(&mut self) -> (&mut Vec<InlinePolicy>, &mut Vec<AttachedPolicy>) {
        (&mut self.inline, &mut self.attached)
    }
    fn inline(&self) -> &[InlinePolicy] {
        &self.inline
    }
    fn attached(&self) -> &[AttachedPolicy] {
        &self.attached
    }
    fn groups(&self) -> &[String] {
        &self.groups
    }
    fn groups_mut(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.groups)
    }
    fn boundary(&self) -> Option<&String> {
        self.permissions_boundary.as_ref()
    }
    fn limit(&mut self, boundary: Option<String>) {
        self.permissions_boundary = boundary;
    }
}

impl Holder for Role {
    fn name(&self) -> &str {
        &self.name
    }
    fn arn(&self) -> &str {
        &self.arn
    }
    fn kind() -> &'static str {
        "role"
    }
    fn policies(&mut self) -> (&mut Vec<InlinePolicy>, &mut Vec<AttachedPolicy>) {
        (&mut self.inline, &mut self.attached)
    }
    fn inline(&self) -> &[InlinePolicy] {
        &self.inline
    }
    fn attached(&self) -> &[AttachedPolicy] {
        &self.attached
    }
    fn boundary(&self) -> Option<&String> {
        self.permissions_boundary.as_ref()
    }
    fn limit(&mut self, boundary: Option<String>) {
        self.permissions_boundary = boundary;
    }
    fn rest(&mut self, own: &Self) {
        if own.trust_policy.is_some() {
            self.trust_policy.clone_from(&own.trust_policy);
        }
    }
}

struct Pass<'p> {
    layer: &'p Layer,
    /// Whether it is known what the file had before.
    has_earlier: bool,
    stays: &'p mut Vec<Stay>,
}

fn find<'h, H: Holder + 'h>(all: impl IntoIterator<Item = &'h H>, name: &str) -> Option<&'h H> {
    let mut all = all.into_iter();
    all.find(|it| it.name().eq_ignore_ascii_case(name))
}

impl Pass<'_> {
    /// All principals of a kind.
    fn all<H: Holder>(&mut self, account: &mut Vec<H>, own: &[H], earlier: Option<&Vec<H>>) {
        for before in earlier.into_iter().flatten() {
            if find(own, before.name()).is_some() {
                continue;
            }
            let was_made = self.layer.earlier.as_ref();
            let was_made = was_made.is_some_and(|it| it.made.contains(before.arn()));
            if was_made {
                account.retain(|it| !it.name().eq_ignore_ascii_case(before.name()));
            } else if let Some(known) = named(account, before.name()) {
                without(known, before, None);
            }
        }
        for holder in own {
            let before = find(earlier.into_iter().flatten(), holder.name());
            match named(account, holder.name()) {
                Some(known) => self.one(known, holder, before),
                None => account.push(holder.clone()),
            }
        }
    }

    /// A principal that the account has, and the file makes or gives something.
    fn one<H: Holder>(&mut self, known: &mut H, own: &H, before: Option<&H>) {
        if let Some(before) = before {
            without(known, before, Some(own));
        }
        let is_made = self.layer.made.contains(own.arn());
        if is_made && !self.has_earlier {
            self.what_stays(known, own);
        }
        // What a file no longer limits by a boundary is limited by none, where it did.
        let was_limited = before.is_some_and(|it| it.boundary().is_some());
        if own.boundary().is_some() || was_limited {
            known.limit(own.boundary().cloned());
        }
        let (inline, attached) = known.policies();
        for policy in own.inline() {
            inline.retain(|it| it.name != policy.name);
            inline.push(policy.clone());
        }
        for policy in own.attached() {
            if !attached.iter().any(|it| it.arn == policy.arn) {
                attached.push(policy.clone());
            }
        }
        if let Some(groups) = known.groups_mut() {
            for group in own.groups() {
                if !groups.iter().any(|it| it.eq_ignore_ascii_case(group)) {
                    groups.push(group.clone());
                }
            }
        }
        known.rest(own);
    }

    /// What the account has of a principal that the file makes, and the file does not mention.
    fn what_stays<H: Holder>(&mut self, known: &H, own: &H) {
        let names: BTreeSet<&str> = own.inline().iter().map(|it| it.name.as_str()).collect();
        let arns: BTreeSet<&str> = own.attached().iter().map(|it| it.arn.as_str()).collect();
        let inline = known.inline().iter().map(|it| it.name.as_str());
        let inline = inline.filter(|it| !names.contains(it));
        let attached = known.attached().iter();
        let attached = attached.filter(|it| !arns.contains(it.arn.as_str()));
        let policies = inline.chain(attached.map(|it| it.name.as_str()));
        let policies: Vec<String> = policies.map(quoted).collect();
        let is_in = |group: &&String| !own.groups().iter().any(|it| it.eq_ignore_ascii_case(group));
        let groups = known.groups().iter().filter(is_in).map(|it| quoted(it));
        let groups: Vec<String> = groups.collect();
        let boundary = known.boundary().filter(|_| own.boundary().is_none());
        let mut parts = Vec::new();
        if !policies.is_empty() {
            parts.push(format!("policies {}", listed(policies.into_iter(), NAMED)));
        }
        if !groups.is_empty() {
            parts.push(format!(
                "membership in {}",
                listed(groups.into_iter(), NAMED)
            ));
        }
        if boundary.is_some() {
            parts.push("its permissions boundary".to_owned());
        }
        for part in parts {
            self.stays.push(Stay {
                what: format!(
                    "{part} of {} {}, which the file does not give it: what the file gave it before, the deployment takes away",
                    H::kind(),
                    quoted(known.name())
                ),
                at: self.layer.principal(own.arn()),
            });
        }
    }
}

fn named<'a, H: Holder>(all: &'a mut [H], name: &str) -> Option<&'a mut H> {
    all.iter_mut()
        .find(|it| it.name().eq_ignore_ascii_case(name))
}

/// Takes away what a file gave a principal before, and does not any more.
fn without<H: Holder>(known: &mut H, before: &H, own: Option<&H>) {
    let inline: BTreeSet<&str> = own
        .iter()
        .flat_map(|it| it.inline())
        .map(|it| it.name.as_str())
        .collect();
    let attached: BTreeSet<&str> = own
        .iter()
        .flat_map(|it| it.attached())
        .map(|it| it.arn.as_str())
        .collect();
    let gone =
        |name: &str| before.inline().iter().any(|it| it.name == name) && !inline.contains(name);
    let detached =
        |arn: &str| before.attached().iter().any(|it| it.arn == arn) && !attached.contains(arn);
    let (own_inline, own_attached) = known.policies();
    own_inline.retain(|it| !gone(&it.name));
    own_attached.retain(|it| !detached(&it.arn));
    let is_in =
        |groups: &[String], name: &str| groups.iter().any(|it| it.eq_ignore_ascii_case(name));
    if let Some(groups) = known.groups_mut() {
        groups.retain(|it| {
            !is_in(before.groups(), it) || own.is_some_and(|own| is_in(own.groups(), it))
        });
    }
}

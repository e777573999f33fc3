//! Who is to be allowed to call methods, and what the policy file says of it.

use crate::audit::access::HolderKind;
use crate::audit::context::Context;
use crate::audit::exposure::{Reach, StageReach};
use crate::audit::finding::Exposure;
use crate::audit::method::{AtStage, MethodAt};
use crate::audit::remedy::taken_in;
use crate::iam::pattern::matches;
use crate::inventory::{Api, InlinePolicy, Stage};
use crate::policy_file::{Invokers, Selector};

/// Who is to be allowed.
#[derive(Debug, Clone, Copy)]
pub(in crate::audit) struct Grantee<'a> {
    /// A group or a role.
    pub(super) kind: HolderKind,
    /// `None`: a group that the reader puts in.
    pub(super) name: Option<&'a str>,
}

impl<'a> Grantee<'a> {
    /// A group of the reader's choice.
    pub(super) const OF_THE_READERS_CHOICE: Self = Grantee {
        kind: HolderKind::Group,
        name: None,
    };

    /// The group of this name.
    pub(in crate::audit) fn group(name: &'a str) -> Self {
        Grantee {
            kind: HolderKind::Group,
            name: Some(name),
        }
    }

    /// The role of this name.
    pub(in crate::audit) fn role(name: &'a str) -> Self {
        Grantee {
            kind: HolderKind::Role,
            name: Some(name),
        }
    }

    /// Whether an entry lists it. A group of the reader's choice can be one of those that an entry lists.
    fn is_listed_by(&self, entry: &Invokers) -> bool {
        let patterns = match self.kind {
            HolderKind::Role => &entry.roles,
            _ => &entry.groups,
        };
        match self.name {
            Some(name) => patterns.iter().any(|it| matches(it, name)),
            None => !patterns.is_empty(),
        }
    }

    /// The methods that it must be able to call, by what the policy file says of the group: a list for each entry.
    pub(super) fn demanding(&self, context: Context<'a>) -> Vec<Vec<&'a Selector>> {
        let groups = context.policy.groups.iter();
        let own = groups.filter(|group| {
            let is_it = |name: &str| group.name.eq_ignore_ascii_case(name);
            self.kind == HolderKind::Group && self.name.is_some_and(is_it)
        });
        own.map(|group| group.invoke.iter().collect()).collect()
    }

    /// The methods of the entries of `invokers` that list it by its name.
    pub(super) fn listing(&self, context: Context<'a>) -> Vec<&'a Selector> {
        let entries = context.policy.invokers.iter();
        let listing = entries.filter(|it| self.name.is_some() && self.is_listed_by(it));
        listing.map(|it| &it.selector).collect()
    }

    /// Whether entries of `invokers` speak of a method, or of a part of it, and none of them lists it:
    /// `unlisted-invoker` would say so. `entries` are those about its stage, `exposures` those that the method may have.
    pub(super) fn is_unlisted(
        &self,
        entries: &[(AtStage<'_>, &Invokers)],
        method: MethodAt<'_>,
        exposures: &[Option<Exposure>],
    ) -> bool {
        let is_unlisted_for = |part, exposure| {
            let entries = entries.iter();
            let speaking = entries.filter(|(at, _)| at.selects_part(method, part, exposure));
            let mut speaking = speaking.peekable();
            speaking.peek().is_some() && !speaking.any(|(_, it)| self.is_listed_by(it))
        };
        exposures.iter().any(|exposure| {
            let mut parts = method.parts();
            parts.any(|part| is_unlisted_for(part, *exposure))
        })
    }

    /// The inline policies that it has; of a group of the reader's choice, those of every group.
    pub(super) fn inline<'i>(&self, context: Context<'i>) -> Vec<&'i InlinePolicy> {
        let Some(iam) = &context.inventory.iam else {
            return Vec::new();
        };
        let is_it = |name: &str| self.name.is_none_or(|it| it.eq_ignore_ascii_case(name));
        match self.kind {
            HolderKind::Role => {
                let roles = iam.roles.iter().filter(|it| is_it(&it.name));
                roles.flat_map(|it| &it.inline).collect()
            }
            _ => {
                let groups = iam.groups.iter().filter(|it| is_it(&it.name));
                groups.flat_map(|it| &it.inline).collect()
            }
        }
    }
}

/// The entries of `invokers` that may speak of methods of a stage.
pub(super) fn about_stage<'a>(
    context: Context<'a>,
    api: &Api,
    stage: &Stage,
) -> Vec<(AtStage<'a>, &'a Invokers)> {
    let entries = context.policy.invokers.iter();
    let entries = entries.filter_map(|entry| {
        let at = AtStage::new(&entry.selector, api, stage)?;
        Some((at, entry))
    });
    entries.collect()
}

/// The exposures that a method may have, where entries of `invokers` ask for them.
pub(super) fn exposures(context: Context<'_>, method: MethodAt<'_>) -> Vec<Option<Exposure>> {
    let mut entries = context.policy.invokers.iter();
    let mut groups = context.policy.groups.iter().flat_map(|it| &it.invoke);
    let asked = entries.any(|it| !it.selector.exposure.is_empty())
        || groups.any(|it| !it.exposure.is_empty());
    if !asked {
        return vec![None];
    }
    let (inventory, api) = (context.inventory, method.api);
    let at_stage = StageReach::new(inventory, context.names, api, method.stage);
    let template = || taken_in::template(inventory, method);
    let reach = Reach::new(api, &at_stage, || method.name(), template);
    reach.exposures().map(Some).collect()
}

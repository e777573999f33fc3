//! What every rule may look at.

use std::collections::BTreeSet;

use super::access::{Estate, Holder, HolderKind, Origin, PolicySource};
use super::exposure::DomainNames;
use super::probe::Probed;
use super::remedy::calls::LastStage;
use super::remedy::draft_changes::DraftChanges;
use crate::iam::document::Statement;
use crate::iam::invoke_grants;
use crate::inventory::{Gap, Inventory};
use crate::policy_file::PolicyFile;

/// What every rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// All that was read.
    pub inventory: &'a Inventory,
    /// What is demanded.
    pub policy: &'a PolicyFile,
    /// Every gap of the inventory.
    pub gaps: &'a BTreeSet<Gap>,
    /// What deployed URLs answered. `None`: no probe asked them.
    pub probed: Option<&'a Probed>,
    /// Who can call what. `None`: the IAM principals could not be read.
    pub access: Option<&'a AccessView<'a>>,
    /// The custom domain names of each API.
    pub(in crate::audit) names: &'a DomainNames<'a>,
    /// What a deployment would change at the stage of the method that is asked about. Of all else: nothing is known.
    pub(in crate::audit) changes: &'a DraftChanges<'a>,
    /// The methods of the stage that a grant was asked for last.
    pub(in crate::audit) calls: &'a LastStage,
}

impl Context<'_> {
    /// Whether some of the account's groups, users or roles (`group`, `user`, `role`) may not have been read, so that
    /// what is not found among them may be there.
    pub(in crate::audit) fn hides_some(&self, kind: &str) -> bool {
        // Of a file, the account has others.
        let is_of_a_file = self.inventory.scope.template.is_some();
        is_of_a_file || self.gaps.iter().any(|gap| gap.hides_some(kind))
    }
}

/// Who can call what.
#[derive(Debug)]
pub struct AccessView<'a> {
    pub(in crate::audit) estate: Estate<'a>,
}

impl<'a> AccessView<'a> {
    pub(in crate::audit) fn new(estate: Estate<'a>) -> Self {
        AccessView { estate }
    }

    /// The group with this name. IAM keeps names unique whatever their case.
    pub(in crate::audit) fn group(&self, name: &str) -> Option<&Holder> {
        let mut holders = self.estate.holders().iter();
        holders.find(|it| it.kind == HolderKind::Group && it.name.eq_ignore_ascii_case(name))
    }

    /// What a holder's own policies, not those of its groups, set out to grant.
    pub(in crate::audit) fn own_grants<'h>(
        &'h self,
        holder: &'h Holder,
    ) -> impl Iterator<Item = (&'h PolicySource, usize, &'h Statement)> {
        let own = holder.sources.iter();
        let own = own.filter(|it| matches!(it.origin, Origin::Inline | Origin::Attached));
        own.flat_map(|source| {
            let policy = self.estate.policy(source);
            let grants = policy.into_iter().flat_map(invoke_grants);
            grants.map(move |(index, statement)| (source, index, statement))
        })
    }
}

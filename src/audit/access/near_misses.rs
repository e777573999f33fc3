//! The grants of a holder that were meant for a method and miss it, by a mistake in their Resource.

use super::Estate;
use super::decide::statement_in_words;
use super::holder::Holder;
use super::method::CallableMethod;
use crate::iam::{Aim, Mistake, near_misses};
use crate::inventory::quoted;

/// So many are named.
const NAMED: usize = 3;

/// A Resource of a grant that is nearly right for a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The policy, in words, such as ``policy `CallPets` of group `callers` ``.
    pub policy: String,
    /// The statement's `Sid`, or its place in the policy, such as `Statement[0]`.
    pub statement: String,
    /// The Resource as it is written.
    pub pattern: String,
    /// What is wrong with it, one or more.
    pub mistakes: Vec<Mistake>,
}

impl NearMiss {
    /// The statement and its policy, such as `` `CallOne` of policy `CallPets` of group `callers` ``.
    pub fn grant_in_words(&self) -> String {
        statement_in_words(&self.statement, &self.policy)
    }

    /// What is wrong, such as ``\`arn:…/GET/pets\` lacks the stage``.
    pub fn in_words(&self) -> String {
        let mistakes: Vec<String> = self.mistakes.iter().map(Mistake::to_string).collect();
        format!("{} {}", quoted(&self.pattern), mistakes.join("; it also "))
    }
}

impl Estate<'_> {
    /// The Resources of a holder's identity policies that are nearly right for a method: three at most, those with the
    /// fewest mistakes first.
    pub fn near_misses(&self, holder: &Holder, method: &CallableMethod<'_>) -> Vec<NearMiss> {
        let requests = method.template(self.inventory);
        let base_paths = self.base_paths(method);
        let aim = Aim {
            requests: &requests,
            stage: &method.stage.name,
            api_name: &method.api.name,
            base_paths: &base_paths,
        };
        let sources = holder.sources.iter();
        let sources = sources.filter_map(|it| Some((it, self.policy(it)?)));
        let near = sources.flat_map(|(source, policy)| {
            let near = near_misses(policy, aim).into_iter();
            near.map(move |it| (source, policy, it))
        });
        let mut near: Vec<_> = near.collect();
        near.sort_by_key(|(_, _, it)| it.mistakes.len());
        near.truncate(NAMED);
        let named = near.into_iter().map(|(source, policy, it)| NearMiss {
            policy: source.in_words(holder),
            statement: policy.place(it.statement),
            pattern: it.pattern.to_owned(),
            mistakes: it.mistakes,
        });
        named.collect()
    }

    /// The base paths of the custom domain names that lead to a method's stage.
    fn base_paths(&self, method: &CallableMethod<'_>) -> Vec<&str> {
        let domains = self.inventory.domains.iter().flatten();
        let domains = domains.filter(|it| it.region == method.api.region);
        let mappings = domains.flat_map(|it| &it.mappings);
        let here = mappings.filter(|it| {
            let stage = it.stage.as_ref();
            it.api_id == method.api.id && stage.is_none_or(|it| *it == method.stage.name)
        });
        here.map(|it| it.base_path.as_str()).collect()
    }
}

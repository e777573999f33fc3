//! Statements of resource policies that let nobody in, whoever they were written for.

use super::Estate;
use crate::iam::document::{Effect, Named, Policy, Statement};
use crate::iam::{Elsewhere, mistaken_networks};
use crate::inventory::{Api, quoted};

/// A statement of a resource policy that lets nobody in whom it was written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOut<'a> {
    /// The API.
    pub api: &'a Api,
    /// The statement's `Sid`, or its place in the policy, such as `Statement[0]`.
    pub statement: String,
    /// Who is kept out, or why, in words.
    pub why: String,
}

impl KeptOut<'_> {
    /// The statement, and what keeps out.
    pub fn in_words(&self) -> String {
        format!("{}: {}", quoted(&self.statement), self.why)
    }
}

impl<'a> Estate<'a> {
    /// The statements of the APIs' resource policies that let nobody in, or not everybody whom they name.
    pub fn kept_out(&self) -> impl Iterator<Item = KeptOut<'a>> {
        let apis = self.inventory.apis.iter().zip(&self.apis);
        apis.flat_map(|(api, of_api)| match &of_api.resource_policy {
            Some(Ok(policy)) => of_policy(api, policy, &of_api.elsewhere),
            _ => Vec::new(),
        })
    }
}

fn of_policy<'a>(api: &'a Api, policy: &Policy, elsewhere: &[Elsewhere]) -> Vec<KeptOut<'a>> {
    let kept_out = |statement, why| KeptOut {
        api,
        statement: policy.place(statement),
        why,
    };
    let of_others = elsewhere.iter().map(|it| {
        let (arn, partition) = (quoted(&it.arn), &it.partition);
        let why = format!("{arn} is of the partition {partition}, and can call no API of this one");
        kept_out(it.statement, why)
    });
    // Where the kind of its endpoint is not known, none is known to.
    let is_known = !api.endpoint_types.is_empty();
    let mistaken = is_known.then(|| mistaken_networks(policy, api.is_private()));
    let mistaken = mistaken.into_iter().flatten();
    let of_nobody = mistaken
        .filter(|it| {
            let statement = policy.statements.get(it.statement);
            statement.is_some_and(|it| it.effect == Effect::Allow && names_callers(it))
        })
        .map(|it| kept_out(it.statement, format!("it {}: {}", it.does, it.why)));
    of_others.chain(of_nobody).collect()
}

/// Whether a statement names callers, and not everybody: whether everybody is let in is said of each open method.
fn names_callers(statement: &Statement) -> bool {
    let mut principals = statement.principals.iter().flat_map(|it| &it.named);
    let mut conditions = statement.conditions.iter();
    principals.any(|it| *it != Named::Everybody)
        || conditions.any(|it| it.key.starts_with("aws:principal"))
}

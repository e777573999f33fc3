//! What is nearly right about a resource pattern that misses a method.
//!
//! In come a pattern and the requests of a method, out come the mistakes that keep the pattern from them. A mistake is
//! said only where the pattern takes in more of the requests once it is mended, so that a pattern which was written for
//! something else gets no hint.

mod aim;
mod mend;
mod mistake;

use crate::iam::access::granting::is_about_invoke;
use crate::iam::condition::variable::wildcards;
use crate::iam::document::{Effect, Policy, Version};
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::parts::{Left, Parts};

use mend::{Arn, MENDS, heads, variables};

pub use aim::Aim;
pub use mistake::Mistake;

/// How much work one question about a pattern may take. A pattern that takes more gets no hint.
const LITTLE: usize = 3_000;

/// So many patterns of one policy are looked at.
const MANY: usize = 200;

/// A pattern of an Allow statement that misses the method, or takes in only some of its requests, and is nearly right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss<'p> {
    /// The place of the statement in the policy, from 0.
    pub statement: usize,
    /// The pattern as it is written.
    pub pattern: &'p str,
    /// What is wrong with it, one or more.
    pub mistakes: Vec<Mistake>,
}

/// The patterns of a policy's grants of `execute-api:Invoke` that are nearly right for a method.
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::{Aim, Template, near_misses};
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke",
///         "Resource": ["arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/GET/pets",
///                      "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders"]}}"#,
/// )
/// .unwrap();
/// let place = ["aws", "eu-west-1", "111122223333"];
/// let requests = Template::of_method(place, ["a1b2c3d4e5", "prod"], &["GET"], "/pets");
/// let aim = Aim { requests: &requests, stage: "prod", api_name: "PetStore", base_paths: &[] };
///
/// // The second pattern is another method's: nothing is said of it.
/// let near = near_misses(&policy, aim);
/// assert_eq!((near.len(), near[0].mistakes.len()), (1, 1));
/// assert_eq!(near[0].mistakes[0].to_string(), "lacks the stage, `prod`, behind the API's id");
/// ```
pub fn near_misses<'p>(policy: &'p Policy, aim: Aim<'_>) -> Vec<NearMiss<'p>> {
    let statements = policy.statements.iter().enumerate();
    let granting = statements.filter(|(_, it)| it.effect == Effect::Allow && is_about_invoke(it));
    let patterns = granting.flat_map(|(statement, it)| {
        let resources = it.resources.iter().filter(|it| !it.negated);
        let patterns = resources.flat_map(|it| &it.patterns);
        patterns.map(move |pattern| (statement, pattern.as_str()))
    });
    let near = patterns.take(MANY).filter_map(|(statement, pattern)| {
        Some(NearMiss {
            statement,
            pattern,
            mistakes: mistakes(pattern, policy.version, aim)?,
        })
    });
    near.collect()
}

/// The mistakes of one pattern: one or two of its last part, and those of the parts before it. `None`: it is not nearly
/// right, or there is nothing wrong with it.
fn mistakes(pattern: &str, version: Version, aim: Aim<'_>) -> Option<Vec<Mistake>> {
    let (pattern, unreplaced) = variables(pattern, version);
    let written = Arn::read(&pattern)?;
    let before = cover(&written, aim)?;
    if before == Cover::All {
        return None;
    }
    let takes_in_more = |mended: &Arn| match cover(mended, aim) {
        Some(Cover::All) => true,
        Some(Cover::Some) => before == Cover::None,
        Some(Cover::None) | None => false,
    };
    let (placed, elsewhere) = heads(&written, aim)?;
    if !elsewhere.is_empty() && takes_in_more(&placed) {
        return Some(elsewhere);
    }
    let first: Vec<(Arn, Mistake)> = unreplaced
        .map(|(pattern, mistake)| Some((Arn::read(&pattern)?.with_head_of(&placed), mistake)))
        .into_iter()
        .flatten()
        .chain(each(&placed, aim))
        .collect();
    if let Some((_, mistake)) = first.iter().find(|(mended, _)| takes_in_more(mended)) {
        return Some(elsewhere.into_iter().chain([mistake.clone()]).collect());
    }
    let second = first.iter().find_map(|(mended, first)| {
        let mut twice = each(mended, aim);
        let (_, second) = twice.find(|(mended, _)| takes_in_more(mended))?;
        Some([first.clone(), second])
    });
    Some(elsewhere.into_iter().chain(second?).collect())
}

/// The pattern with one thing mended in its last part, in each way that there is.
fn each<'a>(arn: &'a Arn, aim: Aim<'a>) -> impl Iterator<Item = (Arn, Mistake)> + 'a {
    MENDS.iter().filter_map(move |mend| {
        let (last, mistake) = mend(&arn.last, aim)?;
        let mended = Arn {
            head: arn.head.clone(),
            last,
        };
        Some((mended, mistake))
    })
}

/// How many of the method's requests a pattern takes in. `None`: that takes more than a little work.
fn cover(arn: &Arn, aim: Aim<'_>) -> Option<Cover> {
    let parts = Parts::new(wildcards(&arn.text()).collect());
    let ready = match parts.left(&aim.requests.head) {
        Left::Nothing => return Some(Cover::None),
        Left::Everything => return Some(Cover::All),
        Left::Last(last) => Ready::new(last),
    };
    let verbs = aim.requests.verbs.iter();
    let covers: Option<Vec<Cover>> = verbs
        .map(|verb| ready.cover(verb, &mut LITTLE.clone()).ok())
        .collect();
    let covers = covers?;
    Some(if covers.iter().all(|it| *it == Cover::All) {
        Cover::All
    } else if covers.iter().all(|it| *it == Cover::None) {
        Cover::None
    } else {
        Cover::Some
    })
}

#[cfg(test)]
mod tests;

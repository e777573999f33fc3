//! The questions about the requests of a method: how many are allowed, and which statements weigh in that.

use crate::iam::access::assignment::with_one_value;
use crate::iam::access::tally::{Tally, reaches, tally};
use crate::iam::access::verdict::Access;
use crate::iam::decide::question::{Policies, Question};
use crate::iam::decide::weigh::Weighed;
use crate::iam::document::Effect;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::budget::{BUDGET, TooMuch};
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::library::Reach;
use crate::iam::pattern::template::{Piece, Template};
use crate::iam::truth::Truth;

/// A statement that weighs in a decision, by its place among the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deciding {
    /// The number of its policy: identity policies first, then the boundary, the SCPs level by level, the
    /// resource policy, the session policies, the policy of the VPC endpoint.
    pub policy: usize,
    /// Its place in the policy, from 0.
    pub statement: usize,
    /// Whether it depends on a condition whose keys are not known.
    pub conditional: bool,
    /// Allow or Deny.
    pub effect: Effect,
}

/// Decides how many of the requests of a method are allowed.
pub fn access(policies: &Policies<'_>, question: Question<'_>, template: &Template) -> Access {
    let weighed = Weighed::new(policies, question, template);
    over(&weighed, template).unwrap_or(Access::UNDECIDED)
}

/// What was decided, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// How many of the requests are allowed.
    pub access: Access,
    /// The same as [`deciding`] gives.
    pub deciding: Vec<Deciding>,
    /// The policies, by number, that would reach the method if a `*` before the last part of a pattern ran across a `:`,
    /// and do not reach it as patterns are read, part by part.
    pub across_colons: Vec<usize>,
}

/// Decides how many of the requests of a method are allowed, and says by what.
pub fn explained(
    policies: &Policies<'_>,
    question: Question<'_>,
    template: &Template,
) -> Explained {
    let weighed = Weighed::new(policies, question, template);
    Explained {
        access: over(&weighed, template).unwrap_or(Access::UNDECIDED),
        deciding: deciding_of(&weighed, template),
        across_colons: across_colons(&weighed, template),
    }
}

/// The statements that apply to some request of the method, in order.
pub fn deciding(
    policies: &Policies<'_>,
    question: Question<'_>,
    template: &Template,
) -> Vec<Deciding> {
    deciding_of(&Weighed::new(policies, question, template), template)
}

fn deciding_of(weighed: &Weighed, template: &Template) -> Vec<Deciding> {
    let applying = applying(weighed, template, BUDGET).into_iter();
    let mut deciding: Vec<Deciding> = applying
        .map(|((policy, statement), effect, truth)| Deciding {
            policy,
            statement,
            conditional: truth == Truth::Unknown,
            effect,
        })
        .collect();
    deciding.sort_unstable();
    deciding
}

/// The policies, by number, of which a statement applies to some request of the method, or may: a pattern that
/// takes more than a little work is taken to be met.
pub fn speaking(
    policies: &Policies<'_>,
    question: Question<'_>,
    template: &Template,
) -> Vec<usize> {
    let weighed = Weighed::new(policies, question, template);
    let applying = applying(&weighed, template, LITTLE).into_iter();
    let mut speaking: Vec<usize> = applying.map(|((policy, _), _, _)| policy).collect();
    speaking.sort_unstable();
    speaking.dedup();
    speaking
}

/// How many words of sets are computed for one pattern where a rough answer will do.
const LITTLE: usize = 3_000;

/// The statements that apply to some request of the method, with so much work for each pattern.
fn applying(
    weighed: &Weighed,
    template: &Template,
    budget: usize,
) -> Vec<((usize, usize), Effect, Truth)> {
    let reaches = reaches(weighed, template).into_iter();
    let touches: Vec<bool> = reaches.map(|it| touched(it, template, budget)).collect();
    let met = |number: usize| Truth::from(touches.get(number).copied().unwrap_or(true));
    weighed.applying(&met)
}

/// The policies, by number, that would reach the method if a `*` before the last part of a pattern ran
/// across a `:`, and do not reach it as patterns are read, part by part.
pub(in crate::iam) fn across_colons(weighed: &Weighed, template: &Template) -> Vec<usize> {
    let before_last = template.head.join(":") + ":";
    let mut found: Vec<usize> = Vec::new();
    for ((policy, _), number) in weighed.allowing() {
        let Some(tokens) = weighed
            .patterns
            .all
            .get(number)
            .and_then(|it| it.parts.across(template))
        else {
            continue;
        };
        let reaches = template.verbs.iter().any(|verb| {
            let head = before_last.chars().map(Piece::Letter);
            let whole: Vec<Piece> = head.chain(verb.iter().copied()).collect();
            let cover = Ready::new(tokens).cover(&whole, &mut BUDGET.clone());
            !matches!(cover, Ok(Cover::None))
        });
        if reaches {
            found.push(policy);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn touched(reach: Reach<'_>, template: &Template, budget: usize) -> bool {
    match reach {
        Reach::Nothing => false,
        Reach::Everything => true,
        Reach::Last(ready) => template.verbs.iter().any(|verb| {
            let cover = ready.cover(verb, &mut budget.clone());
            !matches!(cover, Ok(Cover::None))
        }),
    }
}

fn over(weighed: &Weighed, template: &Template) -> Result<Access, TooMuch> {
    let mut budget = BUDGET;
    let widened = tally(weighed, template, Tally::default(), &mut budget)?;
    let patterns = &weighed.patterns;
    let tally = with_one_value((weighed, patterns), template, widened, &mut budget)?;
    let arn = |example: Option<(Truth, String)>| example.map(|(_, last)| template.arn(&last));
    Ok(Access {
        verdict: tally.verdict(),
        conditional: tally.conditional,
        allowed: arn(tally.allowed),
        denied: arn(tally.denied),
    })
}

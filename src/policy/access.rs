//! How many of the requests of a method are allowed: decided over all of them, never by trying some.

use super::language::Effect;
use super::prepared::Reach;
use super::single::{Cover, Ready};
use super::template::{Piece, Template};
use super::truth::Truth;
use super::walk::{BUDGET, Bank, Next, TooMuch};
use super::weigh::{Outcome, Policies, Question, Weighed};

/// How many of a method's requests are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// None.
    None,
    /// More work than the bound allows, or a policy that could not be read.
    Undecided,
    /// Some, and others not.
    Some,
    /// Every one.
    All,
}

impl Verdict {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::All => "ALL",
            Verdict::Some => "SOME",
            Verdict::None => "NONE",
            Verdict::Undecided => "UNDECIDED",
        }
    }
}

/// What the policies say of a method's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// How many are allowed, where every condition that is not known turns out in the caller's favour.
    pub verdict: Verdict,
    /// Whether that depends on a condition whose keys are not known.
    pub conditional: bool,
    /// A request that is allowed. `None`: there is none.
    pub allowed: Option<String>,
    /// A request that is not allowed. `None`: there is none.
    pub denied: Option<String>,
}

impl Access {
    /// Undecided, without examples.
    pub const UNDECIDED: Access = Access {
        verdict: Verdict::Undecided,
        conditional: false,
        allowed: None,
        denied: None,
    };
}

/// A statement that weighs in a decision, by its place among the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deciding {
    /// The number of its policy: identity policies first, then the boundary, the SCPs level by level, the
    /// resource policy.
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
    let weighed = Weighed::new(policies, question);
    over(&weighed, template).unwrap_or(Access::UNDECIDED)
}

/// The statements that apply to some request of the method, in order.
pub fn deciding(
    policies: &Policies<'_>,
    question: Question<'_>,
    template: &Template,
) -> Vec<Deciding> {
    let weighed = Weighed::new(policies, question);
    let applying = applying(&weighed, template, BUDGET).into_iter();
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
    let weighed = Weighed::new(policies, question);
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
pub fn across_colons(
    policies: &Policies<'_>,
    question: Question<'_>,
    template: &Template,
) -> Vec<usize> {
    across_colons_of(&Weighed::new(policies, question), template)
}

/// The same of what weighs on one caller.
pub(super) fn across_colons_of(weighed: &Weighed, template: &Template) -> Vec<usize> {
    let head = template.head.join(":") + ":";
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
            let head = head.chars().map(Piece::Letter);
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

fn reaches<'w>(weighed: &'w Weighed, template: &Template) -> Vec<Reach<'w>> {
    let patterns = weighed.patterns.all.iter();
    patterns.map(|it| it.reach(&template.head)).collect()
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
    let tally = tally(weighed, template, Tally::default(), &mut BUDGET.clone())?;
    let arn = |example: Option<(Truth, String)>| example.map(|(_, last)| template.arn(&last));
    Ok(Access {
        verdict: tally.verdict(),
        conditional: tally.conditional,
        allowed: arn(tally.allowed),
        denied: arn(tally.denied),
    })
}

/// Looks at the requests of each verb until no more can change the answer.
fn tally(
    weighed: &Weighed,
    template: &Template,
    mut tally: Tally,
    budget: &mut usize,
) -> Result<Tally, TooMuch> {
    let reaches = reaches(weighed, template);
    let certain = weighed.is_certain();
    for verb in &template.verbs {
        of_verb((weighed, certain), &reaches, verb, &mut tally, budget)?;
        if tally.is_enough(certain) {
            break;
        }
    }
    Ok(tally)
}

/// How many of the requests of a method are allowed, without examples. Work is taken from the budget.
pub(super) fn verdict(
    weighed: &Weighed,
    template: &Template,
    budget: &mut usize,
) -> Result<Verdict, TooMuch> {
    Ok(tally(weighed, template, Tally::default(), budget)?.verdict())
}

/// Whether some request of a method is allowed. Work is taken from the budget.
pub(super) fn allows_any(
    weighed: &Weighed,
    template: &Template,
    budget: &mut usize,
) -> Result<bool, TooMuch> {
    let any = Tally {
        wants_any: true,
        ..Tally::default()
    };
    Ok(tally(weighed, template, any, budget)?.allowed.is_some())
}

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Whether one request that is allowed is all that is wanted.
    wants_any: bool,
    pub(super) allowed: Option<(Truth, String)>,
    pub(super) denied: Option<(Truth, String)>,
    pub(super) conditional: bool,
}

impl Tally {
    /// Takes in what the policies come to where the patterns are met like this, if that is settled.
    /// `certain`: no statement depends on what is not known.
    pub(super) fn see(
        &mut self,
        met: &[Truth],
        outcome: Outcome,
        certain: bool,
        example: &dyn Fn() -> String,
    ) -> Next {
        if outcome.allowed == Truth::Unknown && met.contains(&Truth::Unknown) {
            return Next::On;
        }
        self.conditional |= outcome.allowed == Truth::Unknown;
        let (slot, worth) = match outcome.allowed {
            Truth::False => (&mut self.denied, Truth::True),
            sure => (&mut self.allowed, sure),
        };
        // An example that depends on nothing is the better one.
        if slot.as_ref().is_none_or(|(known, _)| *known < worth) {
            *slot = Some((worth, example()));
        }
        if self.is_enough(certain) {
            Next::Stop
        } else {
            Next::Settled
        }
    }

    /// Whether nothing that is still to come can change the answer.
    pub(super) fn is_enough(&self, certain: bool) -> bool {
        if self.wants_any {
            return self.allowed.is_some();
        }
        let surely = |it: &Option<(Truth, String)>| matches!(it, Some((Truth::True, _)));
        surely(&self.allowed) && surely(&self.denied) && (self.conditional || certain)
    }

    pub(super) fn verdict(&self) -> Verdict {
        match (&self.allowed, &self.denied) {
            (Some(_), None) => Verdict::All,
            (Some(_), Some(_)) => Verdict::Some,
            (None, _) => Verdict::None,
        }
    }
}

fn of_verb(
    (weighed, certain): (&Weighed, bool),
    reaches: &[Reach<'_>],
    verb: &[Piece],
    tally: &mut Tally,
    budget: &mut usize,
) -> Result<(), TooMuch> {
    // Most patterns take in all of the method or nothing. Only the others are weighed together.
    let mut fixed: Vec<Option<bool>> = Vec::with_capacity(reaches.len());
    let mut varying: Vec<&Ready> = Vec::new();
    let mut places: Vec<usize> = Vec::with_capacity(reaches.len());
    for reach in reaches {
        places.push(varying.len());
        fixed.push(match reach {
            Reach::Nothing => Some(false),
            Reach::Everything => Some(true),
            Reach::Last(ready) => match ready.cover(verb, budget)? {
                Cover::All => Some(true),
                Cover::None => Some(false),
                Cover::Some => {
                    varying.push(ready);
                    None
                }
            },
        });
    }
    Bank::new(&varying).search(verb, budget, &mut |now, example| {
        let met = |number: usize| match fixed.get(number) {
            Some(Some(constant)) => Truth::from(*constant),
            _ => {
                let place = places.get(number).copied().unwrap_or_default();
                now.get(place).copied().unwrap_or(Truth::False)
            }
        };
        let outcome = weighed.outcome(&met);
        tally.see(now, outcome, certain, example)
    })
}

//! How many of the requests of a method are allowed: decided over all of them, never by trying some.
//!
//! Two exact ways lead there. The first lists the ways in which requests meet the patterns, all patterns side by
//! side (`search.rs`). It is quick where the patterns are many and the ways are few, as in nearly all policies.
//! `*b??????????????????` alone has 2^18 ways. Where the listing goes beyond its bound, the second way asks
//! three questions: is there a request that is allowed for certain, one of which that depends on what is not
//! known, one that is not allowed? What the policies come to is a formula over the patterns (`formula.rs`); its
//! cases are taken up one by one, as far as a request that was found does not settle them (`satisfy.rs`); and
//! each is a search for one request that meets some patterns and misses others, which takes little work for any
//! one case (`witness.rs`). What is left is hard for any algorithm: many patterns that must all be met by one
//! request. There the bound on the work is met, and the answer is `UNDECIDED`.

use crate::iam::access::formula::{Formula, Formulas};
use crate::iam::access::satisfy::satisfy;
use crate::iam::access::verdict::Verdict;
use crate::iam::decide::outcome::Outcome;
use crate::iam::decide::weigh::Weighed;
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::bank::Bank;
use crate::iam::pattern::budget::TooMuch;
use crate::iam::pattern::cover::Cover;
use crate::iam::pattern::library::Reach;
use crate::iam::pattern::search::Next;
use crate::iam::pattern::template::{Piece, Template};
use crate::iam::truth::Truth;

/// Looks at the requests of each verb until no more can change the answer. Each variable whose value is not
/// known is taken for a `*`.
pub(in crate::iam) fn tally(
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

/// How many of the requests of a method are allowed, each to somebody, without examples. Work is taken from the budget.
pub(in crate::iam) fn verdict(
    weighed: &Weighed,
    template: &Template,
    budget: &mut usize,
) -> Result<Verdict, TooMuch> {
    Ok(tally(weighed, template, Tally::default(), budget)?.verdict())
}

/// Whether some request of a method is allowed. Work is taken from the budget.
pub(in crate::iam) fn allows_any(
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
pub(in crate::iam) struct Tally {
    /// Whether one request that is allowed is all that is wanted.
    wants_any: bool,
    /// Whether there were too many ways to list for one verb: so there are for the next.
    explodes: bool,
    pub(in crate::iam) allowed: Option<(Truth, String)>,
    pub(in crate::iam) denied: Option<(Truth, String)>,
    pub(in crate::iam) conditional: bool,
}

impl Tally {
    /// Takes in what the policies come to where the patterns are met like this, if that is settled.
    /// `certain`: no statement depends on what is not known.
    pub(in crate::iam) fn see(
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

    /// Whether a request that is allowed so far, in this way, could change the answer.
    fn lacks(&self, allowed: Truth) -> bool {
        if self.wants_any {
            return allowed != Truth::False && self.allowed.is_none();
        }
        let surely = |it: &Option<(Truth, String)>| matches!(it, Some((Truth::True, _)));
        match allowed {
            Truth::True => !surely(&self.allowed),
            Truth::Unknown => !self.conditional,
            Truth::False => !surely(&self.denied),
        }
    }

    /// Whether nothing that is still to come can change the answer.
    pub(in crate::iam) fn is_enough(&self, certain: bool) -> bool {
        if self.wants_any {
            return self.allowed.is_some();
        }
        let surely = |it: &Option<(Truth, String)>| matches!(it, Some((Truth::True, _)));
        surely(&self.allowed) && surely(&self.denied) && (self.conditional || certain)
    }

    pub(in crate::iam) fn verdict(&self) -> Verdict {
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
    let place = |number: usize| match fixed.get(number) {
        Some(Some(constant)) => Place::Fixed(*constant),
        _ => Place::Among(places.get(number).copied().unwrap_or(usize::MAX)),
    };
    let lanes = Lanes {
        patterns: &varying,
        place: &place,
    };
    of_lanes((weighed, certain), lanes, verb, tally, budget)
}

/// The patterns that take in some requests of a verb and others not.
#[derive(Clone, Copy)]
pub(in crate::iam) struct Lanes<'l> {
    pub(in crate::iam) patterns: &'l [&'l Ready],
    /// Where the pattern with a number is among them.
    pub(in crate::iam) place: &'l dyn Fn(usize) -> Place,
}

/// What a pattern's number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Place {
    /// All requests meet the pattern, or none.
    Fixed(bool),
    /// A place among the patterns that some requests meet.
    Among(usize),
}

/// How many words of sets are computed to list the ways in which requests meet the patterns, before requests
/// are looked for that settle the answer.
const WALK: usize = 150_000;

/// Looks at the requests of one verb.
///
/// Most patterns are met in few ways, and listing these is quick. Where the ways are many, requests are looked
/// for instead that settle the answer.
pub(in crate::iam) fn of_lanes(
    (weighed, certain): (&Weighed, bool),
    lanes: Lanes<'_>,
    verb: &[Piece],
    tally: &mut Tally,
    budget: &mut usize,
) -> Result<(), TooMuch> {
    if !tally.explodes {
        let given = WALK.min(*budget / 4);
        let mut walk = given;
        let walked = by_listing((weighed, certain), lanes, verb, tally, &mut walk);
        *budget -= given - walk;
        if walked.is_ok() {
            return Ok(());
        }
        tally.explodes = true;
    }
    by_witnesses(weighed, lanes, verb, tally, budget)
}

/// Lists the ways in which requests meet the patterns, as far as the answer depends on them.
fn by_listing(
    (weighed, certain): (&Weighed, bool),
    lanes: Lanes<'_>,
    verb: &[Piece],
    tally: &mut Tally,
    budget: &mut usize,
) -> Result<(), TooMuch> {
    Bank::new(lanes.patterns).search(verb, budget, &mut |now, example| {
        let outcome = weighed.outcome(&|number| match (lanes.place)(number) {
            Place::Fixed(constant) => Truth::from(constant),
            Place::Among(place) => now.get(place).copied().unwrap_or(Truth::False),
        });
        tally.see(now, outcome, certain, example)
    })
}

/// Asks what the answer depends on: is there a request that is allowed, one that is not, one that depends on
/// what is not known?
fn by_witnesses(
    weighed: &Weighed,
    lanes: Lanes<'_>,
    verb: &[Piece],
    tally: &mut Tally,
    budget: &mut usize,
) -> Result<(), TooMuch> {
    let outcome = weighed.outcome(&|number| match (lanes.place)(number) {
        Place::Fixed(constant) => Formulas::from(Truth::from(constant)),
        Place::Among(place) => Formulas::met(place),
    });
    let Formulas { certain, possible } = outcome.allowed;
    let mut request = |formula: &Formula| satisfy(formula, lanes.patterns, verb, budget);
    if tally.lacks(Truth::True)
        && let Some(last) = request(&certain)?
    {
        tally.allowed = Some((Truth::True, last));
    }
    if tally.lacks(Truth::Unknown)
        && let Some(last) = request(&possible.clone().and(certain.negated()))?
    {
        tally.conditional = true;
        tally.allowed.get_or_insert((Truth::Unknown, last));
    }
    if tally.lacks(Truth::False)
        && let Some(last) = request(&possible.negated())?
    {
        tally.denied = Some((Truth::True, last));
    }
    Ok(())
}

/// How each pattern reaches the requests of a method.
pub(in crate::iam) fn reaches<'w>(weighed: &'w Weighed, template: &Template) -> Vec<Reach<'w>> {
    let patterns = weighed.patterns.all.iter();
    patterns.map(|it| it.reach(&template.head)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::iam::condition::context::Context;
    use crate::iam::decide::caller::Caller;
    use crate::iam::decide::question::{Policies, Question};
    use crate::iam::document::Policy;

    const HEAD: &str = "arn:aws:execute-api:eu-west-1:111122223333:";

    fn document(last: &'static str) -> impl Strategy<Value = Value> {
        let choices = (0..3, any::<bool>(), prop::collection::vec(last, 1..3), 0..3);
        let statement = choices.prop_map(|(effect, negated, lasts, known)| {
            let patterns: Vec<String> = lasts.iter().map(|it| format!("{HEAD}{it}")).collect();
            let element = if negated { "NotResource" } else { "Resource" };
            let mut json = json!({"Effect": if effect == 0 { "Deny" } else { "Allow" }, "Principal": "*",
                                       "Action": "*", element: patterns});
            if known == 0 {
                json["Condition"] = json!({"StringEquals": {"aws:PrincipalTag/team": "x"}});
            }
            json
        });
        let statements = prop::collection::vec(statement, 1..5);
        statements.prop_map(|statements| json!({"Statement": statements}))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn witnesses_give_the_answer_that_listing_gives(
            documents in prop::collection::vec(document(r"a/s/GET/(\*|x)?[ab]\?{0,3}\*?|a/s/\?{1,9}"), 4),
            kinds in prop::collection::vec(any::<bool>(), 3),
            greedy in any::<bool>(),
        ) {
            let read = |it: &Value| Policy::from_value(it).unwrap();
            let all: Vec<Policy> = documents.iter().map(read).collect();
            let policies = Policies {
                identity: vec![&all[0]],
                boundary: kinds[0].then_some(&all[1]),
                scps: if kinds[1] { vec![vec![&all[2]]] } else { Vec::new() },
                resource: kinds[2].then_some(&all[3]),
                ..Policies::default()
            };
            let question = Question {
                caller: &Caller::read("arn:aws:iam::111122223333:role/ci").unwrap(),
                action: "execute-api:Invoke",
                resource_account: "111122223333",
                api: "a",
                context: &Context::open(),
            };
            let path = if greedy { "{p+}" } else { "{id}" };
            let template = Template::read(&format!("{HEAD}a/s/GET/{path}")).unwrap();
            let weighed = Weighed::new(&policies, question, &template);
            let patterns: Vec<&Ready> = weighed.patterns.all.iter().map(|it| it.last().unwrap()).collect();
            let lanes = Lanes { patterns: &patterns, place: &Place::Among };
            let verb = &template.verbs[0];
            let [mut listed, mut witnessed] = [Tally::default(), Tally::default()];
            let mut budget = usize::MAX;
            by_listing((&weighed, weighed.is_certain()), lanes, verb, &mut listed, &mut budget).unwrap();
            by_witnesses(&weighed, lanes, verb, &mut witnessed, &mut budget).unwrap();
            prop_assert_eq!(witnessed.verdict(), listed.verdict());
            prop_assert_eq!(witnessed.conditional, listed.conditional);
            // An example is worth as much, whichever it is.
            let worth = |it: &Option<(Truth, String)>| it.as_ref().map(|(worth, _)| *worth);
            prop_assert_eq!(worth(&witnessed.allowed), worth(&listed.allowed));
            prop_assert_eq!(worth(&witnessed.denied), worth(&listed.denied));
            let met = |last: &str| weighed.outcome(&|it| Truth::from(patterns[it].matches(last))).allowed;
            for (worth, last) in witnessed.allowed.iter() {
                prop_assert_eq!(met(last), *worth);
            }
            for (_, last) in witnessed.denied.iter() {
                prop_assert_eq!(met(last), Truth::False);
            }
        }
    }
}

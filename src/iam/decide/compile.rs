//! From the statements of policies to those that may apply to one caller's requests.

use crate::iam::condition::evaluate::holds;
use crate::iam::condition::variable::{Filled, Hole, Token, fill};
use crate::iam::decide::caller::Spoken;
use crate::iam::decide::question::{Attached, Question};
use crate::iam::decide::statement::{Live, Resources};
use crate::iam::document::{self, Effect, Policy, Statement, Version};
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::parts::Parts;
use crate::iam::pattern::wildcards::{matches_arn, matches_ignoring_case};
use crate::iam::truth::Truth;

/// The statements of one policy that may apply, with their patterns' numbers.
pub(in crate::iam) fn compile(
    policy: &Policy,
    question: Question<'_>,
    attached: Attached,
    patterns: &mut Patterns,
) -> Vec<Live> {
    Compiler::new(question, Scope::Any, patterns).union(&[policy], attached)
}

/// The resources that a question is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope<'q> {
    /// Any.
    Any,
    /// Those whose ARNs begin so.
    Begin(&'q str),
    /// This one.
    One(&'q str),
}

/// Reads policies for one question.
pub(super) struct Compiler<'q> {
    question: Question<'q>,
    scope: Scope<'q>,
    patterns: &'q mut Patterns,
    /// How many policies were read.
    policies: usize,
}

/// How the texts of a policy are read.
#[derive(Clone, Copy)]
struct Reading {
    version: Version,
    attached: Attached,
}

impl<'q> Compiler<'q> {
    pub(super) fn new(
        question: Question<'q>,
        scope: Scope<'q>,
        patterns: &'q mut Patterns,
    ) -> Self {
        Compiler {
            question,
            scope,
            patterns,
            policies: 0,
        }
    }

    /// The statements of these policies that may apply.
    pub(super) fn union(&mut self, policies: &[&Policy], attached: Attached) -> Vec<Live> {
        let mut live = Vec::new();
        for policy in policies {
            let number = self.policies;
            self.policies += 1;
            let reading = Reading {
                version: policy.version,
                attached,
            };
            for (index, statement) in policy.statements.iter().enumerate() {
                live.extend(self.live(statement, reading, (number, index)));
            }
        }
        live
    }

    /// A statement, if it may apply.
    fn live(
        &mut self,
        statement: &Statement,
        reading: Reading,
        place: (usize, usize),
    ) -> Option<Live> {
        if !self.is_about_the_action(statement) {
            return None;
        }
        let spoken = self.spoken(statement, reading.attached)?;
        let when = self.when(statement, reading.version, spoken.of)?;
        let (when, resources) = self.resources(statement, reading, when)?;
        Some(Live {
            effect: statement.effect,
            when,
            beyond_boundary: spoken.beyond_boundary,
            by_account: spoken.by_account,
            resources,
            place,
        })
    }

    fn is_about_the_action(&self, statement: &Statement) -> bool {
        let mut patterns = statement.actions.patterns.iter();
        let named = patterns.any(|it| matches_ignoring_case(it, self.question.action));
        named != statement.actions.negated
    }

    /// How a statement speaks of the caller. `None`: a resource policy's statement without a Principal speaks
    /// of nobody.
    fn spoken(&self, statement: &Statement, attached: Attached) -> Option<Spoken> {
        let Attached::ToResource {
            caller_has_boundary,
        } = attached
        else {
            return Some(Spoken::OF_HOLDER);
        };
        let principals = statement.principals.as_ref()?;
        let mut spoken = self.question.caller.spoken_of(principals);
        if principals.negated && statement.effect == Effect::Deny && caller_has_boundary {
            spoken.of = Truth::True;
        }
        Some(spoken)
    }

    /// Whether the conditions of a statement hold that speaks of the caller. `None`: they do not, or it does not.
    fn when(&self, statement: &Statement, version: Version, spoken_of: Truth) -> Option<Truth> {
        let mut when = spoken_of;
        for condition in &statement.conditions {
            if when == Truth::False {
                return None;
            }
            when = when & holds(condition, version, self.question.context);
        }
        (when != Truth::False).then_some(when)
    }

    /// The resources of a statement that applies `when`, and when it does so to the one that is asked about, if
    /// one is. `None`: it does not apply.
    fn resources(
        &mut self,
        statement: &Statement,
        reading: Reading,
        when: Truth,
    ) -> Option<(Truth, Resources)> {
        let Some(resources) = &statement.resources else {
            // An identity policy's statement without a Resource speaks of nothing.
            let speaks = reading.attached.is_to_resource();
            return speaks.then_some((when, Resources::Everything));
        };
        if let Scope::One(resource) = self.scope {
            let of_it = when & self.takes_in(resources, reading, resource);
            return (of_it != Truth::False).then_some((of_it, Resources::Everything));
        }
        let patterns = resources.patterns.iter();
        let open = Resources::Patterns {
            negated: resources.negated,
            patterns: patterns
                .filter_map(|text| self.pattern(text, reading))
                .collect(),
        };
        Some((when, open))
    }

    /// Whether the resources of a statement are met by this one.
    fn takes_in(&self, resources: &document::Patterns, reading: Reading, resource: &str) -> Truth {
        let mut any = Truth::False;
        for text in &resources.patterns {
            any = any | self.meets(text, reading, resource);
            if any == Truth::True {
                break;
            }
        }
        if resources.negated { !any } else { any }
    }

    /// Whether a pattern is met by this resource.
    fn meets(&self, text: &str, reading: Reading, resource: &str) -> Truth {
        if differs_at_once(text, resource) {
            return Truth::False;
        }
        let plain = text.starts_with("arn:") && !text.contains("${");
        if plain {
            return matches_arn(text, resource).into();
        }
        match self.filled(text, reading) {
            Some(Pattern { parts, widened, .. }) if parts.matches(resource) => match widened {
                true => Truth::Unknown,
                false => Truth::True,
            },
            _ => Truth::False,
        }
    }

    /// The number of a pattern. `None`: it matches nothing.
    fn pattern(&mut self, text: &str, reading: Reading) -> Option<(usize, bool)> {
        if let Scope::Begin(begin) = self.scope
            && differs_at_once(text, begin)
        {
            return None;
        }
        let Pattern {
            parts,
            widened,
            holes,
        } = self.filled(text, reading)?;
        Some((self.patterns.number(parts, holes), widened))
    }

    /// A pattern with its variables replaced. `None`: it matches nothing.
    fn filled(&self, text: &str, reading: Reading) -> Option<Pattern> {
        let is_to_resource = reading.attached.is_to_resource();
        let short = text.strip_prefix(OWN_API).filter(|_| is_to_resource);
        if short.is_none() && is_to_resource && !may_be_arn(text) {
            // Neither an ARN nor short for one: what API Gateway makes of it is not known.
            return Some(Pattern {
                parts: Parts::new(vec![Token::Many]),
                widened: true,
                holes: Vec::new(),
            });
        }
        let written = short.unwrap_or(text);
        let (tokens, mut holes) = match fill(written, reading.version, self.question.context) {
            Filled::Known(tokens) => (tokens, Vec::new()),
            Filled::Widened { tokens, holes } => (tokens, holes),
            Filled::Nothing => return None,
        };
        let parts = match short {
            Some(_) => Parts::of_own_api(self.question.api, &tokens),
            None => Parts::new(tokens.clone()),
        };
        let added = parts.tokens().len() - tokens.len();
        for hole in &mut holes {
            hole.at += added;
        }
        Some(Pattern {
            parts,
            widened: !holes.is_empty(),
            holes,
        })
    }
}

/// A resource pattern with its variables replaced.
struct Pattern {
    parts: Parts,
    /// Whether it may take in less than it seems to.
    widened: bool,
    /// The variables whose values are not known.
    holes: Vec<Hole>,
}

/// Whether the letters before the first wildcard or variable of a pattern are others than those that ARNs begin with: no
/// such ARN matches it then, part by part or across colons. Most policies are about other APIs.
fn differs_at_once(pattern: &str, begin: &str) -> bool {
    const OPEN: [u8; 3] = [b'*', b'?', b'$'];
    let (own, begin) = (pattern.as_bytes(), begin.as_bytes());
    let Some(at) = own.iter().zip(begin).position(|(own, other)| own != other) else {
        return false;
    };
    let until = own.get(..=at).unwrap_or_default();
    pattern.starts_with("arn:") && !until.iter().any(|it| OPEN.contains(it))
}

/// Whether a pattern can match an ARN.
fn may_be_arn(pattern: &str) -> bool {
    pattern.starts_with("arn:") || pattern.starts_with(['*', '?', '$'])
}

/// How a pattern of a resource policy begins that leaves the API's own ARN out.
const OWN_API: &str = "execute-api:/";

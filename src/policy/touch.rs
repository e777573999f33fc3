//! What a document, taken by itself, says of methods: a quick first answer for many of them.

use super::access::Verdict;
use super::language::{Effect, Policy, Statement, Version};
use super::parts::{Left, Parts};
use super::pattern::matches_ignoring_case;
use super::single::{Cover, Ready};
use super::template::Template;
use super::variable::{Token, wildcards};
use super::walk::BUDGET;

/// A document, made ready to be held against many methods.
#[derive(Debug)]
pub struct Touch {
    statements: Vec<One>,
}

/// What a document says of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// ALL: one statement allows every request, whatever the conditions. NONE: none allows any. SOME:
    /// anything else.
    pub allows: Verdict,
    /// The same for Deny.
    pub denies: Verdict,
}

#[derive(Debug)]
struct One {
    effect: Effect,
    negated: bool,
    patterns: Vec<Pattern>,
    /// Whether it applies at all times and to everybody.
    always: bool,
}

#[derive(Debug)]
struct Pattern {
    parts: Parts,
    last: Option<Ready>,
    /// Whether it has a variable, in whose place stands a `*`.
    widened: bool,
}

impl Touch {
    /// Makes an identity policy ready for an action.
    pub fn new(policy: &Policy, action: &str) -> Self {
        let speaking = policy.statements.iter().filter(|it| {
            let mut patterns = it.actions.patterns.iter();
            patterns.any(|it| matches_ignoring_case(it, action)) != it.actions.negated
        });
        let statements = speaking.filter_map(|it| One::new(policy.version, it));
        Touch {
            statements: statements.collect(),
        }
    }

    /// Whether a statement allows this one request, and whether one denies it, whatever the conditions.
    pub fn at(&self, arn: &str) -> (bool, bool) {
        let of = |effect: Effect| {
            let mut statements = self.statements.iter().filter(|it| it.effect == effect);
            statements.any(|it| {
                let mut patterns = it.patterns.iter();
                patterns.any(|it| it.parts.matches(arn)) != it.negated
            })
        };
        (of(Effect::Allow), of(Effect::Deny))
    }

    /// What the document says of a method.
    pub fn of(&self, template: &Template) -> Touched {
        let of = |effect: Effect| {
            let statements = self.statements.iter().filter(|it| it.effect == effect);
            let verdicts = statements.map(|it| it.of(template));
            verdicts.max().unwrap_or(Verdict::None)
        };
        Touched {
            allows: of(Effect::Allow),
            denies: of(Effect::Deny),
        }
    }
}

impl One {
    fn new(version: Version, statement: &Statement) -> Option<Self> {
        let resources = statement.resources.as_ref()?;
        let patterns = resources.patterns.iter();
        Some(One {
            effect: statement.effect,
            negated: resources.negated,
            patterns: patterns.map(|it| Pattern::new(version, it)).collect(),
            always: statement.conditions.is_empty(),
        })
    }

    fn of(&self, template: &Template) -> Verdict {
        let verdicts = self.patterns.iter().map(|it| it.of(template));
        let most = verdicts.max().unwrap_or(Verdict::None);
        let covered = match (self.negated, most) {
            (false, most) => most,
            (true, Verdict::All) => Verdict::None,
            (true, Verdict::None) => Verdict::All,
            (true, other) => other,
        };
        match covered {
            Verdict::All if !self.always => Verdict::Some,
            covered => covered,
        }
    }
}

impl Pattern {
    fn new(version: Version, text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        let mut widened = false;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${")
            && version == Version::V2012
            && let Some((_, after)) = after.split_once('}')
        {
            tokens.extend(wildcards(before));
            tokens.push(Token::Many);
            widened = true;
            rest = after;
        }
        tokens.extend(wildcards(rest));
        let parts = Parts::new(tokens);
        let last = parts.last().map(Ready::new);
        Pattern {
            parts,
            last,
            widened,
        }
    }

    fn of(&self, template: &Template) -> Verdict {
        // Another API's id, mostly: told by the first letters of the last part.
        if let Some(last) = &self.last
            && template.verbs.iter().all(|verb| last.differs_at_once(verb))
        {
            return Verdict::None;
        }
        let verdict = match (self.parts.left(&template.head), &self.last) {
            (Left::Nothing, _) => Verdict::None,
            (Left::Everything, _) => Verdict::All,
            (Left::Last(_), None) => Verdict::Some,
            (Left::Last(_), Some(last)) => {
                let mut budget = BUDGET;
                let mut covers = template
                    .verbs
                    .iter()
                    .map(|verb| last.cover(verb, &mut budget));
                let first = covers.next().unwrap_or(Ok(Cover::None));
                let same = covers.all(|it| it == first);
                match first {
                    Ok(Cover::All) if same => Verdict::All,
                    Ok(Cover::None) if same => Verdict::None,
                    _ => Verdict::Some,
                }
            }
        };
        match verdict {
            Verdict::All if self.widened => Verdict::Some,
            verdict => verdict,
        }
    }
}

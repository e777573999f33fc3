//! Everything that weighs on one caller's requests, before any resource is looked at.
//!
//! Sources: [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html),
//! [how API Gateway resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html),
//! [permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html),
//! [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html).

use std::collections::HashMap;

use super::caller::Caller;
use super::context::Context;
use super::holds::holds;
use super::language::{Effect, Policy, Statement, Version};
use super::parts::Parts;
use super::pattern::matches;
use super::truth::Truth;
use super::variable::{Filled, Token, fill};

/// The policies that weigh on a caller.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The identity policies: inline, attached, through groups.
    pub identity: Vec<&'a Policy>,
    /// The permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// The service control policies by level, the root's first. Every level must allow.
    pub scps: Vec<Vec<&'a Policy>>,
    /// The API's resource policy.
    pub resource: Option<&'a Policy>,
}

/// A caller and what is known of the request, but for its resource.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The action, such as `execute-api:Invoke`.
    pub action: &'a str,
    /// The id of the account that the API is in.
    pub resource_account: &'a str,
    /// The API's id, which a resource policy may leave out.
    pub api: &'a str,
    /// What is known of the condition keys.
    pub context: &'a Context,
}

/// A statement that may apply, whatever the resource.
#[derive(Debug)]
struct Live {
    effect: Effect,
    /// Whether its principal and its conditions are met.
    when: Truth,
    in_person: bool,
    by_account: bool,
    resources: Resources,
    /// Its policy and its place there, in the order in which they were given.
    place: (usize, usize),
}

#[derive(Debug)]
enum Resources {
    Everything,
    /// The patterns by their numbers. The second: whether a variable in it has an unknown value, so that
    /// it takes in less than it seems to.
    Patterns {
        negated: bool,
        patterns: Vec<(usize, bool)>,
    },
}

/// Everything that weighs on one caller's requests.
#[derive(Debug)]
pub(super) struct Weighed {
    /// The resource patterns, each once. The outcome is a function of which of them are met.
    pub(super) patterns: Vec<Parts>,
    identity: Vec<Live>,
    boundary: Option<Vec<Live>>,
    scps: Vec<Vec<Live>>,
    resource: Vec<Live>,
    side: Side,
}

/// How the caller's account and the API's stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Anonymous,
    SameAccount,
    /// The root user of the same account.
    Root,
    OtherAccount,
}

/// What the policies come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) allowed: Truth,
    pub(super) denied: Truth,
}

struct Compiler<'q> {
    question: Question<'q>,
    patterns: Vec<Parts>,
    numbers: HashMap<Vec<Token>, usize>,
    policies: usize,
}

impl Weighed {
    pub(super) fn new(policies: &Policies<'_>, question: Question<'_>) -> Self {
        let mut compiler = Compiler {
            question,
            patterns: Vec::new(),
            numbers: HashMap::new(),
            policies: 0,
        };
        let side = match question.caller {
            Caller::Anonymous => Side::Anonymous,
            caller if caller.account() != Some(question.resource_account) => Side::OtherAccount,
            caller if caller.is_root() => Side::Root,
            _ => Side::SameAccount,
        };
        let own = if side == Side::Anonymous {
            Policies::default()
        } else {
            policies.clone()
        };
        let identity = compiler.union(&own.identity, false);
        let boundary = own.boundary.map(|it| compiler.union(&[it], false));
        let scps = own.scps.iter();
        let scps = scps.map(|level| compiler.union(level, false)).collect();
        let resource: Vec<&Policy> = policies.resource.into_iter().collect();
        let resource = compiler.union(&resource, true);
        Weighed {
            identity,
            boundary,
            scps,
            resource,
            patterns: compiler.patterns,
            side,
        }
    }

    /// What the policies come to where these patterns are met.
    pub(super) fn outcome(&self, met: &dyn Fn(usize) -> bool) -> Outcome {
        let any = |statements: &[Live], effect: Effect, which: &dyn Fn(&Live) -> bool| {
            let speaking = statements
                .iter()
                .filter(|it| it.effect == effect && which(it));
            speaking.fold(Truth::False, |all, it| all | it.applies(met))
        };
        let every = |_: &Live| true;
        let allows = |statements: &[Live]| any(statements, Effect::Allow, &every);
        let denied = self
            .lists()
            .fold(Truth::False, |all, it| all | any(it, Effect::Deny, &every));
        let identity = allows(&self.identity);
        let boundary = self.boundary.as_deref().map_or(Truth::True, allows);
        let levels = self.scps.iter();
        let levels = levels.fold(Truth::True, |all, level| all & allows(level));
        let allowed = match self.side {
            Side::Anonymous => allows(&self.resource),
            Side::Root => levels,
            Side::SameAccount => {
                // Naming the account leaves the decision to its identity policies.
                let resource = any(&self.resource, Effect::Allow, &|it| !it.by_account);
                // What names a user or a session itself is not capped by the boundary.
                let in_person = any(&self.resource, Effect::Allow, &|it| it.in_person);
                levels & (((identity | resource) & boundary) | in_person)
            }
            Side::OtherAccount => levels & boundary & identity & allows(&self.resource),
        };
        Outcome {
            allowed: allowed & !denied,
            denied,
        }
    }

    /// The statements that apply, or may, where these patterns are met: their policies and their places.
    pub(super) fn applying(
        &self,
        met: &dyn Fn(usize) -> bool,
    ) -> Vec<((usize, usize), Effect, Truth)> {
        let all = self.lists().flatten();
        let applying = all.map(|it| (it.place, it.effect, it.applies(met)));
        applying
            .filter(|(_, _, truth)| *truth != Truth::False)
            .collect()
    }

    /// The patterns of Allow statements that are not negated.
    pub(super) fn allowing(&self) -> impl Iterator<Item = ((usize, usize), usize)> {
        let allows = self.lists().flatten();
        let allows = allows.filter(|it| it.effect == Effect::Allow);
        allows.flat_map(|it| {
            let patterns = match &it.resources {
                Resources::Patterns {
                    negated: false,
                    patterns,
                } => patterns.as_slice(),
                _ => &[],
            };
            patterns.iter().map(|(pattern, _)| (it.place, *pattern))
        })
    }

    fn lists(&self) -> impl Iterator<Item = &[Live]> {
        let own = [self.identity.as_slice()].into_iter();
        own.chain(self.boundary.as_deref())
            .chain(self.scps.iter().map(Vec::as_slice))
            .chain([self.resource.as_slice()])
    }
}

impl Live {
    fn applies(&self, met: &dyn Fn(usize) -> bool) -> Truth {
        let resources = match &self.resources {
            Resources::Everything => Truth::True,
            Resources::Patterns { negated, patterns } => {
                let one = |(number, widened): &(usize, bool)| match (met(*number), widened) {
                    (false, _) => Truth::False,
                    (true, true) => Truth::Unknown,
                    (true, false) => Truth::True,
                };
                let any = patterns.iter().map(one).max().unwrap_or(Truth::False);
                if *negated { !any } else { any }
            }
        };
        self.when & resources
    }
}

impl Compiler<'_> {
    fn union(&mut self, policies: &[&Policy], is_resource_policy: bool) -> Vec<Live> {
        let mut live = Vec::new();
        for policy in policies {
            let number = self.policies;
            self.policies += 1;
            for (index, statement) in policy.statements.iter().enumerate() {
                let place = (number, index);
                live.extend(self.live(policy.version, statement, is_resource_policy, place));
            }
        }
        live
    }

    fn live(
        &mut self,
        version: Version,
        statement: &Statement,
        is_resource_policy: bool,
        place: (usize, usize),
    ) -> Option<Live> {
        let invoke = self.question.action.to_ascii_lowercase();
        let mut patterns = statement.actions.patterns.iter();
        let named = patterns.any(|pattern| matches(&pattern.to_ascii_lowercase(), &invoke));
        if named == statement.actions.negated {
            return None;
        }
        let (mut when, mut in_person, mut by_account) = (Truth::True, false, false);
        if is_resource_policy {
            // A resource policy's statement without a Principal speaks of nobody.
            let spoken = self
                .question
                .caller
                .spoken_of(statement.principals.as_ref()?);
            (when, in_person, by_account) = (spoken.of, spoken.in_person, spoken.by_account);
        }
        for condition in &statement.conditions {
            if when == Truth::False {
                return None;
            }
            when = when & holds(condition, version, self.question.context);
        }
        if when == Truth::False {
            return None;
        }
        let resources = match &statement.resources {
            // An identity policy's statement without a Resource speaks of nothing.
            None if !is_resource_policy => return None,
            None => Resources::Everything,
            Some(resources) => Resources::Patterns {
                negated: resources.negated,
                patterns: resources
                    .patterns
                    .iter()
                    .filter_map(|text| self.pattern(version, text, is_resource_policy))
                    .collect(),
            },
        };
        Some(Live {
            effect: statement.effect,
            when,
            in_person,
            by_account,
            resources,
            place,
        })
    }

    /// The number of a pattern. `None`: it matches nothing.
    fn pattern(
        &mut self,
        version: Version,
        text: &str,
        is_resource_policy: bool,
    ) -> Option<(usize, bool)> {
        let short = text
            .strip_prefix("execute-api:/")
            .filter(|_| is_resource_policy);
        let (tokens, widened) = match fill(short.unwrap_or(text), version, self.question.context) {
            Filled::Known(tokens) => (tokens, false),
            Filled::Widened(tokens) => (tokens, true),
            Filled::Nothing => return None,
        };
        let parts = match short {
            Some(_) => Parts::of_own_api(self.question.api, &tokens),
            None => Parts::new(tokens),
        };
        let next = self.patterns.len();
        let number = *self.numbers.entry(parts.tokens().to_vec()).or_insert(next);
        if number == next {
            self.patterns.push(parts);
        }
        Some((number, widened))
    }
}

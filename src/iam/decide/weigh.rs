//! Everything that weighs on one caller's requests, before any resource is looked at.
//!
//! Sources: [policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html),
//! [how API Gateway resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html),
//! [permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html),
//! [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html).

use std::rc::Rc;

use crate::iam::condition::context::Context;
use crate::iam::condition::evaluate::holds;
use crate::iam::condition::variable::{Filled, Hole, Token, fill};
use crate::iam::decide::caller::{Caller, Spoken};
use crate::iam::document::{Effect, Policy, Statement, Version};
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::parts::Parts;
use crate::iam::pattern::wildcards::{matches_arn, matches_ignoring_case};
use crate::iam::truth::{Logic, Truth};

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

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// The caller: an identity policy, a permissions boundary or a service control policy.
    ToCaller,
    /// The API: a resource policy, whose statements name principals.
    ToResource {
        /// Whether the caller has a permissions boundary: `NotPrincipal` with Deny spares nobody who has
        /// one, whomever it names
        /// ([permissions boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)).
        caller_has_boundary: bool,
    },
}

impl Attached {
    fn is_to_resource(self) -> bool {
        matches!(self, Attached::ToResource { .. })
    }
}

/// A statement that may apply, whatever the resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::iam) struct Live {
    effect: Effect,
    /// Whether its principal and its conditions are met.
    when: Truth,
    beyond_boundary: bool,
    by_account: bool,
    pub(in crate::iam) resources: Resources,
    /// Its policy and its place there, in the order in which they were given.
    place: (usize, usize),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::iam) enum Resources {
    Everything,
    /// The patterns by their numbers. The second: whether a variable in it has an unknown value, so that
    /// it takes in less than it seems to.
    Patterns {
        negated: bool,
        patterns: Vec<(usize, bool)>,
    },
}

/// What becomes of a pattern where the values of its variables are known.
pub(in crate::iam) enum Fate {
    /// It stays as it is.
    Same,
    /// It is this for certain. `None`: with a `*` for each variable.
    Known(Option<Parts>),
    /// It matches nothing.
    Never,
}

/// Everything that weighs on one caller's requests.
#[derive(Debug)]
pub(in crate::iam) struct Weighed {
    /// The resource patterns, each once. The outcome is a function of which of them are met.
    pub(in crate::iam) patterns: Rc<Patterns>,
    identity: Vec<Live>,
    boundary: Option<Vec<Live>>,
    scps: Vec<Vec<Live>>,
    resource: Vec<Live>,
    side: Side,
}

/// How the caller's account and the API's stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) enum Side {
    /// An anonymous caller, or one whose account lets it do what it likes: nothing but the resource policy
    /// decides.
    Outside,
    SameAccount,
    /// The root user of the same account.
    Root,
    OtherAccount,
    /// The root user of another account, whom no identity policy limits.
    OtherRoot,
}

impl Side {
    pub(in crate::iam) fn of(question: Question<'_>) -> Self {
        match question.caller {
            Caller::Anonymous | Caller::Stranger => Side::Outside,
            caller => match (
                caller.account() == Some(question.resource_account),
                caller.is_root(),
            ) {
                (true, false) => Side::SameAccount,
                (true, true) => Side::Root,
                (false, false) => Side::OtherAccount,
                (false, true) => Side::OtherRoot,
            },
        }
    }
}

/// What statements say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Said<T> {
    pub(in crate::iam) denies: T,
    pub(in crate::iam) allows: T,
    /// Of `allows`, what is said by more than naming the caller's account.
    pub(in crate::iam) beyond_account: T,
    /// Of `allows`, what a permissions boundary does not limit.
    pub(in crate::iam) beyond_boundary: T,
}

impl<T: Logic> Said<T> {
    pub(in crate::iam) fn nothing() -> Self {
        let no = T::from(Truth::False);
        Said {
            denies: no.clone(),
            allows: no.clone(),
            beyond_account: no.clone(),
            beyond_boundary: no,
        }
    }

    pub(in crate::iam) fn by(statements: &[Live], met: &dyn Fn(usize) -> T) -> Self {
        let mut said = Said::nothing();
        for statement in statements {
            let applies = statement.applies(met);
            match statement.effect {
                Effect::Deny => said.denies = said.denies | applies,
                Effect::Allow => {
                    said.allows = said.allows | applies.clone();
                    if !statement.by_account {
                        said.beyond_account = said.beyond_account | applies.clone();
                    }
                    if statement.beyond_boundary {
                        said.beyond_boundary = said.beyond_boundary | applies;
                    }
                }
            }
        }
        said
    }
}

/// What all kinds of policies say of one caller.
#[derive(Debug, Clone, Copy)]
pub(in crate::iam) struct Sides<T> {
    /// What any of them denies.
    pub(in crate::iam) denied: T,
    /// What the identity policies allow.
    pub(in crate::iam) identity: T,
    /// What the permissions boundary allows.
    pub(in crate::iam) boundary: T,
    /// What every level of SCPs allows.
    pub(in crate::iam) levels: T,
    /// The resource policy.
    pub(in crate::iam) resource: Said<T>,
}

impl<T: Logic> Sides<T> {
    pub(in crate::iam) fn outcome(self, side: Side) -> Outcome<T> {
        let Sides {
            denied,
            identity,
            boundary,
            levels,
            resource,
        } = self;
        let allowed = match side {
            Side::Outside => resource.allows,
            Side::Root => levels,
            // Naming the account leaves the decision to its identity policies. Naming a role's ARN grants
            // to the role, which the boundary limits.
            Side::SameAccount => {
                let limited = (identity | resource.beyond_account) & boundary;
                levels & (limited | resource.beyond_boundary)
            }
            Side::OtherRoot => levels & resource.allows,
            Side::OtherAccount => levels & boundary & identity & resource.allows,
        };
        Outcome {
            allowed: allowed & !denied.clone(),
            denied,
        }
    }
}

/// What the policies come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Outcome<T = Truth> {
    pub(in crate::iam) allowed: T,
    pub(in crate::iam) denied: T,
}

struct Compiler<'q> {
    question: Question<'q>,
    /// The one resource that is asked about. `None`: any.
    resource: Option<&'q str>,
    patterns: &'q mut Patterns,
    policies: usize,
}

/// The statements of one policy that may apply, with their patterns' numbers.
pub(in crate::iam) fn compile(
    policy: &Policy,
    question: Question<'_>,
    attached: Attached,
    patterns: &mut Patterns,
) -> Vec<Live> {
    let mut compiler = Compiler {
        question,
        resource: None,
        patterns,
        policies: 0,
    };
    compiler.union(&[policy], attached)
}

impl Weighed {
    pub(in crate::iam) fn new(policies: &Policies<'_>, question: Question<'_>) -> Self {
        Weighed::for_any(policies, question, None)
    }

    /// The same for requests of one resource: there is no pattern then that may be met or not.
    pub(in crate::iam) fn of_request(
        policies: &Policies<'_>,
        question: Question<'_>,
        resource: &str,
    ) -> Self {
        Weighed::for_any(policies, question, Some(resource))
    }

    /// What weighs on a caller of the API's own account. Its patterns' numbers are the caller's own.
    pub(in crate::iam) fn of_same_account(
        identity: Vec<Live>,
        boundary: Option<Vec<Live>>,
        resource: Vec<Live>,
    ) -> Self {
        Weighed {
            identity,
            boundary,
            scps: Vec::new(),
            resource,
            patterns: Rc::default(),
            side: Side::SameAccount,
        }
    }

    /// What weighs on the requests of an anonymous caller or a stranger: the statements of the resource policy.
    pub(in crate::iam) fn of_outsider(resource: Vec<Live>, patterns: Rc<Patterns>) -> Self {
        Weighed {
            identity: Vec::new(),
            boundary: None,
            scps: Vec::new(),
            resource,
            patterns,
            side: Side::Outside,
        }
    }

    fn for_any(policies: &Policies<'_>, question: Question<'_>, resource: Option<&str>) -> Self {
        let mut patterns = Patterns::default();
        let mut compiler = Compiler {
            question,
            resource,
            patterns: &mut patterns,
            policies: 0,
        };
        let side = Side::of(question);
        let own = if side == Side::Outside {
            Policies::default()
        } else {
            policies.clone()
        };
        let caller_has_boundary = own.boundary.is_some();
        let identity = compiler.union(&own.identity, Attached::ToCaller);
        let boundary = own
            .boundary
            .map(|it| compiler.union(&[it], Attached::ToCaller));
        let scps = own.scps.iter();
        let scps = scps
            .map(|level| compiler.union(level, Attached::ToCaller))
            .collect();
        let resource: Vec<&Policy> = policies.resource.into_iter().collect();
        let resource = compiler.union(
            &resource,
            Attached::ToResource {
                caller_has_boundary,
            },
        );
        Weighed {
            identity,
            boundary,
            scps,
            resource,
            patterns: patterns.shared(),
            side,
        }
    }

    /// What the policies come to where these patterns are met.
    pub(in crate::iam) fn outcome<T: Logic>(&self, met: &dyn Fn(usize) -> T) -> Outcome<T> {
        let yes = T::from(Truth::True);
        let identity = Said::by(&self.identity, met);
        let resource = Said::by(&self.resource, met);
        let mut sides = Sides {
            denied: identity.denies | resource.denies.clone(),
            identity: identity.allows,
            boundary: yes.clone(),
            levels: yes,
            resource,
        };
        if let Some(boundary) = &self.boundary {
            let boundary = Said::by(boundary, met);
            sides.boundary = boundary.allows;
            sides.denied = sides.denied | boundary.denies;
        }
        for level in &self.scps {
            let level = Said::by(level, met);
            sides.levels = sides.levels & level.allows;
            sides.denied = sides.denied | level.denies;
        }
        sides.outcome(self.side)
    }

    /// Whether nothing depends on what is not known.
    pub(in crate::iam) fn is_certain(&self) -> bool {
        self.lists().flatten().all(Live::is_certain)
    }

    /// The statements that apply, or may, where these patterns are met: their policies and their places.
    pub(in crate::iam) fn applying(
        &self,
        met: &dyn Fn(usize) -> Truth,
    ) -> Vec<((usize, usize), Effect, Truth)> {
        let all = self.lists().flatten();
        let applying = all.map(|it| (it.place, it.effect, it.applies(met)));
        applying
            .filter(|(_, _, truth)| *truth != Truth::False)
            .collect()
    }

    /// The patterns, each as often as it is used, and whether it helps to allow a request that the request
    /// meets it there.
    pub(in crate::iam) fn uses(&self) -> impl Iterator<Item = (usize, bool)> {
        self.lists().flatten().flat_map(|it| {
            let (negated, patterns) = match &it.resources {
                Resources::Patterns { negated, patterns } => (*negated, patterns.as_slice()),
                Resources::Everything => (false, &[][..]),
            };
            let helps = (it.effect == Effect::Allow) != negated;
            patterns.iter().map(move |(pattern, _)| (*pattern, helps))
        })
    }

    /// The same with other patterns. `patterns` are those that its numbers are of.
    pub(in crate::iam) fn with(
        &self,
        patterns: &Patterns,
        fate: &dyn Fn(usize) -> Fate,
    ) -> Weighed {
        let mut changed = Patterns::default();
        let mut number = |old: usize, widened: bool| -> Option<(usize, bool)> {
            let pattern = patterns.all.get(old)?;
            let (parts, holes, widened) = match fate(old) {
                Fate::Same => (pattern.parts.clone(), pattern.holes.clone(), widened),
                Fate::Known(parts) => {
                    let parts = parts.unwrap_or_else(|| pattern.parts.clone());
                    (parts, Vec::new(), false)
                }
                Fate::Never => return None,
            };
            Some((changed.number(parts, holes), widened))
        };
        let mut of = |statements: &[Live]| -> Vec<Live> {
            let statements = statements.iter().map(|it| {
                let resources = match &it.resources {
                    Resources::Everything => Resources::Everything,
                    Resources::Patterns { negated, patterns } => Resources::Patterns {
                        negated: *negated,
                        patterns: patterns
                            .iter()
                            .filter_map(|(old, widened)| number(*old, *widened))
                            .collect(),
                    },
                };
                Live {
                    resources,
                    ..it.clone()
                }
            });
            statements.collect()
        };
        Weighed {
            identity: of(&self.identity),
            boundary: self.boundary.as_deref().map(&mut of),
            scps: self.scps.iter().map(|it| of(it)).collect(),
            resource: of(&self.resource),
            side: self.side,
            patterns: changed.shared(),
        }
    }

    /// The patterns of Allow statements that are not negated.
    pub(in crate::iam) fn allowing(&self) -> impl Iterator<Item = ((usize, usize), usize)> {
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
    /// Whether nothing in it depends on what is not known.
    pub(in crate::iam) fn is_certain(&self) -> bool {
        let known = match &self.resources {
            Resources::Everything => true,
            Resources::Patterns { patterns, .. } => patterns.iter().all(|(_, widened)| !widened),
        };
        known && self.when == Truth::True
    }

    /// The same statement with other numbers for its patterns, without those that have none. `None`: it
    /// does not apply to anything then.
    pub(in crate::iam) fn with_patterns(
        &self,
        number: &mut dyn FnMut(usize) -> Option<usize>,
    ) -> Option<Live> {
        let resources = match &self.resources {
            Resources::Everything => Resources::Everything,
            Resources::Patterns { negated, patterns } => {
                let numbers = patterns.iter();
                let numbers = numbers.filter_map(|(it, widened)| Some((number(*it)?, *widened)));
                let patterns: Vec<(usize, bool)> = numbers.collect();
                if patterns.is_empty() && !negated {
                    return None;
                }
                Resources::Patterns {
                    negated: *negated,
                    patterns,
                }
            }
        };
        Some(Live {
            resources,
            ..self.clone()
        })
    }

    fn applies<T: Logic>(&self, met: &dyn Fn(usize) -> T) -> T {
        let resources = match &self.resources {
            Resources::Everything => T::from(Truth::True),
            Resources::Patterns { negated, patterns } => {
                let mut any = T::from(Truth::False);
                for (number, widened) in patterns {
                    let met = met(*number);
                    any = any
                        | if *widened {
                            met & T::from(Truth::Unknown)
                        } else {
                            met
                        };
                }
                if *negated { !any } else { any }
            }
        };
        T::from(self.when) & resources
    }
}

impl Compiler<'_> {
    fn union(&mut self, policies: &[&Policy], attached: Attached) -> Vec<Live> {
        let mut live = Vec::new();
        for policy in policies {
            let number = self.policies;
            self.policies += 1;
            for (index, statement) in policy.statements.iter().enumerate() {
                let place = (number, index);
                live.extend(self.live(policy.version, statement, attached, place));
            }
        }
        live
    }

    fn live(
        &mut self,
        version: Version,
        statement: &Statement,
        attached: Attached,
        place: (usize, usize),
    ) -> Option<Live> {
        let mut patterns = statement.actions.patterns.iter();
        let named = patterns.any(|it| matches_ignoring_case(it, self.question.action));
        if named == statement.actions.negated {
            return None;
        }
        let mut spoken = Spoken::OF_HOLDER;
        if let Attached::ToResource {
            caller_has_boundary,
        } = attached
        {
            // A resource policy's statement without a Principal speaks of nobody.
            let principals = statement.principals.as_ref()?;
            spoken = self.question.caller.spoken_of(principals);
            if principals.negated && statement.effect == Effect::Deny && caller_has_boundary {
                spoken.of = Truth::True;
            }
        }
        let mut when = spoken.of;
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
            None if !attached.is_to_resource() => return None,
            None => Resources::Everything,
            Some(resources) => match self.resource {
                Some(resource) => {
                    let mut any = Truth::False;
                    for text in &resources.patterns {
                        any = any | self.meets(version, text, attached, resource);
                        if any == Truth::True {
                            break;
                        }
                    }
                    when = when & if resources.negated { !any } else { any };
                    if when == Truth::False {
                        return None;
                    }
                    Resources::Everything
                }
                None => Resources::Patterns {
                    negated: resources.negated,
                    patterns: resources
                        .patterns
                        .iter()
                        .filter_map(|text| self.pattern(version, text, attached))
                        .collect(),
                },
            },
        };
        Some(Live {
            effect: statement.effect,
            when,
            beyond_boundary: spoken.beyond_boundary,
            by_account: spoken.by_account,
            resources,
            place,
        })
    }

    /// The number of a pattern. `None`: it matches nothing.
    fn pattern(
        &mut self,
        version: Version,
        text: &str,
        attached: Attached,
    ) -> Option<(usize, bool)> {
        let Pattern {
            parts,
            widened,
            holes,
        } = self.parts(version, text, attached)?;
        Some((self.patterns.number(parts, holes), widened))
    }

    /// Whether a pattern is met by this resource.
    fn meets(&self, version: Version, text: &str, attached: Attached, resource: &str) -> Truth {
        let plain = text.starts_with("arn:") && !text.contains("${");
        if plain {
            return matches_arn(text, resource).into();
        }
        match self.parts(version, text, attached) {
            Some(Pattern { parts, widened, .. }) if parts.matches(resource) => match widened {
                true => Truth::Unknown,
                false => Truth::True,
            },
            _ => Truth::False,
        }
    }

    /// A pattern with its variables replaced. `None`: it matches nothing.
    fn parts(&self, version: Version, text: &str, attached: Attached) -> Option<Pattern> {
        let short = text
            .strip_prefix(OWN_API)
            .filter(|_| attached.is_to_resource());
        if short.is_none() && attached.is_to_resource() && !may_be_arn(text) {
            // Neither an ARN nor short for one: what API Gateway makes of it is not known.
            return Some(Pattern {
                parts: Parts::new(vec![Token::Many]),
                widened: true,
                holes: Vec::new(),
            });
        }
        let (tokens, mut holes) = match fill(short.unwrap_or(text), version, self.question.context)
        {
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

/// Whether a pattern can match an ARN.
fn may_be_arn(pattern: &str) -> bool {
    pattern.starts_with("arn:") || pattern.starts_with(['*', '?', '$'])
}

/// How a pattern of a resource policy begins that leaves the API's own ARN out.
const OWN_API: &str = "execute-api:/";

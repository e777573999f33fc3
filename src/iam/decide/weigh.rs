//! Everything that weighs on one caller's requests, before any resource is looked at.

use std::rc::Rc;

use crate::iam::decide::compile::{Compiler, Scope};
use crate::iam::decide::outcome::{Outcome, Said, Side, Sides};
use crate::iam::decide::question::{Attached, Policies, Question};
use crate::iam::decide::statement::{Live, Resources};
use crate::iam::document::Effect;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::parts::Parts;
use crate::iam::pattern::template::Template;
use crate::iam::truth::{Logic, Truth};

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
    session: Option<Vec<Live>>,
    endpoint: Option<Vec<Live>>,
    side: Side,
}

impl Weighed {
    /// For the requests of a template. Patterns that no such request meets may be left out.
    pub(in crate::iam) fn new(
        policies: &Policies<'_>,
        question: Question<'_>,
        template: &Template,
    ) -> Self {
        let begin = template.begin();
        Weighed::within(policies, question, Scope::Begin(&begin))
    }

    /// The same for requests of one resource: there is no pattern then that may be met or not.
    pub(in crate::iam) fn of_request(
        policies: &Policies<'_>,
        question: Question<'_>,
        resource: &str,
    ) -> Self {
        Weighed::within(policies, question, Scope::One(resource))
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
            session: None,
            endpoint: None,
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
            session: None,
            endpoint: None,
            patterns,
            side: Side::Outside,
        }
    }

    fn within(policies: &Policies<'_>, question: Question<'_>, scope: Scope<'_>) -> Self {
        let mut patterns = Patterns::default();
        let mut compiler = Compiler::new(question, scope, &mut patterns);
        let side = Side::of(question);
        let none = Policies::default();
        // On an outsider, nothing but the resource policy weighs.
        let own = match side {
            Side::Outside => &none,
            _ => policies,
        };
        let identity = compiler.union(&own.identity, Attached::ToCaller);
        let boundary = own
            .boundary
            .map(|it| compiler.union(&[it], Attached::ToCaller));
        let mut scps = Vec::with_capacity(own.scps.len());
        for level in &own.scps {
            scps.push(compiler.union(level, Attached::ToCaller));
        }
        let to_resource = Attached::ToResource {
            caller_has_boundary: own.boundary.is_some(),
        };
        let resource = compiler.union(policies.resource.as_slice(), to_resource);
        let session =
            (!own.session.is_empty()).then(|| compiler.union(&own.session, Attached::ToCaller));
        let endpoint = (policies.endpoint).map(|it| compiler.union(&[it], to_resource));
        Weighed {
            identity,
            boundary,
            scps,
            resource,
            session,
            endpoint,
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
        // What a boundary does not limit, a session policy does not limit either: a grant to the session or to everybody.
        if let Some(session) = &self.session {
            let session = Said::by(session, met);
            sides.boundary = sides.boundary & session.allows;
            sides.denied = sides.denied | session.denies;
        }
        let mut outcome = sides.outcome(self.side);
        if let Some(endpoint) = &self.endpoint {
            let endpoint = Said::by(endpoint, met);
            outcome.allowed = outcome.allowed & endpoint.allows & !endpoint.denies.clone();
            outcome.denied = outcome.denied | endpoint.denies;
        }
        outcome
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
            session: self.session.as_deref().map(&mut of),
            endpoint: self.endpoint.as_deref().map(&mut of),
            side: self.side,
            patterns: changed.shared(),
        }
    }

    /// The patterns of Allow statements that are not negated.
    pub(in crate::iam) fn allowing(&self) -> impl Iterator<Item = ((usize, usize), usize)> {
        let statements = self.lists().flatten();
        let allowing = statements.filter(|it| it.effect == Effect::Allow);
        allowing.flat_map(|it| {
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
            .chain(self.session.as_deref())
            .chain(self.endpoint.as_deref())
    }
}

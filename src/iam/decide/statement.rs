//! A statement as it speaks to one caller: its action, its principal and its conditions are answered, and only
//! its resources are open.

use crate::iam::decide::outcome::Said;
use crate::iam::document::Effect;
use crate::iam::truth::{Logic, Truth};

/// A statement that may apply, whatever the resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::iam) struct Live {
    pub(super) effect: Effect,
    /// Whether its principal and its conditions are met.
    pub(super) when: Truth,
    pub(super) beyond_boundary: bool,
    pub(super) by_account: bool,
    pub(in crate::iam) resources: Resources,
    /// Its policy and its place there, in the order in which they were given.
    pub(super) place: (usize, usize),
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

impl Live {
    pub(in crate::iam) fn effect(&self) -> Effect {
        self.effect
    }

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
                let patterns: Vec<(usize, bool)> = patterns
                    .iter()
                    .filter_map(|(it, widened)| Some((number(*it)?, *widened)))
                    .collect();
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

    pub(super) fn applies<T: Logic>(&self, met: &dyn Fn(usize) -> T) -> T {
        let resources = match &self.resources {
            Resources::Everything => T::from(Truth::True),
            Resources::Patterns { negated, patterns } => {
                let mut any = T::from(Truth::False);
                for (number, widened) in patterns {
                    let one = met(*number);
                    any = any
                        | if *widened {
                            one & T::from(Truth::Unknown)
                        } else {
                            one
                        };
                }
                if *negated { !any } else { any }
            }
        };
        T::from(self.when) & resources
    }
}

impl<T: Logic> Said<T> {
    /// What these statements say where these patterns are met.
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

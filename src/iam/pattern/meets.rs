//! Whether a resource pattern, taken by itself, takes in a request of a method.

use super::automaton::Ready;
use super::budget::BUDGET;
use super::cover::Cover;
use super::parts::{Left, Parts};
use super::template::{Piece, Template};
use crate::iam::condition::variable::wildcards;

/// A pattern of a Resource element, made ready to be held against the methods of one stage, one after the other.
///
/// ```
/// use gatewatch::iam::{PatternAt, Template};
///
/// let place = (["aws", "eu-west-1", "111122223333"], ["a1b2c3d4e5", "prod"]);
/// let stage = Template::of_stage(place.0, place.1);
/// let head = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod";
/// let pattern = PatternAt::new(&format!("{head}/GET/pets/*"), &stage);
/// let method = |verb, path| Template::of_method(place.0, place.1, &[verb], path);
/// assert!(pattern.may_meet(&method("GET", "/pets/{petId}")));
/// assert!(!pattern.may_meet(&method("GET", "/orders")));
/// assert!(!pattern.may_meet(&method("PUT", "/pets/{petId}")));
/// ```
#[derive(Debug)]
pub struct PatternAt {
    /// The first parts of the ARNs that it was made ready for.
    head: [String; 5],
    left: Readied,
}

/// What is left of a pattern behind the first parts of an ARN.
#[derive(Debug)]
enum Readied {
    Nothing,
    Everything,
    Last {
        ready: Ready,
        /// The letters that all requests of the stage begin with.
        before: Vec<Piece>,
        /// The positions of a short pattern behind them.
        behind: u64,
    },
}

impl PatternAt {
    /// `stage` are all requests of the stage.
    pub fn new(pattern: &str, stage: &Template) -> Self {
        let left = || {
            let parts = Parts::new(wildcards(pattern).collect());
            match parts.left(&stage.head) {
                Left::Nothing => Readied::Nothing,
                Left::Everything => Readied::Everything,
                Left::Last(tokens) => {
                    let (ready, before) = (Ready::new(tokens), stage.before_verb().to_vec());
                    Readied::Last {
                        behind: if ready.is_short() {
                            ready.after_all(&before)
                        } else {
                            0
                        },
                        ready,
                        before,
                    }
                }
            }
        };
        PatternAt {
            head: stage.head.clone(),
            // What a variable stands for is not known.
            left: if pattern.contains("${") {
                Readied::Everything
            } else {
                left()
            },
        }
    }

    /// Whether the pattern takes in any of the requests of a method of the stage. It is *no* only where that is certain: a
    /// pattern with a variable, one that takes more work than the bound allows, or one that was made ready for another
    /// Region or account may take in whatever there is.
    pub fn may_meet(&self, method: &Template) -> bool {
        if method.head != self.head {
            return true;
        }
        match &self.left {
            Readied::Nothing => false,
            Readied::Everything => true,
            Readied::Last {
                ready,
                before,
                behind,
            } => {
                let mut verbs = method.verbs.iter();
                verbs.any(|verb| {
                    let mut budget = BUDGET;
                    let rest = verb
                        .strip_prefix(before.as_slice())
                        .filter(|_| ready.is_short());
                    let soon =
                        rest.and_then(|it| ready.cover_from(*behind, it, &mut budget).ok()?);
                    soon.map_or_else(|| ready.cover(verb, &mut BUDGET.clone()), Ok)
                        != Ok(Cover::None)
                })
            }
        }
    }
}

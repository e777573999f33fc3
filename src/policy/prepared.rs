//! Resource patterns, each kept once and made ready once.

use foldhash::HashMap;
use std::cell::OnceCell;
use std::rc::Rc;

use super::parts::{Left, Parts};
use super::single::Ready;
use super::variable::Token;

/// A resource pattern with the automaton of its last part.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) parts: Parts,
    last: OnceCell<Option<Ready>>,
}

/// What a pattern's first parts leave open, for ARNs with a given head.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach<'a> {
    /// They do not match.
    Nothing,
    /// They match, and the rest does whatever it is.
    Everything,
    /// The last part must match this.
    Last(&'a Ready),
}

impl Prepared {
    fn new(parts: Parts) -> Self {
        Prepared {
            parts,
            last: OnceCell::new(),
        }
    }

    /// The automaton of the last part. `None`: the pattern has fewer than six.
    pub(super) fn last(&self) -> Option<&Ready> {
        let ready = || self.parts.last().map(Ready::new);
        self.last.get_or_init(ready).as_ref()
    }

    pub(super) fn reach(&self, head: &[String; 5]) -> Reach<'_> {
        match (self.parts.left(head), self.last()) {
            (Left::Nothing, _) | (Left::Last(_), None) => Reach::Nothing,
            (Left::Everything, _) => Reach::Everything,
            (Left::Last(_), Some(ready)) => Reach::Last(ready),
        }
    }
}

/// Patterns by number.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    pub(super) all: Vec<Prepared>,
    numbers: HashMap<Vec<Token>, usize>,
}

impl Patterns {
    /// The same, for several who ask and add none.
    pub(super) fn shared(self) -> Rc<Self> {
        Rc::new(self)
    }

    /// The automaton of a pattern's last part. `None`: it has fewer than six, or there is no such pattern.
    pub(super) fn last(&self, pattern: usize) -> Option<&Ready> {
        self.all.get(pattern)?.last()
    }

    /// The number of a pattern, the same for the same one.
    pub(super) fn number(&mut self, parts: Parts) -> usize {
        if let Some(number) = self.numbers.get(parts.tokens()) {
            return *number;
        }
        let number = self.all.len();
        self.numbers.insert(parts.tokens().to_vec(), number);
        self.all.push(Prepared::new(parts));
        number
    }
}

//! Resource patterns, each kept once and made ready once.

use foldhash::HashMap;
use std::cell::OnceCell;
use std::rc::Rc;

use crate::iam::condition::variable::{Hole, Token};
use crate::iam::pattern::automaton::Ready;
use crate::iam::pattern::parts::{Left, Parts};

/// A resource pattern with the automaton of its last part.
#[derive(Debug)]
pub(in crate::iam) struct Prepared {
    pub(in crate::iam) parts: Parts,
    /// The variables in it whose values are not known. A `*` stands for each.
    pub(in crate::iam) holes: Vec<Hole>,
    last: OnceCell<Option<Ready>>,
}

/// What a pattern's first parts leave open, for ARNs with a given head.
#[derive(Debug, Clone, Copy)]
pub(in crate::iam) enum Reach<'a> {
    /// They do not match.
    Nothing,
    /// They match, and the rest does whatever it is.
    Everything,
    /// The last part must match this.
    Last(&'a Ready),
}

impl Prepared {
    fn new(parts: Parts, holes: Vec<Hole>) -> Self {
        Prepared {
            parts,
            holes,
            last: OnceCell::new(),
        }
    }

    /// The automaton of the last part. `None`: the pattern has fewer than six.
    pub(in crate::iam) fn last(&self) -> Option<&Ready> {
        let ready = || self.parts.last().map(Ready::new);
        self.last.get_or_init(ready).as_ref()
    }

    pub(in crate::iam) fn reach(&self, head: &[String; 5]) -> Reach<'_> {
        match (self.parts.left(head), self.last()) {
            (Left::Nothing, _) | (Left::Last(_), None) => Reach::Nothing,
            (Left::Everything, _) => Reach::Everything,
            (Left::Last(_), Some(ready)) => Reach::Last(ready),
        }
    }
}

/// Patterns by number.
#[derive(Debug, Default)]
pub(in crate::iam) struct Patterns {
    pub(in crate::iam) all: Vec<Prepared>,
    numbers: HashMap<(Vec<Token>, Vec<Hole>), usize>,
}

impl Patterns {
    /// The same, for several who ask and add none.
    pub(in crate::iam) fn shared(self) -> Rc<Self> {
        Rc::new(self)
    }

    /// The automaton of a pattern's last part. `None`: it has fewer than six, or there is no such pattern.
    pub(in crate::iam) fn last(&self, pattern: usize) -> Option<&Ready> {
        self.all.get(pattern)?.last()
    }

    /// The variables of a pattern whose values are not known.
    pub(in crate::iam) fn holes(&self, pattern: usize) -> &[Hole] {
        self.all.get(pattern).map_or(&[], |it| &it.holes)
    }

    /// The number of a pattern, the same for the same one.
    pub(in crate::iam) fn number(&mut self, parts: Parts, holes: Vec<Hole>) -> usize {
        let next = self.all.len();
        let key = (parts.tokens().to_vec(), holes.clone());
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.all.push(Prepared::new(parts, holes));
        }
        number
    }
}

//! All that a plan or state says of its resources: what is known of them, what is written, and what was taken for granted.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::attributes::Attributes;
use super::configuration::Written;
use super::instances::{Instance, Instances};
use crate::template::tree::Spot;

/// The resources of one file.
pub(super) struct Estate<'e, 'a> {
    pub(super) instances: &'e Instances<'a>,
    /// What is known of each of them, in the same order.
    pub(super) attributes: &'e [Attributes],
    pub(super) written: &'e Written<'e, 'a>,
    /// The data sources that are read only when the plan is applied.
    pub(super) deferred: BTreeSet<String>,
    assumed: RefCell<BTreeSet<(String, Spot)>>,
}

impl<'e, 'a> Estate<'e, 'a> {
    pub(super) fn new(
        instances: &'e Instances<'a>,
        attributes: &'e [Attributes],
        written: &'e Written<'e, 'a>,
        deferred: BTreeSet<String>,
    ) -> Self {
        Estate {
            instances,
            attributes,
            written,
            deferred,
            assumed: RefCell::default(),
        }
    }

    /// An instance and its attributes.
    pub(super) fn at(&self, index: usize) -> Option<(&'e Instance<'a>, &'e Attributes)> {
        self.instances
            .read
            .get(index)
            .zip(self.attributes.get(index))
    }

    /// All of them, with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &'e Instance<'a>, &'e Attributes)> {
        let all = self.instances.read.iter().zip(self.attributes);
        all.enumerate()
            .map(|(index, (instance, known))| (index, instance, known))
    }

    /// Notes that something is taken for granted.
    pub(super) fn assume(&self, says: String, at: Spot) {
        self.assumed.borrow_mut().insert((says, at));
    }

    /// What was taken for granted, and where.
    pub(super) fn assumed(&self) -> Vec<(String, Spot)> {
        self.assumed.borrow().iter().cloned().collect()
    }
}

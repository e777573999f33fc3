//! Which entries of the policy file say what is demanded of a method, and whether it is open all the same.

use std::collections::BTreeMap;

use super::view::MethodView;
use crate::inventory::AuthorizationType;

impl MethodView<'_> {
    /// The lines of the entries that decide, each once, with whether all of what they demand here accepts an open method.
    pub(in crate::audit) fn deciding_lines(&self) -> BTreeMap<usize, bool> {
        let mut lines = BTreeMap::new();
        for demand in &self.demands {
            if let Some(line) = demand.line() {
                let opens = lines.entry(line).or_insert(true);
                *opens &= demand.accepts(&AuthorizationType::None);
            }
        }
        lines
    }

    /// Whether a deployment of the stage serves it with type NONE.
    pub(in crate::audit) fn is_open_anywhere(&self) -> bool {
        let mut snapshots = self.deployed.into_iter().chain(self.canary);
        snapshots.any(|it| it.is(&AuthorizationType::None))
    }

    /// Whether it is open, and accepted as a CORS preflight.
    pub(in crate::audit) fn is_open_preflight(&self) -> bool {
        self.is_open_anywhere() && self.accepted_preflight().is_some()
    }
}

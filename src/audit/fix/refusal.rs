//! Why no step is given for a finding.

use crate::audit::finding::Finding;

/// A finding that no step is given for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The finding.
    pub finding: Finding,
    /// Why.
    pub why: String,
    /// The option that allows it all the same. `None`: nothing does.
    pub lifted_by: Option<&'static str>,
}

/// Why no step is given.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) why: String,
    /// The option that allows it all the same.
    pub(super) lifted_by: Option<&'static str>,
}

impl Refused {
    pub(super) fn always(why: impl Into<String>) -> Self {
        Refused {
            why: why.into(),
            lifted_by: None,
        }
    }

    pub(super) fn unless(option: &'static str, why: impl Into<String>) -> Self {
        Refused {
            why: why.into(),
            lifted_by: Some(option),
        }
    }

    /// The refusal of this finding.
    pub(super) fn of(self, finding: &Finding) -> Refusal {
        Refusal {
            finding: finding.clone(),
            why: self.why,
            lifted_by: self.lifted_by,
        }
    }
}

//! How sure a finding is.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// How sure the evidence makes us.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Confidence {
    /// Something that matters could not be read.
    Low,
    /// Inferred: read in a place that usually, not always, says the same.
    Medium,
    /// Read where callers get it from.
    High,
}

impl Confidence {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

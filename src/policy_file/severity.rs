//! How bad a finding is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::suggest::unknown;

/// What an attacker gains.
///
/// ```
/// use gatewatch::policy_file::Severity;
///
/// assert!(Severity::Critical > Severity::High);
/// assert_eq!("medium".parse(), Ok(Severity::Medium));
/// assert_eq!(
///     "hihg".parse::<Severity>().unwrap_err(),
///     "unknown severity `hihg`; did you mean `high`? known here: critical, high, medium, low, informational",
/// );
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// A weakness that helps with others.
    Low,
    /// Access that was not meant, to somebody who has some already.
    Medium,
    /// Access to anyone.
    High,
    /// Access to anyone, to change something.
    Critical,
}

impl Severity {
    /// All of them, worst first.
    pub const WORST_FIRST: [Severity; 5] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Informational,
    ];

    /// The name used in reports and on the command line.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Severity::WORST_FIRST
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| {
                let known = Severity::WORST_FIRST.map(Severity::as_str);
                unknown(&format!("severity `{text}`"), &known, text)
            })
    }
}

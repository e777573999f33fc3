//! What was read that proves a finding.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::Text;

/// One reading that a finding rests on.
///
/// ```
/// use gatewatch::audit::finding::{Evidence, Source};
///
/// let says = "deployment dep123 serves authorization type NONE";
/// let mut evidence = Evidence::new(Source::Deployment, says).with_reference("dep123");
/// assert_eq!(evidence.in_words(), says);
///
/// evidence.dated = Some("2026-06-14T06:00:00Z".parse().unwrap());
/// assert_eq!(evidence.in_words(), format!("{says} (made 2026-06-14 06:00 UTC)"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Where it was read.
    pub source: Source,
    /// What names the thing that was read, such as a deployment's id.
    pub reference: Option<Text>,
    /// When that thing was made, where AWS says.
    pub dated: Option<Timestamp>,
    /// What it says.
    pub says: Text,
}

/// Where something was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Source {
    /// The frozen summary of a deployment: what callers get.
    Deployment,
    /// The frozen summary of the deployment that a stage's canary serves.
    Canary,
    /// The draft: what the next deployment will freeze.
    Draft,
    /// The draft, standing in for a summary that does not tell.
    Inferred,
    /// The API's own settings.
    Api,
    /// The IAM principals and their policies.
    Iam,
    /// The policy file, or the default in its place.
    PolicyFile,
    /// A template or an API definition that is not deployed yet.
    Template,
    /// A call that failed.
    Gap,
    /// The answer of a deployed URL.
    Probe,
}

impl Source {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Evidence {
    /// Evidence without a reference.
    pub fn new(source: Source, says: impl Into<Text>) -> Self {
        Evidence {
            source,
            reference: None,
            dated: None,
            says: says.into(),
        }
    }

    /// The same evidence with what names the thing that was read, such as a deployment's id or a principal's ARN.
    #[must_use]
    pub fn with_reference(self, reference: impl Into<Text>) -> Self {
        Evidence {
            reference: Some(reference.into()),
            ..self
        }
    }

    /// What it says, with the date of what was read.
    pub fn in_words(&self) -> String {
        match self.dated {
            Some(dated) => format!(
                "{} (made {})",
                self.says,
                dated.strftime("%Y-%m-%d %H:%M UTC")
            ),
            None => self.says.clone().into_owned(),
        }
    }
}

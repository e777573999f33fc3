//! What changed between two saved readings: inventories or reports.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::scan::day;
use crate::audit::difference::{Difference, NotComparable, SavedError, SavedReport};
use crate::inventory::{Inventory, InventoryError};
use crate::policy_file::PolicyFile;

/// A saved reading.
#[derive(Debug)]
pub enum Reading {
    /// An inventory, which is judged when it is compared.
    Inventory(Box<Inventory>),
    /// A report, which was judged when it was made.
    Report(Box<SavedReport>),
}

/// Why a text is no reading that can be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// It is no JSON object.
    #[error("neither an inventory nor a report as JSON")]
    Shape(#[from] serde_json::Error),
    /// It is a JSON object of another kind.
    #[error(
        "neither an inventory, as `gatewatch collect` writes it, nor the report of an account, as `gatewatch check --format json` does"
    )]
    Neither,
    /// It is an inventory that cannot be read.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// It is a report that cannot be read.
    #[error(transparent)]
    Report(#[from] SavedError),
}

/// Why two readings are not compared.
#[derive(Debug, thiserror::Error)]
pub enum DifferenceError {
    /// One is an inventory and the other a report.
    #[error("one of them is an inventory and the other a report: compare two of a kind")]
    Kinds,
    /// They speak of different things.
    #[error(transparent)]
    NotComparable(#[from] NotComparable),
}

/// What tells an inventory from a report.
#[derive(Deserialize)]
struct Kind {
    apis: Option<IgnoredAny>,
    findings: Option<IgnoredAny>,
}

/// Reads a text as a saved report. `None`: it is something else, such as an inventory or a template.
pub fn saved_report(text: &str) -> Option<Result<SavedReport, SavedError>> {
    let kind = serde_json::from_str(text).ok()?;
    let Kind {
        apis: None,
        findings: Some(_),
    } = kind
    else {
        return None;
    };
    Some(SavedReport::from_json(text))
}

impl Reading {
    /// Reads an inventory or a report, whichever it is.
    ///
    /// # Errors
    /// For a text that is neither.
    pub fn from_json(text: &str) -> Result<Self, ReadingError> {
        match serde_json::from_str(text)? {
            Kind { apis: Some(_), .. } => {
                Ok(Reading::Inventory(Box::new(Inventory::from_json(text)?)))
            }
            Kind {
                findings: Some(_), ..
            } => Ok(Reading::Report(Box::new(SavedReport::from_json(text)?))),
            Kind { .. } => Err(ReadingError::Neither),
        }
    }

    /// Whether it is still to be judged.
    pub fn is_inventory(&self) -> bool {
        matches!(self, Reading::Inventory(_))
    }
}

/// Compares two readings of a kind. `policy` judges both of two inventories; `now` says on which day.
///
/// # Errors
/// Where they are not of a kind, or of two accounts.
pub fn compare(
    before: &Reading,
    after: &Reading,
    policy: &PolicyFile,
    now: Timestamp,
) -> Result<Difference, DifferenceError> {
    Ok(match (before, after) {
        (Reading::Inventory(before), Reading::Inventory(after)) => {
            Difference::of_inventories(before, after, policy, day(now))?
        }
        (Reading::Report(before), Reading::Report(after)) => Difference::of_reports(before, after)?,
        _ => return Err(DifferenceError::Kinds),
    })
}

//! The findings of a report that are known already.

use jiff::Timestamp;

use super::finding::Finding;

/// What a report has in common with an earlier one, its baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The file of the baseline, as it was named.
    pub file: String,
    /// When the baseline was read.
    pub taken_at: Timestamp,
    /// The findings that the baseline has, too, and no less severe. They do not count.
    pub findings: Vec<Finding>,
    /// How many findings of the baseline are not found: they are mended, or were not looked at.
    pub not_found: usize,
}

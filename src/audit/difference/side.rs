//! What one of two readings was asked for, and what it could not read.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::audit::Report;
use crate::inventory::{Gap, GapKind, Scope, quoted};

/// What one of two readings was asked for, and what it could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// When the reading began.
    pub taken_at: Timestamp,
    /// What it was asked for.
    pub scope: Scope,
    /// What could not be read or decided.
    pub gaps: BTreeSet<Gap>,
}

/// A place that is asked about: an API or a stage of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) region: &'a str,
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    /// `None`: the API as a whole.
    pub(super) stage: Option<&'a str>,
}

impl Side {
    pub(super) fn of_report(report: &Report) -> Self {
        Side {
            taken_at: report.taken_at,
            scope: report.scope.clone(),
            gaps: report.evaluation.gaps.iter().cloned().collect(),
        }
    }

    /// Why what is not found at a place may be there all the same. `None`: it was read, and what is not found is not there.
    pub(super) fn blind(&self, at: At<'_>) -> Option<String> {
        if let Some(why) = self.out_of_scope(at.region, [at.id, at.name]) {
            return Some(why);
        }
        let hides = |gap: &&Gap| {
            let is_about_methods =
                matches!(gap.kind, GapKind::Region | GapKind::Api | GapKind::Stage);
            is_about_methods
                && gap.region.as_deref().is_none_or(|it| it == at.region)
                && gap.api.as_deref().is_none_or(|it| it == at.id || it == at.name)
                // A stage that was not read says nothing against its API.
                && gap.stage.as_deref().is_none_or(|it| Some(it) == at.stage)
        };
        self.gaps.iter().find(hides).map(Gap::in_words)
    }

    /// Why nothing is said of an API, by its id and its name.
    pub(super) fn out_of_scope(&self, region: &str, names: [&str; 2]) -> Option<String> {
        if let Some(why) = self.lacks_region(region) {
            return Some(why);
        }
        let asked = &self.scope.apis;
        let is_asked = asked.is_empty() || asked.iter().any(|it| names.contains(&it.as_str()));
        (!is_asked).then(|| format!("only {} was asked for", asked.join(", ")))
    }

    /// Why nothing is said of a Region.
    pub(super) fn lacks_region(&self, region: &str) -> Option<String> {
        let is_there = self.scope.regions.iter().any(|it| it == region);
        (!is_there).then(|| format!("Region {} was not asked for", quoted(region)))
    }
}

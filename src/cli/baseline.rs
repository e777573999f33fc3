//! `--baseline`: the report of what is known already.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::Report;
use gatewatch::audit::difference::SavedReport;
use gatewatch::run::difference::saved_report;

use super::common::{self, Stop};

/// A baseline, or none.
pub(super) struct Baseline(Option<(String, SavedReport)>);

/// Reads the baseline. One that cannot be read is a mistake: without it, nothing would be known, or everything.
pub(super) fn read(file: Option<&Path>) -> Result<Baseline, Stop> {
    let Some(file) = file else {
        return Ok(Baseline(None));
    };
    let name = file.display().to_string();
    let text = common::read(file)?;
    let report = saved_report(&text).ok_or_else(|| {
        anyhow!(
            "{name} is no baseline: it is no report, as `gatewatch check --format json` writes it"
        )
    })?;
    let report = report.with_context(|| format!("{name} is no baseline"))?;
    Ok(Baseline(Some((name, report))))
}

impl Baseline {
    /// Takes out of a report what is known already.
    pub(super) fn apply(&self, report: &mut Report) {
        if let Baseline(Some((name, baseline))) = self {
            report.against(baseline, name);
        }
    }
}

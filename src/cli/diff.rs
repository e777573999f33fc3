//! `gatewatch diff`: what changed between two saved readings.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::difference::{Difference, Outcome};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{difference_document, difference_markdown, difference_text, pretty};
use gatewatch::run::difference::{Reading, compare};

use super::args::{DiffArgs, DiffFormat};
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now, policy, read};
use super::output::{note, print};
use super::progress::Busy;

/// Compares two inventories, or two reports.
pub(super) fn run(args: &DiffArgs) -> Result<u8, Stop> {
    if args.before == Path::new("-") && args.after == Path::new("-") {
        return Err(Stop::Usage(anyhow!(
            "only one of the two can be standard input"
        )));
    }
    let (before, after) = (saved(&args.before)?, saved(&args.after)?);
    let policy = match (before.is_inventory(), &args.policy.config) {
        (true, _) => policy(&args.policy)?,
        (false, None) => PolicyFile::default(),
        (false, Some(_)) => {
            return Err(Stop::Usage(anyhow!(
                "--config is for inventories: reports are judged already"
            )));
        }
    };
    let busy = Busy::with(false, "comparing");
    let difference =
        compare(&before, &after, &policy, now()).map_err(|error| Stop::Usage(error.into()))?;
    drop(busy);
    if difference.before.taken_at > difference.after.taken_at {
        note(format_args!(
            "{} was read after {}: are they in the right order?",
            args.before.display(),
            args.after.display()
        ));
    }
    print(&rendered(&difference, args.format)?).map_err(Stop::Incomplete)?;
    Ok(match difference.outcome() {
        Outcome::Unchanged => CLEAN,
        Outcome::Changed => FINDINGS,
        Outcome::Unknown => INCOMPLETE,
    })
}

fn saved(path: &Path) -> Result<Reading, Stop> {
    let reading = Reading::from_json(&read(path)?);
    Ok(reading.with_context(|| format!("{} cannot be compared", path.display()))?)
}

fn rendered(difference: &Difference, format: DiffFormat) -> anyhow::Result<String> {
    Ok(match format {
        DiffFormat::Table => difference_text(difference),
        DiffFormat::Markdown => difference_markdown(difference),
        DiffFormat::Json => pretty(&difference_document(difference))
            .context("the difference could not be written as JSON")?,
    })
}

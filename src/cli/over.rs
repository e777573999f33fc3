//! `gatewatch check --with`: what templates change of an account.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::difference::Outcome;
use gatewatch::audit::overlay::Projection;
use gatewatch::render::{pretty, projection_document, projection_markdown, projection_text};
use gatewatch::run::files::{Asked, Instead, LaidOver, LaidOverError, Over, laid_over};
use gatewatch::template::Around;

use super::args::{CheckArgs, ReportFormat};
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now, policy, read, saved};
use super::files::{not_checked, note_unclear};
use super::output::{note, print, replace};
use super::progress::Busy;

/// What the API of a template is called that the account does not have.
const NEW: &str = "new";

/// Lays the templates over the account, and prints what changes.
pub(super) fn run(args: &CheckArgs) -> Result<u8, Stop> {
    let with = args.over.with.as_deref().unwrap_or(Path::new("-"));
    let was = args.over.was.as_deref();
    let config = args.judging.policy.config.as_deref();
    let named = args.files.iter().map(AsRef::as_ref);
    let read_from: Vec<&Path> = named.chain([with]).chain(was).chain(config).collect();
    args.judging.check_files(&read_from).map_err(Stop::Usage)?;
    let policy = policy(&args.judging.policy)?;
    let inventory = saved(with)?;
    let apis = args.over.api.iter().map(|(name, id)| {
        let id = (id != NEW).then(|| id.clone());
        (name.clone(), id)
    });
    let over = Over {
        around: Around {
            inventory: Arc::new(inventory),
            stack: args.over.stack.clone(),
            apis: apis.collect(),
        },
        was: was
            .map(|path| Ok::<_, Stop>((path.to_owned(), read(path)?)))
            .transpose()?,
    };
    let asked = Asked {
        options: args.template.options(),
        follow_outside: args.template.follow_outside,
        instead: Instead::default(),
        keeps_inventories: false,
    };
    let busy = Busy::with(args.judging.shown.quiet, "comparing");
    let laid = laid_over(&args.files, &asked, over, &policy, now());
    drop(busy);
    let LaidOver {
        projection,
        unclear,
    } = laid.map_err(|error| match error {
        LaidOverError::Files(error) => not_checked(error),
        error => Stop::Usage(error.into()),
    })?;
    let text = rendered(&projection, args.judging.format)?;
    match args
        .judging
        .output
        .as_deref()
        .filter(|it| *it != Path::new("-"))
    {
        Some(path) => {
            replace(path, &text).map_err(Stop::Incomplete)?;
            note(format_args!("wrote what changes to {}", path.display()));
        }
        None => print(&text).map_err(Stop::Incomplete)?,
    }
    if !unclear.is_empty() && !args.judging.shown.quiet {
        note_unclear(unclear);
    }
    Ok(status(&projection, args))
}

/// What a check would end with, and what a comparison does: a severity that is asked for counts findings alone.
fn status(projection: &Projection, args: &CheckArgs) -> u8 {
    if projection.difference.outcome() == Outcome::Unknown {
        return INCOMPLETE;
    }
    let fails = match args.judging.fail_on {
        Some(least) => projection.worst().is_some_and(|worst| worst >= least),
        None => !projection.is_clean(),
    };
    match fails {
        true => FINDINGS,
        false => CLEAN,
    }
}

fn rendered(projection: &Projection, format: ReportFormat) -> Result<String, Stop> {
    Ok(match format {
        ReportFormat::Table => projection_text(projection),
        ReportFormat::Markdown => projection_markdown(projection),
        ReportFormat::Json => pretty(&projection_document(projection))
            .context("what changes could not be written as JSON")?,
        ReportFormat::Csv
        | ReportFormat::Ocsf
        | ReportFormat::Sarif
        | ReportFormat::Junit
        | ReportFormat::Gitlab
        | ReportFormat::Github
        | ReportFormat::Html => {
            return Err(Stop::Usage(anyhow!(
                "--with prints what changes, as table, markdown or json"
            )));
        }
    })
}

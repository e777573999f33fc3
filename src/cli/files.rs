//! `gatewatch check` of several files, and of folders.

use std::path::Path;

use anyhow::anyhow;
use gatewatch::run::files::{self, Asked, FilesError, Instead, Looked, Refused, SHOWN, Unclear};

use super::args::CheckArgs;
use super::baseline;
use super::common::{Shown, Stop, now, policy, refused, show, status};
use super::output::note;
use super::progress::Busy;
use super::snippet::located;

pub(super) use files::are_many;

/// Checks them, and prints one report.
pub(super) fn run(args: &CheckArgs) -> Result<u8, Stop> {
    let config = args.judging.policy.config.as_deref();
    let named = args.files.iter().map(AsRef::as_ref);
    let others = config.into_iter().chain(args.baseline.as_deref());
    let read_from: Vec<&Path> = named.chain(others).collect();
    args.judging.check_files(&read_from).map_err(Stop::Usage)?;
    let baseline = baseline::read(args.baseline.as_deref())?;
    let policy = policy(&args.judging.policy)?;
    let asked = Asked {
        options: args.template.options(),
        follow_outside: args.template.follow_outside,
        instead: Instead::default(),
        keeps_inventories: false,
    };
    let busy = Busy::with(args.judging.shown.quiet, "judging");
    let looked = files::check(&args.files, &asked, &policy, now()).map_err(not_checked)?;
    drop(busy);
    let Looked {
        mut report,
        unclear,
        ..
    } = looked;
    baseline.apply(&mut report);
    show(Shown::of(&report), &args.judging)?;
    if !unclear.is_empty() && !args.judging.shown.quiet {
        note_unclear(unclear);
    }
    Ok(status(&report, &args.judging))
}

/// All mistakes of all files, each with its line.
pub(super) fn not_checked(error: FilesError) -> Stop {
    let FilesError::Refused(all) = error else {
        return Stop::Usage(anyhow!(error));
    };
    let each = all.into_iter().map(|it| {
        let Refused {
            file,
            text,
            problem,
        } = it;
        match refused(&file, &text, problem) {
            Stop::Usage(error) | Stop::Incomplete(error) => format!("{error:#}"),
        }
    });
    Stop::Usage(anyhow!(each.collect::<Vec<_>>().join("\n")))
}

pub(super) fn note_unclear(unclear: Vec<Unclear>) {
    let more = unclear.len().saturating_sub(SHOWN);
    let shown = unclear.into_iter().take(SHOWN);
    let shown = shown.map(|it| located(it.places, &it.file, &it.text));
    let shown = shown.collect::<Vec<_>>().join("\n");
    let more = match more {
        0 => String::new(),
        more => format!("\nand something in {more} more files, which the report names"),
    };
    note(format_args!(
        "not understood, and so not clean:\n{shown}{more}"
    ));
}

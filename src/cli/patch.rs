//! `gatewatch fix --as patch`: sources that mend themselves, as a diff.

use anyhow::anyhow;
use gatewatch::audit::Status;
use gatewatch::render::unified_diff;
use gatewatch::run::files::{Asked, Instead};
use gatewatch::run::patch::{Patch, PatchError, patch};
use gatewatch::template;

use super::args::FixArgs;
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now, policy};
use super::files::not_checked;
use super::fix_plan::selection;
use super::output::{note, print};
use super::progress::Busy;

/// Prints the patch. All else is said on standard error, so that the output can be given to `git apply`.
pub(super) fn run(args: &FixArgs) -> Result<u8, Stop> {
    refuse_what_is_for_an_account(args)?;
    let policy = policy(&args.policy)?;
    let region = args.account.regions.region.first();
    let asked = Asked {
        options: template::Options {
            region: region.map_or(template::REGION, |it| it).to_owned(),
            region_is_known: region.is_some(),
            parameters: args.parameter.iter().cloned().collect(),
            around: None,
        },
        follow_outside: args.follow_outside,
        instead: Instead::default(),
        keeps_inventories: false,
    };
    let busy = Busy::with(false, "mending");
    let read = (&asked, args.source.as_deref());
    let made = patch(&args.files, read, &policy, &selection(args), now());
    drop(busy);
    let patch = made.map_err(|error| match error {
        PatchError::Files(error) => not_checked(error),
        PatchError::Asked(why) => Stop::Usage(anyhow!(why)),
    })?;
    let files = patch.files.iter();
    let files = files.map(|it| (it.name.as_str(), it.before.as_str(), it.after.as_str()));
    let diff = unified_diff(files);
    let status = patch.status();
    note_what_is_left(&patch);
    print(&diff).map_err(Stop::Incomplete)?;
    Ok(match status {
        Status::Incomplete => INCOMPLETE,
        Status::Findings => FINDINGS,
        Status::Clean | Status::NoApi | Status::NoMethod => CLEAN,
    })
}

/// What a diff does not say.
fn note_what_is_left(patch: &Patch) {
    match patch.mended.len() {
        0 if patch.refused.is_empty() => note(format_args!("nothing to mend")),
        0 => note(format_args!("no edit: nothing of what was found is mended")),
        count => {
            let files = patch.files.len();
            note(format_args!(
                "mends {count} finding(s) in {files} file(s); checked again with the edits: nothing else changes"
            ));
            note(format_args!(
                "look at this first: once this is deployed, callers must sign their requests and need execute-api:Invoke"
            ));
        }
    }
    for it in &patch.notes {
        note(format_args!("look at this first: {it}"));
    }
    for it in &patch.refused {
        let (rule, place) = (it.finding.rule, it.finding.place.in_words());
        let by_hand = &it.finding.remedy.summary;
        note(format_args!(
            "no edit for {rule} at {place}: {}; by hand: {by_hand}",
            it.why
        ));
    }
    for gap in &patch.gaps {
        note(format_args!("not read or decided: {}", gap.in_words()));
    }
}

/// What says which account is read, and what is done there, means nothing for sources.
fn refuse_what_is_for_an_account(args: &FixArgs) -> Result<(), Stop> {
    let regions = &args.account.regions;
    let given = [
        (args.group.is_some(), "--group"),
        (args.deploy_everything, "--deploy-everything"),
        (args.even_if_managed, "--even-if-managed"),
        (args.allow_lockout, "--allow-lockout"),
        (args.plan_out.is_some(), "--plan-out"),
        (args.account.no_draft, "--no-draft"),
        (regions.all_regions, "--all-regions"),
        (!regions.exclude_region.is_empty(), "--exclude-region"),
        (
            regions.requests_per_second.is_some(),
            "--requests-per-second",
        ),
        (regions.profile.is_some(), "--profile"),
        (regions.region.len() > 1, "a second --region"),
    ];
    if let Some((_, option)) = given.iter().find(|(is_given, _)| *is_given) {
        return Err(Stop::Usage(anyhow!(
            "{option} is for an account, and --as patch changes sources"
        )));
    }
    match args.files.is_empty() {
        true => Err(Stop::Usage(anyhow!(
            "--as patch needs the sources: name files or folders"
        ))),
        false => Ok(()),
    }
}

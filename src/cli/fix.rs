//! `gatewatch fix`: a plan, and which of its other forms is asked for

use anyhow::anyhow;
use gatewatch::audit::Status;
use gatewatch::audit::fix::{Plan, plan};
use gatewatch::inventory::Inventory;
use gatewatch::render::{fix_commands, fix_role, fix_text};
use gatewatch::run::scan;

use super::account::{connect, inventory_now};
use super::apply;
use super::args::{FixArgs, FixForm, Format};
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now, quiet_policy, saved, say};
use super::fix_plan::{as_json, options, selection, write};
use super::output::{note, print};
use super::patch;
use super::progress::Busy;

/// Plans for a saved inventory, or for the account as it is.
pub(super) async fn run(args: FixArgs) -> Result<u8, Stop> {
    if args.print_role {
        if args.probe && !args.signed {
            note(format_args!(
                "an unsigned request needs no rights; with --signed, those that a signed one needs are printed, too"
            ));
        }
        print(&fix_role(args.signed)).map_err(Stop::Incomplete)?;
        return Ok(CLEAN);
    }
    if args.probe && args.apply.is_none() && args.resume.is_none() {
        return Err(Stop::Usage(anyhow!(
            "--probe goes with --apply or --resume: `gatewatch probe` asks the URLs of an inventory"
        )));
    }
    if let Some(path) = args.undo.clone() {
        return apply::take_back(args, &path).await;
    }
    if let Some(path) = args.resume.clone() {
        return apply::resume(args, &path).await;
    }
    if let Some(path) = args.apply.clone() {
        return apply::apply(args, path.as_deref()).await;
    }
    if args.as_commands == Some(FixForm::Patch) {
        return patch::run(&args);
    }
    refuse_what_is_for_sources(&args)?;
    let (selection, options) = (selection(&args), options(&args));
    let (policy, which) = quiet_policy(&args.policy)?;
    let (form, format, plan_out) = (args.as_commands, args.format, args.plan_out.clone());
    let inventory = read(args, which.as_deref()).await?;
    let today = scan::day(now());
    let busy = Busy::with(false, "planning");
    let plan = plan(&inventory, &policy, today, &selection, &options);
    drop(busy);
    let plan = plan.map_err(|error| Stop::Usage(anyhow!(error)))?;
    let text = match (form, format) {
        (Some(_), _) => {
            note_what_is_left(&plan);
            fix_commands(&plan)
        }
        (None, Format::Table) => fix_text(&plan, false),
        (None, Format::Json) => as_json(&plan)?,
    };
    if let Some(path) = plan_out {
        write(&path, &plan)?;
    }
    print(&text).map_err(Stop::Incomplete)?;
    Ok(match plan.status() {
        Status::Incomplete => INCOMPLETE,
        Status::Findings => FINDINGS,
        Status::Clean | Status::NoApi | Status::NoMethod => CLEAN,
    })
}

/// What says how sources are read goes with them alone.
fn refuse_what_is_for_sources(args: &FixArgs) -> Result<(), Stop> {
    if args.files.len() > 1 {
        return Err(Stop::Usage(anyhow!(
            "a plan is made for one inventory: several files are for --as patch"
        )));
    }
    if !args.parameter.is_empty() || args.follow_outside || args.source.is_some() {
        return Err(Stop::Usage(anyhow!(
            "--parameter, --follow-outside and --source are for sources: give --as patch"
        )));
    }
    Ok(())
}

/// `which`: the note on the policy file that nobody named.
async fn read(args: FixArgs, which: Option<&str>) -> Result<Inventory, Stop> {
    let Some(path) = args.files.first() else {
        let connected = connect(args.account, None).await?;
        say(which);
        return inventory_now(connected, now()).await;
    };
    args.account.refuse_beside_an_inventory()?;
    say(which);
    saved(path)
}

/// What commands alone do not say.
fn note_what_is_left(plan: &Plan) {
    note(format_args!(
        "of the account as it was read at {:.0}: a deployment also releases what was edited since then",
        plan.taken_at
    ));
    for it in &plan.brings {
        note(format_args!(
            "found then, and not now: {} {} at {}",
            it.severity,
            it.rule,
            it.place.in_words()
        ));
    }
    for it in &plan.notes {
        note(format_args!("look at this first: {it}"));
    }
    for it in &plan.refused {
        let (rule, place) = (it.finding.rule, it.finding.place.in_words());
        let lifted = it.lifted_by.map(|it| format!(" (allowed by {it})"));
        let lifted = lifted.unwrap_or_default();
        note(format_args!(
            "no steps for {rule} at {place}: {}{lifted}",
            it.why
        ));
    }
    for gap in &plan.gaps {
        note(format_args!("not read or decided: {}", gap.in_words()));
    }
}

//! The commands, one file each.
//!
//! - In: the arguments, the environment, files and the clock.
//! - Out: text on standard output, notes on standard error, and an exit status.
//! - Not decided here: anything. A command parses, calls [`run`](gatewatch::run), and prints.

mod access;
mod account;
mod account_args;
mod apply;
mod apply_work;
mod args;
mod baseline;
mod common;
mod diff;
mod doctor;
mod explain;
mod file_args;
mod files;
mod fix;
mod fix_args;
mod fix_plan;
mod history;
mod init;
mod interrupt;
mod judging;
mod manual;
mod notify;
mod organization;
mod output;
mod over;
mod patch;
mod preview;
mod probe;
mod probe_args;
mod progress;
mod resume;
mod resume_args;
mod simulate;
mod snippet;
mod terminal;
mod values;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use gatewatch::audit::Report;
use gatewatch::aws::client::Clients;
use gatewatch::aws::deliver::{self, TopicArn};
use gatewatch::inventory::Inventory;
use gatewatch::ledger::Settings;
use gatewatch::policy_file::schema;
use gatewatch::render::{LIMIT, Notice, document_schema, pretty, rules_list, rules_text};
use gatewatch::run::scan;

use account::{connect, inventory_now};
use args::{Cli, Command, Format, ReportFormat};
use common::{
    CLEAN, INCOMPLETE, Shown, Stop, USAGE, in_file, now, policy, quiet_policy, read, say, show,
    status,
};
use output::{note, note_calls, print};
use progress::Busy;
use snippet::located;

/// Runs the command that the arguments name.
pub(crate) async fn run() -> ExitCode {
    let status = match Cli::parse().command {
        Command::Scan(scan) => live(scan).await,
        Command::Collect(collect) => save(collect).await,
        Command::Check(check) if check.over.with.is_some() => over::run(&check),
        Command::Check(check) if files::are_many(&check.files) => files::run(&check),
        Command::Check(check) => offline(&check),
        Command::Explain(explain) => explain::run(&explain),
        Command::Access(access) => access::run(access).await,
        Command::Probe(probe) => probe::run(probe).await,
        Command::Fix(fix) => fix::run(fix).await,
        Command::Simulate(simulate) => simulate::run(simulate.cases.as_deref()),
        Command::History(history) => history::run(history).await,
        Command::Notify(notify) => notify::run(notify).await,
        Command::Doctor(doctor) => doctor::run(doctor).await,
        Command::Diff(diff) => diff::run(&diff),
        Command::Init(init) => init::run(&init),
        Command::Rules(rules) => listed(rules.format),
        Command::Completions(args) => manual::completions(args.shell),
        Command::Man(args) => manual::pages(&args.folder),
        Command::Schema(args) => print_schema(&args.name),
    };
    let (status, error) = match status {
        Ok(status) => return status.into(),
        Err(Stop::Usage(error)) => (USAGE, error),
        Err(Stop::Incomplete(error)) => (INCOMPLETE, error),
    };
    note(format_args!("gatewatch: {error:#}"));
    status.into()
}

fn print_schema(name: &str) -> Result<u8, Stop> {
    let of_document = document_schema(name).map(str::to_owned);
    print(&of_document.unwrap_or_else(schema)).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

fn listed(format: Format) -> Result<u8, Stop> {
    let text = match format {
        Format::Table => rules_text(),
        Format::Json => pretty(&rules_list()).context("the rules could not be written as JSON")?,
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

async fn live(args: args::ScanArgs) -> Result<u8, Stop> {
    let resumed = args.resume.resume.as_deref();
    let read_from: Vec<&Path> = resumed.into_iter().collect();
    args.judging.check_files(&read_from).map_err(Stop::Usage)?;
    let (policy, which) = quiet_policy(&args.judging.policy)?;
    if let Some(members) = common::members(&args.accounts.members)? {
        if !args.account.api.is_empty() {
            return Err(Stop::Usage(anyhow!(
                "--api cannot be used with --organization or --accounts"
            )));
        }
        if args.resume.resume.is_some() {
            return Err(Stop::Usage(anyhow!(
                "--resume goes on with one account, and cannot be used with --organization or --accounts"
            )));
        }
        return organization::run(args, members, policy, which.as_deref()).await;
    }
    let connected = connect(args.account, Some(args.resume)).await?;
    let connected = connected.quietly(args.judging.shown.quiet);
    say(which.as_deref());
    let clients = connected.live.clients.clone();
    if let Some(place) = args.state {
        let watch = watch::Watch {
            place,
            topic: args.publish,
            dry_run: args.dry_run,
            settings: Settings::after_days(args.remind_after_days, args.heartbeat_days),
        };
        let run = watch::run(connected, &policy, watch, &args.judging).await;
        if args.stats {
            note_calls(&clients);
        }
        return run;
    }
    let now = now();
    let inventory = inventory_now(connected, now).await?;
    let mut report = scan::judge(&inventory, &policy, now);
    // The rest of it was read now.
    report.read_until = now.max(report.taken_at);
    // The report is shown even if it cannot be published, and published even if it cannot be shown.
    let published = match &args.publish {
        Some(topic) => publish(&clients, topic, &report).await,
        None => Ok(()),
    };
    let shown = Shown {
        inventory: Some(&inventory),
        ..Shown::of(&report)
    };
    show(shown, &args.judging)?;
    if args.stats {
        note_calls(&clients);
    }
    published?;
    Ok(status(&report, &args.judging))
}

async fn publish(clients: &Clients, topic: &TopicArn, report: &Report) -> Result<(), Stop> {
    let id = deliver::publish(clients, topic, &Notice::of(report, LIMIT))
        .await
        .map_err(|error| Stop::Incomplete(error.into()))?;
    note(format_args!("published to {topic} as message {id}"));
    notify::note_audience(clients, topic).await;
    Ok(())
}

async fn save(args: args::CollectArgs) -> Result<u8, Stop> {
    let inventory = inventory_now(connect(args.account, Some(args.resume)).await?, now()).await?;
    let text = inventory
        .to_json()
        .context("the inventory could not be written as JSON")?;
    match &args.output {
        Some(path) if path != Path::new("-") => {
            output::replace(path, &text)?;
            let apis = inventory.apis.len();
            note(format_args!("wrote {apis} API(s) to {}", path.display()));
        }
        _ => print(&text).map_err(Stop::Incomplete)?,
    }
    let gaps = inventory.gaps();
    for gap in &gaps {
        note(format_args!("not read: {}", gap.in_words()));
    }
    Ok(if gaps.is_empty() { CLEAN } else { INCOMPLETE })
}

fn offline(args: &args::CheckArgs) -> Result<u8, Stop> {
    let file = args.files.first().map_or(Path::new("-"), |it| it);
    let config = args.judging.policy.config.as_deref();
    let read_from = [Some(file), config, args.baseline.as_deref()];
    let read_from: Vec<&Path> = read_from.into_iter().flatten().collect();
    args.judging.check_files(&read_from).map_err(Stop::Usage)?;
    let baseline = baseline::read(args.baseline.as_deref())?;
    let policy = policy(&args.judging.policy)?;
    let mut text = read(file)?;
    let busy = Busy::with(args.judging.shown.quiet, "judging");
    let refused = || format!("{} cannot be checked", file.display());
    let template = in_file(file, &text, &args.template)?;
    let mut unclear = Vec::new();
    let (mut report, inventory) = match template {
        Some(mut template) => {
            unclear = std::mem::take(&mut template.unclear);
            (scan::judge_template(template, &policy, now()), None)
        }
        None => {
            let inventory = Inventory::from_json(&text).with_context(refused)?;
            // The text of a large account takes as much memory as its inventory.
            drop(std::mem::take(&mut text));
            let report = scan::judge(&inventory, &policy, now());
            // It takes much memory, and only a page shows more of it than the report does.
            let is_shown = args.judging.writes(ReportFormat::Html);
            (report, is_shown.then_some(inventory))
        }
    };
    baseline.apply(&mut report);
    let shown = Shown {
        inventory: inventory.as_ref(),
        ..Shown::of(&report)
    };
    drop(busy);
    show(shown, &args.judging)?;
    if !unclear.is_empty() && !args.judging.shown.quiet {
        let shown = located(unclear, &file.display().to_string(), &text);
        note(format_args!("not understood, and so not clean:\n{shown}"));
    }
    Ok(status(&report, &args.judging))
}

//! The commands.

mod access;
mod account;
mod args;
mod history;
mod notify;
mod organization;
mod output;
mod progress;
mod simulate;
mod watch;

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use gatewatch::announce::Settings;
use gatewatch::collect::{self, Clients};
use gatewatch::config::{PolicyFile, SCHEMA};
use gatewatch::deliver::{self, TopicArn};
use gatewatch::model::Inventory;
use gatewatch::report::{LIMIT, Notice, Report, Status};
use gatewatch::rules::Asked;
use gatewatch::scan::{self, Scan};
use gatewatch::template;
use jiff::Timestamp;

use account::{Connected, connect};
use args::{Cli, Command, Judging};
use output::{note, note_calls, print};

/// The policy file that is read without being named.
const DEFAULT_POLICY: &str = "gatewatch.yaml";

/// Why a command ended without a result of its own.
enum Stop {
    /// The call or the configuration is wrong.
    Usage(anyhow::Error),
    /// Not everything that was asked for could be done.
    Incomplete(anyhow::Error),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Stop::Usage(error)
    }
}

const CLEAN: u8 = 0;
const FINDINGS: u8 = 1;
const USAGE: u8 = 2;
const INCOMPLETE: u8 = 3;

/// Runs the command that the arguments name.
pub(crate) async fn run() -> ExitCode {
    let status = match Cli::parse().command {
        Command::Scan(scan) => live(scan).await,
        Command::Collect(collect) => save(collect).await,
        Command::Check(check) => offline(&check),
        Command::Explain(explain) => explained(&explain),
        Command::Access(access) => access::run(access).await,
        Command::Simulate(simulate) => simulate::run(simulate.cases.as_deref()),
        Command::History(history) => history::run(history).await,
        Command::Notify(notify) => notify::run(notify).await,
        Command::Schema => print(SCHEMA).map(|()| CLEAN).map_err(Stop::Incomplete),
    };
    let (status, error) = match status {
        Ok(status) => return status.into(),
        Err(Stop::Usage(error)) => (USAGE, error),
        Err(Stop::Incomplete(error)) => (INCOMPLETE, error),
    };
    note(format_args!("gatewatch: {error:#}"));
    status.into()
}

async fn live(args: args::Scan) -> Result<u8, Stop> {
    let (policy, which) = quiet_policy(&args.judging.policy)?;
    if args.accounts.organization || !args.accounts.accounts.is_empty() {
        return organization::run(args, policy, which.as_deref()).await;
    }
    if args.accounts.role_name.is_some() || !args.accounts.exclude_account.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "--role-name and --exclude-account go with --organization or --accounts"
        )));
    }
    let connected = connect(args.account).await?;
    say(which.as_deref());
    let clients = connected.clients.clone();
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
    let report = read_now(connected, &policy, now()).await.report;
    // Neither a full disk nor a topic that is gone keeps the other from being told.
    let published = match &args.publish {
        Some(topic) => publish(&clients, topic, &report).await,
        None => Ok(()),
    };
    show(&report, &args.judging)?;
    if args.stats {
        note_calls(&clients);
    }
    published?;
    Ok(status(&report, &args.judging))
}

/// Reads an account and judges it, with a bar that shows how far it is.
async fn read_now(connected: Connected, policy: &PolicyFile, now: Timestamp) -> Scan {
    let inventory = inventory_now(connected, now).await;
    let report = scan::judge(&inventory, policy, now);
    Scan { inventory, report }
}

/// Reads an account, with a bar that shows how far it is.
async fn inventory_now(connected: Connected, now: Timestamp) -> Inventory {
    let Connected {
        clients,
        identity,
        scope,
        reading,
    } = connected;
    let inventory = collect::inventory_of(&clients, identity, scope, &reading, now);
    progress::shown(&reading.progress, || None, inventory).await
}

async fn publish(clients: &Clients, topic: &TopicArn, report: &Report) -> Result<(), Stop> {
    let id = deliver::publish(clients, topic, &Notice::of(report, LIMIT)).await;
    let id = id.map_err(|error| Stop::Incomplete(error.into()))?;
    note(format_args!("published to {topic} as message {id}"));
    notify::note_audience(clients, topic).await;
    Ok(())
}

async fn save(args: args::Collect) -> Result<u8, Stop> {
    let inventory = inventory_now(connect(args.account).await?, now()).await;
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

fn offline(args: &args::Check) -> Result<u8, Stop> {
    let policy = policy(&args.judging.policy)?;
    let text = read(&args.file)?;
    let file = args.file.display().to_string();
    let refused = || format!("{file} cannot be checked");
    let options = template::Options {
        region: (args.region.clone()).unwrap_or_else(|| template::REGION.to_owned()),
        region_is_known: args.region.is_some(),
        parameters: args.parameter.iter().cloned().collect(),
    };
    let template = template::read(&file, &text, &options, now()).with_context(refused)?;
    let report = match template {
        Some(template) => scan::judge_template(template, &policy, now()),
        None if options.region_is_known || !options.parameters.is_empty() => {
            return Err(Stop::Usage(anyhow!(
                "{file} is an inventory: --region and --parameter are for templates"
            )));
        }
        None => {
            let inventory = Inventory::from_json(&text).with_context(refused)?;
            // That of a large account is as large as what it says.
            drop(text);
            scan::judge(&inventory, &policy, now())
        }
    };
    show(&report, &args.judging)?;
    Ok(status(&report, &args.judging))
}

fn explained(args: &args::Explain) -> Result<u8, Stop> {
    let policy = policy(&args.policy)?;
    let inventory = saved(&args.inventory)?;
    let asked = Asked {
        method: args.method.clone(),
        api: args.api.clone(),
        stage: args.stage.clone(),
    };
    let explained = scan::explain(&inventory, &policy, &asked, now());
    let explained = explained.map_err(|error| Stop::Usage(anyhow!(error)))?;
    print(&output::render_explained(&explained, args.format)?).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

/// Reads a saved inventory.
fn saved(path: &Path) -> Result<Inventory, Stop> {
    let inventory = Inventory::from_json(&read(path)?);
    Ok(inventory.with_context(|| format!("{} cannot be checked", path.display()))?)
}

fn policy(args: &args::Policy) -> Result<PolicyFile, Stop> {
    let (policy, which) = quiet_policy(args)?;
    say(which.as_deref());
    Ok(policy)
}

fn say(text: Option<&str>) {
    if let Some(text) = text {
        note(format_args!("{text}"));
    }
}

/// The policy file, and which one it is, where nobody named it: whose account is read is said first.
fn quiet_policy(args: &args::Policy) -> Result<(PolicyFile, Option<String>), Stop> {
    let (path, text) = match &args.config {
        Some(path) => (path.as_path(), read(path)?),
        None => match fs::read_to_string(DEFAULT_POLICY) {
            Ok(text) => (Path::new(DEFAULT_POLICY), text),
            Err(error) if error.kind() == ErrorKind::NotFound && !dangles(DEFAULT_POLICY) => {
                let none = "no policy file: every method must be authorized, nothing is demanded of groups";
                return Ok((PolicyFile::default(), Some(none.to_owned())));
            }
            // It is there and cannot be read: somebody meant it to count.
            Err(error) => {
                return Err(Stop::Usage(
                    anyhow!(error).context(format!("{DEFAULT_POLICY} cannot be read")),
                ));
            }
        },
    };
    let today = scan::day(now());
    let policy = PolicyFile::from_yaml_on(&path.display().to_string(), &text, today);
    let policy = policy.map_err(|mistakes| {
        let count = mistakes.mistakes.len();
        Stop::Usage(anyhow!("{count} mistake(s) in the policy file\n{mistakes}"))
    })?;
    let unnamed = args.config.is_none();
    Ok((
        policy,
        unnamed.then(|| format!("policy file: {DEFAULT_POLICY}")),
    ))
}

/// Whether this is a link to a file that is not there.
fn dangles(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Reads a file, or standard input for `-`.
fn read(path: &Path) -> Result<String, Stop> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.context("standard input cannot be read")?;
        return Ok(text);
    }
    Ok(fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?)
}

fn show(report: &Report, judging: &Judging) -> Result<(), Stop> {
    print(&output::render(report, judging.format)?).map_err(Stop::Incomplete)
}

/// Whether what was found is as bad as what was asked for.
fn fails(report: &Report, judging: &Judging) -> bool {
    report.worst().is_some_and(|worst| match judging.fail_on {
        Some(least) => worst >= least,
        None => true,
    })
}

fn status(report: &Report, judging: &Judging) -> u8 {
    match report.status() {
        Status::Incomplete => INCOMPLETE,
        Status::Findings if fails(report, judging) => FINDINGS,
        Status::Findings | Status::Clean => CLEAN,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

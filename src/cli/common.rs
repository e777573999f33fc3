//! What the commands share: how they end, what they read, and the report that they print.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::{Report, Status};
use gatewatch::aws::client::MemberRole;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::Book;
use gatewatch::policy_file::{Origin, PolicyFile};
use gatewatch::render::{
    Judged, PageAccess, PageAccount, PageBound, json, markdown, screen, write_csv, write_github,
    write_gitlab, write_html, write_junit, write_ocsf, write_pretty, write_sarif,
};
use gatewatch::run::files::Beside;
use gatewatch::run::organization::Accounts;
use gatewatch::run::scan;
use gatewatch::template::{self, Problem, Translated};
use jiff::Timestamp;

use super::args::{self, Judging, MembersArgs, ReportFormat};
use super::file_args::{DEFAULT_POLICY, TemplateArgs};
use super::output::{self, note};
use super::snippet::with_lines;
use super::terminal;

/// Why a command ended without a result of its own.
pub(super) enum Stop {
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

pub(super) const CLEAN: u8 = 0;
pub(super) const FINDINGS: u8 = 1;
pub(super) const USAGE: u8 = 2;
pub(super) const INCOMPLETE: u8 = 3;

/// Reads a saved inventory.
pub(super) fn saved(path: &Path) -> Result<Inventory, Stop> {
    let inventory = Inventory::from_json(&read(path)?);
    Ok(inventory.with_context(|| format!("{} cannot be checked", path.display()))?)
}

/// Reads a template or an API definition. `None`: the text is an inventory, of which nothing of `args` can be said.
pub(super) fn in_file(
    path: &Path,
    text: &str,
    args: &TemplateArgs,
) -> Result<Option<Translated>, Stop> {
    let file = path.display().to_string();
    let options = args.options();
    let beside = Beside::of(path, args.follow_outside);
    let read = template::read_with(&file, text, &options, &beside, now());
    let read = read.map_err(|problem| refused(&file, text, problem))?;
    let is_asked = options.region_is_known || !options.parameters.is_empty() || args.follow_outside;
    if read.is_none() && is_asked {
        return Err(Stop::Usage(anyhow!(
            "{file} is an inventory: --region, --parameter and --follow-outside are for templates"
        )));
    }
    Ok(read)
}

/// Why a file is none that can be checked, with the lines of what is wrong in it.
pub(super) fn refused(file: &str, text: &str, problem: Problem) -> Stop {
    let cannot = format!("{file} cannot be checked");
    // What marks the beginning of a text is no part of its first line.
    let text = text.trim_start_matches('\u{feff}');
    let lines = problem
        .mistakes()
        .map(|it| (it.mistakes.len(), with_lines(it, text)));
    Stop::Usage(match (&problem, lines) {
        (Problem::Mistakes(_), Some((count, lines))) => {
            anyhow!("{cannot}: {count} mistake(s) in it\n{lines}")
        }
        (Problem::Unknown(_), Some((_, lines))) => anyhow!("{cannot}: {problem}\n{lines}"),
        _ => anyhow!(problem).context(cannot),
    })
}

pub(super) fn policy(args: &args::PolicyArgs) -> Result<PolicyFile, Stop> {
    let (policy, which) = quiet_policy(args)?;
    say(which.as_deref());
    Ok(policy)
}

pub(super) fn say(text: Option<&str>) {
    if let Some(text) = text {
        note(format_args!("{text}"));
    }
}

/// The policy file, and a note on which one it is where nobody named it. The caller prints the note, after it has said
/// whose account is read.
pub(super) fn quiet_policy(args: &args::PolicyArgs) -> Result<(PolicyFile, Option<String>), Stop> {
    let (path, bytes) = match &args.config {
        Some(path) => (path.as_path(), read_bytes(path)?),
        None => match fs::read(DEFAULT_POLICY) {
            Ok(bytes) => (Path::new(DEFAULT_POLICY), bytes),
            Err(error) if error.kind() == ErrorKind::NotFound && !dangles(DEFAULT_POLICY) => {
                let none = "no policy file: every method must be authorized, nothing is demanded of groups";
                return Ok((PolicyFile::default(), Some(none.to_owned())));
            }
            // The file exists and cannot be read: somebody meant it to count.
            Err(error) => {
                return Err(Stop::Usage(
                    anyhow!(error).context(format!("{DEFAULT_POLICY} cannot be read")),
                ));
            }
        },
    };
    let name = path.display().to_string();
    let origin = Origin::of(&name, &bytes);
    let text = decoded(path, bytes)?;
    let policy = PolicyFile::from_yaml_on(&name, &text, scan::day(now()));
    let mut policy = policy.map_err(|mistakes| {
        let count = mistakes.mistakes.len();
        let mistakes = with_lines(&mistakes, &text);
        Stop::Usage(anyhow!("{count} mistake(s) in the policy file\n{mistakes}"))
    })?;
    // Of the bytes of the file, as whoever looks at it later sees it: its text may have been coded otherwise.
    policy.origin = Some(origin);
    let unnamed = args.config.is_none();
    Ok((
        policy,
        unnamed.then(|| format!("policy file: {DEFAULT_POLICY}")),
    ))
}

/// Whether this is a link to a file that is not there.
pub(super) fn dangles(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<String, Stop> {
    decoded(path, read_bytes(path)?)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Stop> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.with_context(|| cannot_be_read(path))?;
        return Ok(bytes);
    }
    Ok(fs::read(path).with_context(|| cannot_be_read(path))?)
}

fn decoded(path: &Path, bytes: Vec<u8>) -> Result<String, Stop> {
    Ok(template::decoded(bytes).with_context(|| cannot_be_read(path))?)
}

fn cannot_be_read(path: &Path) -> String {
    match path == Path::new("-") {
        true => "standard input cannot be read".to_owned(),
        false => format!("{} cannot be read", path.display()),
    }
}

/// The accounts that were asked for, and the role that lets into them. `None`: that of the credentials alone.
pub(super) fn members(args: &MembersArgs) -> Result<Option<(Accounts, MemberRole)>, Stop> {
    if !args.organization && args.accounts.is_empty() {
        if args.role_name.is_some() || !args.exclude_account.is_empty() {
            return Err(Stop::Usage(anyhow!(
                "--role-name and --exclude-account go with --organization or --accounts"
            )));
        }
        return Ok(None);
    }
    let role = MemberRole {
        name: (args.role_name.clone())
            .ok_or_else(|| anyhow!("--organization and --accounts need --role-name"))?,
        external_id: args.external_id.clone(),
    };
    let accounts = Accounts {
        organization: args.organization,
        named: args.accounts.clone(),
        excluded: args.exclude_account.clone(),
    };
    Ok(Some((accounts, role)))
}

/// A report that is to be shown, with what is known besides.
pub(super) struct Shown<'a> {
    pub(super) report: &'a Report,
    /// What was read, where it is at hand.
    pub(super) inventory: Option<&'a Inventory>,
    /// The ids of the findings that the last report did not have.
    pub(super) new: BTreeSet<String>,
    /// What the ledger remembers of the account.
    pub(super) books: Vec<Book>,
}

impl<'a> Shown<'a> {
    /// A report by itself.
    pub(super) fn of(report: &'a Report) -> Self {
        Shown {
            report,
            inventory: None,
            new: BTreeSet::new(),
            books: Vec::new(),
        }
    }
}

/// Shows a report in the format that was asked for.
pub(super) fn show(shown: Shown<'_>, judging: &Judging) -> Result<(), Stop> {
    let report = shown.report;
    let view = || terminal::view(&judging.shown, shown.new.clone());
    let judged = || Judged::one(report);
    let printed = output::write_report(judging, |format, mut out| match format {
        ReportFormat::Table => out.write_all(screen(report, &view()).as_bytes()),
        ReportFormat::Markdown => out.write_all(markdown(report).as_bytes()),
        ReportFormat::Json => write_pretty(&json::document(report), out),
        ReportFormat::Csv => write_csv(report, &mut out),
        ReportFormat::Ocsf => write_ocsf(report, &mut out),
        ReportFormat::Sarif => write_sarif(&judged(), out),
        ReportFormat::Junit => write_junit(&judged(), &mut out),
        ReportFormat::Gitlab => write_gitlab(&judged(), out),
        ReportFormat::Github => write_github(&judged(), &mut out),
        ReportFormat::Html => {
            let access = shown.inventory;
            let access = access.map(|it| PageAccess::of(it, PageBound::default()));
            let account = PageAccount {
                access: access.as_ref(),
                new: &shown.new,
                books: &shown.books,
                ..PageAccount::of(report)
            };
            write_html(&[account], out)
        }
    });
    printed.map_err(Stop::Incomplete)
}

/// Whether what was found is as bad as what was asked for.
pub(super) fn fails(report: &Report, judging: &Judging) -> bool {
    report.worst().is_some_and(|worst| match judging.fail_on {
        Some(least) => worst >= least,
        None => true,
    })
}

pub(super) fn status(report: &Report, judging: &Judging) -> u8 {
    match report.status() {
        Status::Incomplete => INCOMPLETE,
        Status::Findings if fails(report, judging) => FINDINGS,
        Status::Findings | Status::NoApi | Status::NoMethod | Status::Clean => CLEAN,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

//! `gatewatch access`

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, stdout};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::access::{self, Estate, HolderKind};
use gatewatch::iam::Verdict;
use gatewatch::inventory::{Gap, GapKind, Inventory};
use gatewatch::render::{
    AccessQuestion, AccessReport, Selection, access_csv, access_text, write_access,
};

use super::account::{connect, inventory_now};
use super::args::{AccessArgs, AccessFormat, PrincipalsArg, VerdictArg};
use super::common::{CLEAN, INCOMPLETE, Stop, in_file, now, read};
use super::file_args::TemplateArgs;
use super::output::{note, print, print_with};
use super::progress::Busy;
use super::terminal::access_view;

/// What takes long in a large account.
const DECIDING: &str = "deciding who can call what";

/// Answers from a saved inventory, or from the account as it is.
pub(super) async fn run(args: AccessArgs) -> Result<u8, Stop> {
    let selection = selection(&args)?;
    if args.inventory.is_none() && !args.parameter.is_empty() {
        return Err(Stop::Usage(anyhow!("--parameter is for templates")));
    }
    let inventory = match &args.inventory {
        Some(_) if args.resume.resume.is_some() => {
            return Err(Stop::Usage(anyhow!(
                "--resume is for reading an account, and a file was given"
            )));
        }
        Some(path) => in_a_file(path, &args)?,
        None => {
            let connected = connect(args.account, Some(args.resume)).await?;
            inventory_now(connected, now()).await?
        }
    };
    let estate = Estate::new(&inventory).ok_or_else(|| {
        for gap in access::gaps(&inventory) {
            note(format_args!("not read: {}", gap.in_words()));
        }
        Stop::Incomplete(match &inventory.scope.template {
            Some(file) => anyhow!("{file} has no IAM principals: who can call what is not in it"),
            None => {
                anyhow!("the IAM principals could not be read: nobody can say who can call what")
            }
        })
    })?;
    match args.format {
        AccessFormat::Json => as_json(&inventory, &estate, &selection),
        AccessFormat::Table => as_text(&inventory, &estate, &selection, &|report| {
            access_text(report, access_view(args.color))
        }),
        AccessFormat::Csv => as_text(&inventory, &estate, &selection, &access_csv),
    }
}

/// The inventory of a file: a saved one, or a template as one.
fn in_a_file(path: &Path, args: &AccessArgs) -> Result<Inventory, Stop> {
    let text = read(path)?;
    let (of_a_template, others) = (&args.account.regions.region, &args.account);
    let template = TemplateArgs {
        region: of_a_template.first().cloned(),
        parameter: args.parameter.clone(),
        follow_outside: false,
    };
    let template = in_file(path, &text, &template)?;
    others.refuse_beside_a_file(template.is_some())?;
    match template {
        Some(template) => Ok(template.inventory),
        None => {
            let inventory = Inventory::from_json(&text);
            Ok(inventory.with_context(|| format!("{} cannot be checked", path.display()))?)
        }
    }
}

fn as_text(
    inventory: &Inventory,
    estate: &Estate<'_>,
    selection: &Selection,
    text: &dyn Fn(&AccessReport<'_>) -> String,
) -> Result<u8, Stop> {
    let busy = Busy::with(false, DECIDING);
    let report = AccessReport::new(inventory, estate, selection)
        .map_err(|error| Stop::Usage(anyhow!(error)))?;
    let text = text(&report);
    drop(busy);
    let status = status(&report.gaps);
    print(&text).map_err(Stop::Incomplete)?;
    Ok(status)
}

/// The answers are written while they are found.
fn as_json(inventory: &Inventory, estate: &Estate<'_>, selection: &Selection) -> Result<u8, Stop> {
    let question = AccessQuestion::new(inventory, estate, selection)
        .map_err(|error| Stop::Usage(anyhow!(error)))?;
    // Where the answers go to a terminal, they show how far it is.
    let busy = Busy::with(stdout().is_terminal(), DECIDING);
    let gaps = print_with(|out| write_access(&question, out)).map_err(Stop::Incomplete)?;
    drop(busy);
    // A reader that has gone away was not told everything.
    Ok(gaps.map_or(INCOMPLETE, |gaps| status(&gaps)))
}

/// The exit status, with a note for each gap.
fn status(gaps: &BTreeSet<Gap>) -> u8 {
    for gap in gaps {
        let what = match gap.kind {
            GapKind::Access => "not decided",
            _ => "not read",
        };
        note(format_args!("{what}: {}", gap.in_words()));
    }
    if gaps.is_empty() { CLEAN } else { INCOMPLETE }
}

fn selection(args: &AccessArgs) -> Result<Selection, Stop> {
    let ([] | [_]) = args.account.api.as_slice() else {
        return Err(Stop::Usage(anyhow!("--api can be given once here")));
    };
    let kinds = args.principals.iter().flat_map(|kind| match kind {
        PrincipalsArg::Groups => vec![HolderKind::Group],
        PrincipalsArg::Users => vec![HolderKind::User],
        PrincipalsArg::Roles => vec![HolderKind::Role],
        PrincipalsArg::Accounts => vec![HolderKind::Account],
        PrincipalsArg::Organizations => vec![HolderKind::Organization],
        PrincipalsArg::All => HolderKind::ALL.to_vec(),
    });
    let verdicts = args.verdict.iter().map(|verdict| match verdict {
        VerdictArg::All => Verdict::All,
        VerdictArg::Some => Verdict::Some,
        VerdictArg::None => Verdict::None,
        VerdictArg::Undecided => Verdict::Undecided,
    });
    Ok(Selection {
        kinds: kinds.collect(),
        who_can: args.who_can.clone(),
        what_can: args.what_can.clone(),
        api: args.account.api.first().cloned(),
        stage: args.stage.clone(),
        verdicts: verdicts.collect(),
        why: args.why,
    })
}

//! `gatewatch probe`: the deployed URLs, asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow};
use gatewatch::audit::probe::{Plan, Questions, plan};
use gatewatch::aws::client::{Connection, connect};
use gatewatch::aws::collect::Interrupt;
use gatewatch::aws::probe::{Sender, Signer};
use gatewatch::render::{plan_document, plan_text, pretty, requests_in_words};
use gatewatch::run::probe::{Pace, ask_all, judge};

use super::account::no_profile;
use super::args::ReportFormat;
use super::common::{CLEAN, INCOMPLETE, Shown, Stop, now, policy, saved, show, status};
use super::output::{note, print};
use super::probe_args::ProbeArgs;
use super::progress::Seen;
use super::{interrupt, progress};

/// Asks, and reports what the inventory and the answers show together. With `--dry-run`, lists what would be asked.
pub(super) async fn run(args: ProbeArgs) -> Result<u8, Stop> {
    let files = [args.inventory.as_path()];
    args.judging.check_files(&files).map_err(Stop::Usage)?;
    let inventory = saved(&args.inventory)?;
    let questions = Questions {
        apis: args.api.clone(),
        stages: args.stage.clone(),
        verbs: args.verb.clone(),
        executes: args.i_know_it_executes,
        parameters: args.param.iter().cloned().collect(),
        signed: args.signed,
    };
    let plan = plan(&inventory, &questions).map_err(|error| Stop::Usage(anyhow!(error)))?;
    if args.dry_run {
        return list(&plan, args.judging.format);
    }
    let policy = policy(&args.judging.policy)?;
    let signer = match args.signed {
        true => Some(signer(args.profile.clone()).await?),
        false => None,
    };
    note(format_args!(
        "sending {}; at most {} a second",
        requests_in_words(&plan),
        args.rate
    ));
    let sender = Sender::new(
        args.timeout,
        args.allow_loopback,
        args.endpoint_override.clone(),
        signer,
    );
    let pace = Pace {
        per_second: args.rate,
        at_once: args.concurrency.into(),
    };
    let (interrupt, answered) = (Interrupt::default(), AtomicUsize::new(0));
    let all = plan.requests.len();
    let seen = || Seen {
        done: answered.load(Ordering::Relaxed),
        all,
        what: "requests".to_owned(),
    };
    let asked = ask_all(plan, &sender, pace, &interrupt, &answered);
    let asked = progress::shown(args.judging.shown.quiet, seen, asked);
    let probed = interrupt::during(&interrupt, asked).await;
    if interrupt.is_raised() {
        let answered = answered.load(Ordering::Relaxed);
        note(format_args!(
            "interrupted: {answered} of {all} requests were answered; the others say nothing"
        ));
    }
    let report = judge(&inventory, probed, &policy, now());
    let shown = Shown {
        inventory: Some(&inventory),
        ..Shown::of(&report)
    };
    show(shown, &args.judging)?;
    Ok(status(&report, &args.judging))
}

/// Lists what would be asked. What cannot be asked is incomplete already.
fn list(plan: &Plan, format: ReportFormat) -> Result<u8, Stop> {
    let text = match format {
        ReportFormat::Table => plan_text(plan),
        ReportFormat::Json => {
            let document = pretty(&plan_document(plan));
            document.context("the requests could not be written as JSON")?
        }
        _ => {
            return Err(Stop::Usage(anyhow!(
                "--dry-run lists the requests as `table` or `json`"
            )));
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(if plan.gaps.is_empty() {
        CLEAN
    } else {
        INCOMPLETE
    })
}

/// Whose requests are signed. No call is made to find out who that is.
async fn signer(profile: Option<String>) -> Result<Signer, Stop> {
    let connection = Connection {
        profile,
        region: None,
    };
    let clients = connect(connection).await.map_err(no_profile)?;
    let signer = Signer::new(&clients).await;
    signer.map_err(|error| Stop::Usage(anyhow!(error)))
}

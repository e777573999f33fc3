//! `gatewatch fix --apply`, `--resume` and `--undo`

use std::ffi::OsString;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewatch::audit::fix::{Begun, Entry, Journal, Options, Selection, plan};
use gatewatch::aws::change::Changer;
use gatewatch::aws::store::{AccountLock, JournalFile, NotLocked};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{fix_text, not_resumed_text, undoing_text, undone_text};
use gatewatch::run::fix::{
    Allowed, Told, approved, foreseen, left, needing, renewed, scope, selection as meant, undo,
};
use gatewatch::run::{Account as _, Live, scan};
use jiff::{SignedDuration, Timestamp};

use super::account::{clients, connect, inventory_now};
use super::apply_work::{Probing, Work, say_step, went, worker};
use super::args::FixArgs;
use super::common::{CLEAN, INCOMPLETE, Stop, now, quiet_policy, read, say};
use super::fix_plan::{options, selection, write};
use super::output::{note, print};

/// A journal is gone on with for so long: a plan that somebody looked at is of the same day.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Makes a plan of the account as it is now, asks, and carries it out. `approved_plan`: the plan that it has to be.
pub(super) async fn apply(args: FixArgs, approved_plan: Option<&Path>) -> Result<u8, Stop> {
    can_ask(args.yes)?;
    let (policy, which) = quiet_policy(&args.policy)?;
    let known = match approved_plan {
        None => None,
        Some(path) => Some(approved(&read(path)?).with_context(|| unusable(path))?),
    };
    let (selection, options): (Selection, Options) = match &known {
        None => (selection(&args), options(&args)),
        Some(known) => (known.selection.clone(), known.options.clone()),
    };
    let probing = Probing::of(&args);
    let mut account = args.account;
    let requests_per_second = account.regions.requests_per_second;
    if let Some(known) = &known {
        account.regions.region = known.scope.regions.clone();
        account.api = known.scope.apis.clone();
    }
    let connected = connect(account, None).await?;
    say(which.as_deref());
    let live = connected.live.clone();
    if let Some(known) = known.as_ref().filter(|it| it.account != live.id()) {
        return Err(Stop::Usage(anyhow!(
            "the plan is for account {}, and these are the credentials of account {}",
            known.account,
            live.id()
        )));
    }
    let _lock = lock(live.id())?;
    let inventory = inventory_now(connected, now()).await?;
    let plan = plan(&inventory, &policy, scan::day(now()), &selection, &options);
    let plan = plan.map_err(|error| match known {
        // What the plan was for is gone.
        Some(_) => Stop::Incomplete(anyhow!("the plan does not hold any more: {error}")),
        None => Stop::Usage(anyhow!(error)),
    })?;
    print(&fix_text(&plan, true)).map_err(Stop::Incomplete)?;
    if let Some(path) = &args.plan_out {
        write(path, &plan)?;
    }
    if let Some(Err(error)) = known.map(|it| it.holds(&plan)) {
        return Err(Stop::Incomplete(anyhow!(
            "{error}: nothing was changed; the plan above is made anew, to be looked at and saved with --plan-out"
        )));
    }
    let is_refused = !plan.refused.is_empty();
    if plan.steps.is_empty() {
        return Ok(if is_refused || !plan.gaps.is_empty() {
            INCOMPLETE
        } else {
            CLEAN
        });
    }
    let question = format!(
        "carry out these {} steps in account {}?",
        plan.steps.len(),
        live.id()
    );
    if !args.yes && !is_yes(&question)? {
        return Err(Stop::Incomplete(anyhow!("nothing was changed")));
    }
    let at = now();
    let run = format!("{:x}", at.as_nanosecond());
    let begun = Begun::of(&plan, &run, &live.identity.arn, at);
    let path = args.journal.unwrap_or_else(|| journal_name(live.id(), at));
    // Before anything is changed: a journal that is not read later can neither be gone on with nor undone.
    let journal = Journal::new(begun);
    let unreadable = "the journal of this plan could not be used later, so that nothing is changed";
    let checked = journal.check().context(unreadable);
    checked.map_err(Stop::Incomplete)?;
    let first = serde_json::to_string(&Entry::Begun(journal.begun.clone()));
    let first = first.context("the journal could not be made")?;
    let file = JournalFile::create(&path, &first).map_err(locked)?;
    note(format_args!("journal: {}", path.display()));
    let work = Work {
        live,
        requests_per_second,
        path,
        policy,
        probing,
    };
    let status = work.go_on(journal, file).await?;
    Ok(match status {
        CLEAN if is_refused => INCOMPLETE,
        status => status,
    })
}

/// Goes on with a journal: with what a plan that is made now has as well, and nothing else.
pub(super) async fn resume(args: FixArgs, path: &Path) -> Result<u8, Stop> {
    can_ask(args.yes)?;
    let (policy, _) = quiet_policy(&args.policy)?;
    let (yes, old) = (args.yes, args.allow_old_journal);
    let (file, mut journal) = opened(path)?;
    if journal.is_being_undone() {
        return Err(Stop::Usage(anyhow!(
            "{} is of a fix that was undone, or begun to be: it is not gone on with",
            path.display()
        )));
    }
    if !old && now().duration_since(journal.begun.at) > A_DAY {
        return Err(Stop::Incomplete(anyhow!(
            "{} is older than a day: `gatewatch fix --apply` makes a new plan for what is left, --undo restores, and \
             --allow-old-journal goes on all the same",
            path.display()
        )));
    }
    let (work, _lock) = ready(args, path, policy, &journal).await?;
    let changer = Changer::new(&work.live.clients, work.requests_per_second);
    let left = match left(&journal, &changer).await {
        Ok(left) => left,
        Err(stopped) => {
            let stopped: Vec<(usize, String)> = stopped.into_iter().map(went).collect();
            print(&not_resumed_text(&journal, &stopped)).map_err(Stop::Incomplete)?;
            return Ok(INCOMPLETE);
        }
    };
    if !left.is_empty() {
        let inventory = work.inventory(scope(&journal.begun)).await;
        let (asked, meant) = (journal.begun.asked.clone(), meant(&journal.begun));
        let plan = plan(&inventory, &work.policy, scan::day(now()), &meant, &asked);
        let plan = plan.map_err(|error| Stop::Incomplete(anyhow!(error)))?;
        print(&fix_text(&plan, true)).map_err(Stop::Incomplete)?;
        renewed(&mut journal, &left, &plan).map_err(|why| {
            Stop::Incomplete(anyhow!(
                "nothing was changed, as the plan does not hold any more: {why}; `gatewatch fix --apply` carries out the one above, \
                 and --undo restores what was there before"
            ))
        })?;
        let begun = &journal.begun;
        let question = format!(
            "go on with the fix of {:.0} in account {} ({} of {} steps are left)?",
            begun.at,
            begun.account,
            left.len(),
            begun.steps.len()
        );
        if !yes && !is_yes(&question)? {
            return Err(Stop::Incomplete(anyhow!("nothing was changed")));
        }
    }
    work.go_on(journal, file).await
}

/// Undoes what a journal says.
pub(super) async fn take_back(args: FixArgs, path: &Path) -> Result<u8, Stop> {
    can_ask(args.yes)?;
    let yes = args.yes;
    let allowed = Allowed {
        opening: args.allow_opening,
        lockout: args.allow_lockout,
    };
    let (mut file, mut journal) = opened(path)?;
    let (work, _lock) = ready(args, path, PolicyFile::default(), &journal).await?;
    let changer = Changer::new(&work.live.clients, work.requests_per_second);
    let foreseen = foreseen(&journal, &changer, allowed.opening).await;
    print(&undoing_text(&journal, &foreseen)).map_err(Stop::Incomplete)?;
    let steps = foreseen.iter().filter(|it| it.then.is_ok()).count();
    let opened: usize = foreseen.iter().map(|it| it.opens.len()).sum();
    let opens = match opened {
        0 => String::new(),
        _ => ", which opens what is named above".to_owned(),
    };
    let begun = journal.begun.clone();
    let question = format!(
        "undo {steps} steps of the fix of {:.0} in account {}{opens}?",
        begun.at, begun.account
    );
    if steps > 0 && !yes && !is_yes(&question)? {
        return Err(Stop::Incomplete(anyhow!("nothing was changed")));
    }
    let tell = |told: Told| say_step(&begun, told);
    let mut worker = worker(&changer, &mut file, &tell);
    let look = async || {
        note(format_args!("reading who needs what was granted"));
        work.inventory(needing(&begun)).await
    };
    let left = undo(&mut journal, &mut worker, &foreseen, allowed, look).await;
    let left = left.unwrap_or_else(|stopped| vec![stopped]);
    let left: Vec<(usize, String)> = left.into_iter().map(went).collect();
    print(&undone_text(&journal, &left)).map_err(Stop::Incomplete)?;
    Ok(if left.is_empty() { CLEAN } else { INCOMPLETE })
}

/// Connects to the account of a journal, and takes its lock.
async fn ready(
    args: FixArgs,
    path: &Path,
    policy: PolicyFile,
    journal: &Journal,
) -> Result<(Work, AccountLock), Stop> {
    let begun = &journal.begun;
    let probing = Probing::of(&args);
    let mut account = args.account;
    if account.regions.region.is_empty() {
        account.regions.region = scope(begun).regions;
    }
    let requests_per_second = account.regions.requests_per_second;
    let (clients, identity, _) = clients(account).await?;
    if (&identity.account, &identity.partition) != (&begun.account, &begun.partition) {
        return Err(Stop::Usage(anyhow!(
            "{} is of account {}, and these are the credentials of account {}",
            path.display(),
            begun.account,
            identity.account
        )));
    }
    let lock = lock(&identity.account)?;
    let live = Live { clients, identity };
    let work = Work {
        live,
        requests_per_second,
        path: path.to_owned(),
        policy,
        probing,
    };
    Ok((work, lock))
}

fn opened(path: &Path) -> Result<(JournalFile, Journal), Stop> {
    let (file, text) = JournalFile::open(path).map_err(locked)?;
    let journal = Journal::read(&text).with_context(|| unusable(path))?;
    journal.check().with_context(|| unusable(path))?;
    Ok((file, journal))
}

fn unusable(path: &Path) -> String {
    format!("{} cannot be used", path.display())
}

/// Another run may be over soon; a file that cannot be used is a mistake of the call.
fn locked(error: NotLocked) -> Stop {
    match error {
        NotLocked::Held(_) => Stop::Incomplete(anyhow!(error)),
        NotLocked::Failed { .. } => Stop::Usage(anyhow!(error)),
    }
}

fn journal_name(account: &str, at: Timestamp) -> PathBuf {
    let at = at.strftime("%Y%m%dT%H%M%SZ");
    PathBuf::from(format!("gatewatch-fix-{account}-{at}.jsonl"))
}

/// The lock of the account, among what programs keep of a user.
fn lock(account: &str) -> Result<AccountLock, Stop> {
    let folder = variable("XDG_STATE_HOME").map(PathBuf::from);
    let folder = folder.filter(|it| it.is_absolute()).or_else(|| {
        let home = variable("HOME")?;
        Some(PathBuf::from(home).join(".local/state"))
    });
    let folder = folder.ok_or_else(|| {
        anyhow!(
            "neither XDG_STATE_HOME nor HOME names a folder for the lock that keeps two fixes apart"
        )
    })?;
    AccountLock::take(&folder.join("gatewatch"), account).map_err(locked)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the environment and passes values in"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|it| !it.is_empty())
}

/// Without a terminal nobody can say yes.
fn can_ask(yes: bool) -> Result<(), Stop> {
    if yes || (io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(());
    }
    Err(Stop::Usage(anyhow!(
        "there is no terminal to ask on before anything is changed: give --yes"
    )))
}

fn is_yes(question: &str) -> Result<bool, Stop> {
    note(format_args!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.context("the answer cannot be read")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

//! `gatewatch fix --apply`, `--resume` and `--undo`

use std::ffi::OsString;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::fix::{Begun, Entry, Journal, Options, Selection, plan};
use gatewatch::audit::probe::{Probed, Questions};
use gatewatch::aws::change::Changer;
use gatewatch::aws::collect::Reading;
use gatewatch::aws::probe::{Instead, Sender, Signer};
use gatewatch::aws::store::{AccountLock, JournalFile, NotLocked};
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{
    Went, applied_text, fix_text, not_resumed_text, requests_in_words, undoing_text, undone_text,
};
use gatewatch::run::fix::{
    Allowed, Patience, Stopped, Told, Worker, answered, approved, foreseen, go, left, needing,
    renewed, scope, selection as meant, to_be_asked, undo, verified,
};
use gatewatch::run::probe::Pace;
use gatewatch::run::{Account as _, Live, scan};
use jiff::{SignedDuration, Timestamp};

use super::account::{clients, connect, inventory_now};
use super::args::FixArgs;
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now, quiet_policy, read, say};
use super::fix_plan::{options, selection, write};
use super::output::{note, print};

/// A journal is gone on with for so long: a plan that somebody looked at is of the same day.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long an answer of a URL may take.
const ANSWER: Duration = Duration::from_secs(10);

/// How fast the URLs are asked: as `gatewatch probe` does.
const PACE: Pace = Pace {
    per_second: 20,
    at_once: 8,
};

/// What the URLs of the mended methods are asked, and how.
#[derive(Debug)]
struct Probing {
    questions: Questions,
    instead: Option<Instead>,
    allow_loopback: bool,
}

impl Probing {
    /// `None`: they are not to be asked.
    fn of(args: &FixArgs) -> Option<Self> {
        args.probe.then(|| Probing {
            questions: Questions {
                verbs: args.verb.clone(),
                parameters: args.param.iter().cloned().collect(),
                signed: args.signed,
                ..Questions::default()
            },
            instead: args.endpoint_override.clone(),
            allow_loopback: args.allow_loopback,
        })
    }
}

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

/// Who changes what, and what is said of it.
struct Work {
    live: Live,
    requests_per_second: Option<f64>,
    path: PathBuf,
    policy: PolicyFile,
    probing: Option<Probing>,
}

impl Work {
    /// Reads the account as it is now.
    async fn inventory(&self, scope: Scope) -> Inventory {
        let reading = Reading {
            requests_per_second: self.requests_per_second,
            ..Reading::default()
        };
        self.live.inventory(scope, &reading, now()).await
    }

    /// Takes the steps that are left, reads the account again, and says what it came to.
    async fn go_on(&self, mut journal: Journal, mut file: JournalFile) -> Result<u8, Stop> {
        let changer = Changer::new(&self.live.clients, self.requests_per_second);
        let begun = journal.begun.clone();
        let tell = |told: Told| say_step(&begun, told);
        let mut worker = worker(&changer, &mut file, &tell);
        let stopped = go(&mut journal, &mut worker).await.err();
        let (mut after, mut probed) = (None, None);
        if stopped.is_none() {
            note(format_args!("reading the account again"));
            let inventory = self.inventory(scope(&begun)).await;
            let judged = verified(&inventory, &self.policy, scan::day(now()), &begun);
            if let Some(probing) = &self.probing {
                match judged.is_mended() {
                    true => probed = Some(self.ask(&inventory, &begun, probing).await?),
                    // A method that may be open would execute the request.
                    false => note(format_args!(
                        "the URLs are not asked, as not all is known to be mended"
                    )),
                }
            }
            after = Some(judged);
        }
        let asked = probed.as_ref();
        let status = match &after {
            None => INCOMPLETE,
            Some(after) if !after.gaps.is_empty() => INCOMPLETE,
            Some(_) if asked.is_some_and(|it| !it.gaps.is_empty()) => INCOMPLETE,
            Some(after) if !after.still.is_empty() => FINDINGS,
            Some(_) if asked.is_some_and(|it| it.count("disagrees") > 0) => FINDINGS,
            Some(_) => CLEAN,
        };
        let went = Went {
            journal: &journal,
            path: &self.path.display().to_string(),
            stopped: stopped.map(went),
            after: after
                .as_ref()
                .map(|it| (it.still.as_slice(), it.gaps.as_slice())),
            probed: asked,
        };
        print(&applied_text(&went)).map_err(Stop::Incomplete)?;
        Ok(status)
    }

    /// Asks the URLs of the mended methods.
    async fn ask(
        &self,
        inventory: &Inventory,
        begun: &Begun,
        probing: &Probing,
    ) -> Result<Probed, Stop> {
        let plan = to_be_asked(inventory, begun, probing.questions.clone());
        let plan = plan.map_err(|error| {
            Stop::Incomplete(
                anyhow!(error).context("every step is done, and the URLs were not asked"),
            )
        })?;
        let signer = match probing.questions.signed {
            true => Some(Signer::new(&self.live.clients).await.map_err(|error| {
                Stop::Incomplete(
                    anyhow!(error).context("every step is done, and the URLs were not asked"),
                )
            })?),
            false => None,
        };
        note(format_args!("sending {}", requests_in_words(&plan)));
        let instead = probing.instead.clone();
        let sender = Sender::new(ANSWER, probing.allow_loopback, instead, signer);
        Ok(answered(plan, &sender, PACE).await)
    }
}

/// Changes by the SDK, by the clock of the machine.
fn worker<'w>(
    changes: &'w Changer,
    notes: &'w mut JournalFile,
    tell: &'w dyn Fn(Told),
) -> Worker<'w, Changer, JournalFile> {
    Worker {
        changes,
        notes,
        patience: Patience::default(),
        clock: &now,
        tell,
    }
}

fn went(stopped: Stopped) -> (usize, String) {
    (stopped.step, stopped.why)
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

fn say_step(begun: &Begun, told: Told) {
    let (number, what) = match told {
        Told::WasDone(number) => (number, "was done before"),
        Told::Done(number) => (number, "done"),
        Told::Undone(number) => (number, "undone"),
        Told::NotUndone(number) => (number, "left as it is"),
    };
    if let Some(step) = begun.steps.get(number) {
        let done = step.action.in_words();
        note(format_args!("step {}: {what}: {done}", number + 1));
    }
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

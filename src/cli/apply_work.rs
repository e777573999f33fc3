//! What `gatewatch fix --apply`, `--resume` and `--undo` share: whoever carries the steps out, and asks the URLs at the end.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;
use gatewatch::audit::fix::{Begun, Journal};
use gatewatch::audit::probe::{Probed, Questions};
use gatewatch::aws::change::Changer;
use gatewatch::aws::collect::Reading;
use gatewatch::aws::probe::{Instead, Sender, Signer};
use gatewatch::aws::store::JournalFile;
use gatewatch::inventory::{Inventory, Scope};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{Went, applied_text, requests_in_words};
use gatewatch::run::fix::{
    Patience, Stopped, Told, Worker, answered, go, scope, to_be_asked, verified,
};
use gatewatch::run::probe::Pace;
use gatewatch::run::{Account as _, Live, scan};

use super::args::FixArgs;
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, now};
use super::output::{note, print};

/// How long an answer of a URL may take.
const ANSWER: Duration = Duration::from_secs(10);

/// How fast the URLs are asked: as `gatewatch probe` does.
const PACE: Pace = Pace {
    per_second: 20,
    at_once: 8,
};

/// What the URLs of the mended methods are asked, and how.
#[derive(Debug)]
pub(super) struct Probing {
    questions: Questions,
    instead: Option<Instead>,
    allow_loopback: bool,
}

impl Probing {
    /// `None`: they are not to be asked.
    pub(super) fn of(args: &FixArgs) -> Option<Self> {
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

/// Who changes what, and what is said of it.
pub(super) struct Work {
    pub(super) live: Live,
    pub(super) requests_per_second: Option<f64>,
    pub(super) path: PathBuf,
    pub(super) policy: PolicyFile,
    pub(super) probing: Option<Probing>,
}

impl Work {
    /// Reads the account as it is now.
    pub(super) async fn inventory(&self, scope: Scope) -> Inventory {
        let reading = Reading {
            requests_per_second: self.requests_per_second,
            ..Reading::default()
        };
        self.live.inventory(scope, &reading, now()).await
    }

    /// Takes the steps that are left, reads the account again, and says what it came to.
    pub(super) async fn go_on(
        &self,
        mut journal: Journal,
        mut file: JournalFile,
    ) -> Result<u8, Stop> {
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
pub(super) fn worker<'w>(
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

pub(super) fn went(stopped: Stopped) -> (usize, String) {
    (stopped.step, stopped.why)
}

pub(super) fn say_step(begun: &Begun, told: Told) {
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

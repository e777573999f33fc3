//! A plan that is carried out, and ends anywhere: its journal is enough to go on, and to undo.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::future::pending;
use std::io;
use std::time::Duration;

use gatewatch::audit::fix::{
    Action, Begun, CanaryChoice, CanaryState, Entry, Frozen, Journal, Options, Plan, Selection,
    State, plan,
};
use gatewatch::audit::probe::{Heard, Outcome, Planned, Questions};
use gatewatch::aws::client::Failure;
use gatewatch::inventory::{Inventory, Reason};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::fix_role;
use gatewatch::run::fix::{
    Allowed, Changes, Notes, Patience, Stopped, Worker, answered, foreseen, go, left, renewed,
    selection, to_be_asked, undo, verified,
};
use gatewatch::run::probe::{Asks, Pace};
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::opened::account;
use crate::support::command::Shell;
use crate::support::package;

/// What an operation that the test meddles with does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process ends before the call reaches AWS.
    EndsBefore,
    /// It ends after the call took effect, and before its answer.
    EndsAfter,
    /// AWS refuses.
    Refused(Reason),
    /// The call takes effect, and its answer is lost.
    AnswerLost,
}

/// An account in memory, of one API, and the journal on a disk. Each call and each line is an operation.
#[derive(Default)]
struct World {
    states: RefCell<BTreeMap<String, State>>,
    deployments: RefCell<Vec<(String, String)>>,
    /// The methods that the next deployment freezes.
    draft: RefCell<Vec<Frozen>>,
    operation: Cell<usize>,
    fault: Cell<Option<(usize, Fault)>>,
    changes: RefCell<Vec<String>>,
    /// The account that is read before a grant is taken back. `None`: as it was before the fix.
    seen: RefCell<Option<Inventory>>,
}

fn key(action: &Action) -> String {
    match action {
        Action::PutGroupPolicy { group, policy, .. } => format!("{group} {policy}"),
        Action::AttachGroupPolicy { group, arn } => format!("{group} {arn}"),
        Action::SetAuthorization { path, verb, .. } => format!("{verb} {path}"),
        Action::Deploy { stage, .. } => stage.clone(),
    }
}

impl World {
    fn failure(reason: Reason) -> Failure {
        Failure {
            operation: "test:Call",
            reason,
            message: "a fault of the test".to_owned(),
        }
    }

    /// Makes a call that changes something, or reads where `effect` does nothing.
    async fn call<T>(&self, effect: impl FnOnce() -> T) -> Result<T, Failure> {
        let number = self.operation.get();
        self.operation.set(number + 1);
        match self.fault.get().filter(|(at, _)| *at == number) {
            Some((_, Fault::EndsBefore)) => pending().await,
            Some((_, Fault::Refused(reason))) => Err(World::failure(reason)),
            Some((_, Fault::EndsAfter)) => {
                effect();
                pending().await
            }
            Some((_, Fault::AnswerLost)) => {
                effect();
                Err(World::failure(Reason::Timeout))
            }
            None => Ok(effect()),
        }
    }

    fn set(&self, action: &Action, to: State) {
        self.changes
            .borrow_mut()
            .push(format!("{} {to:?}", key(action)));
        self.states.borrow_mut().insert(key(action), to);
    }
}

/// The deployment that the stage serves before.
const OLD: &str = "dep111";

/// The deployment that its canary serves before, where it has one.
const OLD_CANARY: &str = "dep222";

fn deployment(id: &str) -> State {
    State::Stage {
        deployment: Some(id.to_owned()),
        canary: None,
    }
}

impl Changes for World {
    async fn read(&self, action: &Action) -> Result<State, Failure> {
        let state = || self.states.borrow()[&key(action)].clone();
        self.call(state).await
    }

    async fn change(&self, action: &Action) -> Result<(), Failure> {
        let after = match action {
            Action::PutGroupPolicy { document, .. } => State::Policy {
                document: Some(document.clone()),
            },
            Action::AttachGroupPolicy { .. } => State::Attachment { attached: true },
            Action::SetAuthorization { .. } => State::Method {
                authorization: Some("AWS_IAM".to_owned()),
                authorizer: None,
                scopes: Vec::new(),
            },
            Action::Deploy { .. } => panic!("a deployment is made otherwise"),
        };
        self.call(|| self.set(action, after)).await
    }

    async fn deploy(&self, action: &Action) -> Result<String, Failure> {
        let Action::Deploy { description, .. } = action else {
            panic!("no deployment")
        };
        let make = || {
            let mut made = self.deployments.borrow_mut();
            let id = format!("new{}", made.len());
            made.push((id.clone(), description.clone()));
            id
        };
        self.call(make).await
    }

    async fn made(&self, action: &Action) -> Result<Option<String>, Failure> {
        let Action::Deploy { description, .. } = action else {
            panic!("no deployment")
        };
        let find = || {
            let made = self.deployments.borrow();
            let found = made.iter().find(|(_, of)| of == description);
            found.map(|(id, _)| id.clone())
        };
        self.call(find).await
    }

    async fn frozen(&self, _: &Action, id: &str) -> Result<Vec<Frozen>, Failure> {
        let open = |mut it: Frozen| {
            it.method.authorization = Some("NONE".to_owned().into());
            it
        };
        let draft = || self.draft.borrow().clone().into_iter();
        self.call(|| match id {
            OLD | OLD_CANARY => draft().map(open).collect(),
            _ => draft().collect(),
        })
        .await
    }

    async fn described(&self, _: &Action, id: &str) -> Result<Option<String>, Failure> {
        let find = || {
            let made = self.deployments.borrow();
            let found = made.iter().find(|(made, _)| made == id);
            found.map(|(_, description)| description.clone())
        };
        match self.call(find).await? {
            None if id != OLD && id != OLD_CANARY => Err(World::failure(Reason::NotFound)),
            description => Ok(description),
        }
    }

    async fn point(&self, action: &Action, to: &str) -> Result<(), Failure> {
        let Action::Deploy { canary: choice, .. } = action else {
            panic!("no deployment")
        };
        let State::Stage { canary, .. } = self.states.borrow()[&key(action)].clone() else {
            panic!("no stage")
        };
        let canary = canary.map(|it| CanaryState {
            deployment: choice.map_or(it.deployment, |_| Some(to.to_owned())),
            percent: match choice {
                Some(CanaryChoice::Promote) => "0".to_owned(),
                _ => it.percent,
            },
            ..it
        });
        let stage = State::Stage {
            deployment: Some(to.to_owned()),
            canary,
        };
        self.call(|| self.set(action, stage)).await
    }

    async fn restore(&self, action: &Action, to: &State) -> Result<(), Failure> {
        self.call(|| self.set(action, to.clone())).await
    }
}

/// The journal's lines, as a disk keeps them.
struct Disk<'w> {
    world: &'w World,
    text: String,
    is_broken: bool,
}

impl Notes for Disk<'_> {
    fn note(&mut self, entry: &Entry) -> io::Result<()> {
        let number = self.world.operation.get();
        self.world.operation.set(number + 1);
        let line = serde_json::to_string(entry).unwrap();
        if self.is_broken {
            return Err(io::Error::other("an earlier line could not be written"));
        }
        let fault = self.world.fault.get().filter(|(at, _)| *at == number);
        self.is_broken = fault.is_some();
        match fault {
            // A line that is cut off, or is not written at all: the run stops.
            Some((_, Fault::EndsBefore | Fault::Refused(_))) => Err(io::Error::other("full")),
            Some((_, Fault::EndsAfter | Fault::AnswerLost)) => {
                self.text.push_str(&line[..line.len() / 2]);
                Err(io::Error::other("full"))
            }
            None => {
                self.text.push_str(&line);
                self.text.push('\n');
                Ok(())
            }
        }
    }
}

/// The plan for an open method that a group is to call.
fn planned() -> Plan {
    made(&with_callers())
}

fn inventory(account: &Value) -> Inventory {
    Inventory::from_json(&account.to_string()).unwrap()
}

/// An account with an open method, and a group that is to call it.
fn with_callers() -> Value {
    let mut account = account(&[("GET", "/a", "NONE")], "prod/GET/other");
    account["iam"]["groups"] = json!([{
        "name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "attached": [], "inline": [],
    }]);
    account["iam"]["users"] = json!([{
        "name": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "groups": ["callers"],
        "attached": [], "inline": [],
    }]);
    account
}

fn made(account: &Value) -> Plan {
    plan_for(account, &Selection::default())
}

fn plan_for(account: &Value, selection: &Selection) -> Plan {
    let inventory = inventory(account);
    let options = Options {
        group: Some("callers".to_owned()),
        ..Options::default()
    };
    let today = date(2026, 6, 15);
    let policy = PolicyFile::default();
    plan(&inventory, &policy, today, selection, &options).unwrap()
}

fn now() -> Timestamp {
    "2026-06-15T06:00:00Z".parse().unwrap()
}

/// The account as the plan was made from it, and the journal's first line.
fn begin(plan: &Plan) -> (World, String) {
    let begun = Begun::of(plan, "7", "arn:aws:iam::111122223333:user/ops", now());
    let world = World::default();
    for step in &begun.steps {
        let key = key(&step.action);
        world.states.borrow_mut().insert(key, step.expects.clone());
        world.draft.borrow_mut().extend(step.freezes.clone());
    }
    let line = serde_json::to_string(&Entry::Begun(begun)).unwrap();
    (world, format!("{line}\n"))
}

#[derive(Clone, Copy)]
enum What {
    Go,
    Undo(Allowed),
}

/// Undoes, and allows nothing besides.
const UNDO: What = What::Undo(Allowed {
    opening: false,
    lockout: false,
});

/// Runs on what the disk has. `None`: the process ended. Gives the steps that were not taken or undone.
async fn run(world: &World, disk: &mut String, what: What) -> Option<Vec<Stopped>> {
    // What a crash left of a line is cut off when the journal is opened.
    disk.truncate(disk.rfind('\n').unwrap() + 1);
    let mut journal = Journal::read(disk).unwrap();
    let mut notes = Disk {
        world,
        text: disk.clone(),
        is_broken: false,
    };
    let mut worker = Worker {
        changes: world,
        notes: &mut notes,
        patience: Patience::default(),
        clock: &now,
        tell: &|_| {},
    };
    let ended = async {
        match what {
            What::Go => go(&mut journal, &mut worker)
                .await
                .err()
                .into_iter()
                .collect(),
            What::Undo(allowed) => {
                let look = async || match &*world.seen.borrow() {
                    Some(seen) => seen.clone(),
                    None => inventory(&with_callers()),
                };
                let shown = foreseen(&journal, world, allowed.opening).await;
                let undone = undo(&mut journal, &mut worker, &shown, allowed, look).await;
                undone.unwrap_or_else(|stopped| vec![stopped])
            }
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(3600), ended)
        .await
        .ok();
    *disk = notes.text;
    ended
}

fn faults() -> [Fault; 5] {
    [
        Fault::EndsBefore,
        Fault::EndsAfter,
        Fault::Refused(Reason::Throttled),
        Fault::Refused(Reason::AccessDenied),
        Fault::AnswerLost,
    ]
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_at_any_operation_the_journal_is_enough_to_go_on_and_to_undo() {
    let plan = planned();
    assert_eq!(plan.steps.len(), 3, "{plan:?}");
    let (whole, mut disk) = begin(&plan);
    assert_eq!(run(&whole, &mut disk, What::Go).await, Some(Vec::new()));
    let (operations, wanted) = (whole.operation.get(), whole.states.borrow().clone());
    assert!(operations > 15, "{operations}");
    let mut interrupted = 0;
    for fault in faults() {
        for at in 0..operations {
            for then in [What::Go, UNDO] {
                let (world, mut disk) = begin(&plan);
                let before = world.states.borrow().clone();
                world.fault.set(Some((at, fault)));
                let first = run(&world, &mut disk, What::Go).await;
                interrupted += usize::from(first != Some(Vec::new()));
                world.fault.set(None);
                assert_eq!(
                    run(&world, &mut disk, then).await,
                    Some(Vec::new()),
                    "{fault:?} {at}"
                );
                let after = world.states.borrow().clone();
                match then {
                    What::Go => assert_eq!(
                        is_done(&after),
                        is_done(&wanted),
                        "{fault:?} at {at}: {disk}"
                    ),
                    What::Undo(_) => assert_eq!(after, before, "{fault:?} at {at}: {disk}"),
                }
                // Nothing was done twice that need not be: at most the one call whose answer was lost.
                let changes = world.changes.borrow().len();
                assert!(changes <= 7, "{fault:?} at {at}: {changes}");
            }
        }
    }
    assert!(interrupted > 100, "{interrupted}");
}

/// What the steps came to, whatever the new deployment is called.
fn is_done(states: &BTreeMap<String, State>) -> Vec<String> {
    let words = states.values().map(State::in_words);
    let words = words.map(|it| it.replace("new1", "new0").replace("new2", "new0"));
    words.collect()
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_interrupted_goes_on() {
    let plan = planned();
    let (world, mut done) = begin(&plan);
    let before = world.states.borrow().clone();
    run(&world, &mut done, What::Go).await;
    let wanted = world.states.borrow().clone();
    let begins = world.operation.get();
    let mut whole = done.clone();
    run(&world, &mut whole, UNDO).await;
    let operations = begins..world.operation.get();
    for fault in faults() {
        for at in operations.clone() {
            *world.states.borrow_mut() = wanted.clone();
            world.operation.set(begins);
            world.fault.set(Some((at, fault)));
            let mut disk = done.clone();
            run(&world, &mut disk, UNDO).await;
            world.fault.set(None);
            assert_eq!(
                run(&world, &mut disk, UNDO).await,
                Some(Vec::new()),
                "{fault:?} {at}"
            );
            assert_eq!(*world.states.borrow(), before, "{fault:?} {at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_is_left_as_it_is() {
    let plan = planned();
    let key_of = |at: usize| key(&plan.steps[at].action);
    // Before a step is taken.
    for at in 0..plan.steps.len() {
        let (world, mut disk) = begin(&plan);
        let other = match &plan.steps[at].action {
            Action::Deploy { .. } => deployment("theirs"),
            Action::SetAuthorization { .. } => State::Method {
                authorization: Some("CUSTOM".to_owned()),
                authorizer: Some("auth11".to_owned()),
                scopes: Vec::new(),
            },
            _ => State::Policy {
                document: Some("{}".to_owned()),
            },
        };
        world.states.borrow_mut().insert(key_of(at), other.clone());
        let stopped = run(&world, &mut disk, What::Go).await.unwrap();
        assert_eq!(stopped[0].step, at);
        assert!(stopped[0].why.contains("it changed since"), "{stopped:?}");
        assert_eq!(world.states.borrow()[&key_of(at)], other);
        assert!(disk.contains("not-done"), "{disk}");
    }
    // Before a step is undone: whatever it rests on stays, so that nobody is locked out.
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    world
        .states
        .borrow_mut()
        .insert(key_of(2), deployment("theirs"));
    let after = world.states.borrow().clone();
    let left = run(&world, &mut disk, UNDO).await.unwrap();
    let steps: Vec<usize> = left.iter().map(|it| it.step).collect();
    assert_eq!(steps, [2, 1, 0]);
    assert!(left[0].why.contains("neither what was there"), "{left:?}");
    assert!(left[2].why.contains("locked out"), "{left:?}");
    assert_eq!(*world.states.borrow(), after);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_froze_something_else_is_never_served() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    let planned = world.draft.borrow().clone();
    let mut other = planned[0].clone();
    other.method.path = "/new".into();
    other.method.authorization = Some("NONE".to_owned().into());
    world.draft.borrow_mut().push(other);
    let stopped = run(&world, &mut disk, What::Go).await.unwrap();
    assert_eq!(stopped[0].step, 2);
    assert!(stopped[0].why.contains("GET /new is new"), "{stopped:?}");
    let stage = key(&plan.steps[2].action);
    assert_eq!(world.states.borrow()[&stage], deployment("dep111"));
    // Nor is one of which nothing is told.
    world.draft.borrow_mut().clear();
    let stopped = run(&world, &mut disk, What::Go).await.unwrap();
    assert!(stopped[0].why.contains("was not told"), "{stopped:?}");
    // Once the draft is as planned again, another deployment is made.
    *world.draft.borrow_mut() = planned;
    assert_eq!(run(&world, &mut disk, What::Go).await, Some(Vec::new()));
}

#[test]
fn a_journal_that_was_tampered_with_is_refused() {
    let (_, text) = begin(&planned());
    let step = r#"{"event":"undone","step":9,"at":"2026-06-15T06:00:00Z"}"#;
    for (text, says) in [
        (String::new(), "no journal"),
        ("{}\n".to_owned(), "no journal"),
        (
            text.replace("\"journal_version\":1", "\"journal_version\":2"),
            "version 2",
        ),
        (format!("{text}nonsense\n"), "line 2"),
        (format!("{text}{step}\n"), "there is no step 9"),
        (format!("{text}{text}"), "a second time"),
    ] {
        let error = Journal::read(&text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    // The begin of a line that a crash cut off is nothing.
    assert!(Journal::read(&format!("{text}{{\"event\":\"st")).is_ok());
}

/// The first line of a journal, changed, with these lines behind it.
fn edited(change: &dyn Fn(&mut Value), behind: &str) -> Journal {
    let (_, text) = begin(&planned());
    let mut first: Value = serde_json::from_str(&text).unwrap();
    change(&mut first);
    Journal::read(&format!("{first}\n{behind}")).unwrap()
}

/// Somebody may have written the file: nothing of it reaches AWS, or whoever is asked, in its own words.
#[test]
fn a_journal_that_gatewatch_would_not_write_is_refused() {
    assert_eq!(edited(&|_| {}, "").check(), Ok(()));
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 20] = [
        (|it| it["account"] = json!("1"), "no account"),
        (|it| it["run"] = json!("7) other words"), "no run"),
        (
            |it| it["steps"][1]["region"] = json!("evil.example/x"),
            "no Region",
        ),
        (
            |it| it["steps"][1]["region"] = json!("cn-north-1"),
            "no Region of the partition",
        ),
        (
            |it| it["steps"][1]["api"] = json!("../x"),
            "no id of an API",
        ),
        (
            |it| it["steps"][1]["resource"] = json!("a b"),
            "no id of a resource",
        ),
        (
            |it| it["steps"][1]["kind"] = json!("WEBSOCKET"),
            "WebSocket",
        ),
        (
            |it| it["steps"][1]["verb"] = json!("GET\nall is well"),
            "no method",
        ),
        (
            |it| it["steps"][1]["expects"]["authorization"] = json!("AWS_IAM"),
            "nothing that a fix changes",
        ),
        (
            |it| it["steps"][2]["stage"] = json!("prod/../x"),
            "no name of a stage",
        ),
        (
            |it| it["steps"][2]["description"] = json!("all is well"),
            "deployments are called",
        ),
        (
            |it| it["steps"][2]["freezes"] = json!([]),
            "deployments are called",
        ),
        (
            |it| it["steps"][0]["group"] = json!("a group"),
            "no name of a group",
        ),
        (
            |it| it["steps"][0]["policy"] = json!("theirs"),
            "none that a fix puts",
        ),
        (
            |it| {
                let document = it["steps"][0]["document"].as_str().unwrap().to_owned();
                it["steps"][0]["document"] = json!(document.replace("execute-api:Invoke", "*"));
            },
            "none that a fix puts",
        ),
        (
            |it| {
                let document = it["steps"][0]["document"].as_str().unwrap().to_owned();
                it["steps"][0]["document"] = json!(document.replace("a1b2c3d4e5", "other"));
            },
            "none that a fix puts",
        ),
        (
            |it| {
                it["steps"][0] = json!({"action": "attach-group-policy", "group": "callers",
                    "arn": "arn:aws:iam::aws:policy/AdministratorAccess", "findings": ["f"],
                    "expects": {"of": "attachment", "attached": false}});
            },
            "no fix attaches",
        ),
        (
            |it| it["methods"][0]["verb"] = json!("POST"),
            "the id of no finding",
        ),
        (
            |it| it["steps"].as_array_mut().unwrap().reverse(),
            "order that no plan has",
        ),
        (
            |it| {
                let again = it["steps"][1].clone();
                it["steps"].as_array_mut().unwrap().insert(2, again);
            },
            "there twice",
        ),
    ];
    for (change, says) in changes {
        let refused = edited(&change, "").check().unwrap_err().to_string();
        assert!(refused.contains(says), "{says}: {refused}");
    }
    let at = "\"at\":\"2026-06-15T06:00:00Z\"";
    for (line, says) in [
        (
            format!(
                r#"{{"event":"starts","step":1,{at},"found":{{"of":"method","authorization":"CUSTOM","authorizer":"u"}}}}"#
            ),
            "not what it expected",
        ),
        (
            format!(
                r#"{{"event":"done","step":1,{at},"left":{{"of":"method","authorization":"NONE","authorizer":null}}}}"#
            ),
            "not what it does",
        ),
        (
            format!(r#"{{"event":"made","step":2,{at},"deployment":"a/b"}}"#),
            "names is none",
        ),
    ] {
        let refused = edited(&|_| {}, &format!("{line}\n")).check().unwrap_err();
        assert!(refused.to_string().contains(says), "{says}: {refused}");
    }
}

/// The command reads the file before it looks for credentials.
#[test]
fn the_command_uses_no_journal_that_was_edited_and_goes_on_with_none_that_is_old() {
    let shell = Shell::bare();
    let path = shell.folder().join("journal.jsonl");
    let (_, text) = begin(&planned());
    fs::write(&path, &text).unwrap();
    let old = shell.run(&["fix", "--resume", "journal.jsonl", "--yes"]);
    assert_eq!(old.status, 3, "{}", old.stderr);
    assert!(old.stderr.contains("older than a day"), "{}", old.stderr);
    let allowed = [
        "fix",
        "--resume",
        "journal.jsonl",
        "--yes",
        "--allow-old-journal",
    ];
    let credentials = shell.run(&allowed);
    assert!(
        credentials.stderr.contains("no credentials"),
        "{}",
        credentials.stderr
    );
    fs::write(&path, text.replace("\"callers\"", "\"others\"")).unwrap();
    for what in ["--resume", "--undo"] {
        let edited = shell.run(&["fix", what, "journal.jsonl", "--yes"]);
        assert_eq!(edited.status, 2, "{}", edited.stderr);
        assert!(edited.stderr.contains("is not used"), "{}", edited.stderr);
    }
}

/// The journal of a fix that never took place, but for what an account shows anyway.
fn forged(plan: &Plan, world: &World) -> String {
    let (_, mut disk) = begin(plan);
    for (number, step) in plan.steps.iter().enumerate() {
        let found = serde_json::to_value(&step.expects).unwrap();
        let now = world.states.borrow()[&key(&step.action)].clone();
        let at = "2026-06-15T06:00:00Z";
        let mut lines = vec![json!({"event": "starts", "step": number, "at": at, "found": found})];
        if let State::Stage { deployment, .. } = &now {
            lines
                .push(json!({"event": "made", "step": number, "at": at, "deployment": deployment}));
        }
        lines.push(json!({"event": "done", "step": number, "at": at, "left": now}));
        disk.extend(lines.iter().map(|it| format!("{it}\n")));
    }
    disk
}

#[tokio::test(start_paused = true)]
async fn a_method_that_this_fix_did_not_close_is_not_opened() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    // Somebody else closed the method as well, by a deployment of their own.
    let theirs = ("new0".to_owned(), "release 12".to_owned());
    *world.deployments.borrow_mut() = vec![theirs];
    let before = world.states.borrow().clone();
    let mut forged = forged(&plan, &world);
    assert_eq!(Journal::read(&forged).unwrap().check(), Ok(()));
    let left = run(&world, &mut forged, UNDO).await.unwrap();
    let steps: Vec<usize> = left.iter().map(|it| it.step).collect();
    assert_eq!(steps, [2, 1, 0]);
    assert!(left[0].why.contains("does not say"), "{left:?}");
    assert_eq!(*world.states.borrow(), before);
    let journal = Journal::read(&forged).unwrap();
    let foreseen = foreseen(&journal, &world, true).await;
    assert!(
        foreseen.iter().all(|it| it.opens.is_empty()),
        "{foreseen:?}"
    );
    // A deployment that the API does not have is not served.
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    let gone = disk.replace("dep111", "dep999");
    assert!(Journal::read(&gone).unwrap().check().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_method_that_somebody_closed_during_an_undo_is_not_opened() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    let wanted = world.states.borrow().clone();
    let mut whole = disk.clone();
    assert_eq!(run(&world, &mut whole, UNDO).await, Some(Vec::new()));
    // It ended once the stage was restored; since then, somebody else set AWS_IAM and deployed.
    let at = whole.find("\"undone\"").unwrap();
    let end = at + whole[at..].find('\n').unwrap() + 1;
    whole.truncate(end);
    *world.states.borrow_mut() = wanted;
    let deploys = plan.steps.last().unwrap();
    assert_eq!(deploys.action.as_str(), "deploy");
    world.set(&deploys.action, deployment("their1"));
    let before = world.states.borrow().clone();
    let left = run(&world, &mut whole, UNDO).await.unwrap();
    assert!(
        left.iter().any(|it| it.why.contains("--allow-opening")),
        "{left:?}"
    );
    assert_eq!(*world.states.borrow(), before);
}

/// The plan for an HTTP API that deploys by itself: nothing that AWS keeps says who closed a route.
fn by_itself() -> Value {
    let mut account = with_callers();
    let api = &mut account["apis"][0];
    api["kind"] = json!("HTTP");
    api["stages"][0]["auto_deploy"] = json!(true);
    api["deployments"][0]["source"] = json!("routes");
    for at in ["/deployments/0/methods/0", "/draft/0"] {
        api.pointer_mut(at).unwrap()["route_key"] = json!("GET /a");
    }
    account
}

#[tokio::test(start_paused = true)]
async fn where_the_account_shows_nothing_a_method_is_opened_only_if_that_is_allowed() {
    let plan = made(&by_itself());
    assert_eq!(plan.steps.len(), 2, "{plan:?}");
    let (world, mut disk) = begin(&plan);
    let before = world.states.borrow().clone();
    assert_eq!(run(&world, &mut disk, What::Go).await, Some(Vec::new()));
    let mut refused = disk.clone();
    let left = run(&world, &mut refused, UNDO).await.unwrap();
    assert!(left[0].why.contains("--allow-opening"), "{left:?}");
    let journal = Journal::read(&disk).unwrap();
    assert_eq!(journal.check(), Ok(()));
    let named = foreseen(&journal, &world, true).await;
    assert_eq!(
        named[0].opens,
        ["GET /a in the draft of API a1b2c3d4e5, eu-west-1: NONE"]
    );
    let allowed = What::Undo(Allowed {
        opening: true,
        lockout: false,
    });
    assert_eq!(run(&world, &mut disk, allowed).await, Some(Vec::new()));
    assert_eq!(*world.states.borrow(), before);
}

#[tokio::test(start_paused = true)]
async fn every_method_that_an_undo_opens_is_named_before() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    let journal = Journal::read(&disk).unwrap();
    let foreseen = foreseen(&journal, &world, false).await;
    let opens: Vec<String> = foreseen.into_iter().flat_map(|it| it.opens).collect();
    assert_eq!(
        opens,
        [
            "GET /a at stage prod of API a1b2c3d4e5, eu-west-1: NONE",
            "GET /a in the draft of API a1b2c3d4e5, eu-west-1: NONE",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_somebody_needs_by_now_is_not_taken_back() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    // Somebody else deployed AWS_IAM to another stage meanwhile, or to this one: the method asks for it still.
    let mut account = with_callers();
    let Action::PutGroupPolicy {
        policy, document, ..
    } = &plan.steps[0].action
    else {
        panic!("no grant")
    };
    let document: Value = serde_json::from_str(document).unwrap();
    account["iam"]["groups"][0]["inline"] =
        json!([{"name": policy, "document": {"json": document}}]);
    account["apis"][0]["deployments"][0]["methods"][0]["authorization"] = json!("AWS_IAM");
    *world.seen.borrow_mut() = Some(inventory(&account));
    let mut undone = disk.clone();
    let left = run(&world, &mut undone, UNDO).await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].step, 0);
    for says in ["GET /a at stage prod", "--allow-lockout"] {
        assert!(left[0].why.contains(says), "{left:?}");
    }
    // What could not be read may be such a method.
    account["apis"][0]["deployments"][0]["methods"][0]["authorization"] = json!("NONE");
    account["gaps"] = json!([{"kind": "region", "region": "eu-west-1", "reason": "access-denied",
                              "operation": "apigateway:GetApis", "message": "no"}]);
    *world.seen.borrow_mut() = Some(inventory(&account));
    let left = run(&world, &mut undone, UNDO).await.unwrap();
    assert!(left[0].why.contains("cannot be told"), "{left:?}");
    let allowed = What::Undo(Allowed {
        opening: false,
        lockout: true,
    });
    assert_eq!(run(&world, &mut undone, allowed).await, Some(Vec::new()));
    // A group without members locks nobody out.
    account["gaps"] = json!([]);
    account["iam"]["users"] = json!([]);
    account["apis"][0]["deployments"][0]["methods"][0]["authorization"] = json!("AWS_IAM");
    assert_eq!(
        gatewatch::audit::fix::needed(&inventory(&account), &plan.steps[0].action),
        Ok(())
    );
}

/// The account after these steps of the plan.
fn after(steps: usize) -> Value {
    let mut account = with_callers();
    let plan = planned();
    if let (
        1..,
        Action::PutGroupPolicy {
            policy, document, ..
        },
    ) = (steps, &plan.steps[0].action)
    {
        let document: Value = serde_json::from_str(document).unwrap();
        account["iam"]["groups"][0]["inline"] =
            json!([{"name": policy, "document": {"json": document}}]);
    }
    if steps > 1 {
        account["apis"][0]["draft"][0]["authorization"] = json!("AWS_IAM");
    }
    account
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_on_with_is_what_a_plan_that_is_made_now_has() {
    let plan = planned();
    for taken in 0..3 {
        let (world, mut disk) = begin(&plan);
        // The next step is somebody else's by now, so that the run stops there.
        let key = key(&plan.steps[taken].action);
        let mine = world
            .states
            .borrow_mut()
            .insert(key.clone(), deployment("theirs"));
        run(&world, &mut disk, What::Go).await;
        world.states.borrow_mut().insert(key, mine.unwrap());
        let mut journal = Journal::read(&disk).unwrap();
        let waiting = left(&journal, &world).await.unwrap();
        assert_eq!(waiting, (taken..3).collect::<Vec<usize>>());
        let methods = selection(&journal.begun);
        let fresh = plan_for(&after(taken), &methods);
        assert_eq!(renewed(&mut journal, &waiting, &fresh), Ok(()), "{taken}");
        // Somebody edits the draft meanwhile: its deployment would release that as well.
        let mut other = after(taken);
        let mut method = other["apis"][0]["draft"][0].clone();
        method["path"] = json!("/b");
        method["authorization"] = json!("AWS_IAM");
        other["apis"][0]["draft"]
            .as_array_mut()
            .unwrap()
            .push(method);
        let refused = renewed(&mut journal, &waiting, &plan_for(&other, &methods));
        assert!(refused.unwrap_err().contains("is refused now"), "{taken}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fix_is_not_gone_on_with_where_a_step_does_not_hold_any_more() {
    let plan = planned();
    let (world, mut disk) = begin(&plan);
    run(&world, &mut disk, What::Go).await;
    let journal = Journal::read(&disk).unwrap();
    assert_eq!(left(&journal, &world).await, Ok(Vec::new()));
    let gone = State::Policy { document: None };
    let key = key(&plan.steps[0].action);
    world.states.borrow_mut().insert(key, gone);
    let stopped = left(&journal, &world).await.unwrap_err();
    assert_eq!(stopped.len(), 1);
    assert_eq!(stopped[0].step, 0);
    assert!(
        stopped[0].why.contains("does not hold any more"),
        "{stopped:?}"
    );
}

/// The routes of an HTTP API, which are all that tells what its deployment freezes.
#[tokio::test(start_paused = true)]
async fn routes_are_looked_at_before_they_are_deployed() {
    let mut account = with_callers();
    let api = &mut account["apis"][0];
    api["kind"] = json!("HTTP");
    api["deployments"][0]["source"] = json!("export");
    for at in ["/deployments/0/methods/0", "/draft/0"] {
        api.pointer_mut(at).unwrap()["route_key"] = json!("GET /a");
    }
    let plan = made(&account);
    assert_eq!(plan.steps.len(), 3, "{plan:?}");
    type Change = fn(&mut Frozen);
    let changes: [(Change, &str); 3] = [
        (|it| it.method.api_key_required = true, "with an API key"),
        (
            |it| it.authorizer = Some("auth11".into()),
            "another authorizer",
        ),
        (
            |it| it.integration = Some("integrations/x".into()),
            "another integration",
        ),
    ];
    for (change, says) in changes {
        let (world, mut disk) = begin(&plan);
        change(&mut world.draft.borrow_mut()[0]);
        let stopped = run(&world, &mut disk, What::Go).await.unwrap();
        assert!(stopped[0].why.contains(says), "{stopped:?}");
        assert!(
            stopped[0].why.contains("nothing was deployed"),
            "{stopped:?}"
        );
        assert!(world.deployments.borrow().is_empty());
    }
    let (world, mut disk) = begin(&plan);
    assert_eq!(run(&world, &mut disk, What::Go).await, Some(Vec::new()));
}

/// The plan for a stage with a canary that leaves the method open as well.
fn with_canary(choice: Option<CanaryChoice>) -> Plan {
    let mut account = with_callers();
    let api = &mut account["apis"][0];
    api["stages"][0]["canary"] = json!({"deployment_id": "dep222", "percent_traffic": 12.5});
    let mut second = api["deployments"][0].clone();
    second["id"] = json!("dep222");
    api["deployments"].as_array_mut().unwrap().push(second);
    let options = Options {
        group: Some("callers".to_owned()),
        canary: choice,
        ..Options::default()
    };
    let (policy, all) = (PolicyFile::default(), Selection::default());
    let today = date(2026, 6, 15);
    plan(&inventory(&account), &policy, today, &all, &options).unwrap()
}

/// A canary that went on serving the old deployment would leave the method open to its share of the callers.
#[tokio::test(start_paused = true)]
async fn a_canary_is_kept_or_promoted_as_asked_and_is_as_before_once_that_is_undone() {
    let refused = with_canary(None);
    assert!(refused.steps.is_empty(), "{refused:?}");
    assert!(
        refused.refused[0]
            .lifted_by
            .unwrap()
            .contains("--canary keep")
    );
    for (choice, percent) in [(CanaryChoice::Keep, "12.5"), (CanaryChoice::Promote, "0")] {
        let plan = with_canary(Some(choice));
        assert_eq!(plan.steps.len(), 3, "{plan:?}");
        assert_eq!(plan.brings, [], "{choice:?}");
        let notes = plan.notes.join("\n");
        assert!(
            notes.contains("a canary for 12.5% of the traffic"),
            "{notes}"
        );
        let command = &plan.steps[2].command;
        let both = "op=replace,path=/canarySettings/deploymentId,value=DEPLOYMENT_ID";
        assert!(command.contains(both), "{command}");
        let (world, mut disk) = begin(&plan);
        let before = world.states.borrow().clone();
        assert_eq!(run(&world, &mut disk, What::Go).await, Some(Vec::new()));
        let served = State::Stage {
            deployment: Some("new0".to_owned()),
            canary: Some(CanaryState {
                deployment: Some("new0".to_owned()),
                percent: percent.to_owned(),
                has_variables: false,
            }),
        };
        let stage = key(&plan.steps[2].action);
        assert_eq!(world.states.borrow()[&stage], served, "{choice:?}");
        assert_eq!(Journal::read(&disk).unwrap().check(), Ok(()));
        assert_eq!(run(&world, &mut disk, UNDO).await, Some(Vec::new()));
        assert_eq!(*world.states.borrow(), before, "{choice:?}");
    }
    // Variables of its own would have to go with it.
    let plan = with_canary(Some(CanaryChoice::Promote));
    let (world, mut disk) = begin(&plan);
    let stage = key(&plan.steps[2].action);
    let mut own = world.states.borrow()[&stage].clone();
    if let State::Stage {
        canary: Some(canary),
        ..
    } = &mut own
    {
        canary.has_variables = true;
    }
    world.states.borrow_mut().insert(stage, own);
    let stopped = run(&world, &mut disk, What::Go).await.unwrap();
    assert!(
        stopped[0].why.contains("stage variables of its own"),
        "{stopped:?}"
    );
    assert!(world.deployments.borrow().is_empty());
    // A canary whose share somebody changed meanwhile is another one.
    let (world, mut disk) = begin(&with_canary(Some(CanaryChoice::Keep)));
    let stage = key(&plan.steps[2].action);
    if let Some(State::Stage {
        canary: Some(canary),
        ..
    }) = world.states.borrow_mut().get_mut(&stage)
    {
        canary.percent = "50".to_owned();
    }
    let stopped = run(&world, &mut disk, What::Go).await.unwrap();
    assert!(stopped[0].why.contains("it changed since"), "{stopped:?}");
}

/// Lets everybody in at first, and demands a signature after some rounds.
struct Late {
    open_for: usize,
    asked: Cell<usize>,
}

impl Asks for Late {
    async fn ask(&self, _: &Planned) -> Outcome {
        self.asked.set(self.asked.get() + 1);
        let (status, error_type) = match self.asked.get() <= self.open_for {
            true => (200, None),
            false => (403, Some("MissingAuthenticationTokenException".to_owned())),
        };
        let heard = Heard {
            status,
            error_type,
            has_request_id: true,
            ..Heard::default()
        };
        Outcome::Answered(heard.into())
    }

    fn is_given_up(&self, _: &Planned) -> bool {
        false
    }
}

/// A deployment is served some seconds after the stage names it.
#[tokio::test(start_paused = true)]
async fn a_url_that_disagrees_is_asked_again_for_some_time() {
    let begun = Journal::read(&begin(&planned()).1).unwrap().begun;
    let mut account = after(2);
    let closed = |path: &str| json!({"verb": "GET", "path": path, "authorization": "AWS_IAM", "api_key_required": false});
    account["apis"][0]["deployments"][0]["methods"] = json!([closed("/a"), closed("/other")]);
    let pace = Pace {
        per_second: 20,
        at_once: 8,
    };
    for (open_for, asked, disagrees) in [(0, 1, 0), (2, 3, 0), (99, 4, 1)] {
        let plan = to_be_asked(&inventory(&account), &begun, Questions::default()).unwrap();
        // Only what was mended is asked.
        assert_eq!(plan.requests.len(), 1, "{plan:?}");
        let late = Late {
            open_for,
            asked: Cell::new(0),
        };
        let probed = answered(plan, &late, pace).await;
        assert_eq!(late.asked.get(), asked, "{open_for}");
        assert_eq!(probed.count("disagrees"), disagrees, "{open_for}");
    }
}

/// The rights that change an API or let somebody in are for people who run `fix`, and never for what runs by itself.
#[test]
fn what_runs_by_itself_has_no_rights_to_change_anything() {
    for template in ["template.yaml", "member-role.yaml"] {
        let text = fs::read_to_string(package(template)).unwrap();
        for right in [
            "apigateway:P",
            "apigateway:D",
            " apigateway:*",
            "iam:Put",
            "iam:Attach",
            "iam:Delete",
            "iam:Detach",
            " iam:*",
        ] {
            assert!(!text.contains(right), "{template}: {right}");
        }
    }
    let role = fix_role(false);
    let policy: Value = serde_json::from_str(&role).unwrap();
    // Signed requests need one right more, and nothing else.
    let signed: Value = serde_json::from_str(&fix_role(true)).unwrap();
    let more = signed["Statement"].as_array().unwrap();
    let (last, rest) = more.split_last().unwrap();
    assert_eq!(rest, policy["Statement"].as_array().unwrap());
    assert_eq!(last["Action"], "execute-api:Invoke");
    let allowed = policy["Statement"].as_array().unwrap().iter();
    assert!(allowed.clone().all(|it| it["Effect"] == "Allow"), "{role}");
    let attaches = allowed
        .filter(|it| it["Action"].to_string().contains("AttachGroupPolicy"))
        .collect::<Vec<_>>();
    assert!(
        attaches[0]["Condition"]
            .to_string()
            .contains("AmazonAPIGatewayInvokeFullAccess")
    );
}

/// The type is set, and the stage serves what it served before: another rule says so, of the same method.
#[test]
fn a_finding_that_another_one_took_the_place_of_is_not_mended() {
    let read = |account: &Value| Inventory::from_json(&account.to_string()).unwrap();
    let mut account = account(&[("GET", "/a", "NONE")], "prod/GET/a");
    let (policy, today) = (PolicyFile::default(), date(2026, 6, 15));
    let (all, none) = (Selection::default(), Options::default());
    let planned = plan(&read(&account), &policy, today, &all, &none).unwrap();
    let begun = Begun::of(
        &planned,
        "r1",
        "arn:aws:iam::111122223333:root",
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(begun.methods.len(), 1);
    account["apis"][0]["draft"][0]["authorization"] = json!("AWS_IAM");
    let after = verified(&read(&account), &policy, today, &begun);
    assert!(!after.is_mended());
    let still: Vec<&str> = after.still.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!(still, ["undeployed-fix"]);
    account["apis"][0]["deployments"][0]["methods"][0]["authorization"] = json!("AWS_IAM");
    assert!(verified(&read(&account), &policy, today, &begun).is_mended());
}

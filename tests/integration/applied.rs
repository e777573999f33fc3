//! A plan that is carried out, and ends anywhere: its journal is enough to go on, and to undo.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::future::pending;
use std::io;
use std::time::Duration;

use gatewatch::audit::fix::{Action, Begun, Entry, Journal, Options, Plan, Selection, State, plan};
use gatewatch::aws::client::Failure;
use gatewatch::inventory::{DeployedMethod, Inventory, Reason};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::fix_role;
use gatewatch::run::fix::{Changes, Notes, Patience, Stopped, Worker, go, undo, verified};
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::opened::account;
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
    draft: RefCell<Vec<DeployedMethod>>,
    operation: Cell<usize>,
    fault: Cell<Option<(usize, Fault)>>,
    changes: RefCell<Vec<String>>,
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

fn deployment(id: &str) -> State {
    State::Stage {
        deployment: Some(id.to_owned()),
        canary: false,
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

    async fn frozen(&self, _: &Action, _: &str) -> Result<Vec<DeployedMethod>, Failure> {
        self.call(|| self.draft.borrow().clone()).await
    }

    async fn point(&self, action: &Action, to: &str) -> Result<(), Failure> {
        self.call(|| self.set(action, deployment(to))).await
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
    let mut account = account(&[("GET", "/a", "NONE")], "prod/GET/other");
    account["iam"]["groups"] = json!([{
        "name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "attached": [], "inline": [],
    }]);
    account["iam"]["users"] = json!([{
        "name": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "groups": ["callers"],
        "attached": [], "inline": [],
    }]);
    made(&account)
}

fn made(account: &Value) -> Plan {
    let inventory = Inventory::from_json(&account.to_string()).unwrap();
    let options = Options {
        group: Some("callers".to_owned()),
        ..Options::default()
    };
    let today = date(2026, 6, 15);
    let policy = PolicyFile::default();
    plan(&inventory, &policy, today, &Selection::default(), &options).unwrap()
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
    Undo,
}

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
            What::Undo => {
                let undone = undo(&mut journal, &mut worker).await;
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
            for then in [What::Go, What::Undo] {
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
                    What::Undo => assert_eq!(after, before, "{fault:?} at {at}: {disk}"),
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
    run(&world, &mut whole, What::Undo).await;
    let operations = begins..world.operation.get();
    for fault in faults() {
        for at in operations.clone() {
            *world.states.borrow_mut() = wanted.clone();
            world.operation.set(begins);
            world.fault.set(Some((at, fault)));
            let mut disk = done.clone();
            run(&world, &mut disk, What::Undo).await;
            world.fault.set(None);
            assert_eq!(
                run(&world, &mut disk, What::Undo).await,
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
    let left = run(&world, &mut disk, What::Undo).await.unwrap();
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
    other.path = "/new".into();
    other.authorization = Some("NONE".to_owned().into());
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
    let role = fix_role();
    let policy: Value = serde_json::from_str(&role).unwrap();
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

//! Signals while an account is read: what was read is kept, and `--resume` goes on with it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gatewatch::inventory::{Inventory, Reason};
use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::testbed::{ACCOUNT, REGION, Recorder, Testbed};

/// So many APIs take some seconds at this pace.
const APIS: usize = 8;
const SLOWLY: [&str; 2] = ["--requests-per-second", "4"];

fn account() -> Testbed {
    let mut aws = Testbed::start();
    for at in 0..APIS {
        aws.petstore_named(&format!("pets-{at}"));
    }
    aws
}

fn slowly<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, SLOWLY.as_slice()].concat()
}

/// Waits until so many requests of an operation were sent.
fn once_asked(aws: &Recorder, operation: &str, count: usize) {
    let since = Instant::now();
    while asked(aws, operation) < count {
        assert!(since.elapsed() < Duration::from_secs(60), "{operation}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until all was asked, which are so many requests, and nothing more for some seconds.
fn once_nothing_is_asked(aws: &Recorder, all: usize) {
    const QUIET: Duration = Duration::from_secs(5);
    let (mut count, mut since) = (0, Instant::now());
    while count < all || since.elapsed() < QUIET {
        let now = aws.requests().len();
        if now != count {
            (count, since) = (now, Instant::now());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn asked(aws: &Recorder, operation: &str) -> usize {
    let requests = aws.requests();
    requests
        .iter()
        .filter(|it| it["operation"] == operation)
        .count()
}

/// The files that interrupted commands wrote into a folder.
fn kept(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let is_kept = |it: &PathBuf| it.to_string_lossy().ends_with(".unfinished.json");
    let mut files: Vec<PathBuf> = files.filter(is_kept).collect();
    files.sort();
    files
}

fn inventory(file: &Path) -> Inventory {
    Inventory::from_json(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The only file that an interrupted command wrote, and what is in it.
fn only(shell: &Shell) -> (String, Inventory) {
    let files = kept(shell.folder());
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    assert_eq!(
        fs::metadata(file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    (name, inventory(file))
}

/// A command that a signal ends once some requests of an operation were sent.
fn interrupted_at(
    (aws, operation): (&Recorder, &str),
    shell: &Shell,
    arguments: &[&str],
    signal: &str,
) -> Run {
    aws.reset();
    let command = shell.start(&slowly(arguments));
    once_asked(aws, operation, 3);
    command.signal(signal);
    command.ended()
}

fn interrupted(aws: &Recorder, shell: &Shell, arguments: &[&str], signal: &str) -> Run {
    interrupted_at((aws, "GetDeployment"), shell, arguments, signal)
}

#[test]
fn what_was_read_is_kept_and_gone_on_with() {
    let aws = account();
    let aws = aws.recorded();
    let shell = aws.shell();
    let run = interrupted(&aws, &shell, &["scan", "--format", "json"], "INT");
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("gatewatch: interrupted: "),
        "{}",
        run.stderr
    );
    let (file, part) = only(&shell);
    assert!(
        run.stderr.contains(&format!("--resume {file}")),
        "{}",
        run.stderr
    );
    assert!(part.is_unfinished());
    let read: BTreeSet<&str> = (part.apis.iter())
        .filter(|it| it.stages.is_some())
        .map(|it| it.id.as_str())
        .collect();
    assert!(!read.is_empty() && read.len() < APIS, "{read:?}");

    // What is in it is judged, and is incomplete.
    let run = shell.run(&["check", &file, "--format", "json"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(run.report()["status"], "incomplete");

    aws.reset();
    let run = shell.run(&["scan", "--format", "json", "--resume", &file]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("what is in it was read from"),
        "{}",
        run.stderr
    );
    let report = run.report();
    assert_eq!(report["taken_at"], part.taken_at.to_string());
    assert!(report["read_until"].as_str() > report["taken_at"].as_str());
    // Nothing that was read is read again.
    let again = aws.requests();
    let again = again.iter().filter(|it| it["operation"] == "GetDeployment");
    let again: Vec<String> = again.map(|it| it["target"].to_string()).collect();
    assert!(!again.is_empty());
    assert!(
        !again.iter().any(|it| read.iter().any(|id| it.contains(id))),
        "{again:?} {read:?}"
    );

    let fresh = shell.run(&["scan", "--format", "json"]);
    assert_eq!(run.findings(), fresh.findings());
    assert_eq!(report["coverage"], fresh.report()["coverage"]);
}

/// Numbers that look like chance (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[test]
fn a_collection_that_is_interrupted_at_random_moments_comes_to_the_same() {
    let aws = account();
    let shell = aws.shell();
    let run = shell.run(&["collect", "-o", "whole.json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let whole = inventory(&shell.folder().join("whole.json"));
    let mut dice = Dice(0x5eed);
    let mut interruptions = 0;
    for round in 0..3 {
        let folder = format!("round-{round}.json");
        let mut resume: Option<String> = None;
        let mut read = 0;
        let run = loop {
            let mut arguments = vec!["collect", "-o", &folder];
            if let Some(file) = &resume {
                arguments.extend(["--resume", file]);
            }
            let command = shell.start(&slowly(&arguments));
            std::thread::sleep(Duration::from_millis(500 + dice.below(4000)));
            command.signal(if dice.below(2) == 0 { "INT" } else { "TERM" });
            let run = command.ended();
            // A whole inventory is never replaced by a part of one.
            let is_whole = run.status == 0;
            assert_eq!(
                shell.folder().join(&folder).exists(),
                is_whole,
                "{}",
                run.stderr
            );
            if is_whole {
                break run;
            }
            if run.stderr.contains("interrupted: ") {
                assert_eq!(run.status, 3, "{}", run.stderr);
                interruptions += 1;
                let file = resume.take().unwrap_or_else(|| only(&shell).0);
                let part = inventory(&shell.folder().join(&file));
                // What was read once stays.
                let is_read = |it: &&gatewatch::inventory::Api| it.stages.is_some();
                let now = part.apis.iter().filter(is_read).count();
                assert!(now >= read, "{now} {read}");
                read = now;
                assert!(part.gaps.iter().all(|it| it.reason == Reason::NotReadYet));
                resume = Some(file);
            } else {
                // The signal came before anything was read.
                assert!(
                    [130, 143].contains(&run.status),
                    "{} {}",
                    run.status,
                    run.stderr
                );
            }
        };
        let came_to = inventory(&shell.folder().join(&folder));
        if let Some(file) = &resume {
            assert!(
                run.stderr.contains("is not needed any more"),
                "{}",
                run.stderr
            );
            fs::remove_file(shell.folder().join(file)).unwrap();
        }
        let undated = Inventory {
            taken_at: whole.taken_at,
            ..came_to
        };
        assert_eq!(undated, whole);
    }
    assert!(interruptions > 1, "{interruptions}");
}

/// All files of a folder, with what is in them.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            all.push((path, text));
        }
    }
    all.sort();
    all
}

#[test]
fn an_interrupted_scan_changes_no_ledger_and_sends_nothing() {
    let mut aws = account();
    let (topic, queue) = aws.topic("findings");
    let recorder = aws.recorded();
    let shell = recorder.shell();
    let scan = [
        "scan",
        "--state",
        "state",
        "--publish",
        &topic,
        "--format",
        "json",
    ];
    let first = shell.run(&scan);
    assert_eq!(first.status, 1, "{}", first.stderr);
    aws.received(&queue);
    // One API is new. The deployments of the others are known, and not read again.
    let new = aws.petstore_named("new");
    let before = files(&shell.folder().join("state"));
    let run = interrupted_at((&recorder, "GetStages"), &shell, &scan, "TERM");
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    let (file, _) = only(&shell);
    let without_lock = |mut files: Vec<(PathBuf, String)>| {
        files.retain(|(path, _)| !path.ends_with(".lock"));
        files
    };
    let after = files(&shell.folder().join("state"));
    assert_eq!(without_lock(before), without_lock(after));
    assert_eq!(aws.received(&queue), Vec::<Value>::new());

    let resume = [scan.as_slice(), &["--resume", &file]].concat();
    let run = shell.run(&resume);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert_eq!(run.findings().len(), 4 * (APIS + 1));
    let told = aws.received(&queue);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0]["Message"].as_str().unwrap().contains(&new.id));

    // The ledger knows more than the file now.
    let run = shell.run(&resume);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("read everything anew"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_file_that_cannot_be_gone_on_with_is_refused() {
    let aws = account();
    let aws = aws.recorded();
    let shell = aws.shell();
    interrupted(&aws, &shell, &["collect"], "INT");
    let (file, part) = only(&shell);
    let changed = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::to_value(&part).unwrap();
        change(&mut value);
        fs::write(shell.folder().join(name), value.to_string()).unwrap();
    };
    changed("other.json", &|it| it["account"] = json!("444455556666"));
    changed("old.json", &|it| {
        it["taken_at"] = json!("2026-01-01T00:00:00Z")
    });
    changed("newer.json", &|it| it["schema_version"] = json!(99));
    fs::write(
        shell.folder().join("cut.json"),
        &part.to_json().unwrap()[..200],
    )
    .unwrap();
    aws.reset();
    for (arguments, says) in [
        (
            vec!["collect", "--resume", "other.json"],
            "it was read of account 444455556666",
        ),
        (vec!["collect", "--resume", "old.json"], "--max-age-hours"),
        (
            vec!["collect", "--resume", "newer.json"],
            "schema version 99",
        ),
        (vec!["collect", "--resume", "cut.json"], "not an inventory"),
        (
            vec!["collect", "--resume", "nowhere.json"],
            "nowhere.json cannot be read",
        ),
        (
            vec!["collect", "--resume", &file, "--region", "us-east-1"],
            "differ in the Regions",
        ),
        (
            vec!["collect", "--resume", &file, "--no-draft"],
            "differ in whether drafts are read",
        ),
        (vec!["access", &file, "--resume", &file], "a file was given"),
        (vec!["collect", "--max-age-hours", "3"], "--resume <FILE>"),
        (
            vec![
                "scan",
                "--accounts",
                ACCOUNT,
                "--role-name",
                "reader",
                "--resume",
                &file,
            ],
            "goes on with one account",
        ),
    ] {
        let run = shell.run(&arguments);
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
    // None of them read anything.
    assert_eq!(asked(&aws, "GetRestApis"), 0);
    // Commands that read an account go on with what another one read.
    let run = shell.run(&["access", "--resume", &file, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let whole = shell.run(&["access", "--format", "json"]);
    assert_eq!(undated_access(&run), undated_access(&whole));
}

fn undated_access(run: &Run) -> Value {
    let mut document: Value = serde_json::from_str(&run.stdout).unwrap();
    document["taken_at"] = Value::Null;
    document
}

#[test]
fn a_signal_before_and_after_the_reading_ends_the_command_at_once() {
    // Nobody answers: nothing is read yet.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hangs = format!("http://{}", listener.local_addr().unwrap());
    let shell = Shell::in_account(&hangs, ACCOUNT, REGION);
    let command = shell.start(&["scan"]);
    let asked = listener.accept().unwrap();
    // Not SIGINT, which nobody listens for yet: a shell has what runs in its background pass over it.
    command.signal("TERM");
    assert_eq!(command.ended().status, 143);
    drop(asked);
    let mut aws = Testbed::start();
    aws.petstore();
    let aws = aws.recorded();
    let shell = aws.shell();
    aws.reset();
    let run = shell.run(&["scan", "-o", "whole"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let all = aws.requests().len();
    // Nobody reads what is written: everything is read.
    let fifo = shell.folder().join("report");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        aws.reset();
        let mut command = shell.start(&["scan", "-o", "report"]);
        once_nothing_is_asked(&aws, all);
        // A busy machine may take longer than that for the last answer. Another kernel may call it otherwise.
        let since = Instant::now();
        while command.waits_for_a_reader() == Some(false) && since.elapsed().as_secs() < 30 {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(command.goes_on());
        command.signal(signal);
        assert_eq!(command.ended().status, status);
    }
    assert_eq!(kept(shell.folder()), Vec::<PathBuf>::new());
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_nothing_looks_clean() {
    let aws = account();
    let aws = aws.recorded();
    let shell = aws.shell();
    aws.reset();
    let command = shell.start(&slowly(&["scan"]));
    once_asked(&aws, "GetDeployment", 2);
    fs::remove_dir_all(shell.folder()).unwrap();
    command.signal("INT");
    let run = command.ended();
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("what was read is lost"),
        "{}",
        run.stderr
    );
    fs::create_dir(shell.folder()).unwrap();
}

#[test]
fn an_interrupted_organization_says_which_accounts_are_left() {
    let aws = account();
    let aws = aws.recorded();
    let shell = aws.shell();
    let scan = [
        "scan",
        "--accounts",
        ACCOUNT,
        "--role-name",
        "reader",
        "--state",
        "state",
        "--format",
        "json",
    ];
    let run = interrupted(&aws, &shell, &scan, "INT");
    assert_eq!(run.status, 3, "{}", run.stderr);
    let said = format!("add --accounts {ACCOUNT} to the same command");
    assert!(run.stderr.contains(&said), "{}", run.stderr);
    let report = run.report();
    assert_eq!(report["status"], "incomplete");
    assert_eq!(
        report["accounts"][0]["not_read"]["reason"], "not-read-yet",
        "{report}"
    );
    let written = files(&shell.folder().join("state"));
    assert!(
        !written
            .iter()
            .any(|(path, _)| path.to_string_lossy().contains("inventory")),
        "{written:?}"
    );
}

#[test]
fn an_interrupted_probe_reports_what_was_answered() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It takes connections, and never answers.
    let held =
        std::thread::spawn(move || listener.incoming().flatten().take(4).collect::<Vec<_>>());
    let shell = Shell::bare();
    let example = crate::support::package("examples/petstore.inventory.json");
    let to = format!("http://{address}");
    let command = shell.start(&[
        "probe",
        example.to_str().unwrap(),
        "--endpoint-override",
        &to,
        "--allow-loopback",
        "--rate",
        "50",
        "--format",
        "json",
    ]);
    std::thread::sleep(Duration::from_secs(2));
    command.signal("INT");
    let run = command.ended();
    drop(held);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stderr.contains("interrupted: 0 of "), "{}", run.stderr);
    assert_eq!(run.report()["status"], "incomplete");
    let gaps = run.report()["coverage"]["gaps"].to_string();
    assert!(gaps.contains("not-read-yet"), "{gaps}");
}

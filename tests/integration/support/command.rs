//! The command line, run as a user would, with nothing of the developer's own environment.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use super::package;
use super::testbed::{REGION, python};

/// One run of `gatewatch`.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The report on standard output.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// The findings as `RULE VERB PATH` or `RULE PRINCIPAL`, in order.
    pub(crate) fn findings(&self) -> Vec<String> {
        findings(&self.report())
    }
}

/// The findings of a report as `RULE VERB PATH`, `RULE PRINCIPAL` or `RULE API`, in order.
pub(crate) fn findings(report: &Value) -> Vec<String> {
    // A digest has changes in their place.
    let list = report["findings"].as_array();
    let list = list.or(report["changes"].as_array()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |finding: &Value| {
        let mut words = vec![text(&finding["rule"])];
        if finding["verb"].is_string() {
            words.extend([text(&finding["verb"]), text(&finding["path"])]);
        } else if finding["principal"].is_string() {
            words.push(text(&finding["principal"]));
        } else if finding["api"].is_object() {
            words.push(text(&finding["api"]["id"]));
        }
        words.join(" ")
    };
    list.iter().map(line).collect()
}

/// A folder of its own to run in, and an environment that holds only what a test puts there.
pub(crate) struct Shell {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Shell {
    /// Without credentials, and without a way to find any.
    pub(crate) fn bare() -> Self {
        Shell {
            folder: tempfile::tempdir().unwrap(),
            environment: vec![("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned())],
        }
    }

    /// Calling an emulator as the root of an account.
    pub(crate) fn in_account(endpoint: &str, account: &str, region: &str) -> Self {
        Shell::bare()
            .with("AWS_ENDPOINT_URL", endpoint)
            .with("AWS_ACCESS_KEY_ID", account)
            .with("AWS_SECRET_ACCESS_KEY", "fake")
            .with("AWS_REGION", region)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder that the command runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with_input(arguments, "")
    }

    /// Scans the Region of the test bed, remembers it, and reports as JSON.
    pub(crate) fn scan(&self, state: &str) -> Run {
        self.run(&[
            "scan", "--region", REGION, "--state", state, "--format", "json",
        ])
    }

    /// Starts a command that goes on beside the test. Its answers come when it has ended.
    pub(crate) fn start(&self, arguments: &[&str]) -> Started {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("gatewatch"));
        let child = command
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Started(Some(child))
    }

    /// Runs a command whose standard error is a terminal of 100 columns: what came onto its screen is in `stderr`.
    pub(crate) fn on_terminal(&self, arguments: &[&str]) -> Run {
        let done = python()
            .arg(package("tests/testbed/terminal.py"))
            .arg(assert_cmd::cargo::cargo_bin("gatewatch"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TERM", "xterm")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        let seen: Value = serde_json::from_slice(&done.stdout).unwrap();
        let text = |name: &str| seen[name].as_str().unwrap().to_owned();
        Run {
            status: seen["status"].as_i64().unwrap().try_into().unwrap(),
            stdout: text("stdout"),
            stderr: text("screen"),
        }
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = Command::cargo_bin("gatewatch").unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = command
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .args(arguments)
            .write_stdin(input)
            .output()
            .unwrap();
        Run {
            status: status.code().unwrap(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

/// A command that goes on beside the test. It is killed when this is dropped.
pub(crate) struct Started(Option<Child>);

impl Started {
    /// Sends it a signal, by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.as_ref().unwrap().id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", name, &id])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Whether one of its threads waits for somebody who reads a FIFO that it opens, as Linux tells. `None`: that is not told.
    pub(crate) fn waits_for_a_reader(&self) -> Option<bool> {
        let id = self.0.as_ref().unwrap().id();
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).ok()?;
        let told =
            threads.filter_map(|it| std::fs::read_to_string(it.ok()?.path().join("wchan")).ok());
        let told: Vec<String> = told.collect();
        // Where nobody may be told, it is `0` everywhere.
        let is_told = told.iter().any(|it| it != "0");
        is_told.then(|| told.iter().any(|it| it == "wait_for_partner"))
    }

    /// Whether it goes on.
    pub(crate) fn goes_on(&mut self) -> bool {
        self.0.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    /// Waits for its end. The status of one that a signal ended is what a shell says of it.
    pub(crate) fn ended(mut self) -> Run {
        let ended = self.0.take().unwrap().wait_with_output().unwrap();
        let status = ended.status;
        Run {
            status: (status.code()).unwrap_or_else(|| 128 + status.signal().unwrap()),
            stdout: String::from_utf8(ended.stdout).unwrap(),
            stderr: String::from_utf8(ended.stderr).unwrap(),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A text with a report as JSON, without the time at which it was judged: that is another one each time.
pub(crate) fn undated(text: &str) -> String {
    match text.split_once("\"judged_at\"") {
        Some((before, rest)) => [before, rest.split_once(',').unwrap().1].concat(),
        None => text.to_owned(),
    }
}

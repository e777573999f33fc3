//! What a user is told while a command waits, and where only they can help.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::support::command::Shell;
use crate::support::testbed::{ACCOUNT, REGION, Testbed};

/// A `gatewatch` that is still running. It is ended when this is dropped.
struct Running {
    child: Child,
    notes: Receiver<String>,
}

impl Running {
    fn start(shell: &Shell, endpoint: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("gatewatch"));
        command
            .env_clear()
            .env("HOME", shell.folder())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", ACCOUNT)
            .env("AWS_SECRET_ACCESS_KEY", "fake")
            .env("AWS_REGION", REGION)
            .current_dir(shell.folder())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (send, notes) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Running { child, notes }
    }

    /// The first note that holds this text, within a time that is long for it.
    fn hears(&self, text: &str) -> String {
        let mut heard = Vec::new();
        while let Ok(note) = self.notes.recv_timeout(Duration::from_secs(30)) {
            if note.contains(text) {
                return note;
            }
            heard.push(note);
        }
        panic!("{text} is not said: {heard:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_endpoint_that_hangs_is_named_while_it_is_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It takes connections, and never answers.
    std::thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    let shell = Shell::bare();
    let scan = Running::start(&shell, &format!("http://{address}"), &["scan"]);
    let note = scan.hears("still waiting");
    assert_eq!(
        note,
        format!("still waiting for {address}, for STS GetCallerIdentity")
    );
}

#[test]
fn a_lock_that_another_run_holds_is_named() {
    let aws = Testbed::start();
    let shell = aws.shell();
    fs::create_dir(shell.folder().join("state")).unwrap();
    let lock = File::create(shell.folder().join("state/.lock")).unwrap();
    lock.lock().unwrap();
    let mut scan = Running::start(&shell, aws.endpoint(), &["scan", "--state", "state"]);
    let note = scan.hears("the lock");
    assert!(
        note.contains("state/.lock, which another run holds"),
        "{note}"
    );
    lock.unlock().unwrap();
    scan.hears("remembered in state");
    assert!(scan.child.wait().unwrap().success());
}

/// Answers every request with this.
pub(crate) fn answering(status: u16, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap_or(0) > 0 {}
            let length = head.to_lowercase();
            let length = length
                .lines()
                .find_map(|it| it.strip_prefix("content-length:"));
            let mut asked = vec![0; length.map_or(0, |it| it.trim().parse().unwrap())];
            let _ = lines.read_exact(&mut asked);
            let mut stream = stream;
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}")
}

#[test]
fn a_session_that_has_expired_says_how_to_log_in_again() {
    let endpoint = answering(
        403,
        "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
         <Message>The security token included in the request is expired</Message></Error></ErrorResponse>",
    );
    let shell = Shell::in_account(&endpoint, ACCOUNT, REGION);
    let run = shell.run(&["scan"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    for said in ["the session has expired", "`aws sso login`", "ExpiredToken"] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
}

#[test]
fn a_token_of_identity_center_that_has_expired_says_so() {
    let shell = Shell::in_account("http://127.0.0.1:9", ACCOUNT, REGION);
    let folder = shell.folder().join(".aws");
    fs::create_dir_all(folder.join("sso/cache")).unwrap();
    fs::write(
        folder.join("config"),
        "[profile audit]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = audit\n\
         [sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n",
    )
    .unwrap();
    // The name is the SHA-1 of the session's name.
    fs::write(
        folder.join("sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json"),
        r#"{"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"}"#,
    )
    .unwrap();
    let run = shell.run(&["scan", "--profile", "audit"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    let said = "`aws sso login --profile audit`";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn a_slip_in_the_address_of_the_state_is_a_mistake() {
    let run = Shell::bare().run(&["scan", "--region", REGION, "--state", "s3:/state/team"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("`s3://state/team`"), "{}", run.stderr);
}

#[test]
fn a_report_is_shown_though_it_cannot_be_remembered() {
    let mut aws = Testbed::start();
    aws.petstore();
    // Nobody can make a folder there, and nothing is in it to be read.
    let run = aws.shell().run(&[
        "scan",
        "--state",
        "/proc/gatewatch-state",
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(run.findings().len(), 4, "{}", run.stdout);
    assert!(
        run.stderr.contains("could not be remembered"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_report_of_an_account_among_several_is_shown_though_it_cannot_be_remembered() {
    let mut aws = Testbed::start();
    aws.petstore();
    let state = "/proc/gatewatch-state";
    let scan = [
        "scan",
        "--accounts",
        ACCOUNT,
        "--role-name",
        "reader",
        "--state",
        state,
        "--format",
        "json",
    ];
    let run = aws.shell().run(&scan);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let report = run.report();
    let findings = report["accounts"][0]["report"]["findings"].as_array();
    assert_eq!(findings.unwrap().len(), 4, "{}", run.stdout);
    assert!(
        run.stderr.contains("could not be remembered"),
        "{}",
        run.stderr
    );
}

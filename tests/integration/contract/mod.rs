//! What is asked of AWS, held against AWS's own models of its services.

mod answers;
mod checkups;
mod outcome;
mod played;

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use gatewatch::aws::client::Clients;
use gatewatch::aws::stack;
use serde_json::json;

use crate::support::package;
use crate::support::testbed::{assert_script_passes, python};

#[test]
fn every_request_is_one_that_aws_documents_and_the_roles_allow() {
    let binaries = Path::new(env!("CARGO_BIN_EXE_gatewatch")).parent().unwrap();
    let binaries = binaries.to_str().unwrap();
    assert_script_passes("tests/contract/check.py", &["--bin-dir", binaries]);
}

async fn ask_by_hand(clients: &Clients) {
    let (region, name) = ("eu-west-1", "gatewatch");
    stack::schedule(clients, region, name).await.unwrap_err();
    let alarms = stack::alarms(clients, region, &[name.to_owned()]).await;
    alarms.unwrap_err();
    stack::trails(clients, region).await.unwrap_err();
    stack::deployed(clients, region, name).await.unwrap_err();
    stack::account_concurrency(clients, region)
        .await
        .unwrap_err();
    let reserved = stack::reserved_concurrency(clients, region, name).await;
    assert_eq!(reserved, Ok(None));
    let key = stack::use_key(clients, region, "k", "arn:aws:sns:eu-west-1:111122223333:t").await;
    key.unwrap_err();
    stack::key_policy(clients, region, "k").await.unwrap_err();
    let starts = stack::starts(clients, region, "/gatewatch/gatewatch", None).await;
    assert_eq!(starts, Ok(stack::Starts::None));
}

#[tokio::test(start_paused = true)]
async fn each_request_goes_to_the_host_and_the_region_that_aws_names() {
    let operations = Arc::new(played::operations());
    let log: Arc<Mutex<Vec<_>>> = Arc::default();
    let clients = played::noted(&operations, None, Arc::clone(&log)).await;
    outcome::read(&clients, None).await;
    outcome::send(&clients).await;
    // What a checkup asks besides is asked by hand, so that nobody else chooses the host. The answers are of no use.
    let clients = played::noted(&Arc::default(), None, Arc::clone(&log)).await;
    ask_by_hand(&clients).await;
    let sent = json!(*log.lock().unwrap()).to_string();
    let mut check = python()
        .arg(package("tests/contract/hosts.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = check.stdin.take().unwrap();
    input.write_all(sent.as_bytes()).unwrap();
    drop(input);
    let done = check.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
}

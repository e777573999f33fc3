//! The three walls of the crate's docs, kept by reading the sources.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::package;

/// The rooms that judge and print: data in, data out.
const PURE: [&str; 14] = [
    "yaml",
    "model",
    "policy",
    "access",
    "simulate",
    "config",
    "finding",
    "template",
    "rules",
    "organization",
    "report",
    "ledger",
    "trigger",
    "announce",
];

/// What a pure room must not name: waiting, the clock, the environment, files, the network, AWS.
const IMPURE: [&str; 18] = [
    "async ",
    ".await",
    "tokio",
    "futures",
    "aws_sdk",
    "aws_config",
    "aws_smithy",
    "lambda_runtime",
    "std::env",
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::process",
    "SystemTime",
    "Instant",
    "Timestamp::now",
];

/// The rooms that may talk to AWS. All others must not name its SDK.
const EDGES: [&str; 3] = ["collect", "store", "deliver"];

/// The rooms in the order in which data passes through them: each may use those before it.
const ORDER: [&str; 19] = [
    "yaml",
    "model",
    "policy",
    "access",
    "simulate",
    "finding",
    "config",
    "template",
    "rules",
    "organization",
    "report",
    "ledger",
    "trigger",
    "announce",
    "collect",
    "scan",
    "store",
    "watch",
    "deliver",
];

/// What a source file breaks, in words. `room` is its folder or file below `src`.
fn broken(room: &str, source: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = source.lines().map(str::trim_start);
    for line in lines.filter(|line| !line.starts_with("//")) {
        if PURE.contains(&room) {
            let named = IMPURE.iter().filter(|word| line.contains(*word));
            broken.extend(named.map(|word| format!("pure room names `{}`: {line}", word.trim())));
        }
        if !EDGES.contains(&room) && line.contains("aws_sdk_") {
            broken.push(format!("names an SDK crate outside the edges: {line}"));
        }
        if let Some(at) = ORDER.iter().position(|it| *it == room) {
            let later = ORDER.iter().skip(at + 1);
            let named = later.filter(|later| line.contains(&format!("crate::{later}")));
            broken
                .extend(named.map(|later| format!("uses `{later}`, which comes after it: {line}")));
        }
    }
    broken
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_walls_stand() {
    let src = package("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut seen = Vec::new();
    let mut complaints = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap();
        let room = below
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let source = fs::read_to_string(&file).unwrap();
        let broken = broken(&room, &source);
        complaints.extend(
            broken
                .into_iter()
                .map(|it| format!("{}: {it}", below.display())),
        );
        seen.push(room);
    }
    assert_eq!(complaints, Vec::<String>::new());
    for room in PURE.iter().chain(&EDGES).chain(&ORDER) {
        assert!(
            seen.iter().any(|it| it == room),
            "no room `{room}`: this test looks at nothing"
        );
    }
}

#[test]
fn a_breach_of_each_wall_is_seen() {
    for (room, breach) in [
        ("rules", "use aws_sdk_iam::Client;"),
        ("report", "let today = Timestamp::now();"),
        ("config", "let text = std::fs::read_to_string(path)?;"),
        ("policy", "pub async fn decide() {}"),
        ("main", "use aws_sdk_sns::Client;"),
        ("bin", "aws_sdk_sns::Client::new(&config)"),
        ("model", "use crate::rules::evaluate;"),
        ("collect", "use crate::deliver::publish;"),
    ] {
        assert!(!broken(room, breach).is_empty(), "{room}: {breach}");
    }
    assert!(broken("rules", "    // aws_sdk_iam is not used here").is_empty());
}

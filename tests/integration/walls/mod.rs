//! The walls of `docs/architecture.md`, kept by reading who uses what.

mod circles;
mod uses;

use std::fs;

use circles::circles;
use uses::{Module, Sources};

use crate::support::package;

/// The rooms of the library in the order in which data passes through them: each may use those before it.
const ORDER: [&str; 10] = [
    "iam",
    "yaml",
    "inventory",
    "policy_file",
    "template",
    "audit",
    "ledger",
    "render",
    "aws",
    "run",
];

/// The rooms that are no part of the library: its two fronts.
const FRONTS: [&str; 2] = ["cli", "bin"];

/// Data in, data out: rooms, and parts of rooms.
const PURE: [&[&str]; 12] = [
    &["iam"],
    &["yaml"],
    &["inventory"],
    &["policy_file"],
    &["template"],
    &["audit"],
    &["ledger"],
    &["render"],
    &["run", "events"],
    &["run", "simulate"],
    &["run", "doctor", "facts"],
    &["run", "doctor", "steps"],
];

/// What a pure room does not name: the network, the environment, files, the clock.
const IMPURE: [&[&str]; 16] = [
    &["tokio"],
    &["futures_util"],
    &["lambda_runtime"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "net", "TcpListener"],
    &["std", "net", "TcpStream"],
    &["std", "net", "ToSocketAddrs"],
    &["std", "net", "UdpSocket"],
    &["std", "process"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["std", "thread"],
    &["std", "io", "stdin"],
    &["jiff", "Timestamp", "now"],
    &["jiff", "Zoned", "now"],
];

/// The one room that may talk to AWS.
const EDGE: &str = "aws";

/// The crates that do: those of the SDK, and what belongs to them.
const SDK: &str = "aws_";

/// The crates that open connections by themselves. They, too, are for the one room that talks to AWS.
const NETWORK: [&str; 5] = [
    "hyper",
    "hyper_util",
    "rustls",
    "rustls_native_certs",
    "tokio_rustls",
];

const LIBRARY: &str = "gatewatch";

fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add_crate(LIBRARY, &package("src"), "lib.rs");
    sources.add_crate("command-line", &package("src"), "main.rs");
    sources.add_crate("lambda", &package("src/bin/gatewatch-lambda"), "main.rs");
    sources
}

/// What breaks a wall, in words.
fn broken(sources: &Sources) -> Vec<String> {
    let mut broken = Vec::new();
    for (module, source) in sources.iter() {
        let mut complain = |what: String| broken.push(format!("{}: {what}", module.join("::")));
        let room = room(module);
        if let Some(at) = ORDER.iter().position(|it| Some(*it) == room) {
            let used = sources.named(module).into_iter();
            let used = used.filter_map(|it| self::room(&it).map(str::to_owned));
            for used in used.filter(|it| ORDER[at + 1..].contains(&it.as_str())) {
                complain(format!("uses `{used}`, which comes after it"));
            }
        }
        let is_pure = PURE.iter().any(|it| is_below(module, it));
        if is_pure && (source.words.contains("async") || source.words.contains("await")) {
            complain("waits".to_owned());
        }
        for path in sources.foreign(module) {
            let impure = IMPURE
                .iter()
                .any(|it| starts_with(&path, it) || brings_in(&path, it));
            if is_pure && impure {
                complain(format!("is pure, and names `{}`", path.join("::")));
            }
            if room != Some(EDGE) && path[0].starts_with(SDK) {
                complain(format!("names the SDK: `{}`", path.join("::")));
            }
            if room != Some(EDGE) && NETWORK.contains(&path[0].as_str()) {
                complain(format!("opens connections: `{}`", path.join("::")));
            }
        }
    }
    broken
}

/// The room of the library that a module is in.
fn room(module: &Module) -> Option<&str> {
    let below = module.strip_prefix(&[LIBRARY.to_owned()])?;
    below.first().map(String::as_str)
}

fn is_below(module: &Module, place: &[&str]) -> bool {
    let below = module.strip_prefix(&[LIBRARY.to_owned()]);
    below.is_some_and(|it| starts_with(it, place))
}

fn starts_with(path: &[String], start: &[&str]) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(one, other)| one == other)
}

/// Whether a `*` brings in something by a shorter name.
fn brings_in(path: &[String], name: &[&str]) -> bool {
    let all = path.split_last().filter(|(last, _)| *last == "*");
    all.is_some_and(|(_, whole)| {
        whole.len() < name.len() && whole.iter().zip(name).all(|(one, other)| one == other)
    })
}

#[test]
fn the_walls_stand() {
    assert_eq!(broken(&sources()), Vec::<String>::new());
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circles = circles(&sources());
    assert!(circles.is_empty(), "{circles:#?}");
}

/// One idea a file: half of them have 150 lines at most, nine in ten fewer than 350.
#[test]
fn the_files_are_small() {
    let mut lines: Vec<usize> = sources().iter().map(|(_, it)| it.lines).collect();
    lines.sort_unstable();
    let (half, nine_in_ten) = (lines[lines.len() / 2], lines[lines.len() * 9 / 10]);
    assert!(half <= 150, "{half}");
    assert!(nine_in_ten < 350, "{nine_in_ten}");
}

#[test]
fn the_rooms_are_those_of_the_picture() {
    let entries = fs::read_dir(package("src")).unwrap();
    let folders = entries
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir());
    let names = folders.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned());
    let mut folders: Vec<String> = names.collect();
    folders.sort();
    let mut rooms: Vec<&str> = ORDER.into_iter().chain(FRONTS).collect();
    rooms.sort_unstable();
    assert_eq!(folders, rooms);

    let picture = fs::read_to_string(package("docs/architecture.md")).unwrap();
    for room in rooms {
        let line = format!("`{room}/");
        assert!(picture.contains(&line), "the picture lacks {line}");
    }
}

#[test]
fn a_breach_of_each_wall_is_seen() {
    for (module, breach) in [
        ("audit", "use aws_sdk_iam::Client;"),
        ("cli", "fn f() { aws_sdk_sns::Client::new(&config) }"),
        (
            "render",
            "use jiff::Timestamp; fn f() { let today = Timestamp::now(); }",
        ),
        (
            "policy_file",
            "fn f() { let text = std::fs::read_to_string(path)?; }",
        ),
        (
            "policy_file",
            "use std::{collections::BTreeMap, fs as files};",
        ),
        ("iam", "pub async fn decide() {}"),
        ("ledger", "fn f() { vec![tokio::spawn(x)]; }"),
        ("iam", "use crate::{inventory::{self, Api}, yaml};"),
        (
            "ledger",
            "fn f() { format!(\"{}\", crate::render::table(1)) }",
        ),
        ("ledger", "use super::render; fn f() { render::table(1) }"),
        ("aws", "use crate::run::*;"),
        ("ledger", "use super::*; fn f() { render::table(1) }"),
        ("ledger", "pub use crate::render::table;"),
        ("render", "use jiff::*; fn f() { Timestamp::now() }"),
        ("iam", "fn f() { std::thread::sleep(x) }"),
        ("run", "use hyper::Request;"),
    ] {
        assert!(
            !broken(&small(module, breach)).is_empty(),
            "{module}: {breach}"
        );
    }
    for (module, sound) in [
        ("audit", "// aws_sdk_iam is not used here"),
        ("audit", "/// Unlike [`crate::render::table`].\nfn f() {}"),
        (
            "audit",
            "#[cfg(test)] mod tests { use crate::render::table; }",
        ),
        (
            "render",
            "use crate::inventory::Api; fn f() { crate::audit::judge() }",
        ),
        ("aws", "use aws_sdk_iam::Client;"),
        ("aws", "use hyper::Request;"),
    ] {
        assert_eq!(
            broken(&small(module, sound)),
            Vec::<String>::new(),
            "{sound}"
        );
    }
}

#[test]
fn a_circle_is_seen_behind_what_a_room_hands_on() {
    let mut sources = Sources::default();
    sources.add(&[LIBRARY], "pub mod audit;");
    sources.add(
        &[LIBRARY, "audit"],
        "mod one; mod other; pub use one::One; pub(crate) use other::*;",
    );
    sources.add(
        &[LIBRARY, "audit", "one"],
        "use super::other::Other; pub struct One(Other);",
    );
    sources.add(
        &[LIBRARY, "audit", "other"],
        "pub struct Other; impl Other { fn f() { super::One::new() } }",
    );
    let names = ["one", "other"].map(|it| format!("gatewatch::audit::{it}"));
    assert_eq!(circles(&sources), [names.to_vec()]);
}

/// A library with every room empty but one.
fn small(module: &str, text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add(&[LIBRARY], "");
    for room in ORDER {
        sources.add(&[LIBRARY, room], "");
    }
    sources.add(&[LIBRARY, module], text);
    sources
}

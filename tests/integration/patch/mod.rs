//! `gatewatch fix --as patch`: sources that are changed by `git apply`, and checked again.

mod asked;
mod forms;
mod hostile;
mod known;
mod refused;
mod terraform;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::command::{Run, Shell};
use crate::support::yaml::to_json;

/// Runs git in the folder of a shell, without anybody's settings.
pub(super) fn git(shell: &Shell, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(arguments)
        .current_dir(shell.folder())
        .env("HOME", shell.folder())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", shell.folder().parent().unwrap())
        .output()
        .unwrap()
}

/// Applies a patch in the folder of a shell.
pub(super) fn apply(shell: &Shell, patch: &str) -> Result<(), String> {
    fs::write(shell.folder().join("mend.patch"), patch).unwrap();
    let output = git(shell, &["apply", "mend.patch"]);
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

pub(super) fn write(shell: &Shell, name: &str, text: impl AsRef<[u8]>) {
    let path = shell.folder().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(super) fn read(shell: &Shell, name: &str) -> String {
    fs::read_to_string(shell.folder().join(name)).unwrap()
}

pub(super) fn fix(shell: &Shell, arguments: &[&str]) -> Run {
    shell.run(&[&["fix", "--as", "patch"], arguments].concat())
}

/// The ids of the findings of files, and those that a patch may mend.
pub(super) fn ids(shell: &Shell, files: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let run = shell.run(&[&["check", "--format", "json"], files].concat());
    let report = run.report();
    let findings = report["findings"].as_array().unwrap();
    let rules = [
        "open-method",
        "api-key-only",
        "open-connect",
        "pending-opening",
    ];
    let is_open = |it: &&Value| rules.contains(&it["rule"].as_str().unwrap());
    let id = |it: &Value| it["id"].as_str().unwrap().to_owned();
    let open = findings.iter().filter(is_open).map(id);
    (findings.iter().map(id).collect(), open.collect())
}

/// Mends a file by `git apply`, looks at what must hold of every patch, and returns the patch and the patched text.
pub(super) fn mended(name: &str, text: &[u8]) -> (String, String) {
    let shell = Shell::bare();
    write(&shell, name, text);
    let (before, open) = ids(&shell, &[name]);
    assert!(!open.is_empty(), "{name} has nothing to mend");
    let run = fix(&shell, &[name]);
    assert_eq!(run.status, 1, "{name}: {}", run.stderr);
    apply(&shell, &run.stdout).unwrap_or_else(|why| panic!("{name}: {why}\n{}", run.stdout));
    let (after, _) = ids(&shell, &[name]);
    assert!(after.is_disjoint(&open), "{name}: {}", run.stdout);
    assert!(after.is_subset(&before), "{name}: {}", run.stdout);
    let patched = fs::read(shell.folder().join(name)).unwrap();
    let patched = String::from_utf8(patched).unwrap();
    let original = String::from_utf8(text.to_vec()).unwrap();
    says_the_same(name, &original, &patched);
    keeps_what_is_no_value(name, &original, &patched);
    // There is nothing left to mend, and the patch is for the file as it was.
    let again = fix(&shell, &[name]);
    assert_eq!(
        (again.status, again.stdout.as_str()),
        (0, ""),
        "{name}: {}",
        again.stderr
    );
    assert!(
        again.stderr.contains("nothing to mend"),
        "{name}: {}",
        again.stderr
    );
    assert!(apply(&shell, &run.stdout).is_err(), "{name}: applied twice");
    (run.stdout, patched)
}

/// The keys that say how a method is authorized, and those that a definition keeps its security schemes under.
const SET: [&str; 12] = [
    "Auth",
    "AuthType",
    "AuthorizationType",
    "Authorizer",
    "EnableIamAuthorizer",
    "InvokeRole",
    "aws_iam",
    "security",
    "securityDefinitions",
    "securitySchemes",
    "sigv4",
    "type",
];

/// Two texts say the same in the same order, but for how methods are authorized.
fn says_the_same(name: &str, before: &str, after: &str) {
    // An alias is no value of JSON.
    let tree = |text: &str| {
        to_json(
            &text
                .trim_start_matches('\u{feff}')
                .replace(": *", ": alias "),
        )
    };
    let (before, after) = (tree(before), tree(after));
    let mut found = Vec::new();
    differences(&before, &after, "", &mut found);
    assert!(!found.is_empty(), "{name}");
    for (key, at) in found {
        let is_new = ["Globals", "HttpApi", "Properties", "components"].contains(&key.as_str());
        // Below `security`, the names of schemes are anybody's.
        let is_required = at.contains(" > security > ");
        assert!(
            is_new || is_required || SET.contains(&key.as_str()),
            "{name}: {at} differs"
        );
    }
}

/// The last key and the whole way of each value that differs.
fn differences(before: &Value, after: &Value, at: &str, found: &mut Vec<(String, String)>) {
    let last = |at: &str| at.rsplit(" > ").next().unwrap().to_owned();
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let at = format!("{at} > {key}");
                match (one.get(key), other.get(key)) {
                    (Some(one), Some(other)) => differences(one, other, &at, found),
                    _ => found.push((last(&at), at)),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other);
            pairs.for_each(|(one, other)| differences(one, other, at, found));
        }
        _ if before == after => {}
        _ => found.push((last(at), at.to_owned())),
    }
}

/// Comments, blank lines, line ends and the order of lines are kept: what stood there is there still, line by line, but for the
/// words that were replaced.
fn keeps_what_is_no_value(name: &str, before: &str, after: &str) {
    let comments = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|it| it.split_once('#'));
        lines.map(|(_, comment)| comment.to_owned()).collect()
    };
    assert_eq!(comments(before), comments(after), "{name}");
    let carriage = |text: &str| text.matches("\r\n").count() == text.matches('\n').count();
    assert_eq!(carriage(before), carriage(after), "{name}");
    assert_eq!(before.ends_with('\n'), after.ends_with('\n'), "{name}");
    // Every character that is not of a replaced word comes again in the same order.
    let mut rest = after.chars();
    let kept = before
        .replace("NONE", "")
        .replace("none", "")
        .replace("\\x4eONE", "")
        .replace("false", "");
    for letter in kept.chars().filter(|it| *it != '~') {
        assert!(rest.any(|it| it == letter), "{name}: {letter:?} is gone");
    }
}

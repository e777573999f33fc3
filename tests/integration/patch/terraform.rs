//! Sources of Terraform, by the plan that was made from them.

use std::fs;

use serde_json::Value;

use super::{apply, fix, read, write};
use crate::support::command::Shell;
use crate::support::package;

/// The committed plan, and the sources that it was made from.
fn sources(shell: &Shell) -> Value {
    let copy = |from: &str, to: &str| {
        write(
            shell,
            to,
            fs::read(package(&format!("tests/data/terraform/{from}"))).unwrap(),
        )
    };
    copy("plan.json", "plan.json");
    copy("main.tf", "tf/main.tf");
    for folder in ["api", "api/deep"] {
        for entry in fs::read_dir(package(&format!("tests/data/terraform/{folder}"))).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "tf") {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                copy(&name, &format!("tf/{name}"));
            }
        }
    }
    serde_json::from_str(&read(shell, "plan.json")).unwrap()
}

#[test]
fn methods_of_a_plan_are_mended_in_its_sources() {
    let shell = Shell::bare();
    sources(&shell);
    let run = fix(&shell, &["plan.json", "--source", "tf"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(!run.stdout.is_empty(), "{}", run.stderr);
    let before = read(&shell, "tf/main.tf");
    apply(&shell, &run.stdout).unwrap_or_else(|why| panic!("{why}\n{}", run.stdout));
    let after = read(&shell, "tf/main.tf");
    assert!(after.contains("authorization = \"AWS_IAM\""), "{after}");
    assert_eq!(before.lines().count(), after.lines().count());
}

#[test]
fn without_its_sources_a_plan_is_not_mended() {
    let shell = Shell::bare();
    sources(&shell);
    let run = fix(&shell, &["plan.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("--source"), "{}", run.stderr);
}

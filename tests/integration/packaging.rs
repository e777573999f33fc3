//! What is handed out, as far as it can be told without building it.

use std::fs;
use std::process::Command;

use crate::support::package;

fn text(file: &str) -> String {
    fs::read_to_string(package(file)).unwrap()
}

#[test]
fn every_tool_is_pinned_to_one_version() {
    for file in [
        "requirements.txt",
        "data-requirements.txt",
        "lint-requirements.txt",
        "package-requirements.txt",
    ] {
        let text = text(&format!("tests/testbed/{file}"));
        let lines = text.lines().filter(|it| !it.starts_with('#'));
        let mut pins = 0;
        for line in lines {
            let (name, version) = line.split_once("==").unwrap_or_default();
            let is_version = version.starts_with(|it: char| it.is_ascii_digit());
            assert!(!name.is_empty() && is_version, "{file}: {line}");
            pins += 1;
        }
        assert!(pins > 0, "{file}");
    }
}

/// What nothing is said of, cargo-lambda sets to `abort`: a panic would end the Lambda without an answer.
#[test]
fn a_release_unwinds_whoever_builds_it() {
    let manifest = text("Cargo.toml");
    let (_, release) = manifest.split_once("[profile.release]\n").unwrap();
    let (release, _) = release.split_once("\n[").unwrap();
    assert!(release.contains("\npanic = \"unwind\""), "{release}");
}

/// The recipe as make would run it. It takes half an hour, and is not run here.
#[test]
fn a_package_has_both_processors_the_command_line_and_checksums() {
    let mut make = Command::new("make");
    make.args(["--dry-run", "package", "CARGO_TARGET_DIR=/nowhere"]);
    let shown = make.current_dir(package(".")).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let recipe = String::from_utf8(shown.stdout).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    for (architecture, option, target) in [
        ("arm64", "--arm64", "aarch64-unknown-linux-gnu"),
        ("x86_64", "--x86-64", "x86_64-unknown-linux-gnu"),
    ] {
        let zip = format!(
            "gatewatch-lambda/bootstrap.zip /nowhere/package/gatewatch-lambda-{version}-{architecture}.zip"
        );
        assert!(recipe.contains(&zip), "{recipe}");
        let build = format!("--bin gatewatch-lambda {option} ");
        assert!(recipe.contains(&build), "{recipe}");
        let added = format!("rustup target add {target}");
        assert!(recipe.contains(&added), "{recipe}");
    }
    let archive = format!("tar -czf /nowhere/package/gatewatch-{version}-");
    assert!(recipe.contains(&archive), "{recipe}");
    assert!(recipe.contains("*.tar.gz *.zip > SHA256SUMS"), "{recipe}");
    // Every build is of the locked versions.
    let builds = recipe.lines().filter(|it| it.contains(" build "));
    assert!(
        builds.into_iter().all(|it| it.contains("--locked")),
        "{recipe}"
    );
}

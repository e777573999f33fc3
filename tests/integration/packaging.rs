//! What is handed out, as far as it can be told without building it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::package;
use crate::support::testbed::python;

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

/// The recipe of a target, as make would run it where nothing has been built.
fn recipe_of(target: &str) -> String {
    let mut make = Command::new("make");
    make.args(["--dry-run", target, "CARGO_TARGET_DIR=/nowhere"]);
    let shown = make.current_dir(package(".")).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    String::from_utf8(shown.stdout).unwrap()
}

/// The demo deploys the file that was built, and the one that is handed out.
#[test]
fn the_demo_of_a_package_takes_the_zip_that_cargo_lambda_made() {
    let version = env!("CARGO_PKG_VERSION");
    let check = recipe_of("package-check");
    let build = check.find("cargo lambda build --locked --bin gatewatch-lambda --");
    let demo = check.find("--zip /nowhere/package-check/gatewatch-lambda/bootstrap.zip");
    assert!(build.is_some() && build < demo, "{check}");
    let demo = recipe_of("package-demo");
    let zip = format!("demo.py --zip /nowhere/package/gatewatch-lambda-{version}-");
    assert!(demo.contains(&zip), "{demo}");
}

/// It takes half an hour, and is not run here.
#[test]
fn a_package_has_both_processors_the_command_line_and_checksums() {
    let recipe = recipe_of("package");
    let first_build = recipe.find("cargo lambda build").unwrap();
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
        // Before anything is built.
        assert!(recipe.find(&added).unwrap() < first_build, "{recipe}");
    }
    // Before what takes long again.
    let held = recipe.find("python benches/size.py /nowhere/package/*.zip");
    assert!(held > recipe.rfind("cargo lambda build"), "{recipe}");
    let archive = format!("tar -czf /nowhere/package/gatewatch-{version}-");
    assert!(recipe.contains(&archive), "{recipe}");
    assert!(recipe.contains("*.tar.gz *.zip > SHA256SUMS"), "{recipe}");
    // The example accepts methods. Beside the binary, it would be the policy of whoever runs it there.
    let example = recipe
        .lines()
        .find(|it| it.contains("examples/gatewatch.yaml"));
    assert!(
        example.is_some_and(|it| it.starts_with("cp ") && it.ends_with("/examples")),
        "{recipe}"
    );
    // Every build is of the locked versions.
    let builds = recipe.lines().filter(|it| it.contains(" build "));
    assert!(
        builds.into_iter().all(|it| it.contains("--locked")),
        "{recipe}"
    );
}

#[test]
fn a_package_above_its_bound_is_not_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let sized = |name: &str, bytes| {
        let path = folder.path().join(name);
        fs::File::create(&path).unwrap().set_len(bytes).unwrap();
        path
    };
    let (small, large) = (sized("a.zip", 5_999_999), sized("b.zip", 6_000_000));
    for (packages, holds) in [
        (vec![&small], true),
        (vec![&large, &small], false),
        (Vec::new(), false),
    ] {
        let mut check = python();
        let done = check
            .arg(package("benches/size.py"))
            .args(&packages)
            .output()
            .unwrap();
        assert_eq!(done.status.success(), holds, "{packages:?}: {done:?}");
    }
}

/// CI makes one for a debug build, and runs it: half an hour would be too long.
#[test]
fn every_change_is_packaged_once() {
    let ci = text(".ci/run");
    assert!(ci.lines().any(|it| it == "make package-check"), "{ci}");
}

/// `make` asked for a target of Rust, where a `rustc` that keeps its libraries below `sysroot` stands in for the real one,
/// and a `rustup` that notes that it was called and ends with that status.
fn ask_for_target(folder: &Path, rustup_status: u8) -> Output {
    let sysroot = folder.join("sysroot");
    for (name, script) in [
        ("rustc", format!("echo {}/$4/lib", sysroot.display())),
        (
            "rustup",
            format!(
                "echo \"$@\" > {}/called; exit {rustup_status}",
                folder.display()
            ),
        ),
    ] {
        let program = folder.join(name);
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut make = Command::new("make");
    make.args(["--silent", "rust-target-aarch64-unknown-linux-gnu"])
        .env("PATH", path)
        .env_remove("RUSTC");
    make.current_dir(package(".")).output().unwrap()
}

/// A Rust that came with a distribution has no rustup, and rustup asks the network even for what is there.
#[test]
fn rustup_is_asked_only_for_a_target_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let called = || fs::read_to_string(folder.path().join("called")).ok();
    let library = folder
        .path()
        .join("sysroot/aarch64-unknown-linux-gnu/lib/libstd-0.rlib");
    let target = "target add aarch64-unknown-linux-gnu\n";

    let added = ask_for_target(folder.path(), 0);
    assert!(added.status.success(), "{added:?}");
    assert_eq!(called().as_deref(), Some(target));

    let failed = ask_for_target(folder.path(), 1);
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(!failed.status.success(), "{said}");
    let wanted =
        "no standard library for aarch64-unknown-linux-gnu here, and rustup could not add it";
    assert!(said.contains(wanted), "{said}");

    fs::remove_file(folder.path().join("called")).unwrap();
    fs::create_dir_all(library.parent().unwrap()).unwrap();
    // The folder alone is left of a target that was half installed, or removed.
    assert!(ask_for_target(folder.path(), 0).status.success());
    assert_eq!(called().as_deref(), Some(target));

    fs::remove_file(folder.path().join("called")).unwrap();
    fs::write(&library, "").unwrap();
    let there = ask_for_target(folder.path(), 1);
    assert!(there.status.success(), "{there:?}");
    assert_eq!(called(), None);
}

//! The forms that a template's file may have, held against what AWS's own tools read of them.

use crate::support::testbed::python;

/// How many random files. `make yaml-differential SEEDS=N` has as many as one likes.
const SEEDS: &str = "400";

#[test]
fn a_file_says_what_pyyaml_reads_of_it() {
    let done = python()
        .arg("tests/yaml/differential.py")
        .args(["--gatewatch", env!("CARGO_BIN_EXE_gatewatch")])
        .args(["--seeds", SEEDS])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

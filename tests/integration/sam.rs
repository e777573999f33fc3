//! What is read of SAM templates, held against what SAM itself makes of them.

use crate::support::testbed::python;

/// How many random templates. `make sam-differential SEEDS=N` has as many as one likes.
const SEEDS: &str = "500";

#[test]
fn a_template_has_the_methods_that_sam_makes_of_it() {
    let done = python()
        .arg("tests/sam/differential.py")
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

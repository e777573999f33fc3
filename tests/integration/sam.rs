//! What is read of SAM templates, held against what SAM itself makes of them.

use crate::support::testbed::assert_no_differences;

/// How many random templates. `make sam-differential SEEDS=N` has as many as one likes.
const SEEDS: &str = "500";

#[test]
fn a_template_has_the_methods_that_sam_makes_of_it() {
    assert_no_differences("tests/sam/differential.py", SEEDS);
}

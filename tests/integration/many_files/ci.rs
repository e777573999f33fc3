//! The GitHub Action, the hook for pre-commit and the job for GitLab, run as their hosts run them.

use std::fs;

use crate::support::package;
use crate::support::testbed::assert_script_passes;

#[test]
fn what_ci_systems_are_given_works() {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes("tests/ci/check.py", &["--gatewatch", gatewatch]);
}

#[test]
fn the_page_shows_the_job_that_is_run() {
    let job = fs::read_to_string(package("examples/gitlab-ci.yml")).unwrap();
    let job = job.split_once('\n').unwrap().1;
    let page = fs::read_to_string(package("docs/pipelines.md")).unwrap();
    assert!(page.contains(job), "{job}");
}

//! CSV, Markdown and OCSF, read by programs that others wrote.

use crate::support::testbed::assert_script_passes;

#[test]
fn every_format_says_what_the_json_says_and_no_name_is_more_than_a_name() {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes("tests/formats/check.py", &["--gatewatch", gatewatch]);
}

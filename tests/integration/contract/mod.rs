//! What is asked of AWS, held against AWS's own models of its services.

use std::path::Path;

use crate::support::testbed::assert_script_passes;

#[test]
fn every_request_is_one_that_aws_documents_and_the_roles_allow() {
    let binaries = Path::new(env!("CARGO_BIN_EXE_gatewatch")).parent().unwrap();
    let binaries = binaries.to_str().unwrap();
    assert_script_passes("tests/contract/check.py", &["--bin-dir", binaries]);
}

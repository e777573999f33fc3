//! AWS's own managed policies, read from a package that carries them.

use gatewatch::iam::document::Policy;
use serde_json::Value;

use crate::support::testbed::python;

#[test]
fn every_managed_policy_of_aws_parses() {
    let script = "import importlib.util, runpy\n\
        [folder] = importlib.util.find_spec('moto').submodule_search_locations\n\
        found = runpy.run_path(folder + '/iam/aws_managed_policies.py')\n\
        print(found['aws_managed_policies_data'])";
    let output = python().args(["-c", script]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let policies: Value = serde_json::from_slice(&output.stdout).unwrap();
    let policies = policies.as_object().unwrap();
    assert!(policies.len() > 1_500, "only {} policies", policies.len());
    let refused: Vec<String> = policies
        .iter()
        .filter_map(|(name, policy)| {
            let error = Policy::from_value(&policy["Document"]).err()?;
            Some(format!("{name}: {error}"))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

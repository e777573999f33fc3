//! What a deployment says of the run that made it: which findings it mends, and from which journal.
//!
//! A journal is a file that anybody may have written or edited. The description of a deployment is kept by AWS, and only
//! whoever may deploy to the API can set it. It names a hash of the journal's first line, so that a journal that claims to have
//! made a deployment can be held against the deployment itself.

use sha2::{Digest, Sha256};

use crate::audit::fix::journal::Begun;
use crate::audit::fix::step::Action;
use crate::inventory::listed;

/// As many findings are named in the description of a deployment, which AWS keeps for good.
const NAMED: usize = 5;

/// As many bytes of the hash are named, two digits each.
const BYTES: usize = 16;

/// What the deployment of a plan says of itself. `findings`: the ids of the findings that it mends.
pub(super) fn described(findings: impl ExactSizeIterator<Item = String>) -> String {
    format!("gatewatch fix: {}", listed(findings, NAMED))
}

/// The same first line, whose deployments say which run and which journal they are of. What they said before counts for nothing.
pub(super) fn sealed(begun: Begun) -> Begun {
    let mut plain = begun;
    for step in &mut plain.steps {
        if let Action::Deploy { description, .. } = &mut step.action {
            *description = described(step.findings.iter().cloned());
        }
    }
    let seal = hash(&plain);
    let run = plain.run.clone();
    for step in &mut plain.steps {
        if let Action::Deploy {
            description, stage, ..
        } = &mut step.action
        {
            description.push_str(&format!(" (run {run}, {stage}, journal {seal})"));
        }
    }
    plain
}

fn hash(begun: &Begun) -> String {
    // What cannot be written as JSON cannot be written as a journal either: then nothing is deployed.
    let bytes = serde_json::to_vec(begun).unwrap_or_default();
    let hash = Sha256::digest(bytes);
    let digits = hash.iter().take(BYTES);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

//! What an auditor asks of a report, for programs: by which policy file it was judged, what each rule looked at, and what the policy
//! file accepts.

use serde::Serialize;

use crate::audit::rules::{RequirementUse, RuleTally};
use crate::inventory::AuthorizationType;
use crate::policy_file::Origin;

/// The policy file by which a report was judged.
#[derive(Debug, Serialize)]
pub(super) struct PolicyFileJson<'a> {
    source: &'a str,
    sha256: &'a str,
    version_id: Option<&'a str>,
}

/// What a rule looked at.
#[derive(Debug, Serialize)]
pub(super) struct RuleTallyJson {
    rule: &'static str,
    /// What is counted.
    counted: &'static str,
    looked_at: usize,
    findings: usize,
    exempted: usize,
    undecided: usize,
    passed: usize,
}

/// An entry of `require`.
#[derive(Debug, Serialize)]
pub(super) struct RequirementJson<'a> {
    policy_line: usize,
    /// Of which methods it speaks.
    says: String,
    accepts: Vec<&'a str>,
    decides: usize,
    accepts_open: usize,
}

pub(super) fn policy_file(origin: &Origin) -> PolicyFileJson<'_> {
    PolicyFileJson {
        source: &origin.source,
        sha256: &origin.sha256,
        version_id: origin.version_id.as_deref(),
    }
}

pub(super) fn tally(of: &RuleTally) -> RuleTallyJson {
    RuleTallyJson {
        rule: of.rule.as_str(),
        counted: of.subject.as_str(),
        looked_at: of.looked_at,
        findings: of.findings,
        exempted: of.exempted,
        undecided: of.undecided,
        passed: of.passed,
    }
}

pub(super) fn requirement(of: &RequirementUse) -> RequirementJson<'_> {
    let entry = &of.requirement;
    RequirementJson {
        policy_line: entry.line,
        says: entry.selector.in_words(),
        accepts: entry
            .accepted
            .iter()
            .map(AuthorizationType::as_str)
            .collect(),
        decides: of.decides,
        accepts_open: of.accepts_open,
    }
}

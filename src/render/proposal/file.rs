//! The file as a whole.

use crate::audit::Report;
use crate::audit::proposal::{Proposal, TypesToday};
use crate::inventory::AuthorizationType;
use crate::render::{minute, plain};

use super::apis::matching;
use super::lines::Entry;
use super::{callers, exceptions, groups};

const RULES_OF_REQUIRE: &str = "
# Which authorization types are accepted where. The most specific entry that meets a method decides alone.
require:
  # Everywhere: callers are AWS principals, and sign their requests.
  - authorization: [AWS_IAM]
";

const EXAMPLE_OF_OPEN: &str = "
  # A method that everybody may call, for good, is accepted by the id of its API: whoever may change an API chooses its name.
  # - match: {api-id: API_ID, path: /PATH, verb: GET}
  #   authorization: [NONE]

# OPTIONS methods with NONE: accepted where the integration is MOCK, a CORS preflight. (The default.)
preflight: accept-mock
";

const EXAMPLES: &str = r#"
# Groups, and the policies that they must carry.
# groups:
#   - name: api-callers
#     policies: ["arn:aws:iam::111122223333:policy/CallPetStore"]

# Who may call the methods with AWS_IAM. Where no entry speaks of a method, nobody is asked about.
# invokers:
#   - match: {api: PetStore}
#     groups: [api-callers]

# Findings that are allowed for a time. They stay in the report, and are not counted.
# exemptions:
#   - rule: open-method
#     match: {api: PetStore, path: /PATH, verb: GET}
#     severity: high # the worst that it covers
#     reason:
#     owner:
#     expires: # YYYY-MM-DD
"#;

/// A policy file for an account of which nothing is known. `types`: those that are accepted everywhere besides `AWS_IAM`.
///
/// ```
/// use gatewatch::inventory::AuthorizationType;
/// use gatewatch::policy_file::PolicyFile;
///
/// let text = gatewatch::render::bare_policy_file(&[AuthorizationType::Jwt]);
/// let policy = PolicyFile::from_yaml("gatewatch.yaml", &text).unwrap();
/// assert!(policy.require[0].accepted.contains(&AuthorizationType::Jwt));
/// ```
pub fn bare_policy_file(types: &[AuthorizationType]) -> String {
    let begin = "# What gatewatch demands. docs/policy-file.md explains every key.\nversion: 1\n";
    let require = RULES_OF_REQUIRE.replace("[AWS_IAM]", &accepted(types));
    let require = match types.is_empty() {
        true => require,
        false => require.replace(": callers are AWS principals, and sign their requests", ""),
    };
    format!("{begin}{require}{EXAMPLE_OF_OPEN}{EXAMPLES}")
}

/// A policy file that says of an account what is there today. `report`: what is found by it, which is commented out for
/// whoever decides about it.
pub fn proposed_policy_file(proposal: &Proposal, report: Option<&Report>) -> String {
    let mut text = format!(
        "# What gatewatch demands of account {}, as it was on {}: docs/policy-file.md explains every key.\n\
         # What stands here counts from now on. Read every entry, and take out what is not meant to be.\n",
        plain(&proposal.account),
        minute(proposal.taken_at)
    );
    if let Some(report) = report {
        text += &exceptions::gaps(report);
    }
    text += "version: 1\n";
    text += RULES_OF_REQUIRE;
    for types in &proposal.types {
        text += &of_types(types);
    }
    text += EXAMPLE_OF_OPEN;
    text += &groups::groups(proposal.groups.as_deref());
    text += &callers::callers(proposal.callers.as_deref());
    if let Some(report) = report {
        text += &exceptions::exceptions(report);
    }
    text
}

fn of_types(types: &TypesToday) -> String {
    let mut entry = Entry::default();
    entry.said(0, "Methods of these APIs have another authorizer today.");
    let counts = matching(&mut entry, &types.of);
    entry.live(2, format!("authorization: {}", accepted(&types.types)));
    format!("\n{}", entry.written(counts))
}

fn accepted(besides: &[AuthorizationType]) -> String {
    let names = besides.iter().map(AuthorizationType::as_str);
    let names: Vec<&str> = ["AWS_IAM"].into_iter().chain(names).collect();
    format!("[{}]", names.join(", "))
}

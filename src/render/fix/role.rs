//! The policy of a role that may carry plans out.

/// The least that `gatewatch fix --apply`, `--resume` and `--undo` need beside what a scan reads. The account's own resources
/// are narrowed by whoever uses it: API Gateway's ARNs name no account.
const POLICY: &str = include_str!("role.json");

/// The policy, as JSON with a line break at its end.
pub fn fix_role() -> String {
    POLICY.to_owned()
}

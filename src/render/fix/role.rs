//! The policy of a role that may carry plans out.

/// The least that `gatewatch fix --apply`, `--resume` and `--undo` need beside what a scan reads. The account's own resources
/// are narrowed by whoever uses it: API Gateway's ARNs name no account.
const POLICY: &str = include_str!("role.json");

/// What signed requests need beside it: `--verb` sends others than GET and HEAD only unsigned.
const SIGNED: &str = include_str!("role-signed.json");

/// The end of a policy's last statement, and of the policy.
const END: &str = "\n  ]\n}\n";

/// The policy, as JSON with a line break at its end. `signed`: whether the URLs are asked by signed requests, too.
pub fn fix_role(signed: bool) -> String {
    let statements = POLICY.strip_suffix(END);
    match statements.filter(|_| signed) {
        Some(statements) => format!("{statements},\n{}{END}", SIGNED.trim_end()),
        None => POLICY.to_owned(),
    }
}

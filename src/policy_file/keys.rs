//! The keys of a policy file, in one place: the reader asks for them, and a test holds the JSON Schema
//! against them.

/// The keys of the file itself.
pub(super) const POLICY_FILE: [&str; 8] = [
    "version",
    "require",
    "groups",
    "invokers",
    "exemptions",
    "notify",
    "preflight",
    "max_exemption_days",
];

/// The keys of an entry of `require`.
pub(super) const REQUIREMENT: [&str; 2] = ["match", "authorization"];

/// The keys of an entry of `groups`.
pub(super) const GROUP: [&str; 5] = ["name", "policies", "inline", "invoke", "blanket"];

/// The keys of an entry of `invokers`.
pub(super) const INVOKER: [&str; 6] = [
    "match",
    "groups",
    "users",
    "roles",
    "accounts",
    "organizations",
];

/// The keys of an entry of `exemptions`.
pub(super) const EXEMPTION: [&str; 8] = [
    "id",
    "rule",
    "match",
    "principal",
    "severity",
    "reason",
    "owner",
    "expires",
];

/// The keys of an entry of `notify`.
pub(super) const NOTIFY: [&str; 3] = ["match", "topic", "format"];

/// The keys of its `match`.
pub(super) const NOTIFY_MATCH: [&str; 5] = ["account", "region", "api", "api-id", "tags"];

/// The keys of a `match`.
pub(super) const MATCH: [&str; 8] = [
    "region", "api", "api-id", "stage", "verb", "path", "exposure", "tags",
];

/// The words of `preflight`.
pub(super) const PREFLIGHT: [&str; 3] = ["accept-mock", "accept-all", "accept-none"];

//! The names of the rules.

use std::fmt;

/// A rule's name. The order is the one of reports: within a severity, the plainer danger first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleId {
    /// See `rules::open_method`.
    OpenMethod,
    /// See `rules::open_connect`.
    OpenConnect,
    /// See `rules::open_canary`.
    OpenCanary,
    /// See `rules::undeployed_fix`.
    UndeployedFix,
    /// See `rules::api_key_only`.
    ApiKeyOnly,
    /// See `rules::unread_api`.
    UnreadApi,
    /// See `rules::world_signed`.
    WorldSigned,
    /// See `rules::missing_group_policy`.
    MissingGroupPolicy,
    /// See `rules::powerless_group`.
    PowerlessGroup,
    /// See `rules::foreign_authorizer`.
    ForeignAuthorizer,
    /// See `rules::pending_opening`.
    PendingOpening,
    /// See `rules::unlisted_invoker`.
    UnlistedInvoker,
    /// See `rules::direct_user_grant`.
    DirectUserGrant,
    /// See `rules::dangling_grant`.
    DanglingGrant,
    /// See `rules::expired_exemption`.
    ExpiredExemption,
    /// See `rules::empty_group`.
    EmptyGroup,
    /// See `rules::blanket_grant`.
    BlanketGrant,
    /// See `rules::uncallable_method`.
    UncallableMethod,
    /// See `rules::unused_exemption`.
    UnusedExemption,
}

impl RuleId {
    /// Every rule.
    pub const ALL: [RuleId; 19] = [
        RuleId::OpenMethod,
        RuleId::OpenConnect,
        RuleId::OpenCanary,
        RuleId::UndeployedFix,
        RuleId::ApiKeyOnly,
        RuleId::UnreadApi,
        RuleId::WorldSigned,
        RuleId::MissingGroupPolicy,
        RuleId::PowerlessGroup,
        RuleId::ForeignAuthorizer,
        RuleId::PendingOpening,
        RuleId::UnlistedInvoker,
        RuleId::DirectUserGrant,
        RuleId::DanglingGrant,
        RuleId::ExpiredExemption,
        RuleId::EmptyGroup,
        RuleId::BlanketGrant,
        RuleId::UncallableMethod,
        RuleId::UnusedExemption,
    ];

    /// The name in reports and in the policy file. It never changes: fingerprints are made of it.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleId::OpenMethod => "open-method",
            RuleId::OpenConnect => "open-connect",
            RuleId::OpenCanary => "open-canary",
            RuleId::UndeployedFix => "undeployed-fix",
            RuleId::ApiKeyOnly => "api-key-only",
            RuleId::UnreadApi => "unread-api",
            RuleId::WorldSigned => "world-signed",
            RuleId::MissingGroupPolicy => "missing-group-policy",
            RuleId::PowerlessGroup => "powerless-group",
            RuleId::ForeignAuthorizer => "foreign-authorizer",
            RuleId::PendingOpening => "pending-opening",
            RuleId::UnlistedInvoker => "unlisted-invoker",
            RuleId::DirectUserGrant => "direct-user-grant",
            RuleId::DanglingGrant => "dangling-grant",
            RuleId::ExpiredExemption => "expired-exemption",
            RuleId::EmptyGroup => "empty-group",
            RuleId::BlanketGrant => "blanket-grant",
            RuleId::UncallableMethod => "uncallable-method",
            RuleId::UnusedExemption => "unused-exemption",
        }
    }

    /// What it means when the rule fires, in one line.
    pub fn summary(self) -> &'static str {
        match self {
            RuleId::OpenMethod => "anyone can call a deployed method that must be authorized",
            RuleId::OpenConnect => "anyone can connect to a WebSocket API",
            RuleId::OpenCanary => "a canary opens a method that its stage protects",
            RuleId::UndeployedFix => {
                "a method was protected in the editable tree, and the stage still serves it open"
            }
            RuleId::ApiKeyOnly => "an API key is all that a deployed method asks for",
            RuleId::UnreadApi => "something that must be checked could not be read",
            RuleId::WorldSigned => {
                "a resource policy lets every AWS principal call a method that asks for a signature"
            }
            RuleId::MissingGroupPolicy => {
                "a group lacks a policy that it must carry, or does not exist"
            }
            RuleId::ForeignAuthorizer => {
                "a deployed method uses an authorization type that the policy does not accept"
            }
            RuleId::PendingOpening => "the next deployment opens a method",
            RuleId::ExpiredExemption => "an exemption is past its last day, and hides nothing",
            RuleId::EmptyGroup => "a group that grants invoke has no members",
            RuleId::PowerlessGroup => {
                "a group carries its policies, and its members still cannot call what they should"
            }
            RuleId::UnlistedInvoker => {
                "somebody who is not listed can call a method that asks for AWS_IAM"
            }
            RuleId::DirectUserGrant => {
                "a user gets execute-api:Invoke from a policy of their own, not from a group"
            }
            RuleId::DanglingGrant => {
                "a grant names an API that does not exist: whoever gets its id inherits the grant"
            }
            RuleId::BlanketGrant => "a policy lets its holder call every API",
            RuleId::UncallableMethod => {
                "a method asks for AWS_IAM, and nobody of the account may call it"
            }
            RuleId::UnusedExemption => "an exemption speaks of nothing that is found any more",
        }
    }

    /// Whether an exemption can cover its findings. What was not read is never clean, and an exemption
    /// that needs another one is a mistake of its own.
    pub fn can_be_exempted(self) -> bool {
        !matches!(
            self,
            RuleId::UnreadApi | RuleId::ExpiredExemption | RuleId::UnusedExemption
        )
    }

    /// The rule of this name.
    pub fn from_name(name: &str) -> Option<RuleId> {
        RuleId::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

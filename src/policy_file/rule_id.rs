//! The registry of the rules.

use std::fmt;
use std::str::FromStr;

use super::suggest::unknown;

/// Hands every rule to another macro: its file in `audit::rules`, its type, and its name.
///
/// To add a rule, write its file and add its line here. The name in reports and in the policy file never changes:
/// fingerprints are made of it. The order is the one of reports: within a severity, the plainer danger first.
/// `never exempted`: no exemption covers its findings. What was not read is never clean, and an exemption that needs
/// another one is a mistake of its own.
macro_rules! every_rule {
    ($take:ident) => {
        $take! {
            methods {
                open_method::OpenMethod "open-method",
                open_connect::OpenConnect "open-connect",
                open_canary::OpenCanary "open-canary",
                undeployed_fix::UndeployedFix "undeployed-fix",
                api_key_only::ApiKeyOnly "api-key-only",
                unread_api::UnreadApi "unread-api" never exempted,
                world_signed::WorldSigned "world-signed",
                open_to_all_vpcs::OpenToAllVpcs "open-to-all-vpcs",
                foreign_authorizer::ForeignAuthorizer "foreign-authorizer",
                pending_opening::PendingOpening "pending-opening",
                probe_disagrees::ProbeDisagrees "probe-disagrees",
            }
            principals {
                missing_group_policy::MissingGroupPolicy "missing-group-policy",
                powerless_group::PowerlessGroup "powerless-group",
                guest_invoker::GuestInvoker "guest-invoker",
                unlisted_invoker::UnlistedInvoker "unlisted-invoker",
                direct_user_grant::DirectUserGrant "direct-user-grant",
                dangling_grant::DanglingGrant "dangling-grant",
                empty_group::EmptyGroup "empty-group",
                blanket_grant::BlanketGrant "blanket-grant",
                uncallable_method::UncallableMethod "uncallable-method",
            }
            policy_file {
                expired_exemption::ExpiredExemption "expired-exemption" never exempted,
                unused_exemption::UnusedExemption "unused-exemption" never exempted,
            }
        }
    };
}
pub(crate) use every_rule;

/// Makes the names of the rules.
macro_rules! names {
    ($($folder:ident { $($file:ident::$Rule:ident $name:literal $($never:ident exempted)?,)* })*) => {
        /// A rule's name. The order is the one of reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleId {
            $($(
                #[doc = concat!("`", $name, "`: see `audit::rules::", stringify!($folder::$file), "`.")]
                $Rule,
            )*)*
        }

        impl RuleId {
            /// Every rule.
            pub const ALL: &'static [RuleId] = &[$($(RuleId::$Rule,)*)*];

            /// The name in reports and in the policy file.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($(RuleId::$Rule => $name,)*)*
                }
            }

            /// Whether an exemption can cover its findings.
            pub fn can_be_exempted(self) -> bool {
                let never: &[&str] = match self {
                    $($(RuleId::$Rule => &[$(stringify!($never))?],)*)*
                };
                never.is_empty()
            }
        }
    };
}

every_rule!(names);

impl RuleId {
    /// The rule of this name. `None`: there is none.
    ///
    /// ```
    /// use gatewatch::policy_file::RuleId;
    ///
    /// let rule = RuleId::from_name("open-method").unwrap();
    /// assert_eq!(rule, RuleId::OpenMethod);
    /// assert!(rule.can_be_exempted());
    /// // What was not read is never clean.
    /// assert!(!RuleId::UnreadApi.can_be_exempted());
    /// assert_eq!(RuleId::from_name("open-methods"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<RuleId> {
        let mut rules = RuleId::ALL.iter().copied();
        rules.find(|rule| rule.as_str() == name)
    }
}

impl FromStr for RuleId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        RuleId::from_name(text).ok_or_else(|| {
            let known: Vec<&str> = RuleId::ALL.iter().map(|it| it.as_str()).collect();
            unknown(&format!("rule `{text}`"), &known, text)
        })
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

//! Who asks, and whether a policy speaks of them.

use crate::iam::document::{Arn, Named, Principals, is_account_id};
use crate::iam::truth::Truth;

/// Who asks.
///
/// ```
/// use gatewatch::iam::Caller;
///
/// let role = Caller::read("arn:aws:iam::111122223333:role/ci").unwrap();
/// assert_eq!(role.account(), Some("111122223333"));
/// assert_eq!(Caller::read("anonymous"), Some(Caller::Anonymous));
/// assert_eq!(Caller::read("alice"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: the request is not signed.
    Anonymous,
    /// Some principal of an account that has nothing to do with ours, and that no policy names.
    Stranger,
    /// Somebody whom an identity provider vouches for, before they have become a role.
    Federated {
        /// The provider, as `Federated` principals name it.
        provider: String,
    },
    /// A principal of another account than the API's, whose own policies are not read: they may allow it everything.
    OfOtherAccount {
        /// The account's id.
        account: String,
        /// The principal's ARN. `None`: one that no policy names.
        arn: Option<String>,
    },
    /// A member of a group of this account, of whom nothing else is known. No policy can name a group.
    Member {
        /// The account's id.
        account: String,
    },
    /// The principal with this ARN: a user, a role (through any of its sessions), a session, or an
    /// account's root.
    Principal {
        /// The ARN, such as `arn:aws:iam::111122223333:user/alice`.
        arn: String,
        /// The account's id.
        account: String,
    },
}

/// How a statement speaks of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iam) struct Spoken {
    /// Whether it does.
    pub(in crate::iam) of: Truth,
    /// Whether a permissions boundary does not limit what it grants: it names the user, the session, or
    /// everybody. One that names a role's ARN is limited by it.
    ///
    /// Source: [evaluating resource-based policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html)
    /// and [role principals](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles):
    /// boundaries do not limit what `"Principal": "*"` with `aws:PrincipalArn` grants. A condition only
    /// narrows a grant, so that without one the principal is met in the same way.
    pub(in crate::iam) beyond_boundary: bool,
    /// Whether it does no more than name the caller's account, which leaves the rest to that account.
    pub(in crate::iam) by_account: bool,
}

impl Spoken {
    /// How the statements of a policy speak of whoever the policy is attached to.
    pub(in crate::iam) const OF_HOLDER: Spoken = Spoken {
        of: Truth::True,
        beyond_boundary: false,
        by_account: false,
    };
}

impl Caller {
    /// Reads a caller: `anonymous` (or `*`), or an ARN. `None`: the ARN names no account.
    pub fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("anonymous") || text == "*" {
            return Some(Caller::Anonymous);
        }
        let account = Arn::read(text)?.account;
        is_account_id(account).then(|| Caller::Principal {
            arn: text.to_owned(),
            account: account.to_owned(),
        })
    }

    /// The account that the caller belongs to. `None`: none.
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Anonymous | Caller::Stranger | Caller::Federated { .. } => None,
            Caller::Member { account }
            | Caller::OfOtherAccount { account, .. }
            | Caller::Principal { account, .. } => Some(account),
        }
    }

    /// The ARN that policies may name it by. `None`: none is known.
    pub(super) fn arn(&self) -> Option<&str> {
        match self {
            Caller::Principal { arn, .. } => Some(arn),
            Caller::OfOtherAccount { arn, .. } => arn.as_deref(),
            Caller::Anonymous
            | Caller::Stranger
            | Caller::Federated { .. }
            | Caller::Member { .. } => None,
        }
    }

    /// Whether this is an account's root user, whom no identity policy limits.
    pub(in crate::iam) fn is_root(&self) -> bool {
        matches!(self, Caller::Principal { arn, .. } if arn.ends_with(":root"))
    }

    pub(super) fn is_role(&self) -> bool {
        self.arn().is_some_and(|arn| arn.contains(":role/"))
    }

    pub(super) fn is_session(&self) -> bool {
        self.arn().is_some_and(|arn| arn.contains(":assumed-role/"))
    }

    /// How a policy attached to a resource speaks of the caller.
    pub(in crate::iam) fn spoken_of(&self, principals: &Principals) -> Spoken {
        if principals.negated {
            return Spoken {
                of: !self.is_spared_by(&principals.named),
                // AWS supports NotPrincipal with Deny alone. With Allow it would speak of everybody else.
                beyond_boundary: true,
                by_account: false,
            };
        }
        let mut spoken = Spoken {
            of: Truth::False,
            beyond_boundary: false,
            by_account: true,
        };
        for named in &principals.named {
            let one = self.named_as(named);
            if one.of == Truth::False {
                continue;
            }
            spoken.of = spoken.of | one.of;
            spoken.beyond_boundary |= one.beyond_boundary;
            spoken.by_account &= one.by_account;
        }
        spoken
    }

    /// How a list of principals that has this one speaks of the caller by it.
    pub(super) fn named_as(&self, named: &Named) -> Spoken {
        let spoken = |of: Truth, beyond_boundary, by_account| Spoken {
            of,
            beyond_boundary,
            by_account,
        };
        let no = spoken(Truth::False, false, false);
        let text = match named {
            Named::Everybody => return spoken(Truth::True, true, false),
            Named::Service(_) | Named::CanonicalUser(_) => return no,
            Named::Federated(text) => {
                return match self {
                    Caller::Federated { provider } if provider == text => {
                        spoken(Truth::True, true, false)
                    }
                    // AWS does not say that it takes wildcards here.
                    Caller::Federated { .. } if text.contains('*') => {
                        spoken(Truth::Unknown, true, false)
                    }
                    _ => no,
                };
            }
            Named::Aws(text) => text,
        };
        let Some(account) = self.account() else {
            return no;
        };
        let is_root = |it: Arn<'_>| it.resource == "root" && it.account == account;
        let is_account = text == account || Arn::read(text).is_some_and(is_root);
        if is_account {
            return spoken(Truth::True, self.is_root(), !self.is_root());
        }
        match self.arn() {
            Some(arn) if arn == text => spoken(Truth::True, !self.is_role(), false),
            // A session is covered by its role.
            Some(arn) if is_session_of(arn, text) => spoken(Truth::True, false, false),
            // A role asks through sessions, of which this may be one.
            Some(arn) if is_session_of(text, arn) => spoken(Truth::Unknown, true, false),
            // A unique id (AIDA…) may be anybody's. An ARN of somebody else is nobody's.
            _ if !text.starts_with("arn:") && !text.bytes().all(|it| it.is_ascii_digit()) => {
                spoken(Truth::Unknown, true, false)
            }
            _ => no,
        }
    }
}

/// Whether the first is the ARN of a session of the role that the second is the ARN of.
pub(super) fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(session), Some(role)) = (Arn::read(session), Arn::read(role)) else {
        return false;
    };
    let assumed = session.resource.strip_prefix("assumed-role/");
    let parts = assumed.and_then(|it| it.split_once('/'));
    session.account == role.account
        && role.resource.starts_with("role/")
        && parts.is_some_and(|(name, _)| name == role.name())
}

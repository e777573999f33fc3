//! Callers of other accounts whom a resource policy tells apart: accounts, principals of theirs, organizations.
//!
//! Another account must allow the call, too, and its policies are not read: they are taken to allow everything, so that
//! the resource policy alone decides.
//!
//! Source: [how resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html).

use std::collections::BTreeSet;

use crate::iam::access::granting::is_about_invoke;
use crate::iam::access::outsider::at_endpoint;
use crate::iam::condition::context::Context;
use crate::iam::decide::caller::Caller;
use crate::iam::decide::compile::compile;
use crate::iam::decide::question::{Attached, Question};
use crate::iam::document::{
    Arn, Condition, Effect, INVOKE, Named, Policy, Statement, account_begun, account_of_all,
    is_account_id, is_own_organization, is_session, organization_of, unit_named,
};
use crate::iam::pattern::library::Patterns;

/// A caller of another account whom a resource policy tells from others.
///
/// ```
/// use gatewatch::iam::OtherAccount;
/// use gatewatch::iam::document::Policy;
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": [
///         {"Effect": "Allow", "Principal": {"AWS": ["999988887777", "arn:aws:iam::111122223333:root"]},
///          "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
///         {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
///          "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}"#,
/// )
/// .unwrap();
/// let account = OtherAccount::Account { account: "999988887777".to_owned(), arn: None };
/// let organization = OtherAccount::Organization { id: "o-a1b2c3d4e5".to_owned() };
/// assert_eq!(OtherAccount::admitted(&policy, "111122223333", "a1b2c3d4e5"), [account, organization]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OtherAccount {
    /// A principal of an account.
    Account {
        /// The account's id.
        account: String,
        /// The ARN of the principal. `None`: somebody of the account whom no policy names.
        arn: Option<String>,
    },
    /// A principal of an organization or of a unit in it, in an account and a further unit that no policy names.
    Organization {
        /// The organization's id, or the variable `${aws:ResourceOrgID}`: the organization of the API's own account. Of a
        /// unit, the path to it, without the slash at its end: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111`.
        id: String,
    },
}

impl OtherAccount {
    /// Those whom the resource policy of an API allows something, or may, before its Deny statements are weighed. In order,
    /// without those of the API's own account.
    pub fn admitted(policy: &Policy, resource_account: &str, api: &str) -> Vec<Self> {
        let speaking = policy.statements.iter().filter(|it| is_about_invoke(it));
        // Whom a Deny spares is let in by what speaks of everybody.
        let named: BTreeSet<OtherAccount> = speaking.flat_map(named_by).collect();
        let outside = named
            .into_iter()
            .filter(|it| it.is_outside(resource_account));
        outside
            .filter(|it| it.is_allowed_by(policy, resource_account, api))
            .collect()
    }

    /// Those whom statements name, and who are let in by none: with each, the place of the statement, and whom else it names
    /// who is let in. An organization beside an account in one condition lets in the account alone.
    pub fn named_beside(
        policy: &Policy,
        resource_account: &str,
        api: &str,
    ) -> Vec<(Self, usize, Vec<Self>)> {
        let admitted: BTreeSet<OtherAccount> =
            (Self::admitted(policy, resource_account, api).into_iter()).collect();
        let mut found = Vec::new();
        for (place, statement) in policy.statements.iter().enumerate() {
            if !is_about_invoke(statement) {
                continue;
            }
            let named: BTreeSet<OtherAccount> = named_by(statement).into_iter().collect();
            let outside = named
                .into_iter()
                .filter(|it| it.is_outside(resource_account));
            let (let_in, others): (Vec<_>, Vec<_>) = outside.partition(|it| admitted.contains(it));
            if !let_in.is_empty() {
                found.extend(others.into_iter().map(|it| (it, place, let_in.clone())));
            }
        }
        found
    }

    fn is_outside(&self, resource_account: &str) -> bool {
        match self {
            OtherAccount::Account { account, .. } => account != resource_account,
            OtherAccount::Organization { .. } => true,
        }
    }

    /// Who asks.
    pub fn caller(&self) -> Caller {
        match self {
            OtherAccount::Account { account, arn } => Caller::OfOtherAccount {
                account: account.clone(),
                arn: arn.clone(),
            },
            OtherAccount::Organization { .. } => Caller::Stranger,
        }
    }

    /// What is known at audit time of the condition keys of its requests.
    ///
    /// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
    pub fn context(&self, resource_account: &str) -> Context {
        let mut context = Context::of_signed(resource_account);
        match self {
            OtherAccount::Account { account, arn } => {
                context.set("aws:PrincipalAccount", vec![account.clone()]);
                context.set_owned("aws:PrincipalArn", account);
                if let Some(arn) = arn {
                    set_principal(&mut context, arn);
                }
            }
            OtherAccount::Organization { id } => {
                let organization = organization_of(id).to_owned();
                if is_own_organization(&organization) {
                    context.set("aws:ResourceOrgID", vec![organization.clone()]);
                }
                context.set("aws:PrincipalOrgID", vec![organization]);
                context.set_owned("aws:PrincipalOrgPaths", id);
                for key in ["aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid"] {
                    context.set_foreign(key, false);
                }
            }
        }
        context
    }

    /// The same where the requests go to a private API, or to one that the internet reaches: which VPC endpoints and addresses
    /// they can come from.
    pub fn context_at(&self, resource_account: &str, is_private: bool) -> Context {
        at_endpoint(&self.context(resource_account), is_private)
    }

    /// Whether some statement allows it something, or may.
    fn is_allowed_by(&self, policy: &Policy, resource_account: &str, api: &str) -> bool {
        let question = Question {
            caller: &self.caller(),
            action: INVOKE,
            resource_account,
            api,
            context: &self.context(resource_account),
        };
        let attached = Attached::ToResource {
            caller_has_boundary: false,
        };
        let live = compile(policy, question, attached, &mut Patterns::default());
        live.iter().any(|it| it.effect() == Effect::Allow)
    }
}

/// What the ARN of a user or a role tells. That of a session does not tell what `aws:PrincipalArn` is.
fn set_principal(context: &mut Context, arn: &str) {
    let Some(resource) = Arn::read(arn).map(|it| it.resource) else {
        return;
    };
    let kind = if resource.starts_with("user/") {
        let name = resource.rsplit('/').next().unwrap_or_default();
        context.set("aws:username", vec![name.to_owned()]);
        "User"
    } else if resource.starts_with("role/") {
        context.set_absent("aws:username");
        "AssumedRole"
    } else {
        return;
    };
    context.set("aws:PrincipalArn", vec![arn.to_owned()]);
    context.set("aws:PrincipalType", vec![kind.to_owned()]);
}

/// Everybody of an account or an organization whom a statement names, as its principal or in a condition.
fn named_by(statement: &Statement) -> Vec<OtherAccount> {
    let principals = statement.principals.iter().flat_map(|it| &it.named);
    let principals = principals.filter_map(|it| match it {
        Named::Aws(text) => principal(text),
        Named::Everybody | Named::Federated(_) | Named::Service(_) | Named::CanonicalUser(_) => {
            None
        }
    });
    let conditions = statement.conditions.iter().flat_map(in_condition);
    principals.chain(conditions).collect()
}

/// The principal, or the account, that a text names. `None`: neither.
fn principal(text: &str) -> Option<OtherAccount> {
    if is_account_id(text) {
        return Some(OtherAccount::Account {
            account: text.to_owned(),
            arn: None,
        });
    }
    let arn = Arn::read(text).filter(|it| is_account_id(it.account))?;
    // What may be any principal of the account names none of them.
    let is_one = arn.resource != "root" && !text.contains(['*', '?', '$']);
    Some(OtherAccount::Account {
        account: arn.account.to_owned(),
        arn: is_one.then(|| text.to_owned()),
    })
}

/// The principal that a pattern names, or the account that all it matches is of, or may be of. `None`: neither.
fn principal_of(pattern: &str) -> Option<OtherAccount> {
    // No principal has the ARN of a session there.
    if is_session(pattern, true) {
        return None;
    }
    principal(pattern).or_else(|| account(pattern))
}

/// The account that a pattern names, or the ARN of something in it.
fn account(pattern: &str) -> Option<OtherAccount> {
    let of_arn = || account_of_all(pattern, false).or_else(|| account_of_all(pattern, true));
    let account = account_begun(pattern).or_else(of_arn)?;
    Some(OtherAccount::Account {
        account: account.to_owned(),
        arn: None,
    })
}

fn in_condition(condition: &Condition) -> Vec<OtherAccount> {
    let read: fn(&str) -> Option<OtherAccount> = match condition.key.as_str() {
        "aws:principalaccount" | "aws:principalarn" => principal_of,
        "aws:principalorgid" | "aws:principalorgpaths" => organization,
        // Of whom a service calls for, or what runs in one.
        "aws:sourceaccount"
        | "aws:sourcearn"
        | "ec2:sourceinstancearn"
        | "lambda:sourcefunctionarn" => account,
        "aws:sourceorgid" | "aws:sourceorgpaths" => organization,
        // Whose VPC endpoints requests come through. Others there are let in, too: they are nobody who is asked about.
        "aws:vpceaccount" => account,
        "aws:vpceorgid" | "aws:vpceorgpaths" => organization,
        _ => return Vec::new(),
    };
    condition.values.iter().filter_map(|it| read(it)).collect()
}

/// The organization, or the unit of one, that a text names.
fn organization(text: &str) -> Option<OtherAccount> {
    Some(OtherAccount::Organization {
        id: unit_named(text)?,
    })
}

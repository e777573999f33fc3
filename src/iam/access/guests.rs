//! Who that nobody knows can become a role, by its trust policy.
//!
//! A trust policy is a policy attached to a resource, the role, and the question is the one of every caller from
//! outside: would a request to assume the role be allowed, from everywhere on the internet? What is not known is taken
//! to be in the caller's favor. What only its owner has, such as an account, an organization or the subject of a token,
//! is none of what the policy names.
//!
//! Sources: [role trust and permissions](https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html)
//! of identity pools, [OIDC federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html),
//! [condition keys of OIDC and SAML federation](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).

use std::collections::BTreeSet;

use crate::iam::access::guest_request::GuestRequest;
use crate::iam::access::vantage::{Share, vantages};
use crate::iam::document::{Effect, Named, Policy, Provider, telling_claim};
use crate::iam::truth::Truth;

/// Somebody whom nobody knows, and who can become a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guest {
    /// Any principal of any AWS account.
    AnyPrincipal,
    /// Whoever asks an identity pool of Amazon Cognito, and does not sign in.
    Unauthenticated,
    /// Whoever has an identity pool of their own: the trust policy names none.
    AnyPool,
    /// Whoever gets a token of this OpenID Connect provider.
    OpenId {
        /// Its URL without the scheme.
        issuer: String,
        /// Whether anybody gets one.
        is_shared: bool,
    },
    /// Whoever gets an assertion of this SAML provider, for whatever service.
    Saml {
        /// Its name in the account.
        provider: String,
    },
}

/// A guest, and what lets them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Who.
    pub who: Guest,
    /// The place of the trust policy's statement that lets them in.
    pub statement: usize,
}

/// Those whom nobody knows and who can become a role with this trust policy, each once. `account` is the role's.
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::{Guest, guests};
///
/// let trust = |condition: &str| {
///     let text = format!(
///         r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
///             "Principal": {{"Federated": "cognito-identity.amazonaws.com"}},
///             "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{
///                 "StringEquals": {{"cognito-identity.amazonaws.com:aud": "eu-west-1:0123"}},
///                 "ForAnyValue:StringLike": {{"cognito-identity.amazonaws.com:amr": "{condition}"}}}}}}}}"#
///     );
///     Policy::from_json(&text).unwrap()
/// };
/// let found = guests(&trust("unauthenticated"), "111122223333");
/// assert_eq!(found[0].who, Guest::Unauthenticated);
/// assert!(guests(&trust("authenticated"), "111122223333").is_empty());
/// ```
pub fn guests(trust: &Policy, account: &str) -> Vec<Admitted> {
    let claims: BTreeSet<&str> = conditions(trust).collect();
    let mut asked = vec![(Guest::AnyPrincipal, GuestRequest::of_stranger())];
    for provider in providers(trust, account) {
        asked.extend(of_provider(&provider, &claims));
    }
    let admitted = asked.into_iter().filter_map(|(who, request)| {
        let statement = admitting(&request, trust, account)?;
        Some(Admitted { who, statement })
    });
    admitted.collect()
}

/// The guests whom an identity provider vouches for, with the requests that would make them the role. `claims` are the
/// condition keys that the trust policy has.
fn of_provider(principal: &str, claims: &BTreeSet<&str>) -> Vec<(Guest, GuestRequest)> {
    let request = |of: fn(&str, &BTreeSet<&str>) -> GuestRequest| of(principal, claims);
    match Provider::read(principal) {
        Provider::IdentityPools(_) => vec![
            (
                Guest::Unauthenticated,
                request(GuestRequest::of_unauthenticated),
            ),
            (Guest::AnyPool, request(GuestRequest::of_any_pool)),
        ],
        Provider::OpenId(issuer) => {
            let who = Guest::OpenId {
                issuer: issuer.to_owned(),
                is_shared: telling_claim(issuer).is_some(),
            };
            vec![(who, request(GuestRequest::of_token))]
        }
        Provider::Saml(name) => {
            let who = Guest::Saml {
                provider: name.to_owned(),
            };
            vec![(who, request(GuestRequest::of_assertion))]
        }
    }
}

/// The condition keys of a policy.
fn conditions(trust: &Policy) -> impl Iterator<Item = &str> {
    let conditions = trust.statements.iter().flat_map(|it| &it.conditions);
    conditions.map(|it| it.key.as_str())
}

/// The identity providers whose users a trust policy may speak of, as principals name them. One that speaks of everybody
/// speaks of the users of each provider that its conditions name, and of the identity pools.
fn providers(trust: &Policy, account: &str) -> BTreeSet<String> {
    let mut providers = BTreeSet::new();
    let allowing = trust.statements.iter();
    let allowing = allowing.filter(|it| it.effect == Effect::Allow);
    for principals in allowing.filter_map(|it| it.principals.as_ref()) {
        for named in &principals.named {
            match named {
                Named::Federated(text) if !principals.negated && text != "*" => {
                    providers.insert(text.clone());
                }
                Named::Federated(_) | Named::Everybody => {
                    providers.extend(of_everybody(trust, account));
                }
                Named::Aws(_) | Named::Service(_) | Named::CanonicalUser(_) => {
                    if principals.negated {
                        providers.extend(of_everybody(trust, account));
                    }
                }
            }
        }
    }
    providers
}

fn of_everybody(trust: &Policy, account: &str) -> impl Iterator<Item = String> {
    let hosts = conditions(trust).filter_map(|it| Some(it.rsplit_once(':')?.0));
    let hosts = hosts.filter(|it| it.contains('.')).map(str::to_owned);
    let built_in = [
        "cognito-identity.amazonaws.com".to_owned(),
        format!("arn:aws:iam::{account}:saml-provider/*"),
    ];
    hosts.chain(built_in)
}

/// The place of the statement that lets a guest in. `None`: none does.
fn admitting(request: &GuestRequest, trust: &Policy, account: &str) -> Option<usize> {
    if !is_admitted(request, trust, account) {
        return None;
    }
    let allows = |at: &usize| {
        let statement = trust.statements.get(*at);
        statement.is_some_and(|it| it.effect == Effect::Allow)
    };
    let alone = |at: &usize| {
        let all = trust.statements.iter().enumerate();
        let kept = all.filter(|(place, it)| place == at || it.effect == Effect::Deny);
        let alone = Policy {
            version: trust.version,
            statements: kept.map(|(_, it)| it.clone()).collect(),
        };
        is_admitted(request, &alone, account)
    };
    let places = (0..trust.statements.len()).filter(allows);
    // Several may do together what none does alone: each lets a part of the internet in.
    places.clone().find(alone).or_else(|| places.clone().next())
}

/// Whether a guest is let in from so much of the internet that it narrows nothing.
fn is_admitted(request: &GuestRequest, trust: &Policy, account: &str) -> bool {
    let mut share = Share::default();
    for vantage in vantages(trust) {
        if request.may_assume(trust, account, &vantage) != Truth::False {
            share.add(vantage.share());
        }
    }
    share.is_wide()
}

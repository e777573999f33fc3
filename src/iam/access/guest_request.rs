//! The requests by which somebody whom nobody knows would become a role, and what is known of their condition keys.

use std::collections::BTreeSet;

use crate::iam::access::outsider::{self, Outsider};
use crate::iam::access::vantage::Vantage;
use crate::iam::condition::context::Context;
use crate::iam::decide::caller::Caller;
use crate::iam::decide::question::{Policies, Question};
use crate::iam::decide::request::may;
use crate::iam::document::{Policy, Provider, telling_claim};
use crate::iam::truth::Truth;

const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// A request that would make somebody the role.
pub(super) struct GuestRequest {
    caller: Caller,
    action: &'static str,
    /// Condition keys in lower case.
    keys: Vec<(String, Key)>,
}

/// What is known of a condition key of a guest's request.
enum Key {
    /// This value.
    Value(&'static str),
    /// A value that the guest chooses.
    Chosen,
    /// A value that is the guest's own, and nobody else's.
    Own,
    /// None.
    Absent,
}

/// The recipient of an assertion that is meant for another service.
const ANOTHER_SERVICE: &str = "https://another-service.invalid/saml";

/// Claims whose values say nothing of who the user is, or are chosen by them: audiences, how they signed in, and, of
/// GitHub's, what anybody can call their own branch, environment or workflow.
const CHOSEN: [&str; 10] = [
    "aud",
    "azp",
    "oaud",
    "amr",
    "ref",
    "ref_type",
    "environment",
    "event_name",
    "workflow",
    "runner_environment",
];

/// What of a SAML assertion is the same for all users of a provider.
const OF_PROVIDER: [&str; 4] = [
    "saml:doc",
    "saml:iss",
    "saml:namequalifier",
    "saml:sub_type",
];

impl GuestRequest {
    /// That of a principal of an account that has nothing to do with ours.
    pub(super) fn of_stranger() -> Self {
        GuestRequest {
            caller: Caller::Stranger,
            action: "sts:AssumeRole",
            keys: vec![("sts:externalid".to_owned(), Key::Own)],
        }
    }

    /// That of somebody who did not sign in at the identity pool that the trust policy means.
    pub(super) fn of_unauthenticated(principal: &str, claims: &BTreeSet<&str>) -> Self {
        GuestRequest::federated(principal, WEB_IDENTITY, claims, &|key| {
            match claim(key, host(principal))? {
                "amr" => Some(Key::Value("unauthenticated")),
                // The identifier of a pool is no secret.
                "aud" => Some(Key::Chosen),
                _ => Some(Key::Own),
            }
        })
    }

    /// That of somebody who signed in at an identity pool of their own.
    pub(super) fn of_any_pool(principal: &str, claims: &BTreeSet<&str>) -> Self {
        GuestRequest::federated(principal, WEB_IDENTITY, claims, &|key| match claim(
            key,
            host(principal),
        )? {
            "amr" => Some(Key::Chosen),
            _ => Some(Key::Own),
        })
    }

    /// That of somebody with a token of an OpenID Connect provider.
    pub(super) fn of_token(principal: &str, claims: &BTreeSet<&str>) -> Self {
        let issuer = host(principal);
        let telling = telling_claim(issuer).unwrap_or("sub");
        GuestRequest::federated(principal, WEB_IDENTITY, claims, &|key| {
            let claim = claim(key, issuer)?;
            let is_chosen = claim != telling && CHOSEN.contains(&claim);
            Some(if is_chosen { Key::Chosen } else { Key::Own })
        })
    }

    /// That of somebody with an assertion that a SAML provider made for another service.
    pub(super) fn of_assertion(principal: &str, claims: &BTreeSet<&str>) -> Self {
        GuestRequest::federated(
            principal,
            "sts:AssumeRoleWithSAML",
            claims,
            &|key| match key {
                "saml:aud" => Some(Key::Value(ANOTHER_SERVICE)),
                _ if OF_PROVIDER.contains(&key) => Some(Key::Chosen),
                _ => key.starts_with("saml:").then_some(Key::Own),
            },
        )
    }

    fn federated(
        principal: &str,
        action: &'static str,
        claims: &BTreeSet<&str>,
        known: &dyn Fn(&str) -> Option<Key>,
    ) -> Self {
        let keys = claims.iter().filter_map(|key| {
            let known = known(key).or_else(|| elsewhere(key))?;
            Some(((*key).to_owned(), known))
        });
        GuestRequest {
            caller: Caller::Federated {
                provider: principal.to_owned(),
            },
            action,
            keys: keys.collect(),
        }
    }

    /// Whether a trust policy lets it through from somewhere.
    pub(super) fn may_assume(&self, trust: &Policy, account: &str, vantage: &Vantage) -> Truth {
        let outsider = match self.caller {
            Caller::Stranger => Outsider::Stranger,
            // With a token or an assertion, a request is not signed.
            _ => Outsider::Anonymous,
        };
        let mut context = outsider::context(outsider, account, vantage);
        self.set_keys(&mut context);
        let question = Question {
            caller: &self.caller,
            action: self.action,
            resource_account: account,
            api: "",
            context: &context,
        };
        let policies = Policies {
            resource: Some(trust),
            ..Policies::default()
        };
        // A trust policy has no Resource: it speaks of the role alone.
        may(&policies, question, "")
    }

    fn set_keys(&self, context: &mut Context) {
        for (key, known) in &self.keys {
            match known {
                Key::Value(value) => context.set(key, vec![(*value).to_owned()]),
                Key::Chosen => context.set_present(key),
                Key::Absent => context.set_absent(key),
                // A provider need not give a claim, except the one that all tokens have.
                Key::Own => context.set_foreign(key, !key.ends_with(":sub")),
            }
        }
    }
}

/// The domain name and path that the condition keys of a provider begin with.
fn host(principal: &str) -> &str {
    match Provider::read(principal) {
        Provider::IdentityPools(host) | Provider::OpenId(host) | Provider::Saml(host) => host,
    }
}

/// The claim that a condition key of this provider is about. Keys are in lower case.
fn claim<'k>(key: &'k str, host: &str) -> Option<&'k str> {
    let (of, claim) = key.rsplit_once(':')?;
    of.eq_ignore_ascii_case(host).then_some(claim)
}

/// What is known of a condition key that the provider does not set, if another one does.
fn elsewhere(key: &str) -> Option<Key> {
    let (of, _) = key.rsplit_once(':')?;
    (of == "saml" || of.contains('.')).then_some(Key::Absent)
}

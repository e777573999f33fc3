//! `guest-invoker`

use crate::audit::access::{CallableMethod, Holder, names};
use crate::audit::context::{AccessView, Context};
use crate::audit::exposure::StageReach;
use crate::audit::finding::{
    Confidence, Evidence, Exposure, Remedy, RuleId, Severity, Source, Violation,
};
use crate::audit::method::{MethodView, StageView};
use crate::audit::remedy::administrators;
use crate::audit::rules::{Look, Rule, Subject, Violations, documented, holders};
use crate::iam::Guest;
use crate::iam::document::Arn;
use crate::inventory::{AuthorizationType, WRITING_VERBS, quoted};

documented! {
    /// # `guest-invoker`
    ///
    /// Fires when a role that [anyone can become](README.md#roles-that-anyone-can-become) may call a method that the
    /// stage or its canary serves with `AWS_IAM`: the role's trust policy lets in people whom nobody knows.
    ///
    /// ## Severity
    /// critical for `POST`, `PUT`, `PATCH`, `DELETE` and `ANY`, else high
    ///
    /// ## Why this is bad
    /// The method looks protected, and anyone can get a signature. Guests of an identity pool get credentials without
    /// signing in; `"Principal": "*"` takes every AWS account; the workflow of any repository gets a token from the
    /// same issuer as yours, and only its `sub` tells them apart.
    ///
    /// ## What it looks at
    /// The trust policies of roles, with their Deny statements. What only its owner has (an account, an organization,
    /// the subject of a token, an external id) keeps strangers out; what is not known is taken in their favor. Whether
    /// an identity pool lets guests in, and who gets tokens of a provider that is not shared, is not read: the
    /// confidence is lower there. Methods where the policy file accepts `NONE` are left out. Who may call the others is
    /// decided as for [`unlisted-invoker`](unlisted-invoker.md), and listing the role in `invokers` does not change who
    /// can become it.
    ///
    /// ## Examples
    /// Both are the trust policy of a role that may call `GET /pets`.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    ///   "Action": "sts:AssumeRoleWithWebIdentity",
    ///   "Condition": {
    ///     "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:12345678-dead-beef-cafe-123456790ab"},
    ///     "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}
    ///   }
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    ///   "Action": "sts:AssumeRoleWithWebIdentity",
    ///   "Condition": {
    ///     "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:12345678-dead-beef-cafe-123456790ab"},
    ///     "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Demand in the trust policy what only the right callers have; the report says what that is for each kind of
    /// principal. There is no command, as the one that sets a trust policy replaces all of it. Where guests are meant
    /// to call the method, accept `NONE` there by [`require`](../policy-file.md#require): that is what it amounts to.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: guest-invoker
    ///     principal: pets-guests
    ///     severity: high
    ///     reason: the app shows the catalog before its users sign in
    ///     owner: app-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - Security Hub CSPM [Cognito.2](https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html),
    ///   *Cognito identity pools should not allow unauthenticated identities*, and the AWS Config rule
    ///   [cognito-identity-pool-unauth-access-check](https://docs.aws.amazon.com/config/latest/developerguide/cognito-identity-pool-unauth-access-check.html):
    ///   the setting of the pool, whatever its guests may call.
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, and 8.3, *Information access restriction*. The mapping is
    ///   gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html>
    /// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>
    pub struct GuestInvoker;
}

const COGNITO: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html";
const SHARED: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html";
const TRUST: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html";

impl Rule for GuestInvoker {
    fn id(&self) -> RuleId {
        RuleId::GuestInvoker
    }

    fn summary(&self) -> &'static str {
        "a role that anyone can become may call a method that asks for AWS_IAM"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Roles
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(access) = context.access else {
            return Violations::none();
        };
        let roles = access.estate.holders().iter();
        let roles: Vec<&Holder> = roles.filter(|it| !it.guests.is_empty()).collect();
        if roles.is_empty() {
            return Violations::none();
        }
        let methods = not_left_open(context, access);
        let permits = access.estate.permits(&roles, &methods);
        let found = roles.iter().enumerate().filter_map(|(place, role)| {
            let called = permits.of(place).filter_map(|it| methods.get(it).copied());
            violation(context, access, role, &called.collect::<Vec<_>>())
        });
        Violations::of(found.collect::<Vec<_>>())
    }
}

/// The methods that a deployment serves with AWS_IAM, without those that everybody may call by the policy file.
fn not_left_open<'e, 'a>(
    context: Context<'_>,
    access: &'e AccessView<'a>,
) -> Vec<&'e CallableMethod<'a>> {
    let methods = access.estate.methods();
    let mut asked = Vec::new();
    for of_stage in methods.chunk_by(|one, other| std::ptr::eq(one.stage, other.stage)) {
        let Some(first) = of_stage.first() else {
            continue;
        };
        let stage = StageView::new(
            context.inventory,
            context.policy,
            context.names,
            first.api,
            first.stage,
        );
        let views = MethodView::of_stage(&stage);
        let is_left_open = |it: &CallableMethod<'_>| {
            let mut views = views.iter();
            let view = views.find(|view| view.verb == it.verb && view.path == it.path);
            view.is_some_and(|view| view.accepts(&AuthorizationType::None))
        };
        let own = of_stage.iter();
        let asking = own.filter(|it| it.authorizations.contains(&AuthorizationType::AwsIam));
        asked.extend(asking.filter(|it| !is_left_open(it)));
    }
    asked
}

fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    role: &Holder,
    called: &[&CallableMethod<'_>],
) -> Option<Violation> {
    let worst = |it: &&&CallableMethod<'_>| severity(context, it);
    // The first of the worst: it is named, and proven.
    let first = called.iter().rev().max_by_key(worst).copied()?;
    let severity = severity(context, first);
    let mut named = vec![first];
    named.extend(called.iter().filter(|it| !std::ptr::eq(**it, first)));
    let admitted = role.guests.first()?;
    let decided = access.estate.decide(role, first);
    let statements = role.guests.iter().map(|it| {
        let says = format!(
            "`Statement[{}]` of the trust policy lets {} become the role",
            it.statement,
            in_words(&it.who)
        );
        Evidence::new(Source::Iam, says).with_reference(&role.arn)
    });
    let mut statements = statements.collect::<Vec<_>>().into_iter();
    let violation = Violation::new(
        severity,
        holders::place(context, role),
        format!(
            "{} can become this role, which may call {}",
            in_words(&admitted.who),
            names(&named)
        ),
        statements.next()?,
        remedy(role),
    );
    let sure = role.guests.iter().map(|it| confidence(&it.who)).max();
    let is_unsure = decided.access.conditional || first.is_inferred();
    let most = if is_unsure {
        Confidence::Medium
    } else {
        Confidence::High
    };
    let proof = holders::proof(role, first, &decided);
    let who = role.guests.iter().map(|it| in_words(&it.who));
    let who: Vec<String> = who.collect();
    Some(
        violation
            .reaching(holders::reach(called, decided.access.conditional).chain(who))
            .also(statements)
            .also(proof)
            .also(holders::inferred(first))
            .with_confidence(sure.unwrap_or(Confidence::Low).min(most)),
    )
}

/// What a guest gains: where only some reach the stage, less. Whom the resource policy lets in of those who sign is a
/// matter of what the role may call.
fn severity(context: Context<'_>, method: &CallableMethod<'_>) -> Severity {
    let reach = StageReach::new(context.inventory, context.names, method.api, method.stage);
    let is_anyone = matches!(reach.widest, Exposure::Public | Exposure::Unknown);
    if WRITING_VERBS.contains(&method.verb) && is_anyone {
        Severity::Critical
    } else {
        reach.widest.lowers(Severity::High)
    }
}

/// Who can become the role, in words that go before "can become".
fn in_words(guest: &Guest) -> String {
    match guest {
        Guest::AnyPrincipal => "anybody with an AWS account".to_owned(),
        Guest::Unauthenticated => {
            "whoever asks its identity pool without signing in, if the pool lets guests in,"
                .to_owned()
        }
        Guest::AnyPool => "whoever makes an identity pool of their own".to_owned(),
        Guest::OpenId {
            issuer,
            is_shared: true,
        } => format!("anybody who gets a token of {issuer}, which gives them to everybody,"),
        Guest::OpenId { issuer, .. } => format!("anybody who gets a token of {issuer}"),
        Guest::Saml { provider } => {
            format!(
                "anybody who signs in to whatever service by the SAML provider {}",
                quoted(provider)
            )
        }
    }
}

/// How sure it is that guests become the role: what pools and providers are set to is not read.
fn confidence(guest: &Guest) -> Confidence {
    match guest {
        Guest::AnyPrincipal
        | Guest::OpenId {
            is_shared: true, ..
        } => Confidence::High,
        Guest::Unauthenticated | Guest::AnyPool => Confidence::Medium,
        Guest::OpenId { .. } | Guest::Saml { .. } => Confidence::Low,
    }
}

/// What to add to the trust policy. No command: one that sets a trust policy replaces all of it.
fn remedy(role: &Holder) -> Remedy {
    let partition = Arn::read(&role.arn).map_or("", |it| it.partition);
    let steps = role.guests.iter().map(|it| step(&it.who, partition));
    let steps: Vec<String> = steps.collect();
    let summary = if administrators::is_reserved(role) {
        "only AWS may change this role: change what it is given in the service that it belongs to"
            .to_owned()
    } else {
        format!(
            "in the trust policy, {}; or take from the role what allows it these methods",
            steps.join(", and ")
        )
    };
    Remedy::new(summary)
        .in_code("CloudFormation: AssumeRolePolicyDocument of the AWS::IAM::Role")
        .with_references([TRUST, COGNITO, SHARED])
}

/// The names of AWS's own services that stand here are those of the partition `aws`. A condition that names another
/// one matches nobody, so that elsewhere the reader is told where the name is.
fn step(guest: &Guest, partition: &str) -> String {
    let is_commercial = partition == "aws";
    let (pools, note) = if is_commercial {
        ("cognito-identity.amazonaws.com", "")
    } else {
        (
            "NAME",
            ", with what the trust policy says in Federated in the place of NAME",
        )
    };
    match guest {
        Guest::AnyPrincipal => {
            "name the accounts or roles in Principal, or add a condition on aws:PrincipalOrgID"
                .to_owned()
        }
        Guest::Unauthenticated => format!(
            "demand that {pools}:amr is `authenticated` (ForAnyValue:StringLike){note}, if nobody \
             should call without signing in"
        ),
        Guest::AnyPool => format!(
            "demand that {pools}:aud equals the id of your identity pool (StringEquals){note}"
        ),
        Guest::OpenId { issuer, .. } => format!(
            "demand of {issuer} the claim that tells whose token it is, mostly {issuer}:sub, with \
             a value that names the owner in full before any wildcard"
        ),
        Guest::Saml { .. } => {
            let such_as = if is_commercial {
                ", such as https://signin.aws.amazon.com/saml"
            } else {
                ""
            };
            format!(
                "demand that SAML:aud equals the sign-in address of AWS that you use{such_as} \
                 (StringEquals)"
            )
        }
    }
}

//! `blanket-grant`

use crate::audit::access::{Cell, Holder, HolderKind, PolicySource};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Evidence, Place, Remedy, RuleId, Severity, Violation};
use crate::audit::method::{About, Assumption, MethodAt};
use crate::audit::remedy::grant::{self, Grant};
use crate::audit::remedy::grantee::Grantee;
use crate::audit::remedy::meant::Meant;
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::remedy::{self, administrators, commands};
use crate::audit::rules::{Look, Rule, Subject, Violations, documented, expected, holders};
use crate::iam::document::{Effect, Policy, Statement};
use crate::iam::pattern::matches;
use crate::iam::{Verdict, invoke_grants, is_blanket};
use crate::inventory::{all_quoted, quoted};
use crate::policy_file::Selector;

/// As many administrators are named in the evidence.
const NAMED: usize = 20;

documented! {
    /// # `blanket-grant`
    ///
    /// Fires when a policy of a group, user or role lets its holder call every API of the account, and the policy file
    /// does not accept it: by naming that policy among those that the group must carry, by `blanket: accepted` at the
    /// group, or by an entry of `invokers` without a `match` that lists the holder.
    ///
    /// ## Severity
    /// low
    ///
    /// ## Why this is bad
    /// Every API that is ever made is open to the holder from its first day, whoever it was made for.
    ///
    /// ## What it looks at
    /// The Allow statements without a condition whose Resource takes in every API, such as those of
    /// AmazonAPIGatewayInvokeFullAccess. Of a user, their own policies. A holder whose policies, or whose groups'
    /// policies, deny every call is left out. [Administrators](README.md#administrators), whose statements are not
    /// about API calls alone, are one finding together, without a command; roles that only AWS makes and changes are
    /// not among them.
    ///
    /// Where the policy file has neither `groups` nor `invokers`, nobody has said who calls what: a group that has
    /// AmazonAPIGatewayInvokeFullAccess attached is then as AWS's article on IAM authorization makes it, and no
    /// finding.
    ///
    /// ## Examples
    /// Both with a policy file that says who calls the API:
    ///
    /// ```yaml
    /// version: 1
    /// invokers:
    ///   - match: {api: PetStore}
    ///     groups: [readers]
    /// ```
    ///
    /// ### Bad
    ///
    /// ```json
    /// {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Action": "execute-api:Invoke",
    ///   "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*"
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Name the APIs that the holder calls, in a policy that replaces this one. Attach the new policy first and check
    /// by `gatewatch access --what-can NAME` that nothing is lost, then detach the old one.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: blanket-grant
    ///     principal: readers
    ///     severity: low
    ///     reason: narrowed once the access logs show which APIs are used
    ///     owner: iam-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - Security Hub CSPM [IAM.21](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21),
    ///   *IAM customer managed policies that you create should not allow wildcard actions for services*, and, for
    ///   administrators, [IAM.1](https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-1).
    ///   They look at the actions of customer managed policies; `execute-api:Invoke` on every API passes both.
    /// - NIST SP 800-53 Rev. 5 AC-2, AC-3, AC-5 and AC-6 (with enhancements), to which Security Hub CSPM maps IAM.21.
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, 5.18, *Access rights*, and 8.2, *Privileged access rights*.
    ///   The mapping is gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege>
    pub struct BlanketGrant;
}

impl Rule for BlanketGrant {
    fn id(&self) -> RuleId {
        RuleId::BlanketGrant
    }

    fn summary(&self) -> &'static str {
        "a policy lets its holder call every API"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Principals, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Principals
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let Some(access) = context.access else {
            return Violations::none();
        };
        let mut violations = Vec::new();
        let mut administrators = Vec::new();
        for blanket in blankets(context, access) {
            if !blanket.is_administrator {
                violations.extend(violation(context, access, &blanket));
            } else if !is_of_a_tool(blanket.holder) {
                administrators.push(blanket);
            }
        }
        violations.extend(of_administrators(context, &administrators));
        Violations::of(violations)
    }
}

/// The administrators that are left out of the finding for their names, which prove nothing.
pub(in crate::audit) fn assumption(context: Context<'_>) -> Option<Assumption> {
    let blankets = blankets(context, context.access?);
    let by_name = blankets
        .filter(|it| it.is_administrator && !administrators::is_reserved(it.holder))
        .filter_map(|it| {
            let tool = administrators::well_known(it.holder)?;
            Some(format!("{} ({tool})", quoted(&it.holder.name)))
        });
    let by_name: Vec<String> = by_name.collect();
    (!by_name.is_empty()).then(|| Assumption {
        place: Place::of_account(&context.inventory.account),
        says: format!(
            "roles that may call every API are taken, by their names, for those of AWS's tools: {}",
            by_name.join(", ")
        ),
        about: About::Place,
    })
}

fn is_of_a_tool(holder: &Holder) -> bool {
    administrators::is_reserved(holder) || administrators::well_known(holder).is_some()
}

/// A holder that may call every API.
struct Blanket<'h> {
    holder: &'h Holder,
    /// The policies that let it.
    policies: Vec<&'h PolicySource>,
    /// Whether one of them is not about API calls alone.
    is_administrator: bool,
}

/// Every holder that may call every API where the policy file does not accept it.
fn blankets<'h>(
    context: Context<'h>,
    access: &'h AccessView<'_>,
) -> impl Iterator<Item = Blanket<'h>> {
    let partition = &context.inventory.partition;
    let holders = access.estate.holders().iter();
    let unaccepted = holders.filter(move |holder| !accepted(context, holder));
    unaccepted.filter_map(move |holder| {
        let grants: Vec<_> = access
            .own_grants(holder)
            .filter(|(source, _, statement)| {
                is_blanket(statement, partition)
                    && !expected::is_expected(context, holder, source)
                    && !is_as_the_article_has_it(context, holder, source)
            })
            .collect();
        if grants.is_empty() || denies_every_call(access, holder, partition) {
            return None;
        }
        let mut statements = grants.iter().map(|(_, _, statement)| statement);
        Some(Blanket {
            holder,
            is_administrator: statements.any(|it| administrators::is_administrative(it)),
            policies: holders::policies(grants.into_iter()),
        })
    })
}

/// Whether the policies that weigh on a holder deny every call of every API, whenever and from wherever.
fn denies_every_call(access: &AccessView<'_>, holder: &Holder, partition: &str) -> bool {
    let policies = holder.sources.iter();
    let policies = policies.filter_map(|it| access.estate.policy(it));
    let mut statements = policies.flat_map(|policy| {
        let statements = policy.statements.iter();
        statements.map(move |it| (policy.version, it))
    });
    statements.any(|(version, deny)| {
        // The same statement as an Allow says which calls it is about.
        let mirrored = || Policy {
            version,
            statements: vec![Statement {
                effect: Effect::Allow,
                ..deny.clone()
            }],
        };
        deny.effect == Effect::Deny
            && is_blanket(deny, partition)
            && invoke_grants(&mirrored()).next().is_some()
    })
}

fn is_as_the_article_has_it(context: Context<'_>, holder: &Holder, source: &PolicySource) -> bool {
    let nothing_said = context.policy.groups.is_empty() && context.policy.invokers.is_empty();
    let article = commands::invoke_policy_arn(&context.inventory.partition);
    nothing_said && holder.kind == HolderKind::Group && source.arn.as_ref() == Some(&article)
}

fn accepted(context: Context<'_>, holder: &Holder) -> bool {
    let mut groups = context.policy.groups.iter();
    let mut invokers = context.policy.invokers.iter();
    let mut everywhere = |list: fn(&crate::policy_file::Invokers) -> &[String]| {
        invokers.any(|entry| {
            let listed = list(entry).iter().any(|it| matches(it, &holder.name));
            entry.selector == Selector::default() && listed
        })
    };
    match holder.kind {
        HolderKind::Group => {
            groups.any(|it| it.blanket_accepted && it.name.eq_ignore_ascii_case(&holder.name))
                || everywhere(|entry| &entry.groups)
        }
        HolderKind::User => everywhere(|entry| &entry.users),
        HolderKind::Role => everywhere(|entry| &entry.roles),
        // They hold no policy that is read.
        HolderKind::Account | HolderKind::Organization => false,
    }
}

/// `None`: the holder has no such policy.
fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    blanket: &Blanket<'_>,
) -> Option<Violation> {
    let Blanket {
        holder, policies, ..
    } = blanket;
    let mut evidence = policies.iter().map(|source| {
        let policy = source.in_words(holder);
        let says = format!("{policy} allows execute-api:Invoke on every API");
        Evidence::new(finding::Source::Iam, says).with_reference(&holder.arn)
    });
    let first = evidence.next()?;
    let nothing = MayLose {
        may: &|_| false,
        otherwise: "which also allows",
    };
    let (removals, withheld) = removal::removals(context, access, holder, policies, nothing);
    let mut remedy = Remedy::new(
        "first attach a policy that names the APIs, then take this one away; or accept it in the policy file",
    )
    .with_references([commands::PERMISSIONS]);
    if let Some(grant) = narrower(context, access, blanket) {
        grant::add(&mut remedy, grant);
    }
    remedy.summary = remedy::summary(&remedy.summary, withheld).into();
    let names = all_quoted(policies.iter().map(|it| it.name.as_str()));
    let violation = Violation::new(
        Severity::Low,
        holders::place(context, holder),
        format!("{names} lets its holder call every API"),
        first,
        remedy.with_commands(removals),
    );
    let policies = policies.iter().map(|it| it.name.clone());
    Some(violation.also(evidence).reaching(policies))
}

/// The command that grants what the policy file says the holder should call, so that it is not lost with the policies
/// that are to go.
fn narrower(context: Context<'_>, access: &AccessView<'_>, blanket: &Blanket<'_>) -> Option<Grant> {
    let Blanket {
        holder, policies, ..
    } = blanket;
    let grantee = match holder.kind {
        HolderKind::Group => Grantee::group(&holder.name),
        HolderKind::Role if administrators::is_reserved(holder) => return None,
        HolderKind::Role => Grantee::role(&holder.name),
        // Users are granted by their groups, and others by the API.
        HolderKind::User | HolderKind::Account | HolderKind::Organization => return None,
    };
    let others = holder.sources.iter().filter(|it| !policies.contains(it));
    let others: Vec<&PolicySource> = others.collect();
    let wanted = Meant::new(context, grantee)?.among(&access.estate);
    let by_others = access.estate.allowed_by_of_each(holder, &others, &wanted);
    let lost = wanted.iter().zip(by_others);
    let lost = lost.filter(|(_, kept)| *kept != Cell::certainly(Verdict::All));
    let lost: Vec<MethodAt<'_>> = lost.map(|(method, _)| MethodAt::from(*method)).collect();
    (!lost.is_empty()).then(|| grant::to_holder(context, grantee, &lost))
}

/// One violation for all administrators. `None`: there are none.
fn of_administrators(context: Context<'_>, administrators: &[Blanket<'_>]) -> Option<Violation> {
    let mut named = administrators.iter().take(NAMED).map(|it| {
        let policies = all_quoted(it.policies.iter().map(|it| it.name.as_str()));
        let says = format!("{}, by {policies}", it.holder.in_words());
        Evidence::new(finding::Source::Iam, says).with_reference(&it.holder.arn)
    });
    let first = named.next()?;
    let counted = match administrators.len() {
        1 => "1 administrator may".to_owned(),
        several => format!("{several} administrators may"),
    };
    let unnamed = administrators.len().saturating_sub(NAMED);
    let more =
        (unnamed > 0).then(|| Evidence::new(finding::Source::Iam, format!("and {unnamed} more")));
    let remedy = Remedy::new(
        "look whether all of these are meant to be administrators, and list those who are in `invokers` of the policy \
         file, in an entry without `match`; no command is given, because their access is not about APIs alone",
    )
    .with_references([
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ]);
    let violation = Violation::new(
        Severity::Low,
        Place::of_account(&context.inventory.account),
        format!("{counted} call every API, as part of what their policies allow"),
        first,
        remedy,
    );
    let holders = administrators.iter().map(|it| it.holder.arn.clone());
    Some(violation.also(named).also(more).reaching(holders))
}

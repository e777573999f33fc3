//! `unlisted-invoker`

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::audit::access::{CallableMethod, Cell, Holder, HolderKind, Origin, PolicySource, names};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Confidence, Evidence, Remedy, RuleId, Severity, Violation};
use crate::audit::method::AtStage;
use crate::audit::remedy::removal::{self, MayLose};
use crate::audit::remedy::{self, commands};
use crate::audit::rules::spoken_of::{Asked, SpokenOf, Unlisted, lists};
use crate::audit::rules::{
    Concern, Look, Rule, Subject, Violations, documented, holders, unlisted_outside,
};
use crate::iam::Verdict;
use crate::inventory::{ANY, Iam};

documented! {
    /// # `unlisted-invoker`
    ///
    /// Fires when a group, user or role, or an [account or organization](../access.md#callers-of-other-accounts) that a
    /// resource policy lets in, may call a method with `AWS_IAM`, and no entry of `invokers` that speaks of the method
    /// lists it. Where no entry speaks of a method, nobody is asked about there.
    ///
    /// ## Severity
    /// medium
    ///
    /// ## Why this is bad
    /// Somebody can call what was not meant for them, and the method looks protected.
    ///
    /// ## What it looks at
    /// Every method that a deployment of the stage, its own or its canary's, serves with `AWS_IAM`. What counts is what
    /// is allowed in the end: policies, Deny statements, boundaries, the resource policy, with conditions taken in the
    /// holder's favor. A member of a listed group is listed; a user who is allowed by groups alone is not named again
    /// beside them. Of other accounts only the resource policy is looked at: their own policies, which must allow the
    /// call as well, are not read.
    ///
    /// ## Examples
    /// Both with this policy file:
    ///
    /// ```yaml
    /// version: 1
    /// invokers:
    ///   - match: {api: PetStore}
    ///     groups: [readers]
    /// ```
    ///
    /// ### Bad
    /// The group `readers` may call `GET /pets`, and so may a role:
    ///
    /// ```json
    /// {
    ///   "name": "ci",
    ///   "inline": [
    ///     {
    ///       "name": "read-pets",
    ///       "document": {
    ///         "json": {
    ///           "Statement": [
    ///             {
    ///               "Effect": "Allow",
    ///               "Action": "execute-api:Invoke",
    ///               "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets"
    ///             }
    ///           ]
    ///         }
    ///       }
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    /// The account has no other principal that may call it:
    ///
    /// ```json
    /// {"roles": []}
    /// ```
    ///
    /// ## How to fix
    /// Take the grant away, or list the principal in [`invokers`](../policy-file.md#invokers). The report prints the
    /// commands where they take nothing else away; `gatewatch access --who-can 'GET /pets' --why` shows which statement
    /// lets the principal in.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: unlisted-invoker
    ///     principal: ci
    ///     severity: medium
    ///     reason: the smoke test calls the API until it has a role of its own
    ///     owner: platform-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 5.18, *Access rights*. The mapping is gatewatch's own: Security Hub CSPM has none
    ///   to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
    pub struct UnlistedInvoker;
}

impl Rule for UnlistedInvoker {
    fn id(&self) -> RuleId {
        RuleId::UnlistedInvoker
    }

    fn summary(&self) -> &'static str {
        "somebody who is not listed can call a method that asks for AWS_IAM"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Callers
    }

    fn concern(&self) -> Concern {
        Concern::Unlisted
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let (Some(access), Some(iam)) = (context.access, &context.inventory.iam) else {
            return Violations::none();
        };
        if context.policy.invokers.is_empty() {
            return Violations::none();
        }
        let spoken_of = SpokenOf::new(context, access);
        let groups = Groups::new(iam);
        let estate = &access.estate;
        let everybody = estate.holders().iter().chain(estate.outside());
        let holders: Vec<Asked<'_>> = everybody
            .map(|holder| Asked {
                holder,
                listed: spoken_of.lists(holder, groups.of(holder)),
                by_groups_alone: holder.kind == HolderKind::User
                    && access.own_grants(holder).next().is_none(),
            })
            .collect();
        let mut unlisted: Vec<Unlisted> = holders.iter().map(|_| Unlisted::default()).collect();
        // Apart: of the methods of APIs without a policy of their own, fewer are asked about.
        for has_policy in [false, true] {
            spoken_of.find(access, &holders, has_policy, &mut unlisted);
        }
        let mut outside = Vec::new();
        let mut findings = Vec::new();
        for (asked, found) in holders.iter().zip(unlisted) {
            let mut methods = spoken_of.once_each(&found.places);
            if asked.holder.kind.is_outside() {
                // Whom another policy does not name is judged there as whoever it speaks of.
                methods.retain(|it| estate.is_named(asked.holder, it));
                outside.push((asked.holder, methods));
                continue;
            }
            let found = Found {
                holder: asked.holder,
                methods,
                allowing: allowing(asked.holder, &found.allowing),
            };
            findings.extend(violation(context, access, &found));
        }
        findings.extend(unlisted_outside::violations(context, access, &outside));
        Violations::of(findings)
    }
}

/// A holder, and what it may call and is not listed for.
struct Found<'f, 'a> {
    holder: &'f Holder,
    /// In order, so that they can be searched by number.
    methods: Vec<&'f CallableMethod<'a>>,
    /// Its own policies that allow some of it.
    allowing: Vec<&'f PolicySource>,
}

impl Found<'_, '_> {
    /// Whether a method of the estate is among them as a whole, or the requests with one verb of its `ANY`.
    fn has(&self, method: &CallableMethod<'_>) -> bool {
        let from = self
            .methods
            .partition_point(|it| it.number() < method.number());
        let own = self.methods.iter().skip(from);
        let is_it = |it: &CallableMethod<'_>| it.verb == method.verb || it.verb == ANY;
        own.take_while(|it| it.number() == method.number())
            .any(|it| is_it(it))
    }
}

fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    found: &Found<'_, '_>,
) -> Option<Violation> {
    let (holder, unlisted) = (found.holder, found.methods.as_slice());
    let first = unlisted.first()?;
    let decided = access.estate.decide(holder, first);
    let proof = holders::proof(holder, first, &decided).into_iter();
    let by_the_file = Evidence::new(
        finding::Source::PolicyFile,
        "no entry of `invokers` that speaks of these methods lists it",
    );
    let kind = holder.kind.as_str();
    let (commands, withheld) = removals(context, access, found);
    let advice =
        format!("take the grant from the {kind}, or list it in `invokers` of the policy file");
    let remedy = Remedy::new(remedy::summary(&advice, withheld))
        .with_commands(commands)
        .with_references([commands::PERMISSIONS]);
    let violation = Violation::new(
        Severity::Medium,
        holders::place(context, holder),
        format!("the {kind} is not listed and may call {}", names(unlisted)),
        by_the_file,
        remedy,
    );
    let is_unsure = decided.access.conditional || unlisted.iter().all(|it| it.is_inferred());
    Some(
        violation
            .reaching(holders::reach(unlisted, decided.access.conditional))
            .preceded_by(
                proof
                    .chain(holders::inferred_of(unlisted))
                    .chain(holders::mixed(unlisted)),
            )
            .with_confidence(if is_unsure {
                Confidence::Medium
            } else {
                Confidence::High
            }),
    )
}

/// A holder's policies by their places, each policy once.
fn allowing<'h>(holder: &'h Holder, places: &BTreeSet<usize>) -> Vec<&'h PolicySource> {
    let mut allowing: Vec<&PolicySource> = Vec::new();
    for source in places.iter().filter_map(|it| holder.sources.get(*it)) {
        if !allowing.contains(&source) {
            allowing.push(source);
        }
    }
    allowing
}

/// The commands that take away those of a holder's policies that allow what it is not listed for.
fn removals(
    context: Context<'_>,
    access: &AccessView<'_>,
    found: &Found<'_, '_>,
) -> (Vec<String>, Option<String>) {
    let holder = found.holder;
    let may_lose = MayLose {
        may: &|it| found.has(it),
        otherwise: "which also allows",
    };
    let (commands, withheld) =
        removal::removals(context, access, holder, &found.allowing, may_lose);
    if commands.is_empty() || holder.kind != HolderKind::Group {
        return (commands, withheld);
    }
    match listed_member(context, access, holder, &found.methods) {
        None => (commands, withheld),
        Some(member) => {
            let why = format!(
                "no command is given, because {member}, who is listed, may call them by this group alone"
            );
            (Vec::new(), Some(why))
        }
    }
}

/// A member of a group who is listed for one of these methods, and may not call all of it without the group.
fn listed_member(
    context: Context<'_>,
    access: &AccessView<'_>,
    group: &Holder,
    methods: &[&CallableMethod<'_>],
) -> Option<String> {
    let iam = context.inventory.iam.as_ref()?;
    let groups = Groups::new(iam);
    let by_this =
        |it: &&PolicySource| matches!(&it.origin, Origin::Group(name) if *name == group.name);
    let needs_it = |user: &Holder, method: &CallableMethod<'_>| {
        let mut entries = context.policy.invokers.iter();
        let is_listed = entries.any(|it| {
            let selects = |at| holders::selects(context, at, method);
            lists(it, user, groups.of(user))
                && AtStage::new(&it.selector, method.api, method.stage).is_some_and(selects)
        });
        let without = user.sources.iter().filter(|it| !by_this(it));
        let without = || access.estate.allowed_by(user, without, method);
        is_listed && without() != Cell::certainly(Verdict::All)
    };
    let mut users = access.estate.holders().iter();
    let member = users.find(|user| {
        user.kind == HolderKind::User
            && user.sources.iter().any(|it| by_this(&it))
            && methods.iter().any(|it| needs_it(user, it))
    });
    member.map(Holder::in_words)
}

/// The groups of every user, by the user's ARN.
struct Groups<'a>(HashMap<&'a str, &'a [String]>);

impl<'a> Groups<'a> {
    fn new(iam: &'a Iam) -> Self {
        let mut groups: HashMap<&str, &[String]> = HashMap::default();
        for user in &iam.users {
            groups.entry(&user.arn).or_insert(&user.groups);
        }
        Groups(groups)
    }

    fn of(&self, holder: &Holder) -> &'a [String] {
        match holder.kind {
            HolderKind::User => self.0.get(holder.arn.as_str()).copied().unwrap_or_default(),
            _ => &[],
        }
    }
}

//! What the rules about groups, users and roles share.

use super::Context;
use super::administrators;
use super::grant::Granted;
use super::reach::{Reach, StageReach};
use crate::access::{CallableMethod, Decided, Estate, Holder, HolderKind, Origin, Source};
use crate::config::{Selector, StagePlace};
use crate::finding::{self, Evidence, Exposure, Place, Principal, PrincipalKind};
use crate::model::{AuthorizationType, listed};
use crate::policy::invoke_grants;
use crate::policy::language::{Effect, Statement};

/// As many methods are named in a message.
const NAMED: usize = 3;

/// Who can call what.
#[derive(Debug)]
pub struct AccessView<'a> {
    pub(super) estate: Estate<'a>,
}

impl<'a> AccessView<'a> {
    pub(super) fn new(estate: Estate<'a>) -> Self {
        AccessView { estate }
    }

    /// The group with this name. IAM keeps names unique whatever their case.
    pub(super) fn group(&self, name: &str) -> Option<&Holder> {
        let mut holders = self.estate.holders().iter();
        holders.find(|it| it.kind == HolderKind::Group && it.name.eq_ignore_ascii_case(name))
    }

    /// What a holder's own policies, not those of its groups, set out to grant.
    pub(super) fn own_grants<'h>(
        &'h self,
        holder: &'h Holder,
    ) -> impl Iterator<Item = (&'h Source, usize, &'h Statement)> {
        let own = holder.sources.iter();
        let own = own.filter(|it| matches!(it.origin, Origin::Inline | Origin::Attached));
        own.flat_map(|source| {
            let policy = self.estate.policy(source);
            let grants = policy.into_iter().flat_map(invoke_grants);
            grants.map(move |(index, statement)| (source, index, statement))
        })
    }
}

/// Whether AWS_IAM is what the method asks for, whatever a canary serves.
pub(super) fn asks_iam_alone(method: &CallableMethod<'_>) -> bool {
    method.authorizations.is(&AuthorizationType::AwsIam)
}

/// The place of a finding about a holder.
pub(super) fn place(context: Context<'_>, holder: &Holder) -> Place {
    Place {
        account: context.inventory.account.clone(),
        principal: Some(Principal {
            kind: match holder.kind {
                HolderKind::Group => PrincipalKind::Group,
                HolderKind::User => PrincipalKind::User,
                HolderKind::Role => PrincipalKind::Role,
            },
            name: holder.name.clone(),
            known_arn: Some(holder.arn.clone()),
        }),
        ..Place::default()
    }
}

/// Every exposure that a method may have, the one that the API's settings say first.
pub(super) fn exposures(context: Context<'_>, method: &CallableMethod<'_>) -> Vec<Exposure> {
    let (api, stage, inventory) = (method.api, method.stage, context.inventory);
    let at_stage = StageReach::new(inventory, context.names, api, stage);
    let name = || method.name();
    let reach = Reach::new(api, &at_stage, name, || method.template(inventory));
    reach.exposures().collect()
}

/// Whether a selector speaks of a method, with any exposure that the method may have.
pub(super) fn selects(
    context: Context<'_>,
    selector: &Selector,
    method: &CallableMethod<'_>,
) -> bool {
    if selector.exposure.is_empty() {
        return selects_as(selector, method, None);
    }
    let mut exposures = exposures(context, method).into_iter();
    exposures.any(|it| selects_as(selector, method, Some(it)))
}

/// Whether a selector speaks of a method that has this exposure.
pub(super) fn selects_as(
    selector: &Selector,
    method: &CallableMethod<'_>,
    exposure: Option<Exposure>,
) -> bool {
    selects_at(selector, granted(method), exposure)
}

/// A method by its place.
pub(super) fn granted<'a>(method: &CallableMethod<'a>) -> Granted<'a> {
    Granted {
        api: method.api,
        stage: method.stage,
        verb: method.verb,
        path: method.path,
    }
}

/// The same of a method that is told by its place.
pub(super) fn selects_at(
    selector: &Selector,
    method: Granted<'_>,
    exposure: Option<Exposure>,
) -> bool {
    let (api, stage) = (method.api, method.stage);
    let place = StagePlace {
        region: &api.region,
        api_id: &api.id,
        api_name: &api.name,
        tags: &api.tags,
        stage: &stage.name,
    };
    let Some(narrowness) = selector.at_stage(place) else {
        return false;
    };
    let met = selector.at_method(narrowness, method.verb, method.path, exposure);
    met.is_some()
}

/// The first methods by name, and how many more there are.
pub(super) fn names(methods: &[&CallableMethod<'_>]) -> String {
    let named = methods.iter().map(|it| {
        let (api, stage) = (&it.api.name, &it.stage.name);
        format!("{} of {api} stage {stage}", it.name())
    });
    listed(named, NAMED)
}

/// The statements that decide, and an example of each side, as evidence.
pub(super) fn proof(
    holder: &Holder,
    method: &CallableMethod<'_>,
    decided: &Decided,
) -> Vec<Evidence> {
    let about = method.name();
    let says = |says: String| Evidence {
        reference: Some(holder.arn.clone()),
        ..Evidence::new(finding::Source::Iam, says)
    };
    let statements = decided.reasons.iter().map(|it| {
        let effect = match it.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let condition = if it.conditional {
            ", if its condition holds"
        } else {
            ""
        };
        says(format!(
            "{about}: {effect} by {} of {}{condition}",
            it.statement, it.policy
        ))
    });
    let allowed = decided.access.allowed.iter();
    let allowed = allowed.map(|arn| says(format!("allowed: {arn}")));
    let denied = decided.access.denied.iter();
    let denied = denied.map(|arn| says(format!("refused: {arn}")));
    statements.chain(allowed).chain(denied).collect()
}

/// The names of the policies that grants stand in, once each.
pub(super) fn policies<'h>(
    grants: impl Iterator<Item = (&'h Source, usize, &'h Statement)>,
) -> Vec<&'h Source> {
    let mut policies: Vec<&Source> = Vec::new();
    for (source, _, _) in grants {
        if !policies.contains(&source) {
            policies.push(source);
        }
    }
    policies
}

/// The commands that take policies from their holder, and why there is none for the others. Where a policy does
/// anything but allow calls, its holder would lose that, too; and only AWS changes its own roles.
pub(super) fn removals(
    access: &AccessView<'_>,
    holder: &Holder,
    sources: &[&Source],
) -> (Vec<String>, Option<String>) {
    if administrators::is_reserved(holder) {
        let why = "only AWS may change this role: change the permission set in IAM Identity Center, or what \
                   the service is given";
        return (Vec::new(), Some(why.to_owned()));
    }
    let alone = |it: &Source| {
        let policy = access.estate.policy(it);
        policy.is_some_and(administrators::allows_calls_alone)
    };
    let (removable, others): (Vec<&Source>, Vec<&Source>) =
        sources.iter().copied().partition(|it| alone(it));
    let commands = removable.iter().map(|it| removal(holder, it)).collect();
    let others: Vec<&str> = others.iter().map(|it| it.name.as_str()).collect();
    let why = (!others.is_empty()).then(|| {
        format!(
            "no command takes away {}, which does more than allow API calls: narrow it by hand",
            others.join(", ")
        )
    });
    (commands, why)
}

/// A remedy's summary with why some commands are not given.
pub(super) fn summary(summary: &str, withheld: Option<String>) -> String {
    match withheld {
        Some(why) => format!("{summary}; {why}"),
        None => summary.to_owned(),
    }
}

/// The command that takes a policy from its holder.
fn removal(holder: &Holder, source: &Source) -> String {
    let kind = holder.kind.as_str();
    let option = format!("--{kind}-name");
    match &source.arn {
        Some(arn) => finding::command(&[
            "aws",
            "iam",
            &format!("detach-{kind}-policy"),
            &option,
            &holder.name,
            "--policy-arn",
            arn,
        ]),
        None => finding::command(&[
            "aws",
            "iam",
            &format!("delete-{kind}-policy"),
            &option,
            &holder.name,
            "--policy-name",
            &source.name,
        ]),
    }
}

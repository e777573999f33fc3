//! What is missing from an inventory without being named: holes that its own data show.

use std::collections::BTreeSet;

use super::{
    Api, ApiKind, DraftMethod, Gap, GapKind, Iam, Inventory, Scope, listed, quoted, served,
};
use crate::iam::Document;

/// How many methods are named in a gap.
const NAMED: usize = 3;

impl Inventory {
    /// Every gap, in order and once each: those that the reading named, and those that the data shows.
    /// A file that simply lacks a stage's deployment is thus as incomplete as one that says so.
    pub fn gaps(&self) -> BTreeSet<Gap> {
        self.gaps.iter().cloned().chain(holes(self)).collect()
    }
}

/// Every hole.
fn holes(inventory: &Inventory) -> Vec<Gap> {
    let named = Named(&inventory.gaps);
    let mut holes = Vec::new();
    for api in &inventory.apis {
        api_holes(api, &inventory.scope, named, &mut holes);
    }
    let is_account = inventory.scope.template.is_none();
    if is_account && inventory.scope.regions.is_empty() {
        holes.push(absent(GapKind::Regions, "any Region"));
    }
    if is_account && inventory.domains.is_none() && !named.has(|gap| gap.kind == GapKind::Domains) {
        holes.push(absent(GapKind::Domains, "the custom domain names"));
    }
    for domain in inventory.domains.iter().flatten() {
        if let Some(problem) = domain.resource_policy.as_ref().and_then(Document::problem) {
            let message = format!("the domain's resource policy does not parse: {problem}");
            let hole = Gap::malformed(GapKind::Domains, message);
            holes.push(hole.in_region(&domain.region).about(&domain.name));
        }
    }
    match &inventory.iam {
        Some(iam) => iam_holes(iam, named, is_account, &mut holes),
        None if is_account && !named.has(|gap| gap.kind == GapKind::Iam) => {
            holes.push(absent(GapKind::Iam, "the IAM principals"));
        }
        None => {}
    }
    holes
}

/// The gaps that the reading named itself: they say more than a hole does.
#[derive(Clone, Copy)]
struct Named<'a>(&'a [Gap]);

impl Named<'_> {
    fn has(self, is: impl Fn(&Gap) -> bool) -> bool {
        self.0.iter().any(is)
    }

    fn at(self, kind: GapKind, api: &Api) -> bool {
        self.has(|gap| is_at(gap, kind, api))
    }
}

fn is_at(gap: &Gap, kind: GapKind, api: &Api) -> bool {
    gap.kind == kind
        && gap.api.as_ref() == Some(&api.id)
        && gap.region.as_ref() == Some(&api.region)
}

fn absent(kind: GapKind, what: &str) -> Gap {
    Gap::malformed(kind, format!("not in the inventory: {what}"))
}

fn api_holes(api: &Api, scope: &Scope, named: Named<'_>, holes: &mut Vec<Gap>) {
    if let Some(problem) = api
        .resource_policy
        .as_ref()
        .and_then(Document::resource_policy_problem)
    {
        let message =
            format!("the resource policy is not understood: {problem}; its effect is unknown");
        holes.push(Gap::malformed(GapKind::ResourcePolicy, message).at(api));
    }
    let Some(stages) = &api.stages else {
        if !named.at(GapKind::Api, api) {
            holes.push(absent(GapKind::Api, "the stages").at(api));
        }
        return;
    };
    // Nothing is compared with the draft of an API that is not deployed: it need not be read.
    let draft_is_due = !scope.without_drafts && !stages.is_empty();
    if draft_is_due && api.draft.is_none() && !named.at(GapKind::Draft, api) {
        holes.push(absent(GapKind::Draft, "the draft").at(api));
    }
    if !stages.is_empty() {
        holes.extend(lacks_connect(api));
    }
    if draft_is_due {
        holes.extend(untold_draft(api));
    }
    for stage in stages {
        for id in stage.served() {
            let is_named = || {
                named.has(|gap| {
                    is_at(gap, GapKind::Stage, api) && gap.stage.as_ref() == Some(&stage.name)
                })
            };
            if api.deployment(id).is_none() && !is_named() {
                let hole = absent(GapKind::Stage, &format!("deployment {id}"));
                holes.push(hole.at_stage(api, &stage.name).about(id));
            }
        }
        holes.extend(served::gaps(api, stage));
    }
}

/// That a WebSocket API has routes, and nothing is said of `$connect`, which every connection goes through. The reading
/// writes it down also where the API has no such route.
fn lacks_connect(api: &Api) -> Option<Gap> {
    let routes = api
        .draft
        .as_deref()
        .filter(|_| api.kind == ApiKind::WebSocket)?;
    let is_connect = |it: &DraftMethod| served::authorizes(api.kind, it.route_key.as_deref());
    let lacks = !routes.is_empty() && !routes.iter().any(is_connect);
    lacks.then(|| absent(GapKind::Draft, "what `$connect` asks of callers").at(api))
}

/// The methods of a draft whose authorization types are not told: what the next deployment makes of them is not known.
fn untold_draft(api: &Api) -> Option<Gap> {
    let is_untold = |it: &&DraftMethod| {
        it.authorization.is_none() && served::authorizes(api.kind, it.route_key.as_deref())
    };
    let drafted = api.draft.iter().flatten();
    let untold: Vec<String> = drafted.filter(is_untold).map(DraftMethod::name).collect();
    if untold.is_empty() {
        return None;
    }
    let message = format!(
        "the draft does not tell the authorization type of {}: what the next deployment opens is not known",
        listed(untold.into_iter(), NAMED)
    );
    Some(Gap::malformed(GapKind::Draft, message).at(api))
}

fn iam_holes(iam: &Iam, named: Named<'_>, is_account: bool, holes: &mut Vec<Gap>) {
    // A file's policies may name what only a deployment knows.
    let is_not = match is_account {
        true => "does not parse",
        false => "cannot be told",
    };
    let mut document = |subject: &str, what: String, document: &Document| {
        if let Some(problem) = document.problem() {
            let message = format!("{what} {is_not}: {problem}; its effect is unknown");
            holes.push(Gap::malformed(GapKind::PolicyDocument, message).about(subject));
        }
    };
    let principals = (iam.groups.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.users.iter().map(|it| (&it.arn, &it.inline)))
        .chain(iam.roles.iter().map(|it| (&it.arn, &it.inline)));
    for (arn, inline) in principals {
        for policy in inline {
            document(
                arn,
                format!("inline policy {}", quoted(&policy.name)),
                &policy.document,
            );
        }
    }
    for policy in &iam.policies {
        document(
            &policy.arn,
            format!("managed policy {}", quoted(&policy.name)),
            &policy.document,
        );
    }
    trust_policies(iam, named, holes);
    unread_groups(iam, named, holes);
    let known: BTreeSet<&str> = iam
        .policies
        .iter()
        .map(|policy| policy.arn.as_str())
        .collect();
    let attached: BTreeSet<_> = iam.attachments().collect();
    for policy in attached {
        let is_named = || named.has(|gap| gap.subject.as_ref() == Some(&policy.arn));
        if !known.contains(policy.arn.as_str()) && !is_named() {
            let message = format!(
                "the document of attached policy {} is not known",
                quoted(&policy.name)
            );
            holes.push(Gap::malformed(GapKind::PolicyDocument, message).about(&policy.arn));
        }
    }
}

/// Trust policies that are not understood, and those that roles lack though others have theirs. An inventory in which no
/// role has one is that of an older version: reports say that it was not looked at.
fn trust_policies(iam: &Iam, named: Named<'_>, holes: &mut Vec<Gap>) {
    let is_older = iam.lacks_trust_policies();
    for role in &iam.roles {
        let message = match &role.trust_policy {
            Some(trust) => match trust.trust_policy_problem() {
                Some(problem) => {
                    format!(
                        "the trust policy is not understood: {problem}; who can become the role is unknown"
                    )
                }
                None => continue,
            },
            None if is_older || named.has(|it| it.subject.as_ref() == Some(&role.arn)) => continue,
            None => "not in the inventory: the trust policy".to_owned(),
        };
        holes.push(Gap::malformed(GapKind::PolicyDocument, message).about(&role.arn));
    }
}

/// Groups that a user is a member of and that are not there: what they grant, and what they deny, is not known.
fn unread_groups(iam: &Iam, named: Named<'_>, holes: &mut Vec<Gap>) {
    // Names of groups differ in more than their case.
    let known: BTreeSet<String> = iam.groups.iter().map(|it| it.name.to_lowercase()).collect();
    for user in &iam.users {
        let unknown = user
            .groups
            .iter()
            .filter(|it| !known.contains(&it.to_lowercase()));
        for group in unknown {
            let is_named = || named.has(|gap| gap.subject.as_ref() == Some(&user.arn));
            if !is_named() {
                let message = format!(
                    "group {}, of which user {} is a member, is not among the groups that were read",
                    quoted(group),
                    quoted(&user.name)
                );
                holes.push(Gap::malformed(GapKind::Iam, message).about(&user.arn));
            }
        }
    }
}

//! What is missing from an inventory without being named: holes that its own data show.

use std::collections::BTreeSet;

use super::index::DraftIndex;
use super::{
    Api, Deployment, DeploymentSource, Document, Gap, GapKind, Iam, Inventory, Scope, Stage,
};

/// Every hole.
pub(super) fn of(inventory: &Inventory) -> Vec<Gap> {
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
        Some(iam) => iam_holes(iam, named, &mut holes),
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
        holes.push(absent(GapKind::Draft, "the editable tree").at(api));
    }
    let draft = DraftIndex::new(api);
    for stage in stages {
        for id in stage.served() {
            match api.deployment(id) {
                Some(deployment) => method_holes(api, &draft, stage, deployment, holes),
                None => {
                    let is_named = named.has(|gap| {
                        is_at(gap, GapKind::Stage, api) && gap.stage.as_ref() == Some(&stage.name)
                    });
                    if !is_named {
                        let hole = absent(GapKind::Stage, &format!("deployment {id}"));
                        holes.push(hole.at_stage(api, &stage.name).about(id));
                    }
                }
            }
        }
    }
}

/// Methods whose authorization neither the deployment nor the editable tree tells.
fn method_holes(
    api: &Api,
    draft: &DraftIndex<'_>,
    stage: &Stage,
    deployment: &Deployment,
    holes: &mut Vec<Gap>,
) {
    let id = &deployment.id;
    let untold: Vec<(&str, &str)> = match (deployment.summary(), &api.draft) {
        (Some(methods), _) => methods
            .iter()
            .filter(|method| method.authorization.is_none())
            .filter(|it| draft.standing_in(deployment, &it.verb, &it.path).is_none())
            .map(|method| (method.verb.as_str(), method.path.as_str()))
            .collect(),
        // The editable tree stands in for the whole summary.
        (None, Some(drafted)) => drafted
            .iter()
            .filter(|it| draft.standing_in(deployment, &it.verb, &it.path).is_none())
            .map(|method| (method.verb.as_str(), method.path.as_str()))
            .collect(),
        (None, None) => {
            let message = format!(
                "deployment {id} came without its summary, and there is no editable tree to infer it from"
            );
            let hole = Gap::malformed(GapKind::Stage, message);
            holes.push(hole.at_stage(api, &stage.name).about(id));
            return;
        }
    };
    for (verb, path) in untold {
        let drafted = draft.own(verb, path);
        let drafted = drafted.and_then(|draft| draft.authorization.as_ref());
        let message = match (deployment.source, drafted) {
            (DeploymentSource::Export, Some(drafted)) => format!(
                "the export of stage {} does not tell the authorization type of {verb} {path}: the draft \
                 says {drafted}, which may not be deployed",
                stage.name
            ),
            _ => format!(
                "neither deployment {id} nor the editable tree tells the authorization type of {verb} {path}"
            ),
        };
        let hole = Gap::malformed(GapKind::Method, message);
        holes.push(
            hole.at_stage(api, &stage.name)
                .about(&format!("{verb} {path}")),
        );
    }
}

fn iam_holes(iam: &Iam, named: Named<'_>, holes: &mut Vec<Gap>) {
    let mut document = |subject: &str, what: String, document: &Document| {
        if let Some(problem) = document.problem() {
            let message = format!("{what} does not parse: {problem}; its effect is unknown");
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
                format!("inline policy `{}`", policy.name),
                &policy.document,
            );
        }
    }
    for policy in &iam.policies {
        document(
            &policy.arn,
            format!("managed policy `{}`", policy.name),
            &policy.document,
        );
    }
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
                "the document of attached policy `{}` is not known",
                policy.name
            );
            holes.push(Gap::malformed(GapKind::PolicyDocument, message).about(&policy.arn));
        }
    }
}

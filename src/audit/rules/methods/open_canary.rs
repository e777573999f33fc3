//! `open-canary`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Remedy, RuleId, Severity, Source, Violation, command,
};
use crate::audit::method::MethodView;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::served::ServedMethod;
use crate::inventory::{AuthorizationType, Canary};

documented! {
    /// # `open-canary`
    ///
    /// Fires when the deployment of a stage's canary opens a method that the stage's own deployment protects or does
    /// not have. Fires as well when the canary lacks a method that the stage's own deployment protects, and an open
    /// route of the canary may answer its requests.
    ///
    /// ## Severity
    /// high; medium where the canary asks for an API key
    ///
    /// An API key is no authentication, but it keeps out those who have none.
    ///
    /// ## Why this is bad
    /// A canary serves live traffic: repeat the request often enough, and the canary answers it.
    ///
    /// ## What it looks at
    /// The two deployments that a stage with a canary serves. A method that both of them leave open is
    /// [`open-method`](open-method.md).
    ///
    /// ## Examples
    /// Both are the stage and the deployments of an account, as `gatewatch collect` writes them.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "stages": [
    ///     {"name": "prod", "deployment_id": "dep111", "canary": {"deployment_id": "dep222", "percent_traffic": 10.0}}
    ///   ],
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]},
    ///     {"id": "dep222", "methods": [{"verb": "GET", "path": "/pets", "authorization": "NONE"}]}
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "stages": [
    ///     {"name": "prod", "deployment_id": "dep111", "canary": {"deployment_id": "dep222", "percent_traffic": 10.0}}
    ///   ],
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]},
    ///     {"id": "dep222", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]}
    ///   ]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// End the canary (`op=remove,path=/canarySettings`), or protect the method in the draft and deploy it to the
    /// canary. Do not promote the canary: that would open the method for everyone.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: open-canary
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     severity: high
    ///     reason: the canary tries the public price list until the end of the campaign
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 5.15, *Access control*, 8.3, *Information access restriction*, and 8.32, *Change
    ///   management*. The mapping is gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html>
    pub struct OpenCanary;
}

impl Rule for OpenCanary {
    fn id(&self) -> RuleId {
        RuleId::OpenCanary
    }

    fn summary(&self) -> &'static str {
        "a canary opens a method that its stage protects"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::DraftBeside, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, method: &MethodView<'_>) -> bool {
        method.stage.canary.is_some()
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let settings = method.stage.canary.as_ref()?;
        if let Some(route) = method.is_left_open_by_the_canary() {
            return Some(left_open(context, method, route, settings));
        }
        let canary = method.canary.filter(|_| method.frozen)?;
        // If the stage is as open as its canary, another rule says so.
        let as_open_without = method.deployed.is_some_and(|deployed| {
            let asks_for_more = deployed.api_key_required && !canary.api_key_required;
            method.is_open(deployed) && !asks_for_more
        });
        if !method.is_open(canary) || as_open_without {
            return None;
        }
        let message = format!(
            "the canary opens this method to {} % of the stage's requests",
            settings.percent_traffic
        );
        let evidence = method.snapshot_evidence(canary, Source::Canary);
        let severity = severity(canary.api_key_required);
        let violation = violation(context, method, severity, message, evidence);
        Some(violation.with_confidence(method.confidence(canary)))
    }
}

/// A canary that asks for an API key is less open, so that an exemption of that does not cover one that asks for nothing.
fn severity(asks_for_key: bool) -> Severity {
    if asks_for_key {
        Severity::Medium
    } else {
        Severity::High
    }
}

/// A violation with what the canary serves as the first evidence.
fn violation(
    context: Context<'_>,
    method: &MethodView<'_>,
    severity: Severity,
    message: String,
    at_canary: Evidence,
) -> Violation {
    let remedy = remedy(context, method);
    let own = method.deployed;
    method
        .violation(context.inventory, severity, message, at_canary, remedy)
        .also(own.map(|it| method.snapshot_evidence(it, Source::Deployment)))
        .also([method.demanded(&AuthorizationType::None)])
        .also(method.reach.evidence())
}

/// The canary does not have the method, and an open route of the canary may answer.
fn left_open(
    context: Context<'_>,
    method: &MethodView<'_>,
    route: ServedMethod<'_>,
    settings: &Canary,
) -> Violation {
    let name = format!("{} {}", route.verb, route.path);
    let lacks =
        format!("the canary's deployment does not have this method, and {name} of it has NONE");
    let evidence = Evidence::new(Source::Canary, lacks).with_reference(&settings.deployment_id);
    let message = format!(
        "the canary lacks this method, and may leave {} % of its requests to an open route",
        settings.percent_traffic
    );
    let severity = severity(route.canary.is_some_and(|it| it.api_key_required));
    violation(context, method, severity, message, evidence).with_confidence(Confidence::Medium)
}

fn remedy(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let ended = context.changes.end_canary(method);
    let summary = match &ended {
        Ok(said) => format!(
            "end the canary, or protect the method and deploy it to the canary; {said}; its integrations and stage \
             variables go with it"
        ),
        Err(why) => format!(
            "protect the method and deploy it to the canary; the canary is not to be ended yet: {why}"
        ),
    };
    let end = command(&[
        "aws",
        "apigateway",
        "update-stage",
        "--region",
        &method.api.region,
        "--rest-api-id",
        &method.api.id,
        "--stage-name",
        &method.stage.name,
        "--patch-operations",
        "op=remove,path=/canarySettings",
    ]);
    Remedy::new(summary)
        .with_commands(ended.is_ok().then_some(end))
        .in_code("CloudFormation: CanarySetting of the AWS::ApiGateway::Stage")
        .in_terraform("Terraform: canary_settings of the aws_api_gateway_stage")
        .with_references([
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
        ])
}

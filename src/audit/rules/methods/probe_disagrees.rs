//! `probe-disagrees`

use crate::audit::context::Context;
use crate::audit::finding::{
    Confidence, Evidence, Exposure, Remedy, RuleId, Severity, Source, Violation, command,
};
use crate::audit::method::MethodView;
use crate::audit::probe::{Judged, MethodPlace, Outcome, Shows};
use crate::audit::rules::{Look, Rule, Subject, documented};
use crate::inventory::ApiKind;

documented! {
    /// # `probe-disagrees`
    ///
    /// Fires when [`gatewatch probe`](../probe.md) asked a deployed URL, and its answer is not what the configuration
    /// says. Never fires in a scan or a check, which ask no URL.
    ///
    /// ## Severity
    /// high where something that was thought closed lets a caller in; else medium or low
    ///
    /// Medium where a default endpoint that is disabled answers and still demands something, and where an authorizer
    /// decides in place of IAM; low where something that was thought open refuses. The exposure does not lower it: it is
    /// what the settings say, and the answer is what a caller got.
    ///
    /// ## Why this is bad
    /// What was read is not what is served. A resource policy or a disabled endpoint that nobody deployed keeps nobody
    /// out, and no call of API Gateway's tells which of them a deployment froze.
    ///
    /// ## What it looks at
    /// The answers of a probe, beside the deployments and the API's settings of the inventory. An inventory that is older
    /// than the last deployment makes such findings, too: read it again before you look further.
    ///
    /// ## Examples
    /// Both are the deployment of an account, as `gatewatch collect` writes it, and an unsigned `GET /pets`.
    ///
    /// ### Bad
    /// The URL answers with status 200:
    ///
    /// ```json
    /// {
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]}
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    /// The URL answers with status 403 and `x-amzn-ErrorType: MissingAuthenticationTokenException`:
    ///
    /// ```json
    /// {
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]}
    ///   ]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Read the account again and repeat the probe: the stage may have been deployed in between. If the answer stays, look
    /// at what the stage serves, and at what stands in front of it, such as a CDN. Deploy the API where a setting was
    /// never deployed; look first at [what else a deployment changes](../apis.md).
    ///
    /// ## Exemption
    /// Name the rule, and not the `id` alone: so a scan, which never finds this, does not call the exemption unused.
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: probe-disagrees
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     severity: high
    ///     reason: the CDN in front answers from its cache; nothing there is confidential
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
    pub struct ProbeDisagrees;
}

impl Rule for ProbeDisagrees {
    fn id(&self) -> RuleId {
        RuleId::ProbeDisagrees
    }

    fn summary(&self) -> &'static str {
        "a deployed URL answers otherwise than the configuration says"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Probe, Look::Deployed]
    }

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn is_about(&self, _: &MethodView<'_>) -> bool {
        // Which methods were asked, and what they answered, is told by the probe itself: none passes by not being asked.
        false
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let probed = context.probed?;
        let place = MethodPlace {
            region: method.api.region.clone(),
            api: method.api.id.clone(),
            stage: method.stage.name.clone(),
            path: method.path.to_owned(),
            verb: method.verb.to_owned(),
        };
        let disagreements = probed.disagreements(&place);
        let (worst, severity, why) = disagreements.first()?;
        let others = disagreements.iter().skip(1);
        let others = others.map(|(it, _, why)| evidence(it, Some(why)));
        let own = method.deployed;
        let canary = method.canary;
        let exposure = method.reach.exposure;
        let widest = match severity {
            // Somebody was let in, whatever the settings say.
            Severity::High | Severity::Critical => method.reach.widest.max(Exposure::Unknown),
            _ => method.reach.widest,
        };
        Some(
            Violation::new(
                *severity,
                method.place(context.inventory),
                *why,
                evidence(worst, None),
                remedy(method),
            )
            .also(others)
            .also(own.map(|it| method.snapshot_evidence(it, Source::Deployment)))
            .also(canary.map(|it| method.snapshot_evidence(it, Source::Canary)))
            .also(method.reach.evidence())
            .with_confidence(confidence(worst))
            .reached_by(method.reached_as(exposure, widest)),
        )
    }
}

/// What a URL was asked, and what it answered; and why that disagrees, where the finding does not say it.
fn evidence(judged: &Judged, why: Option<&str>) -> Evidence {
    let asked = judged.planned.in_words();
    let answered = match &judged.outcome {
        Outcome::Answered(answer) => {
            let name = answer.error_type.as_deref();
            let name = name.map_or_else(String::new, |it| format!(" {it}"));
            let shows = Shows::of(judged.planned.kind, answer).in_words();
            format!("{}{name} ({shows})", answer.status)
        }
        Outcome::Failed { message, .. } => message.clone(),
    };
    let expected = judged.planned.expected.in_words();
    let why = why.map_or_else(String::new, |it| format!(": {it}"));
    let says = format!("{asked} answered {answered}, where this was expected: {expected}{why}");
    Evidence::new(Source::Probe, says)
}

/// REST APIs name their own errors. What answers without API Gateway's mark may stand in front of it.
fn confidence(judged: &Judged) -> Confidence {
    match &judged.outcome {
        Outcome::Answered(answer)
            if judged.planned.kind == ApiKind::Rest && answer.has_request_id =>
        {
            Confidence::High
        }
        _ => Confidence::Medium,
    }
}

/// The command only reads: what mends it depends on why the answer is another one.
fn remedy(method: &MethodView<'_>) -> Remedy {
    let (service, id) = match method.api.kind {
        ApiKind::Rest => ("apigateway", "--rest-api-id"),
        ApiKind::Http | ApiKind::WebSocket => ("apigatewayv2", "--api-id"),
    };
    let look = command(&[
        "aws",
        service,
        "get-stage",
        "--region",
        &method.api.region,
        id,
        &method.api.id,
        "--stage-name",
        &method.stage.name,
    ]);
    Remedy::new(
        "read the account again and repeat the probe, as the stage may have been deployed in between; if the answer \
         stays, look at which deployment the stage serves, and at what stands in front of it",
    )
    .with_commands([look])
    .with_references([
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
    ])
}

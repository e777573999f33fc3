//! `undeployed-fix`

use crate::audit::context::Context;
use crate::audit::finding::{RuleId, Source, Violation};
use crate::audit::method::{MethodView, Opening};
use crate::audit::remedy::protect;
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::AuthorizationType;

documented! {
    /// # `undeployed-fix`
    ///
    /// Fires instead of [`open-method`](open-method.md) when the draft is as the policy file requires, and the stage
    /// still serves a deployment that leaves the method open.
    ///
    /// ## Severity
    /// that of `open-method`: an edit that is not deployed closes nothing
    ///
    /// ## Why this is bad
    /// The console shows `AWS_IAM`, and callers still get `NONE`: an edit of a method reaches nobody before *Deploy
    /// API*. Tools that read the draft call this method clean.
    ///
    /// ## What it looks at
    /// The deployment that the stage serves, and the draft beside it.
    ///
    /// ## Examples
    /// Both are the deployment and the draft of an API, as `gatewatch collect` writes them.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "NONE"}]}
    ///   ],
    ///   "draft": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]}
    ///   ],
    ///   "draft": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Deploy the API to the stage: *Deploy API* in the console, or `aws apigateway create-deployment`. A deployment
    /// freezes the whole draft, so the report says first what else it would change; where it would open another method,
    /// there is no command.
    ///
    /// ## Exemption
    /// Name both rules, so that the exemption still holds when the method is fixed in the draft:
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: [open-method, undeployed-fix]
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     severity: high
    ///     reason: the price displays in the shops cannot sign requests yet
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 8.9, *Configuration management*, and 8.32, *Change management*. The mapping is
    ///   gatewatch's own: Security Hub CSPM has none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
    pub struct UndeployedFix;
}

impl Rule for UndeployedFix {
    fn id(&self) -> RuleId {
        RuleId::UndeployedFix
    }

    fn summary(&self) -> &'static str {
        "a method was protected in the draft, and the stage still serves it open"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Draft, Look::PolicyFile]
    }

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let deployed = method.opened(Opening::Undeployed)?;
        let violation = method.violation(
            context.inventory,
            method.severity_of(deployed),
            match method.keeps_a_deployment() {
                true => format!(
                    "{} can still call this method: it is protected, and no new deployment is made",
                    method.callers()
                ),
                false => format!(
                    "{} can still call this method: it was protected, but never deployed",
                    method.callers()
                ),
            },
            method.snapshot_evidence(deployed, Source::Deployment),
            protect::deploy(context, method),
        );
        Some(
            violation
                .also([
                    method.draft_evidence(),
                    method.demanded(&AuthorizationType::None),
                ])
                .also(method.reach.evidence())
                .with_confidence(method.confidence(deployed)),
        )
    }
}

//! `pending-opening`

use crate::audit::context::Context;
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Text, Violation};
use crate::audit::method::{MethodView, Pending};
use crate::audit::remedy::{commands, protect};
use crate::audit::rules::{Concern, Look, Rule, Subject, documented};
use crate::inventory::{AuthorizationType, DraftMethod};

documented! {
    /// # `pending-opening`
    ///
    /// Fires when the next deployment opens a method. The draft
    ///
    /// - says `NONE` where the deployed method is protected,
    /// - drops the API key of a method that asks for nothing else,
    /// - adds a method that is open, or
    /// - no longer has a method whose requests an open, wider route may then answer.
    ///
    /// Accepted preflights are left out, and so is what is just as open already.
    ///
    /// ## Severity
    /// medium
    ///
    /// Its confidence is always high.
    ///
    /// ## Why this is bad
    /// A deployment freezes the whole draft. Whoever deploys an unrelated change opens this method with it, and nothing
    /// in that change shows it.
    ///
    /// ## What it looks at
    /// The draft beside the stage's own deployment. Where one of them could not be read, nothing is said here: that is
    /// a gap of the report. A method that the deployment leaves just as open is [`open-method`](open-method.md).
    ///
    /// ## Examples
    /// Both are the deployment and the draft of an API, as `gatewatch collect` writes them.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "deployments": [
    ///     {"id": "dep111", "methods": [{"verb": "GET", "path": "/pets", "authorization": "AWS_IAM"}]}
    ///   ],
    ///   "draft": [{"verb": "GET", "path": "/pets", "authorization": "NONE"}]
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
    /// Protect the method in the draft, or put it back there, before anybody deploys. Nothing needs to be deployed for
    /// that.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: pending-opening
    ///     match: {api: PetStore, path: /pets, verb: GET}
    ///     severity: medium
    ///     reason: the list becomes public with the launch, which is approved
    ///     owner: shop-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## Related controls
    /// - ISO/IEC 27001:2022 Annex A 8.32, *Change management*. The mapping is gatewatch's own: Security Hub CSPM has
    ///   none to this standard.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
    pub struct PendingOpening;
}

impl Rule for PendingOpening {
    fn id(&self) -> RuleId {
        RuleId::PendingOpening
    }

    fn summary(&self) -> &'static str {
        "the next deployment opens a method"
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
        let pending = method.pending()?;

        let deployed = match method.deployed {
            Some(deployed) => method.snapshot_evidence(deployed, Source::Deployment),
            None => Evidence {
                reference: method.stage.deployment_id.clone().map(Text::from),
                ..Evidence::new(Source::Deployment, "the stage serves no such method")
            },
        };
        let remedy = match method.draft {
            Some(draft) => remedy(context, method, draft, pending),
            None => put_back(context),
        };
        let violation = method.violation(
            context.inventory,
            Severity::Medium,
            match method.keeps_a_deployment() {
                true => message_of_a_file(pending),
                false => message(pending),
            },
            deployed,
            remedy,
        );
        Some(
            violation
                .also([
                    method.draft_evidence(),
                    method.demanded(&AuthorizationType::None),
                ])
                .also(method.taken_over.map(answers_instead))
                .also(method.reach.evidence()),
        )
    }
}

/// The open route of the draft that may answer in place of the method, as evidence.
fn answers_instead(route: &DraftMethod) -> Evidence {
    let says = format!(
        "the draft has {} with NONE, which may answer then",
        route.name()
    );
    Evidence::new(Source::Draft, says).with_reference(&route.resource_id)
}

/// The same of a file that changes the method and makes no new deployment.
fn message_of_a_file(pending: Pending) -> &'static str {
    match pending {
        Pending::Unauthorized => "the next deployment opens this method: the file gives it NONE",
        Pending::New => {
            "the next deployment adds this method, and opens it: the file gives it NONE"
        }
        Pending::WithoutKey | Pending::LeftToAnOpenRoute => message(pending),
    }
}

fn message(pending: Pending) -> &'static str {
    match pending {
        Pending::Unauthorized => "the next deployment opens this method: its draft says NONE",
        Pending::WithoutKey => {
            "the next deployment takes the API key from this method, which asks for nothing else"
        }
        Pending::LeftToAnOpenRoute => {
            "the next deployment removes this method, and may leave its requests to an open route"
        }
        Pending::New => "the next deployment adds this method, and opens it: its draft says NONE",
    }
}

/// The method back into the draft. No command makes one with its integration.
fn put_back(context: Context<'_>) -> Remedy {
    Remedy::new(format!(
        "put the method back into the draft, or protect the route that answers in its place, before anybody \
         deploys{}",
        context.changes.warning()
    ))
    .in_terraform("Terraform: the method as it was, or authorization on the one that answers in its place")
    .with_references([commands::DEPLOYING])
}

/// Back to what is deployed, where that is as demanded.
fn remedy(
    context: Context<'_>,
    method: &MethodView<'_>,
    draft: &DraftMethod,
    pending: Pending,
) -> Remedy {
    let iam = &AuthorizationType::AwsIam;
    let accepts_iam = method.accepts(iam);
    let earlier_type = method
        .deployed
        .filter(|_| pending == Pending::Unauthorized)
        .and_then(|it| it.authorization.kind())
        .filter(|it| method.accepts(it) || !accepts_iam);
    let remedy = match earlier_type {
        // The other types need the authorizer's id with them, which a deployment does not tell.
        Some(back) if back != iam => Remedy::new(format!(
            "give the method back its {back} authorizer before anybody deploys{}",
            context.changes.warning()
        )),
        None if !accepts_iam => Remedy::new(format!(
            "give the method an authorizer that the policy file accepts before anybody deploys{}",
            context.changes.warning()
        )),
        _ => match context.changes.edit(method, draft) {
            Ok(said) => Remedy::new(format!(
                "set the method to AWS_IAM before anybody deploys{said}"
            ))
            .with_commands([commands::set_command(method, draft, iam)]),
            Err(why) => {
                return protect::withheld("protect the method before anybody deploys", &why)
                    .in_terraform(protect::in_terraform(method));
            }
        },
    };
    remedy
        .in_terraform(protect::in_terraform(method))
        .with_references([commands::DEPLOYING])
}

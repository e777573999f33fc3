//! `pending-opening`

use crate::audit::context::Context;
use crate::audit::finding::{Evidence, Remedy, RuleId, Severity, Source, Violation};
use crate::audit::method::{MethodView, Pending};
use crate::audit::remedy::{commands, protect};
use crate::audit::rules::{Concern, Look, Rule};
use crate::inventory::{AuthorizationType, DraftMethod};

/// # `pending-opening`
///
/// Fires when the next deployment opens a method: the draft says NONE, and the stage's own deployment
/// authorizes the method, asks for an API key that the draft drops, or does not have the method; or the draft no
/// longer has the method, and an open route of the draft may answer in its place.
///
/// ## Why this is bad
/// A deployment freezes the whole draft. Whoever deploys an unrelated change opens this method with it,
/// and nothing in that change shows it.
///
/// ## What it looks at
/// The draft beside the stage's own deployment. Nothing is said where the draft or the deployment could not
/// be read, which is a gap, or of a method that the deployment leaves just as open: that is `open-method`.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
#[derive(Debug)]
pub struct PendingOpening;

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

    fn concern(&self) -> Concern {
        Concern::Authorization
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let pending = method.pending()?;

        let deployed = match method.deployed {
            Some(deployed) => method.snapshot_evidence(deployed, Source::Deployment),
            None => Evidence {
                reference: method.stage.deployment_id.clone(),
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
            message(pending),
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
                return protect::withheld("protect the method before anybody deploys", &why);
            }
        },
    };
    remedy.with_references([commands::DEPLOYING])
}

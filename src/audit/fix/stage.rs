//! What is to be done at one stage for the findings about its methods.

use std::collections::BTreeMap;

use crate::audit::context::Context;
use crate::audit::finding::{Finding, Place};
use crate::audit::fix::managed::managed_by;
use crate::audit::fix::refusal::{Refusal, Refused};
use crate::audit::fix::selection::{CanaryChoice, MENDED, Options};
use crate::audit::method::{MethodView, StageView};
use crate::audit::remedy::change::key_of;
use crate::audit::remedy::changes::Told;
use crate::audit::remedy::draft_changes::{DraftChanges, uncompared};
use crate::audit::remedy::preflight;
use crate::inventory::{AuthorizationType, DraftMethod};
use crate::policy_file::RuleId;

const IAM: &AuthorizationType = &AuthorizationType::AwsIam;

/// A method that a finding is about, and what is to be set there.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) finding: &'a Finding,
    pub(super) method: MethodView<'a>,
    /// The method of the draft that is set to AWS_IAM. `None`: the draft is as it should be.
    pub(super) set: Option<&'a DraftMethod>,
    /// What a reader should know of it.
    pub(super) notes: Vec<String>,
}

/// The findings about the methods of one stage.
pub(super) struct AtStage<'a> {
    changes: DraftChanges<'a>,
    /// The findings that steps are made for.
    pub(super) targets: Vec<Target<'a>>,
    pub(super) refused: Vec<Refusal>,
}

impl<'a> Target<'a> {
    /// The authorization type that callers meet after the deployment.
    pub(super) fn type_after(&self) -> Option<&'a AuthorizationType> {
        match self.set {
            Some(_) => Some(IAM),
            None => self.method.draft.and_then(|it| it.authorization.as_ref()),
        }
    }
}

impl<'a> AtStage<'a> {
    pub(super) fn new(
        context: Context<'a>,
        view: &StageView<'a>,
        changes: DraftChanges<'a>,
        findings: &[&'a Finding],
        options: &Options,
    ) -> Self {
        let mut targets = Vec::new();
        let mut refused = Vec::new();
        let methods = MethodView::of_stage(view);
        let account = &context.inventory.account;
        let places = methods.iter().map(|it| {
            let stage = Place::of_stage(account, view.api, &view.stage.name);
            (stage.at_method(it.verb, it.path, it.route_key), it)
        });
        let places: BTreeMap<Place, &MethodView<'a>> = places.collect();
        for finding in findings {
            let found = places.get(&finding.place).copied();
            let aimed = match found {
                Some(method) => aim(&changes, finding, method, options),
                None => Err(left_to_the_remedy(finding)),
            };
            match aimed {
                Ok(target) => targets.push(target),
                Err(why) => refused.push(why.of(finding)),
            }
        }
        AtStage {
            changes,
            targets,
            refused,
        }
    }

    /// Looks at what a deployment changes besides. `set` are the methods of the draft that the plan sets for all stages of
    /// the API, as paths and verbs.
    ///
    /// # Errors
    /// Why the stage must not be deployed.
    pub(super) fn besides(
        &self,
        set: &[(&str, &str)],
        options: &Options,
    ) -> Result<Vec<String>, Refused> {
        let Some(first) = self.targets.first() else {
            return Ok(Vec::new());
        };
        let stage = &first.method.stage.name;
        let about = self.targets.iter();
        let about = about.map(|it| (it.method.path, it.method.verb));
        let about: Vec<(&str, &str)> = about.collect();
        let mut notes = match self.changes.besides_all(set, &about) {
            Err(why) => {
                let why = format!("what the deployment changes besides cannot be told: {why}");
                return Err(Refused::always(why));
            }
            Ok(Told::Harm { words, .. }) => {
                return Err(Refused::always(format!(
                    "the deployment would change for the worse: {words}; mend these in the draft first"
                )));
            }
            Ok(Told::Changes(words) | Told::All(words)) if !options.deploy_everything => {
                return Err(Refused::unless(
                    "--deploy-everything",
                    format!(
                        "the deployment would also release what waits in the draft: it {words}"
                    ),
                ));
            }
            Ok(Told::Changes(words) | Told::All(words)) => {
                vec![format!("the deployment of stage {stage} also {words}")]
            }
            Ok(Told::Nothing) => Vec::new(),
        };
        if let (Some(canary), Some(choice)) = (&first.method.stage.canary, options.canary) {
            let becomes = match choice {
                CanaryChoice::Keep => {
                    "it keeps its share of the traffic and its stage variables, and serves the same deployment as the stage: it \
                     tries out nothing any more"
                }
                CanaryChoice::Promote => {
                    "the stage answers all callers, with its own stage variables, and the canary none"
                }
            };
            notes.push(format!(
                "stage {stage} has a canary for {}% of the traffic, which serves deployment {}: {becomes}",
                canary.percent_traffic, canary.deployment_id
            ));
        }
        if !first.method.stage.auto_deploy {
            let uncompared = uncompared(&first.method);
            notes.push(format!("deployment of stage {stage}: {uncompared}"));
        }
        Ok(notes)
    }
}

/// What is to be set for a finding about a method.
fn aim<'a>(
    changes: &DraftChanges<'a>,
    finding: &'a Finding,
    method: &MethodView<'a>,
    options: &Options,
) -> Result<Target<'a>, Refused> {
    if !MENDED.contains(&finding.rule) {
        return Err(left_to_the_remedy(finding));
    }
    if !are_of_aws(method) {
        return Err(Refused::always(
            "the id of the API or of the resource, or the name of the stage, is none that AWS gives",
        ));
    }
    let mut notes = Vec::new();
    if let Some(by) = managed_by(method.api, method.stage) {
        if !options.even_if_managed {
            return Err(Refused::unless("--even-if-managed", managed(finding, &by)));
        }
        let api = &method.api.id;
        notes.push(format!(
            "API {api} is managed by {by}: it drifts from its source, whose next deployment may undo this"
        ));
    }
    if method.stage.canary.is_some() && options.canary.is_none() {
        return Err(Refused::unless(
            "--canary keep, or --canary promote",
            "the stage has a canary, which serves a deployment of its own to a share of the callers: say what becomes of it, or \
             promote or end it first",
        ));
    }
    if method.stage.auto_deploy_failed {
        return Err(Refused::always(
            "the stage deploys by itself, and the last time failed: LastDeploymentStatusMessage of the stage says why",
        ));
    }
    let set = to_be_set(finding, method)?;
    if let Some(draft) = set {
        if let Some(why) = preflight::only_preflights(draft) {
            return Err(Refused::always(why));
        }
        let lost = preflight::lost(method.api, draft);
        notes.extend(lost.map(|it| format!("{} of the draft: {it}", draft.name())));
        if draft.api_key_required {
            notes.push(format!(
                "{} of the draft: it still asks for an API key as well, which a signed request has to carry, too",
                draft.name()
            ));
        }
        let said = changes.edit(method, draft).map_err(Refused::always)?;
        let said = said.trim_start_matches("; ");
        if !said.is_empty() {
            notes.push(format!("{} of the draft: {said}", draft.name()));
        }
    } else if method.stage.auto_deploy {
        return Err(Refused::always(
            "the draft is as it should be, and the stage deploys by itself: there is nothing to set or deploy",
        ));
    }
    Ok(Target {
        finding,
        method: method.clone(),
        set,
        notes,
    })
}

/// Whether the names that commands are made of are of the form that AWS gives: the AWS CLI would read a file for `file://…`.
fn are_of_aws(method: &MethodView<'_>) -> bool {
    let stage = method.stage.name.as_str();
    let resource = method.draft.map(|it| it.resource_id.as_str());
    is_of_aws(&method.api.id)
        && (is_of_aws(stage) || stage == "$default")
        && resource.is_none_or(is_of_aws)
}

/// Whether a text is of the form that the ids of API Gateway and the names of stages have.
pub(super) fn is_of_aws(text: &str) -> bool {
    let letters = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    (1..=128).contains(&text.len()) && text.chars().all(letters)
}

/// The method of the draft that is to be set to AWS_IAM, if one is.
fn to_be_set<'a>(
    finding: &Finding,
    method: &MethodView<'a>,
) -> Result<Option<&'a DraftMethod>, Refused> {
    if finding.rule == RuleId::UndeployedFix {
        return Ok(None);
    }
    if !method.accepts(IAM) {
        return Err(Refused::always(
            "the policy file does not accept AWS_IAM there: an authorizer has to be made or chosen first",
        ));
    }
    let Some(draft) = method.draft else {
        return Err(Refused::always(match method.api.draft {
            Some(_) => "the draft no longer has this method",
            None => "the draft could not be read",
        }));
    };
    match &draft.authorization {
        Some(kind) if kind == IAM => Ok(None),
        Some(kind) if method.accepts(kind) => Err(Refused::always(format!(
            "the draft has {kind} there already, and other methods of its path that do not have what is required"
        ))),
        _ => Ok(Some(draft)),
    }
}

fn managed(finding: &Finding, by: &str) -> String {
    let in_code = finding.remedy.infrastructure_as_code.as_deref();
    let in_code = in_code.map_or_else(String::new, |it| format!(" ({it})"));
    format!(
        "it is managed by {by}: change it in its source{in_code}, whose next deployment could undo the steps"
    )
}

pub(super) fn left_to_the_remedy(finding: &Finding) -> Refused {
    Refused::always(format!(
        "no steps are made for findings of {}: {}",
        finding.rule, finding.remedy.summary
    ))
}

/// The methods of the draft that are set, as paths and verbs.
pub(super) fn keys<'t, 'a: 't>(
    targets: impl Iterator<Item = &'t Target<'a>>,
) -> Vec<(&'a str, &'a str)> {
    let mut keys: Vec<(&str, &str)> = targets.filter_map(|it| it.set).map(key_of).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

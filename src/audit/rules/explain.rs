//! Why a method is judged as it is: what is demanded of it, which entry of the policy file says so and
//! which others lost, what is deployed, which rules fire and what exempts them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::asked::{Asked, NotFound, Passed};
use super::who_can::WhoCan;
use crate::audit::exposure::DomainNames;
use crate::audit::finding::{Evidence, Finding, Place, ReachedBy, Source, named_file};
use crate::audit::method::{MethodView, StageView};
use crate::audit::rules::{Covering, Evaluation, exempt, findings_where};
use crate::inventory::{AuthorizationType, Gap, Inventory};
use crate::policy_file::PolicyFile;

/// Every method that was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The account's id.
    pub account: String,
    /// The partition.
    pub partition: String,
    /// The methods, at least one, in the order of the inventory.
    pub methods: Vec<Explanation>,
}

/// Why one method is judged as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The method.
    pub place: Place,
    /// Who reaches it, and by which URLs.
    pub reach: Option<ReachedBy>,
    /// What is demanded. More than one where an `ANY` method answers verbs of different demands.
    pub demands: Vec<Demand>,
    /// What the deployments and the draft say.
    pub readings: Vec<Evidence>,
    /// Why it may be open whatever is demanded, where it may.
    pub accepted_preflight: Option<String>,
    /// The rules that fire, worst first.
    pub judged: Vec<Judged>,
    /// What could not be read of its API and stage.
    pub gaps: Vec<Gap>,
    /// Who can call it. `None`: no stage serves it, or the IAM principals are not known.
    pub who_can: Option<WhoCan>,
}

/// What is demanded of some verbs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The verbs.
    pub verbs: Vec<String>,
    /// The demand in words, with the line of its entry.
    pub says: String,
    /// The accepted types. `None`: the default, every known type but NONE.
    pub accepted: Option<Vec<AuthorizationType>>,
    /// The entries of `require` that meet the method, the one that decides first. Empty: the default.
    pub entries: Vec<RankedEntry>,
}

/// An entry of `require` that meets a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedEntry {
    /// The line of the policy file it stands on.
    pub line: usize,
    /// What it asks for. Empty: nothing.
    pub asks_for: String,
    /// Why it decides, or why it does not.
    pub why: String,
}

/// A rule that fires, and the exemptions that speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// Whether an exemption covers it.
    pub exempted: bool,
    /// What each exemption that speaks of it does.
    pub exemptions: Vec<Covering>,
}

/// Explains the methods of an inventory that are asked about. `today` is the day, in UTC, by which
/// exemptions expire.
///
/// # Errors
/// Where the inventory has no such method, with what is near.
///
/// ```
/// # const INVENTORY: &str = r#"{
/// #     "schema_version": 1, "account": "111122223333", "partition": "aws",
/// #     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
/// #     "apis": [{
/// #         "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
/// #         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
/// #         "stages": [{"name": "prod", "deployment_id": "dep111"}],
/// #         "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
/// #             {"verb": "GET", "path": "/pets/{petId}", "authorization": "NONE", "api_key_required": false}
/// #         ]}],
/// #         "draft": [{"verb": "GET", "path": "/pets/{petId}", "resource_id": "res111",
/// #                    "authorization": "NONE", "api_key_required": false, "integration": "HTTP"}]
/// #     }],
/// #     "domains": [], "gaps": [],
/// #     "iam": {"users": [], "roles": [], "policies": [], "groups": []}
/// # }"#;
/// use gatewatch::audit::rules::{Asked, explain};
/// use gatewatch::inventory::Inventory;
/// use gatewatch::policy_file::PolicyFile;
///
/// let inventory = Inventory::from_json(INVENTORY).unwrap();
/// let policy = PolicyFile::default();
/// let asked = |method: &str| Asked { method: method.to_owned(), api: None, stage: None };
/// let today = "2026-06-15".parse().unwrap();
///
/// let explained = explain(&inventory, &policy, &asked("GET /pets/{petId}"), today).unwrap();
/// assert_eq!(explained.methods[0].judged[0].finding.rule.as_str(), "open-method");
///
/// let error = explain(&inventory, &policy, &asked("GET /pets/{id}"), today).unwrap_err();
/// assert_eq!(error.to_string(), "no stage has a method `GET /pets/{id}`; did you mean `/pets/{petId}`?");
/// ```
pub fn explain(
    inventory: &Inventory,
    policy: &PolicyFile,
    asked: &Asked,
    today: Date,
) -> Result<Explained, NotFound> {
    let (verb, path) = asked.parts();
    let answering = asked.as_request(inventory);
    // The findings of all other methods, of which there may be very many, are not kept.
    let answers_at = answering.iter().flatten().flatten().map(|it| it.path);
    let paths: BTreeSet<&str> = answers_at.chain([path]).collect();
    let is_wanted = |finding: &Finding| {
        let method = finding.place.method();
        method.is_some_and(|(_, path)| paths.contains(path))
    };
    let evaluation = findings_where(inventory, policy, today, &is_wanted);
    let names = DomainNames::new(inventory);
    let by_name = |method: &MethodView<'_>, all: &[MethodView<'_>]| {
        method.path == path && answers(method, verb.as_deref(), all)
    };
    let (mut methods, passed) = look(inventory, policy, (&names, &evaluation), asked, &by_name);
    // What is called so comes first: a path that is no method's may still be one that callers request.
    if methods.is_empty()
        && let Some(answering) = answering
    {
        let answering = answering?;
        let is_answering = |method: &MethodView<'_>, _: &[MethodView<'_>]| {
            let mut each = answering.iter();
            each.any(|it| it.is(method.api, method.stage, method.verb, method.path))
        };
        let found = look(
            inventory,
            policy,
            (&names, &evaluation),
            asked,
            &is_answering,
        );
        methods = found.0;
    }
    if methods.is_empty() {
        return Err(passed.nothing(asked, inventory, evaluation.gaps.len()));
    }
    let places: Vec<&Place> = methods.iter().map(|it| &it.place).collect();
    let who_can = WhoCan::of_each(inventory, &evaluation.gaps, &places);
    for (method, who_can) in methods.iter_mut().zip(who_can) {
        method.who_can = who_can;
    }
    Ok(Explained {
        account: inventory.account.clone(),
        partition: inventory.partition.clone(),
        methods,
    })
}

/// Whether a method is meant, among all of its stage.
type IsMeant<'f> = dyn Fn(&MethodView<'_>, &[MethodView<'_>]) -> bool + 'f;

/// The methods that are meant, and what there was besides.
fn look<'a>(
    inventory: &'a Inventory,
    policy: &'a PolicyFile,
    (names, evaluation): (&DomainNames<'a>, &Evaluation),
    asked: &Asked,
    is_meant: &IsMeant<'_>,
) -> (Vec<Explanation>, Passed<'a>) {
    let mut methods = Vec::new();
    let mut passed = Passed::default();
    for api in &inventory.apis {
        passed.apis.extend([api.id.as_str(), api.name.as_str()]);
        if !asked.takes_api(api) {
            continue;
        }
        passed.any_api = true;
        for stage in api.stages.iter().flatten() {
            passed.stages.insert(&stage.name);
            if !asked.takes_stage(stage) {
                continue;
            }
            passed.any_stage = true;
            let view = StageView::new(inventory, policy, names, api, stage);
            let all = MethodView::of_stage(&view);
            for method in &all {
                if is_meant(method, &all) {
                    methods.push(explanation(inventory, evaluation, &view, method));
                }
                passed
                    .paths
                    .entry(method.path)
                    .or_default()
                    .insert(method.verb);
            }
        }
    }
    (methods, passed)
}

/// Whether a method answers a verb on its path: its own, or as the `ANY` of a path without that verb.
fn answers(method: &MethodView<'_>, verb: Option<&str>, all: &[MethodView<'_>]) -> bool {
    let Some(verb) = verb else {
        return true;
    };
    let of_its_own = || {
        let mut others = all.iter().filter(|other| other.frozen);
        others.any(|other| other.path == method.path && other.verb == verb)
    };
    method.verb == verb || (method.verb == "ANY" && !of_its_own())
}

fn explanation(
    inventory: &Inventory,
    evaluation: &Evaluation,
    stage: &StageView<'_>,
    method: &MethodView<'_>,
) -> Explanation {
    // Findings on a file have its name, which is a part of what they are.
    let file = inventory.scope.template.as_deref().and_then(named_file);
    let place = Place {
        file,
        ..method.place(inventory)
    };
    let left = evaluation.findings.iter().map(|finding| (finding, false));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|exempted| (&exempted.finding, true));
    let mut judged: Vec<Judged> = left
        .chain(exempted)
        .filter(|(finding, _)| finding.place == place)
        .map(|(finding, exempted)| Judged {
            finding: finding.clone(),
            exempted,
            exemptions: exempt::verdicts(finding, &evaluation.exemptions, inventory),
        })
        .collect();
    judged.sort_by(|one, other| one.finding.order(&other.finding));
    let of_this = |gap: &&Gap| {
        gap.region.as_ref() == Some(&method.api.region)
            && gap.api.as_ref().is_none_or(|api| *api == method.api.id)
            && gap.stage.as_ref().is_none_or(|it| *it == method.stage.name)
    };
    let accepted = evaluation
        .accepted_by_name
        .iter()
        .filter(|it| it.place == place);
    let by_name = accepted.map(|it| {
        let says = format!(
            "line {} of the policy file accepts NONE by the {} of the API, which whoever may change the API chooses: \
             `api-id` goes by its id",
            it.line, it.by
        );
        Evidence::new(Source::PolicyFile, says)
    });
    Explanation {
        reach: Some(method.reached_by()),
        demands: demands(stage, method),
        readings: readings(method).into_iter().chain(by_name).collect(),
        accepted_preflight: method.accepted_preflight(),
        judged,
        gaps: evaluation.gaps.iter().filter(of_this).cloned().collect(),
        who_can: None,
        place,
    }
}

fn demands(stage: &StageView<'_>, method: &MethodView<'_>) -> Vec<Demand> {
    let mut demands: Vec<Demand> = Vec::new();
    let verbs = method.judged_as.iter();
    let asked = verbs.flat_map(|verb| method.reach.exposures().map(move |it| (verb, it)));
    for (verb, exposure) in asked {
        let required = stage.requirements.required(verb, method.path, exposure);
        let ranking = stage.requirements.ranking(verb, method.path, exposure);
        let first = ranking.first().map(|(rank, entry)| (*rank, entry.line));
        let alone = ranking.len() == 1;
        let entries = ranking
            .iter()
            .enumerate()
            .filter_map(|(index, (rank, entry))| {
                let (best, winner) = first?;
                let conditions = entry.selector.conditions().into_iter();
                let asked: Vec<String> = conditions
                    .map(|(key, patterns)| format!("{key} {}", patterns.join(" or ")))
                    .collect();
                Some(RankedEntry {
                    line: entry.line,
                    asks_for: asked.join(", "),
                    why: match index {
                        0 if alone => "no other entry meets the method".to_owned(),
                        0 => "the most specific of the entries that meet the method".to_owned(),
                        _ => best.wins_over(
                            *rank,
                            &format!("line {winner}"),
                            &format!("line {}", entry.line),
                        ),
                    },
                })
            });
        let demand = Demand {
            verbs: vec![(*verb).to_owned()],
            says: required.in_words(),
            accepted: required
                .accepted()
                .map(|types| types.iter().cloned().collect()),
            entries: entries.collect(),
        };
        // The verbs of an `ANY` method mostly share one demand.
        let same = demands
            .iter_mut()
            .find(|earlier| (&earlier.says, &earlier.entries) == (&demand.says, &demand.entries));
        match same {
            Some(earlier) if earlier.verbs.iter().any(|it| it == verb) => {}
            Some(earlier) => earlier.verbs.extend(demand.verbs),
            None => demands.push(demand),
        }
    }
    demands
}

/// What callers get, what the canary's callers get, what comes next.
fn readings(method: &MethodView<'_>) -> Vec<Evidence> {
    let mut readings = Vec::new();
    if !method.frozen {
        let says = match method.deployed {
            Some(_) => "the stage has no method of this verb: the path's ANY method answers",
            None => "the stage serves no such method",
        };
        readings.push(Evidence::new(Source::Deployment, says));
    } else if method.deployed.is_none() {
        let says = "the stage's own deployment does not serve it, or could not be read";
        readings.push(Evidence::new(Source::Deployment, says));
    }
    let deployed = method.deployed.map(|it| (it, Source::Deployment));
    let canary = method.canary.map(|it| (it, Source::Canary));
    let snapshots = deployed.into_iter().chain(canary);
    readings.extend(snapshots.map(|(it, source)| method.snapshot_evidence(it, source)));
    readings.push(method.draft_evidence());
    readings.extend(method.reach.evidence());
    readings
}

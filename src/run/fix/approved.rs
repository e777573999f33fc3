//! A plan that somebody looked at, as `gatewatch fix --plan-out` wrote it: carried out only if a plan that is made now is the
//! same. What the file says is never done as such.

use serde::Deserialize;
use serde_json::Value;

use crate::audit::fix::{CanaryChoice, Options, Plan, Selection};
use crate::inventory::Scope;
use crate::render::fix_document;

/// The version of the plans that are read.
const VERSION: u32 = 1;

/// A plan that somebody looked at.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The account's id.
    pub account: String,
    /// The findings that the plan is for.
    pub selection: Selection,
    /// What it may do besides.
    pub options: Options,
    /// The APIs that it is about.
    pub scope: Scope,
    steps: Value,
    bound_to: Vec<BoundJson>,
}

/// Why a plan is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// The file has no plan.
    #[error("it is no plan of `gatewatch fix --plan-out` ({0})")]
    NoPlan(String),
    /// Its version is another one.
    #[error(
        "it is a plan of version {0}, and this gatewatch reads version {VERSION}: make it anew"
    )]
    Version(u32),
    /// The state is another one.
    #[error("the plan does not hold any more: {0}")]
    Changed(String),
}

#[derive(Debug, Deserialize)]
struct PlanJson {
    schema_version: u32,
    account: String,
    asked: AskedJson,
    steps: Value,
    methods: Vec<MethodJson>,
    bound_to: Vec<BoundJson>,
}

#[derive(Debug, Deserialize)]
struct AskedJson {
    deploy_everything: bool,
    even_if_managed: bool,
    allow_lockout: bool,
    group: Option<String>,
    #[serde(default)]
    canary: Option<CanaryChoice>,
}

#[derive(Debug, Deserialize)]
struct MethodJson {
    finding: String,
    region: String,
    api: ApiJson,
}

#[derive(Debug, Deserialize)]
struct ApiJson {
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct BoundJson {
    what: String,
    sha256: String,
}

/// Reads a plan.
///
/// # Errors
/// Where the text is none.
pub fn approved(text: &str) -> Result<Approved, NotApproved> {
    let plan: PlanJson =
        serde_json::from_str(text).map_err(|error| NotApproved::NoPlan(error.to_string()))?;
    if plan.schema_version != VERSION {
        return Err(NotApproved::Version(plan.schema_version));
    }
    if plan.methods.is_empty() {
        return Err(NotApproved::NoPlan("it has no steps".to_owned()));
    }
    let mut regions: Vec<String> = plan.methods.iter().map(|it| it.region.clone()).collect();
    let mut apis: Vec<String> = plan.methods.iter().map(|it| it.api.id.clone()).collect();
    for list in [&mut regions, &mut apis] {
        list.sort();
        list.dedup();
    }
    Ok(Approved {
        account: plan.account,
        selection: Selection {
            ids: plan.methods.into_iter().map(|it| it.finding).collect(),
            ..Selection::default()
        },
        options: Options {
            deploy_everything: plan.asked.deploy_everything,
            even_if_managed: plan.asked.even_if_managed,
            allow_lockout: plan.asked.allow_lockout,
            group: plan.asked.group,
            canary: plan.asked.canary,
        },
        scope: Scope::new(regions, apis),
        steps: plan.steps,
        bound_to: plan.bound_to,
    })
}

impl Approved {
    /// Whether a plan that was made now is this one.
    ///
    /// # Errors
    /// What is otherwise.
    pub fn holds(&self, now: &Plan) -> Result<(), NotApproved> {
        let current: Vec<BoundJson> = now
            .bound_to
            .iter()
            .map(|it| BoundJson {
                what: it.what.clone(),
                sha256: it.sha256.clone(),
            })
            .collect();
        let changed = self.bound_to.iter().filter(|it| !current.contains(it));
        let changed: Vec<&str> = changed.map(|it| it.what.as_str()).collect();
        if !changed.is_empty() {
            return Err(NotApproved::Changed(format!(
                "{} changed since it was made",
                changed.join("; ")
            )));
        }
        let document = serde_json::to_value(fix_document(now));
        let document = document.map_err(|error| NotApproved::Changed(error.to_string()))?;
        let is_same = document.get("steps") == Some(&self.steps)
            && current.len() == self.bound_to.len()
            && now.account == self.account;
        match is_same {
            true => Ok(()),
            false => Err(NotApproved::Changed(
                "the steps that are made now are others".to_owned(),
            )),
        }
    }
}

//! Which findings are meant, and what is allowed besides.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::audit::finding::{Finding, Place};
use crate::inventory::{Api, Inventory, quoted};
use crate::policy_file::{RuleId, nearest};

/// The rules whose findings a plan can mend.
pub(super) const MENDED: [RuleId; 3] = [
    RuleId::OpenMethod,
    RuleId::ApiKeyOnly,
    RuleId::UndeployedFix,
];

/// Which findings are meant. What is empty asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The ids of findings, 32 hexadecimal digits each.
    pub ids: Vec<String>,
    /// The rules.
    pub rules: Vec<RuleId>,
    /// The ids or names of APIs.
    pub apis: Vec<String>,
    /// The stage's name.
    pub stage: Option<String>,
    /// A verb and a path (`POST /pets`), a path (`/pets`), or a route key.
    pub method: Option<String>,
    /// The methods by their places, whichever rule that a plan can mend finds them.
    pub methods: Vec<MethodKey>,
}

/// The place of a method at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodKey {
    /// The Region.
    pub region: String,
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// The verb, or `ANY`.
    pub verb: String,
    /// The path template; of a route without a path, its key.
    pub path: String,
}

impl MethodKey {
    fn is_at(&self, place: &Place) -> bool {
        place.method() == Some((&self.verb, &self.path))
            && place.region.as_deref() == Some(self.region.as_str())
            && place.stage.as_deref() == Some(self.stage.as_str())
            && place.api.as_ref().is_some_and(|it| it.id == self.api)
    }
}

/// What becomes of the canary of a stage that is deployed. Both the stage and its canary serve the new deployment in either case: a
/// canary that still served the old one would leave the method open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum CanaryChoice {
    /// It keeps its share of the traffic, and its own stage variables.
    Keep,
    /// It takes no more traffic: the stage itself answers all of it.
    Promote,
}

impl CanaryChoice {
    /// The name in options and documents.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a plan may do besides what it is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Whether a deployment may release what else waits in the draft. What would open a method, or what the policy file
    /// does not accept, is refused all the same.
    pub deploy_everything: bool,
    /// Whether what a stack or Terraform manages may be changed beside its source.
    pub even_if_managed: bool,
    /// Whether a method may be left that nobody can call.
    pub allow_lockout: bool,
    /// The group that is allowed the methods. `None`: the one that the policy file means.
    pub group: Option<String>,
    /// What becomes of the canary of a stage that is deployed. `None`: a stage that has one is not deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryChoice>,
}

impl Selection {
    /// Whether a finding is meant.
    pub fn is_met_by(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let id = finding.fingerprint().to_string();
        let api = place.api.as_ref();
        let is_api = |it: &String| api.is_some_and(|api| is_api(it, &api.id, &api.name));
        let is_method = |it: &str| {
            let method = place.method();
            method.is_some_and(|method| is_called(it, method, place.route_key.as_deref()))
        };
        let stage = self.stage.as_deref();
        let method = self.method.as_deref();
        (self.ids.is_empty() || self.ids.contains(&id))
            && (self.rules.is_empty() || self.rules.contains(&finding.rule))
            && (self.apis.is_empty() || self.apis.iter().any(is_api))
            && stage.is_none_or(|it| place.stage.as_deref() == Some(it))
            && method.is_none_or(is_method)
            && self.is_of_methods(finding)
    }

    fn is_of_methods(&self, finding: &Finding) -> bool {
        let mut methods = self.methods.iter();
        let is_one = methods.any(|it| it.is_at(&finding.place));
        self.methods.is_empty() || (MENDED.contains(&finding.rule) && is_one)
    }

    /// Looks whether there is what is named: a name that nothing has would select nothing, which looks like nothing is wrong.
    ///
    /// # Errors
    /// Which API, stage or method there is not.
    pub fn check(&self, inventory: &Inventory) -> Result<(), String> {
        for asked in &self.apis {
            let mut apis = inventory.apis.iter();
            if !apis.any(|it| is_api(asked, &it.id, &it.name)) {
                let known = inventory.apis.iter();
                let known = known.flat_map(|it| [it.id.as_str(), it.name.as_str()]);
                return Err(nothing("API", asked, &known.collect::<Vec<_>>()));
            }
        }
        if let Some(asked) = &self.stage {
            let stages = self.apis_of(inventory).flat_map(|it| &it.stages).flatten();
            let known: Vec<&str> = stages.map(|it| it.name.as_str()).collect();
            if !known.contains(&asked.as_str()) {
                return Err(nothing("stage", asked, &known));
            }
        }
        if let Some(asked) = &self.method {
            let deployed = self.apis_of(inventory).flat_map(|it| &it.deployments);
            let deployed = deployed.flat_map(|it| &it.methods).flatten();
            let deployed = deployed.map(|it| (&it.verb, &it.path, &it.route_key));
            let drafted = self.apis_of(inventory).flat_map(|it| &it.draft).flatten();
            let drafted = drafted.map(|it| (&it.verb, &it.path, &it.route_key));
            let mut all = deployed.chain(drafted);
            if !all.any(|(verb, path, key)| is_called(asked, (verb, path), key.as_deref())) {
                return Err(nothing("method", asked, &[]));
            }
        }
        Ok(())
    }

    /// The APIs that are meant.
    fn apis_of<'i>(&'i self, inventory: &'i Inventory) -> impl Iterator<Item = &'i Api> {
        let is_meant = |api: &&Api| {
            let mut named = self.apis.iter();
            self.apis.is_empty() || named.any(|it| is_api(it, &api.id, &api.name))
        };
        inventory.apis.iter().filter(is_meant)
    }
}

/// What a method is called: its verb and path, or the key of its route.
fn is_called(asked: &str, (verb, path): (&str, &str), route_key: Option<&str>) -> bool {
    let asked = asked.trim();
    let is_named = || {
        let (asked_verb, asked_path) = asked.split_once(' ').unwrap_or_default();
        asked_path.trim_start() == path && asked_verb.eq_ignore_ascii_case(verb)
    };
    asked == path || route_key == Some(asked) || is_named()
}

fn is_api(asked: &str, id: &str, name: &str) -> bool {
    asked == id || asked == name
}

/// What is wrong with a name that nothing has, with the nearest one that there is.
fn nothing(what: &str, asked: &str, known: &[&str]) -> String {
    let hint = nearest(asked, known).map(|it| format!("; did you mean {}?", quoted(it)));
    let hint = hint.unwrap_or_default();
    format!("no {what} that was read is called {}{hint}", quoted(asked))
}

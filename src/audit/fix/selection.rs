//! Which findings are meant, and what is allowed besides.

use crate::audit::finding::{Finding, Place};
use crate::policy_file::RuleId;

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
}

/// What a plan may do besides what it is made for.
#[derive(Debug, Clone, Default)]
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
}

impl Selection {
    /// Whether a finding is meant.
    pub(super) fn is_met_by(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let id = finding.fingerprint().to_string();
        let api = place.api.as_ref();
        let is_api = |it: &String| api.is_some_and(|api| *it == api.id || *it == api.name);
        let stage = self.stage.as_deref();
        let method = self.method.as_deref();
        (self.ids.is_empty() || self.ids.contains(&id))
            && (self.rules.is_empty() || self.rules.contains(&finding.rule))
            && (self.apis.is_empty() || self.apis.iter().any(is_api))
            && stage.is_none_or(|it| place.stage.as_deref() == Some(it))
            && method.is_none_or(|it| is_method(place, it))
    }
}

fn is_method(place: &Place, asked: &str) -> bool {
    let Some((verb, path)) = place.method() else {
        return false;
    };
    let is_named = || {
        let (asked_verb, asked_path) = asked.split_once(' ').unwrap_or_default();
        asked_path == path && asked_verb.eq_ignore_ascii_case(verb)
    };
    asked == path || place.route_key.as_deref() == Some(asked) || is_named()
}

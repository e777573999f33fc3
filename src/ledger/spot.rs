//! A place, as the ledger keeps it.

use serde::{Deserialize, Serialize};

use crate::audit::OwnVerbs;
use crate::audit::finding::{Fingerprint, Place};
use crate::inventory::{ApiKind, Text};

/// A place, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The account's id.
    pub account: Text,
    /// The Region. `None`: it lies in none.
    pub region: Option<Text>,
    /// The API.
    pub api: Option<ApiName>,
    /// The stage.
    pub stage: Option<Text>,
    /// The verb, or `ANY`.
    pub verb: Option<Text>,
    /// The path template.
    pub path: Option<Text>,
    /// The route key.
    pub route_key: Option<Text>,
    /// The IAM principal.
    pub principal: Option<Box<PrincipalName>>,
    /// What an exemption of the policy file speaks of, in words.
    pub exemption: Option<Text>,
    /// The ARN that IAM policies name the method by, with its path template.
    pub resource_arn: Option<Text>,
    /// All of it in a few words.
    pub words: Text,
}

/// What names an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiName {
    /// Its id.
    pub id: Text,
    /// Its name, as last seen.
    pub name: Text,
    /// Its kind.
    pub kind: Option<ApiKind>,
}

/// What names an IAM principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalName {
    /// `group`, `user` or `role`.
    pub kind: Text,
    /// Its name.
    pub name: Text,
    /// Its ARN.
    pub arn: Text,
}

/// What tells methods apart: account, Region, API by its id, stage, verb, path and route key. No name is among them, as
/// an API can be renamed.
pub(super) type MethodPlace<'s> = [Option<&'s str>; 7];

impl Spot {
    /// What tells the method of this place from others.
    pub(super) fn method_place(&self) -> MethodPlace<'_> {
        [
            Some(self.account.as_str()),
            self.region.as_deref(),
            self.api.as_ref().map(|api| api.id.as_str()),
            self.stage.as_deref(),
            self.verb.as_deref(),
            self.path.as_deref(),
            self.route_key.as_deref(),
        ]
    }

    /// The texts that it may have in common with other places. No two have its ARN or its words.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut Text> {
        let names = self.api.iter_mut();
        let names = names.flat_map(|api| [&mut api.id, &mut api.name]);
        let parts = [
            &mut self.region,
            &mut self.stage,
            &mut self.verb,
            &mut self.path,
            &mut self.route_key,
            &mut self.exemption,
        ];
        let parts = parts.into_iter().flatten();
        [&mut self.account].into_iter().chain(names).chain(parts)
    }

    /// The path, or the key of a route that has none.
    pub(crate) fn path_or_key(&self) -> Option<&str> {
        self.path.as_deref().or(self.route_key.as_deref())
    }

    /// The id of a finding of this rule at this place. `None`: the place does not tell, as it has of an exemption no more
    /// than words.
    pub(super) fn id(&self, rule: &str) -> Option<String> {
        if self.exemption.is_some() {
            return None;
        }
        let [account, region, api, stage, verb, path, route_key] = self.method_place();
        let principal = self.principal.as_ref();
        let parts = [
            account,
            region,
            api,
            stage,
            verb,
            path,
            route_key,
            principal.map(|it| it.kind.as_str()),
            principal.map(|it| it.name.as_str()),
        ];
        Some(Fingerprint::of_parts(rule, parts, None).to_string())
    }

    /// The verbs that have a method of their own on its path, where there is an `ANY` as well.
    pub(super) fn own_verbs<'v>(&self, all: &'v OwnVerbs) -> impl Iterator<Item = &'v str> {
        let key = || {
            let api = self.api.as_ref()?;
            Some([
                self.region.as_deref()?,
                api.id.as_str(),
                self.stage.as_deref()?,
                self.path.as_deref()?,
            ])
        };
        key().map(|key| all.at(key)).into_iter().flatten()
    }

    /// The place of a finding.
    pub fn of(place: &Place, partition: &str) -> Self {
        Spot {
            account: place.account.clone(),
            region: place.region.clone(),
            api: place.api.as_ref().map(|api| ApiName {
                id: api.id.as_str().into(),
                name: api.name.as_str().into(),
                kind: api.kind,
            }),
            stage: place.stage.clone(),
            verb: place.verb.clone(),
            path: place.path.clone(),
            route_key: place.route_key.clone(),
            principal: place.principal.as_ref().map(|principal| {
                Box::new(PrincipalName {
                    kind: principal.kind.as_str().into(),
                    name: principal.name.as_str().into(),
                    arn: principal.arn(partition, &place.account).into(),
                })
            }),
            exemption: place
                .exemption
                .as_ref()
                .map(|it| it.in_words.as_str().into()),
            resource_arn: place.execute_api_arn(partition).map(Text::from),
            words: place.in_words().into(),
        }
    }

    /// What is called or who calls, in a few words: `POST /pets`, `group callers`.
    pub fn subject(&self) -> Option<String> {
        if let Some(route) = &self.route_key {
            return Some(route.as_str().to_owned());
        }
        if let (Some(verb), Some(path)) = (&self.verb, &self.path) {
            return Some(format!("{verb} {path}"));
        }
        let principal = self.principal.as_ref()?;
        Some(format!("{} {}", principal.kind, principal.name))
    }
}

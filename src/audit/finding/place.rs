//! Where a finding is.

use std::sync::Arc;

use strum::IntoStaticStr;

use super::{Location, Text};
use crate::iam::document::units_around;
use crate::inventory::{Api, ApiKind};

/// Where a finding is. Parts that do not apply are absent, and those that seldom apply take little room then: an account may
/// have very many findings.
///
/// ```
/// use gatewatch::audit::finding::{ApiRef, Place};
///
/// let place = Place {
///     region: Some("eu-west-1".into()),
///     api: Some(ApiRef { id: "a1b2c3d4e5".to_owned(), name: "PetStore".to_owned(), kind: None }.into()),
///     stage: Some("prod".into()),
///     verb: Some("ANY".into()),
///     path: Some("/pets/{petId}".into()),
///     ..Place::of_account("111122223333")
/// };
/// assert_eq!(place.in_words(), "ANY /pets/{petId}, PetStore (a1b2c3d4e5), stage prod, eu-west-1");
/// assert_eq!(
///     place.execute_api_arn("aws").unwrap(),
///     "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/*/pets/{petId}"
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account's id.
    pub account: Text,
    /// The file that was checked before its deployment, as [`named_file`] writes it. Of what is deployed it is absent.
    pub file: Option<Arc<str>>,
    /// The Region. Absent for IAM, which is global.
    pub region: Option<Text>,
    /// The API.
    pub api: Option<Arc<ApiRef>>,
    /// The stage.
    pub stage: Option<Text>,
    /// The path template of the method.
    pub path: Option<Text>,
    /// The verb of the method, or `ANY`.
    pub verb: Option<Text>,
    /// The route key of an HTTP or WebSocket API's route.
    pub route_key: Option<Text>,
    /// The IAM principal.
    pub principal: Option<Box<Principal>>,
    /// The exemption of the policy file.
    pub exemption: Option<Box<ExemptionRef>>,
    /// Where it stands in a template. No part of any identity: lines move.
    pub location: Option<Box<Location>>,
}

/// How a file is named in the identity of what is found in it, so that `./api.yaml` and `api.yaml` are the same one. `None`:
/// it came by standard input, and has no name.
pub fn named_file(file: &str) -> Option<Arc<str>> {
    let file = file.replace('\\', "/");
    let mut name = file.as_str();
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/');
    }
    (name != "-").then(|| name.into())
}

/// What names an API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiRef {
    /// Its id.
    pub id: String,
    /// Its name. Not part of any identity: it can change.
    pub name: String,
    /// Its kind. `None`: it is known by its id alone.
    pub kind: Option<ApiKind>,
}

/// What names an IAM principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// Group, user or role; an account, or one principal of it; an organization.
    pub kind: PrincipalKind,
    /// Its name, unique among its kind in the account; the id of an account or an organization. One principal of another
    /// account has the id and the last part of its ARN: `999988887777 (role/partner)`.
    pub name: String,
    /// Its ARN. `None`: it does not exist.
    pub known_arn: Option<String>,
}

impl Principal {
    /// The names that a pattern for principals may mean it by: its own, and of one principal of another account the
    /// account's, which stands for everybody in it; of a unit of an organization those of what it is in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let is_of_account = self.kind == PrincipalKind::Account;
        let account = self.name.split_once(' ').filter(|_| is_of_account);
        let is_unit = self.kind == PrincipalKind::Organization;
        let around = is_unit.then(|| units_around(&self.name));
        [self.name.as_str()]
            .into_iter()
            .chain(account.map(|(id, _)| id))
            .chain(around.into_iter().flatten())
    }

    /// Its ARN; for one that does not exist, the ARN that it would have without a path.
    pub fn arn(&self, partition: &str, account: &str) -> String {
        self.known_arn.clone().unwrap_or_else(|| {
            let (kind, name) = (self.kind.as_str(), &self.name);
            format!("arn:{partition}:iam::{account}:{kind}/{name}")
        })
    }
}

/// What names an exemption of the policy file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExemptionRef {
    /// The line it stands on. Not part of any identity: it can change.
    pub line: usize,
    /// What it speaks of, one text for the same content.
    pub identity: String,
    /// What it speaks of in words.
    pub in_words: String,
}

/// The kind of an IAM principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum PrincipalKind {
    /// A group. (IAM itself does not count groups among the principals: no policy can name one.)
    Group,
    /// A user.
    User,
    /// A role.
    Role,
    /// Another account, or one principal of it.
    Account,
    /// An organization.
    Organization,
}

impl PrincipalKind {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl From<&Api> for ApiRef {
    fn from(api: &Api) -> Self {
        ApiRef {
            id: api.id.clone(),
            name: api.name.clone(),
            kind: Some(api.kind),
        }
    }
}

impl ApiRef {
    /// Its name and its id, such as `PetStore (a1b2c3d4e5)`; of one without a name, its id.
    pub fn in_words(&self) -> String {
        if self.name.is_empty() {
            self.id.clone()
        } else {
            format!("{} ({})", self.name, self.id)
        }
    }
}

impl Place {
    /// The place of a finding about the whole account.
    pub fn of_account(account: &str) -> Self {
        Place {
            account: account.into(),
            ..Place::default()
        }
    }

    /// The texts that it may have in common with other places.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut Text> {
        let parts = [
            &mut self.region,
            &mut self.stage,
            &mut self.path,
            &mut self.verb,
            &mut self.route_key,
        ];
        let parts = parts.into_iter().flatten();
        [&mut self.account].into_iter().chain(parts)
    }

    /// The path, or the key of a route that has none.
    pub(crate) fn path_or_key(&self) -> Option<&str> {
        self.path.as_deref().or(self.route_key.as_deref())
    }

    /// The place of a finding about an IAM principal.
    pub fn of_principal(account: &str, principal: Principal) -> Self {
        Place {
            principal: Some(Box::new(principal)),
            ..Place::of_account(account)
        }
    }

    /// The place of a finding about a stage.
    pub fn of_stage(account: &str, api: &Api, stage: &str) -> Self {
        Place {
            region: Some(api.region.as_str().into()),
            api: Some(Arc::new(ApiRef::from(api))),
            stage: Some(stage.into()),
            ..Place::of_account(account)
        }
    }

    /// The same place, narrowed to a method of the stage. `path` is the path template, or the key of a route without
    /// one, such as `$default`: the place then has neither a verb nor a path.
    pub(in crate::audit) fn at_method(
        self,
        verb: &str,
        path: &str,
        route_key: Option<&str>,
    ) -> Self {
        let has_path = path.starts_with('/');
        Place {
            path: has_path.then(|| path.into()),
            verb: has_path.then(|| verb.into()),
            route_key: route_key.map(Text::from),
            ..self
        }
    }

    /// The method's ARN as IAM policies name it, with its path *template*: what callers request has
    /// values where this has braces. `None`: the place is no method, or a template does not tell its API's id or its path.
    ///
    /// Source: [ARN format of execute-api](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html).
    pub fn execute_api_arn(&self, partition: &str) -> Option<String> {
        let (region, api, stage) = (
            self.region.as_ref()?,
            &self.api.as_ref()?.id,
            self.stage.as_ref()?,
        );
        let verb = match self.verb.as_deref()? {
            "ANY" => "*",
            verb => verb,
        };
        // A template may name an API and a path otherwise than by what a request has in their places.
        let is_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let path = self
            .path
            .as_deref()
            .filter(|it| !it.starts_with("/{resource "))?;
        if !api.chars().all(is_id) {
            return None;
        }
        let account = &self.account;
        Some(format!(
            "arn:{partition}:execute-api:{region}:{account}:{api}/{stage}/{verb}{path}"
        ))
    }

    /// Verb and path as selectors ask for them: of a route without a path, every verb and its key.
    pub fn method(&self) -> Option<(&str, &str)> {
        match (&self.verb, &self.path, &self.route_key) {
            (Some(verb), Some(path), _) => Some((verb, path)),
            (_, _, Some(key)) => Some(("ANY", key)),
            _ => None,
        }
    }

    /// The place in a few words, such as `POST /pets, PetStore (a1b2c3d4e5), stage prod, eu-west-1`.
    pub fn in_words(&self) -> String {
        let mut words = Vec::new();
        if let Some(principal) = &self.principal {
            words.push(format!("{} {}", principal.kind.as_str(), principal.name));
        }
        match (&self.route_key, &self.verb, &self.path) {
            (Some(route), _, _) => words.push(route.as_str().to_owned()),
            (None, Some(verb), Some(path)) => words.push(format!("{verb} {path}")),
            _ => {}
        }
        if let Some(api) = &self.api {
            words.push(api.in_words());
        }
        if let Some(stage) = &self.stage {
            words.push(format!("stage {stage}"));
        }
        if let Some(region) = &self.region {
            words.push(region.as_str().to_owned());
        }
        if let Some(exemption) = &self.exemption {
            words.push(format!("exemption for {}", exemption.in_words));
        }
        match &self.location {
            Some(location) => words.push(location.to_string()),
            None if words.is_empty() => words.push(format!("account {}", self.account)),
            None => {}
        }
        words.join(", ")
    }
}

//! `Auth` of a serverless API: its authorizers, the one that is the default, and what an event says in
//! its place, as SAM sees them.
//!
//! SAM is done before CloudFormation's functions are applied. Of them it knows a `Ref` to a parameter; any other it
//! refuses here, or passes over. What it refuses is not deployed, and nothing is believed of it.
//!
//! Source: [ApiAuth](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html),
//! [HttpApiAuth](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html)
//! and, where they are silent, [what SAM does](https://github.com/aws/serverless-application-model/tree/develop/samtranslator/model).

use std::collections::BTreeMap;

use super::super::draft::ApiDraft;
use super::super::keys::{API_AUTH, HTTP_API_AUTH};
use super::super::security::Scheme;
use super::super::tree::{Entry, Kind, Spot, Tree};
use super::super::unknown_keys::unknown_keys;
use crate::inventory::{ApiKind, AuthorizationType};

/// SAM's name of IAM authorization.
pub(super) const IAM: &str = "AWS_IAM";

/// SAM's word for no authorizer, in an event of an API that has a default one.
pub(super) const NONE: &str = "NONE";

/// SAM's name of the security scheme that asks for an API key, and its marker for a method that does not ask for one.
pub(super) const KEY: &str = "api_key";
pub(super) const NO_KEY: &str = "api_key_false";

/// How the methods of one serverless API check their callers.
pub(super) struct Auth {
    kind: ApiKind,
    /// Those of `Authorizers`, by name.
    pub(super) authorizers: BTreeMap<String, Scheme>,
    /// The security requirement of a method that names no authorizer itself.
    pub(super) default: Option<Requirement>,
    /// Why a default that is written does not count.
    pub(super) passed_over: Option<String>,
    /// Whether the default holds for `OPTIONS` too.
    pub(super) on_preflights: bool,
    /// Whether SAM defines `AWS_IAM` in the definition of an HTTP API.
    pub(super) enables_iam: bool,
    /// Whether every method asks for an API key, and `OPTIONS` too.
    pub(super) key: bool,
    pub(super) key_on_preflights: bool,
    /// `ResourcePolicy`, of which SAM makes statements for every method.
    pub(super) policy: Option<Tree>,
}

/// One entry of an operation's `security`.
#[derive(Debug, Clone)]
pub(super) struct Requirement {
    /// The name of the scheme. `None`: it cannot be told.
    pub(super) name: Option<String>,
    /// The entry.
    pub(super) tree: Tree,
}

impl Requirement {
    /// That the scheme of this name is met.
    pub(super) fn of(name: &str, at: Spot) -> Requirement {
        let entry = Entry {
            key: name.to_owned(),
            at,
            value: Tree::new(Kind::List(Vec::new()), at),
        };
        Requirement {
            name: Some(name.to_owned()),
            tree: Tree::new(Kind::Map(vec![entry]), at),
        }
    }

    /// One that cannot be told, in words that follow "it".
    fn unknown(why: impl Into<String>, at: Spot) -> Requirement {
        Requirement {
            name: None,
            tree: Tree::new(Kind::Unknown(why.into()), at),
        }
    }
}

impl Auth {
    /// Reads `Auth`, and leaves with the API what cannot be told.
    pub(super) fn read(api: &mut ApiDraft, auth: Option<&Tree>) -> Auth {
        let mut read = Auth {
            kind: api.kind,
            authorizers: BTreeMap::new(),
            default: None,
            passed_over: None,
            on_preflights: true,
            enables_iam: false,
            key: false,
            key_on_preflights: true,
            policy: None,
        };
        let Some(auth) = auth else { return read };
        if auth.is_made() || auth.entries().is_err() {
            let why = match auth.entries() {
                Err(unknown) => unknown.why,
                Ok(_) => format!("{FUNCTION} of `Auth`"),
            };
            read.default = Some(Requirement::unknown(why, auth.at));
            return read;
        }
        let known = match api.kind {
            ApiKind::Rest => API_AUTH,
            ApiKind::Http | ApiKind::WebSocket => HTTP_API_AUTH,
        };
        let entries = auth.entries().unwrap_or_default();
        for unknown in unknown_keys("`Auth` of an API", entries, known) {
            api.misses_methods(unknown);
        }
        for entry in api.told(auth.entries_of("Authorizers")).unwrap_or_default() {
            let scheme = authorizer(api.kind, &entry.value);
            read.authorizers.insert(entry.key.clone(), scheme);
        }
        let is_rest = api.kind == ApiKind::Rest;
        let policy = auth.raw("ResourcePolicy").filter(|it| it.is_truthy());
        read.policy = policy.filter(|_| is_rest).cloned();
        // "is True": SAM takes no text and no function for it, not even a parameter.
        read.enables_iam = auth.raw("EnableIamAuthorizer").is_some_and(Tree::is_true);
        let flag = |key: &str, default: bool| auth.raw(key).map_or(default, Tree::is_truthy);
        // SAM gives no operation OPTIONS of an HTTP API the default authorizer (`set_path_default_authorizer` in
        // https://github.com/aws/serverless-application-model/blob/develop/samtranslator/open_api/open_api.py).
        read.on_preflights = flag("AddDefaultAuthorizerToCorsPreflight", true) && is_rest;
        read.key = flag("ApiKeyRequired", false) && is_rest;
        read.key_on_preflights = flag("AddApiKeyRequiredToCorsPreflight", true);
        if let Some(named) = auth.get("DefaultAuthorizer") {
            read.defaults_to(named);
        }
        read
    }

    /// Where a REST API has no `Authorizers`, a default that is not the plain name AWS_IAM comes to nothing, and SAM does
    /// not say so.
    fn defaults_to(&mut self, named: &Tree) {
        let is_iam = matches!(&named.kind, Kind::Text(name) if name == IAM);
        let is_known = named.is_made() || matches!(named.kind, Kind::Text(_));
        if self.kind == ApiKind::Rest
            && self.authorizers.is_empty()
            && is_known
            && (named.is_made() || !is_iam)
        {
            let why = if named.is_made() {
                "as a function makes it, and takes a plain name or a `!Ref` to a parameter"
                    .to_owned()
            } else {
                format!("as the API has no `Authorizers` and it is not `{IAM}` to the letter")
            };
            self.passed_over = Some(format!(
                "SAM passes over `DefaultAuthorizer`, {why}: no method has a default authorizer"
            ));
        } else {
            self.default = Some(self.named(named, "DefaultAuthorizer"));
        }
    }

    /// The requirement that a name stands for.
    pub(super) fn named(&self, named: &Tree, key: &str) -> Requirement {
        if named.is_made() {
            return Requirement::unknown(format!("{FUNCTION} of `{key}`"), named.at);
        }
        let name = match (&named.kind, named.text()) {
            // As it is written: SAM takes no name for another that has a space behind it.
            (Kind::Text(name), _) => name.as_str(),
            (_, Err(unknown)) => return Requirement::unknown(unknown.why, named.at),
            (_, Ok(name)) => name,
        };
        let why = match self.authorizers.get(name) {
            Some(Scheme::Unknown(why)) => format!("names authorizer `{name}`, which {why}"),
            Some(_) => return Requirement::of(name, named.at),
            None if name == NONE => return Requirement::of(name, named.at),
            None if name == IAM && self.takes_iam() => return Requirement::of(name, named.at),
            None if name == IAM => {
                format!(
                    "names `{IAM}`, which SAM takes only where `EnableIamAuthorizer: true` stands in the API's `Auth`"
                )
            }
            None => {
                format!("names authorizer `{name}`, which is not among the API's `Authorizers`")
            }
        };
        Requirement::unknown(why, named.at)
    }

    /// The requirement of an event whose `Auth` names no authorizer. In a REST API, the default comes to it as to every
    /// method. In an HTTP API, SAM writes the default into it at once, also where it is `OPTIONS`.
    pub(super) fn unnamed(&self, event: &Tree) -> Option<Requirement> {
        if self.kind == ApiKind::Rest || !event.is_truthy() {
            return None;
        }
        let without = || {
            Requirement::unknown(
                "has an `Auth` without `Authorizer`, and the API has no `DefaultAuthorizer`: SAM refuses it",
                event.at,
            )
        };
        Some(self.default.clone().unwrap_or_else(without))
    }

    fn takes_iam(&self) -> bool {
        self.kind == ApiKind::Rest || self.enables_iam
    }

    /// Whether the default is IAM authorization.
    pub(super) fn defaults_to_iam(&self) -> bool {
        let default = self.default.as_ref();
        default.is_some_and(|it| it.name.as_deref() == Some(IAM))
    }

    /// Whether a scheme is one of the API's authorizers.
    pub(super) fn is_authorizer(&self, name: &str) -> bool {
        name == IAM || self.authorizers.contains_key(name)
    }
}

/// What is said of a function where SAM takes none, before the name of its place.
pub(super) const FUNCTION: &str =
    "is made by a function, and SAM takes none but a `!Ref` to a parameter in the place";

/// What stands behind an authorizer, by the property that only its kind has.
fn authorizer(kind: ApiKind, authorizer: &Tree) -> Scheme {
    if let Err(unknown) = authorizer.entries() {
        return Scheme::Unknown(unknown.why);
    }
    let has = |key: &str| authorizer.get(key).is_some();
    let found = match kind {
        ApiKind::Rest if has("UserPoolArn") => Some(AuthorizationType::CognitoUserPools),
        ApiKind::Http if has("JwtConfiguration") => Some(AuthorizationType::Jwt),
        _ if has("FunctionArn") => Some(AuthorizationType::Custom),
        _ => None,
    };
    found.map_or_else(
        || {
            Scheme::Unknown(
                "has neither a function nor a user pool nor a token's issuer".to_owned(),
            )
        },
        Scheme::Type,
    )
}

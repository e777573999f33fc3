//! `Auth` of a serverless API: its authorizers, the one that is the default, and what an event says in
//! its place.
//!
//! Source: [ApiAuth](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html)
//! and [HttpApiAuth](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html).

use std::collections::BTreeMap;

use super::draft::{ApiDraft, Caller};
use super::security::{Scheme, Schemes};
use super::tree::{Spot, Told, Tree, Unknown};
use crate::inventory::{ApiKind, AuthorizationType};

/// How the methods of one serverless API check their callers.
pub(super) struct Auth {
    authorizers: BTreeMap<String, Scheme>,
    /// What a method asks that says nothing itself.
    default: Told<Caller>,
    /// Whether the default holds for preflights too.
    on_preflights: bool,
    /// Whether SAM looks through a definition for an authorizer to put the default in its place.
    has_default: bool,
    /// Whether SAM defines `AWS_IAM` in the definition of an HTTP API.
    enables_iam: bool,
    /// Whether every method asks for an API key, and preflights too.
    key: bool,
    key_on_preflights: bool,
}

impl Auth {
    /// Reads `Auth`, and leaves with the API what cannot be told.
    pub(super) fn read(api: &mut ApiDraft, auth: Option<&Tree>) -> Auth {
        let mut read = Auth {
            authorizers: BTreeMap::from([
                (
                    "AWS_IAM".to_owned(),
                    Scheme::Type(AuthorizationType::AwsIam),
                ),
                ("api_key".to_owned(), Scheme::Key),
            ]),
            default: Ok(Caller::unasked()),
            on_preflights: true,
            has_default: false,
            enables_iam: false,
            key: false,
            key_on_preflights: true,
        };
        let Some(auth) = auth else { return read };
        if let Some(policy) = auth.get("ResourcePolicy") {
            api.guarded_by_unknown(
                &policy.unknown("is made by SAM from `ResourcePolicy`, which is not read here"),
            );
        }
        for entry in api.told(auth.entries_of("Authorizers")).unwrap_or_default() {
            let scheme = authorizer(api.kind, &entry.value);
            read.authorizers.insert(entry.key.clone(), scheme);
        }
        read.default = match auth.text_of("DefaultAuthorizer") {
            Ok(Some(name)) => read.named(name, auth.get("DefaultAuthorizer").unwrap_or(auth)),
            Ok(None) => Ok(Caller::unasked()),
            Err(unknown) => Err(unknown),
        };
        read.has_default = auth.get("DefaultAuthorizer").is_some();
        let is_rest = api.kind == ApiKind::Rest;
        let mut flag = |key: &str, default: bool| match auth.get(key) {
            Some(_) => api.told(auth.flag_of(key)).unwrap_or(default),
            None => default,
        };
        // SAM gives no operation OPTIONS of an HTTP API the default authorizer (`set_path_default_authorizer` in
        // https://github.com/aws/serverless-application-model/blob/develop/samtranslator/open_api/open_api.py).
        read.on_preflights = flag("AddDefaultAuthorizerToCorsPreflight", true) && is_rest;
        read.enables_iam = flag("EnableIamAuthorizer", false);
        read.key = flag("ApiKeyRequired", false);
        read.key_on_preflights = flag("AddApiKeyRequiredToCorsPreflight", true);
        read
    }

    /// The authorizers as schemes that a definition may name without defining them: those that SAM
    /// defines there itself. It adds `AWS_IAM` while it looks for methods that need the default
    /// authorizer, and to an HTTP API's definition with `EnableIamAuthorizer`; `api_key` with
    /// `ApiKeyRequired`; and it takes `NONE` away where there is a default.
    ///
    /// Source: [what SAM does](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/swagger/swagger.py).
    pub(super) fn schemes(&self, kind: ApiKind) -> Schemes {
        let mut defined = self.authorizers.clone();
        let iam = match kind {
            ApiKind::Rest => self.has_default,
            ApiKind::Http | ApiKind::WebSocket => self.enables_iam,
        };
        if !iam {
            defined.remove("AWS_IAM");
        }
        if !self.key {
            defined.remove("api_key");
        }
        Schemes::named(defined)
    }

    /// What an operation of the API's own definition asks of its callers. One that has a `security` of
    /// its own, and no authorizer in it, is not as SAM documents it: the default is put behind it.
    pub(super) fn operation(&self, caller: &mut Told<Caller>, preflight: bool, at: Spot) {
        let is_beside = |said: &Caller| said.secured && !said.own;
        let has_default = self.default.as_ref().is_ok_and(|default| default.own);
        if has_default && caller.as_ref().is_ok_and(is_beside) {
            let why = "has a `security` without an authorizer of the API: whether the default still \
                       counts is not documented";
            *caller = Err(Unknown {
                why: why.to_owned(),
                at,
            });
        }
        self.apply(caller, preflight, None);
    }

    /// What an event asks of its callers.
    pub(super) fn event(&self, auth: Option<&Tree>, preflight: bool) -> Told<Caller> {
        let mut caller = Ok(Caller::unasked());
        let mut key = None;
        if let Some(auth) = auth {
            if let Some(named) = auth.get("Authorizer") {
                caller = named.text().and_then(|name| self.named(name, named));
            }
            if auth.get("ApiKeyRequired").is_some() {
                key = Some(auth.flag_of("ApiKeyRequired")?);
            }
        }
        self.apply(&mut caller, preflight, key);
        caller
    }

    /// Puts the default in the place of what a method does not say itself. `key`: what it says of keys.
    pub(super) fn apply(&self, caller: &mut Told<Caller>, preflight: bool, key: Option<bool>) {
        let replaced = match caller {
            Ok(said) if !said.own && (self.on_preflights || !preflight) => match &self.default {
                Ok(default) if default.own => Ok(Caller {
                    api_key_required: said.api_key_required,
                    ..default.clone()
                }),
                Ok(_) => Ok(said.clone()),
                Err(unknown) => Err(unknown.clone()),
            },
            Ok(said) => Ok(said.clone()),
            Err(_) => return,
        };
        let asks_key = key.unwrap_or(self.key && (self.key_on_preflights || !preflight));
        *caller = replaced.map(|said| Caller {
            api_key_required: said.api_key_required || asks_key,
            ..said
        });
    }

    fn named(&self, name: &str, at: &Tree) -> Told<Caller> {
        if name == "NONE" {
            return Ok(Caller::new(AuthorizationType::None));
        }
        let why = match self.authorizers.get(name) {
            Some(Scheme::Type(kind)) => {
                let is_iam = *kind == AuthorizationType::AwsIam;
                return Ok(Caller {
                    authorizer_id: (!is_iam).then(|| name.to_owned()),
                    ..Caller::new(kind.clone())
                });
            }
            Some(Scheme::Unknown(why)) => format!("names authorizer `{name}`, which {why}"),
            Some(Scheme::Key | Scheme::Ignored) | None => {
                format!("names authorizer `{name}`, which is not among the API's `Authorizers`")
            }
        };
        Err(Unknown { why, at: at.at })
    }
}

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

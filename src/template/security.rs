//! What an OpenAPI operation asks of its caller.
//!
//! Sources: [x-amazon-apigateway-authtype](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html),
//! [x-amazon-apigateway-authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html),
//! [x-amazon-apigateway-auth](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html).

use std::collections::BTreeMap;

use super::draft::Caller;
use super::tree::{Spot, Told, Tree, Unknown};
use crate::inventory::{ApiKind, AuthorizationType};

/// What a security scheme comes to on import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scheme {
    /// An authorization type.
    Type(AuthorizationType),
    /// An API key, which is no authentication.
    Key,
    /// A scheme without an extension: API Gateway does not take part in it.
    Ignored,
    /// It cannot be told.
    Unknown(String),
}

/// The security schemes of one document.
#[derive(Debug, Clone, Default)]
pub(super) struct Schemes {
    schemes: BTreeMap<String, Scheme>,
    /// Those that stand over what the document defines.
    own: BTreeMap<String, Scheme>,
    /// Where the document has a `security` of its own, which speaks of every operation.
    root: Option<Spot>,
    kind: Option<ApiKind>,
}

impl Schemes {
    /// The schemes that SAM writes into a document: `added` where the document does not define them itself, and `own`
    /// over what it defines.
    pub(super) fn named(added: BTreeMap<String, Scheme>, own: BTreeMap<String, Scheme>) -> Self {
        Schemes {
            schemes: added,
            own,
            ..Schemes::default()
        }
    }

    /// With those that a document defines.
    pub(super) fn with_document(mut self, document: &Tree, kind: ApiKind) -> Self {
        if let Some(schemes) = defined_in(document) {
            // Schemes that cannot be told leave every name undefined, and so every operation that
            // names one a gap.
            for entry in schemes.entries().unwrap_or_default() {
                let scheme = scheme(&entry.value, kind)
                    .unwrap_or_else(|unknown| Scheme::Unknown(unknown.why));
                self.schemes.insert(entry.key.clone(), scheme);
            }
        }
        self.schemes.extend(std::mem::take(&mut self.own));
        self.root = document.get("security").map(|security| security.at);
        self.kind = Some(kind);
        self
    }

    /// What an operation asks of its caller.
    pub(super) fn caller(&self, operation: &Tree) -> Told<Caller> {
        let secured = match operation.get("security") {
            Some(security) => Some(self.secured(security)?),
            None => None,
        };
        let Some(stated) = operation.get("x-amazon-apigateway-auth") else {
            return match secured {
                Some(caller) => Ok(caller),
                None => self.unsecured(operation),
            };
        };
        let stated_type = match stated.text_of("type")? {
            // "Values are case insensitive."
            Some(text) => AuthorizationType::from(text.to_ascii_uppercase()),
            None => return Err(stated.unknown("has no `type`")),
        };
        if let AuthorizationType::Other(other) = &stated_type {
            return Err(stated.unknown(format!("has the unknown type `{other}`")));
        }
        let is_emptied = operation
            .get("security")
            .is_some_and(|it| it.items().is_ok_and(<[Tree]>::is_empty));
        if is_emptied && stated_type != AuthorizationType::None {
            return Err(stated.unknown(format!(
                "says {stated_type}, and the empty `security` beside it says NONE"
            )));
        }
        match secured {
            Some(caller) if caller.own && caller.authorization != stated_type => Err(stated
                .unknown(format!(
                    "says {stated_type}, and `security` beside it says {}",
                    caller.authorization
                ))),
            Some(caller) => Ok(Caller {
                authorization: stated_type,
                own: true,
                ..caller
            }),
            None => Ok(Caller::new(stated_type)),
        }
    }

    /// An operation that has no `security`. API Gateway does not apply a REST document's own: "You have
    /// to apply it per method" ([aws-apigateway-importer, issue 204](https://github.com/amazon-archives/aws-apigateway-importer/issues/204)).
    /// What an HTTP API does with it is not documented.
    fn unsecured(&self, operation: &Tree) -> Told<Caller> {
        match (self.root, self.kind) {
            (Some(_), Some(ApiKind::Rest)) => Ok(Caller {
                note: Some(
                    "the document's own `security` does not count: API Gateway applies only what \
                     an operation says itself"
                        .to_owned(),
                ),
                ..Caller::unasked()
            }),
            (Some(_), _) => Err(operation.unknown(
                "has no `security`, and whether the document's own counts for an HTTP API is not \
                 documented: write it on the operation",
            )),
            (None, _) => Ok(Caller::unasked()),
        }
    }

    fn secured(&self, security: &Tree) -> Told<Caller> {
        let mut caller = Caller::unasked();
        let mut ignored = Vec::new();
        for requirement in security.items()? {
            caller.secured = true;
            let names = requirement.entries()?;
            if names.is_empty() {
                return Err(requirement.unknown(
                    "is an empty security requirement, and what API Gateway makes of one is not documented",
                ));
            }
            for name in names {
                let at = name.at;
                let name = name.key.as_str();
                // SAM's words for no authorizer and no API key, which it leaves in the definitions that it writes.
                // To believe them can only open a method.
                if !self.schemes.contains_key(name) && (name == "NONE" || name == "api_key_false") {
                    caller.own |= name == "NONE";
                    continue;
                }
                match self.schemes.get(name) {
                    Some(Scheme::Key) => caller.api_key_required = true,
                    Some(Scheme::Ignored) => ignored.push(format!("`{name}`")),
                    Some(Scheme::Type(kind)) => {
                        if caller.own && caller.authorization != *kind {
                            return Err(Unknown {
                                why: format!(
                                    "asks for {} and for {kind}: API Gateway takes one",
                                    caller.authorization
                                ),
                                at,
                            });
                        }
                        caller.own = true;
                        caller.authorization = kind.clone();
                        if *kind != AuthorizationType::AwsIam {
                            caller.authorizer_id = Some(name.to_owned());
                        }
                    }
                    Some(Scheme::Unknown(why)) => {
                        let why = format!("names security scheme `{name}`, which {why}");
                        return Err(Unknown { why, at });
                    }
                    None => {
                        let why =
                            format!("names security scheme `{name}`, which is not defined here");
                        return Err(Unknown { why, at });
                    }
                }
            }
        }
        if !ignored.is_empty() && caller.authorization == AuthorizationType::None {
            caller.note = Some(format!(
                "security scheme {} has no extension of API Gateway, which ignores it",
                ignored.join(", ")
            ));
        }
        Ok(caller)
    }
}

/// The security schemes that a document defines, where its version of OpenAPI has them. A document without a version
/// defines none, so that every name in it is a gap: API Gateway imports no such document.
///
/// Sources: [Swagger 2.0](https://swagger.io/specification/v2/#swagger-object),
/// [OpenAPI 3.0](https://spec.openapis.org/oas/v3.0.3#components-object).
fn defined_in(document: &Tree) -> Option<&Tree> {
    if document.get("swagger").is_some() {
        document.get("securityDefinitions")
    } else if document.get("openapi").is_some() {
        document.get("components")?.get("securitySchemes")
    } else {
        None
    }
}

fn scheme(scheme: &Tree, kind: ApiKind) -> Told<Scheme> {
    let lower = |text: Option<&str>| text.map(str::to_ascii_lowercase);
    let authtype = lower(scheme.text_of("x-amazon-apigateway-authtype")?);
    if authtype.as_deref() == Some("awssigv4") {
        return Ok(Scheme::Type(AuthorizationType::AwsIam));
    }
    if let Some(authorizer) = scheme.get("x-amazon-apigateway-authorizer") {
        let authorizer = lower(authorizer.text_of("type")?);
        return Ok(match authorizer.as_deref() {
            Some("token" | "request") => Scheme::Type(AuthorizationType::Custom),
            Some("cognito_user_pools") => Scheme::Type(AuthorizationType::CognitoUserPools),
            Some("jwt") => Scheme::Type(AuthorizationType::Jwt),
            Some(other) => Scheme::Unknown(format!("has an authorizer of unknown type `{other}`")),
            None => Scheme::Unknown("has an authorizer without a type".to_owned()),
        });
    }
    if authtype.is_some() {
        return Ok(Scheme::Unknown(
            "has an `x-amazon-apigateway-authtype` without its authorizer".to_owned(),
        ));
    }
    let is = |key: &str, wanted: &str| -> Told<bool> {
        let found = scheme.text_of(key)?;
        Ok(found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
    };
    if kind == ApiKind::Rest
        && is("type", "apiKey")?
        && is("in", "header")?
        && is("name", "x-api-key")?
    {
        return Ok(Scheme::Key);
    }
    Ok(match kind {
        // "If this security definition is not a custom authorizer, […] it will be ignored", as the
        // importer of REST APIs answers.
        ApiKind::Rest => Scheme::Ignored,
        ApiKind::Http | ApiKind::WebSocket => {
            Scheme::Unknown("has no extension of API Gateway".to_owned())
        }
    })
}

//! A serverless API, from its resource to the definition that SAM writes for it.

use super::super::draft::ApiDraft;
use super::super::openapi;
use super::super::security::Schemes;
use super::super::tree::{Kind, Spot, Told, Tree};
use super::auth::Auth;
use super::definition::Definition;
use crate::inventory::{ApiKind, AuthorizationType};

/// The stage that SAM gives an HTTP API that names none.
pub(super) const DEFAULT_STAGE: &str = "$default";

/// Why the default authorizer is not that of an operation.
const WITHOUT_INTEGRATION: &str =
    "SAM gives no authorizer to an operation without `x-amazon-apigateway-integration`";

/// An API that SAM makes, until all of its events are read.
pub(super) struct Serverless {
    pub(super) api: ApiDraft,
    pub(super) auth: Auth,
    pub(super) definition: Definition,
    /// How events become its methods.
    pub(super) events: Events,
    /// Whether SAM makes it itself, for events that name no API.
    pub(super) is_implicit: bool,
    /// Whether something makes it: SAM makes the implicit API under the conditions of the functions that need it.
    pub(super) is_made: bool,
    /// Whether it has a definition that is written in the template.
    pub(super) has_body: bool,
    /// Whether it answers CORS preflights with methods of its own.
    cors: bool,
    /// The definition that it keeps in a file of its own.
    file: Option<Tree>,
    /// The name of its stage.
    pub(super) stage: Tree,
    /// Each `ResourcePolicy` of an event, with the path of the event.
    pub(super) guards: Vec<(String, Tree)>,
}

/// How the events of functions become the methods of an API.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Events {
    /// Each is a method.
    Added,
    /// Each is a method, and stands over what the definition has at its place.
    Merged,
    /// They are none: the definition has the methods.
    PassedOver,
}

impl Serverless {
    /// An API that a resource describes, or, for the implicit one, `Globals` alone.
    /// `definition`: what is in the file that its `DefinitionUri` names.
    pub(super) fn read(
        id: &str,
        kind: ApiKind,
        at: Spot,
        properties: &Tree,
        definition: Option<&Told<Tree>>,
    ) -> Serverless {
        let mut api = ApiDraft::new(id, kind, at);
        let nothing = Tree::nothing(at);
        let properties = match properties.entries() {
            Ok(_) => properties,
            Err(unknown) => {
                api.misses_methods(unknown);
                &nothing
            }
        };
        let auth = Auth::read(&mut api, properties.get("Auth"));
        settings(&mut api, properties);
        let body = properties.get("DefinitionBody").filter(|it| it.is_truthy());
        refuse_made(&mut api, properties, body);
        let elsewhere = properties.get("DefinitionUri");
        let file = definition.cloned().and_then(|it| api.told(it));
        if let Some(elsewhere) = elsewhere {
            if definition.is_none() {
                api.misses_methods(elsewhere.unknown(
                    "keeps methods in a file of its own (`DefinitionUri`): check that definition too",
                ));
            }
            refused_beside_file(&mut api, properties);
        }
        let merges = api.told(properties.flag_of("MergeDefinitions"));
        Serverless {
            definition: Definition::new(kind, body, at),
            events: match kind {
                _ if body.is_none() && elsewhere.is_none() => Events::Added,
                ApiKind::Rest if merges == Some(true) => Events::Merged,
                ApiKind::Http if body.is_some() => Events::Added,
                _ => Events::PassedOver,
            },
            is_implicit: false,
            is_made: true,
            has_body: body.is_some(),
            cors: kind == ApiKind::Rest && properties.get("Cors").is_some(),
            api,
            auth,
            file,
            stage: properties.get("StageName").unwrap_or(&nothing).clone(),
            guards: Vec::new(),
        }
    }

    /// The API with all its methods.
    pub(super) fn finished(mut self) -> ApiDraft {
        if let Some(file) = &self.file {
            openapi::add(&mut self.api, file, Schemes::default());
            return self.api;
        }
        self.guard_events();
        if self.cors {
            let added = self.definition.answer_preflights(self.api.at);
            self.api.told(added);
        }
        self.definition.default_to(&self.auth);
        if let Some(policy) = &self.auth.policy {
            self.definition.guard(policy, None, &self.stage);
        }
        let schemes = self.definition.schemes(&self.auth);
        let document = self.definition.into_document();
        openapi::add(&mut self.api, &document, schemes);
        if !self.has_body {
            // SAM writes it: an API without events is no definition that was forgotten.
            self.api.defined_at = None;
        }
        explain(&mut self.api, &self.auth);
        self.api
    }
}

impl Serverless {
    /// Adds the statements that SAM makes of each event's `ResourcePolicy`: they speak of the methods that all events together
    /// give the path.
    fn guard_events(&mut self) {
        let mut stage = self.stage.clone();
        if stage.is_made() {
            // Where a function makes the stage's name, SAM writes the statements for another stage.
            let why = "is made by a function, and SAM sees no stage's name in it";
            stage.kind = Kind::Unknown(why.to_owned());
        }
        for (path, policy) in std::mem::take(&mut self.guards) {
            self.definition.guard(&policy, Some(&path), &stage);
        }
    }
}

/// What SAM takes only beside `DefinitionBody`, and refuses beside `DefinitionUri`.
///
/// Source: [what SAM does](https://github.com/aws/serverless-application-model/tree/develop/samtranslator/model/api).
fn refused_beside_file(api: &mut ApiDraft, properties: &Tree) {
    for key in ["Auth", "Cors", "CorsConfiguration", "DefinitionBody"] {
        if let Some(refused) = properties.get(key).filter(|it| it.is_truthy()) {
            api.misses_methods(refused.unknown(format!(
                "is `{key}` beside `DefinitionUri`: SAM does not take both"
            )));
        }
    }
}

/// SAM adds `Auth` and CORS only to a definition that it can see, and refuses one that a function makes as a whole.
fn refuse_made(api: &mut ApiDraft, properties: &Tree, body: Option<&Tree>) {
    let Some(body) = body.filter(|body| body.is_made()) else {
        return;
    };
    let is_there = |key: &&&str| properties.raw(key).is_some_and(Tree::is_truthy);
    for key in ["Auth", "Cors", "CorsConfiguration"]
        .iter()
        .filter(is_there)
    {
        api.misses_methods(body.unknown(format!(
            "is a `DefinitionBody` that a function makes as a whole, and SAM refuses one beside `{key}`"
        )));
    }
}

/// Says why a method is open that looks as if the default authorizer protected it.
fn explain(api: &mut ApiDraft, auth: &Auth) {
    for method in &mut api.methods {
        let why = match (&auth.passed_over, &auth.default) {
            (Some(why), _) => why.as_str(),
            (None, Some(_)) if method.integration.is_none() => WITHOUT_INTEGRATION,
            (None, _) => continue,
        };
        if let Ok(caller) = &mut method.caller
            && caller.authorization == AuthorizationType::None
        {
            caller.note.get_or_insert_with(|| why.to_owned());
        }
    }
}

/// What an API is called, and who reaches it.
fn settings(api: &mut ApiDraft, properties: &Tree) {
    api.named(properties.text_of("Name"));
    api.tagged(properties.get("Tags"));
    api.endpoint_disabled(properties.flag_of("DisableExecuteApiEndpoint"));
    // A `Policy` stands for nothing but what it says; SAM's lists of it are in its `Auth`.
    api.guarded(properties.get("Policy"));
    if api.kind == ApiKind::Rest {
        api.reached_by(endpoint_type(properties));
    } else {
        api.answers_preflights(properties.get("CorsConfiguration"));
    }
    match (properties.get("StageName"), api.kind) {
        (Some(stage), _) => api.staged(stage.text().map(Some), None),
        (None, ApiKind::Http) => api.staged(Ok(Some(DEFAULT_STAGE)), None),
        (None, ApiKind::Rest | ApiKind::WebSocket) => {}
    }
}

/// SAM takes a text, or a mapping with a `Type`.
fn endpoint_type(properties: &Tree) -> Told<Vec<String>> {
    let Some(configuration) = properties.get("EndpointConfiguration") else {
        return Ok(Vec::new());
    };
    let kind = match configuration.kind {
        Kind::Map(_) => configuration.text_of("Type")?,
        _ => Some(configuration.text()?),
    };
    Ok(kind.map(str::to_owned).into_iter().collect())
}

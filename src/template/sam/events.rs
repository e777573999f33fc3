//! The events of functions and state machines: each is a method of an API.

use std::collections::BTreeMap;

use super::super::keys::{API_EVENT, EVENT, EVENT_AUTH, EVENT_TYPES, HTTP_API_EVENT};
use super::super::openapi::ANY;
use super::super::reading::{Reading, Resource};
use super::super::tree::{Entry, Kind, Told, Tree, Unknown};
use super::super::unknown_keys::{hint, unknown_keys};
use super::api::{DEFAULT_STAGE, Events, Serverless};
use super::auth::{Auth, Requirement};
use super::definition::Call;
use super::globals::Globals;
use crate::inventory::{ApiKind, VERBS};

/// How the events of one kind of API are written.
struct Form {
    kind: ApiKind,
    /// The type of the event.
    kind_of_event: &'static str,
    /// The properties that it may have.
    properties: &'static [&'static str],
    /// The property that names the API.
    api: &'static str,
    /// The API of events that name none, and its stage.
    implicit: (&'static str, &'static str),
}

const REST: Form = Form {
    kind: ApiKind::Rest,
    kind_of_event: "Api",
    properties: API_EVENT,
    api: "RestApiId",
    implicit: ("ServerlessRestApi", "Prod"),
};

const HTTP: Form = Form {
    kind: ApiKind::Http,
    kind_of_event: "HttpApi",
    properties: HTTP_API_EVENT,
    api: "ApiId",
    implicit: ("ServerlessHttpApi", DEFAULT_STAGE),
};

/// Reads the events of one resource.
pub(super) fn read(
    reading: &mut Reading,
    made: &mut BTreeMap<String, Serverless>,
    resource: &Resource,
    globals: &Globals<'_>,
) {
    let events = match resource.properties.entries_of("Events") {
        Ok(events) => events,
        Err(unknown) => {
            reading.gaps.push(Unknown {
                why: format!("the events of `{}`: it {}", resource.id, unknown.why),
                at: unknown.at,
            });
            return;
        }
    };
    // SAM adds nothing of a state machine to a definition beside it, whatever stands there.
    let is_machine = resource.kind == "AWS::Serverless::StateMachine";
    for event in events {
        if matches!(event.value.kind, Kind::NoValue) {
            continue;
        }
        let form = match Form::of(resource, event) {
            Ok(Some(form)) => form,
            Ok(None) => continue,
            Err(unknown) => {
                reading.gaps.push(unknown);
                let entries = event.value.entries().unwrap_or_default();
                reading
                    .gaps
                    .extend(unknown_keys("an event", entries, EVENT));
                continue;
            }
        };
        reading.gaps.extend(form.misread(event));
        let nothing = Tree::nothing(event.at);
        let properties = event.value.get("Properties").unwrap_or(&nothing);
        let id = form.api_of(properties);
        // Where an event makes the implicit API, it takes the place of a resource of that name.
        let is_implicit = id == form.implicit.0;
        if is_implicit && !made.get(id).is_some_and(|api| api.is_implicit) {
            let mut api = form.implicit_api(event, globals);
            api.is_made = made.contains_key(id);
            made.insert(id.to_owned(), api);
        }
        if resource.is_made
            && let Some(api) = made.get_mut(id)
        {
            api.is_made = true;
        }
        match made.get_mut(id) {
            Some(api) if api.api.kind != form.kind => reading.gaps.push(Unknown {
                why: format!(
                    "event `{}` of `{}` is one of another kind of API than `{id}`: what SAM makes of it is not known here",
                    event.key, resource.id
                ),
                at: event.at,
            }),
            Some(api) if is_machine && api.has_body => {}
            Some(api) => api.take(resource, event, properties),
            // An API of CloudFormation's own has its methods elsewhere: SAM only lets it call the function. One that is
            // not made has none.
            None if reading.apis.contains_key(id) || reading.not_made.contains(id) => {}
            None => reading.gaps.push(Unknown {
                why: format!(
                    "event `{}` of `{}` belongs to an API that is no serverless API of this template: SAM refuses it",
                    event.key, resource.id
                ),
                at: event.at,
            }),
        }
    }
}

impl Form {
    /// How an event is written. `None`: it comes from no API.
    fn of(resource: &Resource, event: &Entry) -> Told<Option<Form>> {
        let kind = event.value.text_of("Type").map_err(|unknown| Unknown {
            why: format!(
                "the type of event `{}` of `{}` {}",
                event.key, resource.id, unknown.why
            ),
            at: unknown.at,
        })?;
        match kind {
            Some("Api") => Ok(Some(REST)),
            Some("HttpApi") => Ok(Some(HTTP)),
            Some(kind) if !EVENT_TYPES.contains(&kind) => Err(Unknown {
                why: format!(
                    "event `{}` of `{}` has the unknown type `{kind}`{}",
                    event.key,
                    resource.id,
                    hint(kind, EVENT_TYPES)
                ),
                at: event.at,
            }),
            Some(_) => Ok(None),
            // It may come from an API.
            None => Err(Unknown {
                why: format!("event `{}` of `{}` has no `Type`", event.key, resource.id),
                at: event.at,
            }),
        }
    }

    /// What is wrong with the keys of an event and its parts, and with their forms.
    fn misread(&self, event: &Entry) -> Vec<Unknown> {
        let entries = |part: &Tree| part.entries().unwrap_or_default().to_vec();
        let mut found = unknown_keys("an event", &entries(&event.value), EVENT);
        let Some(properties) = event.value.get("Properties") else {
            return found;
        };
        let mut wrong = |part: &Tree, name: &str| {
            if matches!(part.kind, Kind::Text(_) | Kind::List(_)) {
                let why = format!("`{name}` of event `{}` must be a mapping", event.key);
                found.push(part.unknown(why));
            }
        };
        wrong(properties, "Properties");
        let auth = properties.raw("Auth");
        if let Some(auth) = auth {
            wrong(auth, "Auth");
        }
        let part = format!("an event of type `{}`", self.kind_of_event);
        found.extend(unknown_keys(&part, &entries(properties), self.properties));
        if let Some(auth) = auth {
            found.extend(unknown_keys(
                "`Auth` of an event",
                &entries(auth),
                EVENT_AUTH,
            ));
        }
        found
    }

    /// The id of the API that an event belongs to; none where that cannot be told.
    fn api_of<'t>(&self, properties: &'t Tree) -> &'t str {
        let named = properties.get(self.api);
        match named.map(|named| &named.kind) {
            None => self.implicit.0,
            // SAM takes a name or a `Ref`.
            Some(_) if named.is_some_and(Tree::is_made) => "",
            Some(Kind::Resource { id, .. } | Kind::Text(id)) => id,
            Some(_) => "",
        }
    }

    /// The API of events that name none: only `Globals` speak of it.
    fn implicit_api(&self, event: &Entry, globals: &Globals<'_>) -> Serverless {
        let (id, stage) = self.implicit;
        let properties = globals.with(self.kind, &Tree::nothing(event.at));
        let mut made = Serverless::read(id, self.kind, event.at, &properties, None);
        made.is_implicit = true;
        made.stage = Tree::new(Kind::Text(stage.to_owned()), event.at);
        made.api.stages.clear();
        made.api.staged(Ok(Some(stage)), None);
        made
    }
}

impl Serverless {
    /// The path of an event, and its verb in lower case. `None`: it makes no method, or they cannot be told, which is said.
    fn place_of<'t>(
        &mut self,
        resource: &Resource,
        event: &Entry,
        properties: &'t Tree,
    ) -> Option<(&'t str, String)> {
        let gap = |why: String, at| Unknown {
            why: format!("event `{}`{why}", event.key),
            at,
        };
        let is_passed_over = self.events == Events::PassedOver;
        let unknown = match place(properties) {
            Ok((Some(path), verb)) if is_passed_over || is_verb(&verb) => {
                return Some((path, verb));
            }
            Ok((None, verb)) if self.api.kind == ApiKind::Http && is_verb(&verb) => {
                return Some(("$default", verb));
            }
            // There are few verbs, so that no path gets more methods than are looked through one by one.
            Ok((_, verb)) if !is_verb(&verb) && !resource.is_made => return None,
            Ok((_, verb)) if !is_verb(&verb) => {
                gap(format!(" has the unknown verb `{verb}`"), event.at)
            }
            Ok(_) => gap(" has no `Path`".to_owned(), event.at),
            Err(unknown) => gap(format!(": its path or verb {}", unknown.why), unknown.at),
        };
        if !is_passed_over {
            self.api.misses_methods(unknown);
        }
        None
    }

    /// Adds what an event makes.
    fn take(&mut self, resource: &Resource, event: &Entry, properties: &Tree) {
        let auth = properties
            .raw("Auth")
            .filter(|auth| !matches!(auth.kind, Kind::Null));
        let Some((path, verb)) = self.place_of(resource, event, properties) else {
            return;
        };
        let call = Call {
            path,
            verb: &verb,
            at: event.at,
            authorizer: authorizer(&self.auth, auth),
            // HTTP APIs have no API keys, and SAM passes over the wish for one.
            key: key(auth).filter(|_| self.api.kind == ApiKind::Rest),
        };
        let added = match self.events {
            Events::Added if resource.is_made => self.definition.add(&call),
            // What a function that is not made adds is not made either. What it writes into a method is.
            Events::Added => {
                self.definition.ask(&call);
                self.definition.reserve(&call);
                Ok(())
            }
            Events::Merged if !resource.is_made => self.definition.is_free(&call),
            Events::Merged if resource.is_conditional => self
                .definition
                .is_free(&call)
                .and_then(|()| self.definition.merge(&call)),
            Events::Merged => self.definition.merge(&call),
            Events::PassedOver => Ok(()),
        };
        if let Err(why) = added {
            let verb = verb.to_ascii_uppercase();
            return self.api.misses_methods(Unknown {
                why: format!("event `{}` makes {verb} {path}, {why}", event.key),
                at: event.at,
            });
        }
        // Beside a definition of its own, an event's `Auth` counts only with `OverrideApiAuth`.
        let overrides = auth
            .filter(|auth| !auth.is_made())
            .and_then(|auth| auth.raw("OverrideApiAuth"));
        let overrides = overrides.is_some_and(Tree::is_truthy);
        if self.has_body && self.api.kind == ApiKind::Rest && overrides {
            self.definition.ask(&call);
        }
        self.guard(resource, auth, path, overrides);
    }

    /// Keeps an event's `ResourcePolicy` until all methods are there, where SAM takes its `Auth`.
    fn guard(&mut self, resource: &Resource, auth: Option<&Tree>, path: &str, overrides: bool) {
        let auth = auth.filter(|auth| !auth.is_made() && self.api.kind == ApiKind::Rest);
        let policy = auth.and_then(|auth| auth.raw("ResourcePolicy"));
        let Some(policy) = policy.filter(|policy| policy.is_truthy()) else {
            return;
        };
        let is_machine = resource.kind == "AWS::Serverless::StateMachine";
        match self.events {
            Events::PassedOver if !overrides => {}
            Events::Added | Events::PassedOver if !is_machine => {
                self.guards.push((path.to_owned(), policy.clone()));
            }
            _ => self.api.guarded_by_unknown(&policy.unknown(
                "is the `ResourcePolicy` of an event of a state machine, or beside a definition that events are merged into: \
                 what SAM makes of it is not known here",
            )),
        }
    }
}

fn is_verb(verb: &str) -> bool {
    VERBS.contains(&verb.to_ascii_uppercase().as_str())
}

/// The path of an event, and its verb in lower case.
fn place(properties: &Tree) -> Told<(Option<&str>, String)> {
    let path = properties.text_of("Path")?;
    let verb = properties.text_of("Method")?.unwrap_or("any");
    let verb = match verb.to_ascii_lowercase() {
        verb if verb == ANY => "any".to_owned(),
        verb => verb,
    };
    Ok((path, verb))
}

/// The authorizer that an event asks for.
fn authorizer(api: &Auth, event: Option<&Tree>) -> Option<Requirement> {
    let event = event?;
    match event.get("Authorizer") {
        // SAM looks into the function that makes `Auth`, and finds no authorizer there.
        Some(_) if event.is_made() => api.unnamed(event),
        Some(named) => Some(api.named(named, "Authorizer")),
        None => api.unnamed(event),
    }
}

/// Whether an event asks for an API key, or says that it does not. SAM looks into no function that makes `Auth`.
fn key(event: Option<&Tree>) -> Option<bool> {
    let event = event.filter(|event| !event.is_made())?;
    event
        .raw("ApiKeyRequired")
        .filter(|key| !matches!(key.kind, Kind::Null))
        .map(Tree::is_truthy)
}

//! The definition that SAM writes for a serverless API: the one of `DefinitionBody` or an empty one, with what events
//! and `Auth` add to it. It is then read as any other definition is, so that nothing is said twice of what a definition
//! comes to.
//!
//! Source: [what SAM does](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/swagger/swagger.py)
//! with REST APIs, and [with HTTP APIs](https://github.com/aws/serverless-application-model/blob/develop/samtranslator/open_api/open_api.py).

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::super::openapi::{ANY, INTEGRATION};
use super::super::security::{Scheme, Schemes};
use super::super::tree::{Entry, Kind, Spot, Told, Tree, Written};
use super::auth::{Auth, IAM, KEY, NO_KEY, NONE, Requirement};
use super::resource_policy;
use crate::inventory::{ApiKind, AuthorizationType};

const SECURITY: &str = "security";
const OPTIONS: &str = "options";

/// What is said of a place that a function of the definition makes.
const CONDITIONAL: &str =
    "which a function of the definition beside it makes: what SAM makes of both is not known here";

/// What is said of a method that a function with a condition makes, and the definition too.
const CONDITIONAL_FUNCTION: &str = "which the definition beside it has, too, and the function has a condition: SAM does not write one method then";

/// What may stand beside the operations of a path, as SAM knows it.
const BESIDE: [&str; 3] = ["summary", "description", "parameters"];

/// A definition in the making.
pub(super) struct Definition {
    kind: ApiKind,
    document: Tree,
    /// Where among the entries of its `paths` each path stands: events are many, and each asks for one.
    places: HashMap<String, usize>,
    /// Whether SAM writes all of it.
    is_managed: bool,
    defines_iam: bool,
    defines_key: bool,
}

/// What an event adds to a definition.
pub(super) struct Call<'a> {
    pub(super) path: &'a str,
    /// In lower case, as SAM takes it.
    pub(super) verb: &'a str,
    pub(super) at: Spot,
    /// The authorizer that it names.
    pub(super) authorizer: Option<Requirement>,
    /// Whether it says that an API key is asked for, or is not.
    pub(super) key: Option<bool>,
}

impl Definition {
    /// The definition that a resource has, or an empty one.
    pub(super) fn new(kind: ApiKind, body: Option<&Tree>, at: Spot) -> Definition {
        let empty = || {
            let version = match kind {
                ApiKind::Rest => ("swagger", "2.0"),
                ApiKind::Http | ApiKind::WebSocket => ("openapi", "3.0.1"),
            };
            let mut document = Tree::new(Kind::Map(Vec::new()), at);
            document.set(version.0, Tree::new(Kind::Text(version.1.to_owned()), at));
            document.set("paths", Tree::new(Kind::Map(Vec::new()), at));
            document
        };
        let document = body.cloned().unwrap_or_else(empty);
        let mut places = HashMap::default();
        let paths = document.child("paths").map(Tree::entries);
        let paths = paths.and_then(Result::ok).unwrap_or_default();
        for (place, path) in paths.iter().enumerate() {
            places.entry(path.key.clone()).or_insert(place);
        }
        Definition {
            kind,
            document,
            places,
            is_managed: body.is_none(),
            defines_iam: false,
            defines_key: false,
        }
    }

    /// The document as it is deployed.
    pub(super) fn into_document(self) -> Tree {
        self.document.without_no_values()
    }

    /// Adds the method of an event.
    ///
    /// # Errors
    /// Where SAM refuses it, or what comes of it cannot be told, in words that follow "which".
    pub(super) fn add(&mut self, call: &Call<'_>) -> Result<(), &'static str> {
        let key = operation_key(call.verb);
        let takes_more = self.kind == ApiKind::Http && !self.is_managed;
        let operation = self.operation(call.path, key, call.at).ok_or(CONDITIONAL)?;
        if !is_integrated(operation) {
            operation.set(INTEGRATION, integration("aws_proxy", call.at));
        } else if !takes_more {
            return Err("which is there already: SAM refuses the template");
        }
        self.ask(call);
        Ok(())
    }

    /// Adds the method of an event to a definition beside it: what SAM writes stands over what is there.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn merge(&mut self, call: &Call<'_>) -> Result<(), &'static str> {
        let mut apart = Definition::new(self.kind, None, call.at);
        apart.add(call)?;
        let made = apart.operation(call.path, operation_key(call.verb), call.at);
        let made = made.ok_or(CONDITIONAL)?.clone();
        // SAM looks for the verb as the event has it, and not for the name that a definition has for `any`.
        let operation = self
            .operation(call.path, call.verb, call.at)
            .ok_or(CONDITIONAL)?;
        operation.at = call.at;
        if let Kind::Map(entries) = made.kind {
            for entry in entries {
                operation.set(&entry.key, entry.value);
            }
        }
        Ok(())
    }

    /// Keeps the place of a method that a function makes which is not made itself: SAM puts no other there.
    pub(super) fn reserve(&mut self, call: &Call<'_>) {
        // A method without an integration becomes the function's, and goes with it.
        if let Some(operation) = self.known(call.path, operation_key(call.verb)) {
            if !is_integrated(operation) {
                operation.kind = Kind::NoValue;
            }
            return;
        }
        if !self.is_managed {
            return;
        }
        let key = operation_key(call.verb);
        if let Some(path) = self.path(call.path, call.at) {
            path.set(key, Tree::new(Kind::NoValue, call.at));
        }
    }

    /// Whether the definition beside the events has no method where a function with a condition makes one.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn is_free(&mut self, call: &Call<'_>) -> Result<(), &'static str> {
        match self.known(call.path, call.verb) {
            Some(_) => Err(CONDITIONAL_FUNCTION),
            None => Ok(()),
        }
    }

    /// Asks for what an event says in a method that the definition has.
    pub(super) fn ask(&mut self, call: &Call<'_>) {
        let at = call.at;
        let Some(operation) = self.known(call.path, operation_key(call.verb)) else {
            return;
        };
        if !is_integrated(operation) {
            return;
        }
        let Some(mut security) = security(operation) else {
            return;
        };
        security.retain(|it| !matches!(it.kind, Kind::NoValue));
        if let Some(requirement) = &call.authorizer {
            security.push(requirement.tree.clone());
        }
        let first_is_iam = security.first().is_some_and(|first| names(first, IAM));
        if let Some(key) = call.key {
            security.push(Requirement::of(if key { KEY } else { NO_KEY }, at).tree);
        }
        if !security.is_empty() {
            operation.set(SECURITY, Tree::new(Kind::List(security), at));
        }
        self.defines_iam |= call.authorizer.is_some() && first_is_iam;
        self.defines_key |= call.key == Some(true);
    }

    /// With `Cors`, SAM adds an `OPTIONS` method with a MOCK integration to every path that has none.
    ///
    /// # Errors
    /// Where a path is made by a function that SAM does not look into, beside which it writes the method.
    pub(super) fn answer_preflights(&mut self, at: Spot) -> Told<()> {
        let paths = self.document.child("paths").map(Tree::entries);
        let mut paths = paths.and_then(Result::ok).into_iter().flatten();
        if let Some(path) = paths.find(|path| path.value.written == Written::Function) {
            return Err(path.value.unknown(format!(
                "makes path `{}` by a function in a function, and SAM writes the `OPTIONS` of `Cors` beside it",
                path.key
            )));
        }
        let is_managed = self.is_managed;
        for path in self.paths() {
            // SAM leaves a path out with the functions that all of its methods come from.
            let is_empty = path.entries().is_ok_and(|it| it.is_empty());
            let is_made =
                !is_managed || is_empty || path.entries_mut().iter().any(|it| !it.value.is_null());
            if path.has(OPTIONS) || !is_made {
                continue;
            }
            let mut operation = Tree::new(Kind::Map(Vec::new()), at);
            operation.set(INTEGRATION, integration("mock", at));
            path.set_at(OPTIONS, operation, at);
        }
        Ok(())
    }

    /// Puts the API's default authorizer, and its API key, where a method does not say itself.
    pub(super) fn default_to(&mut self, auth: &Auth) {
        let is_rest = self.kind == ApiKind::Rest;
        let mut defines_iam = false;
        for operation in self.operations() {
            let is_preflight = operation.key.eq_ignore_ascii_case(OPTIONS);
            let operation = &mut operation.value;
            let Some(said) = is_integrated(operation)
                .then(|| security(operation))
                .flatten()
            else {
                continue;
            };
            let mut asked = said.clone();
            if let Some(default) = &auth.default
                && (auth.on_preflights || !is_preflight)
            {
                if is_rest {
                    asked = with_default(auth, default, asked);
                    defines_iam |= asked.first().is_some_and(|first| names(first, IAM));
                } else if !operation.raw(SECURITY).is_some_and(Tree::is_truthy) {
                    asked.push(default.tree.clone());
                }
            }
            if auth.key {
                asked = with_key(auth, asked, is_preflight, operation.at);
            }
            if said.len() != asked.len() || !asked.is_empty() {
                let at = asked.first().map_or(operation.at, |it| it.at);
                operation.set(SECURITY, Tree::new(Kind::List(asked), at));
            }
        }
        self.defines_iam |= defines_iam;
    }

    /// Adds the statements of a `ResourcePolicy` to the definition's own: for the methods that a path has by now, or for those
    /// of all paths.
    pub(super) fn guard(&mut self, policy: &Tree, path: Option<&str>, stage: &Tree) {
        let paths = self.document.child("paths");
        let paths = paths.map_or(Ok(&[][..]), Tree::entries);
        let made = paths.and_then(|paths| {
            let guarded = match path {
                None => paths,
                Some(path) => {
                    let place = self.places.get(path);
                    let own = place.and_then(|it| paths.get(*it));
                    own.map_or(&[][..], std::slice::from_ref)
                }
            };
            resource_policy::statements(policy, guarded, stage)
        });
        resource_policy::add(&mut self.document, made, policy.at);
    }

    /// The security schemes that SAM defines in it.
    pub(super) fn schemes(&self, auth: &Auth) -> Schemes {
        let iam = Scheme::Type(AuthorizationType::AwsIam);
        let mut defined = BTreeMap::new();
        let is_rest = self.kind == ApiKind::Rest;
        if is_rest && self.defines_iam {
            defined.insert(IAM.to_owned(), iam.clone());
        }
        let mut own = auth.authorizers.clone();
        if (is_rest && auth.defaults_to_iam()) || (!is_rest && auth.enables_iam) {
            own.entry(IAM.to_owned()).or_insert(iam);
        }
        let keys = (self.defines_key || auth.key).then(|| (KEY.to_owned(), Scheme::Key));
        Schemes::named(defined.into_iter().chain(keys).collect(), own)
    }

    /// The paths that can be told.
    fn paths(&mut self) -> impl Iterator<Item = &mut Tree> {
        let paths = self.document.child_mut("paths").into_iter();
        paths
            .flat_map(Tree::entries_mut)
            .map(|path| &mut path.value)
            .filter(|path| is_seen(path))
    }

    /// The operations that can be told.
    fn operations(&mut self) -> impl Iterator<Item = &mut Entry> {
        let operations = self.paths().flat_map(Tree::entries_mut);
        operations.filter(|it| is_seen(&it.value) && !BESIDE.contains(&it.key.as_str()))
    }

    /// An operation that is there.
    fn known(&mut self, path: &str, key: &str) -> Option<&mut Tree> {
        let place = *self.places.get(path)?;
        let paths = self.document.child_mut("paths")?.entries_mut();
        let path = &mut paths.get_mut(place)?.value;
        if !is_seen(path) {
            return None;
        }
        path.child_mut(key).filter(|it| is_seen(it))
    }

    /// An operation, which is added where it is not there. `None`: a function makes what is there, or it cannot be told.
    fn operation(&mut self, path: &str, key: &str, at: Spot) -> Option<&mut Tree> {
        self.path(path, at)?.child_or_new(key, at)
    }

    /// A path, which is added where it is not there. `None`: as of [`operation`](Self::operation).
    fn path(&mut self, path: &str, at: Spot) -> Option<&mut Tree> {
        let paths = self.document.child_or_new("paths", at)?;
        let place = match self.places.get(path) {
            Some(place) => *place,
            None => {
                let last = paths.entries_mut().len();
                paths.push(path, at);
                self.places.insert(path.to_owned(), last);
                last
            }
        };
        paths.entries_mut().get_mut(place)?.value.opened()
    }
}

/// The name that a definition has for a verb.
fn operation_key(verb: &str) -> &str {
    if verb == "any" { ANY } else { verb }
}

fn integration(kind: &str, at: Spot) -> Tree {
    let mut integration = Tree::new(Kind::Map(Vec::new()), at);
    integration.set("type", Tree::new(Kind::Text(kind.to_owned()), at));
    integration
}

/// Whether SAM sees a path or an operation: it looks into one `Fn::If`, and into no other function.
fn is_seen(tree: &Tree) -> bool {
    tree.written != Written::Function && !tree.is_null()
}

/// SAM passes over an operation without an integration: it gets no authorizer.
fn is_integrated(operation: &Tree) -> bool {
    let integration = operation.child(INTEGRATION);
    integration.is_some_and(|it| it.entries().map_or(true, |it| !it.is_empty()))
}

/// The requirements of an operation. `None`: they cannot be told.
fn security(operation: &Tree) -> Option<Vec<Tree>> {
    match operation.child(SECURITY) {
        Some(security) => security.items().ok().map(<[Tree]>::to_vec),
        None => Some(Vec::new()),
    }
}

/// Whether a requirement names a scheme.
fn names(requirement: &Tree, name: &str) -> bool {
    requirement.child(name).is_some()
}

/// The default goes behind what is no authorizer, unless there is one already, or [`NONE`], which goes away.
fn with_default(auth: &Auth, default: &Requirement, said: Vec<Tree>) -> Vec<Tree> {
    if let Some(made) = said.iter().find(|it| it.is_made()) {
        let why =
            "is made by a function, and SAM puts the default beside it without looking into it";
        return vec![Tree::new(Kind::Unknown(why.to_owned()), made.at)];
    }
    let is_authorizer = |it: &Tree| match &it.kind {
        Kind::Map(entries) => entries.iter().any(|entry| auth.is_authorizer(&entry.key)),
        Kind::NoValue => false,
        _ => true,
    };
    let (authorizers, mut asked): (Vec<Tree>, Vec<Tree>) =
        said.into_iter().partition(is_authorizer);
    if let Some(none) = asked.iter().position(|it| names(it, NONE)) {
        asked.remove(none);
        // SAM does not write an empty list over what is there: the word stays, and means the same.
        if asked.is_empty() {
            asked.push(Requirement::of(NONE, default.tree.at).tree);
        }
    } else if authorizers.is_empty() {
        asked.push(default.tree.clone());
    } else {
        asked.extend(authorizers);
    }
    asked
}

/// An API key, unless a method says that it asks for none.
fn with_key(auth: &Auth, said: Vec<Tree>, is_preflight: bool, at: Spot) -> Vec<Tree> {
    let is_key = |it: &Tree| names(it, KEY) || names(it, NO_KEY);
    let asks_none = said.iter().any(|it| names(it, NO_KEY));
    let mut asked: Vec<Tree> = said.into_iter().filter(|it| !is_key(it)).collect();
    if !asks_none && (auth.key_on_preflights || !is_preflight) {
        asked.push(Requirement::of(KEY, at).tree);
    }
    asked
}

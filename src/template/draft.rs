//! An API in the making: what the parts of a template say of it, until all of them are read.

use std::collections::BTreeMap;

use super::laid::Identity;
use super::tree::{Kind, Spot, Told, Tree, Unknown};
use crate::iam::Document;
use crate::inventory::{ApiKind, AuthorizationType, Authorizer, VERBS};

/// The only route of a WebSocket API that carries authorization.
///
/// Source: [Control access to WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html).
pub(super) const CONNECT: &str = "$connect";

/// An API in the making.
#[derive(Debug)]
pub(super) struct ApiDraft {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) kind: ApiKind,
    /// The Region, where the file says it.
    pub(super) region: Option<String>,
    pub(super) at: Spot,
    /// Whether it is not in the file, and only methods of it are.
    pub(super) is_elsewhere: bool,
    /// The id that AWS gave it, where the file has that beside what it calls the API.
    pub(super) given_id: Option<String>,
    /// Which API of the account it is. `None`: nothing is known of the account.
    pub(super) identity: Option<Identity>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) endpoint_types: Vec<String>,
    pub(super) default_endpoint_disabled: bool,
    pub(super) resource_policy: Option<Document>,
    pub(super) stages: Vec<StageDraft>,
    pub(super) cors: bool,
    pub(super) authorizers: Vec<Authorizer>,
    pub(super) methods: Vec<MethodDraft>,
    /// What a deployment serves that a stage keeps, where it is known to be something else.
    pub(super) kept: Option<Vec<MethodDraft>>,
    /// Where its OpenAPI definition stands, if it has one that can be told.
    pub(super) defined_at: Option<Spot>,
    /// Whether it is a WebSocket API with routes that carry no authorization.
    other_routes: bool,
    /// What its methods lie below and is not in the file, and where a method says so first.
    pub(super) unknown_parents: BTreeMap<String, Spot>,
    /// Methods that cannot be told: some of them, or all.
    pub(super) gaps: Vec<Unknown>,
    /// What a policy file may select by, and cannot be told.
    pub(super) doubts: Vec<(Selected, Unknown)>,
    /// What was taken for granted.
    pub(super) assumed: Vec<(String, Spot)>,
}

/// A stage in the making.
#[derive(Debug)]
pub(super) struct StageDraft {
    pub(super) name: String,
    pub(super) tags: BTreeMap<String, String>,
    /// Whether it keeps the deployment that it had before.
    pub(super) keeps: bool,
    pub(super) canary: Option<CanaryDraft>,
}

/// A canary in the making.
#[derive(Debug)]
pub(super) struct CanaryDraft {
    /// Whether it keeps the deployment that it had before.
    pub(super) keeps: bool,
    /// Its share of the traffic, 0 to 100 percent.
    pub(super) percent: f64,
}

impl StageDraft {
    /// Whether callers may get what a deployment froze before.
    pub(super) fn serves_what_was_before(&self) -> bool {
        self.keeps || self.canary.as_ref().is_some_and(|it| it.keeps)
    }
}

/// A method in the making.
#[derive(Debug, Clone)]
pub(super) struct MethodDraft {
    pub(super) verb: String,
    pub(super) path: String,
    pub(super) route_key: Option<String>,
    pub(super) at: Spot,
    pub(super) caller: Told<Caller>,
    /// The integration's type in upper case. `None`: it has none, or it cannot be told.
    pub(super) integration: Option<String>,
}

/// What a method asks of its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) authorization: AuthorizationType,
    pub(super) api_key_required: bool,
    pub(super) authorizer_id: Option<String>,
    /// Whether the method says so itself, so that a default does not replace it.
    pub(super) own: bool,
    /// Whether it has a `security` with something in it, even if that authorizes nobody.
    pub(super) secured: bool,
    /// Why it came to this, where that is not plain to see.
    pub(super) note: Option<String>,
}

/// What a policy file selects by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selected {
    /// The Region.
    Region,
    /// The API's name.
    Api,
    /// The stage's name.
    Stage,
    /// The API's tags.
    Tags,
    /// The paths of methods.
    Path,
}

/// The authorization type of a resource's property. CloudFormation does not say which case it wants, and `None` that
/// was taken for an unknown type would not be seen to be open.
pub(super) fn authorization(text: &str) -> AuthorizationType {
    match AuthorizationType::from(text.to_ascii_uppercase()) {
        AuthorizationType::Other(_) => AuthorizationType::from(text.to_owned()),
        known => known,
    }
}

impl Caller {
    pub(super) fn new(authorization: AuthorizationType) -> Self {
        Caller {
            authorization,
            api_key_required: false,
            authorizer_id: None,
            own: true,
            secured: false,
            note: None,
        }
    }

    /// A method that says nothing of its callers.
    pub(super) fn unasked() -> Self {
        Caller {
            own: false,
            ..Caller::new(AuthorizationType::None)
        }
    }
}

impl ApiDraft {
    pub(super) fn new(id: &str, kind: ApiKind, at: Spot) -> Self {
        let endpoint = match kind {
            ApiKind::Rest => "EDGE",
            ApiKind::Http | ApiKind::WebSocket => "REGIONAL",
        };
        ApiDraft {
            id: id.to_owned(),
            name: None,
            kind,
            region: None,
            at,
            is_elsewhere: false,
            given_id: None,
            identity: None,
            tags: BTreeMap::new(),
            endpoint_types: vec![endpoint.to_owned()],
            default_endpoint_disabled: false,
            resource_policy: None,
            stages: Vec::new(),
            cors: false,
            authorizers: Vec::new(),
            methods: Vec::new(),
            kept: None,
            defined_at: None,
            other_routes: false,
            unknown_parents: BTreeMap::new(),
            gaps: Vec::new(),
            doubts: Vec::new(),
            assumed: Vec::new(),
        }
    }

    /// Its id in the inventory: that of the account, or what the file calls it.
    pub(super) fn inventory_id(&self) -> &str {
        match &self.identity {
            Some(Identity::Known { id, .. }) => id,
            Some(Identity::New { .. }) | None => &self.id,
        }
    }

    /// Some of its methods, or all of them, cannot be told.
    pub(super) fn misses_methods(&mut self, unknown: Unknown) {
        self.gaps.push(unknown);
    }

    /// Takes what is there, or a gap in its place.
    pub(super) fn told<T>(&mut self, told: Told<T>) -> Option<T> {
        match told {
            Ok(value) => Some(value),
            Err(unknown) => {
                self.misses_methods(unknown);
                None
            }
        }
    }

    pub(super) fn named(&mut self, name: Told<Option<&str>>) {
        match name {
            Ok(name) => {
                if let Some(name) = name {
                    self.name = Some(name.to_owned());
                }
            }
            Err(unknown) => self.doubts.push((Selected::Api, unknown)),
        }
    }

    /// Whether the service answers CORS preflights itself. `false` stands for no configuration. What cannot be told answers
    /// none: no route is hidden by it.
    pub(super) fn answers_preflights(&mut self, configuration: Option<&Tree>) {
        let Some(configuration) = configuration else {
            return;
        };
        let answers = match &configuration.kind {
            Kind::Map(entries) => Ok(!entries.is_empty()),
            Kind::List(_) => Err(configuration.unknown("must be a mapping")),
            _ => configuration.flag(),
        };
        match answers {
            Ok(answers) => self.cors |= answers,
            Err(unknown) => self.assumed.push((
                format!(
                    "no CORS configuration is taken to be there: it {}",
                    unknown.why
                ),
                unknown.at,
            )),
        }
    }

    /// Tags as a mapping, or as a list of `Key` and `Value`.
    pub(super) fn tagged(&mut self, tags: Option<&Tree>) {
        match read_tags(tags) {
            Ok(tags) => self.tags.extend(tags),
            Err(unknown) => self.doubts.push((Selected::Tags, unknown)),
        }
    }

    /// A stage of this name; of none that can be told, the one whose name stands in for it.
    pub(super) fn staged(&mut self, name: Told<Option<&str>>, tags: Option<&Tree>) {
        let name = match name {
            Ok(Some(name)) => name.to_owned(),
            Ok(None) => return,
            Err(unknown) => {
                self.doubts.push((Selected::Stage, unknown));
                super::options::STAGE.to_owned()
            }
        };
        let tags = match read_tags(tags) {
            Ok(tags) => tags,
            Err(unknown) => {
                self.doubts.push((Selected::Tags, unknown));
                BTreeMap::new()
            }
        };
        // A deployment and a stage may name the same one.
        match self.stages.iter_mut().find(|stage| stage.name == name) {
            Some(stage) => stage.tags.extend(tags),
            None => self.stages.push(StageDraft {
                name,
                tags,
                keeps: false,
                canary: None,
            }),
        }
    }

    /// Its resource policy, as a document or as its text. Beside one that cannot be told, it says nothing; and which of two
    /// that differ counts, the API's own or that of its definition, is not documented.
    pub(super) fn guarded(&mut self, policy: Option<&Tree>) {
        let Some(policy) = policy else { return };
        if matches!(self.resource_policy, Some(Document::Unparsed { .. })) {
            return;
        }
        let document = match &policy.kind {
            // `Policy: ""` is written where there is none.
            Kind::Text(text) if text.trim().is_empty() => return,
            Kind::Text(text) => crate::iam::parse_resource_policy(text),
            _ => match policy.policy_json() {
                Ok(json) => Document::Json(json),
                Err(unknown) => return self.guarded_by_unknown(&unknown),
            },
        };
        if (self.resource_policy.as_ref()).is_some_and(|other| *other != document) {
            let why = "stands beside another resource policy of the API, and which of them counts is not documented";
            return self.guarded_by_unknown(&policy.unknown(why));
        }
        self.resource_policy = Some(document);
    }

    /// A resource policy whose effect cannot be told: neither open nor closed.
    pub(super) fn guarded_by_unknown(&mut self, unknown: &Unknown) {
        self.resource_policy = Some(Document::Unparsed {
            text: String::new(),
            error: match unknown.at.file {
                0 => format!("on line {} it {}", unknown.at.line, unknown.why),
                _ => format!(
                    "on line {} of another file it {}",
                    unknown.at.line, unknown.why
                ),
            },
        });
    }

    /// Whether the default endpoint is switched off. What cannot be told is on: nothing is hidden by it.
    pub(super) fn endpoint_disabled(&mut self, disabled: Told<bool>) {
        match disabled {
            Ok(disabled) => self.default_endpoint_disabled |= disabled,
            Err(unknown) => self.assumed.push((
                format!(
                    "the default endpoint is taken to be on: `DisableExecuteApiEndpoint` {}",
                    unknown.why
                ),
                unknown.at,
            )),
        }
    }

    /// The endpoint types. Where they cannot be told, the default of API Gateway, which is public.
    pub(super) fn reached_by(&mut self, types: Told<Vec<String>>) {
        match types {
            Ok(types) if types.is_empty() => {}
            Ok(types) => self.endpoint_types = types,
            Err(unknown) => self.assumed.push((
                format!(
                    "the endpoint is taken to be public: its type {}",
                    unknown.why
                ),
                unknown.at,
            )),
        }
    }

    /// Adds a method, or a gap for one that cannot be told.
    pub(super) fn add(&mut self, mut method: MethodDraft) {
        method.verb = method.verb.to_ascii_uppercase();
        if !VERBS.contains(&method.verb.as_str()) {
            let unknown = Unknown {
                why: format!("has the unknown verb `{}`", method.verb),
                at: method.at,
            };
            return self.misses_methods(unknown);
        }
        self.methods.push(method);
    }

    /// Adds the route with this key. A WebSocket route that carries no authorization is not judged.
    pub(super) fn add_route(&mut self, key: &str, method: MethodDraft) {
        if self.kind == ApiKind::WebSocket && key != CONNECT {
            self.other_routes = true;
            return;
        }
        let (verb, path) = match key.split_once(' ') {
            Some((verb, path)) => (verb, path.trim()),
            // A route without a verb, such as `$default`, answers every verb.
            None => ("ANY", key),
        };
        self.add(MethodDraft {
            verb: verb.to_owned(),
            path: path.to_owned(),
            route_key: Some(key.to_owned()),
            ..method
        });
    }

    /// Adds what only the whole file shows: the `$connect` that a WebSocket API lacks, and that a
    /// definition has no path.
    pub(super) fn complete(&mut self) {
        if !self.methods.is_empty() || !self.gaps.is_empty() {
            return;
        }
        if self.kind == ApiKind::WebSocket && self.other_routes && !self.is_elsewhere {
            self.unguarded_connect();
        } else if let Some(at) = self.defined_at {
            let why = "the definition has no path: no method was looked at".to_owned();
            self.misses_methods(Unknown { why, at });
        }
    }

    /// `$connect` is optional, and without it nobody is asked who they are.
    /// Source: [managing connections](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html).
    fn unguarded_connect(&mut self) {
        let caller = Caller {
            note: Some(
                "the WebSocket API has no `$connect` route: nobody who connects is asked who they are"
                    .to_owned(),
            ),
            ..Caller::unasked()
        };
        let at = self.at;
        self.add_route(
            CONNECT,
            MethodDraft {
                verb: String::new(),
                path: String::new(),
                route_key: None,
                at,
                caller: Ok(caller),
                integration: None,
            },
        );
    }

    /// A WebSocket API without any route, or one that is elsewhere, as its `$connect` is: whether everybody may connect is
    /// not in the template.
    pub(super) fn lacks_connect(&self) -> bool {
        self.kind == ApiKind::WebSocket && self.methods.is_empty() && self.gaps.is_empty()
    }
}

fn read_tags(tags: Option<&Tree>) -> Told<BTreeMap<String, String>> {
    let Some(tags) = tags else {
        return Ok(BTreeMap::new());
    };
    let mut read = BTreeMap::new();
    if let Kind::List(items) = &tags.kind {
        for item in items {
            let Some(key) = item.text_of("Key")? else {
                return Err(item.unknown("has no `Key`"));
            };
            // A tag need not have a value.
            let value = item.text_of("Value")?.unwrap_or("");
            read.insert(key.to_owned(), value.to_owned());
        }
        return Ok(read);
    }
    for entry in tags.entries()? {
        let value = match entry.value.is_null() {
            true => "",
            false => entry.value.text()?,
        };
        read.insert(entry.key.clone(), value.to_owned());
    }
    Ok(read)
}

//! The events of functions, and the `$connect` of a serverless WebSocket API.

use super::cloudformation::kind_of;
use super::edit::Mend;
use super::find::Chain;
use super::made_by::made_by;
use super::style::New;
use super::value::set;
use super::{IAM, NONE, Source};
use crate::yaml::Part;

/// The API of HTTP events that name none. Only `Globals` speak of it.
const IMPLICIT_HTTP: &str = "ServerlessHttpApi";

/// What SAM wants before it takes AWS_IAM in an HTTP API.
const ENABLE: &str = "EnableIamAuthorizer";

/// What API Gateway calls a function as.
const INVOKE_ROLE: &str = "InvokeRole";

impl<'s> Source<'s> {
    /// Mends the method that an event makes. The event itself says so, so that no other method changes.
    pub(super) fn event(&self, event: &Chain<'s>) -> Result<Mend, String> {
        let text = |key: &str| event.value().get(key).and_then(Part::text).map(str::trim);
        let is_http = match text("Type") {
            Some("Api") => false,
            Some("HttpApi") => true,
            _ => return Err("the event is none of an API".to_owned()),
        };
        if let Some(made) = made_by(event.value()) {
            return Err(format!("the event has what `{made}` brings"));
        }
        let resource = event.begin(2);
        let is_function = kind_of(resource.value()) == Some("AWS::Serverless::Function");
        let api = self.api_of(event, is_http)?;
        // What API Gateway calls the function as stays as it is, whatever the API says for methods with AWS_IAM.
        let keeps_role = !is_http && is_function;
        let mut mend = self.authorizer(event, keeps_role)?;
        if is_http {
            mend = mend.and(self.iam_enabled(event, api)?);
        }
        if keeps_role {
            mend.notes.push(ROLE_NOTE.to_owned());
        }
        Ok(mend)
    }

    /// Makes an event ask for AWS_IAM.
    fn authorizer(&self, event: &Chain<'s>, keeps_role: bool) -> Result<Mend, String> {
        let of = |what: &'static str| move |why: String| format!("`{what}` of the event {why}");
        let role = keeps_role.then(|| (INVOKE_ROLE, New::text(NONE)));
        let named = || {
            [("Authorizer", New::text(IAM))]
                .into_iter()
                .chain(role.clone())
        };
        let Some(properties) = event.to_entry("Properties") else {
            let auth = New::Map(
                named()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            );
            let new = [("Properties", New::map([("Auth", auth)]))];
            return self.writer.add(event, &new, None).map_err(of("Properties"));
        };
        self.refuse_shared(&properties)?;
        let auth = properties.to_entry("Auth");
        let Some(auth) = auth.filter(|_| made_by(properties.value()).is_none()) else {
            let auth = New::Map(
                named()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            );
            let added = self.writer.add(&properties, &[("Auth", auth)], None);
            return added.map_err(of("Properties"));
        };
        self.refuse_shared(&auth)?;
        if let Some(made) = made_by(auth.value()) {
            return Err(of("Auth")(format!("has what `{made}` brings")));
        }
        let stated = auth.to_entry("Authorizer");
        let Some(stated) = stated.filter(|it| !it.value().is_null()) else {
            if auth.to_entry("Authorizer").is_some() {
                return Err(of("Authorizer")("is empty".to_owned()));
            }
            let says_role = auth.to_entry(INVOKE_ROLE).is_some();
            let new: Vec<_> = named()
                .filter(|(key, _)| *key != INVOKE_ROLE || !says_role)
                .collect();
            return self.writer.add(&auth, &new, None).map_err(of("Auth"));
        };
        self.refuse_shared(&stated)?;
        let mend = set(&self.writer, &stated, NONE, IAM).map_err(of("Authorizer"))?;
        match role.filter(|_| auth.to_entry(INVOKE_ROLE).is_none()) {
            Some(role) => {
                let added = self.writer.add(&auth, &[role], None).map_err(of("Auth"))?;
                Ok(mend.and(added))
            }
            None => Ok(mend),
        }
    }

    /// The resource of the API that an event belongs to. `None`: SAM makes it itself, or it is not named by a plain name.
    fn api_of(&self, event: &Chain<'s>, is_http: bool) -> Result<Option<Chain<'s>>, String> {
        let key = match is_http {
            true => "ApiId",
            false => "RestApiId",
        };
        let properties = event.value().get("Properties");
        let name = match properties.and_then(|it| it.get(key)) {
            None => return Ok(None),
            Some(named) => named_by(named),
        };
        let name = name.ok_or(format!("`{key}` of the event is no plain name"))?;
        let resources = Chain::new(event.root).to("Resources");
        let api = resources.and_then(|it| it.to(name));
        Ok(api)
    }

    /// Lets an HTTP API take AWS_IAM.
    fn iam_enabled(&self, event: &Chain<'s>, api: Option<Chain<'s>>) -> Result<Mend, String> {
        let root = Chain::new(event.root);
        let global = ["Globals", "HttpApi", "Auth", ENABLE];
        let own = ["Properties", "Auth", ENABLE];
        let is_own = api
            .as_ref()
            .is_some_and(|it| it.key().and_then(Part::text) != Some(IMPLICIT_HTTP));
        let stated = |from: &Chain<'s>, way: &[&str]| {
            way.iter().try_fold(from.clone(), |at, key| at.to(key))
        };
        let own_stated = api
            .as_ref()
            .filter(|_| is_own)
            .and_then(|it| stated(it, &own));
        if let Some(enabled) = own_stated.or_else(|| stated(&root, &global)) {
            self.refuse_shared(&enabled)?;
            let says = enabled.value().text().map(str::to_ascii_lowercase);
            return match says.as_deref() {
                Some("true" | "yes" | "on") => Ok(Mend::default()),
                Some(no @ ("false" | "no" | "off")) => set(&self.writer, &enabled, no, "true")
                    .map_err(|why| format!("`{ENABLE}` of the API {why}")),
                _ => Err(format!("`{ENABLE}` of the API is no plain truth value")),
            };
        }
        let (from, way): (Chain<'s>, &[&str]) = match api.filter(|_| is_own) {
            Some(api) => (api, &own),
            None => (root, &global),
        };
        let mut place = from;
        for (index, key) in way.iter().enumerate() {
            let next = match index + 1 == way.len() {
                true => None,
                false => place.to(key),
            };
            let Some(next) = next else {
                let missing = way.get(index..way.len() - 1).unwrap_or_default();
                let added = self.writer.add_below(&place, missing, (ENABLE, New::True));
                return added.map_err(|why| format!("the place of `{ENABLE}` {why}"));
            };
            place = next;
            self.refuse_shared(&place)?;
        }
        Ok(Mend::default())
    }

    /// Mends the `$connect` route of a serverless WebSocket API.
    pub(super) fn websocket(&self, route: &Chain<'s>) -> Result<Mend, String> {
        let api = route.begin(2);
        let properties = api.to("Properties").ok_or("the API has no `Properties`")?;
        let of = |why: String| format!("`AuthType` of the API {why}");
        let Some(auth) = properties.to("Auth") else {
            let new = ("AuthType", New::text(IAM));
            return self
                .writer
                .add_below(&properties, &["Auth"], new)
                .map_err(of);
        };
        self.refuse_shared(&auth)?;
        match auth.to("AuthType") {
            Some(stated) => set(&self.writer, &stated, NONE, IAM).map_err(of),
            None => self
                .writer
                .add(&auth, &[("AuthType", New::text(IAM))], None)
                .map_err(of),
        }
    }
}

/// What SAM does besides, unless it is told not to.
///
/// Source: [ApiFunctionAuth](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html).
const ROLE_NOTE: &str = "`InvokeRole: NONE` keeps API Gateway calling the function as it does now. Without it, SAM has the function \
     called with the caller's own credentials, and every caller needs lambda:InvokeFunction too";

/// The name that a `Ref`, or a plain text, has.
fn named_by(part: &Part) -> Option<&str> {
    if let Some(function) = &part.function {
        return part.text().filter(|_| function == "Ref").map(str::trim);
    }
    match part.entries() {
        [(key, value)] if key.text() == Some("Ref") => value.text().map(str::trim),
        _ => part.text().map(str::trim),
    }
}

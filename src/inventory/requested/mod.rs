//! The methods that answer a request as callers write it: `GET /pets/42`, or a whole URL.

mod lacking;
mod url;

use super::served::{Routed, ServedMethods};
use super::{Api, ApiKind, Inventory, Stage, VERBS, listed};
pub use lacking::Lacking;
use url::Url;

/// A request as it was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested<'t> {
    /// What was asked, for messages.
    text: &'t str,
    /// `None`: any.
    verb: Option<&'t str>,
    target: Target<'t>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target<'t> {
    Url(Url<'t>),
    /// A path below a stage, with its first slash.
    Path(&'t str),
}

/// A method that answers a request.
#[derive(Debug, Clone, Copy)]
pub struct Answering<'a> {
    /// Its API.
    pub api: &'a Api,
    /// Its stage.
    pub stage: &'a Stage,
    /// Its verb, or `ANY`.
    pub verb: &'a str,
    /// Its path template; of a route without a path, its key.
    pub path: &'a str,
}

impl Answering<'_> {
    /// Whether this is it.
    pub fn is(&self, api: &Api, stage: &Stage, verb: &str, path: &str) -> bool {
        (&self.api.region, &self.api.id) == (&api.region, &api.id)
            && self.stage.name == stage.name
            && (self.verb, self.path) == (verb, path)
    }
}

/// Whether clients leave a segment out of the path that they send, and with `..` the one before it.
///
/// Source: [remove dot segments](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4).
fn is_dots(segment: &str) -> bool {
    let segment = segment.trim().to_ascii_lowercase().replace("%2e", ".");
    segment == "." || segment == ".."
}

/// It cannot be told which method answers a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Ambiguous(String);

impl<'t> Requested<'t> {
    /// Reads a verb and a path, or one of the two with the verb left out; or a URL, with a verb before it or without.
    /// `None`: it is no request, such as a path template or the key of a route.
    pub fn read(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let (verb, rest) = match text.split_once(char::is_whitespace) {
            Some((verb, rest)) => (Some(verb), rest.trim_start()),
            None => (None, text),
        };
        if rest.contains(['{', '}']) {
            return None;
        }
        let target = match Url::read(rest) {
            Some(url) => Target::Url(url),
            None if rest.starts_with('/') => Target::Path(rest.split(['?', '#']).next()?),
            None => return None,
        };
        Some(Requested { text, verb, target })
    }

    /// Whether it is a whole URL, which names its stage.
    pub fn is_url(&self) -> bool {
        matches!(self.target, Target::Url(_))
    }

    /// The stages that a whole URL leads to, each with the path below it. Empty: nothing that was read has such a URL, or
    /// it is no URL.
    ///
    /// # Errors
    /// Where it cannot be told to which.
    pub(crate) fn leads_to<'a>(
        &self,
        inventory: &'a Inventory,
    ) -> Result<Vec<(&'a Api, &'a Stage, String)>, Ambiguous> {
        match self.target {
            Target::Url(url) => url.stages(inventory).map_err(Ambiguous),
            Target::Path(_) => Ok(Vec::new()),
        }
    }

    /// What is missing where nothing answers it. `None`: it is no URL, or where it leads cannot be told.
    pub fn lacking(&self, inventory: &Inventory) -> Option<Lacking> {
        match self.target {
            Target::Url(url) => url.lacking(inventory),
            Target::Path(_) => None,
        }
    }

    /// The methods that answer it: of one stage, where it is a URL, or else of every stage.
    ///
    /// # Errors
    /// Where it cannot be told which method answers.
    pub fn answering<'a>(
        &self,
        inventory: &'a Inventory,
        is_asked: &dyn Fn(&Api, &Stage) -> bool,
    ) -> Result<Vec<Answering<'a>>, Ambiguous> {
        if self.text.split(['/', '?', '#']).any(is_dots) {
            return Err(Ambiguous(
                "a path with `.` or `..` is another one once it is sent: write it out".to_owned(),
            ));
        }
        let stages: Vec<(&Api, &Stage, String)> = match self.target {
            Target::Url(url) => url.stages(inventory).map_err(Ambiguous)?,
            Target::Path(path) => {
                let apis = inventory.apis.iter();
                let stages = apis.flat_map(|api| {
                    let stages = api.stages.iter().flatten();
                    stages.map(move |stage| (api, stage, path.to_owned()))
                });
                stages.collect()
            }
        };
        let mut answering = Vec::new();
        for (api, stage, path) in &stages {
            if is_asked(api, stage) {
                answering.extend(self.of_stage(api, stage, path)?);
            }
        }
        Ok(answering)
    }

    fn of_stage<'a>(
        &self,
        api: &'a Api,
        stage: &'a Stage,
        path: &str,
    ) -> Result<Vec<Answering<'a>>, Ambiguous> {
        // Connections are opened at the stage itself, and no path below it is one of theirs.
        if api.kind == ApiKind::WebSocket && (!self.is_url() || path != "/") {
            return Ok(Vec::new());
        }
        let served = ServedMethods::of(api, stage);
        let upper = self.verb.map(str::to_ascii_uppercase);
        let verbs: Vec<&str> = match &upper {
            Some(verb) => vec![verb],
            None => VERBS.iter().skip(1).copied().collect(),
        };
        let mut found: Vec<(&str, &str)> = Vec::new();
        for verb in verbs {
            match served.routed(api.kind, verb, path) {
                Routed::Nothing => {}
                Routed::Methods(methods) => {
                    found.extend(methods.iter().map(|it| (it.path, it.verb)));
                }
                Routed::OneOf(methods) => {
                    let names = methods.iter().map(|it| format!("{} {}", it.verb, it.path));
                    return Err(Ambiguous(format!(
                        "`{}` fits several methods of {} stage {}, and it is not documented which of them answers {verb}: \
                         name one of {}",
                        self.text,
                        api.name,
                        stage.name,
                        listed(names, methods.len())
                    )));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let found = found.into_iter().map(|(path, verb)| Answering {
            api,
            stage,
            verb,
            path,
        });
        Ok(found.collect())
    }
}

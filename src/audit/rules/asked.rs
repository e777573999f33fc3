//! The methods that an explanation is asked for, and what to say where there are none.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{Answering, Api, Inventory, Lacking, Requested, Stage, all_quoted, quoted};
use crate::policy_file::nearest;

/// So many stages, or base paths, are named.
const NAMED: usize = 20;

/// The methods that are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A verb and a path (`POST /pets`), a path for all of its verbs, or a route key (`$default`). The path is that of a
    /// method, or else one that callers request (`/pets/42`); a whole URL may stand in its place.
    pub method: String,
    /// The id or name of the API. `None`: any.
    pub api: Option<String>,
    /// The stage. `None`: any.
    pub stage: Option<String>,
}

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{hint}{unread}")]
pub struct NotFound {
    what: String,
    hint: String,
    unread: &'static str,
}

impl Asked {
    /// The verb in upper case, where one is given, and the path or route key.
    pub(super) fn parts(&self) -> (Option<String>, &str) {
        let method = self.method.trim();
        match method.split_once(char::is_whitespace) {
            Some((verb, path)) => (Some(verb.to_ascii_uppercase()), path.trim_start()),
            None => (None, method),
        }
    }

    /// The methods that answer it as a request, where nothing is called so, or where it is a URL. `None`: it is no request.
    pub(super) fn as_request<'a>(
        &self,
        inventory: &'a Inventory,
    ) -> Option<Result<Vec<Answering<'a>>, NotFound>> {
        let requested = Requested::read(&self.method)?;
        let is_asked = |api: &Api, stage: &Stage| self.takes_api(api) && self.takes_stage(stage);
        Some(
            requested
                .answering(inventory, &is_asked)
                .map_err(|error| NotFound {
                    what: error.to_string(),
                    hint: String::new(),
                    unread: "",
                }),
        )
    }

    pub(super) fn takes_api(&self, api: &Api) -> bool {
        let asked = self.api.as_ref();
        asked.is_none_or(|asked| *asked == api.id || *asked == api.name)
    }

    pub(super) fn takes_stage(&self, stage: &Stage) -> bool {
        let asked = self.stage.as_ref();
        asked.is_none_or(|asked| *asked == stage.name)
    }
}

/// What there was instead.
#[derive(Default)]
pub(super) struct Passed<'a> {
    pub(super) apis: BTreeSet<&'a str>,
    pub(super) stages: BTreeSet<&'a str>,
    pub(super) paths: BTreeMap<&'a str, BTreeSet<&'a str>>,
    pub(super) any_api: bool,
    pub(super) any_stage: bool,
}

impl Passed<'_> {
    /// Why there is nothing to explain. `gaps`: how many things could not be read.
    pub(super) fn nothing(&self, asked: &Asked, inventory: &Inventory, gaps: usize) -> NotFound {
        let unread = if gaps == 0 {
            ""
        } else {
            "; not everything could be read: `gatewatch check` says what is missing"
        };
        let apis: Vec<&str> = self.apis.iter().copied().collect();
        let stages: Vec<&str> = self.stages.iter().copied().collect();
        let (what, near) = match (&asked.api, &asked.stage) {
            (Some(api), _) if !self.any_api => (
                format!("the inventory has no API `{api}`"),
                nearest(api, &apis),
            ),
            (_, Some(stage)) if !self.any_stage => (
                format!("no API that was asked for has a stage `{stage}`"),
                nearest(stage, &stages),
            ),
            _ => {
                let method = asked.method.trim();
                if let Some(requested) = Requested::read(method).filter(Requested::is_url) {
                    return NotFound {
                        what: format!("nothing that was read answers `{method}`"),
                        hint: url_hint(requested, inventory),
                        unread,
                    };
                }
                let what = format!("no stage has a method `{method}`");
                let (_, path) = asked.parts();
                return self.no_method(what, path, unread);
            }
        };
        NotFound {
            what,
            hint: near.map_or_else(String::new, |near| format!("; did you mean `{near}`?")),
            unread,
        }
    }

    /// The verbs that the path has, or else a path that is spelled nearly so.
    fn no_method(&self, what: String, path: &str, unread: &'static str) -> NotFound {
        let paths: Vec<&str> = self.paths.keys().copied().collect();
        let hint = match self.paths.get(path) {
            Some(verbs) => {
                let verbs: Vec<&str> = verbs.iter().copied().collect();
                format!("; that path has {}", verbs.join(", "))
            }
            None => nearest(path, &paths)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?")),
        };
        NotFound { what, hint, unread }
    }
}

/// What a URL lacks that nothing answers, and what is near, to be said behind that. Empty: it cannot be told.
pub(crate) fn url_hint(requested: Requested<'_>, inventory: &Inventory) -> String {
    let near = |asked: &str, known: &[String]| {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        nearest(asked, &known).map(quoted)
    };
    match requested.lacking(inventory) {
        None => String::new(),
        Some(Lacking::Host { host, known }) => match near(&host, &known) {
            Some(near) => format!("; did you mean the host {near}?"),
            None => format!(
                "; no API and no custom domain name that was read has the host {}",
                quoted(&host)
            ),
        },
        Some(Lacking::Stage { host, known }) if known.is_empty() => {
            format!("; {} leads nowhere", quoted(&host))
        }
        Some(Lacking::Stage { host, known }) => {
            let known = known.iter().take(NAMED).map(String::as_str);
            format!(
                "; the path below {} begins with one of {}",
                quoted(&host),
                all_quoted(known)
            )
        }
        Some(Lacking::Method { stage, path, known }) => match near(&path, &known) {
            Some(near) => format!("; {stage} has {near}"),
            None => format!("; {stage} serves nothing for {}", quoted(&path)),
        },
    }
}

//! What is asked: which methods, which holders, which answers.

use crate::audit::access::{CallableMethod, Estate, Holder, HolderKind};
use crate::audit::rules::url_hint;
use crate::iam::Verdict;
use crate::inventory::{ANY, Api, Requested, Stage, Verbs};
use crate::policy_file::nearest;

/// What is asked about access.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The kinds of holders. Empty: groups and callers of other accounts; all of them where a method or a holder is named.
    pub kinds: Vec<HolderKind>,
    /// A method: `POST /pets`, a path for all its verbs, or a route's key; or a request for one: `GET /pets/42`, a URL.
    pub who_can: Option<String>,
    /// A holder: `group/NAME`, `user/NAME`, `role/NAME`, `account/ID`, `organization/ID`, a name or id, or an ARN.
    pub what_can: Option<String>,
    /// Only this API, by id or name.
    pub api: Option<String>,
    /// Only this stage.
    pub stage: Option<String>,
    /// Only these answers. Empty: all but NONE.
    pub verdicts: Vec<Verdict>,
    /// Whether the statements that decide are wanted.
    pub why: bool,
}

/// Who is asked about where nobody is named.
const BY_DEFAULT: [HolderKind; 3] = [
    HolderKind::Group,
    HolderKind::Account,
    HolderKind::Organization,
];

/// Nothing is called what the question names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{hint}")]
pub struct NothingThere {
    what: String,
    hint: String,
}

impl NothingThere {
    fn new(what: String, asked: &str, known: &[&str]) -> Self {
        let hint = match nearest(asked, known) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => String::new(),
        };
        NothingThere { what, hint }
    }
}

impl Selection {
    /// Whether examples and statements are needed.
    pub(super) fn proof(&self) -> bool {
        self.why || self.who_can.is_some() || self.what_can.is_some()
    }

    /// Whether a method without a caller that was asked for is of no interest.
    pub(super) fn is_about_callers(&self) -> bool {
        self.what_can.is_some() || !self.verdicts.is_empty()
    }

    pub(super) fn wants(&self, verdict: Verdict) -> bool {
        match self.verdicts.as_slice() {
            [] => verdict != Verdict::None,
            wanted => wanted.contains(&verdict),
        }
    }

    pub(super) fn methods<'e>(
        &self,
        estate: &'e Estate<'e>,
    ) -> Result<Vec<&'e CallableMethod<'e>>, NothingThere> {
        let all = || estate.methods().iter();
        if let Some(api) = &self.api
            && !all().any(|it| is_api(it, api))
        {
            let known = all().flat_map(|it| [it.api.id.as_str(), it.api.name.as_str()]);
            let what = format!("no API `{api}` has a deployed method");
            return Err(NothingThere::new(what, api, &known.collect::<Vec<_>>()));
        }
        let of_api = || all().filter(|it| self.api.as_ref().is_none_or(|api| is_api(it, api)));
        if let Some(stage) = &self.stage
            && !of_api().any(|it| it.stage.name == *stage)
        {
            let known: Vec<&str> = of_api().map(|it| it.stage.name.as_str()).collect();
            let what = format!("no stage `{stage}` has a deployed method");
            return Err(NothingThere::new(what, stage, &known));
        }
        let of_stage = of_api().filter(|it| {
            self.stage
                .as_ref()
                .is_none_or(|name| it.stage.name == *name)
        });
        let of_stage: Vec<_> = of_stage.collect();
        let Some(asked) = &self.who_can else {
            return Ok(of_stage);
        };
        let chosen: Vec<_> = of_stage
            .iter()
            .copied()
            .filter(|it| is_method(it, asked))
            .collect();
        // What is called so comes first: a path that is no method's may still be one that callers request.
        let chosen = match Requested::read(asked) {
            Some(requested) if chosen.is_empty() => as_requested(estate, requested, &of_stage)?,
            _ => chosen,
        };
        if chosen.is_empty() {
            if let Some(requested) = Requested::read(asked).filter(Requested::is_url) {
                return Err(NothingThere {
                    what: format!("nothing that was read answers `{asked}`"),
                    hint: url_hint(requested, estate.inventory()),
                });
            }
            let names: Vec<String> = of_stage.iter().map(|it| it.name()).collect();
            let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
            known.extend(of_stage.iter().map(|it| it.path));
            let what = format!("no deployed method `{asked}`");
            return Err(NothingThere::new(what, asked, &known));
        }
        Ok(chosen)
    }

    pub(in crate::render) fn holders<'e>(
        &self,
        estate: &'e Estate<'e>,
    ) -> Result<Vec<&'e Holder>, NothingThere> {
        let all = estate.holders().iter().chain(estate.outside());
        let Some(asked) = &self.what_can else {
            let kinds: &[HolderKind] = match (self.kinds.as_slice(), &self.who_can) {
                ([], None) => &BY_DEFAULT,
                ([], Some(_)) => &HolderKind::ALL,
                (kinds, _) => kinds,
            };
            return Ok(all.filter(|it| kinds.contains(&it.kind)).collect());
        };
        let of_kind = |it: &&Holder| self.kinds.is_empty() || self.kinds.contains(&it.kind);
        let chosen: Vec<&Holder> = all
            .clone()
            .filter(of_kind)
            .filter(|it| is_holder(it, asked))
            .collect();
        let name = |it: &Holder| format!("{}/{}", it.kind.as_str(), it.name);
        match chosen.as_slice() {
            [] => {
                let names: Vec<String> = all.clone().map(name).collect();
                let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
                known.extend(all.map(|it| it.name.as_str()));
                let what = format!("no group, user, role, account or organization `{asked}`");
                Err(NothingThere::new(what, asked, &known))
            }
            // An account and principals of it.
            [first, rest @ ..] if rest.iter().all(|it| name(it) == name(first)) => Ok(chosen),
            several => {
                let names: Vec<String> = several.iter().map(|it| name(it)).collect();
                Err(NothingThere {
                    what: format!("`{asked}` is several: name one of {}", names.join(", ")),
                    hint: String::new(),
                })
            }
        }
    }
}

/// Those of the methods that answer a request.
fn as_requested<'e>(
    estate: &'e Estate<'e>,
    requested: Requested<'_>,
    methods: &[&'e CallableMethod<'e>],
) -> Result<Vec<&'e CallableMethod<'e>>, NothingThere> {
    let is_asked = |api: &Api, stage: &Stage| {
        let mut methods = methods.iter();
        methods.any(|it| std::ptr::eq(it.api, api) && it.stage.name == stage.name)
    };
    let answering = requested.answering(estate.inventory(), &is_asked);
    let answering = answering.map_err(|error| NothingThere {
        what: error.to_string(),
        hint: String::new(),
    })?;
    let is_answering = |it: &CallableMethod<'_>| {
        let mut each = answering.iter();
        each.any(|one| one.is(it.api, it.stage, it.verb, it.path))
    };
    let chosen = methods.iter().filter(|it| is_answering(it));
    Ok(chosen.copied().collect())
}

fn is_api(method: &CallableMethod<'_>, asked: &str) -> bool {
    method.api.id == asked || method.api.name == asked
}

fn is_method(method: &CallableMethod<'_>, asked: &str) -> bool {
    if method.route_key == Some(asked) || method.path == asked {
        return true;
    }
    let Some((verb, path)) = asked.split_once(' ') else {
        return false;
    };
    let verb = verb.to_ascii_uppercase();
    // An `ANY` answers the verbs that its path has no method for; to open connections there is no other.
    let verbs = method.verbs();
    let answers = || verbs == Verbs::NONE || verbs.iter().any(|it| it == verb);
    method.path == path.trim() && (method.verb == verb || (method.verb == ANY && answers()))
}

/// IAM keeps names unique among their kind whatever their case.
fn is_holder(holder: &Holder, asked: &str) -> bool {
    if holder.arn == asked || holder.name.eq_ignore_ascii_case(asked) {
        return true;
    }
    asked.split_once('/').is_some_and(|(kind, name)| {
        kind == holder.kind.as_str() && holder.name.eq_ignore_ascii_case(name)
    })
}

//! A pattern with one thing mended in it, for each thing that people get wrong.

use super::aim::Aim;
use super::mistake::Mistake;
use crate::iam::document::Version;
use crate::iam::pattern::template::Template;
use crate::iam::pattern::wildcards::matches;

/// A pattern of six parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arn {
    /// `arn`, partition, service, Region and account.
    pub(super) head: [String; 5],
    /// API, stage, verb and path.
    pub(super) last: String,
}

impl Arn {
    /// `None`: it has fewer parts.
    pub(super) fn read(pattern: &str) -> Option<Self> {
        let mut parts = pattern.splitn(6, ':').map(str::to_owned);
        let mut part = || parts.next();
        Some(Arn {
            head: [part()?, part()?, part()?, part()?, part()?],
            last: part()?,
        })
    }

    pub(super) fn text(&self) -> String {
        format!("{}:{}", self.head.join(":"), self.last)
    }

    pub(super) fn with_head_of(self, other: &Arn) -> Self {
        Arn {
            head: other.head.clone(),
            ..self
        }
    }
}

/// The pattern with `*` for each variable; and where variables are plain text, which matches nothing, the pattern as it
/// would be if they were none.
pub(super) fn variables(pattern: &str, version: Version) -> (String, Option<(String, Mistake)>) {
    let mut replaced = String::new();
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once("${") {
        let Some((_, after)) = from.split_once('}') else {
            break;
        };
        replaced.push_str(before);
        replaced.push('*');
        rest = after;
    }
    replaced.push_str(rest);
    match version {
        Version::V2012 => (replaced, None),
        Version::V2008 if replaced == pattern => (replaced, None),
        Version::V2008 => (
            pattern.to_owned(),
            Some((replaced, Mistake::VariableIsText)),
        ),
    }
}

/// The pattern with every part before the last as the API has it, and which of them are wrong. `None`: it is no ARN.
pub(super) fn heads(arn: &Arn, aim: Aim<'_>) -> Option<(Arn, Vec<Mistake>)> {
    let [first, partition, service, region, account] = &arn.head;
    if !matches(first, "arn") {
        return None;
    }
    let [_, own_partition, own_service, own_region, own_account] = &aim.requests.head;
    let mut wrong = Vec::new();
    let mut right = |named: &String, own: &String, mistake: &dyn Fn(String, String) -> Mistake| {
        if matches(named, own) {
            return named.clone();
        }
        wrong.push(mistake(named.clone(), own.clone()));
        own.clone()
    };
    let head = [
        first.clone(),
        right(partition, own_partition, &|named, right| {
            Mistake::OtherPartition { named, right }
        }),
        right(service, own_service, &|named, _| Mistake::OtherService {
            named,
        }),
        right(region, own_region, &|named, right| Mistake::OtherRegion {
            named,
            right,
        }),
        right(account, own_account, &|named, right| match named.as_str() {
            "" => Mistake::EmptyAccount { right },
            _ => Mistake::OtherAccount { named, right },
        }),
    ];
    let last = arn.last.clone();
    Some((Arn { head, last }, wrong))
}

/// Mends one thing in the last part of a pattern. `None`: it does not have the mistake.
type Mend = fn(&str, Aim<'_>) -> Option<(String, Mistake)>;

/// The ways to mend a pattern, those that say most first.
pub(super) const MENDS: &[Mend] = &[
    no_stage,
    verb_any,
    verb_case,
    base_path,
    trailing_slash,
    double_slash,
    braces,
    api_name,
    ends_early,
    no_verb,
    other_stage,
];

/// The parts between slashes: API, stage, verb, and the rest as it is.
fn split(last: &str) -> Vec<&str> {
    last.splitn(4, '/').collect()
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty() && !segment.contains(['*', '?', '{', '$'])
}

/// The verb that a segment means, whatever its case. `None`: it means none.
fn verb_of(segment: &str) -> Option<&'static str> {
    let mut verbs = Template::VERBS.into_iter().chain(["ANY"]);
    verbs.find(|it| segment.eq_ignore_ascii_case(it))
}

/// Whether the requests open connections: they have no verb, and the key of a route for a path.
fn opens_connections(aim: Aim<'_>) -> bool {
    let mut verbs = aim.requests.verbs.iter();
    verbs.all(|it| Template::path_begins(it) == 0)
}

fn no_stage(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let (api, rest) = last.split_once('/')?;
    let stage = aim.stage;
    let first = rest.split('/').next()?;
    let mistake = || Mistake::NoStage {
        stage: stage.to_owned(),
    };
    if first == stage {
        None
    } else if first.is_empty() {
        // `API//GET/pets`
        Some((format!("{api}/{stage}{rest}"), mistake()))
    } else {
        let is_verb = verb_of(first).is_some() || first.starts_with('$');
        is_verb.then(|| (format!("{api}/{stage}/{rest}"), mistake()))
    }
}

fn other_stage(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let (api, rest) = last.split_once('/')?;
    let (named, behind) = match rest.split_once('/') {
        Some((named, behind)) => (named, format!("/{behind}")),
        None => (rest, String::new()),
    };
    let is_stage = is_plain(named) || named == "$default";
    (is_stage && named != aim.stage && verb_of(named).is_none()).then(|| {
        let mistake = Mistake::OtherStage {
            named: named.to_owned(),
            right: aim.stage.to_owned(),
        };
        (format!("{api}/{}{behind}", aim.stage), mistake)
    })
}

/// The last part with another verb.
fn with_verb(
    last: &str,
    mend: impl Fn(&str) -> Option<(String, Mistake)>,
) -> Option<(String, Mistake)> {
    let parts = split(last);
    let [api, stage, named, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let (verb, mistake) = mend(named)?;
    let front = [api, stage, verb.as_str()].into_iter();
    let all: Vec<&str> = front.chain(rest.iter().copied()).collect();
    Some((all.join("/"), mistake))
}

fn verb_case(last: &str, _: Aim<'_>) -> Option<(String, Mistake)> {
    with_verb(last, |named| {
        let verb = verb_of(named).filter(|it| *it != "ANY" && *it != named)?;
        let mistake = Mistake::VerbCase {
            named: named.to_owned(),
            right: verb.to_owned(),
        };
        Some((verb.to_owned(), mistake))
    })
}

fn verb_any(last: &str, _: Aim<'_>) -> Option<(String, Mistake)> {
    with_verb(last, |named| {
        (verb_of(named)? == "ANY").then(|| ("*".to_owned(), Mistake::VerbAny))
    })
}

fn no_verb(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let (api, rest) = last.split_once('/')?;
    let (stage, path) = rest.split_once('/')?;
    let first = path.split('/').next()?;
    let is_path = is_plain(first) && verb_of(first).is_none() && !opens_connections(aim);
    // One of the method's own verbs: a `*` there would also take in the begin of other paths.
    let request = aim.requests.lasts().next()?;
    let verb = request.split('/').nth(2)?;
    is_path.then(|| (format!("{api}/{stage}/{verb}/{path}"), Mistake::NoVerb))
}

fn base_path(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let parts = split(last);
    let [api, stage, verb, path] = parts.as_slice() else {
        return None;
    };
    aim.base_paths.iter().find_map(|base| {
        let behind = path.strip_prefix(base).filter(|_| !base.is_empty())?;
        let behind = match behind {
            "" => "",
            behind => behind.strip_prefix('/')?,
        };
        let mistake = Mistake::BasePath {
            base_path: (*base).to_owned(),
        };
        Some((format!("{api}/{stage}/{verb}/{behind}"), mistake))
    })
}

fn trailing_slash(last: &str, _: Aim<'_>) -> Option<(String, Mistake)> {
    let parts = split(last);
    let path = parts.get(3)?;
    (path.len() > 1 && path.ends_with('/')).then(|| {
        let mended = last.trim_end_matches('/').to_owned();
        (mended, Mistake::TrailingSlash)
    })
}

fn double_slash(last: &str, _: Aim<'_>) -> Option<(String, Mistake)> {
    let parts = split(last);
    let [api, stage, verb, path] = parts.as_slice() else {
        return None;
    };
    let segments: Vec<&str> = path.split('/').collect();
    let (end, front) = segments.split_last()?;
    let front = front.iter().filter(|it| !it.is_empty());
    let kept: Vec<&str> = front.chain([end]).copied().collect();
    let mended = kept.join("/");
    (mended != *path).then(|| {
        (
            format!("{api}/{stage}/{verb}/{mended}"),
            Mistake::DoubleSlash,
        )
    })
}

fn braces(last: &str, _: Aim<'_>) -> Option<(String, Mistake)> {
    let mut mended = String::new();
    let mut rest = last;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((_, after)) = from.split_once('}') else {
            break;
        };
        mended.push_str(before.strip_suffix('$').unwrap_or(before));
        mended.push('*');
        rest = after;
    }
    mended.push_str(rest);
    (mended != last).then_some((mended, Mistake::Braces))
}

fn api_name(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let behind = last.strip_prefix(aim.api_name)?;
    let id = aim.requests.api();
    let is_whole = (behind.is_empty() || behind.starts_with('/')) && aim.api_name != id;
    is_whole.then(|| {
        let mistake = Mistake::ApiName { id: id.to_owned() };
        (format!("{id}{behind}"), mistake)
    })
}

fn ends_early(last: &str, aim: Aim<'_>) -> Option<(String, Mistake)> {
    let cut = last.strip_suffix('/').unwrap_or(last);
    let (behind, missing) = match (split(cut).len(), opens_connections(aim)) {
        (1, false) => ("the API's id", "the stage with verb and path"),
        (1, true) => ("the API's id", "the stage with the route's key"),
        (2, false) => ("the stage", "the verb with the path"),
        (2, true) => ("the stage", "the route's key"),
        (3, false) => ("the verb", "the path"),
        _ => return None,
    };
    // What ends with `*` does not end.
    (!last.ends_with('*')).then(|| (format!("{cut}/*"), Mistake::EndsEarly { behind, missing }))
}

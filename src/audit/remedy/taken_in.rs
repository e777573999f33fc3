//! The ARNs that a grant of a method names, and the other methods of its stage that they take in.
//!
//! A `*` in an ARN also takes in `/`: what lets somebody call `GET /pets/{id}` lets them call `GET /pets/{id}/admin`,
//! too.

use std::collections::BTreeSet;

use crate::audit::access::requests;
use crate::audit::method::MethodAt;
use crate::iam::Template;
use crate::inventory::served::Answers;
use crate::inventory::{ANY, ApiKind, AuthorizationType, Inventory, OPTIONS, Verbs};

/// How an ARN is written.
#[derive(Debug, Clone, Copy)]
struct Written {
    /// Whether the verbs of an `ANY` method are named one by one.
    each_verb: bool,
    /// What stands for a path parameter.
    parameter: &'static str,
}

/// The shortest way.
const SHORTEST: Written = Written {
    each_verb: false,
    parameter: "*",
};

/// The ways that take in less, the shortest first: `*` for the verb also takes in the begin of a longer path, and `*`
/// for a parameter also takes in nothing at all.
const NARROWER: [Written; 3] = [
    Written {
        each_verb: false,
        parameter: "?*",
    },
    Written {
        each_verb: true,
        parameter: "*",
    },
    Written {
        each_verb: true,
        parameter: "?*",
    },
];

/// The ARNs of the requests of a method. They take in no other method of the stage, as it is served or as the draft has
/// it, but those that `also` accepts.
///
/// # Errors
/// Why there are none.
pub(in crate::audit) fn arns(
    inventory: &Inventory,
    method: MethodAt<'_>,
    also: &dyn Fn(MethodAt<'_>) -> bool,
) -> Result<Vec<String>, String> {
    if method.api.kind == ApiKind::WebSocket {
        return Ok(vec![arn(inventory, method, method.path)]);
    }
    let Some(path) = method.path.strip_prefix('/') else {
        return Err(format!(
            "no command grants it, because no ARN tells the requests of {} from those of the other routes",
            method.name()
        ));
    };
    // An ARN without wildcards is of one request, which the method answers.
    if method.verb != ANY && !path.contains('{') {
        let rest = format!("{}/{path}", method.verb);
        return Ok(vec![arn(inventory, method, &rest)]);
    }
    let written = |way: Written| {
        let lasts = lasts(method, path, way);
        let arns: Vec<String> = lasts.iter().map(|it| arn(inventory, method, it)).collect();
        let shapes: Vec<Shape<'_>> = lasts.iter().map(|it| Shape::of(it)).collect();
        let others = others(method, |verb, path| {
            shapes.iter().any(|it| it.may_meet(verb, path))
        });
        let mut beside = others
            .into_iter()
            .filter(|it| !is_same(*it, method) && !is_part(method, *it));
        let taken_in = beside.find(|it| takes_in(inventory, &arns, *it) && !also(*it));
        match taken_in {
            None => Ok(arns),
            Some(other) => Err(format!(
                "no command grants it, because {} would also let its members call {}, as `*` takes in `/`",
                arns.join(", "),
                other.name()
            )),
        }
    };
    written(SHORTEST).or_else(|why| {
        let mut narrower = NARROWER.into_iter();
        narrower.find_map(|way| written(way).ok()).ok_or(why)
    })
}

/// What the ARNs of the requests for a path have behind the stage, written in one way. `path` begins after its first `/`.
fn lasts(method: MethodAt<'_>, path: &str, way: Written) -> Vec<String> {
    let path = with_parameters(path, way.parameter);
    let verbs: Vec<&str> = match method.verb {
        ANY if way.each_verb => answers(method).verbs().iter().collect(),
        ANY => vec!["*"],
        verb => vec![verb],
    };
    let lasts = verbs.iter();
    lasts.map(|verb| format!("{verb}/{path}")).collect()
}

/// Whether two methods are one.
pub(in crate::audit) fn is_same(one: MethodAt<'_>, other: MethodAt<'_>) -> bool {
    std::ptr::eq(one.api, other.api)
        && one.stage.name == other.stage.name
        && (one.verb, one.path) == (other.verb, other.path)
}

/// Whether a method is a part of another: the requests with a verb that the `ANY` of its path answers.
fn is_part(method: MethodAt<'_>, other: MethodAt<'_>) -> bool {
    let any = MethodAt {
        verb: ANY,
        ..method
    };
    is_same(other, any) && !calls(method).any(|it| it == (method.path, method.verb))
}

/// The requests of a method, as if `ANY` answered every verb.
pub(in crate::audit) fn template(inventory: &Inventory, method: MethodAt<'_>) -> Template {
    match method.verb {
        ANY => asked_about(inventory, method, Answers::Verbs(Verbs::ALL)),
        verb => asked_about(inventory, method, Answers::of_verb(verb)),
    }
}

fn asked_about(inventory: &Inventory, method: MethodAt<'_>, answers: Answers) -> Template {
    let asked = match method.api.kind {
        ApiKind::WebSocket => Answers::Connections,
        ApiKind::Rest | ApiKind::Http => answers,
    };
    let place = (method.api, method.stage);
    requests(inventory, place, asked, (method.verb, method.path))
}

/// Those methods of a stage, as it serves them and as the draft has them, of whose verb and path `when` says so, in order
/// and each once.
fn others<'a>(method: MethodAt<'a>, when: impl Fn(&str, &str) -> bool) -> Vec<MethodAt<'a>> {
    let calls = calls(method).filter(|(path, verb)| when(verb, path));
    let all: BTreeSet<(&str, &str)> = calls.collect();
    let of = |(path, verb)| MethodAt {
        verb,
        path,
        ..method
    };
    all.into_iter().map(of).collect()
}

/// The paths and verbs of the methods of a stage, as it serves them and as the draft has them, some of them more than
/// once. What answers preflights, which anyone may call, is left out.
fn calls<'a>(method: MethodAt<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let api = method.api;
    let deployments = method.stage.served().filter_map(|it| api.deployment(it));
    let served = deployments.filter_map(|it| it.summary()).flatten();
    let served = served.map(|it| (&it.path, &it.verb, &it.authorization));
    let drafted = api.draft.iter().flatten();
    let drafted = drafted.map(|it| (&it.path, &it.verb, &it.authorization));
    let calls = served.chain(drafted).filter(|(_, verb, authorization)| {
        let is_open = **authorization == Some(AuthorizationType::None);
        !(verb.as_str() == OPTIONS && is_open)
    });
    calls.map(|(path, verb, _)| (path.as_str(), verb.as_str()))
}

/// The requests that a method answers: of an `ANY` method, those with verbs that its path has no method of their own for.
fn answers(method: MethodAt<'_>) -> Answers {
    if method.verb != ANY {
        return Answers::of_verb(method.verb);
    }
    let on_path = calls(method).filter(|(path, _)| *path == method.path);
    Answers::Verbs(on_path.fold(Verbs::ALL, |left, (_, verb)| left.without(Verbs::one(verb))))
}

/// Whether ARNs take in a request of another method, or may.
fn takes_in(inventory: &Inventory, arns: &[String], other: MethodAt<'_>) -> bool {
    let answers = answers(other);
    if answers == Answers::Verbs(Verbs::NONE) {
        return false;
    }
    let template = asked_about(inventory, other, answers);
    let mut patterned = arns.iter().filter(|it| it.contains(['*', '?']));
    patterned.any(|it| template.may_meet(it))
}

/// What stands before the first wildcard and behind the last one of what an ARN has behind the stage: most methods of a
/// stage are told apart by it.
struct Shape<'t> {
    begin: &'t str,
    end: &'t str,
}

impl<'t> Shape<'t> {
    fn of(last: &'t str) -> Self {
        const WILDCARDS: [char; 2] = ['*', '?'];
        Shape {
            begin: last.split(WILDCARDS).next().unwrap_or_default(),
            end: last.rsplit(WILDCARDS).next().unwrap_or_default(),
        }
    }

    /// Whether it leaves open that the ARN is of a request of another method.
    fn may_meet(&self, verb: &str, path: &str) -> bool {
        // Of a route without a path, nothing is known.
        if !path.starts_with('/') {
            return true;
        }
        self.begins_like(verb, path) && self.ends_like(path)
    }

    fn ends_like(&self, path: &str) -> bool {
        let known = path.bytes().rev().take_while(|it| *it != b'}');
        let mut ends = self.end.bytes().rev().zip(known);
        ends.all(|(own, other)| own == other)
    }

    /// Whether requests for a path begin so, as far as both are known.
    fn begins_like(&self, verb: &str, path: &str) -> bool {
        let is_alike = |verb: &str| {
            let known = path.bytes().take_while(|it| *it != b'{');
            let mut begins = self.begin.bytes().zip(verb.bytes().chain(known));
            begins.all(|(own, other)| own == other)
        };
        match verb {
            ANY => Verbs::ALL.iter().any(is_alike),
            verb => is_alike(verb),
        }
    }
}

/// An ARN of a stage with what follows the stage.
fn arn(inventory: &Inventory, method: MethodAt<'_>, rest: &str) -> String {
    let MethodAt { api, stage, .. } = method;
    format!(
        "arn:{}:execute-api:{}:{}:{}/{}/{rest}",
        inventory.partition, api.region, inventory.account, api.id, stage.name
    )
}

/// A path template with something in the place of each `{…}`.
fn with_parameters(path: &str, parameter: &str) -> String {
    let mut plain = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        plain.push_str(parameter);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_wildcards() {
        for (path, plain) in [
            ("", ""),
            ("pets", "pets"),
            ("pets/{petId}", "pets/*"),
            ("{a}/x/{b}", "*/x/*"),
            ("files/{name}.{kind}/{rest+}", "files/*.*/*"),
        ] {
            assert_eq!(with_parameters(path, "*"), plain, "{path}");
        }
    }
}

//! The ARNs that a grant of a method names, and the other methods of its stage that they take in.
//!
//! A `*` in an ARN also takes in `/`: what lets somebody call `GET /pets/{id}` lets them call `GET /pets/{id}/admin`,
//! too.

use std::collections::BTreeSet;

use crate::audit::access::requests;
use crate::audit::method::MethodAt;
use crate::iam::document::{Effect, INVOKE, Patterns, Policy, Statement, Version};
use crate::iam::{Caller, Context, Policies, Question, Template, Verdict, access};
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
    let others = others(method);
    let written = |way: Written| {
        let arns = written(inventory, method, path, way, &others);
        let mut beside = others
            .iter()
            .filter(|it| !is_same(**it, method) && !is_part(method, **it, &others));
        let taken_in = beside.find(|it| takes_in(inventory, &arns, **it, &others) && !also(**it));
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

/// The ARNs of the requests for a path, written in one way. `path` begins after its first `/`.
fn written(
    inventory: &Inventory,
    method: MethodAt<'_>,
    path: &str,
    way: Written,
    all: &[MethodAt<'_>],
) -> Vec<String> {
    let path = with_parameters(path, way.parameter);
    let verbs: Vec<&str> = match method.verb {
        ANY if way.each_verb => answers(method, all).verbs().iter().collect(),
        ANY => vec!["*"],
        verb => vec![verb],
    };
    let arns = verbs.iter();
    arns.map(|verb| arn(inventory, method, &format!("{verb}/{path}")))
        .collect()
}

/// Whether two methods are one.
pub(in crate::audit) fn is_same(one: MethodAt<'_>, other: MethodAt<'_>) -> bool {
    std::ptr::eq(one.api, other.api)
        && one.stage.name == other.stage.name
        && (one.verb, one.path) == (other.verb, other.path)
}

/// Whether a method is a part of another: the requests with a verb that the `ANY` of its path answers.
fn is_part(method: MethodAt<'_>, other: MethodAt<'_>, all: &[MethodAt<'_>]) -> bool {
    let any = MethodAt {
        verb: ANY,
        ..method
    };
    is_same(other, any) && !all.iter().any(|it| is_same(*it, method))
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

/// The methods of a stage, as it serves them and as the draft has them. What answers preflights, which anyone may call,
/// is left out.
fn others<'a>(method: MethodAt<'a>) -> Vec<MethodAt<'a>> {
    let api = method.api;
    let mut all: BTreeSet<(&str, &str)> = BTreeSet::new();
    let is_open_preflight = |verb: &str, it: &Option<AuthorizationType>| {
        verb == OPTIONS && *it == Some(AuthorizationType::None)
    };
    for id in method.stage.served() {
        let served = api.deployment(id).and_then(|it| it.summary());
        let calls = served
            .into_iter()
            .flatten()
            .filter(|it| !is_open_preflight(&it.verb, &it.authorization));
        all.extend(calls.map(|it| (it.path.as_str(), it.verb.as_str())));
    }
    let drafted = api.draft.iter().flatten();
    let calls = drafted.filter(|it| !is_open_preflight(&it.verb, &it.authorization));
    all.extend(calls.map(|it| (it.path.as_str(), it.verb.as_str())));
    let of = |(path, verb)| MethodAt {
        verb,
        path,
        ..method
    };
    all.into_iter().map(of).collect()
}

/// The requests that a method answers: of an `ANY` method, those with verbs that its path has no method of their own for.
fn answers(method: MethodAt<'_>, all: &[MethodAt<'_>]) -> Answers {
    if method.verb != ANY {
        return Answers::of_verb(method.verb);
    }
    let on_path = all.iter().filter(|it| it.path == method.path);
    Answers::Verbs(on_path.fold(Verbs::ALL, |left, it| left.without(Verbs::one(it.verb))))
}

/// Whether ARNs take in a request of another method.
fn takes_in(
    inventory: &Inventory,
    arns: &[String],
    other: MethodAt<'_>,
    all: &[MethodAt<'_>],
) -> bool {
    let answers = answers(other, all);
    let verbs: Vec<&str> = match answers {
        Answers::Verbs(verbs) => verbs.iter().collect(),
        Answers::OwnVerb | Answers::Connections => vec![other.verb],
    };
    let may = |arn: &&String| {
        let mut verbs = verbs.iter();
        verbs.any(|verb| may_meet(inventory, arn, other, verb))
    };
    let patterned = arns.iter().filter(|it| it.contains(['*', '?']));
    let open: Vec<String> = patterned.filter(may).cloned().collect();
    if open.is_empty() || verbs.is_empty() {
        return false;
    }
    let policy = Policy {
        version: Version::V2012,
        statements: vec![Statement {
            sid: None,
            effect: Effect::Allow,
            principals: None,
            actions: patterns(vec![INVOKE.to_owned()]),
            resources: Some(patterns(open)),
            conditions: Vec::new(),
        }],
    };
    let policies = Policies {
        identity: vec![&policy],
        ..Policies::default()
    };
    let caller = Caller::Member {
        account: inventory.account.clone(),
    };
    let context = Context::open();
    let question = Question {
        caller: &caller,
        action: INVOKE,
        resource_account: &inventory.account,
        api: &other.api.id,
        context: &context,
    };
    let template = asked_about(inventory, other, answers);
    access(&policies, question, &template).verdict != Verdict::None
}

/// Whether the plain begin and end of an ARN and of a method's requests leave it open that one is of the other: most
/// methods of a stage are told apart by them.
fn may_meet(inventory: &Inventory, arn: &str, other: MethodAt<'_>, verb: &str) -> bool {
    let of_other = self::arn(inventory, other, &format!("{verb}{}", other.path));
    let begin = |text: &str| text.find(['*', '?', '{']).unwrap_or(text.len());
    let end = |text: &str| text.len() - text.rfind(['*', '?', '}']).map_or(0, |at| at + 1);
    if !other.path.starts_with('/') {
        return true;
    }
    let begins = begin(arn).min(begin(&of_other));
    let ends = end(arn).min(end(&of_other));
    arn.get(..begins) == of_other.get(..begins)
        && arn.get(arn.len() - ends..) == of_other.get(of_other.len() - ends..)
}

fn patterns(patterns: Vec<String>) -> Patterns {
    Patterns {
        negated: false,
        patterns,
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

//! The ARNs that a grant of a method names, and the other methods of its stage that they take in.
//!
//! A `*` in an ARN also takes in `/`: what lets somebody call `GET /pets/{id}` lets them call `GET /pets/{id}/admin`,
//! too.

use std::cell::OnceCell;

use crate::audit::context::Context;
use crate::audit::method::MethodAt;
use crate::audit::remedy::calls::{Call, Calls, asked_about};
use crate::audit::remedy::shape::Shape;
use crate::iam::{PatternAt, Template};
use crate::inventory::served::Answers;
use crate::inventory::{ANY, ApiKind, Inventory, Verbs};

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
    context: Context<'_>,
    method: MethodAt<'_>,
    also: &dyn Fn(MethodAt<'_>) -> bool,
) -> Result<Vec<String>, String> {
    let inventory = context.inventory;
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
    let calls = context.calls.of(method);
    let written = |way: Written| {
        let lasts = lasts(&calls, method, path, way);
        let arns: Vec<String> = lasts.iter().map(|it| arn(inventory, method, it)).collect();
        match taken_in(inventory, (method, &calls), (&lasts, &arns), also) {
            None => Ok(arns),
            Some(other) => Err(format!(
                "no command grants it, because {} would also let its members call {}, as `*` takes in `/`",
                arns.join(", "),
                other.at(method).name()
            )),
        }
    };
    written(SHORTEST).or_else(|why| {
        let mut narrower = NARROWER.into_iter();
        narrower.find_map(|way| written(way).ok()).ok_or(why)
    })
}

/// The first of the other methods of a stage that ARNs of a method take in, or may, and that `also` does not accept.
/// `lasts` are what the ARNs have behind the stage.
fn taken_in<'c>(
    inventory: &Inventory,
    (method, calls): (MethodAt<'_>, &'c Calls),
    (lasts, arns): (&[String], &[String]),
    also: &dyn Fn(MethodAt<'_>) -> bool,
) -> Option<&'c Call> {
    let patterned = lasts.iter().zip(arns);
    let patterned = patterned.filter(|(_, arn)| arn.contains(['*', '?']));
    let patterns = patterned.map(|(last, arn)| (Shape::of(last), arn, OnceCell::new()));
    let patterns: Vec<(Shape<'_>, &String, OnceCell<PatternAt>)> = patterns.collect();
    calls.iter().find(|call| {
        let may_meet = |shape: &Shape<'_>| shape.may_meet(&call.verb, &call.known);
        let meeting = patterns.iter().filter(|(shape, ..)| may_meet(shape));
        let mut meeting = meeting.peekable();
        let other = call.at(method);
        let is_other =
            meeting.peek().is_some() && !is_same(other, method) && !is_part(calls, method, other);
        let template = is_other.then(|| call.template(inventory, method));
        let takes_in = |template| {
            meeting.any(|(_, arn, ready)| {
                let ready =
                    ready.get_or_init(|| PatternAt::new(arn, calls.stage(inventory, method)));
                ready.may_meet(template)
            })
        };
        template.flatten().is_some_and(takes_in) && !also(other)
    })
}

/// What the ARNs of the requests for a path have behind the stage, written in one way. `path` begins after its first `/`.
fn lasts(calls: &Calls, method: MethodAt<'_>, path: &str, way: Written) -> Vec<String> {
    let path = with_parameters(path, way.parameter);
    let verbs: Vec<&str> = match method.verb {
        ANY if way.each_verb => calls.answers(method).verbs().iter().collect(),
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
fn is_part(calls: &Calls, method: MethodAt<'_>, other: MethodAt<'_>) -> bool {
    let any = MethodAt {
        verb: ANY,
        ..method
    };
    is_same(other, any) && !calls.has(method.path, method.verb)
}

/// The requests of a method, as if `ANY` answered every verb.
pub(in crate::audit) fn template(inventory: &Inventory, method: MethodAt<'_>) -> Template {
    match method.verb {
        ANY => asked_about(inventory, method, Answers::Verbs(Verbs::ALL)),
        verb => asked_about(inventory, method, Answers::of_verb(verb)),
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

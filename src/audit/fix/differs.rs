//! Whether a deployment froze what a plan foresaw.

use crate::audit::fix::frozen::Frozen;
use crate::inventory::{ANY, DeployedMethod, OPTIONS, listed};

/// As many methods are named.
const NAMED: usize = 5;

/// Why a deployment is not the one that was planned. `None`: it freezes what was foreseen, and nothing else.
pub fn differs(expected: &[Frozen], frozen: &[Frozen]) -> Option<String> {
    if frozen.is_empty() {
        return Some("what the deployment froze was not told".to_owned());
    }
    let odd = frozen.iter().filter_map(|it| {
        // Whether a summary lists an `ANY` method as such is not documented: its verbs are held against it.
        let of_path =
            |planned: &&Frozen| planned.method.verb == ANY && planned.method.path == it.method.path;
        let planned = expected.iter().find(|planned| is_at(planned, it));
        match planned.or_else(|| expected.iter().find(of_path)) {
            None => Some(format!("{} is new", name(&it.method))),
            Some(planned) => other(planned, it),
        }
    });
    // That a summary has the OPTIONS methods is not documented either: without one, nobody is let in who should not be.
    let missing = expected.iter().filter(|planned| {
        let stands_for = |it: &Frozen| {
            is_at(planned, it)
                || (planned.method.verb == ANY && it.method.path == planned.method.path)
        };
        planned.method.verb != OPTIONS && !frozen.iter().any(stands_for)
    });
    let missing = missing.map(|it| format!("{} is missing", name(&it.method)));
    let odd: Vec<String> = odd.chain(missing).collect();
    (!odd.is_empty()).then(|| listed(odd.into_iter(), NAMED))
}

fn is_at(one: &Frozen, other: &Frozen) -> bool {
    (&one.method.verb, &one.method.path) == (&other.method.verb, &other.method.path)
}

/// What of a method is other than planned.
fn other(planned: &Frozen, frozen: &Frozen) -> Option<String> {
    let (own, foreseen) = (&frozen.method, &planned.method);
    let is_same = own.authorization.is_some()
        && (&own.authorization, own.api_key_required)
            == (&foreseen.authorization, foreseen.api_key_required);
    if !is_same {
        return Some(format!(
            "{} has {}, and {} was foreseen",
            name(own),
            asked(own),
            asked(foreseen)
        ));
    }
    // Only of routes are these told.
    let is_route = own.route_key.is_some();
    if is_route && frozen.authorizer != planned.authorizer {
        return Some(format!("{} has another authorizer", name(own)));
    }
    if is_route && frozen.integration != planned.integration {
        return Some(format!("{} leads to another integration", name(own)));
    }
    None
}

fn name(method: &DeployedMethod) -> String {
    match &method.route_key {
        Some(key) => key.as_str().to_owned(),
        None => format!("{} {}", method.verb, method.path),
    }
}

/// What a method asks for.
fn asked(method: &DeployedMethod) -> String {
    let kind = method.authorization.as_ref();
    let kind = kind.map_or_else(|| "an unknown type".to_owned(), ToString::to_string);
    match method.api_key_required {
        true => format!("{kind} with an API key"),
        false => kind,
    }
}

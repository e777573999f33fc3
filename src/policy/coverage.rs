//! How many of the requests that match a method template a resource pattern takes in.
//!
//! Exact: the pattern's positions that the request so far can have reached are walked along the
//! template, with every letter that tells the pattern's positions apart. Nothing is sampled.

use std::collections::BTreeSet;

use super::pattern::matches;

/// How many steps are taken for one policy and one method. Whoever needs more has made patterns to
/// explode.
pub(super) const BUDGET: usize = 200_000;

/// A pattern with more letters of its own than this is not walked at all: none that is meant needs them.
const MOST_LETTERS: usize = 64;

/// A longer pattern is not walked at all.
const LONGEST: usize = 512;

/// A letter that no pattern names, standing for all that none names.
const OTHER: char = '\u{10ffff}';

/// The verbs that an `ANY` method answers.
const VERBS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// How many of the requests are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Every one.
    All,
    /// Some, and others not; or more than the budget to tell.
    Some,
    /// None.
    None,
}

/// A method as execute-api ARNs name it.
#[derive(Debug, Clone, Copy)]
pub struct MethodArn<'a> {
    /// The partition.
    pub partition: &'a str,
    /// The Region.
    pub region: &'a str,
    /// The account's id.
    pub account: &'a str,
    /// The API's id.
    pub api: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The verb, or `ANY`.
    pub verb: &'a str,
    /// The path template.
    pub path: &'a str,
}

/// One piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    /// `{petId}`: one or more characters without `/`.
    Parameter,
    /// `{proxy+}`: one or more characters.
    Greedy,
}

/// How many of the requests of a method a resource pattern takes in.
///
/// Wildcards are read part by part: the first five parts of an ARN one by one, the last as a whole, a
/// final `*` for all parts that follow. In a resource policy `execute-api:/…` is short for the API's own
/// ARN
/// ([source](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html)).
pub(super) fn coverage(pattern: &str, method: MethodArn<'_>, budget: &mut usize) -> Coverage {
    if pattern.len() > LONGEST {
        return Coverage::Some;
    }
    if let Some(rest) = pattern.strip_prefix("execute-api:/") {
        return of_verbs(&format!("{}/{rest}", method.api), method, budget);
    }
    if !pattern.starts_with("arn:") && !pattern.starts_with(['*', '?']) {
        // Neither an ARN nor short for one: what AWS makes of it is not known.
        return Coverage::Some;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let fixed = [
        "arn",
        method.partition,
        "execute-api",
        method.region,
        method.account,
    ];
    let complete = parts.len() == 6 || pattern.ends_with('*');
    let named = complete
        && parts
            .iter()
            .zip(fixed)
            .all(|(part, wanted)| matches(part, wanted));
    let by_parts = match parts.get(5) {
        _ if !named => Coverage::None,
        Some(last) => of_verbs(last, method, budget),
        None => Coverage::All,
    };
    // Whether a `*` runs across a `:` is written both ways in AWS's guides: then it may be.
    match by_parts {
        Coverage::None if may_cross(pattern, fixed, method, budget) => Coverage::Some,
        by_parts => by_parts,
    }
}

/// Whether the pattern takes in some request when its wildcards run across colons.
fn may_cross(pattern: &str, fixed: [&str; 5], method: MethodArn<'_>, budget: &mut usize) -> bool {
    let head = fixed.join(":") + ":";
    let verbs: &[&str] = if method.verb == "ANY" {
        &VERBS
    } else {
        &[method.verb]
    };
    verbs.iter().any(|verb| {
        let head = head.chars().map(Piece::Letter);
        let whole: Vec<Piece> = head.chain(template(method, verb)).collect();
        walk(pattern, &whole, budget) != Coverage::None
    })
}

fn of_verbs(pattern: &str, method: MethodArn<'_>, budget: &mut usize) -> Coverage {
    if method.verb != "ANY" {
        return walk(pattern, &template(method, method.verb), budget);
    }
    let mut all = VERBS
        .map(|verb| walk(pattern, &template(method, verb), budget))
        .into_iter();
    let first = all.next().unwrap_or(Coverage::Some);
    if all.all(|other| other == first) {
        first
    } else {
        Coverage::Some
    }
}

fn template(method: MethodArn<'_>, verb: &str) -> Vec<Piece> {
    let head = format!("{}/{}/{verb}", method.api, method.stage);
    let mut pieces: Vec<Piece> = head.chars().map(Piece::Letter).collect();
    let mut path = method.path;
    while let Some((before, rest)) = path.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else {
            break;
        };
        pieces.extend(before.chars().map(Piece::Letter));
        pieces.push(if name.ends_with('+') {
            Piece::Greedy
        } else {
            Piece::Parameter
        });
        path = after;
    }
    pieces.extend(path.chars().map(Piece::Letter));
    pieces
}

/// Walks the template with the set of the pattern's positions that can have been reached.
fn walk(pattern: &str, template: &[Piece], budget: &mut usize) -> Coverage {
    let pattern: Vec<char> = pattern.chars().collect();
    let own = pattern.iter().filter(|letter| !matches!(letter, '*' | '?'));
    let mut letters: BTreeSet<char> = own.copied().collect();
    letters.extend(['/', OTHER]);
    if letters.len() > MOST_LETTERS {
        return Coverage::Some;
    }
    // A place of the template, whether its parameter has a letter already, and the positions.
    let start = (0, false, closure(&pattern, [0]));
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = vec![start];
    let (mut taken, mut left) = (false, false);
    while let Some((at, begun, positions)) = open.pop() {
        let mut next = Vec::new();
        match template.get(at) {
            None if positions.contains(&pattern.len()) => taken = true,
            None => left = true,
            Some(Piece::Letter(letter)) => {
                next.push((at + 1, false, step(&pattern, &positions, *letter)));
            }
            Some(parameter) => {
                if begun {
                    next.push((at + 1, false, positions.clone()));
                }
                let fits = |letter: &&char| *parameter == Piece::Greedy || **letter != '/';
                for letter in letters.iter().filter(fits) {
                    next.push((at, true, step(&pattern, &positions, *letter)));
                }
            }
        }
        let steps = (positions.len() + 1) * next.len().max(1);
        *budget = match budget.checked_sub(steps) {
            Some(left) => left,
            None => return Coverage::Some,
        };
        open.extend(
            next.into_iter()
                .filter(|situation| seen.insert(situation.clone())),
        );
        if taken && left {
            return Coverage::Some;
        }
    }
    if taken { Coverage::All } else { Coverage::None }
}

/// The positions after one letter.
fn step(pattern: &[char], positions: &BTreeSet<usize>, letter: char) -> BTreeSet<usize> {
    let next = positions.iter().filter_map(|at| match pattern.get(*at) {
        Some('*') => Some(*at),
        Some('?') => Some(at + 1),
        Some(wanted) if *wanted == letter => Some(at + 1),
        _ => None,
    });
    closure(pattern, next)
}

/// The positions, and those that a run of `*` reaches from them without a letter.
fn closure(pattern: &[char], positions: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    for mut at in positions {
        while reached.insert(at) && pattern.get(at) == Some(&'*') {
            at += 1;
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn method<'a>(verb: &'a str, path: &'a str) -> MethodArn<'a> {
        MethodArn {
            partition: "aws",
            region: "eu-west-1",
            account: "111122223333",
            api: "abc",
            stage: "prod",
            verb,
            path,
        }
    }

    #[test]
    fn documented_forms_cover_what_they_say() {
        let get = method("GET", "/pets/{petId}");
        let arn = |rest: &str| format!("arn:aws:execute-api:eu-west-1:111122223333:{rest}");
        for (pattern, expected) in [
            ("*".to_owned(), Coverage::All),
            ("arn:aws:execute-api:*".to_owned(), Coverage::All),
            ("arn:aws:execute-api:*:*:*".to_owned(), Coverage::All),
            ("execute-api:/*".to_owned(), Coverage::All),
            ("execute-api:/prod/GET/pets/*".to_owned(), Coverage::All),
            (arn("abc/*/GET/pets/?*"), Coverage::All),
            (arn("abc/prod/GET/pets/42"), Coverage::Some),
            (arn("abc/prod/GET/pets/*x"), Coverage::Some),
            // Callers request values: a pattern with braces meets only a literal brace.
            (arn("abc/prod/POST/pets/*"), Coverage::None),
            (arn("other/*"), Coverage::None),
            (
                "arn:aws:execute-api:us-east-1:*:*".to_owned(),
                Coverage::None,
            ),
            ("arn:aws:s3:::*".to_owned(), Coverage::None),
            // Only a `*` that runs across a `:` would meet these: they may.
            ("arn:*:abc/prod/GET/pets/x".to_owned(), Coverage::Some),
            (
                "arn:aws:execute-api:*:*/prod/GET/*".to_owned(),
                Coverage::Some,
            ),
            ("execute-api:*".to_owned(), Coverage::Some),
        ] {
            assert_eq!(
                coverage(&pattern, get, &mut BUDGET.clone()),
                expected,
                "{pattern}"
            );
        }
        assert_eq!(
            coverage(
                &arn("abc/prod/GET/*"),
                method("ANY", "/a"),
                &mut BUDGET.clone()
            ),
            Coverage::Some
        );
        assert_eq!(
            coverage(
                &arn("abc/prod/*/a"),
                method("ANY", "/a"),
                &mut BUDGET.clone()
            ),
            Coverage::All
        );
    }

    #[test]
    fn a_pattern_made_to_explode_ends() {
        let pattern = format!("execute-api:/*{}", "*a????????????????".repeat(4));
        let answer = coverage(&pattern, method("GET", "/{proxy+}"), &mut BUDGET.clone());
        assert_eq!(answer, Coverage::Some);
    }

    proptest! {
        // Values of one to three letters tell all that a pattern of this size can tell apart.
        #[test]
        fn it_agrees_with_trying_values(pattern in "[a/*?]{0,4}") {
            let mut values = vec![String::new()];
            let mut all = Vec::new();
            for _ in 0..5 {
                values = values
                    .iter()
                    .flat_map(|value| ["a", "b"].map(|letter| format!("{value}{letter}")))
                    .collect();
                all.extend(values.clone());
            }
            let whole = format!("abc/prod/GET/{pattern}");
            let taken = all.iter().filter(|it| matches(&whole, &format!("abc/prod/GET/{it}"))).count();
            let expected = if taken == 0 {
                Coverage::None
            } else if taken == all.len() {
                Coverage::All
            } else {
                Coverage::Some
            };
            prop_assert_eq!(of_verbs(&whole, method("GET", "/{x}"), &mut BUDGET.clone()), expected);
        }
    }
}

//! The methods of one stage on both sides.

use std::collections::BTreeSet;

use super::changes::{Change, ChangeKind, Difference, Which};
use super::pair::StageOf;
use crate::audit::finding::Place;
use crate::inventory::served::{Routed, ServedMethod, ServedMethods};
use crate::inventory::{Api, ApiKind, AuthorizationType, Stage};

/// A stage with what it serves.
struct Served<'a> {
    kind: ApiKind,
    methods: ServedMethods<'a>,
}

/// What answers the requests of a method.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Each way in which they are authorized, in words: a deployment and its canary may differ.
    ways: BTreeSet<String>,
    /// Whether some pass without authorization.
    pub(super) is_open: bool,
    /// Whether the authorization of some is not known, or which method answers.
    pub(super) is_unknown: bool,
    /// Whether it is the method itself, and not a wider one.
    pub(super) is_itself: bool,
}

impl Answer {
    fn add(&mut self, method: &ServedMethod<'_>) {
        for snapshot in method.snapshots() {
            let Some(kind) = snapshot.authorization.kind() else {
                self.is_unknown = true;
                continue;
            };
            self.is_open |= *kind == AuthorizationType::None;
            let key = match snapshot.api_key_required {
                true => " with an API key",
                false => "",
            };
            self.ways.insert(format!("{kind}{key}"));
        }
    }

    fn in_words(&self) -> String {
        let ways: Vec<&str> = self.ways.iter().map(String::as_str).collect();
        ways.join(" or ")
    }
}

impl<'a> Served<'a> {
    fn new((api, stage): (&'a Api, &'a Stage)) -> Self {
        Served {
            kind: api.kind,
            methods: ServedMethods::of(api, stage),
        }
    }

    /// What answers the requests of a method of either side: itself, or what its requests go to. `None`: nothing.
    fn answer(&self, verb: &str, path: &str) -> Option<Answer> {
        let mut answer = Answer::default();
        let own = self.methods.get(verb, path).filter(|it| it.is_served());
        if let Some(own) = own {
            answer.is_itself = true;
            answer.add(own);
            return Some(answer);
        }
        let answering = match self.methods.routed(self.kind, verb, path) {
            Routed::Nothing => return None,
            Routed::Methods(methods) => methods,
            Routed::OneOf(methods) => {
                answer.is_unknown = true;
                methods
            }
        };
        for method in answering {
            answer.add(method);
        }
        Some(answer)
    }
}

/// What answers a method on both sides: `None` where the stage is not there, or nothing answers.
pub(super) fn answers(
    sides: (StageOf<'_>, StageOf<'_>),
    methods: impl IntoIterator<Item = (String, String)>,
) -> Vec<[Option<Answer>; 2]> {
    let [before, after] = [sides.0, sides.1].map(|it| it.map(Served::new));
    let each = methods.into_iter().map(|(verb, path)| {
        [&before, &after].map(|it| it.as_ref().and_then(|it| it.answer(&verb, &path)))
    });
    each.collect()
}

/// The methods that either side has, by path and verb, with their route keys.
type Names<'a> = BTreeSet<(&'a str, &'a str, Option<&'a str>)>;

/// Compares the methods. Both stages were read, as far as they are there.
pub(super) fn compare(
    place: &Place,
    sides: (StageOf<'_>, StageOf<'_>),
    difference: &mut Difference,
) {
    let [before, after] = [sides.0, sides.1].map(|it| it.map(Served::new));
    let mut names: Names<'_> = BTreeSet::new();
    for served in before.iter().chain(&after) {
        let methods = served.methods.iter().filter(|it| it.is_served());
        names.extend(methods.map(|it| (it.path, it.verb, it.route_key)));
    }
    for (path, verb, route_key) in names {
        let [earlier, later] =
            [&before, &after].map(|it| it.as_ref().and_then(|it| it.answer(verb, path)));
        let place = place.clone().at_method(verb, path, route_key);
        let mut is_known = true;
        for (side, answer) in [(Which::Before, &earlier), (Which::After, &later)] {
            if answer.as_ref().is_some_and(|it| it.is_unknown) {
                is_known = false;
                let why = "how its requests are authorized is not known";
                difference.not_known(side, place.in_words(), why);
            }
        }
        let kind = kind(earlier.as_ref(), later.as_ref());
        if let Some(kind) = kind.filter(|_| is_known) {
            difference.changes.push(Change {
                kind,
                place,
                before: earlier.as_ref().map(Answer::in_words),
                after: later.as_ref().map(Answer::in_words),
            });
        }
    }
}

/// What happened. `None`: nothing.
fn kind(before: Option<&Answer>, after: Option<&Answer>) -> Option<ChangeKind> {
    let is_open = |answer: Option<&Answer>| answer.is_some_and(|it| it.is_open);
    let is_itself = |answer: Option<&Answer>| answer.is_some_and(|it| it.is_itself);
    match (is_open(before), is_open(after)) {
        (false, true) => return Some(ChangeKind::Opened),
        (true, false) if after.is_some() => return Some(ChangeKind::Closed),
        _ => {}
    }
    match (is_itself(before), is_itself(after)) {
        (false, true) => Some(ChangeKind::MethodAdded),
        (true, false) => Some(ChangeKind::MethodRemoved),
        _ => {
            let ways = |answer: Option<&Answer>| answer.map(|it| it.ways.clone());
            (ways(before) != ways(after)).then_some(ChangeKind::TypeChanged)
        }
    }
}

//! The verbs of an `ANY` that the policy file judges by themselves.

use super::answer::{Answer, IAM};
use crate::audit::method::{MethodView, Snapshot};
use crate::inventory::AuthorizationType;

/// The requests with one verb that an `ANY` answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) verb: &'a str,
    /// Whether the policy file accepts what the stage's own deployment serves.
    pub(super) base: bool,
    pub(super) canary: bool,
    drafted: bool,
    iam: bool,
}

impl<'a> Part<'a> {
    /// An answer of the draft, as the policy file judges it for this verb.
    pub(super) fn judges(self, after: Option<Answer<'a>>) -> Option<Answer<'a>> {
        after.map(|it| Answer {
            is_accepted: if it.authorization == Some(IAM) {
                self.iam
            } else {
                self.drafted
            },
            ..it
        })
    }
}

/// The verbs of an `ANY`, where the policy file does not judge all of them alike.
pub(super) fn parts<'a>(method: &MethodView<'a>) -> Vec<Part<'a>> {
    let judged = |kind: Option<&AuthorizationType>| {
        kind.map_or_else(Vec::new, |it| method.tolerating_verbs(it))
    };
    let of =
        |snapshot: Option<Snapshot<'a>>| judged(snapshot.and_then(|it| it.authorization.kind()));
    let (base, canary) = (of(method.deployed), of(method.canary));
    let drafted = judged(method.draft.and_then(|it| it.authorization.as_ref()));
    let iam = method.tolerating_verbs(IAM);
    let accepts = |all: &[(&str, bool)], place: usize| all.get(place).is_some_and(|(_, it)| *it);
    let parts = iam.iter().enumerate();
    let parts = parts.map(|(place, (verb, iam))| Part {
        verb,
        base: accepts(&base, place),
        canary: accepts(&canary, place),
        drafted: accepts(&drafted, place),
        iam: *iam,
    });
    let parts: Vec<Part<'a>> = parts.collect();
    let key = |it: &Part<'_>| (it.base, it.canary, it.drafted, it.iam);
    let is_one = parts.windows(2).all(|pair| match pair {
        [one, other] => key(one) == key(other),
        _ => true,
    });
    if is_one { Vec::new() } else { parts }
}

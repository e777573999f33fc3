//! How a method answers, and what it means that it answers otherwise.

use crate::inventory::AuthorizationType;

/// The type that remedies set.
pub(super) const IAM: &AuthorizationType = &AuthorizationType::AwsIam;

/// How a method answers: as it is served, or as it would be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) authorization: Option<&'a AuthorizationType>,
    pub(super) api_key_required: bool,
    /// Whether the type was read, and does not stand in for one that was not.
    pub(super) is_told: bool,
    /// Whether the policy file accepts the type there. An open preflight is accepted.
    pub(super) is_accepted: bool,
}

/// What a change means, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Another authorization type, an API key more or less, a method more or less.
    Changes,
    /// What is served now, or what would be, is not told.
    Untold,
    /// Callers whom the policy file accepts are refused, because of what the remedy itself sets.
    LocksOut,
    /// The policy file does not accept what would be served.
    Refused,
    /// Anyone can call the method, and the policy file does not accept that.
    Opens,
}

/// What it means that `after` answers in place of `now`. `None`: nothing changes. `by_remedy`: whether the remedy itself
/// sets what answers then.
///
/// `taken_over`: whether the open route that may answer in place of a method that goes asks for an API key; `None`:
/// there is no such route.
pub(super) fn effect(
    now: Option<Answer<'_>>,
    after: Option<Answer<'_>>,
    taken_over: Option<bool>,
    by_remedy: bool,
) -> Option<Effect> {
    let Some(after) = after else {
        let now = now?;
        let opens = taken_over.is_some_and(|key| !now.is_surely_as_open(key));
        return Some(if opens {
            Effect::Opens
        } else {
            Effect::Changes
        });
    };
    let opens = after.is_open() && !after.is_accepted;
    let Some(now) = now else {
        return Some(match after.authorization {
            None => Effect::Untold,
            Some(_) if after.is_accepted => Effect::Changes,
            Some(_) if opens => Effect::Opens,
            Some(_) => Effect::Refused,
        });
    };
    if opens && !now.is_surely_as_open(after.api_key_required) {
        return Some(Effect::Opens);
    }
    if !now.is_told || !after.is_told {
        return Some(Effect::Untold);
    }
    let is_another_type = now.authorization != after.authorization;
    if !is_another_type {
        return (now.api_key_required != after.api_key_required).then_some(Effect::Changes);
    }
    Some(match (now.is_accepted, after.is_accepted) {
        (true, false) => Effect::Refused,
        (true, true) if by_remedy => Effect::LocksOut,
        _ => Effect::Changes,
    })
}

impl Answer<'_> {
    pub(super) fn is_open(&self) -> bool {
        self.authorization == Some(&AuthorizationType::None)
    }

    /// Whether it is surely at least as open as an open method that asks for an API key, or does not.
    fn is_surely_as_open(&self, api_key_required: bool) -> bool {
        let drops_key = self.api_key_required && !api_key_required;
        self.is_open() && self.is_told && !drops_key
    }
}

/// The authorization type of an answer, in words.
pub(super) fn type_in_words<'w>(answer: Option<&Answer<'w>>) -> &'w str {
    let authorization = answer.and_then(|it| it.authorization);
    authorization.map_or("an unknown type", AuthorizationType::as_str)
}

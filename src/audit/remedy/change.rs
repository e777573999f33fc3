//! What changes for one method of a stage when something else is served there.

use super::answer::{Answer, Effect, IAM, effect, type_in_words};
use super::part::{Part, parts};
use crate::audit::method::{MethodView, Snapshot};
use crate::inventory::{AuthorizationType, DraftMethod, listed};

/// As many verbs of an `ANY` are named.
const VERBS: usize = 3;

/// One method of a stage: what answers now, and what the draft has in its place.
#[derive(Debug)]
pub(in crate::audit) struct Served<'a> {
    path: &'a str,
    verb: &'a str,
    route_key: Option<&'a str>,
    base: Option<Answer<'a>>,
    /// What the canary answers. The outer `None`: the stage has no canary.
    canary: Option<Option<Answer<'a>>>,
    draft: Option<&'a DraftMethod>,
    drafted: Option<Answer<'a>>,
    accepts_iam: bool,
    /// The verbs of an `ANY` that the policy file judges by themselves, with what it accepts of each.
    parts: Vec<Part<'a>>,
    /// The open route of the draft that may answer in place of a method that the draft no longer has.
    taken_over: Option<&'a DraftMethod>,
}

/// One method that would change.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Change<'a> {
    path: &'a str,
    verb: &'a str,
    route_key: Option<&'a str>,
    /// Of an `ANY`: the verbs of whose requests this holds. None: of all.
    verbs: Vec<&'a str>,
    pub(in crate::audit) draft: Option<&'a DraftMethod>,
    /// Whether the canary alone, or the canary more than the stage's own deployment, would change in this way.
    at_canary: bool,
    now: Option<Answer<'a>>,
    after: Option<Answer<'a>>,
    /// The open route that may answer in place of a method that goes.
    taken_over: Option<String>,
    effect: Effect,
}

impl<'a> Served<'a> {
    /// `deploys_at_once`: the stage serves the routes as they are, so that what was inferred from them is known.
    pub(in crate::audit) fn new(method: &MethodView<'a>, deploys_at_once: bool) -> Self {
        let answer =
            |authorization: Option<&'a AuthorizationType>, api_key_required, is_told| Answer {
                authorization,
                api_key_required,
                is_told,
                is_accepted: authorization.is_some_and(|it| method.tolerates(it)),
            };
        let served = |it: Snapshot<'a>| {
            let kind = it.authorization.kind();
            let is_told = it.authorization.is_deployed() || (deploys_at_once && kind.is_some());
            answer(kind, it.api_key_required, is_told)
        };
        let drafted = |it: &'a DraftMethod| {
            let kind = it.authorization.as_ref();
            answer(kind, it.api_key_required, kind.is_some())
        };
        let has_canary = method.stage.canary.is_some();
        Served {
            path: method.path,
            verb: method.verb,
            route_key: method.route_key,
            base: method.deployed.map(served),
            canary: has_canary.then(|| method.canary.map(served)),
            draft: method.draft,
            drafted: method.draft.map(drafted),
            accepts_iam: method.tolerates(IAM),
            parts: parts(method),
            taken_over: method
                .taken_over
                .filter(|_| method.is_left_to_an_open_route()),
        }
    }

    pub(in crate::audit) fn place(&self) -> (&'a str, &'a str) {
        (self.path, self.verb)
    }

    /// The method of the draft that answers there.
    pub(in crate::audit) fn draft_key(&self) -> Option<(&'a str, &'a str)> {
        self.draft.map(key_of)
    }

    /// Whether the stage's own deployment has no such method.
    pub(in crate::audit) fn is_of_the_canary_alone(&self) -> bool {
        self.base.is_none()
    }

    /// What a deployment of the draft changes here.
    pub(in crate::audit) fn deployed(&self) -> Option<Change<'a>> {
        self.worst(|_| true, self.drafted, false)
    }

    /// The same, where a remedy has set the draft's method to AWS_IAM before.
    pub(in crate::audit) fn deployed_as_iam(&self) -> Option<Change<'a>> {
        self.worst(|_| true, self.drafted_as_iam(), true)
    }

    /// What a deployment changes at the method that the remedy is about. What the policy file refuses there is
    /// what the remedy ends: it is no change besides.
    pub(in crate::audit) fn own(&self, as_iam: bool) -> Option<Change<'a>> {
        let is_kept = |now: Option<&Answer<'_>>| {
            now.is_some_and(|it| it.authorization.is_none() || it.is_accepted)
        };
        let after = match as_iam {
            true => self.drafted_as_iam(),
            false => self.drafted,
        };
        self.worst(is_kept, after, as_iam)
    }

    /// What the end of the canary changes. `taken_over`: the open method of the stage's own deployment that may
    /// answer instead.
    pub(in crate::audit) fn without_canary(
        &self,
        taken_over: Option<String>,
    ) -> Option<Change<'a>> {
        let now = self.canary?;
        let effect = effect(now, self.base, taken_over.as_ref().map(|_| false), false)?;
        Some(self.change(now, self.base, taken_over, effect))
    }

    /// The draft's answer, once a remedy has set the method to AWS_IAM.
    fn drafted_as_iam(&self) -> Option<Answer<'a>> {
        Some(Answer {
            authorization: Some(IAM),
            is_told: true,
            is_accepted: self.accepts_iam,
            ..self.drafted?
        })
    }

    /// The worst of what happens to the stage's own answer and to the canary's.
    fn worst(
        &self,
        counts: impl Fn(Option<&Answer<'_>>) -> bool,
        after: Option<Answer<'a>>,
        by_remedy: bool,
    ) -> Option<Change<'a>> {
        let each: Vec<Change<'a>> = self
            .parts
            .iter()
            .filter_map(|it| {
                self.of_part(*it)
                    .worst_of_all(&counts, it.judges(after), by_remedy)
            })
            .collect();
        let Some(effect) = each.iter().map(|it| it.effect).max() else {
            return match self.parts.is_empty() {
                true => self.worst_of_all(counts, after, by_remedy),
                false => None,
            };
        };
        let mut worst = each.into_iter().filter(|it| it.effect == effect);
        let first = worst.next()?;
        let verbs = first.verbs.iter().copied();
        let verbs: Vec<&str> = verbs.chain(worst.flat_map(|it| it.verbs)).collect();
        let is_all = verbs.len() == self.parts.len();
        Some(Change {
            verbs: if is_all { Vec::new() } else { verbs },
            ..first
        })
    }

    /// The same method, as the policy file judges the requests with one verb.
    fn of_part(&self, part: Part<'a>) -> Self {
        let judged =
            |answer: Option<Answer<'a>>, is_accepted| answer.map(|it| Answer { is_accepted, ..it });
        Served {
            base: judged(self.base, part.base),
            canary: self.canary.map(|it| judged(it, part.canary)),
            parts: vec![part],
            path: self.path,
            verb: self.verb,
            route_key: self.route_key,
            draft: self.draft,
            drafted: self.drafted,
            accepts_iam: self.accepts_iam,
            taken_over: self.taken_over,
        }
    }

    /// The same, where the policy file judges all of its requests alike.
    fn worst_of_all(
        &self,
        counts: impl Fn(Option<&Answer<'_>>) -> bool,
        after: Option<Answer<'a>>,
        by_remedy: bool,
    ) -> Option<Change<'a>> {
        let taken_over = self.taken_over.map(|it| it.api_key_required);
        let deployments = [(false, Some(self.base)), (true, self.canary)].into_iter();
        let answers = deployments
            .filter_map(|(at_canary, now)| Some((at_canary, now?)))
            .filter(|(_, now)| counts(now.as_ref()));
        let effects = answers.filter_map(|(at_canary, now)| {
            let effect = effect(now, after, taken_over, by_remedy)?;
            Some((at_canary, now, effect))
        });
        // If both are as bad, the stage's own answer counts.
        let (at_canary, now, effect) =
            effects.max_by_key(|(at_canary, _, effect)| (*effect, !at_canary))?;
        let taken_over = self.taken_over.map(DraftMethod::name);
        Some(Change {
            at_canary,
            ..self.change(now, after, taken_over, effect)
        })
    }

    fn change(
        &self,
        now: Option<Answer<'a>>,
        after: Option<Answer<'a>>,
        taken_over: Option<String>,
        effect: Effect,
    ) -> Change<'a> {
        Change {
            path: self.path,
            verb: self.verb,
            route_key: self.route_key,
            verbs: match self.parts.as_slice() {
                [one] => vec![one.verb],
                _ => Vec::new(),
            },
            draft: self.draft,
            at_canary: false,
            now,
            after,
            taken_over,
            effect,
        }
    }
}

impl<'a> Change<'a> {
    pub(super) fn place(&self) -> (&'a str, &'a str) {
        (self.path, self.verb)
    }

    /// Whether no command is to be printed that does this.
    pub(in crate::audit) fn is_harm(&self) -> bool {
        self.effect > Effect::Changes
    }

    pub(in crate::audit) fn opens(&self) -> bool {
        self.effect == Effect::Opens
    }

    fn name(&self) -> String {
        let whole = match self.route_key {
            Some(key) => key.to_owned(),
            None => format!("{} {}", self.verb, self.path),
        };
        let verbs = self.verbs.iter().map(|it| (*it).to_owned());
        let name = match self.verbs.is_empty() {
            true => whole,
            false => format!("{} of {whole}", listed(verbs, VERBS)),
        };
        if self.at_canary {
            format!("{name} at the canary")
        } else {
            name
        }
    }

    /// The method, and why it must not be changed in this way.
    pub(super) fn harm_in_words(&self) -> String {
        let name = self.name();
        let (now, after) = (self.now.as_ref(), self.after.as_ref());
        let to = type_in_words(after);
        let why = match (self.effect, now) {
            (Effect::Opens, _) if after.is_none() => {
                let route = self.taken_over.as_deref().unwrap_or("another route");
                format!("removed, so that {route}, which is open, may answer it")
            }
            (Effect::Opens, None) => "added, and open".to_owned(),
            (Effect::Opens, Some(now)) if !now.is_told => {
                "open then, and what is served now is not told".to_owned()
            }
            (Effect::Opens, Some(now)) if now.is_open() => "loses its API key".to_owned(),
            (Effect::Opens, Some(_)) => format!("opened: {} now", type_in_words(now)),
            (Effect::Refused, None) => {
                format!("added with {to}, which the policy file does not accept")
            }
            (Effect::Refused, Some(_)) => format!(
                "changed from {} to {to}, which the policy file does not accept",
                type_in_words(now)
            ),
            (Effect::Untold, _) if after.is_some_and(|it| !it.is_told) => {
                "its new authorization type is not told".to_owned()
            }
            (Effect::Untold, _) => "what is served now is not told".to_owned(),
            (Effect::LocksOut | Effect::Changes, _) => format!(
                "changed from {} to {to}, which refuses its callers of today",
                type_in_words(now)
            ),
        };
        format!("{name} ({why})")
    }

    /// What changes, in words that follow "the deployment".
    pub(super) fn in_words(&self) -> String {
        let name = self.name();
        let (now, after) = match (&self.now, &self.after) {
            (Some(now), Some(after)) => (now, after),
            (None, after) => return format!("adds {name} ({})", type_in_words(after.as_ref())),
            (Some(_), None) => return format!("removes {name}"),
        };
        if now.authorization != after.authorization {
            let (from, to) = (type_in_words(Some(now)), type_in_words(Some(after)));
            let refuses = if after.is_open() {
                ""
            } else {
                " (which refuses its callers of today)"
            };
            format!("changes {name} from {from} to {to}{refuses}")
        } else if now.api_key_required {
            format!("takes the API key from {name}")
        } else {
            format!("asks for an API key at {name}")
        }
    }
}

pub(in crate::audit) fn key_of(draft: &DraftMethod) -> (&str, &str) {
    (&draft.path, &draft.verb)
}

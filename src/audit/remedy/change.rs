//! What becomes of one method of a stage when something else is served in its place.

use crate::audit::method::{MethodView, Snapshot};
use crate::inventory::{AuthorizationType, DraftMethod};

/// As many changes are named in a remedy, and as many commands are printed for them.
pub(in crate::audit) const NAMED: usize = 5;

/// The type that remedies set.
const IAM: &AuthorizationType = &AuthorizationType::AwsIam;

/// How a method answers: as it is served, or as it would be.
#[derive(Debug, Clone, Copy)]
pub(in crate::audit) struct Answer<'a> {
    authorization: Option<&'a AuthorizationType>,
    api_key_required: bool,
    /// Whether the type was read, and does not stand in for one that was not.
    is_told: bool,
    /// Whether the policy file accepts the type there. An open preflight is accepted.
    is_accepted: bool,
}

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
    /// The open route of the draft that may answer in place of a method that the draft no longer has.
    taken_over: Option<&'a DraftMethod>,
}

/// What a change means, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
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

/// One method that would change.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Change<'a> {
    path: &'a str,
    verb: &'a str,
    route_key: Option<&'a str>,
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
        let answer = |it: Snapshot<'a>| Answer {
            authorization: it.authorization.kind(),
            api_key_required: it.api_key_required,
            is_told: it.authorization.is_deployed()
                || (deploys_at_once && it.authorization.kind().is_some()),
            is_accepted: it
                .authorization
                .kind()
                .is_some_and(|it| method.tolerates(it)),
        };
        let has_canary = method.stage.canary.is_some();
        Served {
            path: method.path,
            verb: method.verb,
            route_key: method.route_key,
            base: method.deployed.map(answer),
            canary: has_canary.then(|| method.canary.map(answer)),
            draft: method.draft,
            drafted: method.draft.map(|draft| {
                let authorization = draft.authorization.as_ref();
                Answer {
                    authorization,
                    api_key_required: draft.api_key_required,
                    is_told: authorization.is_some(),
                    is_accepted: authorization.is_some_and(|it| method.tolerates(it)),
                }
            }),
            accepts_iam: method.tolerates(IAM),
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
        self.worst(|_| true, self.drafted.map(|it| self.as_iam(it)), true)
    }

    /// What a deployment changes at the method that the remedy is about. What the policy file refuses there is
    /// what the remedy ends: it is no change besides.
    pub(in crate::audit) fn own(&self, as_iam: bool) -> Option<Change<'a>> {
        let is_kept = |now: Option<&Answer<'_>>| {
            now.is_some_and(|it| it.authorization.is_none() || it.is_accepted)
        };
        let after = self
            .drafted
            .map(|it| if as_iam { self.as_iam(it) } else { it });
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

    fn as_iam(&self, drafted: Answer<'a>) -> Answer<'a> {
        Answer {
            authorization: Some(IAM),
            is_told: true,
            is_accepted: self.accepts_iam,
            ..drafted
        }
    }

    /// The worst of what happens to the stage's own answer and to the canary's.
    fn worst(
        &self,
        counts: impl Fn(Option<&Answer<'_>>) -> bool,
        after: Option<Answer<'a>>,
        by_remedy: bool,
    ) -> Option<Change<'a>> {
        let taken_over = self.taken_over.map(|it| it.api_key_required);
        let served = [(false, Some(self.base)), (true, self.canary)].into_iter();
        let served = served.filter_map(|(at_canary, now)| Some((at_canary, now?)));
        let served = served.filter(|(_, now)| counts(now.as_ref()));
        let effects = served.filter_map(|(at_canary, now)| {
            let effect = effect(now, after, taken_over, by_remedy)?;
            Some((at_canary, now, effect))
        });
        // Of two that are as bad, the stage's own.
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
            draft: self.draft,
            at_canary: false,
            now,
            after,
            taken_over,
            effect,
        }
    }
}

/// `taken_over`: whether the open route that may answer in place of a method that goes asks for an API key; `None`:
/// there is no such route.
fn effect(
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
    fn is_open(&self) -> bool {
        self.authorization == Some(&AuthorizationType::None)
    }

    /// Whether it is surely at least as open as an open method that asks for an API key, or does not.
    fn is_surely_as_open(&self, api_key_required: bool) -> bool {
        let drops_key = self.api_key_required && !api_key_required;
        self.is_open() && self.is_told && !drops_key
    }
}

impl<'a> Change<'a> {
    fn place(&self) -> (&'a str, &'a str) {
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
        let name = match self.route_key {
            Some(key) => key.to_owned(),
            None => format!("{} {}", self.verb, self.path),
        };
        if self.at_canary {
            format!("{name} at the canary")
        } else {
            name
        }
    }

    /// The method, and why it must not be changed in this way.
    fn harm_in_words(&self) -> String {
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

    fn in_words(&self) -> String {
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

/// The changes of one stage, in the order of paths and verbs. An API may have thousands, and each of its findings
/// asks about them: nobody is answered with a look at all.
#[derive(Debug, Default)]
pub(in crate::audit) struct Changes<'a> {
    all: Vec<Change<'a>>,
    /// The indices of those that are harm.
    harms: Vec<usize>,
}

/// What there is to say of changes.
pub(in crate::audit) enum Told<'a> {
    /// Nothing changes.
    Nothing,
    /// What changes, in words that follow "the deployment". None of it is harm.
    Changes(String),
    /// The methods that must not be changed in this way, each with the reason, and those that are named.
    Harm {
        words: String,
        named: Vec<Change<'a>>,
    },
}

impl<'a> Changes<'a> {
    pub(in crate::audit) fn new(changes: impl Iterator<Item = Change<'a>>) -> Self {
        let mut all: Vec<Change<'a>> = changes.collect();
        all.sort_by_key(Change::place);
        let harms = all.iter().enumerate();
        let harms = harms.filter_map(|(index, it)| it.is_harm().then_some(index));
        Changes {
            harms: harms.collect(),
            all,
        }
    }

    /// All of them but those at these places, which are given once each, and others in their stead.
    pub(in crate::audit) fn told(
        &self,
        without: &[(&str, &str)],
        others: Vec<Change<'a>>,
    ) -> Told<'a> {
        let gone = without.iter().filter_map(|place| self.at(*place));
        let (mut count, mut harms) = (self.all.len(), self.harms.len());
        for gone in gone {
            count = count.saturating_sub(1);
            harms = harms.saturating_sub(usize::from(gone.is_harm()));
        }
        count += others.len();
        harms += others.iter().filter(|it| it.is_harm()).count();
        let is_kept = |it: &&Change<'a>| !without.contains(&it.place());
        if harms > 0 {
            let own = self.harms.iter().filter_map(|index| self.all.get(*index));
            let own = own.filter(is_kept).take(NAMED).cloned();
            let others = others.into_iter().filter(Change::is_harm);
            let named = first(own.chain(others));
            let words = named.iter().map(Change::harm_in_words);
            let words = with_the_rest(words.collect(), harms);
            return Told::Harm { words, named };
        }
        if count == 0 {
            return Told::Nothing;
        }
        let own = self.all.iter().filter(is_kept).take(NAMED).cloned();
        let named = first(own.chain(others));
        Told::Changes(with_the_rest(
            named.iter().map(Change::in_words).collect(),
            count,
        ))
    }

    fn at(&self, place: (&str, &str)) -> Option<&Change<'a>> {
        let at = self.all.binary_search_by_key(&place, |it| it.place());
        self.all.get(at.ok()?)
    }
}

/// As many as are named.
fn first<'a>(changes: impl Iterator<Item = Change<'a>>) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = changes.collect();
    changes.sort_by_key(Change::place);
    changes.truncate(NAMED);
    changes
}

fn with_the_rest(named: Vec<String>, count: usize) -> String {
    let more = count.saturating_sub(named.len());
    let named = named.join(", ");
    if more == 0 {
        named
    } else {
        format!("{named} and {more} more")
    }
}

pub(in crate::audit) fn key_of(draft: &DraftMethod) -> (&str, &str) {
    (&draft.path, &draft.verb)
}

fn type_in_words<'w>(answer: Option<&Answer<'w>>) -> &'w str {
    let authorization = answer.and_then(|it| it.authorization);
    authorization.map_or("an unknown type", AuthorizationType::as_str)
}

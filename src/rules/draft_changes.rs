//! What a deployment of the draft would change at a stage, besides what it is made for.
//!
//! A deployment takes the whole draft. Whoever deploys one mended method deploys everything else that has
//! been edited since, so no command that deploys is printed without a look at that.

use super::view::{MethodView, Snapshot};
use super::{remedies, stage::StageView};
use crate::finding::Remedy;
use crate::model::{ApiKind, AuthorizationType, DraftMethod, listed};

/// As many changes are named in a remedy, and as many commands are printed for the openings.
const NAMED: usize = 5;

/// What a deployment of the draft would change at one stage.
#[derive(Debug, Default)]
pub(super) struct DraftChanges<'a> {
    /// Why it cannot be told. `None`: it can.
    unknown: Option<&'static str>,
    /// Every method that would change, in the order of the stage's methods.
    changes: Vec<Change<'a>>,
    /// Methods that the canary protects and the stage's own deployment does not.
    protected_by_canary: Vec<String>,
}

/// One method that a deployment would change.
#[derive(Debug)]
struct Change<'a> {
    path: &'a str,
    verb: &'a str,
    route_key: Option<&'a str>,
    /// What is served now: by the stage's own deployment, or by its canary where that differs.
    now: Option<Snapshot<'a>>,
    /// What would be served. `None`: nothing of its own.
    draft: Option<&'a DraftMethod>,
    /// The open route that may answer in place of a method that the draft no longer has.
    taken_over: Option<&'a DraftMethod>,
    /// Whether the deployment opens the method where the policy file does not accept it, or may.
    opens: bool,
    /// Whether the policy file accepts AWS_IAM there.
    may_be_iam: bool,
}

impl<'a> DraftChanges<'a> {
    pub(super) fn new(stage: &StageView<'a>, methods: &[MethodView<'a>]) -> Self {
        let untold = |it: &MethodView<'_>| it.draft.is_some_and(|it| it.authorization.is_none());
        let unknown = if stage.api.draft.is_none() {
            Some("the draft could not be read")
        } else if !stage.is_read() {
            Some("what the stage serves could not be read")
        } else if methods.iter().any(untold) {
            Some("the draft does not tell every authorization type")
        } else {
            None
        };
        let has_canary = stage.stage.canary.is_some();
        let changes = methods.iter().filter_map(|it| Change::of(it, has_canary));
        let protected = methods.iter().filter(|it| {
            let is_open = |served: Option<Snapshot<'_>>| served.is_some_and(|it2| it.is_open(it2));
            it.canary.is_some() && is_open(it.deployed) && !is_open(it.canary)
        });
        DraftChanges {
            changes: if unknown.is_some() {
                Vec::new()
            } else {
                changes.collect()
            },
            protected_by_canary: protected.map(name_of).collect(),
            unknown,
        }
    }

    /// Whether the end of the stage's canary sends callers to methods that the canary alone protects.
    pub(super) fn opened_without_canary(&self) -> &[String] {
        &self.protected_by_canary
    }

    /// Adds to a remedy the command that deploys, with what else it changes; or says why there is none.
    /// `method` is what the remedy is about.
    pub(super) fn deploy(&self, method: &MethodView<'a>, remedy: &mut Remedy) {
        let Some(command) = remedies::deploy_command(method) else {
            return;
        };
        if let Some(why) = self.unknown {
            remedy.summary = format!(
                "{}; no command that deploys is given: {why}, so look first at what else the draft changes",
                remedy.summary
            );
            return;
        }
        let others: Vec<&Change<'_>> = self.besides(method).collect();
        let opening: Vec<&Change<'_>> = others.iter().copied().filter(|it| it.opens).collect();
        if opening.is_empty() {
            remedy.summary = format!("{}; {}", remedy.summary, in_words(method, &others));
            remedy.commands.push(command);
            return;
        }
        let named = opening.iter().map(|it| it.opening_in_words());
        remedy.summary = format!(
            "{}; no command that deploys is given, because the draft would open more: {}; set these to \
             AWS_IAM first, or take them out of the draft, or back into it where they were taken out, then scan again",
            remedy.summary,
            listed(named, NAMED)
        );
        remedy.commands.extend(first_commands(method, &opening));
    }

    fn besides(&self, method: &MethodView<'a>) -> impl Iterator<Item = &Change<'a>> {
        let own = (method.path, method.verb);
        let drafted = method.draft.map(key_of);
        self.changes.iter().filter(move |it| {
            let is_own = (it.path, it.verb) == own;
            // The very method of the draft that the remedy sets, such as the path's `ANY`.
            let is_set = drafted.is_some() && it.draft.map(key_of) == drafted;
            !is_own && !is_set
        })
    }
}

impl<'a> Change<'a> {
    fn of(method: &MethodView<'a>, has_canary: bool) -> Option<Self> {
        let served = [Some(method.deployed), has_canary.then_some(method.canary)];
        let served = served.into_iter().flatten();
        let changed = served.filter_map(|now| {
            let opened = method.draft.or(method.taken_over);
            let opens = (method.draft_is_open() || method.is_left_to_an_open_route())
                && !is_surely_as_open(now, opened);
            (opens || differs(now, method.draft)).then_some((opens, now))
        });
        // An opening counts for more than what else is different.
        let (opens, now) = changed.max_by_key(|(opens, _)| *opens)?;
        Some(Change {
            path: method.path,
            verb: method.verb,
            route_key: method.route_key,
            now,
            draft: method.draft,
            taken_over: method.taken_over,
            opens,
            may_be_iam: method.accepts(&AuthorizationType::AwsIam),
        })
    }

    fn name(&self) -> String {
        match self.route_key {
            Some(key) => key.to_owned(),
            None => format!("{} {}", self.verb, self.path),
        }
    }

    fn opening_in_words(&self) -> String {
        let name = self.name();
        if let Some(route) = self.taken_over {
            let route = route_in_words(route);
            return format!(
                "{name} (taken out of the draft, so that {route}, which is open, may answer it)"
            );
        }
        match self.now {
            None => format!("{name} (new)"),
            Some(now) if now.inferred => format!("{name} (what is deployed is not told)"),
            Some(now) if now.authorization == Some(&AuthorizationType::None) => {
                format!("{name} (loses its API key)")
            }
            Some(now) => format!("{name} ({} now)", type_in_words(now.authorization)),
        }
    }

    fn in_words(&self) -> String {
        let name = self.name();
        let (now, draft) = match (self.now, self.draft) {
            (Some(now), Some(draft)) => (now, draft),
            (None, Some(draft)) => {
                return format!(
                    "adds {name} ({})",
                    type_in_words(draft.authorization.as_ref())
                );
            }
            (_, None) => return format!("removes {name}"),
        };
        let (from, to) = (now.authorization, draft.authorization.as_ref());
        if from != to {
            let (from, to) = (type_in_words(from), type_in_words(to));
            format!("changes {name} from {from} to {to}")
        } else if now.api_key_required {
            format!("takes the API key from {name}")
        } else {
            format!("asks for an API key at {name}")
        }
    }
}

/// Whether a deployment serves a method at least as openly as the draft. A type that was inferred from the
/// draft proves nothing.
fn is_surely_as_open(now: Option<Snapshot<'_>>, draft: Option<&DraftMethod>) -> bool {
    now.is_some_and(|now| {
        let drops_key = now.api_key_required && draft.is_some_and(|it| !it.api_key_required);
        now.authorization == Some(&AuthorizationType::None) && !now.inferred && !drops_key
    })
}

fn differs(now: Option<Snapshot<'_>>, draft: Option<&DraftMethod>) -> bool {
    match (now, draft) {
        (None, None) => false,
        (Some(now), Some(draft)) => {
            now.authorization != draft.authorization.as_ref()
                || now.api_key_required != draft.api_key_required
        }
        _ => true,
    }
}

/// What else a deployment does that opens nothing.
fn in_words(method: &MethodView<'_>, others: &[&Change<'_>]) -> String {
    let what = if others.is_empty() {
        "the deployment changes no other method of the stage".to_owned()
    } else {
        let named = others.iter().map(|it| it.in_words());
        format!("the same deployment also {}", listed(named, NAMED))
    };
    let settings = match method.api.kind {
        ApiKind::Rest => {
            "the integrations, the resource policy and the setting of the default endpoint go with it as they \
             are now"
        }
        ApiKind::Http | ApiKind::WebSocket => {
            "the integrations and the setting of the default endpoint go with it as they are now"
        }
    };
    let canary = method.stage.canary.as_ref();
    let canary = canary.map_or("", |_| {
        "; the stage has a canary, which may be all that gets the deployment: promote or end it afterwards"
    });
    format!("{what}; {settings}{canary}")
}

/// The commands that close what the draft would open. They edit nothing but the draft: none, where some
/// stage deploys an edit at once.
fn first_commands(method: &MethodView<'_>, opening: &[&Change<'_>]) -> Vec<String> {
    let mut stages = method.api.stages.iter().flatten();
    if stages.any(|it| it.auto_deploy) {
        return Vec::new();
    }
    let drafts = opening.iter().filter(|it| it.may_be_iam);
    let drafts = drafts.filter_map(|it| it.draft).take(NAMED);
    let iam = &AuthorizationType::AwsIam;
    let mut commands: Vec<String> = drafts
        .map(|draft| remedies::set_command(method, draft, iam))
        .collect();
    commands.dedup();
    commands
}

/// A route of the draft by its key, or its verb and path.
pub(super) fn route_in_words(route: &DraftMethod) -> String {
    match &route.route_key {
        Some(key) => key.clone(),
        None => format!("{} {}", route.verb, route.path),
    }
}

fn name_of(method: &MethodView<'_>) -> String {
    match method.route_key {
        Some(key) => key.to_owned(),
        None => format!("{} {}", method.verb, method.path),
    }
}

fn key_of(draft: &DraftMethod) -> (&str, &str) {
    (&draft.path, &draft.verb)
}

fn type_in_words(authorization: Option<&AuthorizationType>) -> &str {
    authorization.map_or("an unknown type", AuthorizationType::as_str)
}

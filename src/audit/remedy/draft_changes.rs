//! What a remedy would change at the stages of an API, besides what it is made for.
//!
//! A deployment takes the whole draft: whoever deploys one mended method deploys everything else that has been
//! edited since. One method of the draft may answer several that are served (`ANY`). And the routes of an HTTP API
//! belong to all its stages: one with automatic deployment takes an edit at once. No command that edits or deploys is
//! printed without a look at all that.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};

use crate::audit::exposure::DomainNames;
use crate::audit::finding::{Remedy, Text};
use crate::audit::method::{MethodView, StageView};
use crate::audit::remedy::change::{Change, Served, key_of};
use crate::audit::remedy::changes::{Changes, NAMED, Told};
use crate::audit::remedy::commands;
use crate::audit::remedy::served::{unknown, without_canary};
use crate::inventory::{Api, ApiKind, AuthorizationType, DraftMethod, Inventory, listed};
use crate::policy_file::PolicyFile;

/// What a deployment of the draft, and the end of the canary, would change at one stage.
#[derive(Debug, Default)]
pub(in crate::audit) struct DraftChanges<'a> {
    stage: &'a str,
    /// Whether the stage takes an edit without anybody's deployment.
    takes_edits_at_once: bool,
    /// Why what a deployment changes cannot be told. `None`: it can.
    pub(super) unknown: Option<&'static str>,
    /// Every method of the stage, in the order of paths and verbs.
    pub(super) methods: Vec<Served<'a>>,
    /// What a deployment of the draft changes as it is.
    pub(super) changes: Changes<'a>,
    /// The indices of the methods that a method of the draft answers.
    pub(super) answered: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// What the end of the canary changes, or why that cannot be told.
    without_canary: Option<Result<Changes<'a>, &'static str>>,
    /// The other stages of the API that take an edit at once.
    others_at_once: Vec<Rc<DraftChanges<'a>>>,
}

/// The stages of an API that take an edit at once, where it has several stages: what they serve.
pub(in crate::audit) fn at_once<'a>(
    inventory: &'a Inventory,
    policy: &'a PolicyFile,
    names: &DomainNames<'_>,
    api: &'a Api,
) -> Vec<Rc<DraftChanges<'a>>> {
    let stages = api.stages.as_deref().unwrap_or_default();
    if api.kind == ApiKind::Rest || stages.len() < 2 {
        return Vec::new();
    }
    let at_once = stages.iter().filter(|it| it.takes_edits_at_once());
    let at_once = at_once.map(|stage| {
        let view = StageView::new(inventory, policy, names, api, stage);
        Rc::new(DraftChanges::new(&view, &MethodView::of_stage(&view)))
    });
    at_once.collect()
}

impl<'a> DraftChanges<'a> {
    /// What remedies at a stage must look at. `at_once` is of the same API.
    pub(in crate::audit) fn at(
        stage: &StageView<'a>,
        methods: &[MethodView<'a>],
        at_once: &[Rc<DraftChanges<'a>>],
    ) -> Self {
        let others = at_once.iter().filter(|it| it.stage != stage.stage.name);
        DraftChanges {
            others_at_once: others.cloned().collect(),
            ..DraftChanges::new(stage, methods)
        }
    }

    fn new(stage: &StageView<'a>, methods: &[MethodView<'a>]) -> Self {
        let deploys_at_once = stage.stage.auto_deploy;
        let served = methods.iter();
        let served = served.map(|it| Served::new(it, deploys_at_once));
        let mut all: Vec<Served<'a>> = served.collect();
        all.sort_by_key(Served::place);
        let mut answered: HashMap<(&'a str, &'a str), Vec<usize>> = HashMap::new();
        for (index, method) in all.iter().enumerate() {
            if let Some(key) = method.draft_key() {
                answered.entry(key).or_default().push(index);
            }
        }
        DraftChanges {
            stage: &stage.stage.name,
            takes_edits_at_once: stage.stage.takes_edits_at_once(),
            unknown: unknown(stage),
            changes: Changes::new(all.iter().filter_map(Served::deployed)),
            without_canary: stage.stage.canary.as_ref().map(|canary| {
                let of_canary = stage.api.deployment(&canary.deployment_id);
                without_canary(stage, of_canary, &all)
            }),
            methods: all,
            answered,
            others_at_once: Vec::new(),
        }
    }

    /// What the end of the stage's canary changes besides `method`, in words.
    ///
    /// # Errors
    /// Why it must not be ended.
    pub(in crate::audit) fn end_canary(&self, method: &MethodView<'a>) -> Result<String, String> {
        let changes = match &self.without_canary {
            Some(Ok(changes)) => changes,
            Some(Err(why)) => return Err((*why).to_owned()),
            None => return Err("the stage has none".to_owned()),
        };
        let told = changes.told(&[(method.path, method.verb)], Vec::new());
        match told {
            Told::Harm { words, .. } => Err(format!("its end would change for the worse: {words}")),
            Told::Changes(words) | Told::All(words) => Ok(format!("its end also {words}")),
            Told::Nothing => Ok("its end changes no other method of the stage".to_owned()),
        }
    }

    /// Whether the remedy of `method` may set the draft's method that answers it to AWS_IAM, and what to say with
    /// the command; it begins with a semicolon, where it is not empty.
    ///
    /// # Errors
    /// Why it may not.
    pub(in crate::audit) fn edit(
        &self,
        method: &MethodView<'a>,
        draft: &DraftMethod,
    ) -> Result<String, String> {
        let key = key_of(draft);
        if !self.takes_edits_at_once {
            self.edit_of_the_draft(method, draft)?;
        }
        let mut said = String::new();
        let own = self.takes_edits_at_once.then_some(self);
        let others = self.others_at_once.iter().map(Rc::as_ref);
        for stage in own.into_iter().chain(others) {
            let is_own = stage.stage == self.stage;
            let about = is_own.then_some((method.path, method.verb));
            said.push_str(&stage.edit_at_once(key, about)?);
        }
        let stages = method.api.stages.iter().flatten();
        let others = stages.filter(|it| !it.takes_edits_at_once() && it.name != self.stage);
        let waiting: Vec<String> = others.map(|it| it.name.clone()).collect();
        if !waiting.is_empty() {
            said.push_str("; the draft belongs to all stages of the API: the next deployment of ");
            said.push_str(&listed(waiting.into_iter(), NAMED));
            said.push_str(" takes the edit as well");
        }
        Ok(said)
    }

    /// An edit that waits for a deployment: what it alone brings to this stage then.
    fn edit_of_the_draft(
        &self,
        method: &MethodView<'a>,
        draft: &DraftMethod,
    ) -> Result<(), String> {
        if self.unknown.is_some() {
            return Ok(());
        }
        let about = (method.path, method.verb);
        let changes = Changes::new(self.brought_by(key_of(draft), Some(about)).into_iter());
        let Told::Harm { words, .. } = changes.told(&[], Vec::new()) else {
            return Ok(());
        };
        let one = match method.api.kind {
            ApiKind::Rest => "a method",
            ApiKind::Http | ApiKind::WebSocket => "a route",
        };
        Err(format!(
            "AWS_IAM on {} of the draft would also reach {words}; settle these first, or give this one {one} of its own in \
             the draft, then scan again",
            draft.name()
        ))
    }

    /// An edit that this stage deploys by itself, with all else that waits in the draft.
    fn edit_at_once(
        &self,
        key: (&str, &str),
        about: Option<(&str, &str)>,
    ) -> Result<String, String> {
        let stage = self.stage;
        if let Some(why) = self.unknown {
            return Err(format!(
                "stage {stage} deploys an edit of the API at once, and {why}"
            ));
        }
        match self.besides(Some(key), about) {
            Told::Harm { words, .. } => Err(format!(
                "the routes belong to all stages of the API, and stage {stage} deploys an edit at once, which would \
                 reach {words}; settle these first, or switch off the automatic deployment of stage {stage}, then scan \
                 again"
            )),
            Told::Changes(words) | Told::All(words) => Ok(format!(
                "; stage {stage} deploys the edit at once, which also {words} there"
            )),
            Told::Nothing => Ok(format!("; stage {stage} deploys the edit at once")),
        }
    }

    /// The other stages that take an edit at once, in words for advice without a command; it begins with a
    /// semicolon, where it is not empty.
    pub(in crate::audit) fn warning(&self) -> String {
        if self.others_at_once.is_empty() {
            return String::new();
        }
        let stages = self.others_at_once.iter().map(|it| it.stage.to_owned());
        format!(
            "; the routes belong to all stages of the API: look first at {}, where an edit is deployed at once",
            listed(stages, NAMED)
        )
    }

    /// Adds to a remedy the command that deploys, with what else it changes; or says why there is none.
    /// `method` is what the remedy is about, and `set` the draft's method that it sets to AWS_IAM before.
    pub(in crate::audit) fn deploy(
        &self,
        method: &MethodView<'a>,
        set: Option<&DraftMethod>,
        remedy: &mut Remedy,
    ) {
        if self.takes_edits_at_once {
            if method.stage.auto_deploy_failed {
                remedy.summary = format!(
                    "{}; the stage deploys by itself, and the last time failed: LastDeploymentStatusMessage of the \
                     stage says why",
                    remedy.summary
                )
                .into();
            }
            return;
        }
        if let Some(why) = self.unknown {
            remedy.summary = format!(
                "{}; no command that deploys is given: {why}, so look first at what else the draft changes",
                remedy.summary
            )
            .into();
            return;
        }
        let others = self.besides(set.map(key_of), Some((method.path, method.verb)));
        let changes = match others {
            Told::Harm { words, named } => {
                remedy.summary = format!(
                    "{}; no command that deploys is given, because of what else it would reach: {words}; look at these \
                     and mend them in the draft first, then scan again",
                    remedy.summary
                )
                .into();
                let first = self.first_commands(method, &named);
                remedy.commands.extend(first.into_iter().map(Text::from));
                return;
            }
            Told::All(words) => format!("all that the deployment does to the stage: {words}"),
            Told::Changes(words) => format!("the same deployment also {words}"),
            Told::Nothing => "the deployment changes no other method of the stage".to_owned(),
        };
        remedy.summary = format!("{}; {changes}; {}", remedy.summary, uncompared(method)).into();
        let deploy = commands::deploy_command(method);
        remedy.commands.extend(deploy.map(Text::from));
    }

    /// The commands that close what the draft would open, of what was named. They edit nothing but the draft: none,
    /// where some stage deploys an edit at once, and none that brings harm itself.
    fn first_commands(&self, method: &MethodView<'a>, named: &[Change<'_>]) -> Vec<String> {
        let mut stages = method.api.stages.iter().flatten();
        if stages.any(|it| it.takes_edits_at_once()) {
            return Vec::new();
        }
        let opened = named.iter().filter(|it| it.opens());
        let harmless = opened.filter_map(|it| it.draft).filter(|draft| {
            let changes = self.brought_by(key_of(draft), None);
            !changes.iter().any(Change::is_harm)
        });
        let iam = &AuthorizationType::AwsIam;
        let mut commands: Vec<String> = harmless
            .map(|draft| commands::set_command(method, draft, iam))
            .collect();
        commands.dedup();
        commands
    }

    /// All that a deployment changes, after the draft's method `set` was set to AWS_IAM. `about` is the place of
    /// the method that the remedy is about, if it is one of this stage. Where nothing is set, the words name its own change
    /// beside the others: so the remedies of all methods that one deployment mends say the same.
    fn besides(&self, set: Option<(&str, &str)>, about: Option<(&str, &str)>) -> Told<'a> {
        let answered = set.and_then(|key| self.answered.get(&key));
        let indices = answered.into_iter().flatten();
        let places = indices.filter_map(|index| Some(self.methods.get(*index)?.place()));
        let mut judged_anew: Vec<(&str, &str)> = places.chain(about).collect();
        judged_anew.sort_unstable();
        judged_anew.dedup();
        let mut changes = set.map_or_else(Vec::new, |key| self.brought_by(key, about));
        if set.is_none() {
            let own = about.and_then(|place| self.served(place));
            changes.extend(own.and_then(|it| it.own(false)));
        }
        // Of its own change, more is said where some of its callers are refused whom the policy file accepts.
        let is_plain = set.is_none() && changes.is_empty();
        let besides = self.changes.told(&judged_anew, changes);
        if !is_plain || !matches!(besides, Told::Changes(_)) {
            return besides;
        }
        match self.changes.told(&[], Vec::new()) {
            Told::Changes(words) => Told::All(words),
            Told::All(_) | Told::Nothing | Told::Harm { .. } => besides,
        }
    }

    /// What AWS_IAM on one method of the draft brings to the methods that it answers.
    fn brought_by(&self, key: (&str, &str), about: Option<(&str, &str)>) -> Vec<Change<'a>> {
        let indices = self.answered.get(&key).into_iter().flatten();
        let answered = indices.filter_map(|index| self.methods.get(*index));
        let changes = answered.filter_map(|it| {
            if about == Some(it.place()) {
                it.own(true)
            } else {
                it.deployed_as_iam()
            }
        });
        changes.collect()
    }

    pub(super) fn served(&self, place: (&str, &str)) -> Option<&Served<'a>> {
        let at = self.methods.binary_search_by_key(&place, |it| it.place());
        self.methods.get(at.ok()?)
    }
}

/// What goes with every deployment and is not compared.
pub(in crate::audit) fn uncompared(method: &MethodView<'_>) -> String {
    let settings = match method.api.kind {
        ApiKind::Rest => {
            "the integrations, the authorizers, the resource policy and the setting of the default endpoint go \
             with it as they are now"
        }
        ApiKind::Http | ApiKind::WebSocket => {
            "the integrations, the authorizers and the setting of the default endpoint go with it as they are now"
        }
    };
    let canary = method.stage.canary.as_ref();
    let canary = canary.map_or("", |_| {
        "; the stage has a canary, which may be all that gets the deployment: promote or end it afterwards"
    });
    format!("{settings}{canary}")
}

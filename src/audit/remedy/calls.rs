//! All methods of a stage, as it serves them and as its draft has them, made ready to be held against the ARNs of a grant.
//!
//! Whoever asks about one method of a stage mostly asks about the others next: what was made ready is kept until another
//! stage is asked about.

use std::cell::{OnceCell, RefCell};
use std::ptr;
use std::rc::Rc;

use crate::audit::access::{Estate, requests};
use crate::audit::method::MethodAt;
use crate::audit::remedy::already::LastGroup;
use crate::audit::remedy::shape::Known;
use crate::iam::Template;
use crate::inventory::served::Answers;
use crate::inventory::{ANY, ApiKind, AuthorizationType, Inventory, OPTIONS, Verbs};

/// The stage that was asked about last.
#[derive(Debug, Default)]
pub(in crate::audit) struct LastStage {
    calls: RefCell<Option<Rc<Calls>>>,
    /// What a group can already call there.
    granted: LastGroup,
}

impl LastStage {
    /// Whether the policies of a group let its members call all requests of a method, whatever the conditions. The type of the
    /// method does not matter: it may be about to be set to AWS_IAM.
    pub(super) fn is_granted(
        &self,
        estate: &Estate<'_>,
        group: &str,
        method: MethodAt<'_>,
    ) -> bool {
        self.granted
            .can_call(estate, group, (addresses(method), method))
    }

    /// The methods of the stage of a method.
    pub(super) fn of(&self, method: MethodAt<'_>) -> Rc<Calls> {
        let mut last = self.calls.borrow_mut();
        match last.as_ref() {
            Some(calls) if calls.is_of(method) => Rc::clone(calls),
            _ => {
                let calls = Rc::new(Calls::new(method));
                *last = Some(Rc::clone(&calls));
                calls
            }
        }
    }
}

/// Where the API and the stage of a method lie in memory. A file may have two of the same Region, id and name.
fn addresses(method: MethodAt<'_>) -> [usize; 2] {
    let (api, stage) = (ptr::from_ref(method.api), ptr::from_ref(method.stage));
    [api.addr(), stage.addr()]
}

/// The methods of a stage, once each, by path and verb. What answers preflights, which anyone may call, is left out.
#[derive(Debug)]
pub(super) struct Calls {
    of: [usize; 2],
    all: Vec<Call>,
    /// All requests of the stage.
    stage: OnceCell<Template>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) verb: String,
    pub(super) path: String,
    pub(super) known: Known,
    /// The requests that it answers: of an `ANY` method, those with verbs that its path has no method of their own for.
    answers: Answers,
    template: OnceCell<Template>,
}

impl Calls {
    /// Those of the stage of a method.
    fn new(method: MethodAt<'_>) -> Self {
        let api = method.api;
        let deployments = method.stage.served().filter_map(|it| api.deployment(it));
        let served = deployments.filter_map(|it| it.summary()).flatten();
        let served = served.map(|it| (&it.path, &it.verb, &it.authorization));
        let drafted = api.draft.iter().flatten();
        let drafted = drafted.map(|it| (&it.path, &it.verb, &it.authorization));
        let calls = served.chain(drafted).filter(|(_, verb, authorization)| {
            let is_open = **authorization == Some(AuthorizationType::None);
            !(verb.as_str() == OPTIONS && is_open)
        });
        let mut calls: Vec<(&str, &str)> = calls
            .map(|(path, verb, _)| (path.as_str(), verb.as_str()))
            .collect();
        calls.sort_unstable();
        calls.dedup();
        let by_path = calls.chunk_by(|(one, _), (other, _)| one == other);
        let all = by_path.flat_map(|on_path| {
            let verbs = on_path.iter().map(|(_, verb)| *verb);
            let left = left_to_any(verbs);
            on_path.iter().map(move |(path, verb)| Call {
                verb: (*verb).to_owned(),
                path: (*path).to_owned(),
                known: Known::of(path),
                answers: match *verb {
                    ANY => left,
                    verb => Answers::of_verb(verb),
                },
                template: OnceCell::new(),
            })
        });
        Calls {
            all: all.collect(),
            of: addresses(method),
            stage: OnceCell::new(),
        }
    }

    /// Whether they are those of the stage of a method.
    fn is_of(&self, method: MethodAt<'_>) -> bool {
        self.of == addresses(method)
    }

    /// All requests of the stage, which is that of `method`.
    pub(super) fn stage(&self, inventory: &Inventory, method: MethodAt<'_>) -> &Template {
        let (partition, account) = (&inventory.partition, &inventory.account);
        let place = [partition.as_str(), &method.api.region, account];
        let of_stage = [method.api.id.as_str(), &method.stage.name];
        self.stage
            .get_or_init(|| Template::of_stage(place, of_stage))
    }

    /// Each of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.all.iter()
    }

    /// Whether the stage or its draft has a method of this path and verb.
    pub(super) fn has(&self, path: &str, verb: &str) -> bool {
        let all = &self.all;
        let found = all.binary_search_by_key(&(path, verb), |it| (&it.path, &it.verb));
        found.is_ok()
    }

    /// The requests that a method answers, which need not be one of these.
    pub(super) fn answers(&self, method: MethodAt<'_>) -> Answers {
        if method.verb != ANY {
            return Answers::of_verb(method.verb);
        }
        let on_path = self.iter().filter(|it| it.path == method.path);
        left_to_any(on_path.map(|it| it.verb.as_str()))
    }
}

/// What an `ANY` method answers beside methods with these verbs on its path.
fn left_to_any<'v>(verbs: impl Iterator<Item = &'v str>) -> Answers {
    Answers::Verbs(verbs.fold(Verbs::ALL, |left, verb| left.without(Verbs::one(verb))))
}

impl Call {
    /// The requests that it answers, at the stage of another method. `None`: there are none.
    pub(super) fn template(
        &self,
        inventory: &Inventory,
        beside: MethodAt<'_>,
    ) -> Option<&Template> {
        let is_any = self.answers != Answers::Verbs(Verbs::NONE);
        let own = self.at(beside);
        let template = || asked_about(inventory, own, self.answers);
        is_any.then(|| self.template.get_or_init(template))
    }

    /// It, at the stage of another method.
    pub(super) fn at<'c>(&'c self, beside: MethodAt<'c>) -> MethodAt<'c> {
        MethodAt {
            verb: &self.verb,
            path: &self.path,
            ..beside
        }
    }
}

/// The requests with these answers of a method.
pub(super) fn asked_about(
    inventory: &Inventory,
    method: MethodAt<'_>,
    answers: Answers,
) -> Template {
    let asked = match method.api.kind {
        ApiKind::WebSocket => Answers::Connections,
        ApiKind::Rest | ApiKind::Http => answers,
    };
    let place = (method.api, method.stage);
    requests(inventory, place, asked, (method.verb, method.path))
}

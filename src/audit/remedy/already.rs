//! Whether a group can already call a method, so that it needs no grant.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::audit::access::{CallableMethod, Estate, HolderKind};
use crate::audit::method::MethodAt;
use crate::iam::Verdict;

/// What a group can call at a stage: verbs and paths.
type Callable = BTreeSet<(String, String)>;

/// The stage that was asked about last, and what groups can call there. Whoever asks about one method of a stage mostly asks
/// about the others next.
#[derive(Debug, Default)]
pub(super) struct LastGroup(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    stage: Option<[usize; 2]>,
    groups: BTreeMap<String, Rc<Callable>>,
}

impl LastGroup {
    /// Whether the members of a group can call all requests of a method. `stage`: where its API and stage lie in memory.
    pub(super) fn can_call(
        &self,
        estate: &Estate<'_>,
        group: &str,
        (stage, method): ([usize; 2], MethodAt<'_>),
    ) -> bool {
        let key = (method.verb.to_owned(), method.path.to_owned());
        self.of(estate, group, (stage, method)).contains(&key)
    }

    fn of(
        &self,
        estate: &Estate<'_>,
        group: &str,
        (stage, method): ([usize; 2], MethodAt<'_>),
    ) -> Rc<Callable> {
        let mut known = self.0.borrow_mut();
        if known.stage != Some(stage) {
            *known = Known {
                stage: Some(stage),
                groups: BTreeMap::new(),
            };
        }
        if let Some(callable) = known.groups.get(group) {
            return Rc::clone(callable);
        }
        let callable = Rc::new(callable(estate, group, method));
        known.groups.insert(group.to_owned(), Rc::clone(&callable));
        callable
    }
}

fn callable(estate: &Estate<'_>, group: &str, at: MethodAt<'_>) -> Callable {
    let mut holders = estate.holders().iter();
    let holder =
        holders.find(|it| it.kind == HolderKind::Group && it.name.eq_ignore_ascii_case(group));
    let methods = estate.api(&at.api.region, &at.api.id);
    let (Some(holder), Some((_, methods))) = (holder, methods) else {
        return Callable::new();
    };
    let methods = methods.iter().filter(|it| it.stage.name == at.stage.name);
    let methods: Vec<&CallableMethod<'_>> = methods.collect();
    // Not by `cells`, which notes a gap for what is not decided: nobody is judged by this answer.
    let row = estate.asking(&[holder], &methods).rows(&methods).pop();
    let cells = methods.iter().zip(row.unwrap_or_default());
    let callable = cells.filter(|(_, it)| it.verdict == Verdict::All && !it.conditional);
    let callable = callable.map(|(it, _)| (it.verb.to_owned(), it.path.to_owned()));
    callable.collect()
}

//! Who can call a method that is explained.

use std::collections::BTreeMap;

use crate::audit::access::{CallableMethod, Estate, Holder, HolderKind, Origin};
use crate::audit::finding::Place;
use crate::iam::Verdict;
use crate::inventory::{AuthorizationType, Gap, GapKind, Inventory};

/// Who can call a method.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Whether some of its requests pass without authorization, so that anyone can.
    pub anyone: bool,
    /// The authorization types by which something else than IAM decides.
    pub others: Vec<String>,
    /// Whether IAM decides about some of its requests, or may.
    pub asks_iam: bool,
    /// Those whom IAM allows requests, by how many: the most first.
    pub allowed: Vec<Allowed>,
    /// Whether some of the principals could not be read: others may be able to call it, too.
    pub is_partial: bool,
}

/// Those who may make as many of a method's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// How many: all, some, or undecided.
    pub verdict: Verdict,
    /// Whether that depends on a condition.
    pub conditional: bool,
    /// Who, by kind and name. A user who has what their groups give them is not named beside these.
    pub who: Vec<String>,
}

impl WhoCan {
    /// Who can call the method of each of these places. `None`: no stage serves it, or it is one of a template.
    pub(super) fn of_each(
        inventory: &Inventory,
        gaps: &[Gap],
        places: &[&Place],
    ) -> Vec<Option<Self>> {
        if inventory.scope.template.is_some() {
            return places.iter().map(|_| None).collect();
        }
        let estate = Estate::new(inventory);
        let is_partial = estate.is_none() || gaps.iter().any(|it| it.kind == GapKind::Iam);
        let each = places.iter().map(|place| {
            let known = match &estate {
                Some(estate) => who_can(estate, place),
                None => Some(WhoCan::default()),
            };
            known.map(|it| WhoCan { is_partial, ..it })
        });
        each.collect()
    }
}

/// Who can call the method of a place. `None`: no stage serves it.
fn who_can(estate: &Estate<'_>, place: &Place) -> Option<WhoCan> {
    let (verb, path) = place.method()?;
    let api = place.api.as_ref()?;
    let (_, methods) = estate.api(place.region.as_deref()?, &api.id)?;
    let mut methods = methods.iter();
    let stage = place.stage.as_deref();
    let method = methods
        .find(|it| stage == Some(it.stage.name.as_str()) && (it.verb, it.path) == (verb, path))?;
    let types = method.authorizations.iter();
    let others =
        types.filter(|it| !matches!(it, AuthorizationType::None | AuthorizationType::AwsIam));
    let mut found = WhoCan {
        anyone: method.authorizations.contains(&AuthorizationType::None),
        others: others.map(|it| it.as_str().to_owned()).collect(),
        asks_iam: method.asks_iam(),
        allowed: Vec::new(),
        is_partial: false,
    };
    if !found.asks_iam {
        return Some(found);
    }
    let mut allowed: BTreeMap<(Verdict, bool), Vec<String>> = BTreeMap::new();
    let everybody: Vec<&Holder> = estate.holders().iter().chain(estate.outside()).collect();
    let rows = estate.asking(&everybody, &[method]).rows(&[method]);
    for (holder, row) in everybody.into_iter().zip(rows) {
        let Some(cell) = row.first().filter(|it| it.verdict != Verdict::None) else {
            continue;
        };
        if cell.verdict == Verdict::Undecided || !is_by_groups(estate, holder, method) {
            let key = (cell.verdict, !cell.conditional);
            allowed.entry(key).or_default().push(holder.label());
        }
    }
    let most_first = allowed.into_iter().rev();
    found.allowed = most_first
        .map(|((verdict, is_certain), who)| Allowed {
            verdict,
            conditional: !is_certain,
            who,
        })
        .collect();
    Some(found)
}

/// Whether a user may call a method by their groups, and by nothing of their own.
fn is_by_groups(estate: &Estate<'_>, holder: &Holder, method: &CallableMethod<'_>) -> bool {
    let allows = |of_group: bool| {
        let sources = holder.sources.iter();
        let sources = sources.filter(|it| matches!(it.origin, Origin::Group(_)) == of_group);
        estate.allowed_by(holder, sources, method).verdict != Verdict::None
    };
    holder.kind == HolderKind::User && allows(true) && !allows(false)
}

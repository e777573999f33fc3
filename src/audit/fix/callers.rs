//! Who can call a method once a plan is carried out, and who loses access.

use std::collections::BTreeMap;

use crate::audit::access::{CallableMethod, Estate, Holder, HolderKind};
use crate::audit::finding::{Fingerprint, Place};
use crate::audit::fix::stage::Target;
use crate::iam::Verdict;
use crate::inventory::{AuthorizationType, Inventory};

/// A method that a plan is about, as it is served now and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodAfter {
    /// The finding about it.
    pub finding: Fingerprint,
    /// Where it is.
    pub place: Place,
    /// The authorization type that its callers meet now. `None`: it is not known.
    pub before: Option<String>,
    /// The type that they meet then. `None`: it is not known.
    pub after: Option<String>,
    /// The principals that IAM lets in then. `None`: something else decides, or the principals could not be read.
    pub callers: Option<Callers>,
}

/// The users, roles, other accounts and organizations that can call a method, as `kind/name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    /// All of its requests.
    pub all: Vec<String>,
    /// Some of its requests, or only if a condition holds.
    pub some: Vec<String>,
    /// What could not be decided.
    pub undecided: Vec<String>,
    /// None of its requests: they lose access where they have it now without any policy.
    pub none: Vec<String>,
}

impl MethodAfter {
    /// Whether it is known that somebody can call it then, or that something other than IAM decides.
    pub fn has_callers(&self) -> bool {
        let is_of_iam = self.after.as_deref() == Some(AuthorizationType::AwsIam.as_str());
        match &self.callers {
            Some(callers) => !callers.all.is_empty() || !callers.some.is_empty(),
            None => self.after.is_some() && !is_of_iam,
        }
    }
}

/// The methods of a plan, as they would be in `after`.
pub(super) fn methods_after(after: &Inventory, targets: &[&Target<'_>]) -> Vec<MethodAfter> {
    let estate = Estate::new(after);
    let mut callers = match &estate {
        Some(estate) => callers(estate, targets),
        None => BTreeMap::new(),
    };
    let methods = targets.iter().enumerate().map(|(at, target)| {
        let served = target.method.deployed;
        let served = served.and_then(|it| it.authorization.kind());
        MethodAfter {
            finding: target.finding.fingerprint(),
            place: target.finding.place.clone(),
            before: served.map(|it| it.as_str().to_owned()),
            after: target.type_after().map(|it| it.as_str().to_owned()),
            callers: callers.remove(&at),
        }
    });
    methods.collect()
}

/// The callers of those methods that ask for AWS_IAM then, by the places of their targets. A method that is not served then
/// is left out. All are asked about at once: an account may have very many principals.
fn callers(estate: &Estate<'_>, targets: &[&Target<'_>]) -> BTreeMap<usize, Callers> {
    let asked = targets.iter().enumerate().filter(|(_, target)| {
        let then = target.type_after();
        then == Some(&AuthorizationType::AwsIam)
    });
    let asked = asked.filter_map(|(at, target)| Some((at, served(estate, target)?)));
    let (places, methods): (Vec<usize>, Vec<&CallableMethod<'_>>) = asked.unzip();
    let holders = estate.holders().iter().chain(estate.outside());
    let holders: Vec<&Holder> = holders.filter(|it| it.kind != HolderKind::Group).collect();
    let rows = estate.asking(&holders, &methods).rows(&methods);
    let mut callers: Vec<Callers> = vec![Callers::default(); methods.len()];
    for (holder, row) in holders.into_iter().zip(rows) {
        for (callers, cell) in callers.iter_mut().zip(row) {
            let list = match (cell.verdict, cell.conditional) {
                (Verdict::All, false) => &mut callers.all,
                (Verdict::All, true) | (Verdict::Some, _) => &mut callers.some,
                (Verdict::None, _) => &mut callers.none,
                (Verdict::Undecided, _) => &mut callers.undecided,
            };
            list.push(format!("{}/{}", holder.kind.as_str(), holder.name));
        }
    }
    places.into_iter().zip(callers).collect()
}

/// The method that a target is about.
pub(super) fn served<'e, 'a>(
    estate: &'e Estate<'a>,
    target: &Target<'_>,
) -> Option<&'e CallableMethod<'a>> {
    let method = &target.method;
    let (_, methods) = estate.api(&method.api.region, &method.api.id)?;
    let mut methods = methods.iter();
    methods.find(|it| {
        let place = (it.verb, it.path);
        it.stage.name == method.stage.name && place == (method.verb, method.path)
    })
}

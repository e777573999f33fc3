//! Who can call a method once a plan is carried out, and who loses access.

use crate::audit::access::{Estate, Holder, HolderKind};
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
    let methods = targets.iter().map(|target| {
        let method = &target.method;
        let served = method.deployed.and_then(|it| it.authorization.kind());
        let then = target.type_after().cloned();
        let is_of_iam = then == Some(AuthorizationType::AwsIam);
        let estate = estate.as_ref().filter(|_| is_of_iam);
        MethodAfter {
            finding: target.finding.fingerprint(),
            place: target.finding.place.clone(),
            before: served.map(|it| it.as_str().to_owned()),
            after: then.map(|it| it.as_str().to_owned()),
            callers: estate.and_then(|estate| callers(estate, target)),
        }
    });
    methods.collect()
}

/// `None`: the method is not served then.
fn callers(estate: &Estate<'_>, target: &Target<'_>) -> Option<Callers> {
    let (_, methods) = estate.api(&target.method.api.region, &target.method.api.id)?;
    let method = methods.iter().find(|it| {
        let place = (it.stage.name.as_str(), it.verb, it.path);
        let method = &target.method;
        place == (method.stage.name.as_str(), method.verb, method.path)
    })?;
    let holders = estate.holders().iter().chain(estate.outside());
    let holders: Vec<&Holder> = holders.filter(|it| it.kind != HolderKind::Group).collect();
    let rows = estate.asking(&holders, &[method]).rows(&[method]);
    let mut callers = Callers::default();
    for (holder, row) in holders.into_iter().zip(rows) {
        let list = match row.first().map(|it| (it.verdict, it.conditional)) {
            Some((Verdict::All, false)) => &mut callers.all,
            Some((Verdict::All, true) | (Verdict::Some, _)) => &mut callers.some,
            Some((Verdict::None, _)) => &mut callers.none,
            Some((Verdict::Undecided, _)) | None => &mut callers.undecided,
        };
        list.push(format!("{}/{}", holder.kind.as_str(), holder.name));
    }
    Some(callers)
}

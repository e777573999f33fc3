//! The methods that the policy file says a group or role should call.

use crate::audit::access::{CallableMethod, Estate};
use crate::audit::context::Context;
use crate::audit::finding::Exposure;
use crate::audit::method::{AtStage, MethodAt};
use crate::audit::remedy::grantee::{Grantee, about_stage, exposures};
use crate::inventory::{Api, Stage};
use crate::policy_file::{Invokers, Selector};

/// What the policy file says that a group or role should call.
pub(in crate::audit) struct Meant<'a> {
    grantee: Grantee<'a>,
    context: Context<'a>,
    /// The selectors of each list speak of a method together.
    lists: Vec<Vec<&'a Selector>>,
}

/// The same at one stage.
pub(super) struct MeantAt<'m, 'a> {
    meant: &'m Meant<'a>,
    lists: Vec<Vec<AtStage<'a>>>,
    /// The entries of `invokers` about the stage.
    entries: Vec<(AtStage<'a>, &'a Invokers)>,
}

impl<'a> Meant<'a> {
    /// `None`: the policy file says nothing of it.
    pub(in crate::audit) fn new(context: Context<'a>, grantee: Grantee<'a>) -> Option<Self> {
        let mut lists = grantee.demanding(context);
        let listing = grantee.listing(context);
        if lists.is_empty() && listing.is_empty() {
            return None;
        }
        lists.push(listing);
        Some(Meant {
            grantee,
            context,
            lists,
        })
    }

    /// Those of an account's methods that it should call, and that ask for AWS_IAM, or may.
    pub(in crate::audit) fn among<'e, 'i>(
        &self,
        estate: &'e Estate<'i>,
    ) -> Vec<&'e CallableMethod<'i>> {
        let mut among = Vec::new();
        for methods in estate.methods_by_stage() {
            let Some(at) = methods.first().and_then(|it| self.at(it.api, it.stage)) else {
                continue;
            };
            let asking = methods.iter().filter(|it| it.asks_iam());
            among.extend(asking.filter(|it| at.has(MethodAt::from(*it))));
        }
        among
    }

    /// `None`: nothing is said of the stage's methods.
    pub(super) fn at(&self, api: &Api, stage: &Stage) -> Option<MeantAt<'_, 'a>> {
        let lists = self.lists.iter();
        let lists = lists.map(|it| AtStage::all(it.iter().copied(), api, stage));
        let lists: Vec<Vec<AtStage<'a>>> = lists.filter(|it| !it.is_empty()).collect();
        (!lists.is_empty()).then(|| MeantAt {
            meant: self,
            lists,
            entries: about_stage(self.context, api, stage),
        })
    }
}

impl MeantAt<'_, '_> {
    /// Whether a method of the stage is among them.
    pub(super) fn has(&self, method: MethodAt<'_>) -> bool {
        let Meant {
            context, grantee, ..
        } = self.meant;
        let exposures = exposures(*context, method);
        let mut lists = self.lists.iter();
        lists.any(|it| select_all(it, method, &exposures))
            && !grantee.is_unlisted(&self.entries, method, &exposures)
    }
}

/// Whether selectors together speak of all of a method of their stage, with any of these exposures: of each verb that `ANY`
/// may answer.
pub(super) fn select_all(
    selectors: &[AtStage<'_>],
    method: MethodAt<'_>,
    exposures: &[Option<Exposure>],
) -> bool {
    let is_selected = |part: MethodAt<'_>| {
        let mut selectors = selectors.iter();
        selectors.any(|selector| {
            let mut exposures = exposures.iter();
            exposures.any(|it| selector.selects_part(method, part, *it))
        })
    };
    let mut parts = method.parts();
    parts.all(is_selected)
}

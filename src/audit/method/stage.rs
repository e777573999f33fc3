//! One stage with everything that its methods are judged by.

use std::rc::Rc;

use crate::audit::access::requests;
use crate::audit::exposure::outsiders::Said;
use crate::audit::exposure::{DomainNames, Reach, StageReach};
use crate::audit::method::stage_place;
use crate::iam::{Admission, Outsider, Template};
use crate::inventory::served::{ServedMethod, ServedMethods};
use crate::inventory::{Api, Inventory, Stage};
use crate::policy_file::{PolicyFile, Preflight, StageRequirements};

/// One stage with everything that its methods are judged by.
#[derive(Debug)]
pub(in crate::audit) struct StageView<'a> {
    pub(in crate::audit) api: &'a Api,
    pub(in crate::audit) stage: &'a Stage,
    /// What it serves.
    pub(in crate::audit) served: ServedMethods<'a>,
    pub(in crate::audit) requirements: StageRequirements<'a>,
    pub(in crate::audit) preflight: Preflight,
    pub(in crate::audit) reach: Rc<StageReach>,
    pub(in crate::audit) inventory: &'a Inventory,
}

impl<'a> StageView<'a> {
    pub(in crate::audit) fn new(
        inventory: &'a Inventory,
        policy: &'a PolicyFile,
        names: &DomainNames<'_>,
        api: &'a Api,
        stage: &'a Stage,
    ) -> Self {
        StageView {
            api,
            stage,
            served: ServedMethods::of(api, stage),
            requirements: policy.at_stage(stage_place(api, &stage.name)),
            preflight: policy.preflight,
            reach: Rc::new(StageReach::new(inventory, names, api, stage)),
            inventory,
        }
    }

    /// Whether it was read in a template, which is not deployed yet.
    pub(in crate::audit) fn is_in_a_file(&self) -> bool {
        self.inventory.scope.template.is_some()
    }

    /// Whether every deployment that the stage serves could be read.
    pub(in crate::audit) fn is_read(&self) -> bool {
        self.served.is_read()
    }

    /// Who reaches a method of the stage.
    pub(in crate::audit) fn reach(&self, method: &ServedMethod<'_>) -> Reach {
        let template = || self.template(method);
        let name = || format!("{} {}", method.verb, method.path);
        Reach::new(self.api, &self.reach, name, template)
    }

    /// Whether a principal of any account, who is allowed to there, gets past the resource policy from anywhere.
    pub(in crate::audit) fn admits_strangers(&self, method: &ServedMethod<'_>) -> bool {
        let template = || self.template(method);
        let name = || format!("{} {}", method.verb, method.path);
        let outsiders = &self.reach.outsiders;
        let said = outsiders.said(Outsider::Stranger, name, template);
        said == Said::Admission(Admission::FromAnywhere)
    }

    fn template(&self, method: &ServedMethod<'_>) -> Template {
        let place = (self.api, self.stage);
        requests(
            self.inventory,
            place,
            method.asked(),
            (method.verb, method.path),
        )
    }
}

//! One stage with everything that its methods are judged by.

use std::rc::Rc;

use crate::audit::access::requests;
use crate::audit::exposure::outsiders::Said;
use crate::audit::exposure::{DomainNames, Reach, StageReach};
use crate::audit::finding::Source;
use crate::audit::method::{Snapshot, stage_place};
use crate::iam::{Admission, Outsider, Template};
use crate::inventory::served::{ServedMethod, ServedMethods};
use crate::inventory::{Api, AuthorizationType, Inventory, Stage};
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
        let name = || name_of(method);
        Reach::new(self.api, &self.reach, name, template)
    }

    /// Whether a principal of any account, who is allowed to there, gets past the resource policy from anywhere.
    pub(in crate::audit) fn admits_strangers(&self, method: &ServedMethod<'_>) -> bool {
        let template = || self.template(method);
        let name = || name_of(method);
        let outsiders = &self.reach.outsiders;
        let said = outsiders.said(Outsider::Stranger, name, template);
        said == Said::Admission(Admission::FromAnywhere)
    }

    /// What a private API serves to callers who get past its resource policy from the VPCs of every account: by the
    /// stage's own deployment, or else by its canary's. Who signs is asked about where the type is AWS_IAM.
    pub(in crate::audit) fn open_to_every_vpc(
        &self,
        method: &ServedMethod<'a>,
    ) -> Option<(Snapshot<'a>, Source)> {
        if !self.api.is_private() {
            return None;
        }
        let is_open = |snapshot: &Snapshot<'_>| {
            let who = if snapshot.is(&AuthorizationType::AwsIam) {
                Outsider::Stranger
            } else {
                Outsider::Anonymous
            };
            let template = || self.template(method);
            let name = || name_of(method);
            self.reach.outsiders.said_to_every_vpc(who, name, template)
        };
        let own = method.own.map(|it| (it, Source::Deployment));
        let canary = method.canary.map(|it| (it, Source::Canary));
        own.into_iter().chain(canary).find(|(it, _)| is_open(it))
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

/// How a method is called in reports.
fn name_of(method: &ServedMethod<'_>) -> String {
    format!("{} {}", method.verb, method.path)
}

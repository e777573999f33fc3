//! What the resource policy of an API says to callers from outside. Each policy is made ready once, for all stages
//! and methods of its API.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use crate::iam::{Admission, Admissions, Outsider, Template, resource_policy};
use crate::inventory::{Api, Gap, GapKind, Inventory, Reason, Stage, listed};

/// As many methods are named in a gap.
const NAMED: usize = 3;

/// The resource policies of APIs that were asked about so far.
#[derive(Debug, Default)]
pub(in crate::audit) struct ResourcePolicies {
    /// By the API's Region and id.
    known: RefCell<HashMap<(String, String), Rc<ResourcePolicy>>>,
}

/// The resource policy of one API.
#[derive(Debug)]
enum ResourcePolicy {
    /// There is none.
    None,
    /// It is not understood.
    Unclear,
    /// It is ready to be asked.
    Clear {
        anonymous: Admissions,
        stranger: Admissions,
        /// Of a private API, what is said to both in VPCs of other accounts.
        foreign_vpcs: Option<[Admissions; 2]>,
        /// The stages and methods of which it could not be decided.
        undecided: RefCell<BTreeSet<(String, String)>>,
    },
}

/// What the resource policy of an API says to outsiders who call a stage.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Outsiders {
    policy: Rc<ResourcePolicy>,
    stage: String,
    /// What it says of every method. `None`: that depends on the method.
    anonymous: Option<Admission>,
    stranger: Option<Admission>,
}

/// What is said to an outsider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) enum Said {
    /// Nothing, as there is no resource policy.
    Nothing,
    /// The resource policy is not understood.
    Unclear,
    /// This.
    Admission(Admission),
}

impl ResourcePolicies {
    /// What the policy of an API says at a stage.
    pub(in crate::audit) fn at_stage(
        &self,
        inventory: &Inventory,
        api: &Api,
        stage: &Stage,
    ) -> Outsiders {
        let policy = self.of(inventory, api);
        let whole = || {
            let place = [&inventory.partition, &api.region, &inventory.account];
            Template::of_stage(place.map(String::as_str), [&api.id, &stage.name])
        };
        let (anonymous, stranger) = match &*policy {
            ResourcePolicy::Clear {
                anonymous,
                stranger,
                ..
            } => (anonymous.at_stage(&whole()), stranger.at_stage(&whole())),
            ResourcePolicy::None | ResourcePolicy::Unclear => (None, None),
        };
        Outsiders {
            policy,
            stage: stage.name.clone(),
            anonymous,
            stranger,
        }
    }

    fn of(&self, inventory: &Inventory, api: &Api) -> Rc<ResourcePolicy> {
        let Some(document) = &api.resource_policy else {
            return Rc::new(ResourcePolicy::None);
        };
        let key = (api.region.clone(), api.id.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        let policy = Rc::new(match resource_policy(document) {
            Err(_) => ResourcePolicy::Unclear,
            Ok(policy) => {
                let of = |who| Admissions::new(&policy, who, &inventory.account, &api.id);
                ResourcePolicy::Clear {
                    anonymous: of(Outsider::Anonymous),
                    stranger: of(Outsider::Stranger),
                    foreign_vpcs: api.is_private().then(|| {
                        [Outsider::Anonymous, Outsider::Stranger].map(|who| {
                            Admissions::from_foreign_vpcs(&policy, who, &inventory.account, &api.id)
                        })
                    }),
                    undecided: RefCell::default(),
                }
            }
        });
        self.known.borrow_mut().insert(key, Rc::clone(&policy));
        policy
    }

    /// What could not be decided of all that was asked, in order.
    pub(in crate::audit) fn undecided(&self) -> Vec<Gap> {
        let known = self.known.borrow();
        let mut gaps: Vec<Gap> = known
            .iter()
            .filter_map(|((region, api), policy)| policy.gap(region, api))
            .collect();
        gaps.sort();
        gaps
    }
}

impl ResourcePolicy {
    fn gap(&self, region: &str, api: &str) -> Option<Gap> {
        let ResourcePolicy::Clear { undecided, .. } = self else {
            return None;
        };
        let undecided = undecided.borrow();
        if undecided.is_empty() {
            return None;
        }
        let named = undecided.iter();
        let named = named.map(|(stage, method)| format!("{method} of stage {stage}"));
        let message = format!(
            "it is not decided whether the resource policy lets outsiders in to {}, as that takes more work \
             than the bound allows: write fewer `*` and `?` into its Resource elements",
            listed(named, NAMED)
        );
        Some(Gap {
            reason: Reason::TooMuchWork,
            api: Some(api.to_owned()),
            ..Gap::malformed(GapKind::ResourcePolicy, message).in_region(region)
        })
    }
}

impl Outsiders {
    /// What is said to an outsider who calls a method. `name` is how the method is called in reports.
    pub(in crate::audit) fn said(
        &self,
        who: Outsider,
        name: impl FnOnce() -> String,
        method: impl FnOnce() -> Template,
    ) -> Said {
        let ResourcePolicy::Clear {
            anonymous,
            stranger,
            undecided,
            ..
        } = &*self.policy
        else {
            return match &*self.policy {
                ResourcePolicy::None => Said::Nothing,
                _ => Said::Unclear,
            };
        };
        let (at_stage, admissions) = match who {
            Outsider::Anonymous => (self.anonymous, anonymous),
            Outsider::Stranger => (self.stranger, stranger),
        };
        let admission = at_stage.unwrap_or_else(|| admissions.of(&method()));
        if admission == Admission::Undecided {
            undecided.borrow_mut().insert((self.stage.clone(), name()));
        }
        Said::Admission(admission)
    }

    /// Whether an outsider who calls a method of a private API gets in through the VPC endpoints of every account. What
    /// could not be decided becomes a gap, as in [`Outsiders::said`].
    pub(in crate::audit) fn said_to_every_vpc(
        &self,
        who: Outsider,
        name: impl FnOnce() -> String,
        method: impl FnOnce() -> Template,
    ) -> bool {
        let ResourcePolicy::Clear {
            foreign_vpcs: Some([anonymous, stranger]),
            undecided,
            ..
        } = &*self.policy
        else {
            return false;
        };
        let admissions = match who {
            Outsider::Anonymous => anonymous,
            Outsider::Stranger => stranger,
        };
        let admission = admissions.of(&method());
        if admission == Admission::Undecided {
            undecided.borrow_mut().insert((self.stage.clone(), name()));
        }
        admission == Admission::FromAnywhere
    }
}

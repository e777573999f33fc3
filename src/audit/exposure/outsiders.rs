//! What the resource policy of an API says to callers from outside. Each policy is made ready once, for all stages
//! and methods of its API.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use crate::iam::document::Policy;
use crate::iam::{
    Admission, Admissions, Outsider, Template, endpoints, mistaken_networks, resource_policy,
};
use crate::inventory::{Api, Gap, GapKind, Inventory, Reason, Stage, listed, quoted};

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
        from_anywhere: Each<Admissions>,
        /// Of a private API, what is said to them in VPCs of other accounts.
        from_foreign_vpcs: Option<Each<Admissions>>,
        networks: Box<Networks>,
        /// The stages and methods of which it could not be decided.
        undecided: RefCell<BTreeSet<(String, String)>>,
    },
}

/// What a resource policy says of networks, in words.
#[derive(Debug)]
struct Networks {
    /// Its statements that do something else than they were written for.
    mistaken: Vec<String>,
    /// Of a private API, the VPC endpoints and VPCs that it lets callers in from.
    endpoints: Vec<String>,
}

/// Something for each kind of outsider.
#[derive(Debug, Clone, Copy, Default)]
struct Each<T> {
    anonymous: T,
    stranger: T,
}

impl<T> Each<T> {
    fn new(make: impl Fn(Outsider) -> T) -> Self {
        Each {
            anonymous: make(Outsider::Anonymous),
            stranger: make(Outsider::Stranger),
        }
    }

    fn of(&self, who: Outsider) -> &T {
        match who {
            Outsider::Anonymous => &self.anonymous,
            Outsider::Stranger => &self.stranger,
        }
    }
}

/// What the resource policy of an API says to outsiders who call a stage.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Outsiders {
    policy: Rc<ResourcePolicy>,
    stage: String,
    /// What it says of every method. `None`: that depends on the method.
    of_all: Each<Option<Admission>>,
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
        let of_all = match &*policy {
            ResourcePolicy::Clear { from_anywhere, .. } => {
                Each::new(|who| from_anywhere.of(who).at_stage(&whole()))
            }
            ResourcePolicy::None | ResourcePolicy::Unclear => Each::default(),
        };
        Outsiders {
            policy,
            stage: stage.name.clone(),
            of_all,
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
                let (account, api_id) = (&inventory.account, &api.id);
                let from_vpc = |who| Admissions::from_foreign_vpcs(&policy, who, account, api_id);
                let from_anywhere = |who| match api.is_private() {
                    true => Admissions::of_private(&policy, who, account, api_id),
                    false => Admissions::new(&policy, who, account, api_id),
                };
                ResourcePolicy::Clear {
                    from_anywhere: Each::new(from_anywhere),
                    from_foreign_vpcs: api.is_private().then(|| Each::new(from_vpc)),
                    networks: Box::new(Networks {
                        mistaken: mistaken(&policy, api),
                        endpoints: from_endpoints(&policy, api),
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

/// The VPC endpoints and VPCs that the policy of a private API lets callers in from, in words.
fn from_endpoints(policy: &Policy, api: &Api) -> Vec<String> {
    if !api.is_private() {
        return Vec::new();
    }
    let all = endpoints(policy).into_iter();
    all.map(|it| format!("the {} {}", it.what, quoted(it.name)))
        .collect()
}

/// The statements about networks that do something else than they were written for. Where it is not known whether the API
/// is private, none is known to.
fn mistaken(policy: &Policy, api: &Api) -> Vec<String> {
    if api.endpoint_types.is_empty() {
        return Vec::new();
    }
    let mistaken = mistaken_networks(policy, api.is_private()).into_iter();
    let in_words = mistaken.map(|it| {
        let place = policy.place(it.statement);
        format!(
            "{place} of the resource policy {}, which the exposure does not count on: {}",
            it.does, it.why
        )
    });
    in_words.collect()
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
    /// The statements about networks that do something else than they were written for, in words. They change no answer.
    pub(in crate::audit) fn mistaken(&self) -> &[String] {
        match &*self.policy {
            ResourcePolicy::Clear { networks, .. } => &networks.mistaken,
            ResourcePolicy::None | ResourcePolicy::Unclear => &[],
        }
    }

    /// The VPC endpoints and VPCs that the policy of a private API lets callers in from, in words.
    pub(in crate::audit) fn endpoints(&self) -> &[String] {
        match &*self.policy {
            ResourcePolicy::Clear { networks, .. } => &networks.endpoints,
            ResourcePolicy::None | ResourcePolicy::Unclear => &[],
        }
    }

    /// What is said to an outsider who calls a method. `name` is how the method is called in reports.
    pub(in crate::audit) fn said(
        &self,
        who: Outsider,
        name: impl FnOnce() -> String,
        method: impl FnOnce() -> Template,
    ) -> Said {
        let ResourcePolicy::Clear { from_anywhere, .. } = &*self.policy else {
            return match &*self.policy {
                ResourcePolicy::None => Said::Nothing,
                _ => Said::Unclear,
            };
        };
        let of_all = *self.of_all.of(who);
        let admission = of_all.unwrap_or_else(|| from_anywhere.of(who).of(&method()));
        Said::Admission(self.noted(admission, name))
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
            from_foreign_vpcs: Some(admissions),
            ..
        } = &*self.policy
        else {
            return false;
        };
        let admission = admissions.of(who).of(&method());
        self.noted(admission, name) == Admission::FromAnywhere
    }

    /// An answer. One that could not be decided becomes a gap.
    fn noted(&self, admission: Admission, name: impl FnOnce() -> String) -> Admission {
        if let (Admission::Undecided, ResourcePolicy::Clear { undecided, .. }) =
            (admission, &*self.policy)
        {
            undecided.borrow_mut().insert((self.stage.clone(), name()));
        }
        admission
    }
}

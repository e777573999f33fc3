//! By which URLs a stage is reached, and who reaches a method of it.

use std::sync::Arc;

use crate::audit::exposure::domains::{DomainNames, in_words};
use crate::audit::exposure::outsiders::{Outsiders, Said};
use crate::audit::exposure::urls::{default_url, domain_url};
use crate::audit::finding::{Evidence, Exposure, Source, Text};
use crate::iam::{Admission, Outsider, Template};
use crate::inventory::{Api, ApiKind, CustomDomain, DomainMapping, Inventory, Stage, listed};

/// By which URLs a stage is reached.
#[derive(Debug, Clone)]
pub(in crate::audit) struct StageReach {
    /// Who reaches one of them. The resource policy is not weighed yet.
    pub(in crate::audit) exposure: Exposure,
    /// Who reaches one of them where a disabled default endpoint is not deployed yet.
    pub(in crate::audit) widest: Exposure,
    /// Whether the stage is known to serve the API's settings as they were read.
    settings_are_served: bool,
    /// Every URL that is known, the default endpoint's first.
    pub(in crate::audit) urls: Arc<[Text]>,
    /// What decides, in words.
    pub(in crate::audit) says: Vec<String>,
    /// What the resource policy says to outsiders.
    pub(in crate::audit) outsiders: Outsiders,
}

/// Who reaches a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Who, by what the API's settings say.
    pub exposure: Exposure,
    /// Who, where the stage does not serve those settings yet: at least as wide as `exposure`.
    pub widest: Exposure,
    /// What decides, in words.
    pub says: Vec<String>,
    /// The statements of the resource policy about networks that do something else than they were written for. Nothing is
    /// decided by that.
    mistaken: Vec<String>,
}

impl StageReach {
    /// The URLs of a stage.
    pub(in crate::audit) fn new(
        inventory: &Inventory,
        names: &DomainNames<'_>,
        api: &Api,
        stage: &Stage,
    ) -> Self {
        let mut ways = Ways {
            exposure: Exposure::Closed,
            urls: Vec::new(),
            says: Vec::new(),
        };
        ways.add_default_endpoint(inventory, api, stage);
        for (domain, mapping) in names.of(api, stage) {
            ways.add_domain(api, stage, domain, mapping);
        }
        ways.add_unread(api, names.unread(api));
        let Ways {
            exposure,
            urls,
            says,
        } = ways;
        let settings_are_served = settings_are_served(inventory, api, stage);
        let widest = if api.default_endpoint_disabled && !settings_are_served {
            exposure.max(endpoint(inventory, api))
        } else {
            exposure
        };
        StageReach {
            exposure,
            widest,
            settings_are_served,
            urls: urls.into_iter().map(Text::from).collect(),
            says,
            outsiders: names.policies.at_stage(inventory, api, stage),
        }
    }
}

/// The ways to a stage that are known so far.
struct Ways {
    /// Who gets in by one of them.
    exposure: Exposure,
    urls: Vec<String>,
    /// What decides, in words.
    says: Vec<String>,
}

impl Ways {
    fn add_default_endpoint(&mut self, inventory: &Inventory, api: &Api, stage: &Stage) {
        if api.default_endpoint_disabled {
            self.says
                .push("the default endpoint is disabled".to_owned());
            return;
        }
        self.exposure = self.exposure.max(endpoint(inventory, api));
        if api.is_private() {
            self.says.push("the endpoint is PRIVATE".to_owned());
        } else if is_elsewhere(inventory, api) {
            let says = "the API is not in the template: who reaches it is not known";
            self.says.push(says.to_owned());
        }
        match default_url(inventory, api, stage) {
            Some(url) => self.urls.push(url),
            None => self.says.push(format!(
                "the host of the default endpoint is not known, as the partition {} is not",
                inventory.partition
            )),
        }
    }

    fn add_domain(
        &mut self,
        api: &Api,
        stage: &Stage,
        domain: &CustomDomain,
        mapping: &DomainMapping,
    ) {
        let through = if domain.is_private() {
            Exposure::Private
        } else if domain.mutual_tls {
            let says = format!("{} asks for a client certificate", domain.name);
            self.says.push(says);
            Exposure::NetworkLimited
        } else {
            Exposure::Public
        };
        self.exposure = self.exposure.max(through);
        self.urls.push(domain_url(api, stage, domain, mapping));
    }

    /// Adds the most that the names can do which could not be read.
    fn add_unread(&mut self, api: &Api, unread: &[&str]) {
        let most = if api.is_private() {
            Exposure::Private
        } else {
            Exposure::Unknown
        };
        if !unread.is_empty() && self.exposure < most {
            let says = format!("{} could not be read", in_words(unread));
            self.says.push(says);
            self.exposure = most;
        } else if self.urls.is_empty() && api.default_endpoint_disabled {
            let says = "no custom domain name leads to the stage";
            self.says.push(says.to_owned());
        }
    }
}

/// Who reaches the default endpoint of an API.
fn endpoint(inventory: &Inventory, api: &Api) -> Exposure {
    if api.is_private() {
        Exposure::Private
    } else if is_elsewhere(inventory, api) {
        Exposure::Unknown
    } else {
        Exposure::Public
    }
}

/// Whether a template has methods of an API that is not in it. An API of the template has a type of endpoint, its default
/// where it names none; one of an account whose type the answer leaves out counts as one that the internet reaches.
fn is_elsewhere(inventory: &Inventory, api: &Api) -> bool {
    inventory.scope.template.is_some() && api.endpoint_types.is_empty()
}

/// Said where the settings of an API let fewer callers in than a stage may.
pub(in crate::audit) const NOT_KNOWN_TO_BE_SERVED: &str = "this is what the API's settings say: whether they were \
     deployed to the stage cannot be read, and they do not lower the severity";

/// Whether an exposure looks narrower than it may be.
pub(in crate::audit) fn may_be_wider(exposure: Exposure, widest: Exposure) -> bool {
    exposure < widest && exposure != Exposure::Unknown
}

/// Whether callers of a stage are known to get the API's settings as they were read: its resource policy
/// and whether its default endpoint is on.
///
/// A REST API serves what was last deployed, and no answer of AWS's tells which settings those were. An
/// HTTP API has no resource policy, and a change of its default endpoint needs a deployment unless the
/// stage deploys automatically. What a template says is what will be deployed.
///
/// Source: disabling the default endpoint of
/// [REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html)
/// and [HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html).
fn settings_are_served(inventory: &Inventory, api: &Api, stage: &Stage) -> bool {
    // A stage whose last automatic deployment failed is not marked so.
    inventory.scope.template.is_some() || (api.kind == ApiKind::Http && stage.auto_deploy)
}

/// That callers from certain networks are let in, and which of these the policy names.
fn from_networks(endpoints: &[String]) -> String {
    let says = "the resource policy lets anonymous callers in from certain networks";
    if endpoints.is_empty() {
        return says.to_owned();
    }
    let named = listed(endpoints.iter().cloned(), NAMED);
    format!("{says}: it names {named}")
}

/// As many are named.
const NAMED: usize = 3;

impl Reach {
    /// Who reaches a method of a stage.
    pub(in crate::audit) fn new(
        api: &Api,
        at_stage: &StageReach,
        name: impl FnOnce() -> String,
        method: impl FnOnce() -> Template,
    ) -> Self {
        let mut says = at_stage.says.clone();
        let said = at_stage.outsiders.said(Outsider::Anonymous, name, method);
        let exposure = match said {
            Said::Admission(Admission::FromAnywhere) => {
                says.push("the resource policy lets anonymous callers in".to_owned());
                at_stage.exposure
            }
            Said::Admission(Admission::FromNetworks) => {
                says.push(from_networks(at_stage.outsiders.endpoints()));
                limited(at_stage.exposure)
            }
            Said::Admission(Admission::Refused) => {
                says.push("the resource policy refuses anonymous callers".to_owned());
                Exposure::Closed
            }
            Said::Nothing => {
                if api.is_private() && !api.default_endpoint_disabled {
                    says.push("a private API without a resource policy answers nobody".to_owned());
                    Exposure::Closed
                } else {
                    at_stage.exposure
                }
            }
            Said::Unclear => {
                says.push("the resource policy could not be understood".to_owned());
                unknown(at_stage.exposure)
            }
            Said::Admission(Admission::Undecided) => {
                says.push(
                    "what the resource policy says takes more work to decide than the bound allows"
                        .to_owned(),
                );
                unknown(at_stage.exposure)
            }
        };
        let widest = if at_stage.settings_are_served {
            exposure
        } else {
            exposure.max(at_stage.widest)
        };
        if may_be_wider(exposure, widest) {
            says.push(NOT_KNOWN_TO_BE_SERVED.to_owned());
        }
        Reach {
            exposure,
            widest,
            says,
            mistaken: at_stage.outsiders.mistaken().to_vec(),
        }
    }

    /// Every exposure that the method may have: the one that the API's settings say first.
    pub fn exposures(&self) -> impl Iterator<Item = Exposure> + use<> {
        let wider = (self.widest != self.exposure).then_some(self.widest);
        std::iter::once(self.exposure).chain(wider)
    }

    /// What decides, as evidence, and what a reader should know of the resource policy besides. None where nothing stands in
    /// a caller's way.
    pub fn evidence(&self) -> Vec<Evidence> {
        let decides = (!self.says.is_empty()).then(|| self.says.join("; "));
        let all = decides.into_iter().chain(self.mistaken.iter().cloned());
        all.map(|it| Evidence::new(Source::Api, it)).collect()
    }
}

/// Where no URL leads anywhere, no policy lets anybody in.
fn unknown(exposure: Exposure) -> Exposure {
    match exposure {
        Exposure::Closed => Exposure::Closed,
        _ => Exposure::Unknown,
    }
}

fn limited(exposure: Exposure) -> Exposure {
    match exposure {
        Exposure::Public => Exposure::NetworkLimited,
        narrower => narrower,
    }
}

//! By which URLs a stage is reached, and who reaches a method of it.

use foldhash::HashMap;

use crate::audit::exposure::outsiders::{Outsiders, ResourcePolicies, Said};
use crate::audit::finding::{Evidence, Exposure, Source};
use crate::iam::{Admission, Outsider, Template};
use crate::inventory::{Api, ApiKind, CustomDomain, DomainMapping, Inventory, Stage};

/// The custom domain names that lead to an API, and those that may.
#[derive(Debug)]
pub(in crate::audit) struct DomainNames<'a> {
    /// By the API's Region and id.
    leading: HashMap<(&'a str, &'a str), Vec<Named<'a>>>,
    /// By Region, what of its names could not be read.
    unread: HashMap<&'a str, Unread<'a>>,
    /// The resource policies of the APIs.
    pub(in crate::audit) policies: ResourcePolicies,
}

/// What of a Region's custom domain names could not be read. What they are called, or why none are known.
#[derive(Debug, Default)]
struct Unread<'a> {
    /// Those that may lead to an API that is not private.
    public: Vec<&'a str>,
    /// Those that may lead to a private API.
    private: Vec<&'a str>,
}

type Named<'a> = (&'a CustomDomain, &'a DomainMapping);

impl<'a> DomainNames<'a> {
    pub(in crate::audit) fn new(inventory: &'a Inventory) -> Self {
        let mut leading: HashMap<(&str, &str), Vec<Named<'_>>> = HashMap::default();
        for domain in inventory.domains.iter().flatten() {
            for mapping in &domain.mappings {
                let api = (domain.region.as_str(), mapping.api_id.as_str());
                leading.entry(api).or_default().push((domain, mapping));
            }
        }
        let mut unread: HashMap<&str, Unread<'_>> = HashMap::default();
        for api in &inventory.apis {
            let region = api.region.as_str();
            unread
                .entry(region)
                .or_insert_with(|| Unread::of(inventory, region));
        }
        DomainNames {
            leading,
            unread,
            policies: ResourcePolicies::default(),
        }
    }

    /// The names that may lead to an API and could not be read.
    fn unread(&self, api: &Api) -> &[&'a str] {
        let unread = self.unread.get(api.region.as_str());
        unread.map_or(&[], |it| match api.is_private() {
            true => &it.private,
            false => &it.public,
        })
    }

    /// Those that lead to a stage of an API, in the order of the inventory.
    fn of<'b>(
        &'b self,
        api: &'b Api,
        stage: &'b Stage,
    ) -> impl Iterator<Item = Named<'a>> + use<'a, 'b> {
        let all = self.leading.get(&(api.region.as_str(), api.id.as_str()));
        let leads_here = move |mapping: &DomainMapping| {
            let named = mapping.stage.as_ref();
            named.is_none_or(|it| *it == stage.name)
        };
        let all = all.into_iter().flatten().copied();
        all.filter(move |(_, mapping)| leads_here(mapping))
    }
}

/// What stands for all names of a Region.
const ALL: &str = "the custom domain names";

impl<'a> Unread<'a> {
    /// A private name leads to private APIs only, a public one to the others only. One whose kind is not known
    /// may lead to both.
    ///
    /// Source: [private custom domain names](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html).
    fn of(inventory: &'a Inventory, region: &str) -> Self {
        let mut unread = Unread::default();
        let mut add = |name, is_private: Option<bool>| {
            if is_private != Some(true) {
                unread.public.push(name);
            }
            if is_private != Some(false) {
                unread.private.push(name);
            }
        };
        if inventory.domains.is_none() {
            add(ALL, None);
            return unread;
        }
        for gap in inventory.domain_gaps(region) {
            let name = gap.subject.as_deref();
            let known = inventory.domains.iter().flatten();
            let known = known.filter(|it| it.region == region && Some(it.name.as_str()) == name);
            let kind = |it: &CustomDomain| (!it.endpoint_types.is_empty()).then(|| it.is_private());
            let mut kinds = known.map(kind);
            let first = kinds.next().flatten();
            let is_one_kind = kinds.all(|it| it == first);
            add(name.unwrap_or(ALL), first.filter(|_| is_one_kind));
        }
        unread
    }
}

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
    pub(in crate::audit) urls: Vec<String>,
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
}

impl StageReach {
    /// The URLs of a stage.
    pub(in crate::audit) fn new(
        inventory: &Inventory,
        names: &DomainNames<'_>,
        api: &Api,
        stage: &Stage,
    ) -> Self {
        let mut exposure = Exposure::Closed;
        let mut urls = Vec::new();
        let mut says = Vec::new();
        let endpoint = if api.is_private() {
            Exposure::Private
        } else {
            Exposure::Public
        };
        if api.default_endpoint_disabled {
            says.push("the default endpoint is disabled".to_owned());
        } else {
            exposure = endpoint;
            if api.is_private() {
                says.push("the endpoint is PRIVATE".to_owned());
            }
            urls.push(default_url(inventory, api, stage));
        }
        for (domain, mapping) in names.of(api, stage) {
            let through = if domain.is_private() {
                Exposure::Private
            } else if domain.mutual_tls {
                says.push(format!("{} asks for a client certificate", domain.name));
                Exposure::NetworkLimited
            } else {
                Exposure::Public
            };
            exposure = exposure.max(through);
            let stage = mapping.stage.is_none().then(|| format!("/{}", stage.name));
            let base = match mapping.base_path.as_str() {
                "" => String::new(),
                base => format!("/{base}"),
            };
            let scheme = scheme(api);
            let stage = stage.unwrap_or_default();
            urls.push(format!("{scheme}://{}{base}{stage}", domain.name));
        }
        // The most that names can do which could not be read.
        let most = if api.is_private() {
            Exposure::Private
        } else {
            Exposure::Unknown
        };
        let unread = names.unread(api);
        if !unread.is_empty() && exposure < most {
            says.push(format!("{} could not be read", in_words(unread)));
            exposure = most;
        } else if urls.is_empty() {
            says.push("no custom domain name leads to the stage".to_owned());
        }
        let settings_are_served = settings_are_served(inventory, api, stage);
        let widest = if api.default_endpoint_disabled && !settings_are_served {
            exposure.max(endpoint)
        } else {
            exposure
        };
        StageReach {
            exposure,
            widest,
            settings_are_served,
            urls,
            says,
            outsiders: names.policies.at_stage(inventory, api, stage),
        }
    }
}

/// The most names that are listed.
const NAMED: usize = 3;

fn in_words(names: &[&str]) -> String {
    if names.contains(&ALL) {
        return ALL.to_owned();
    }
    let listed: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let listed = listed.join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => format!("where {listed} leads"),
        more => format!("where {listed} and {more} other custom domain names lead"),
    }
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

fn scheme(api: &Api) -> &'static str {
    match api.kind {
        ApiKind::Rest | ApiKind::Http => "https",
        ApiKind::WebSocket => "wss",
    }
}

/// Source: [invoking a REST API](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html).
fn default_url(inventory: &Inventory, api: &Api, stage: &Stage) -> String {
    let suffix = match inventory.partition.as_str() {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    let host = format!("{}.execute-api.{}.{suffix}", api.id, api.region);
    match stage.name.as_str() {
        // An HTTP API's default stage is the root.
        "$default" => format!("{}://{host}", scheme(api)),
        stage => format!("{}://{host}/{stage}", scheme(api)),
    }
}

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
                says.push(
                    "the resource policy lets anonymous callers in from certain networks"
                        .to_owned(),
                );
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
        }
    }

    /// Every exposure that the method may have: the one that the API's settings say first.
    pub fn exposures(&self) -> impl Iterator<Item = Exposure> + use<> {
        let wider = (self.widest != self.exposure).then_some(self.widest);
        std::iter::once(self.exposure).chain(wider)
    }

    /// What decides, as evidence. None where nothing stands in a caller's way.
    pub fn evidence(&self) -> Option<Evidence> {
        (!self.says.is_empty()).then(|| Evidence::new(Source::Api, self.says.join("; ")))
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

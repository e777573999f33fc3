//! By which URLs a stage is reached, and who reaches a method of it.

use foldhash::HashMap;
use serde_json::Value;

use super::view::MethodView;
use crate::finding::{Evidence, Exposure, Source};
use crate::model::{Api, ApiKind, CustomDomain, Document, DomainMapping, Inventory, Stage};
use crate::policy::language::Policy;
use crate::policy::{MethodArn, OldOutsider as Outsider, Outcome, outsider, outsider_at_stage};

/// The custom domain names that lead to an API, by its Region and id.
#[derive(Debug)]
pub(super) struct DomainNames<'a>(HashMap<(&'a str, &'a str), Vec<Named<'a>>>);

type Named<'a> = (&'a CustomDomain, &'a DomainMapping);

impl<'a> DomainNames<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        let mut names: HashMap<(&str, &str), Vec<Named<'_>>> = HashMap::default();
        for domain in inventory.domains.iter().flatten() {
            for mapping in &domain.mappings {
                let api = (domain.region.as_str(), mapping.api_id.as_str());
                names.entry(api).or_default().push((domain, mapping));
            }
        }
        DomainNames(names)
    }

    /// Those that lead to a stage of an API, in the order of the inventory.
    fn of<'b>(
        &'b self,
        api: &'b Api,
        stage: &'b Stage,
    ) -> impl Iterator<Item = Named<'a>> + use<'a, 'b> {
        let all = self.0.get(&(api.region.as_str(), api.id.as_str()));
        let leads_here = move |mapping: &DomainMapping| {
            let named = mapping.stage.as_ref();
            named.is_none_or(|it| *it == stage.name)
        };
        let all = all.into_iter().flatten().copied();
        all.filter(move |(_, mapping)| leads_here(mapping))
    }
}

/// By which URLs a stage is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StageReach {
    /// Who reaches one of them. The resource policy is not weighed yet.
    pub(super) exposure: Exposure,
    /// Who reaches one of them where a disabled default endpoint is not deployed yet.
    pub(super) widest: Exposure,
    /// Whether the stage is known to serve the API's settings as they were read.
    settings_are_served: bool,
    /// Every URL that is known, the default endpoint's first.
    pub(super) urls: Vec<String>,
    /// What decides, in words.
    pub(super) says: Vec<String>,
    /// What the resource policy says to outsiders.
    outsiders: Outsiders,
}

/// What the resource policy of an API says to outsiders who call a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outsiders {
    /// There is none.
    NoPolicy,
    /// It is not understood.
    Unclear,
    /// The same of every method.
    Always { anonymous: Outcome, signed: Outcome },
    /// That may depend on the method.
    ByMethod,
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
    pub(super) fn new(
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
        if inventory.domains.is_none() && exposure < Exposure::Unknown {
            says.push("the custom domain names could not be read".to_owned());
            exposure = Exposure::Unknown;
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
            outsiders: Outsiders::of(inventory, api, stage),
        }
    }
}

/// Said where the settings of an API let fewer callers in than a stage may.
pub(super) const NOT_KNOWN_TO_BE_SERVED: &str = "this is what the API's settings say: whether they were \
     deployed to the stage cannot be read, and they do not lower the severity";

/// Whether an exposure looks narrower than it may be.
pub(super) fn may_be_wider(exposure: Exposure, widest: Exposure) -> bool {
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

impl Outsiders {
    fn of(inventory: &Inventory, api: &Api, stage: &Stage) -> Self {
        let policy = match &api.resource_policy {
            None => return Outsiders::NoPolicy,
            Some(document @ Document::Json(policy))
                if document.resource_policy_problem().is_none()
                    && Policy::from_value(policy).is_ok() =>
            {
                policy
            }
            Some(_) => return Outsiders::Unclear,
        };
        let any = method_arn(inventory, api, stage, "ANY", "/");
        let always = |who: Outsider| outsider_at_stage(policy, who, any);
        match (always(Outsider::Anonymous), always(Outsider::Signed)) {
            (Some(anonymous), Some(signed)) => Outsiders::Always { anonymous, signed },
            _ => Outsiders::ByMethod,
        }
    }

    /// What is said of one method. `None`: there is no policy, or it is not understood.
    fn outcome(self, api: &Api, who: Outsider, method: MethodArn<'_>) -> Option<Outcome> {
        match (self, who) {
            (Outsiders::NoPolicy | Outsiders::Unclear, _) => None,
            (Outsiders::Always { anonymous, .. }, Outsider::Anonymous) => Some(anonymous),
            (Outsiders::Always { signed, .. }, Outsider::Signed) => Some(signed),
            (Outsiders::ByMethod, _) => Some(outsider(policy_of(api)?, who, method)),
        }
    }
}

fn policy_of(api: &Api) -> Option<&Value> {
    match &api.resource_policy {
        Some(Document::Json(policy)) => Some(policy),
        Some(Document::Unparsed { .. }) | None => None,
    }
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
    pub(super) fn new(
        inventory: &Inventory,
        api: &Api,
        stage: &Stage,
        at_stage: &StageReach,
        verb: &str,
        path: &str,
    ) -> Self {
        let mut says = at_stage.says.clone();
        let method = method_arn(inventory, api, stage, verb, path);
        let outsiders = at_stage.outsiders;
        let exposure = match outsiders.outcome(api, Outsider::Anonymous, method) {
            Some(Outcome::Open) => {
                says.push("the resource policy lets anonymous callers in".to_owned());
                at_stage.exposure
            }
            Some(Outcome::NetworkLimited) => {
                says.push(
                    "the resource policy lets anonymous callers in from certain networks"
                        .to_owned(),
                );
                limited(at_stage.exposure)
            }
            Some(Outcome::Refused) => {
                says.push("the resource policy refuses anonymous callers".to_owned());
                Exposure::Closed
            }
            None if outsiders == Outsiders::NoPolicy => {
                if api.is_private() && !api.default_endpoint_disabled {
                    says.push("a private API without a resource policy answers nobody".to_owned());
                    Exposure::Closed
                } else {
                    at_stage.exposure
                }
            }
            None => {
                says.push("the resource policy could not be understood".to_owned());
                if at_stage.exposure == Exposure::Closed {
                    Exposure::Closed
                } else {
                    Exposure::Unknown
                }
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

fn limited(exposure: Exposure) -> Exposure {
    match exposure {
        Exposure::Public => Exposure::NetworkLimited,
        narrower => narrower,
    }
}

/// Whether a principal of any account, who is allowed to there, gets past the resource policy.
pub(super) fn admits_every_principal(inventory: &Inventory, method: &MethodView<'_>) -> bool {
    let arn = method_arn(
        inventory,
        method.api,
        method.stage,
        method.verb,
        method.path,
    );
    let outsiders = method.at_stage.outsiders;
    outsiders.outcome(method.api, Outsider::Signed, arn) == Some(Outcome::Open)
}

fn method_arn<'a>(
    inventory: &'a Inventory,
    api: &'a Api,
    stage: &'a Stage,
    verb: &'a str,
    path: &'a str,
) -> MethodArn<'a> {
    MethodArn {
        partition: &inventory.partition,
        region: &api.region,
        account: &inventory.account,
        api: &api.id,
        stage: &stage.name,
        verb,
        path,
    }
}

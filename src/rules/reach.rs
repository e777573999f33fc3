//! By which URLs a stage is reached, and who reaches a method of it.

use foldhash::HashMap;
use serde_json::Value;

use super::view::MethodView;
use crate::finding::{Evidence, Exposure, Source};
use crate::model::{Api, ApiKind, CustomDomain, Document, DomainMapping, Inventory, Stage};
use crate::policy::{MethodArn, Outcome, Outsider, outsider, outsider_at_stage};

/// The custom domain names that lead to an API, and those that may.
#[derive(Debug)]
pub(super) struct DomainNames<'a> {
    /// By the API's Region and id.
    leading: HashMap<(&'a str, &'a str), Vec<Named<'a>>>,
    /// By Region, what of its names could not be read.
    unread: HashMap<&'a str, Unread<'a>>,
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
    pub(super) fn new(inventory: &'a Inventory) -> Self {
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
        DomainNames { leading, unread }
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StageReach {
    /// Who reaches one of them. The resource policy is not weighed yet.
    pub(super) exposure: Exposure,
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
    /// Who.
    pub exposure: Exposure,
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
        if api.default_endpoint_disabled {
            says.push("the default endpoint is disabled".to_owned());
        } else {
            exposure = if api.is_private() {
                says.push("the endpoint is PRIVATE".to_owned());
                Exposure::Private
            } else {
                Exposure::Public
            };
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
        StageReach {
            exposure,
            urls,
            says,
            outsiders: Outsiders::of(inventory, api, stage),
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

impl Outsiders {
    fn of(inventory: &Inventory, api: &Api, stage: &Stage) -> Self {
        let policy = match &api.resource_policy {
            None => return Outsiders::NoPolicy,
            Some(document @ Document::Json(policy))
                if document.resource_policy_problem().is_none() =>
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
        Reach { exposure, says }
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

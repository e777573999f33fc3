//! By which URLs a stage is reached, and who reaches a method of it.

use super::view::MethodView;
use crate::finding::{Evidence, Exposure, Source};
use crate::model::{Api, ApiKind, Document, Inventory, Stage};
use crate::policy::{MethodArn, Outcome, Outsider, outsider};

/// By which URLs a stage is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StageReach {
    /// Who reaches one of them. The resource policy is not weighed yet.
    pub(super) exposure: Exposure,
    /// Every URL that is known, the default endpoint's first.
    pub(super) urls: Vec<String>,
    /// What decides, in words.
    pub(super) says: Vec<String>,
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
    pub(super) fn new(inventory: &Inventory, api: &Api, stage: &Stage) -> Self {
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
        for domain in inventory
            .domains
            .iter()
            .flatten()
            .filter(|it| it.region == api.region)
        {
            let mappings = domain.mappings.iter().filter(|mapping| {
                let leads_here = mapping.stage.as_ref().is_none_or(|it| *it == stage.name);
                mapping.api_id == api.id && leads_here
            });
            for mapping in mappings {
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
        }
        if inventory.domains.is_none() && exposure < Exposure::Unknown {
            says.push("the custom domain names could not be read".to_owned());
            exposure = Exposure::Unknown;
        } else if urls.is_empty() {
            says.push("no custom domain name leads to the stage".to_owned());
        }
        StageReach {
            exposure,
            urls,
            says,
        }
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
        let exposure = match &api.resource_policy {
            None if api.is_private() && !api.default_endpoint_disabled => {
                says.push("a private API without a resource policy answers nobody".to_owned());
                Exposure::Closed
            }
            None => at_stage.exposure,
            Some(document @ Document::Json(policy))
                if document.resource_policy_problem().is_none() =>
            {
                let method = method_arn(inventory, api, stage, verb, path);
                match outsider(policy, Outsider::Anonymous, method) {
                    Outcome::Open => {
                        says.push("the resource policy lets anonymous callers in".to_owned());
                        at_stage.exposure
                    }
                    Outcome::NetworkLimited => {
                        says.push(
                            "the resource policy lets anonymous callers in from certain networks"
                                .to_owned(),
                        );
                        limited(at_stage.exposure)
                    }
                    Outcome::Refused => {
                        says.push("the resource policy refuses anonymous callers".to_owned());
                        Exposure::Closed
                    }
                }
            }
            Some(_) => {
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
    let Some(document @ Document::Json(policy)) = &method.api.resource_policy else {
        return false;
    };
    if document.resource_policy_problem().is_some() {
        return false;
    }
    let arn = method_arn(
        inventory,
        method.api,
        method.stage,
        method.verb,
        method.path,
    );
    outsider(policy, Outsider::Signed, arn) == Outcome::Open
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

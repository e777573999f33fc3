//! The custom domain names of a plan or state, and what leads from them to its APIs.
//!
//! Source: [`aws_api_gateway_domain_name`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_domain_name),
//! [`aws_api_gateway_base_path_mapping`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_base_path_mapping),
//! [`aws_apigatewayv2_domain_name`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_domain_name),
//! [`aws_apigatewayv2_api_mapping`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/apigatewayv2_api_mapping).

use std::collections::BTreeSet;

use super::attributes::Attributes;
use super::configuration::references;
use super::follow::{End, Follower};
use super::instances::Instance;
use super::links::{Link, Links, Wanted};
use super::regions::Providers;
use super::types::{STAGE, V2_STAGE};
use crate::iam::parse_resource_policy;
use crate::template::domain::{DomainDraft, Domains, MappingDraft};
use crate::template::tree::{Kind, Tree};

const DOMAIN: &str = "aws_api_gateway_domain_name";
const V2_DOMAIN: &str = "aws_apigatewayv2_domain_name";
const BASE_PATH: &str = "aws_api_gateway_base_path_mapping";
const MAPPING: &str = "aws_apigatewayv2_api_mapping";
const RULE: &str = "aws_apigatewayv2_routing_rule";

/// Reads them.
pub(super) fn read(links: &Links<'_, '_>, providers: &Providers<'_, '_>) -> Domains {
    let mut domains = Domains::default();
    for (_, instance, known) in links.estate.all() {
        if [DOMAIN, V2_DOMAIN].contains(&instance.kind.as_str()) {
            domain(&mut domains, instance, known, providers);
        }
    }
    for (index, instance, known) in links.estate.all() {
        let one = One {
            links,
            index,
            instance,
            known,
        };
        match instance.kind.as_str() {
            BASE_PATH | MAPPING => one.mapping(&mut domains, providers),
            RULE => {
                let name = one.domain_name();
                let why = "leads on by a routing rule, which is not read in a plan";
                domains.unknown(name, why, instance.at);
            }
            _ => {}
        }
    }
    domains
}

fn domain(
    domains: &mut Domains,
    instance: &Instance<'_>,
    known: &Attributes,
    providers: &Providers<'_, '_>,
) {
    let Some(name) = known.text("domain_name") else {
        let why = "is a custom domain name that is known only after the plan is applied";
        return domains.unknown(None, why, instance.at);
    };
    let types = match instance.kind.as_str() {
        DOMAIN => known
            .block("endpoint_configuration")
            .map(|it| texts(it.get("types"))),
        _ => known
            .block("domain_name_configuration")
            .map(|it| texts(it.get("endpoint_type"))),
    };
    let by_default = match instance.kind.as_str() {
        DOMAIN => "EDGE",
        _ => "REGIONAL",
    };
    let types = types.filter(|it| !it.is_empty());
    let mutual_tls = known.block("mutual_tls_authentication");
    domains.names.push(DomainDraft {
        region: providers.region(instance, known),
        name: name.to_owned(),
        endpoint_types: types.unwrap_or_else(|| vec![by_default.to_owned()]),
        mutual_tls: mutual_tls.is_some_and(|it| matches!(it.kind, Kind::Map(_))),
        resource_policy: known
            .text("policy")
            .filter(|it| !it.trim().is_empty())
            .map(parse_resource_policy),
        mappings: Vec::new(),
    });
}

/// A text, or the texts of a list.
fn texts(tree: Option<&Tree>) -> Vec<String> {
    let items = match tree.map(|it| &it.kind) {
        Some(Kind::List(items)) => items.as_slice(),
        Some(_) => tree.map(std::slice::from_ref).unwrap_or_default(),
        None => &[],
    };
    let known = items.iter().filter_map(|it| it.text().ok());
    known.map(str::to_owned).collect()
}

/// A resource that leads from a custom domain name.
struct One<'r, 'i, 'a> {
    links: &'r Links<'i, 'a>,
    index: usize,
    instance: &'r Instance<'a>,
    known: &'r Attributes,
}

impl One<'_, '_, '_> {
    fn mapping(&self, domains: &mut Domains, providers: &Providers<'_, '_>) {
        let at = self.instance.at;
        let Some(name) = self.domain_name() else {
            let why =
                "leads from a custom domain name that is known only after the plan is applied";
            return domains.unknown(None, why, at);
        };
        let (path, stage) = match self.instance.kind.as_str() {
            BASE_PATH => ("base_path", "stage_name"),
            _ => ("api_mapping_key", "stage"),
        };
        let (Some(api), Ok(base_path), Ok(stage)) =
            (self.api(), self.base_path(path), self.stage(stage))
        else {
            let why = "leads to what is known only after the plan is applied";
            return domains.unknown(Some(name), why, at);
        };
        let mapping = MappingDraft {
            base_path,
            api,
            stage,
        };
        let region = providers.region(self.instance, self.known);
        let mut names = domains.names.iter_mut();
        match names.find(|it| it.name == name && it.region == region) {
            Some(domain) => domain.mappings.push(mapping),
            None => domains.names.push(DomainDraft {
                region,
                name,
                endpoint_types: Vec::new(),
                mutual_tls: false,
                resource_policy: None,
                mappings: vec![mapping],
            }),
        }
    }

    fn domain_name(&self) -> Option<String> {
        if let Some(name) = self.known.text("domain_name") {
            return Some(name.to_owned());
        }
        self.referred("domain_name", &[DOMAIN, V2_DOMAIN], "domain_name")
    }

    /// The API, of either kind: a mapping of version 2 may lead to a REST API.
    fn api(&self) -> Option<String> {
        let both = [Wanted::RestApi, Wanted::V2Api];
        let links = both.map(|it| self.links.link(self.index, "api_id", it));
        let here = links.iter().find_map(|it| match it {
            Link::Here(address) => Some(address.clone()),
            _ => None,
        });
        let by_id = || {
            links.iter().find_map(|it| match it {
                Link::Id(id) => Some(id.clone()),
                _ => None,
            })
        };
        here.or_else(by_id)
    }

    fn base_path(&self, attribute: &str) -> Result<String, ()> {
        match self.known.tree(attribute).map(|it| it.kind) {
            None | Some(Kind::Null) => Ok(String::new()),
            Some(Kind::Text(text)) if text == "(none)" => Ok(String::new()),
            Some(Kind::Text(text)) => Ok(text.trim_matches('/').to_owned()),
            Some(_) => Err(()),
        }
    }

    /// The stage. `None`: the path names it.
    fn stage(&self, attribute: &str) -> Result<Option<String>, ()> {
        match self.known.tree(attribute).map(|it| it.kind) {
            None | Some(Kind::Null) => Ok(None),
            Some(Kind::Text(text)) if text.is_empty() => Ok(None),
            Some(Kind::Text(text)) => Ok(Some(text)),
            Some(_) => {
                // The id of a stage of version 2, which is its name, is known only later.
                let of_rest = self.referred(attribute, &[STAGE], "stage_name");
                let named = of_rest.or_else(|| self.referred(attribute, &[V2_STAGE], "name"));
                named.map(Some).ok_or(())
            }
        }
    }

    /// What the only resource of some types that an attribute refers to says of one of its own.
    fn referred(&self, attribute: &str, kinds: &[&str], wanted: &str) -> Option<String> {
        let references = self.known.written(attribute).map(references)?;
        let ends = Follower::new(self.links.estate).ends(self.instance, &references);
        let addresses: Option<BTreeSet<String>> = ends
            .into_iter()
            .map(|end| match end {
                End::Read { address, kind, .. } if kinds.contains(&kind.as_str()) => Some(address),
                _ => None,
            })
            .collect();
        let mut addresses = addresses?.into_iter();
        let (Some(only), None) = (addresses.next(), addresses.next()) else {
            return None;
        };
        let index = self.links.estate.instances.index_of(&only)?;
        let (_, known) = self.links.estate.at(index)?;
        known.text(wanted).map(str::to_owned)
    }
}

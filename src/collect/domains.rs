//! Custom domain names, and which API and stage stands behind each of their paths.
//!
//! The older family of operations lists the names of all kinds. The paths of regional names are API
//! mappings (they can have several levels and lead to every kind of API), those of edge-optimized and
//! private names are base path mappings. Where the routing mode asks for them, routing rules come first.
//!
//! Source: [custom domain names](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html)
//! and [routing rules](https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html).

use aws_sdk_apigateway::types::{DomainName, RoutingMode};

use super::source::Source;
use super::{Failure, failure, pages};
use crate::model::{CustomDomain, DomainMapping, Reason};
use crate::policy::parse_resource_policy;

/// The most entries of a page.
const PAGE: i32 = 500;

/// How a base path mapping writes the root, and a mapping without a stage.
const NONE: &str = "(none)";

/// Reads the custom domain names of a Region, unless an unfinished run has read them.
pub(super) async fn domains(source: &Source<'_>) -> Result<Vec<CustomDomain>, Failure> {
    if let Some(read) = source.known.domains() {
        return Ok(read);
    }
    let mut domains = Vec::new();
    for listed in list(source).await? {
        domains.push(read(source, listed).await?);
    }
    domains.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(domains)
}

async fn list(source: &Source<'_>) -> Result<Vec<DomainName>, Failure> {
    const OPERATION: &str = "apigateway:GetDomainNames";
    let page = async |position| {
        source.pace.request().await;
        let request = source.rest.get_domain_names().limit(PAGE);
        let page = request.set_position(position).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.position))
    };
    pages(OPERATION, page).await
}

async fn read(source: &Source<'_>, listed: DomainName) -> Result<CustomDomain, Failure> {
    let name = listed.domain_name.ok_or_else(|| Failure {
        operation: "apigateway:GetDomainNames",
        reason: Reason::Malformed,
        message: "the list has a domain without a name".to_owned(),
    })?;
    let types = listed
        .endpoint_configuration
        .and_then(|it| it.types)
        .unwrap_or_default();
    let endpoint_types: Vec<String> = types.iter().map(|it| it.as_str().to_owned()).collect();
    let mut mappings = Vec::new();
    // A mode that is not known here may have rules, too.
    let by_mappings_alone = matches!(
        listed.routing_mode,
        None | Some(RoutingMode::BasePathMappingOnly)
    );
    if !by_mappings_alone {
        mappings.extend(routing_rules(source, &name).await?);
    }
    if listed.routing_mode != Some(RoutingMode::RoutingRuleOnly) {
        mappings.extend(if endpoint_types.iter().any(|it| it == "REGIONAL") {
            api_mappings(source, &name).await?
        } else {
            base_path_mappings(source, &name, listed.domain_name_id.as_deref()).await?
        });
    }
    mappings.sort();
    mappings.dedup();
    Ok(CustomDomain {
        region: source.region.clone(),
        mutual_tls: (listed.mutual_tls_authentication)
            .is_some_and(|it| it.truststore_uri.is_some_and(|uri| !uri.is_empty())),
        resource_policy: (listed.policy.as_deref())
            .filter(|policy| !policy.is_empty())
            .map(parse_resource_policy),
        endpoint_types,
        name,
        mappings,
    })
}

async fn base_path_mappings(
    source: &Source<'_>,
    domain: &str,
    id: Option<&str>,
) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:GetBasePathMappings";
    let page = async |position| {
        source.pace.request().await;
        let request = source.rest.get_base_path_mappings().domain_name(domain);
        let request = request
            .set_domain_name_id(id.map(str::to_owned))
            .limit(PAGE);
        let page = request.set_position(position).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.position))
    };
    let mappings = pages(OPERATION, page).await?.into_iter();
    let mappings = mappings.map(|it| {
        Ok(DomainMapping {
            base_path: named(it.base_path).unwrap_or_default(),
            api_id: it.rest_api_id.ok_or_else(|| leads_nowhere(OPERATION))?,
            stage: named(it.stage),
        })
    });
    mappings.collect()
}

async fn api_mappings(source: &Source<'_>, domain: &str) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:GetApiMappings";
    let page = async |token| {
        source.pace.request().await;
        let request = source.http.get_api_mappings().domain_name(domain);
        let page = request.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.items, page.next_token))
    };
    let mappings = pages(OPERATION, page).await?.into_iter();
    let mappings = mappings.map(|it| {
        Ok(DomainMapping {
            base_path: named(it.api_mapping_key).unwrap_or_default(),
            api_id: it.api_id.ok_or_else(|| leads_nowhere(OPERATION))?,
            stage: named(it.stage),
        })
    });
    mappings.collect()
}

async fn routing_rules(source: &Source<'_>, domain: &str) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:ListRoutingRules";
    let page = async |token| {
        source.pace.request().await;
        let request = source.http.list_routing_rules().domain_name(domain);
        let page = request.set_next_token(token).send().await;
        let page = page.map_err(|error| failure(OPERATION, error))?;
        Ok((page.routing_rules, page.next_token))
    };
    let mut mappings = Vec::new();
    for rule in pages(OPERATION, page).await? {
        // Conditions on headers narrow nothing: whoever calls sets them.
        let conditions = rule.conditions.unwrap_or_default().into_iter();
        let paths: Vec<String> = conditions
            .filter_map(|condition| condition.match_base_paths)
            .flat_map(|paths| paths.any_of.unwrap_or_default())
            .collect();
        let paths = if paths.is_empty() {
            vec![String::new()]
        } else {
            paths
        };
        let actions = rule.actions.unwrap_or_default().into_iter();
        for invoked in actions.filter_map(|action| action.invoke_api) {
            let api_id = invoked.api_id.ok_or_else(|| leads_nowhere(OPERATION))?;
            mappings.extend(paths.iter().map(|path| DomainMapping {
                base_path: path.trim_matches('/').to_owned(),
                api_id: api_id.clone(),
                stage: invoked.stage.clone(),
            }));
        }
    }
    Ok(mappings)
}

/// A mapping without its API: which stage it opens cannot be told.
fn leads_nowhere(operation: &'static str) -> Failure {
    Failure {
        operation,
        reason: Reason::Malformed,
        message: "the answer has a mapping without the id of its API".to_owned(),
    }
}

fn named(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty() && text != NONE)
}

//! Custom domain names, and which API and stage stands behind each of their paths.
//!
//! The older family of operations lists the names of all kinds. The paths of regional names are API
//! mappings (they can have several levels and lead to every kind of API), those of edge-optimized and
//! private names are base path mappings. Where the routing mode asks for them, routing rules come first.
//! Several private names can be called the same, so that what is asked of one of them names its id, too.
//!
//! A name whose paths could not be read is kept with those that could, and is a gap of its own.
//!
//! Source: [custom domain names](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html)
//! and [routing rules](https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html).

use aws_sdk_apigateway::types::{DomainName, RoutingMode};

use super::control_plane::ControlPlane;
use crate::aws::client::{Failure, failure, given, pages};
use crate::iam::parse_resource_policy;
use crate::inventory::{CustomDomain, DomainMapping, Gap, GapKind};

/// The most entries of a page.
const PAGE: i32 = 500;

/// The types of endpoints whose paths are known here.
const KINDS: [&str; 3] = ["REGIONAL", "EDGE", "PRIVATE"];

/// How a base path mapping writes the root, and a mapping without a stage.
const NONE: &str = "(none)";

/// Reads the custom domain names of a Region, unless an unfinished run has read them; and names those whose
/// paths could not be read to the end. `None`: the time was up before.
///
/// # Errors
/// Where the names cannot be listed.
pub(super) async fn in_time(
    plane: &ControlPlane<'_>,
) -> Option<Result<(Vec<CustomDomain>, Vec<Gap>), Failure>> {
    if let Some(read) = plane.known.domains() {
        return Some(Ok((read, Vec::new())));
    }
    plane.in_time(domains(plane)).await
}

async fn domains(plane: &ControlPlane<'_>) -> Result<(Vec<CustomDomain>, Vec<Gap>), Failure> {
    let (mut domains, mut gaps) = (Vec::new(), Vec::new());
    for listed in list(plane).await? {
        match begin(plane, listed) {
            Ok((domain, paths)) => {
                let (domain, failures) = read(plane, domain, &paths).await;
                let gap = |it: Failure| it.gap(GapKind::Domains).in_region(&plane.region);
                gaps.extend(failures.into_iter().map(|it| gap(it).about(&domain.name)));
                domains.push(domain);
            }
            // Which name it is cannot be told: it may be any.
            Err(failure) => {
                gaps.push(failure.gap(GapKind::Domains).in_region(&plane.region));
            }
        }
    }
    domains.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((domains, gaps))
}

async fn list(plane: &ControlPlane<'_>) -> Result<Vec<DomainName>, Failure> {
    const OPERATION: &str = "apigateway:GetDomainNames";
    let page = async |position| {
        plane.pace.request().await;
        let request = plane.rest.get_domain_names().limit(PAGE);
        let answer = request
            .set_position(position)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.position))
    };
    pages(OPERATION, page).await
}

/// How the paths of a name are asked for.
struct Paths {
    /// Which of the names that are called the same it is. Private names have one.
    id: Option<String>,
    by_rules: bool,
    by_mappings: bool,
}

/// A name as the list shows it, its paths not yet read.
fn begin(plane: &ControlPlane<'_>, listed: DomainName) -> Result<(CustomDomain, Paths), Failure> {
    let name = given(listed.domain_name).ok_or_else(|| {
        Failure::malformed(
            "apigateway:GetDomainNames",
            "the list has a domain without a name",
        )
    })?;
    let types = listed
        .endpoint_configuration
        .and_then(|it| it.types)
        .unwrap_or_default();
    let paths = Paths {
        id: listed.domain_name_id,
        // A mode that is not known here may have rules, too.
        by_rules: !matches!(
            listed.routing_mode,
            None | Some(RoutingMode::BasePathMappingOnly)
        ),
        by_mappings: listed.routing_mode != Some(RoutingMode::RoutingRuleOnly),
    };
    let domain = CustomDomain {
        region: plane.region.clone(),
        mutual_tls: (listed.mutual_tls_authentication)
            .is_some_and(|it| it.truststore_uri.is_some_and(|uri| !uri.is_empty())),
        resource_policy: (listed.policy.as_deref())
            .filter(|policy| !policy.is_empty())
            .map(parse_resource_policy),
        endpoint_types: types.iter().map(|it| it.as_str().to_owned()).collect(),
        name,
        mappings: Vec::new(),
    };
    Ok((domain, paths))
}

/// A name with all of its paths that could be read, and why the others could not.
async fn read(
    plane: &ControlPlane<'_>,
    mut domain: CustomDomain,
    paths: &Paths,
) -> (CustomDomain, Vec<Failure>) {
    let (mut mappings, mut failures) = (Vec::new(), Vec::new());
    let mut take = |read: Result<Vec<DomainMapping>, Failure>| match read {
        Ok(read) => mappings.extend(read),
        Err(failure) => failures.push(failure),
    };
    let (name, id) = (domain.name.as_str(), paths.id.as_deref());
    if !domain
        .endpoint_types
        .iter()
        .any(|it| KINDS.contains(&it.as_str()))
    {
        take(Err(of_unknown_kind()));
    }
    if paths.by_rules {
        take(routing_rules(plane, name, id).await);
    }
    if paths.by_mappings {
        take(if domain.endpoint_types.iter().any(|it| it == "REGIONAL") {
            api_mappings(plane, name).await
        } else {
            base_path_mappings(plane, name, id).await
        });
    }
    mappings.sort();
    mappings.dedup();
    domain.mappings = mappings;
    (domain, failures)
}

async fn base_path_mappings(
    plane: &ControlPlane<'_>,
    domain: &str,
    id: Option<&str>,
) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:GetBasePathMappings";
    let page = async |position| {
        plane.pace.request().await;
        let request = plane
            .rest
            .get_base_path_mappings()
            .domain_name(domain)
            .set_domain_name_id(id.map(str::to_owned))
            .limit(PAGE);
        let answer = request
            .set_position(position)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.position))
    };
    let mappings = pages(OPERATION, page).await?.into_iter().map(|it| {
        Ok(DomainMapping {
            base_path: named(it.base_path).unwrap_or_default(),
            api_id: given(it.rest_api_id).ok_or_else(|| leads_nowhere(OPERATION))?,
            stage: named(it.stage),
        })
    });
    mappings.collect()
}

async fn api_mappings(
    plane: &ControlPlane<'_>,
    domain: &str,
) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:GetApiMappings";
    let page = async |token| {
        plane.pace.request().await;
        let request = plane.http.get_api_mappings().domain_name(domain);
        let answer = request
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.next_token))
    };
    let mappings = pages(OPERATION, page).await?.into_iter().map(|it| {
        Ok(DomainMapping {
            base_path: named(it.api_mapping_key).unwrap_or_default(),
            api_id: given(it.api_id).ok_or_else(|| leads_nowhere(OPERATION))?,
            stage: named(it.stage),
        })
    });
    mappings.collect()
}

async fn routing_rules(
    plane: &ControlPlane<'_>,
    domain: &str,
    id: Option<&str>,
) -> Result<Vec<DomainMapping>, Failure> {
    const OPERATION: &str = "apigateway:ListRoutingRules";
    let page = async |token| {
        plane.pace.request().await;
        let request = plane
            .http
            .list_routing_rules()
            .domain_name(domain)
            .set_domain_name_id(id.map(str::to_owned));
        let answer = request
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.routing_rules, answer.next_token))
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
        // A rule without an action is none that API Gateway makes.
        let actions = rule.actions.filter(|actions| !actions.is_empty());
        for action in actions.ok_or_else(|| leads_nowhere(OPERATION))? {
            // Other actions than this one are not known here: where they lead cannot be told.
            let invoked = action.invoke_api.ok_or_else(|| leads_nowhere(OPERATION))?;
            let api_id = given(invoked.api_id).ok_or_else(|| leads_nowhere(OPERATION))?;
            mappings.extend(paths.iter().map(|path| DomainMapping {
                base_path: path.trim_matches('/').to_owned(),
                api_id: api_id.clone(),
                stage: given(invoked.stage.clone()),
            }));
        }
    }
    Ok(mappings)
}

/// A name of which it is not known where its paths are: those of a regional one would be missed.
fn of_unknown_kind() -> Failure {
    Failure::malformed(
        "apigateway:GetDomainNames",
        "the answer does not tell the type of the endpoint: API mappings, which regional names have, were not read",
    )
}

/// A mapping without its API: which stage it opens cannot be told.
fn leads_nowhere(operation: &'static str) -> Failure {
    Failure::malformed(
        operation,
        "the answer has a mapping without the id of its API",
    )
}

fn named(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty() && text != NONE)
}

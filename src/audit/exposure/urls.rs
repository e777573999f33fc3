//! The URLs of a stage: below the default endpoint of its API, and below a custom domain name.

use crate::inventory::{Api, ApiKind, CustomDomain, DomainMapping, Inventory, Stage, url_suffix};

/// The URL of a stage below the default endpoint. `None`: in a partition that is not known here, nobody knows the host.
///
/// Source: [invoking a REST API](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html).
pub(in crate::audit) fn default_url(
    inventory: &Inventory,
    api: &Api,
    stage: &Stage,
) -> Option<String> {
    let suffix = url_suffix(&inventory.partition)?;
    let host = format!("{}.execute-api.{}.{suffix}", api.id, api.region);
    Some(match stage.name.as_str() {
        // An HTTP API's default stage is the root.
        "$default" => format!("{}://{host}", scheme(api)),
        stage => format!("{}://{host}/{stage}", scheme(api)),
    })
}

/// The URL of a stage below a custom domain name. A mapping without a stage takes the stage from the path.
pub(in crate::audit) fn domain_url(
    api: &Api,
    stage: &Stage,
    domain: &CustomDomain,
    mapping: &DomainMapping,
) -> String {
    let mut url = format!("{}://{}", scheme(api), domain.name);
    let base = mapping.base_path.as_str();
    let named_in_path = mapping.stage.is_none().then_some(stage.name.as_str());
    for segment in [base].into_iter().chain(named_in_path) {
        if !segment.is_empty() {
            url.push('/');
            url.push_str(segment);
        }
    }
    url
}

fn scheme(api: &Api) -> &'static str {
    match api.kind {
        ApiKind::Rest | ApiKind::Http => "https",
        ApiKind::WebSocket => "wss",
    }
}

//! The reads of HTTP and WebSocket APIs, and of custom domain names.

use aws_sdk_apigateway::types::RoutingMode;
use aws_sdk_apigatewayv2::types::{AuthorizationType, ProtocolType};
use serde_json::Value;

use super::outcome::Trial;
use super::plane::{MOST, Plane};
use crate::aws::client::given;

/// As many as [`MOST`], as the two families count.
const LIMIT: i32 = 3;
const MAX_RESULTS: &str = "3";

pub(super) async fn try_apis(plane: &Plane<'_>) -> Trial {
    const OPERATION: &str = "apigateway:GetApis";
    let mut trial = Trial::default();
    plane.pace.request().await;
    let answer = plane.http.get_apis().max_results(MAX_RESULTS).send().await;
    let listed = trial.note(OPERATION, Some(plane.region), answer);
    let apis = listed.and_then(|it| it.items).unwrap_or_default();
    for api in apis.into_iter().take(MOST) {
        let is_http = api.protocol_type == Some(ProtocolType::Http);
        let Some(id) = given(api.api_id) else {
            continue;
        };
        let by_hand = try_stages(plane, &mut trial, &id).await;
        let signed = try_routes(plane, &mut trial, &id).await;
        try_authorizers(plane, &mut trial, &id).await;
        if let Some(stage) = by_hand.filter(|_| is_http) {
            try_export(plane, &mut trial, &id, &stage, &signed).await;
        }
    }
    trial
}

/// Gives a stage without automatic deployment.
async fn try_stages(plane: &Plane<'_>, trial: &mut Trial, api: &str) -> Option<String> {
    const OPERATION: &str = "apigateway:GetStages (v2)";
    plane.pace.request().await;
    let answer = plane.http.get_stages().api_id(api).send().await;
    let stages = trial.note(OPERATION, Some(plane.region), answer)?.items?;
    let mut by_hand = stages.into_iter().filter(|it| it.auto_deploy != Some(true));
    by_hand.find_map(|it| given(it.stage_name))
}

/// Gives the keys of the routes with AWS_IAM, such as `GET /pets`.
async fn try_routes(plane: &Plane<'_>, trial: &mut Trial, api: &str) -> Vec<String> {
    const OPERATION: &str = "apigateway:GetRoutes";
    plane.pace.request().await;
    let answer = plane.http.get_routes().api_id(api).send().await;
    let listed = trial.note(OPERATION, Some(plane.region), answer);
    let routes = listed.and_then(|it| it.items).unwrap_or_default();
    let signed = routes.into_iter();
    let signed = signed.filter(|it| it.authorization_type == Some(AuthorizationType::AwsIam));
    signed.filter_map(|it| given(it.route_key)).collect()
}

async fn try_authorizers(plane: &Plane<'_>, trial: &mut Trial, api: &str) {
    const OPERATION: &str = "apigateway:GetAuthorizers";
    plane.pace.request().await;
    let answer = plane.http.get_authorizers().api_id(api).send().await;
    trial.note(OPERATION, Some(plane.region), answer);
}

/// `signed`: the routes with AWS_IAM, by their keys.
async fn try_export(
    plane: &Plane<'_>,
    trial: &mut Trial,
    api: &str,
    stage: &str,
    signed: &[String],
) {
    const OPERATION: &str = "apigateway:ExportApi";
    plane.pace.request().await;
    let request = plane.http.export_api().api_id(api).stage_name(stage);
    let request = request.specification("OAS30").output_type("JSON");
    let answer = request.include_extensions(true).send().await;
    let exported = trial.note(OPERATION, Some(plane.region), answer);
    if let Some(body) = exported.and_then(|it| it.body) {
        let forms = signed.iter().flat_map(|key| forms(body.as_ref(), key));
        trial.export_forms.extend(forms.map(str::to_owned));
    }
}

/// How a document says how one route is authorized. Empty: the stage does not have the route.
fn forms(document: &[u8], route: &str) -> Vec<&'static str> {
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let Some((verb, path)) = route.split_once(' ') else {
        return Vec::new();
    };
    let verb = match verb {
        "ANY" => "x-amazon-apigateway-any-method".to_owned(),
        verb => verb.to_ascii_lowercase(),
    };
    let paths = document.get("paths");
    let Some(operation) = paths.and_then(|it| it.get(path)?.get(&verb)) else {
        return Vec::new();
    };
    let members = ["security", "x-amazon-apigateway-auth"];
    let mut forms: Vec<&str> = members.to_vec();
    forms.retain(|it| operation.get(it).is_some());
    if forms.is_empty() {
        forms.push("neither of them");
    }
    forms
}

/// Tries the names, and where those lead that the list names first.
pub(super) async fn try_names(plane: &Plane<'_>) -> Trial {
    const OPERATION: &str = "apigateway:GetDomainNames";
    let mut trial = Trial::default();
    plane.pace.request().await;
    let answer = plane.rest.get_domain_names().limit(LIMIT).send().await;
    let listed = trial.note(OPERATION, Some(plane.region), answer);
    let names = listed.and_then(|it| it.items).unwrap_or_default();
    for name in names.into_iter().take(MOST) {
        let types = name.endpoint_configuration.and_then(|it| it.types);
        let is_regional = types
            .unwrap_or_default()
            .iter()
            .any(|it| it.as_str() == "REGIONAL");
        let (id, mode) = (name.domain_name_id, name.routing_mode);
        let Some(name) = given(name.domain_name) else {
            continue;
        };
        if mode == Some(RoutingMode::RoutingRuleOnly) {
            // A scan does not ask such a name for mappings.
        } else if is_regional {
            try_api_mappings(plane, &mut trial, &name).await;
        } else {
            try_base_path_mappings(plane, &mut trial, &name, id.clone()).await;
        }
        if !matches!(mode, None | Some(RoutingMode::BasePathMappingOnly)) {
            try_routing_rules(plane, &mut trial, &name, id).await;
        }
    }
    trial
}

async fn try_api_mappings(plane: &Plane<'_>, trial: &mut Trial, name: &str) {
    const OPERATION: &str = "apigateway:GetApiMappings";
    plane.pace.request().await;
    let answer = plane.http.get_api_mappings().domain_name(name).send().await;
    trial.note(OPERATION, Some(plane.region), answer);
}

async fn try_base_path_mappings(
    plane: &Plane<'_>,
    trial: &mut Trial,
    name: &str,
    id: Option<String>,
) {
    const OPERATION: &str = "apigateway:GetBasePathMappings";
    plane.pace.request().await;
    let request = plane.rest.get_base_path_mappings().domain_name(name);
    let answer = request.set_domain_name_id(id).limit(LIMIT).send().await;
    trial.note(OPERATION, Some(plane.region), answer);
}

async fn try_routing_rules(plane: &Plane<'_>, trial: &mut Trial, name: &str, id: Option<String>) {
    const OPERATION: &str = "apigateway:ListRoutingRules";
    plane.pace.request().await;
    let request = plane.http.list_routing_rules().domain_name(name);
    let answer = request.set_domain_name_id(id).send().await;
    trial.note(OPERATION, Some(plane.region), answer);
}

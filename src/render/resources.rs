//! What a finding is about, as other services name it.

use crate::inventory::ApiKind;
use crate::ledger::Spot;

/// Something of the account that a finding is about.
pub(super) struct Affected<'s> {
    /// Its type in the [AWS Security Finding Format](https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html).
    pub(super) asff: &'static str,
    /// Its type as CloudFormation and AWS Config name it. `None`: they have none for it.
    pub(super) cloudformation: Option<&'static str>,
    /// Its ARN; of an account what Security Hub CSPM has in the place of one.
    pub(super) id: String,
    /// Its name. Empty: it has none.
    pub(super) name: &'s str,
    /// Its Region. `None`: it lies in none.
    pub(super) region: Option<&'s str>,
}

/// The principal and the API, as far as there are any; else the account.
pub(super) fn affected<'s>(place: &'s Spot, partition: &str) -> Vec<Affected<'s>> {
    let principal = place.principal.as_ref().map(|it| {
        let (asff, cloudformation) = match it.kind.as_str() {
            "group" => ("AwsIamGroup", Some("AWS::IAM::Group")),
            "user" => ("AwsIamUser", Some("AWS::IAM::User")),
            "role" => ("AwsIamRole", Some("AWS::IAM::Role")),
            _ => ("Other", None),
        };
        Affected {
            asff,
            cloudformation,
            id: it.arn.to_string(),
            name: &it.name,
            region: None,
        }
    });
    let api = place.api.as_ref().zip(place.region.as_deref());
    let api = api.map(|(api, region)| {
        let (asff, cloudformation, list) = match api.kind {
            Some(ApiKind::Rest) => {
                let kind = "AWS::ApiGateway::RestApi";
                ("AwsApiGatewayRestApi", Some(kind), "restapis")
            }
            Some(ApiKind::Http | ApiKind::WebSocket) => {
                ("AwsApiGatewayV2Api", Some("AWS::ApiGatewayV2::Api"), "apis")
            }
            // A grant can name an API that does not exist: nobody knows which list it would be in.
            None => ("Other", None, "restapis"),
        };
        Affected {
            asff,
            cloudformation,
            id: format!("arn:{partition}:apigateway:{region}::/{list}/{}", api.id),
            name: &api.name,
            region: Some(region),
        }
    });
    let mut all: Vec<Affected<'_>> = principal.into_iter().chain(api).collect();
    if all.is_empty() {
        all.push(Affected {
            asff: "AwsAccount",
            cloudformation: None,
            id: format!("AWS::::Account:{}", place.account),
            name: "",
            region: place.region.as_deref(),
        });
    }
    all
}

//! The trails of CloudTrail that log what happens in a Region.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::client::{Clients, Failure, Question, Service};

const CLOUDTRAIL: Service = Service {
    id: "CloudTrail",
    host: "cloudtrail",
    spoke_query: false,
};

/// A trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// Whether it logs the events of every Region.
    pub is_multi_region: bool,
    /// Whether it logs at all.
    pub logs: Result<bool, Failure>,
    /// What it logs.
    pub writes: Result<Writes, Failure>,
}

/// Whether a trail logs management events that change something, such as `PutMethod`.
#[derive(Debug, Clone, PartialEq)]
pub enum Writes {
    /// It does.
    Logged,
    /// Some of them: its selectors say more than is understood here.
    Partly,
    /// It does not. The selectors as they are, by the member that holds them.
    No(&'static str, Vec<Value>),
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "trailList")]
    trails: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "TrailARN")]
    arn: String,
    #[serde(rename = "IsMultiRegionTrail", default)]
    is_multi_region: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    is_logging: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Selectors {
    #[serde(default)]
    event_selectors: Vec<Value>,
    #[serde(default)]
    advanced_event_selectors: Vec<Value>,
}

/// Asks for the trails that log the events of a Region, those of other Regions and of the organization included.
///
/// # Errors
/// Where they may not be listed. What may not be asked of one of them stands with it.
///
/// Source: [DescribeTrails](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html).
pub async fn trails(clients: &Clients, region: &str) -> Result<Vec<Trail>, Failure> {
    const OPERATION: &str = "cloudtrail:DescribeTrails";
    let question = asked(
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails",
        json!({}),
    );
    let answer = clients.ask::<Answer>(CLOUDTRAIL, region, OPERATION, question);
    let mut trails = Vec::new();
    for listed in answer.await?.trails {
        trails.push(Trail {
            logs: logs(clients, region, &listed.arn).await,
            writes: writes(clients, region, &listed.arn).await,
            arn: listed.arn,
            is_multi_region: listed.is_multi_region,
        });
    }
    Ok(trails)
}

async fn logs(clients: &Clients, region: &str, arn: &str) -> Result<bool, Failure> {
    const OPERATION: &str = "cloudtrail:GetTrailStatus";
    let question = asked(
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetTrailStatus",
        json!({"Name": arn}),
    );
    let status = clients.ask::<Status>(CLOUDTRAIL, region, OPERATION, question);
    Ok(status.await?.is_logging)
}

async fn writes(clients: &Clients, region: &str, arn: &str) -> Result<Writes, Failure> {
    const OPERATION: &str = "cloudtrail:GetEventSelectors";
    let question = asked(
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetEventSelectors",
        json!({"TrailName": arn}),
    );
    let selectors = clients.ask::<Selectors>(CLOUDTRAIL, region, OPERATION, question);
    Ok(selected(selectors.await?))
}

/// `target`: the operation with its service and version.
fn asked(target: &'static str, body: Value) -> Question {
    Question::Json {
        target,
        version: "1.1",
        body,
    }
}

/// What the selectors of a trail choose. A trail has selectors of one of the two kinds.
///
/// Source: [logging management events](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html).
fn selected(selectors: Selectors) -> Writes {
    let (basic, advanced) = (
        selectors.event_selectors,
        selectors.advanced_event_selectors,
    );
    if basic.iter().any(logs_writes) {
        return Writes::Logged;
    }
    let chosen = advanced.iter().map(advanced_logs_writes);
    let chosen: Vec<Option<bool>> = chosen.collect();
    if chosen.contains(&Some(true)) {
        Writes::Logged
    } else if chosen.contains(&None) {
        Writes::Partly
    } else if advanced.is_empty() {
        Writes::No("EventSelectors", basic)
    } else {
        Writes::No("AdvancedEventSelectors", advanced)
    }
}

fn logs_writes(selector: &Value) -> bool {
    let kind = selector.get("ReadWriteType").and_then(Value::as_str);
    selector.get("IncludeManagementEvents") == Some(&json!(true))
        && matches!(kind, None | Some("All" | "WriteOnly"))
}

/// `None`: it logs some management events, and more is not understood here.
fn advanced_logs_writes(selector: &Value) -> Option<bool> {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array);
    let fields = fields.map(Vec::as_slice).unwrap_or_default();
    let named = |name: &str| {
        let is = |it: &&Value| it.get("Field").and_then(Value::as_str) == Some(name);
        fields.iter().find(is)
    };
    let equals = |field: &Value, value: &str| field.get("Equals") == Some(&json!([value]));
    if !named("eventCategory").is_some_and(|it| equals(it, "Management")) {
        return Some(false);
    }
    if named("readOnly").is_some_and(|it| equals(it, "true")) {
        return Some(false);
    }
    let only_writes = named("readOnly").is_none_or(|it| equals(it, "false"));
    let known = usize::from(named("readOnly").is_some()) + 1;
    (only_writes && fields.len() == known).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(selectors: Value) -> Writes {
        selected(serde_json::from_value(selectors).unwrap())
    }

    #[test]
    fn only_selectors_of_writes_log_them() {
        for (kind, management, expected) in [
            ("All", true, true),
            ("WriteOnly", true, true),
            ("ReadOnly", true, false),
            ("All", false, false),
        ] {
            let selector = json!({"ReadWriteType": kind, "IncludeManagementEvents": management});
            let writes = of(json!({"EventSelectors": [selector]}));
            assert_eq!(writes == Writes::Logged, expected, "{kind} {management}");
        }
        assert_eq!(of(json!({})), Writes::No("EventSelectors", Vec::new()));
    }

    #[test]
    fn advanced_selectors_that_say_more_are_not_trusted() {
        let advanced = |fields: Value| {
            let mut all = vec![json!({"Field": "eventCategory", "Equals": ["Management"]})];
            all.extend(fields.as_array().unwrap().clone());
            of(json!({"AdvancedEventSelectors": [{"FieldSelectors": all}]}))
        };
        assert_eq!(advanced(json!([])), Writes::Logged);
        let writes = json!([{"Field": "readOnly", "Equals": ["false"]}]);
        assert_eq!(advanced(writes), Writes::Logged);
        let reads = json!([{"Field": "readOnly", "Equals": ["true"]}]);
        assert!(matches!(
            advanced(reads),
            Writes::No("AdvancedEventSelectors", _)
        ));
        let narrow = json!([{"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]}]);
        assert_eq!(advanced(narrow), Writes::Partly);
        let data = json!({"AdvancedEventSelectors": [{"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
        ]}]});
        assert!(matches!(of(data), Writes::No("AdvancedEventSelectors", _)));
    }
}

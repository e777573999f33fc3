//! What an invocation asks for.

use gatewatch::model::{Scope, region_name};
use serde::Deserialize;
use serde_json::Value;

use crate::error::RunError;

/// What an invocation asks for. What it leaves out is as the settings say.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The Regions to read.
    #[serde(default)]
    regions: Vec<String>,
    /// The ids or names of the APIs to read.
    #[serde(default)]
    apis: Vec<String>,
}

impl Request {
    /// What to read. `regions` are those of the settings.
    pub(crate) fn scope(self, regions: Vec<String>) -> Scope {
        let regions = if self.regions.is_empty() {
            regions
        } else {
            self.regions
        };
        Scope::new(regions, self.apis)
    }
}

/// Tells a scheduled event from a direct invocation, and refuses everything else.
pub(crate) fn request(payload: Value) -> Result<Request, RunError> {
    let Value::Object(fields) = &payload else {
        return Err(RunError::BadEvent("it is no JSON object".to_owned()));
    };
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    match (text("source"), text("detail-type")) {
        // EventBridge Scheduler, and an EventBridge rule with a schedule.
        (Some("aws.scheduler" | "aws.events"), Some("Scheduled Event")) => Ok(Request::default()),
        (Some(source), detail) => Err(RunError::BadEvent(format!(
            "an event of `{source}` (`{}`) is not handled",
            detail.unwrap_or("no detail-type")
        ))),
        _ => direct(payload).map_err(RunError::BadEvent),
    }
}

fn direct(payload: Value) -> Result<Request, String> {
    let request: Request = serde_json::from_value(payload).map_err(|error| error.to_string())?;
    for region in &request.regions {
        region_name(region)?;
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> Result<Request, RunError> {
        request(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn both_kinds_of_schedule_ask_for_everything() {
        for text in [
            include_str!("../../../events/scheduled.json"),
            include_str!("../../../events/scheduled-rule.json"),
            "{}",
        ] {
            assert_eq!(sample(text).unwrap(), Request::default());
        }
    }

    #[test]
    fn a_direct_invocation_narrows_the_scan() {
        let request = sample(include_str!("../../../events/direct.json")).unwrap();
        let scope = request.scope(vec!["us-east-1".to_owned()]);
        assert_eq!(scope.regions, ["eu-west-1"]);
        assert_eq!(scope.apis, ["a1b2c3d4e5"]);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            include_str!("../../../events/bad.json"),
            r#"{"source": "aws.s3", "detail-type": "Object Created"}"#,
            r#"{"source": "aws.scheduler"}"#,
            r#"{"region": ["eu-west-1"]}"#,
            r#"{"regions": "eu-west-1"}"#,
            r#"{"regions": ["the moon"]}"#,
            "[]",
            "null",
            "\"scan\"",
        ] {
            assert!(matches!(sample(text), Err(RunError::BadEvent(_))), "{text}");
        }
    }
}

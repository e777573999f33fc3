//! What an invocation of the Lambda asks for: a scan, a re-check of what changed, an answer to AWS Config, or one to a
//! CloudFormation Hook.
//!
//! Pure. What is not understood is refused, never taken for a scan of everything.

mod api_id;
mod changed;
mod config;
mod doctor;
mod hook;
mod organization;

pub use changed::Changed;
pub use doctor::DoctorAsk;
pub use hook::{HookAsk, HookResource, HookTarget};
pub use organization::Step;

use serde::Deserialize;
use serde_json::Value;

use crate::inventory::region_name;
use crate::render::ConfigAsk;

/// What an invocation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A scan: of everything on a schedule, of what it names when invoked directly.
    Scan(Narrowed),
    /// A re-check of what calls to AWS changed.
    Changed(Changed),
    /// An evaluation for a custom rule of AWS Config.
    Config(Box<ConfigAsk>),
    /// A step of a run over an organization.
    Organization(Step),
    /// A checkup of the function and what it needs.
    Doctor(DoctorAsk),
    /// The question of a CloudFormation Hook. It is answered, whatever is wrong with it.
    Hook(Box<HookAsk>),
}

/// What a scan is narrowed to. What is empty is as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrowed {
    /// The Regions to read.
    #[serde(default)]
    pub regions: Vec<String>,
    /// The ids or names of the APIs to read.
    #[serde(default)]
    pub apis: Vec<String>,
}

/// Tells what an invocation asks for from its payload.
///
/// Shapes: `{"regions": […], "apis": […]}` (each may be left out: the schedule of `template.yaml` sends `{}`), the
/// event that a schedule without an input of its own sends, an event of
/// [CloudTrail through EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html),
/// a [batch of them from SQS](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html), the event of a
/// [custom Config rule](https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html),
/// `{"organization": {"step": …}}`, as the state machine of `template.yaml` sends it, `{"doctor": true}`, or the event of a
/// [Lambda Hook](https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html).
///
/// # Errors
/// For everything else, with what is wrong in words.
///
/// ```
/// use gatewatch::run::events::{Trigger, trigger};
/// use serde_json::json;
///
/// let asked = trigger(json!({"regions": ["eu-west-1"], "apis": ["a1b2c3d4e5"]})).unwrap();
/// let Trigger::Scan(narrowed) = asked else { panic!("it asks for a scan") };
/// assert_eq!(narrowed.apis, ["a1b2c3d4e5"]);
///
/// // A misspelt field is no scan of everything.
/// assert!(trigger(json!({"region": ["eu-west-1"]})).is_err());
/// ```
pub fn trigger(payload: Value) -> Result<Trigger, String> {
    let Value::Object(fields) = &payload else {
        return Err("it is no JSON object".to_owned());
    };
    if let Some(records) = fields.get("Records") {
        return changed::batch(records).map(Trigger::Changed);
    }
    if let Some(step) = fields.get("organization") {
        return organization::step(step, fields.len()).map(Trigger::Organization);
    }
    if let Some(asked) = fields.get("doctor") {
        return doctor::ask(asked, fields.len()).map(Trigger::Doctor);
    }
    if hook::is_of_hook(fields) {
        return Ok(Trigger::Hook(Box::new(hook::ask(fields))));
    }
    if fields.contains_key("invokingEvent") {
        return config::ask(payload).map(|ask| Trigger::Config(Box::new(ask)));
    }
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    match (text("source"), text("detail-type")) {
        // EventBridge Scheduler, and an EventBridge rule with a schedule.
        (Some("aws.scheduler" | "aws.events"), Some("Scheduled Event")) => {
            Ok(Trigger::Scan(Narrowed::default()))
        }
        (Some("aws.apigateway" | "aws.iam"), Some(changed::CALL)) => {
            Ok(Trigger::Changed(changed::event(&payload)))
        }
        (Some(source), detail) => Err(format!(
            "an event of `{source}` (`{}`) is not handled",
            detail.unwrap_or("no detail-type")
        )),
        _ => direct(payload).map(Trigger::Scan),
    }
}

fn direct(payload: Value) -> Result<Narrowed, String> {
    let narrowed: Narrowed = serde_json::from_value(payload).map_err(|error| error.to_string())?;
    for region in &narrowed.regions {
        region_name(region)?;
    }
    Ok(narrowed)
}

#[cfg(test)]
mod tests {
    use super::api_id::api_of_arn;
    use super::*;

    fn sample(text: &str) -> Result<Trigger, String> {
        trigger(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn both_kinds_of_schedule_ask_for_everything() {
        for text in [
            include_str!("../../../events/scheduled.json"),
            include_str!("../../../events/scheduled-rule.json"),
            "{}",
        ] {
            let everything = Trigger::Scan(Narrowed::default());
            assert_eq!(sample(text).unwrap(), everything, "{text}");
        }
    }

    #[test]
    fn a_direct_invocation_narrows_the_scan() {
        let narrowed = Narrowed {
            regions: vec!["eu-west-1".to_owned()],
            apis: vec!["a1b2c3d4e5".to_owned()],
        };
        let trigger = sample(include_str!("../../../events/direct.json"));
        assert_eq!(trigger, Ok(Trigger::Scan(narrowed)));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            include_str!("../../../events/bad.json"),
            r#"{"source": "aws.s3", "detail-type": "Object Created"}"#,
            r#"{"source": "aws.scheduler"}"#,
            r#"{"source": "aws.iam", "detail-type": "Scheduled Event"}"#,
            r#"{"region": ["eu-west-1"]}"#,
            r#"{"regions": "eu-west-1"}"#,
            r#"{"regions": ["the moon"]}"#,
            r#"{"Records": {}}"#,
            r#"{"Records": []}"#,
            r#"{"invokingEvent": {}}"#,
            "[]",
            "null",
            "\"scan\"",
        ] {
            assert!(sample(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_arn_names_the_api_that_it_lies_in() {
        for (arn, api) in [
            (
                "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5",
                Some("a1b2c3d4e5"),
            ),
            (
                "arn:aws-cn:apigateway:cn-north-1::/apis/f6g7h8i9j0/stages/$default",
                Some("f6g7h8i9j0"),
            ),
            ("arn:aws:apigateway:eu-west-1::/domainnames/a.example", None),
            ("arn:aws:apigateway:eu-west-1::/restapis/", None),
            ("arn:aws:lambda:eu-west-1:111122223333:/restapis/a", None),
            ("a1b2c3d4e5", None),
            ("", None),
        ] {
            assert_eq!(api_of_arn(arn), api, "{arn}");
        }
    }
}

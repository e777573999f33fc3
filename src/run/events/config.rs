//! The event of a custom rule of AWS Config.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::api_id::{api_of_arn, is_api_id};
use crate::iam::document::Arn;
use crate::inventory::region_name;
use crate::render::{About, ConfigAsk};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    /// JSON in a text.
    invoking_event: String,
    result_token: String,
    config_rule_arn: String,
    #[serde(default)]
    event_left_scope: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invoking {
    message_type: String,
    configuration_item: Option<Item>,
    /// In place of an item that is too large for an event.
    configuration_item_summary: Option<Item>,
    notification_creation_time: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    resource_type: String,
    resource_id: String,
    aws_region: Option<String>,
    #[serde(rename = "ARN")]
    arn: Option<String>,
    configuration_item_status: String,
    configuration_item_capture_time: Timestamp,
}

/// Reads the event of a custom rule.
///
/// # Errors
/// For what is no such event, with what is wrong in words.
pub(super) fn ask(payload: Value) -> Result<ConfigAsk, String> {
    let event: Event = serde_json::from_value(payload)
        .map_err(|error| format!("it is no event of a Config rule: {error}"))?;
    let invoking: Invoking = serde_json::from_str(&event.invoking_event)
        .map_err(|error| format!("its `invokingEvent` cannot be read: {error}"))?;
    let (about, ordering) = invoking.about()?;
    let region = Arn::read(&event.config_rule_arn).map(|it| it.region);
    let region = region.filter(|it| region_name(it).is_ok()).ok_or_else(|| {
        let arn = &event.config_rule_arn;
        format!(
            "its `configRuleArn`, `{arn}`, names no Region: what the rule is about is not known"
        )
    })?;
    Ok(ConfigAsk {
        test_mode: event.result_token == "TESTMODE",
        result_token: event.result_token,
        about,
        region: region.to_owned(),
        left_scope: event.event_left_scope,
        ordering,
    })
}

impl Invoking {
    /// What is to be evaluated, and as of when.
    fn about(self) -> Result<(About, Timestamp), String> {
        let kind = self.message_type;
        let lacks = |what: &str| format!("its `invokingEvent`, a {kind}, has no `{what}`");
        let item = match kind.as_str() {
            "ConfigurationItemChangeNotification" => self
                .configuration_item
                .ok_or_else(|| lacks("configurationItem"))?,
            "OversizedConfigurationItemChangeNotification" => self
                .configuration_item_summary
                .ok_or_else(|| lacks("configurationItemSummary"))?,
            "ScheduledNotification" => {
                let asked = self.notification_creation_time;
                let asked = asked.ok_or_else(|| lacks("notificationCreationTime"))?;
                return Ok((About::Everything, asked));
            }
            _ => return Err(format!("a Config message of type `{kind}` is not handled")),
        };
        let ordering = item.configuration_item_capture_time;
        Ok((item.about(), ordering))
    }
}

impl Item {
    fn about(self) -> About {
        let deleted = matches!(
            self.configuration_item_status.as_str(),
            "ResourceDeleted" | "ResourceDeletedNotRecorded" | "ResourceNotRecorded"
        );
        About::Item {
            api: self.api().map(str::to_owned),
            // The Region of an IAM resource is `global`.
            region: self.aws_region.filter(|it| region_name(it).is_ok()),
            resource_type: self.resource_type,
            resource_id: self.resource_id,
            deleted,
        }
    }

    /// The id of the API. Which form Config's own id has is not documented: all that are known are taken.
    fn api(&self) -> Option<&str> {
        let (kind, id) = (self.resource_type.as_str(), self.resource_id.as_str());
        if !kind.starts_with("AWS::ApiGateway") {
            return None;
        }
        let bare = match kind {
            "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => Some(id),
            // As CloudFormation names what lies in an API: `a1b2c3d4e5|res111|GET`.
            _ => id.split_once('|').map(|(api, _)| api),
        };
        bare.filter(|it| is_api_id(it))
            .or_else(|| api_of_arn(id))
            .or_else(|| api_of_arn(self.arn.as_deref()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(text: &str) -> ConfigAsk {
        ask(serde_json::from_str(text).unwrap()).unwrap()
    }

    fn with(invoking: Value) -> Result<ConfigAsk, String> {
        let rule = "arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-abc123";
        ask(
            json!({"invokingEvent": invoking.to_string(), "resultToken": "fake", "configRuleArn": rule}),
        )
    }

    fn api(resource_type: &str, resource_id: &str, arn: Option<&str>) -> Option<String> {
        let item = Item {
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.to_owned(),
            aws_region: None,
            arn: arn.map(str::to_owned),
            configuration_item_status: "OK".to_owned(),
            configuration_item_capture_time: Timestamp::UNIX_EPOCH,
        };
        item.api().map(str::to_owned)
    }

    #[test]
    fn a_change_is_about_one_api() {
        let changed = sample(include_str!("../../../events/config-change.json"));
        let ask = ConfigAsk {
            result_token: "fake-result-token".to_owned(),
            test_mode: false,
            about: About::Item {
                resource_type: "AWS::ApiGateway::RestApi".to_owned(),
                resource_id: "a1b2c3d4e5".to_owned(),
                region: Some("eu-west-1".to_owned()),
                api: Some("a1b2c3d4e5".to_owned()),
                deleted: false,
            },
            region: "eu-west-1".to_owned(),
            left_scope: false,
            ordering: "2026-11-22T08:16:04.043Z".parse().unwrap(),
        };
        assert_eq!(changed, ask);
    }

    #[test]
    fn a_change_that_is_too_large_is_about_the_same() {
        let ask = sample(include_str!("../../../events/config-oversized.json"));
        let About::Item {
            resource_type, api, ..
        } = ask.about
        else {
            panic!("it is about an item");
        };
        assert_eq!(resource_type, "AWS::ApiGateway::Stage");
        assert_eq!(api.as_deref(), Some("a1b2c3d4e5"));
    }

    #[test]
    fn a_schedule_is_about_everything() {
        let ask = sample(include_str!("../../../events/config-scheduled.json"));
        assert_eq!(ask.about, About::Everything);
        assert!(ask.test_mode);
        assert_eq!(ask.ordering.to_string(), "2026-11-22T09:00:00.373Z");
    }

    #[test]
    fn what_is_deleted_is_known_to_be() {
        let ask = sample(include_str!("../../../events/config-deleted.json"));
        assert!(matches!(ask.about, About::Item { deleted: true, .. }));
    }

    #[test]
    fn an_api_is_told_from_every_form_of_id() {
        let arn = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5";
        for (kind, id, known_arn) in [
            ("AWS::ApiGateway::RestApi", "a1b2c3d4e5", None),
            ("AWS::ApiGatewayV2::Api", "a1b2c3d4e5", None),
            ("AWS::ApiGateway::RestApi", arn, None),
            ("AWS::ApiGateway::Stage", "prod", Some(arn)),
            ("AWS::ApiGateway::Method", "a1b2c3d4e5|res111|GET", None),
        ] {
            let api = api(kind, id, known_arn);
            assert_eq!(api.as_deref(), Some("a1b2c3d4e5"), "{kind} {id}");
        }
        assert_eq!(api("AWS::ApiGateway::Stage", "prod", None), None);
        assert_eq!(api("AWS::IAM::Group", "a1b2c3d4e5", Some(arn)), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = with(json!({"messageType": "ScheduledNotification"})).unwrap_err();
        assert!(error.contains("notificationCreationTime"), "{error}");
        let error = with(json!({"messageType": "ConfigurationItemChangeNotification"}));
        assert!(error.unwrap_err().contains("configurationItem"));
        let error = with(json!({"messageType": "ConfigurationSnapshotDeliveryCompleted"}));
        assert!(error.unwrap_err().contains("is not handled"));
        assert!(with(json!("text")).is_err());
        let sample = include_str!("../../../events/config-scheduled.json");
        let without = sample.replace("arn:aws:config:eu-west-1:", "arn:aws:config::");
        let error = ask(serde_json::from_str(&without).unwrap()).unwrap_err();
        assert!(error.contains("`configRuleArn`"), "{error}");
    }
}

//! What calls to AWS changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::api_id::{api_of_arn, is_api_id};
use crate::inventory::region_name;

/// The `detail-type` of what CloudTrail logged.
pub(super) const CALL: &str = "AWS API Call via CloudTrail";

/// How calls begin that change nothing, also where the event does not say that it only read.
const READS: [&str; 6] = ["Get", "List", "Head", "Describe", "Test", "Flush"];

/// The calls whose answer has the id of the API that they made.
const MAKES: [&str; 4] = ["CreateRestApi", "ImportRestApi", "CreateApi", "ImportApi"];

/// The calls after which there is no such API any more: asked for by its id, it would be a gap.
const DELETES: [&str; 2] = ["DeleteRestApi", "DeleteApi"];

/// Where a call has the id of the API that it is about.
const ASKED: [&str; 2] = [
    "/detail/requestParameters/restApiId",
    "/detail/requestParameters/apiId",
];

/// Where it has the id of the API that it made.
const MADE: [&str; 3] = [
    "/detail/responseElements/id",
    "/detail/responseElements/restApiId",
    "/detail/responseElements/apiId",
];

/// What calls to AWS changed, and so what is to be checked again.
///
/// Many events become one of it: whoever deploys makes a dozen calls, which ask for one re-check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The ids of the APIs to check, by Region. None of a Region that is to be checked as a whole.
    pub apis: BTreeMap<String, BTreeSet<String>>,
    /// The Regions to check as a whole.
    pub regions: BTreeSet<String>,
    /// Whether the IAM principals are to be checked.
    pub principals: bool,
    /// How many events changed something.
    pub events: usize,
    /// How many changed nothing: they only read, failed, or are about something else.
    pub ignored: usize,
    /// How many could not be read. With one of them, everything is to be checked: what it said changed is
    /// not known.
    pub unreadable: usize,
}

/// What one event of EventBridge changed.
pub(super) fn event(event: &Value) -> Changed {
    let mut changed = Changed::default();
    changed.take(event);
    changed.settle()
}

/// What the events of a batch of SQS messages changed. `records`: the value of its `Records`.
///
/// # Errors
/// For what is no batch of SQS. A message that cannot be read is counted instead: an error would put the
/// others off as well.
pub(super) fn batch(records: &Value) -> Result<Changed, String> {
    let records = records.as_array().filter(|records| !records.is_empty());
    let records = records.ok_or("its `Records` is no list of messages")?;
    let mut changed = Changed::default();
    for record in records {
        match text(record, "/eventSource") {
            Some("aws:sqs") => {}
            source => {
                let source = source.unwrap_or("no eventSource");
                return Err(format!("a record of `{source}` is not handled"));
            }
        }
        let body = text(record, "/body").and_then(|body| serde_json::from_str(body).ok());
        // Null is no event either.
        changed.take(&body.unwrap_or(Value::Null));
    }
    Ok(changed.settle())
}

impl Changed {
    /// Whether there is nothing to check again.
    pub fn is_empty(&self) -> bool {
        self.apis.is_empty() && self.regions.is_empty() && !self.principals && self.unreadable == 0
    }

    fn take(&mut self, event: &Value) {
        match (text(event, "/source"), text(event, "/detail-type")) {
            (Some("aws.iam" | "aws.apigateway"), Some(CALL)) if changes_nothing(event) => {
                self.ignored += 1;
            }
            (Some("aws.iam"), Some(CALL)) => {
                self.events += 1;
                self.principals = true;
            }
            (Some("aws.apigateway"), Some(CALL)) => self.take_gateway(event),
            (Some(_), Some(_)) => self.ignored += 1,
            _ => self.unreadable += 1,
        }
    }

    fn take_gateway(&mut self, event: &Value) {
        let Some(region) = region(event) else {
            self.unreadable += 1;
            return;
        };
        self.events += 1;
        match api(event) {
            Some(id) => {
                let ids = self.apis.entry(region.to_owned()).or_default();
                ids.insert(id.to_owned());
            }
            None => {
                self.regions.insert(region.to_owned());
            }
        }
    }

    /// Leaves out the APIs of the Regions that are checked as a whole.
    fn settle(mut self) -> Self {
        let regions = &self.regions;
        self.apis.retain(|region, _| !regions.contains(region));
        self
    }
}

/// The text at a place of an event. `None`: there is none.
fn text<'e>(event: &'e Value, place: &str) -> Option<&'e str> {
    event.pointer(place).and_then(Value::as_str)
}

fn changes_nothing(event: &Value) -> bool {
    let failed = event.pointer("/detail/errorCode");
    let reads = event.pointer("/detail/readOnly");
    // A call without a name is one that changes something.
    let name = text(event, "/detail/eventName").unwrap_or("");
    failed.is_some_and(|code| !code.is_null())
        || reads.and_then(Value::as_bool).unwrap_or(false)
        || READS.iter().any(|read| name.starts_with(read))
}

/// Where the call was made; else, where EventBridge got it.
fn region(event: &Value) -> Option<&str> {
    let region = text(event, "/detail/awsRegion").or_else(|| text(event, "/region"));
    region.filter(|region| region_name(region).is_ok())
}

/// The id of the one API that a call changed. `None`: it cannot be told, or it is about all of the Region.
fn api(event: &Value) -> Option<&str> {
    let name = text(event, "/detail/eventName").unwrap_or("");
    if DELETES.contains(&name) {
        return None;
    }
    let made = MADE.iter().filter(|_| MAKES.contains(&name));
    let mut ids = ASKED.iter().chain(made).filter_map(|it| text(event, it));
    ids.find(|id| is_api_id(id)).or_else(|| {
        // A change of tags, which the policy file can select by, names the API by its ARN.
        api_of_arn(text(event, "/detail/requestParameters/resourceArn")?)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REST: &str = include_str!("../../../events/change-rest-api.json");
    const HTTP: &str = include_str!("../../../events/change-http-api.json");
    const IAM: &str = include_str!("../../../events/change-iam.json");
    const BATCH: &str = include_str!("../../../events/change-batch.json");

    fn of(text: &str) -> Changed {
        event(&serde_json::from_str(text).unwrap())
    }

    /// An event of API Gateway about a call, with what it asked for and was answered.
    fn call(name: &str, asked: Value, answered: Value) -> Value {
        let mut event: Value = serde_json::from_str(REST).unwrap();
        event["detail"]["eventName"] = json!(name);
        event["detail"]["requestParameters"] = asked;
        event["detail"]["responseElements"] = answered;
        event
    }

    fn ids(region: &str, ids: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        BTreeMap::from([(region.to_owned(), ids)])
    }

    fn bodies(bodies: &[&str]) -> Value {
        let records = bodies.iter();
        records
            .map(|body| json!({"eventSource": "aws:sqs", "body": body}))
            .collect()
    }

    #[test]
    fn a_call_says_which_api_it_changed() {
        assert_eq!(of(REST).apis, ids("eu-west-1", &["a1b2c3d4e5"]));
        assert_eq!(of(HTTP).apis, ids("eu-west-1", &["f6g7h8i9j0"]));
        for changed in [of(REST), of(HTTP)] {
            assert_eq!((changed.events, changed.ignored), (1, 0));
            assert!(changed.regions.is_empty() && !changed.principals);
            assert!(!changed.is_empty());
        }
    }

    #[test]
    fn a_call_of_iam_changes_the_principals_alone() {
        let principals = Changed {
            principals: true,
            events: 1,
            ..Changed::default()
        };
        assert_eq!(of(IAM), principals);
    }

    #[test]
    fn a_batch_becomes_one_re_check() {
        let records: Value = serde_json::from_str(BATCH).unwrap();
        let changed = Changed {
            apis: ids("eu-west-1", &["a1b2c3d4e5", "f6g7h8i9j0"]),
            principals: true,
            events: 4,
            ..Changed::default()
        };
        assert_eq!(batch(&records["Records"]), Ok(changed));
    }

    #[test]
    fn a_new_api_is_named_in_the_answer() {
        for (name, answered) in [
            ("CreateRestApi", json!({"id": "a1b2c3d4e5"})),
            ("ImportRestApi", json!({"restApiId": "a1b2c3d4e5"})),
            ("CreateApi", json!({"apiId": "a1b2c3d4e5"})),
        ] {
            let changed = event(&call(name, json!({"name": "PetStore"}), answered));
            assert_eq!(changed.apis, ids("eu-west-1", &["a1b2c3d4e5"]), "{name}");
        }
    }

    #[test]
    fn the_region_is_checked_where_the_api_cannot_be_told() {
        for (name, asked) in [
            ("DeleteRestApi", json!({"restApiId": "a1b2c3d4e5"})),
            ("DeleteApi", json!({"apiId": "a1b2c3d4e5"})),
            ("UpdateBasePathMapping", json!({"domainName": "a.example"})),
            ("UpdateMethod", json!({"restApiId": "*"})),
            ("CreateDeployment", json!(null)),
        ] {
            // An id in the answer of a call that makes no API is one of something else.
            let changed = event(&call(name, asked, json!({"id": "dep111"})));
            assert!(changed.apis.is_empty(), "{name}");
            assert!(changed.regions.contains("eu-west-1"), "{name}");
        }
        let gone = call("DeleteApi", json!({"apiId": "f6g7h8i9j0"}), json!(null));
        let changed = batch(&bodies(&[REST, &gone.to_string(), HTTP])).unwrap();
        assert!(changed.apis.is_empty());
        assert_eq!((changed.regions.len(), changed.events), (1, 3));
    }

    #[test]
    fn a_tag_changes_what_it_is_put_on() {
        let arn = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod";
        let tag = call("TagResource", json!({"resourceArn": arn}), json!(null));
        assert_eq!(event(&tag).apis, ids("eu-west-1", &["a1b2c3d4e5"]));
    }

    #[test]
    fn what_failed_or_only_read_changes_nothing() {
        let mut failed: Value = serde_json::from_str(REST).unwrap();
        failed["detail"]["errorCode"] = json!("AccessDenied");
        let mut read: Value = serde_json::from_str(IAM).unwrap();
        read["detail"]["readOnly"] = json!(true);
        let test = call("TestInvokeMethod", json!({"restApiId": "a1"}), json!(null));
        for nothing in [failed, read, test] {
            let changed = event(&nothing);
            assert!(changed.is_empty(), "{nothing}");
            assert_eq!((changed.events, changed.ignored), (0, 1), "{nothing}");
        }
    }

    #[test]
    fn a_message_that_cannot_be_read_is_never_nothing() {
        let mut nowhere: Value = serde_json::from_str(REST).unwrap();
        nowhere["detail"]["awsRegion"] = json!("the moon");
        for body in ["", "{", "null", "[]", "{}", &nowhere.to_string()] {
            let changed = batch(&bodies(&[body, REST])).unwrap();
            assert_eq!((changed.unreadable, changed.events), (1, 1), "{body}");
            assert!(!batch(&bodies(&[body])).unwrap().is_empty(), "{body}");
        }
        let other = r#"{"source": "aws.s3", "detail-type": "Object Created"}"#;
        let changed = batch(&bodies(&[other])).unwrap();
        assert_eq!((changed.ignored, changed.is_empty()), (1, true));
    }
}

//! What the log of a function says of its starts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::aws::client::{Clients, Failure, Question, Service, pages};

const LOGS: Service = Service {
    id: "CloudWatch Logs",
    host: "logs",
    spoke_query: false,
};

/// What Lambda calls it where the binary cannot be started, as it is for another processor, or no program.
///
/// Source: [deployment issues](https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html).
const NO_ENTRYPOINT: &str = "Runtime.InvalidEntrypoint";

/// What became of a function's starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// It has been started.
    Begun,
    /// Its binary cannot be started.
    Impossible,
    /// The log has none.
    None,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    events: Option<Vec<Event>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    message: String,
}

/// What Lambda writes, as JSON.
///
/// Source: [telemetry](https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html).
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    record: Record,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    request_id: Option<String>,
    error_type: Option<String>,
}

/// Reads what Lambda itself wrote into the log of a function, which logs as JSON. `since`: from then on.
///
/// # Errors
/// Where it may not be read, or there is no such log.
///
/// Source: [FilterLogEvents](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).
pub async fn starts(
    clients: &Clients,
    region: &str,
    group: &str,
    since: Option<Timestamp>,
) -> Result<Starts, Failure> {
    const OPERATION: &str = "logs:FilterLogEvents";
    const PATTERN: &str = "{ $.type = \"platform.*\" }";
    let since = since.map_or(0, Timestamp::as_millisecond);
    let page = async |token: Option<String>| {
        let body = match token {
            None => json!({"logGroupName": group, "filterPattern": PATTERN, "startTime": since}),
            Some(token) => json!({
                "logGroupName": group, "filterPattern": PATTERN, "startTime": since, "nextToken": token,
            }),
        };
        let question = Question::Json {
            target: "Logs_20140328.FilterLogEvents",
            version: "1.1",
            body,
        };
        let answer = clients.ask::<Answer>(LOGS, region, OPERATION, question);
        let answer = answer.await?;
        Ok((answer.events, answer.next_token))
    };
    let events = pages(OPERATION, page).await?;
    Ok(told(events.iter().map(|it| it.message.as_str())))
}

/// A start that is impossible stays so until the function is changed. A run that ends here and began before is one of the
/// binary that was there before.
fn told<'a>(messages: impl Iterator<Item = &'a str>) -> Starts {
    let entries = messages.filter_map(|it| serde_json::from_str::<Entry>(it).ok());
    let entries: Vec<Entry> = entries.collect();
    let failed = |it: &Entry| it.record.error_type.as_deref() == Some(NO_ENTRYPOINT);
    if entries.iter().any(failed) {
        return Starts::Impossible;
    }
    // The streams of several runs come in any order.
    let of = |kind: &'static str| entries.iter().filter(move |it| it.kind == kind);
    let begun: BTreeSet<&str> = of("platform.start")
        .filter_map(|it| it.record.request_id.as_deref())
        .collect();
    let ended = of("platform.report").filter(|it| it.record.error_type.is_none());
    let mut ended = ended.filter_map(|it| it.record.request_id.as_deref());
    if ended.any(|it| begun.contains(it)) {
        Starts::Begun
    } else {
        Starts::None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_start_that_is_impossible_is_never_passed_over() {
        let line = |kind: &str, record: Value| json!({"type": kind, "record": record}).to_string();
        let failed = json!({"status": "error", "errorType": NO_ENTRYPOINT});
        let failed = line("platform.initReport", failed);
        let run = json!({"status": "success", "requestId": "a"});
        let ended = line("platform.report", run.clone());
        let other = json!({"status": "error", "errorType": "Runtime.ExitError", "requestId": "a"});
        let other = line("platform.report", other);
        let begun = line("platform.start", run);
        let of = |lines: &[&String]| told(lines.iter().map(|it| it.as_str()));
        assert_eq!(of(&[&failed, &begun, &ended]), Starts::Impossible);
        assert_eq!(of(&[&begun, &ended, &failed]), Starts::Impossible);
        assert_eq!(of(&[&begun, &ended]), Starts::Begun);
        assert_eq!(of(&[&ended, &begun]), Starts::Begun);
        // None of these tells whether the binary fits: a run is under way, it ended early, or began with an earlier binary.
        let (text, empty) = ("START".to_owned(), "{}".to_owned());
        for lines in [
            &[&begun][..],
            &[&begun, &other],
            &[&ended],
            &[&text, &empty],
        ] {
            assert_eq!(of(lines), Starts::None, "{lines:?}");
        }
    }
}

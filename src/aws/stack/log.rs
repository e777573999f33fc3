//! What the log of a function says of its starts.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

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

/// A start that is impossible stays so until the function is changed.
fn told<'a>(messages: impl Iterator<Item = &'a str>) -> Starts {
    let mut starts = Starts::None;
    for message in messages {
        let entry: Value = serde_json::from_str(message).unwrap_or_default();
        let text = |place: &str| entry.pointer(place).and_then(Value::as_str);
        match (text("/type"), text("/record/errorType")) {
            (Some(_), Some(NO_ENTRYPOINT)) => return Starts::Impossible,
            (Some("platform.report" | "platform.runtimeDone"), None) => starts = Starts::Begun,
            _ => {}
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_is_impossible_is_never_passed_over() {
        let line = |kind: &str, record: Value| json!({"type": kind, "record": record}).to_string();
        let failed = json!({"status": "error", "errorType": NO_ENTRYPOINT});
        let failed = line("platform.initReport", failed);
        let ended = line("platform.report", json!({"status": "success"}));
        let other = json!({"status": "error", "errorType": "Runtime.ExitError"});
        let other = line("platform.report", other);
        let begun = line("platform.start", json!({}));
        let of = |lines: &[&String]| told(lines.iter().map(|it| it.as_str()));
        assert_eq!(of(&[&failed, &ended]), Starts::Impossible);
        assert_eq!(of(&[&ended, &failed]), Starts::Impossible);
        assert_eq!(of(&[&begun, &ended]), Starts::Begun);
        // Neither tells whether the binary fits.
        for line in [&begun, &other, &"START".to_owned(), &"{}".to_owned()] {
            assert_eq!(of(&[line]), Starts::None, "{line}");
        }
    }
}

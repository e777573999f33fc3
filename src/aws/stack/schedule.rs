//! The schedule that starts a run.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::aws::client::{Clients, Failure, Question, Service, encoded, parsed};

const SCHEDULER: Service = Service {
    id: "Scheduler",
    host: "scheduler",
    spoke_query: false,
};

/// A schedule of EventBridge Scheduler.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Whether it starts anything.
    pub is_enabled: bool,
    /// When, such as `cron(0 6 * * ? *)`.
    pub expression: String,
    /// The time zone of that. `None`: UTC.
    pub timezone: Option<String>,
    /// From when on it starts nothing more. `None`: it has no end.
    pub ends: Option<Timestamp>,
    /// The ARN of what it starts.
    pub target: String,
    /// The whole answer: to change one member of a schedule, all others have to be said again.
    pub whole: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    state: String,
    schedule_expression: String,
    schedule_expression_timezone: Option<String>,
    /// Seconds since 1970.
    end_date: Option<f64>,
    target: Target,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: String,
}

/// Asks for a schedule of the default group.
///
/// # Errors
/// Where there is no such schedule, or it may not be read.
///
/// Source: [GetSchedule](https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html).
pub async fn schedule(clients: &Clients, region: &str, name: &str) -> Result<Schedule, Failure> {
    const OPERATION: &str = "scheduler:GetSchedule";
    let question = Question::Get(format!("/schedules/{}", encoded(name)));
    let whole = clients.ask_anything(SCHEDULER, region, OPERATION, question);
    let whole = whole.await?;
    let answer: Answer = parsed(OPERATION, &whole)?;
    let ends = match answer.end_date {
        None => None,
        // To the second: no schedule is that exact.
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
        Some(seconds) => Some(
            Timestamp::from_second(seconds as i64)
                .map_err(|error| Failure::malformed(OPERATION, error.to_string()))?,
        ),
    };
    Ok(Schedule {
        is_enabled: answer.state == "ENABLED",
        expression: answer.schedule_expression,
        timezone: answer.schedule_expression_timezone,
        ends,
        target: answer.target.arn,
        whole,
    })
}

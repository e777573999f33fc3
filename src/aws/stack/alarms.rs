//! The alarms of a stack.

use serde::Deserialize;
use serde_json::json;

use crate::aws::client::{Clients, Failure, Question, Service, pages};

const CLOUDWATCH: Service = Service {
    id: "CloudWatch",
    host: "monitoring",
    spoke_query: true,
};

/// What an alarm says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// All is well.
    Quiet,
    /// It is raised.
    Raised,
    /// There is no data, or a state that is not known here.
    Untold,
}

/// An alarm of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it says.
    pub state: AlarmState,
    /// Whether it tells anybody: its actions are on, and there is one.
    pub tells: bool,
    /// Whether its actions are on.
    pub is_on: bool,
    /// The function that it watches. `None`: it watches something else.
    pub function: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    metric_alarms: Vec<MetricAlarm>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricAlarm {
    alarm_name: String,
    state_value: String,
    actions_enabled: bool,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

/// Asks for alarms by their names, a hundred at most. Those that are not there are not in the answer.
///
/// # Errors
/// Where they may not be read.
///
/// Source: [DescribeAlarms](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).
pub async fn alarms(
    clients: &Clients,
    region: &str,
    names: &[String],
) -> Result<Vec<Alarm>, Failure> {
    const OPERATION: &str = "cloudwatch:DescribeAlarms";
    let page = async |token: Option<String>| {
        let body = match token {
            None => json!({"AlarmNames": names}),
            Some(token) => json!({"AlarmNames": names, "NextToken": token}),
        };
        let question = Question::Json {
            target: "GraniteServiceVersion20100801.DescribeAlarms",
            version: "1.0",
            body,
        };
        let answer = clients.ask::<Answer>(CLOUDWATCH, region, OPERATION, question);
        let answer = answer.await?;
        Ok((Some(answer.metric_alarms), answer.next_token))
    };
    let alarms = pages(OPERATION, page).await?.into_iter();
    Ok(alarms.map(Alarm::from).collect())
}

impl From<MetricAlarm> for Alarm {
    fn from(alarm: MetricAlarm) -> Self {
        let function = alarm.dimensions.into_iter();
        let mut function = function.filter(|it| it.name == "FunctionName");
        Alarm {
            name: alarm.alarm_name,
            state: match alarm.state_value.as_str() {
                "OK" => AlarmState::Quiet,
                "ALARM" => AlarmState::Raised,
                _ => AlarmState::Untold,
            },
            tells: alarm.actions_enabled && !alarm.alarm_actions.is_empty(),
            is_on: alarm.actions_enabled,
            function: function.next().map(|it| it.value),
        }
    }
}

//! Whether the places are there that findings go to beside the topic.

use crate::aws::client::{Clients, Failure, failure};

/// Asks for an event bus, by its name or ARN.
///
/// # Errors
/// Where there is no such bus, or it may not be read.
///
/// Source: [DescribeEventBus](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html).
pub async fn event_bus(clients: &Clients, name: &str) -> Result<(), Failure> {
    let asked = clients.event_bridge().describe_event_bus().name(name);
    let asked = asked.send().await;
    asked
        .map(drop)
        .map_err(|error| failure("events:DescribeEventBus", error))
}

/// Asks whether Security Hub CSPM is on in a Region.
///
/// # Errors
/// Where it is not, or it may not be asked.
///
/// Source: [DescribeHub](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html).
pub async fn security_hub(clients: &Clients, region: &str) -> Result<(), Failure> {
    let asked = clients.security_hub(region).describe_hub().send().await;
    asked
        .map(drop)
        .map_err(|error| failure("securityhub:DescribeHub", error))
}

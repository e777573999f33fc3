//! The rules of EventBridge that bring changes.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::RuleState;

use crate::aws::client::{Clients, Failure, failure, given, pages};

/// A rule of a default event bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub is_enabled: bool,
    /// What it looks for, as JSON.
    pub pattern: String,
    /// The ARNs of what gets the events.
    pub targets: Vec<String>,
}

/// Asks for the rules whose names begin with a prefix.
///
/// # Errors
/// Where they, or the targets of one, may not be read.
///
/// Source: [ListRules](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html).
pub async fn rules(clients: &Clients, region: &str, prefix: &str) -> Result<Vec<Rule>, Failure> {
    const OPERATION: &str = "events:ListRules";
    let client = clients.in_region(region).event_bridge();
    let page = async |token| {
        let request = client.list_rules().name_prefix(prefix);
        let answer = request.set_next_token(token).send().await;
        let answer = answer.map_err(|error| failure(OPERATION, error))?;
        Ok((answer.rules, answer.next_token))
    };
    let mut rules = Vec::new();
    for rule in pages(OPERATION, page).await? {
        let unnamed = || Failure::malformed(OPERATION, "the list has a rule without a name");
        let name = given(rule.name).ok_or_else(unnamed)?;
        rules.push(Rule {
            is_enabled: is_enabled(rule.state.as_ref()),
            pattern: rule.event_pattern.unwrap_or_default(),
            targets: targets(&client, &name).await?,
            name,
        });
    }
    Ok(rules)
}

/// Asks for the rules of a Region that put events on a bus, or into a queue.
///
/// # Errors
/// Where they may not be read.
///
/// Source: [ListRuleNamesByTarget](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html).
pub async fn rules_to(clients: &Clients, region: &str, target: &str) -> Result<Vec<Rule>, Failure> {
    const OPERATION: &str = "events:ListRuleNamesByTarget";
    const RULE: &str = "events:DescribeRule";
    let client = clients.in_region(region).event_bridge();
    let page = async |token| {
        let request = client.list_rule_names_by_target().target_arn(target);
        let answer = request.set_next_token(token).send().await;
        let answer = answer.map_err(|error| failure(OPERATION, error))?;
        Ok((answer.rule_names, answer.next_token))
    };
    let mut rules = Vec::new();
    for name in pages(OPERATION, page).await? {
        let rule = client.describe_rule().name(&name).send().await;
        let rule = rule.map_err(|error| failure(RULE, error))?;
        rules.push(Rule {
            name,
            is_enabled: is_enabled(rule.state.as_ref()),
            pattern: rule.event_pattern.unwrap_or_default(),
            targets: vec![target.to_owned()],
        });
    }
    Ok(rules)
}

async fn targets(client: &Client, rule: &str) -> Result<Vec<String>, Failure> {
    const OPERATION: &str = "events:ListTargetsByRule";
    let page = async |token| {
        let request = client.list_targets_by_rule().rule(rule);
        let answer = request.set_next_token(token).send().await;
        let answer = answer.map_err(|error| failure(OPERATION, error))?;
        Ok((answer.targets, answer.next_token))
    };
    let targets = pages(OPERATION, page).await?.into_iter();
    // One that is not told is none.
    Ok(targets
        .map(|it| it.arn)
        .filter(|it| !it.is_empty())
        .collect())
}

/// A state that is not known here is none that is on.
fn is_enabled(state: Option<&RuleState>) -> bool {
    let on = [
        &RuleState::Enabled,
        &RuleState::EnabledWithAllCloudtrailManagementEvents,
    ];
    state.is_some_and(|it| on.contains(&it))
}

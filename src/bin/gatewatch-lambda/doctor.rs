//! A checkup of the function, and of what its settings name.

use std::env::consts::ARCH;
use std::time::Duration;

use gatewatch::aws::client::Clients;
use gatewatch::aws::stack::TEMPLATE;
use gatewatch::render::{Checkup, checkup_document};
use gatewatch::run::Watched;
use gatewatch::run::doctor::{Asked, Front, Function, examine as examined, wrong_settings};
use gatewatch::run::events::DoctorAsk;
use jiff::SignedDuration;

use crate::answer::Answer;
use crate::clock::now;
use crate::environment::variable;
use crate::settings::Settings;

/// How the names of the log groups begin that the template makes; the stack's name follows.
const LOG_GROUPS: &str = "/gatewatch/";

/// The settings could not be parsed, and nothing else is looked at.
pub(crate) fn wrong(error: &str) -> Answer {
    let function = variable("AWS_LAMBDA_FUNCTION_NAME");
    answer(wrong_settings(error, function.as_deref()))
}

/// Looks at everything that a run with these settings would use. `time`: how long Lambda lets the invocation go on.
pub(crate) async fn examine(
    settings: &Settings,
    clients: &Clients,
    asked: DoctorAsk,
    time: Duration,
) -> Answer {
    let watched = Watched {
        excluded: settings.excluded_regions.clone(),
        requests_per_second: settings.requests_per_second,
        ..Watched::new(settings.regions.clone())
    };
    let role = settings.member_role().ok();
    let log_group = variable("AWS_LAMBDA_LOG_GROUP_NAME");
    let stack = log_group
        .as_deref()
        .and_then(|it| it.strip_prefix(LOG_GROUPS));
    let checkup = examined(Asked {
        clients,
        watched: &watched,
        state: Some(settings.state.clone()),
        policy: settings.policy_source(),
        topic: Some(settings.topic.clone()),
        chat: settings.chat.clone(),
        destinations: settings.destinations.clone(),
        members: role.map(|role| (settings.accounts.clone(), role.clone())),
        max_age: SignedDuration::from_hours(asked.max_age_hours.into()),
        stack: stack.map(str::to_owned),
        front: Front::Function(Function {
            name: settings.function.clone(),
            memory: settings.megabytes,
            architecture: ARCH,
            time,
            log_group,
            template: variable(TEMPLATE).filter(|it| !it.is_empty()),
        }),
        now: now(),
    });
    answer(checkup.await)
}

/// The answer. The log has what fails, too: an asynchronous invocation has no other place for it.
fn answer(checkup: Checkup) -> Answer {
    for check in &checkup.checks {
        tracing::info!(
            name = check.name,
            subject = check.subject,
            result = check.light.as_str(),
            found = check.message,
            command = check.command,
            "a step of the checkup"
        );
    }
    Answer::Doctor(Box::new(checkup_document(checkup)))
}

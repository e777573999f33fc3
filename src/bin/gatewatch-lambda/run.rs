//! One invocation of the Lambda, from its event to its answer.

use std::time::Duration;

use gatewatch::aws::client::Clients;
use gatewatch::run::events::{Trigger, trigger};
use serde_json::Value;

use crate::answer::Answer;
use crate::error::RunError;
use crate::hook::Hook;
use crate::invocation::Invocation;
use crate::settings::Settings;
use crate::{account, doctor, organization};

/// Runs once. Whatever is wrong with the event, the settings, the policy file or the ledger is found before any API
/// is read and before anything is sent. `time`: how long Lambda lets the run go on.
pub(crate) async fn run(
    settings: &Result<Settings, String>,
    clients: &Clients,
    hook: &Hook,
    payload: Value,
    time: Duration,
) -> Result<Answer, RunError> {
    let asked = trigger(payload).map_err(RunError::BadEvent)?;
    let begin = |settings| Invocation::begin(settings, clients, time);
    match (asked, settings) {
        // It has settings of its own, and gets an answer whatever is wrong with them.
        (Trigger::Hook(ask), _) => {
            let answer = hook.answer(clients, &ask, time).await;
            Ok(Answer::Hook(Box::new(answer)))
        }
        // A checkup says what is wrong with them, and does not fail by it.
        (Trigger::Doctor(_), Err(error)) => Ok(doctor::wrong(error)),
        (_, Err(error)) => Err(RunError::BadSetting(error.clone())),
        (Trigger::Scan(by), Ok(it)) => account::scan(&begin(it).await?, by).await,
        (Trigger::Changed(changes), Ok(it)) => account::recheck(&begin(it).await?, changes).await,
        (Trigger::Config(ask), Ok(it)) => account::evaluate(&begin(it).await?, ask).await,
        (Trigger::Organization(step), Ok(it)) => organization::take(&begin(it).await?, step).await,
        (Trigger::Doctor(asked), Ok(it)) => Ok(doctor::examine(it, clients, asked, time).await),
    }
}

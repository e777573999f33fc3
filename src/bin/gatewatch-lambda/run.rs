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
    let settings = match (settings, &asked) {
        // It has settings of its own, and gets an answer whatever is wrong with them.
        (_, Trigger::Hook(ask)) => {
            let answer = hook.answer(clients, ask, time).await;
            return Ok(Answer::Hook(Box::new(answer)));
        }
        (Ok(settings), _) => settings,
        // A checkup says what is wrong with them, and does not fail by it.
        (Err(error), Trigger::Doctor(_)) => return Ok(doctor::wrong(error)),
        (Err(error), _) => return Err(RunError::BadSetting(error.clone())),
    };
    let run = Invocation::begin(settings, clients, time);
    match asked {
        Trigger::Scan(by) => account::scan(&run.await?, by).await,
        Trigger::Changed(changes) => account::recheck(&run.await?, changes).await,
        Trigger::Config(ask) => account::evaluate(&run.await?, ask).await,
        Trigger::Organization(step) => organization::take(&run.await?, step).await,
        Trigger::Doctor(asked) => Ok(doctor::examine(settings, clients, asked, time).await),
        Trigger::Hook(_) => Err(RunError::BadEvent("it is of a hook".to_owned())),
    }
}

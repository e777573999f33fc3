//! Whether an operation of CloudFormation, or of the Cloud Control API, may go on.
//!
//! - In: the event of a hook, the policy file, and what fetches the templates that the event leads to.
//! - Out: what the operation would bring, or why that cannot be told.
//! - Not known here: how the answer is written, and what is to become of an operation that cannot be judged.

mod judge;
mod payload;

use jiff::Timestamp;
use strum::EnumString;

use crate::audit::operation::{Operation, Verdict};
use crate::aws::presigned::Fetcher;
use crate::policy_file::PolicyFile;
use crate::render::{HookAnswer, HookResult, HookStatus, hook_answer};
use crate::run::events::{HookAsk, HookTarget};
use crate::run::scan::day;
use judge::Judge;
use payload::Payload;

/// What was found out about an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It makes nothing that anyone could call: it deletes something, or makes something else.
    Nothing,
    /// It was judged.
    Judged(Box<Operation>),
}

/// What becomes of an operation that cannot be judged, or not completely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "UPPERCASE")]
pub enum OnError {
    /// It goes on, and the answer says why it was not judged.
    #[default]
    Pass,
    /// It is refused.
    Fail,
}

/// Why an operation was not judged: its template cannot be read, or anything else is wrong, with the settings, the network or
/// gatewatch itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJudged(pub String);

/// Judges the operation that an event asks about. `region`: that of the function, where the event tells none. Whoever asks
/// limits how long it may take.
///
/// # Errors
/// Why it cannot be told what the operation would bring.
pub async fn judge(
    ask: &HookAsk,
    policy: PolicyFile,
    region: &str,
    fetcher: &Fetcher,
    now: Timestamp,
) -> Result<Found, NotJudged> {
    let target = ask.target.clone();
    let target = target.map_err(|why| NotJudged(format!("the event: {why}")))?;
    let judge = Judge {
        policy,
        region: ask.region.clone().unwrap_or_else(|| region.to_owned()),
        now,
        today: day(now),
    };
    let in_stack = !ask.cloud_control;
    let payload = match &target {
        HookTarget::Deleted => return Ok(Found::Nothing),
        HookTarget::Resource(_) => None,
        HookTarget::Stack { payload, .. } | HookTarget::ChangeSet { payload } => {
            let fetched = fetcher.get(payload).await;
            Some(fetched.map_err(|why| NotJudged(why.to_string()))?)
        }
    };
    // In a thread of its own: a time limit can end no work that never waits.
    let judged =
        tokio::task::spawn_blocking(move || judged(&judge, &target, payload.as_deref(), in_stack));
    judged
        .await
        .map_err(|_| NotJudged("judging the template broke off".to_owned()))?
}

/// The answer to the event.
pub fn answer(ask: &HookAsk, found: &Result<Found, NotJudged>, on_error: OnError) -> HookAnswer {
    let unjudged = match on_error {
        OnError::Pass => HookStatus::Success,
        OnError::Fail => HookStatus::InternalFailure,
    };
    let why = found.as_ref().err().map(NotJudged::to_string);
    let (status, result) = match (found, &why) {
        (Ok(Found::Judged(operation)), _) => {
            let status = match operation.verdict() {
                Verdict::Refused => HookStatus::NonCompliant,
                Verdict::Undecided => unjudged,
                Verdict::Sound => HookStatus::Success,
            };
            (status, HookResult::Judged(operation))
        }
        (Ok(Found::Nothing), _) => (HookStatus::Success, HookResult::Nothing),
        (Err(_), why) => (
            unjudged,
            HookResult::NotJudged(why.as_deref().unwrap_or_default()),
        ),
    };
    hook_answer(status, result, ask.token.as_deref(), ask.cloud_control)
}

fn judged(
    judge: &Judge,
    target: &HookTarget,
    payload: Option<&[u8]>,
    in_stack: bool,
) -> Result<Found, NotJudged> {
    let payload = payload.map(Payload::read).transpose();
    let payload = payload.map_err(NotJudged)?;
    let operation = match (target, payload) {
        (HookTarget::Stack { .. }, Some(payload)) => judge.stack(&payload).map(Some),
        (HookTarget::ChangeSet { .. }, Some(payload)) => judge.change_set(&payload).map(Some),
        (HookTarget::Resource(resource), _) => judge.resource(resource, in_stack),
        (_, _) => Ok(None),
    };
    let operation = operation.map_err(NotJudged)?;
    Ok(operation.map_or(Found::Nothing, |it| Found::Judged(Box::new(it))))
}

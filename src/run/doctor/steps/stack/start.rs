//! Whether the function's binary can be started: one for another processor fails each run, and Lambda says so nowhere but in
//! the log.

use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::{Deployed, Starts};
use crate::render::Check;
use crate::run::doctor::facts::Facts;

const NAME: &str = "stack-start";

/// `starts`: what its log says since it was changed. `None`: nobody knows since when.
pub(super) fn check(
    deployed: &Deployed,
    starts: Option<&Result<Starts, Failure>>,
    facts: &Facts,
) -> Check {
    let look = [
        "aws",
        "logs",
        "filter-log-events",
        "--region",
        &facts.region,
        "--log-group-name",
        &deployed.log_group,
        "--filter-pattern",
        "{ $.type = \"platform.*\" }",
        "--query",
        "events[].message",
    ];
    let expected =
        "the answer should have a `platform.report` since then, and no `Runtime.InvalidEntrypoint`";
    let changed = &deployed.last_modified;
    let built_for = deployed.architectures.join(", ");
    match starts {
        None => Check::unknown(
            NAME,
            format!("when the function was changed is not understood: {changed}"),
        )
        .advise(expected)
        .by(command(&look)),
        Some(Ok(Starts::Begun)) => Check::ok(
            NAME,
            format!("since the function was changed on {changed}, its binary has been started"),
        ),
        Some(Ok(Starts::Impossible)) => Check::failed(
            NAME,
            format!("the binary cannot be started: it is none for {built_for}, or no program"),
        )
        .advise(format!(
            "name the processor to both commands: `sam build --parameter-overrides Architecture={built_for}`, then `sam \
             deploy --parameter-overrides Architecture={built_for}`"
        )),
        Some(Ok(Starts::None)) => Check::unknown(
            NAME,
            format!("its log has no run since the function was changed on {changed}"),
        )
        .advise(format!("once it has run, {expected}"))
        .by(command(&look)),
        Some(Err(failure)) => unread(NAME, failure, expected, &look),
    }
}

//! Whether the function can run: as it is deployed, and by how many may run at once.

use super::start;
use super::unread::unread;
use crate::audit::finding::command;
use crate::aws::client::Failure;
use crate::aws::stack::{Concurrency, Deployed};
use crate::inventory::Reason;
use crate::render::Check;
use crate::run::doctor::facts::{Facts, StackAnswers};
use crate::run::doctor::steps::template;

const FUNCTION: &str = "stack-function";
pub(super) const CONCURRENCY: &str = "stack-concurrency";

/// A run keeps so much of its time for what comes after the reading, in seconds.
const SHORTEST: u64 = 120;

pub(super) fn checks(answers: &StackAnswers, facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    if let (Some(name), Some(deployed)) = (&answers.function, &answers.deployed) {
        checks.push(function(name, deployed, facts));
        if let Ok(deployed) = deployed {
            checks.push(template::of_deployed(deployed, facts));
        }
    }
    if let Some(Ok(deployed)) = &answers.deployed {
        checks.push(start::check(deployed, answers.starts.as_ref(), facts));
    }
    checks.push(concurrency(answers, facts));
    checks
}

fn function(name: &str, deployed: &Result<Deployed, Failure>, facts: &Facts) -> Check {
    let region = facts.region.as_str();
    let look = [
        "aws",
        "lambda",
        "get-function-configuration",
        "--region",
        region,
        "--function-name",
        name,
        "--query",
        "[State,LastUpdateStatus,StateReason,LastUpdateStatusReason]",
    ];
    let deployed = match deployed {
        Ok(deployed) => deployed,
        Err(failure) if failure.reason == Reason::NotFound => {
            return Check::failed(FUNCTION, failure.to_string())
                .advise("deploy the stack's template again; the functions that are there")
                .by(command(&[
                    "aws",
                    "lambda",
                    "list-functions",
                    "--region",
                    region,
                ]));
        }
        Err(failure) => {
            let expected = "the answer should be Active and Successful";
            return unread(FUNCTION, failure, expected, &look);
        }
    };
    let Deployed {
        memory, timeout, ..
    } = deployed;
    let message = format!(
        "{name}: {}, {memory} MB, {timeout} seconds, changed on {}",
        deployed.architectures.join(", "),
        deployed.last_modified
    );
    if *timeout < SHORTEST {
        return Check::failed(FUNCTION, format!("{message}: too little time for a scan"))
            .advise("give it the time of the template")
            .by(command(&[
                "aws",
                "lambda",
                "update-function-configuration",
                "--region",
                region,
                "--function-name",
                name,
                "--timeout",
                "900",
            ]));
    }
    // A function that was idle for weeks is inactive until it is invoked.
    let state = deployed.state.as_deref().unwrap_or("state not told");
    let update = deployed.last_update_status.as_deref();
    let update = update.unwrap_or("last change not told");
    match (state, update) {
        ("Active" | "Inactive", "Successful") => Check::ok(FUNCTION, message),
        ("Failed", _) | (_, "Failed") => {
            Check::failed(FUNCTION, format!("{message}: {state}, {update}"))
                .advise("deploy the stack's template again; the reasons")
                .by(command(&look))
        }
        _ => Check::unknown(FUNCTION, format!("{message}: {state}, {update}"))
            .advise("in some minutes, the answer should be Active and Successful")
            .by(command(&look)),
    }
}

fn concurrency(answers: &StackAnswers, facts: &Facts) -> Check {
    let region = facts.region.as_str();
    let look = [
        "aws",
        "lambda",
        "get-account-settings",
        "--region",
        region,
        "--query",
        "AccountLimit.[ConcurrentExecutions,UnreservedConcurrentExecutions]",
    ];
    let expected = "both numbers of the answer should be above 0";
    let account = match &answers.concurrency {
        Ok(account) => account,
        Err(failure) => return unread(CONCURRENCY, failure, expected, &look),
    };
    let reserved = match (&answers.function, &answers.reserved) {
        (Some(function), Some(reserved)) => (function.as_str(), reserved),
        _ => {
            let message = "how many executions are reserved is not known, as the function is not";
            return Check::unknown(CONCURRENCY, message)
                .advise(expected)
                .by(command(&look));
        }
    };
    judged(account, reserved, &look, region)
}

fn judged(
    account: &Concurrency,
    (function, reserved): (&str, &Result<Option<u32>, Failure>),
    look: &[&str],
    region: &str,
) -> Check {
    let Concurrency { all, unreserved } = account;
    let message =
        format!("{all} functions may run at once in the account, {unreserved} of them unreserved");
    let own = ["--region", region, "--function-name", function];
    match reserved {
        Err(failure) => {
            let mut words = vec!["aws", "lambda", "get-function-concurrency"];
            words.extend(own);
            unread(CONCURRENCY, failure, "the answer should be empty, or a number above 0", &words)
        }
        Ok(Some(0)) => {
            let mut words = vec!["aws", "lambda", "delete-function-concurrency"];
            words.extend(own);
            let message = format!("{message}; 0 are reserved for this function, so that it never runs");
            Check::failed(CONCURRENCY, message)
                .advise("let it share those of the account, as the template does")
                .by(command(&words))
        }
        Ok(Some(reserved)) => Check::ok(CONCURRENCY, format!("{message}; {reserved} are reserved for this function")),
        Ok(None) if *unreserved == 0 => Check::failed(CONCURRENCY, format!("{message}: none is left for this function"))
            .advise("have Lambda's quota of concurrent executions raised, or reserve less for other functions; as it is")
            .by(command(look)),
        Ok(None) => Check::ok(CONCURRENCY, message),
    }
}

//! The Lambda itself: its settings, memory and time.

use std::time::Duration;

use crate::audit::finding::command;
use crate::render::Check;
use crate::run::doctor::asked::Function;

const NAME: &str = "function";

/// What the template gives a function, in MB.
const MEMORY: u32 = 512;
/// The same, for an organization.
const MEMORY_OF_ORGANIZATION: u32 = 1024;
/// A run keeps so much of its time for what comes after the reading. With little more, it never reads anything.
const SHORTEST: Duration = Duration::from_secs(120);

/// The settings could not be parsed.
pub(super) fn wrong(error: &str, function: Option<&str>) -> Check {
    let check = Check::failed("settings", error)
        .advise("set the parameter of the stack right, and deploy it again; nothing else was asked. The settings as they are");
    let words = |name| {
        command(&[
            "aws",
            "lambda",
            "get-function-configuration",
            "--function-name",
            name,
            "--query",
            "Environment.Variables",
        ])
    };
    check.by(function.map(words))
}

pub(super) fn check(function: &Function, is_organization: bool) -> Check {
    let least = if is_organization {
        MEMORY_OF_ORGANIZATION
    } else {
        MEMORY
    };
    let seconds = function.time.as_secs();
    let memory = function.memory.map(|it| format!("{it} MB"));
    let message = format!(
        "{}, {}, {seconds} seconds left",
        function.architecture,
        memory.as_deref().unwrap_or("memory not told")
    );
    if function.time < SHORTEST {
        return Check::failed(NAME, format!("{message}: too little for a scan"))
            .advise("give it the time of the template")
            .by(command(&[
                "aws",
                "lambda",
                "update-function-configuration",
                "--function-name",
                &function.name,
                "--timeout",
                "900",
            ]));
    }
    if function.memory.is_some_and(|it| it >= least) {
        return Check::ok(NAME, message);
    }
    let less =
        format!("{message}: less than the template gives ({least} MB), which may do for few APIs");
    let check = Check::unknown(NAME, less);
    match &function.log_group {
        Some(group) => check
            .advise("the answer should stay well below that")
            .by(command(&[
                "aws",
                "logs",
                "filter-log-events",
                "--log-group-name",
                group,
                "--filter-pattern",
                "{ $.type = \"platform.report\" }",
                "--query",
                "events[].message",
            ])),
        None => check.advise("look for `Max Memory Used` in its log"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_less_than_the_templates_is_not_in_order() {
        let light = |memory, seconds| {
            let function = Function {
                name: "gatewatch".to_owned(),
                memory,
                architecture: "aarch64",
                time: Duration::from_secs(seconds),
                log_group: Some("/gatewatch/stack".to_owned()),
                template: None,
            };
            check(&function, false).light.as_str()
        };
        assert_eq!(light(Some(1024), 899), "ok");
        assert_eq!(light(Some(128), 899), "unknown");
        assert_eq!(light(None, 899), "unknown");
        assert_eq!(light(Some(1024), 20), "failed");
    }
}

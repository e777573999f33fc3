//! Whether the template that a function was deployed by is that of the binary: its role has the rights that the binary
//! needs, and its settings have the meaning that the binary gives them.

use super::version::VERSION;
use crate::audit::finding::command;
use crate::aws::stack::{Deployed, TEMPLATE};
use crate::render::Check;
use crate::run::doctor::asked::Function;
use crate::run::doctor::facts::Facts;

const NAME: &str = "template";

const ONE_VERSION: &str = "deploy template and binary of one version: `sam build`, then `sam deploy`; or, with a package, \
                           its zip and the template that came with it";

/// The function asks, and knows the version of its binary.
pub(super) fn of_function(function: &Function) -> Check {
    match function.template.as_deref() {
        Some(VERSION) => Check::ok(NAME, format!("gatewatch {VERSION}, as the binary")),
        Some(other) => Check::failed(
            NAME,
            format!("it is that of gatewatch {other}, and the binary is gatewatch {VERSION}"),
        )
        .advise(ONE_VERSION),
        None => untold(look(&function.name, None)),
    }
}

/// The command line asks, and does not know the version of the function's binary.
pub(super) fn of_deployed(deployed: &Deployed, facts: &Facts) -> Check {
    let look = || look(&deployed.name, Some(&facts.region));
    match deployed.template.as_deref() {
        Some(VERSION) => Check::ok(NAME, format!("gatewatch {VERSION}, as this one")),
        Some(other) => Check::unknown(
            NAME,
            format!("it is that of gatewatch {other}, and this is gatewatch {VERSION}: ask with the one that is deployed"),
        )
        .advise(format!("the answer is {VERSION} once this version is deployed"))
        .by(look()),
        None => untold(look()),
    }
}

fn untold(look: String) -> Check {
    Check::unknown(
        NAME,
        "which version's it is, the function's settings do not say",
    )
    .advise(format!(
        "the answer should be {VERSION}; otherwise {ONE_VERSION}"
    ))
    .by(look)
}

fn look(function: &str, region: Option<&str>) -> String {
    let mut words = vec!["aws", "lambda", "get-function-configuration"];
    words.extend(region.into_iter().flat_map(|it| ["--region", it]));
    let query = format!("Environment.Variables.{TEMPLATE}");
    words.extend(["--function-name", function, "--query", &query]);
    command(&words)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_template_of_another_version_is_not_in_order() {
        let light = |template: Option<&str>| {
            let function = Function {
                name: "gatewatch".to_owned(),
                memory: Some(512),
                architecture: "aarch64",
                time: Duration::from_secs(900),
                log_group: None,
                template: template.map(str::to_owned),
            };
            of_function(&function).light.as_str()
        };
        assert_eq!(light(Some(VERSION)), "ok");
        assert_eq!(light(Some("0.0.1")), "failed");
        assert_eq!(light(None), "unknown");
    }
}

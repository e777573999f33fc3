//! A plan as commands of the AWS CLI.

use crate::audit::fix::Plan;

/// The commands in order, one a line. Each waits for the one before: a deployment after a change that failed would release
/// the draft without it. Empty: there is no step.
pub fn fix_commands(plan: &Plan) -> String {
    let commands = plan.steps.iter().map(|it| it.command.as_str());
    let commands: Vec<&str> = commands.collect();
    match commands.is_empty() {
        true => String::new(),
        false => format!("{}\n", commands.join(" &&\n")),
    }
}

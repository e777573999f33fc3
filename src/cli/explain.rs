//! `gatewatch explain`: why a method is judged as it is, or what a rule is about.

use anyhow::{Context as _, anyhow};
use gatewatch::audit::finding::RuleId;
use gatewatch::audit::rules::Asked;
use gatewatch::render::{pretty, rule_manual, rule_text};
use gatewatch::run::scan;

use super::args::{ExplainArgs, Format};
use super::common::{CLEAN, Stop, now, policy, saved};
use super::output::{print, render_explained};

/// Explains a method of an inventory or, where no inventory is named, a rule.
pub(super) fn run(args: &ExplainArgs) -> Result<u8, Stop> {
    let Some(inventory) = &args.inventory else {
        let rule: RuleId = args.what.trim().parse().map_err(|error: String| {
            Stop::Usage(anyhow!(
                "{error}; to explain a method, name an inventory, too"
            ))
        })?;
        return of_rule(rule, args.format);
    };
    let policy = policy(&args.policy)?;
    let inventory = saved(inventory)?;
    let asked = Asked {
        method: args.what.clone(),
        api: args.api.clone(),
        stage: args.stage.clone(),
    };
    let explained = scan::explain(&inventory, &policy, &asked, now())
        .map_err(|error| Stop::Usage(anyhow!(error)))?;
    print(&render_explained(&explained, args.format)?).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

fn of_rule(rule: RuleId, format: Format) -> Result<u8, Stop> {
    let text = match format {
        Format::Table => rule_text(rule),
        Format::Json => {
            pretty(&rule_manual(rule)).context("the rule could not be written as JSON")?
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

//! `gatewatch explain`: why a method is judged as it is, why there is a finding, or what a rule is about.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use gatewatch::audit::difference::SavedReport;
use gatewatch::audit::finding::RuleId;
use gatewatch::audit::rules::{Asked, is_finding_id};
use gatewatch::inventory::Inventory;
use gatewatch::render::{
    explanation, explanation_document, finding_explanation, finding_explanation_document, pretty,
    rule_manual, rule_text, saved_finding,
};
use gatewatch::run::difference::saved_report;
use gatewatch::run::explain::{Answer, Subject, explain};

use super::args::{ExplainArgs, Format};
use super::common::{CLEAN, Stop, in_file, now, policy, read};
use super::output::{note, print};

/// Explains a method or a finding or, where no file is named, a rule.
pub(super) fn run(args: &ExplainArgs) -> Result<u8, Stop> {
    let Some(file) = &args.file else {
        return of_rule(args);
    };
    let text = read(file)?;
    if let Some(report) = saved_report(&text) {
        let report = report.with_context(|| format!("{} cannot be explained", file.display()))?;
        return of_report(args, file, &report);
    }
    let policy = policy(&args.policy)?;
    let subject = match in_file(file, &text, &args.template)? {
        Some(template) => Subject::Template(Box::new(template)),
        None => {
            let inventory = Inventory::from_json(&text);
            let refused = || format!("{} cannot be checked", file.display());
            Subject::Inventory(Box::new(inventory.with_context(refused)?))
        }
    };
    let asked = Asked {
        method: args.what.clone(),
        api: args.api.clone(),
        stage: args.stage.clone(),
    };
    let answer =
        explain(subject, &policy, &asked, now()).map_err(|error| Stop::Usage(anyhow!(error)))?;
    let text = match (&answer, args.format) {
        (Answer::Methods(methods), Format::Table) => explanation(methods),
        (Answer::Methods(methods), Format::Json) => as_json(&explanation_document(methods))?,
        (Answer::Finding(finding), Format::Table) => finding_explanation(finding),
        (Answer::Finding(finding), Format::Json) => {
            as_json(&finding_explanation_document(finding))?
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

fn as_json<T: serde::Serialize>(document: &T) -> anyhow::Result<String> {
    pretty(document).context("the explanation could not be written as JSON")
}

/// A report knows its findings, and no methods.
fn of_report(args: &ExplainArgs, file: &Path, report: &SavedReport) -> Result<u8, Stop> {
    let id = args.what.trim();
    let file = file.display();
    if !is_finding_id(id) {
        return Err(Stop::Usage(anyhow!(
            "{file} is a report: name one of its findings by its id, or give the inventory"
        )));
    }
    let template = &args.template;
    let of_others = template.region.is_some() || !template.parameter.is_empty();
    if of_others || template.follow_outside || args.policy.config.is_some() {
        return Err(Stop::Usage(anyhow!(
            "{file} is a report: it was judged when it was made, and takes no --config, and no option for templates"
        )));
    }
    if args.format == Format::Json {
        return Err(Stop::Usage(anyhow!(
            "{file} is a report, and has its findings as JSON already"
        )));
    }
    let (finding, exempted) = report
        .finding(id)
        .map_err(|error| Stop::Usage(anyhow!(error)))?;
    print(&saved_finding(finding, exempted)).map_err(Stop::Incomplete)?;
    if !report.is_whole() {
        note(format_args!(
            "the report is incomplete: it may lack other findings"
        ));
    }
    Ok(CLEAN)
}

fn of_rule(args: &ExplainArgs) -> Result<u8, Stop> {
    let what = args.what.trim();
    if is_finding_id(what) {
        return Err(Stop::Usage(anyhow!(
            "to explain a finding, name the inventory, template or report that has it, too"
        )));
    }
    let rule: RuleId = what.parse().map_err(|error: String| {
        Stop::Usage(anyhow!(
            "{error}; to explain a method, name an inventory or a template, too"
        ))
    })?;
    let text = match args.format {
        Format::Table => rule_text(rule),
        Format::Json => {
            pretty(&rule_manual(rule)).context("the rule could not be written as JSON")?
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

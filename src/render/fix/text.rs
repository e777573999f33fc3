//! A plan for people.

use crate::audit::finding::Finding;
use crate::audit::fix::{Callers, MethodAfter, Plan, Refusal, Step};
use crate::inventory::{AuthorizationType, listed};
use crate::render::{minute, plain, plural};

/// As many principals are named in a line.
const NAMED: usize = 8;

/// A plan for people. `is_applied`: whether it is about to be carried out.
pub fn fix_text(plan: &Plan, is_applied: bool) -> String {
    let mut lines = vec![head(plan, is_applied)];
    for (number, step) in plan.steps.iter().enumerate() {
        lines.extend(step_lines(number + 1, step));
    }
    if !plan.methods.is_empty() {
        lines.push("who can call, once this is done".to_owned());
        lines.extend(plan.methods.iter().flat_map(method_lines));
    }
    if !plan.notes.is_empty() {
        lines.push("look at this first".to_owned());
        lines.extend(plan.notes.iter().map(|it| format!("  - {it}")));
    }
    if !plan.brings.is_empty() {
        lines.push("found then, and not now".to_owned());
        let brings = plan.brings.iter();
        lines.extend(brings.map(|it| format!("  {}", finding_line(it))));
    }
    if !plan.refused.is_empty() {
        lines.push("no steps for".to_owned());
        lines.extend(plan.refused.iter().flat_map(refusal_lines));
    }
    if !plan.gaps.is_empty() {
        lines.push("not read or decided, so that findings may be missing".to_owned());
        lines.extend(plan.gaps.iter().map(|it| format!("  {}", it.in_words())));
    }
    let lines = lines.iter().map(|it| plain(it) + "\n");
    lines.collect()
}

fn head(plan: &Plan, is_applied: bool) -> String {
    let account = &plan.account;
    let refused = plan.refused.len();
    let mended = plan.selected.saturating_sub(refused);
    if plan.selected == 0 {
        return format!(
            "account {account}: no finding is as asked for, and there is nothing to fix"
        );
    }
    let steps = plural(plan.steps.len(), "step");
    let selected = plural(plan.selected, "finding");
    let nothing = match is_applied {
        true => "",
        false => "; nothing is changed by this command",
    };
    format!(
        "account {account}, as it was read on {}: {steps} for {mended} of {selected}{nothing}",
        minute(plan.taken_at)
    )
}

fn step_lines(number: usize, step: &Step) -> [String; 4] {
    [
        format!("{number}. {}", step.what),
        format!("     now: {}", step.before),
        format!("     then: {}", step.after),
        format!("     {}", step.command),
    ]
}

fn method_lines(method: &MethodAfter) -> Vec<String> {
    let or_unknown =
        |it: &Option<String>| it.clone().unwrap_or_else(|| "an unknown type".to_owned());
    let (before, after) = (or_unknown(&method.before), or_unknown(&method.after));
    let place = method.place.in_words();
    let mut lines = vec![format!("  {place}: {before} now, {after} then")];
    let is_open = method.before.as_deref() == Some(AuthorizationType::None.as_str());
    let unsigned = match is_open {
        true => "everybody who does not sign their requests",
        false => "everybody whom that type lets in",
    };
    let Some(callers) = &method.callers else {
        let is_of_iam = method.after.as_deref() == Some(AuthorizationType::AwsIam.as_str());
        lines.push(match is_of_iam {
            true => "     can call: not known".to_owned(),
            false => format!("     can call: whom {after} lets in, which is not known here"),
        });
        lines.push(format!("     loses access: {unsigned}"));
        return lines;
    };
    lines.extend(caller_lines(callers));
    let mut loses = unsigned.to_owned();
    if !callers.none.is_empty() {
        loses = format!("{loses}; also if they sign: {}", some(&callers.none));
    }
    lines.push(format!("     loses access: {loses}"));
    lines
}

fn caller_lines(callers: &Callers) -> Vec<String> {
    let lists = [
        ("can call", &callers.all),
        (
            "can call some of its requests, or under conditions",
            &callers.some,
        ),
        ("not decided", &callers.undecided),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let mut lines: Vec<String> = lists
        .map(|(what, list)| format!("     {what}: {}", some(list)))
        .collect();
    if lines.is_empty() {
        lines.push("     can call: nobody".to_owned());
    }
    lines
}

fn some(names: &[String]) -> String {
    listed(names.iter().cloned(), NAMED)
}

fn finding_line(finding: &Finding) -> String {
    let (severity, rule) = (finding.severity.as_str(), finding.rule);
    format!("{severity} {rule}: {}", finding.place.in_words())
}

fn refusal_lines(refusal: &Refusal) -> Vec<String> {
    let finding = &refusal.finding;
    let mut lines = vec![
        format!("  {} ({})", finding_line(finding), finding.fingerprint()),
        format!("     {}", refusal.why),
    ];
    lines.extend(refusal.lifted_by.map(|it| format!("     allowed by {it}")));
    lines
}

//! A probe for people.

use std::collections::BTreeMap;

use super::policy::signing_policy;
use crate::audit::probe::{LeftOut, Plan, Probed};
use crate::inventory::listed;
use crate::render::{plain, plural};

/// As many methods are named that are not asked for the same reason.
const NAMED: usize = 5;

/// What is to be asked.
pub fn plan_text(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for planned in &plan.requests {
        let expected = planned.expected.in_words();
        lines.push(plain(&format!(
            "{}  expected: {expected}",
            planned.in_words()
        )));
    }
    let mut section = |heading: &str, said: Vec<String>| {
        if !said.is_empty() {
            lines.push(heading.to_owned());
            lines.extend(said.iter().map(|it| format!("  {}", plain(it))));
        }
    };
    section(
        "left out, as their verbs were not asked for:",
        left_out(&plan.left_out),
    );
    let gaps = plan.gaps.iter().map(|it| it.in_words());
    section("cannot be asked, and so not clean:", gaps.collect());
    match signing_policy(plan) {
        // It is plain data: printing it cannot fail.
        Some(policy) => {
            lines.push("whoever signs needs this policy, and nothing else:".to_owned());
            lines.push(format!("{policy:#}"));
        }
        None => lines.push("nothing is signed: no permission is needed".to_owned()),
    }
    lines.push(format!("{}; nothing was sent", requests_in_words(plan)));
    lines.join("\n") + "\n"
}

/// How many requests there are, and how many of them are executed.
pub fn requests_in_words(plan: &Plan) -> String {
    let count = plural(plan.requests.len(), "request");
    match plan.executed() {
        0 => count,
        executed => format!(
            "{count}, of which {executed} may be executed, as nothing is known to keep the caller out"
        ),
    }
}

/// What a probe came to, in a line.
pub(in crate::render) fn asked(probed: &Probed) -> String {
    let [agree, disagree, not_judged] =
        ["agrees", "disagrees", "not-judged"].map(|it| probed.count(it));
    format!(
        "{}: {agree} answered as the configuration says, {disagree} otherwise, {not_judged} not judged",
        plural(probed.requests.len(), "request")
    )
}

/// The methods that nobody wanted to be asked, a line for each reason.
pub(in crate::render) fn left_out(left_out: &[LeftOut]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in left_out {
        let method = &left.method;
        let name = format!("{} ({} stage {})", method.name(), method.api, method.stage);
        by_reason.entry(&left.why).or_default().push(name);
    }
    let lines = by_reason.into_iter();
    lines
        .map(|(why, methods)| format!("{why}: {}", listed(methods.into_iter(), NAMED)))
        .collect()
}

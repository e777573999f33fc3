//! An explanation for a terminal.

use std::fmt::Write as _;

use crate::audit::rules::{Demand, Explained, ExplainedFinding, Explanation, Judged, WhoCan};
use crate::render::plain;
use crate::render::report::detail;

/// An explanation as text: one paragraph a method.
pub fn explanation(explained: &Explained) -> String {
    let mut text = String::new();
    for (index, method) in explained.methods.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        // Writing into a String cannot fail.
        let _ = write(method, &mut text);
    }
    text
}

/// A finding with all that is known of it, and why its method is judged as it is.
pub fn finding_explanation(explained: &ExplainedFinding) -> String {
    let finding = &explained.judged.finding;
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = detail(&mut text, finding);
    if explained.judged.exempted {
        text += "it is exempted, and does not count\n";
    }
    if let Some(method) = &explained.method {
        let _ = write(method, &mut text);
    }
    text += &format!(
        "\nwhat the rule is about: gatewatch explain {}\n",
        finding.rule
    );
    if !explained.gaps.is_empty() {
        text += "not everything could be read: `gatewatch check` says what is missing\n";
    }
    text
}

fn write(method: &Explanation, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{}", plain(&method.place.in_words()))?;
    for demand in &method.demands {
        write_demand(demand, method.demands.len() > 1, out)?;
    }
    if let Some(reach) = &method.reach {
        let urls: String = reach.urls.iter().map(|url| format!(", {url}")).collect();
        writeln!(
            out,
            "  exposure: {}{}",
            reach.exposure.as_str(),
            plain(&urls)
        )?;
    }
    if let Some(accepted) = &method.accepted_preflight {
        writeln!(out, "  accepted: {accepted}")?;
    }
    for reading in &method.readings {
        let says = plain(&reading.in_words());
        writeln!(out, "  {}: {says}", reading.source.as_str())?;
    }
    if let Some(who_can) = &method.who_can {
        write_who_can(who_can, out)?;
    }
    for gap in &method.gaps {
        writeln!(out, "  not read: {}", plain(&gap.in_words()))?;
    }
    for judged in &method.judged {
        write_judged(judged, out)?;
    }
    if method.judged.is_empty() {
        writeln!(out, "  no rule fires")?;
    }
    Ok(())
}

/// Who can call it, a line for each way.
fn write_who_can(who_can: &WhoCan, out: &mut String) -> std::fmt::Result {
    if who_can.anyone {
        writeln!(
            out,
            "  who can call it: anyone who reaches it, without authorization"
        )?;
    }
    for other in &who_can.others {
        writeln!(
            out,
            "  who can call it: whom {} lets in; IAM does not decide",
            plain(other)
        )?;
    }
    for allowed in &who_can.allowed {
        let mark = if allowed.conditional { "*" } else { "" };
        let who = plain(&allowed.who.join(", "));
        writeln!(
            out,
            "  who can call it: {}{mark}: {who}",
            allowed.verdict.as_str()
        )?;
    }
    if who_can.is_partial {
        let says = "not all users, groups and roles could be read: others may be able to";
        writeln!(out, "  who can call it: {says}")?;
    } else if who_can.asks_iam && who_can.allowed.is_empty() {
        writeln!(out, "  who can call it: nobody whom IAM allows it")?;
    }
    Ok(())
}

fn write_demand(demand: &Demand, several: bool, out: &mut String) -> std::fmt::Result {
    let on = if several {
        format!(" on {}", demand.verbs.join(", "))
    } else {
        String::new()
    };
    writeln!(out, "  demand{on}: {}", demand.says)?;
    for (index, entry) in demand.entries.iter().enumerate() {
        let role = if index == 0 {
            "decides"
        } else {
            "meets it too"
        };
        let asks_for = if entry.asks_for.is_empty() {
            "all methods".to_owned()
        } else {
            plain(&entry.asks_for)
        };
        writeln!(
            out,
            "    line {} {role} ({asks_for}): {}",
            entry.line, entry.why
        )?;
    }
    Ok(())
}

fn write_judged(judged: &Judged, out: &mut String) -> std::fmt::Result {
    let finding = &judged.finding;
    let kind = if judged.exempted {
        "exempted"
    } else {
        "finding"
    };
    let (severity, rule) = (finding.severity, finding.rule);
    writeln!(
        out,
        "  {kind}: {severity} {rule}: {}",
        plain(&finding.message)
    )?;
    for verdict in &judged.exemptions {
        match (&verdict.refusal, &verdict.comment) {
            (Some(refusal), _) => writeln!(out, "    {}", plain(refusal))?,
            (None, Some(at)) => {
                let at = plain(&at.to_string());
                writeln!(out, "    the exemption at {at} covers it")?;
            }
            (None, None) => writeln!(out, "    the exemption on line {} covers it", verdict.line)?,
        }
    }
    writeln!(out, "    id {}", finding.fingerprint())
}

//! A checkup for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};

use super::checkup::{Check, Checkup, Light};
use crate::render::{plain, plural};

/// Where the text of a step begins: after the longest word for what it came to.
const INDENT: usize = 9;

/// A checkup for people, ending in a line that says what it came to. `color`: whether a terminal shows it.
pub fn checkup_text(checkup: &Checkup, color: bool) -> String {
    let mut text = String::new();
    // The same command mends several steps: it is printed where it is needed first.
    let mut printed: BTreeMap<&str, &str> = BTreeMap::new();
    for (names, check) in grouped(&checkup.checks) {
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{}{}",
            light(check.light, color),
            headline(&names, check)
        );
        text.push_str(&what_to_do(check, &mut printed));
    }
    if !checkup.tellings.is_empty() {
        text.push_str("\nwhat only a real account can tell; it names no account, and can be pasted into an issue:\n");
        for telling in &checkup.tellings {
            let _ = writeln!(text, "  {}: {}", telling.question, plain(&telling.answer));
        }
        text.push('\n');
    }
    text + &last(checkup) + "\n"
}

/// The steps, those that follow one another and say the same together.
fn grouped(checks: &[Check]) -> Vec<(Vec<&'static str>, &Check)> {
    let mut groups: Vec<(Vec<&'static str>, &Check)> = Vec::new();
    for check in checks {
        match groups.last_mut() {
            Some((names, last)) if says_the_same(last, check) => names.push(check.name),
            _ => groups.push((vec![check.name], check)),
        }
    }
    groups
}

fn says_the_same(one: &Check, other: &Check) -> bool {
    let same = Check {
        name: other.name,
        ..one.clone()
    };
    same == *other
}

fn headline(names: &[&str], check: &Check) -> String {
    let subject = check.subject.as_deref().map(plain);
    let subject = subject.map_or_else(String::new, |it| format!(" {it}"));
    let message = lines(&check.message, &" ".repeat(INDENT));
    format!("{}{subject}: {message}", names.join(", "))
}

/// What to do about a step, below it. `printed`: the commands that stand above, each with its step.
fn what_to_do<'c>(check: &'c Check, printed: &mut BTreeMap<&'c str, &'c str>) -> String {
    let indent = " ".repeat(INDENT);
    let advice = check.advice.as_deref().map(|it| lines(it, &indent));
    let Some(command) = check.command.as_deref() else {
        return advice.map_or_else(String::new, |it| format!("{indent}{it}\n"));
    };
    let first = *printed.entry(command).or_insert(check.name);
    if first != check.name {
        let advice = advice.map_or_else(String::new, |it| it + ": ");
        return format!("{indent}{advice}by the command of {first} above\n");
    }
    let advice = advice.map_or_else(String::new, |it| format!("{indent}{it}:\n"));
    format!("{advice}{indent}  {}\n", plain(command))
}

/// A text that may have several lines, such as the mistakes of a policy file, below one another.
fn lines(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text.lines().map(plain).collect();
    lines.join(&format!("\n{indent}"))
}

fn light(light: Light, color: bool) -> String {
    let (word, style) = match light {
        Light::Ok => ("ok", AnsiColor::Green.on_default()),
        Light::Unknown => ("unknown", Style::new().effects(Effects::DIMMED)),
        Light::Failed => ("fails", AnsiColor::Red.on_default() | Effects::BOLD),
    };
    let rest = " ".repeat(INDENT.saturating_sub(word.len()));
    if color {
        format!("{style}{word}{style:#}{rest}")
    } else {
        format!("{word}{rest}")
    }
}

/// What it came to. What could not be told is always said.
fn last(checkup: &Checkup) -> String {
    let counts = checkup.counts();
    let count = |light: Light| counts.get(&light).copied().unwrap_or(0);
    let (ok, unknown, failed) = (
        count(Light::Ok),
        count(Light::Unknown),
        count(Light::Failed),
    );
    let told = match failed {
        0 => format!("nothing fails, {} ok", plural(ok, "step")),
        1 => format!("1 step fails, {ok} ok"),
        _ => format!("{failed} steps fail, {ok} ok"),
    };
    match unknown {
        0 => told,
        _ => format!("{told}, {unknown} could not be told: see `unknown` above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkup(checks: Vec<Check>) -> Checkup {
        Checkup {
            version: "0.1.0",
            account: None,
            checks,
            tellings: Vec::new(),
        }
    }

    #[test]
    fn what_could_not_be_told_is_said_in_the_last_line() {
        let told = checkup_text(&checkup(vec![Check::ok("identity", "it is there")]), false);
        assert_eq!(
            told,
            "ok       identity: it is there\nnothing fails, 1 step ok\n"
        );
        let gray = Check::unknown("topic-publish", "only a message tells")
            .about("alerts")
            .advise("the answer should be `allowed`")
            .by("aws sts get-caller-identity".to_owned());
        let red = Check::failed("topic", "\u{1b}[2Jno such topic");
        let told = checkup_text(&checkup(vec![gray, red]), false);
        assert_eq!(
            told,
            "unknown  topic-publish alerts: only a message tells\n         the answer should be `allowed`:\n           \
             aws sts get-caller-identity\nfails    topic: \\u{1b}[2Jno such topic\n1 step fails, 0 ok, 1 could not \
             be told: see `unknown` above\n"
        );
    }

    #[test]
    fn a_command_is_printed_once() {
        let red = |name| {
            Check::failed(name, format!("{name} is denied"))
                .advise("allow it")
                .by("aws iam put-role-policy".to_owned())
        };
        let told = checkup_text(&checkup(vec![red("one"), red("other")]), false);
        assert_eq!(told.matches("put-role-policy").count(), 1, "{told}");
        assert!(
            told.contains("allow it: by the command of one above"),
            "{told}"
        );
    }
}

//! The message of an answer, for whoever started the operation.

use super::result::{HookResult, HookStatus};
use crate::audit::finding::{Finding, Severity};
use crate::audit::operation::Operation;
use crate::render::words::{by_severity, capitalized};
use crate::render::{plain, plural};

/// How many characters of a message are shown.
const OF_CLOUDFORMATION: usize = 4096;
const OF_CLOUD_CONTROL: usize = 1024;

/// How much of a message is kept for saying that there is more.
const FOR_MORE: usize = 60;

/// How many characters of a message are shown to the caller.
pub(super) fn limit(cloud_control: bool) -> usize {
    match cloud_control {
        true => OF_CLOUD_CONTROL,
        false => OF_CLOUDFORMATION,
    }
}

/// What was found out, within the limit.
pub(super) fn message(status: HookStatus, result: HookResult<'_>, limit: usize) -> String {
    let passes = match status {
        HookStatus::Success => ", and lets it pass unjudged, as HookOnError says",
        HookStatus::NonCompliant | HookStatus::InternalFailure => "",
    };
    match result {
        HookResult::Nothing => {
            "gatewatch: it makes no method of an API, so there is nothing to judge".to_owned()
        }
        HookResult::NotJudged(why) => fitted(
            format!("gatewatch could not judge this{passes}: "),
            &[plain(why)],
            limit,
        ),
        HookResult::Judged(operation) => judged(operation, passes, limit),
    }
}

fn judged(operation: &Operation, passes: &str, limit: usize) -> String {
    let Operation {
        brought,
        undecided,
        gaps,
        judged_with_template,
        ..
    } = operation;
    if !brought.is_empty() {
        let head = format!("gatewatch: this would bring {}. ", counted(brought));
        let lines: Vec<String> = brought.iter().map(in_words).collect();
        return fitted(head, &lines, limit);
    }
    if !operation.is_whole() {
        if *judged_with_template {
            return "gatewatch: what is asked of this resource depends on names that only its template tells, and is judged with \
                    that"
            .to_owned();
        }
        let head = format!("gatewatch could not judge all of this{passes}: ");
        let gaps = gaps.iter().map(|it| plain(&it.in_words()) + ".");
        let undecided = undecided.iter().map(|it| {
            let what = in_words(it);
            format!("whether the policy file accepts this is told by names that are not known here. {what}")
        });
        let lines: Vec<String> = undecided.chain(gaps).collect();
        return fitted(head, &lines, limit);
    }
    fitted("gatewatch: ".to_owned(), &[sound(operation)], limit)
}

/// What is said of an operation that brings nothing that refuses it.
fn sound(operation: &Operation) -> String {
    let Operation {
        slight,
        standing,
        exempted,
        coverage,
        ..
    } = operation;
    if coverage.methods == 0 {
        return "it makes no method of an API, so there is nothing to judge".to_owned();
    }
    let methods = plural(coverage.methods, "method");
    let mut says = format!("{methods} judged, and nothing new that refuses this");
    let others = [
        (slight.len(), "too slight to refuse it"),
        (exempted.len(), "exempted"),
    ];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        says += &format!("; {count} {what}");
    }
    if !standing.is_empty() {
        let counted = counted(standing);
        says += &format!("; there already, and still to be mended: {counted}");
    }
    says
}

/// Such as `3 findings (1 critical, 2 high)`.
fn counted(findings: &[Finding]) -> String {
    let of = |severity: Severity| findings.iter().filter(|it| it.severity == severity).count();
    let findings = plural(findings.len(), "finding");
    format!("{findings} ({})", by_severity(of))
}

/// A finding with its place and its remedy.
pub(super) fn in_words(finding: &Finding) -> String {
    let says = plain(&format!(
        "{} {}: {}: {}",
        finding.severity,
        finding.rule,
        finding.place.in_words(),
        finding.message
    ));
    let fix = plain(&finding.remedy.summary);
    format!("{}. Fix: {fix}.", capitalized(&says))
}

/// A text of a beginning and as many lines as fit, with how many there are besides. The first is cut where it does not fit.
pub(super) fn fitted(head: String, lines: &[String], limit: usize) -> String {
    let whole = format!("{head}{}", lines.join(" "));
    if whole.chars().count() <= limit {
        return whole;
    }
    let room = limit.saturating_sub(FOR_MORE);
    let mut text = head;
    let mut length = text.chars().count();
    for (number, line) in lines.iter().enumerate() {
        let separator = if number == 0 { "" } else { " " };
        let more = lines.len() - number;
        let own = line.chars().count() + separator.len();
        let room = if more == 1 { limit } else { room };
        if length + own > room {
            if number == 0 {
                let kept = room.saturating_sub(length + 1);
                text.extend(line.chars().take(kept));
                text.push('…');
                return match more {
                    1 => text,
                    more => format!("{text} And {} more.", more - 1),
                };
            }
            return format!("{text} And {more} more.");
        }
        text += separator;
        text += line;
        length += own;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_within_its_limit_and_says_what_it_leaves_out() {
        let lines: Vec<String> = (0..100).map(|it| format!("line {it:03}.")).collect();
        let text = fitted("head: ".to_owned(), &lines, 200);
        assert!(text.chars().count() <= 200, "{text}");
        assert!(text.starts_with("head: line 000. line 001."), "{text}");
        assert!(text.ends_with("And 87 more."), "{text}");
        let long = ["é".repeat(5000)];
        let text = fitted("head: ".to_owned(), &long, 1024);
        assert_eq!(text.chars().count(), 1024);
        assert!(text.ends_with('…'));
        let two = ["é".repeat(5000), "second".to_owned()];
        let text = fitted("head: ".to_owned(), &two, 1024);
        assert!(
            text.chars().count() <= 1024 && text.ends_with("… And 1 more."),
            "{text}"
        );
        assert_eq!(fitted("a".to_owned(), &[], 10), "a");
        let exact = ["1234".to_owned(), "67890".to_owned()];
        assert_eq!(fitted(String::new(), &exact, 10), "1234 67890");
    }
}

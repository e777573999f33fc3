//! What became of a plan that was carried out, or undone, for people.

use crate::audit::finding::Finding;
use crate::audit::fix::{Action, Journal, UndoneStep};
use crate::audit::probe::{Probed, Verdict};
use crate::inventory::{Gap, quoted};
use crate::render::probe::{asked, left_out};
use crate::render::{plain, plural};

/// What became of a plan that was carried out.
#[derive(Debug, Clone)]
pub struct Went<'a> {
    /// Its journal.
    pub journal: &'a Journal,
    /// Where the journal is.
    pub path: &'a str,
    /// The step that was not taken, from 0, and why.
    pub stopped: Option<(usize, String)>,
    /// The findings that are there still, and what could not be read or decided. `None`: the account was not read again.
    pub after: Option<(&'a [Finding], &'a [Gap])>,
    /// What the URLs of the mended methods answered. `None`: they were not asked.
    pub probed: Option<&'a Probed>,
}

/// What became of a plan that was carried out.
pub fn applied_text(went: &Went<'_>) -> String {
    let journal = went.journal;
    let done = journal.progress.iter().filter(|it| it.left.is_some());
    let steps = plural(journal.begun.steps.len(), "step");
    let mut lines = vec![format!(
        "account {}: {} of {steps} done",
        journal.begun.account,
        done.count()
    )];
    let path = quoted(went.path);
    if let Some((step, why)) = &went.stopped {
        lines.push(format!("step {} was not taken: {why}", step + 1));
        lines.push(format!(
            "the steps behind it wait: `gatewatch fix --resume` with {path} goes on, `--undo` restores"
        ));
    } else {
        lines.push(format!(
            "`gatewatch fix --undo` with {path} restores what was there before"
        ));
    }
    if let Some((still, gaps)) = went.after {
        lines.push(match (still.is_empty(), gaps.is_empty()) {
            (true, true) => "read again: the findings are gone".to_owned(),
            (true, false) => {
                "read again: the findings are not seen, and something was not read or decided"
                    .to_owned()
            }
            (false, _) => "read again: not all findings are gone".to_owned(),
        });
        let still = still.iter();
        lines.extend(still.map(|it| format!("  still {}: {}", it.rule, it.place.in_words())));
        let gaps = gaps.iter();
        lines.extend(gaps.map(|it| format!("  not read or decided: {}", it.in_words())));
    }
    if let Some(probed) = went.probed {
        lines.extend(probed_lines(probed));
    }
    text(&lines)
}

/// What the URLs answered: those that disagree, what is not known, and what was not asked.
fn probed_lines(probed: &Probed) -> Vec<String> {
    let mut lines = vec![format!("asked: {}", asked(probed))];
    for judged in &probed.requests {
        if let Verdict::Disagrees { why, .. } = &judged.verdict {
            lines.push(format!("  disagrees: {}: {why}", judged.planned.in_words()));
        }
    }
    let gaps = probed.gaps.iter();
    lines.extend(gaps.map(|it| format!("  not known: {}", it.in_words())));
    let left_out = left_out(&probed.left_out).into_iter();
    lines.extend(left_out.map(|it| format!("  not asked: {it}")));
    lines
}

/// Why a fix is not gone on with. `stopped`: the steps that do not hold any more, or cannot be taken, from 0, and why.
pub fn not_resumed_text(journal: &Journal, stopped: &[(usize, String)]) -> String {
    let mut lines = vec![format!(
        "account {}: nothing was changed",
        journal.begun.account
    )];
    let named = stopped.iter().filter_map(|(at, why)| {
        let step = journal.begun.steps.get(*at)?;
        Some(format!(
            "step {}, {}: {why}",
            at + 1,
            step.action.in_words()
        ))
    });
    lines.extend(named);
    lines.push(
        "`gatewatch fix --apply` makes a new plan for what is left, and `--undo` restores what is still as gatewatch left it"
            .to_owned(),
    );
    text(&lines)
}

/// What an undo is about to do. `foreseen`: each step from 0, how what it changed will be, or why it is left as it is, and the
/// methods that it opens.
pub fn undoing_text(journal: &Journal, foreseen: &[UndoneStep]) -> String {
    let mut lines = vec![format!(
        "account {}: {} to be undone, the last one first",
        journal.begun.account,
        plural(foreseen.len(), "step")
    )];
    for it in foreseen {
        let Some(step) = journal.begun.steps.get(it.step) else {
            continue;
        };
        lines.push(format!("{}. {}", it.step + 1, step.action.in_words()));
        lines.push(match &it.then {
            Ok(then) => format!("     then: {then}"),
            Err(why) => format!("     left as it is: {why}"),
        });
        if let Action::PutGroupPolicy { policy, .. } = &step.action {
            lines.push(format!("     policy: {policy}"));
        }
        lines.extend(it.opens.iter().map(|it| format!("     opens: {it}")));
    }
    text(&lines)
}

/// What became of a plan that was undone. `left`: the steps that were left as they are, from 0, and why.
pub fn undone_text(journal: &Journal, left: &[(usize, String)]) -> String {
    let undone = journal.progress.iter().filter(|it| it.undone);
    let begun = journal.progress.iter().filter(|it| it.found.is_some());
    let mut lines = vec![format!(
        "account {}: {} of {} undone",
        journal.begun.account,
        undone.count(),
        plural(begun.count(), "step")
    )];
    let left = left.iter();
    lines.extend(left.map(|(step, why)| format!("step {} is left as it is: {why}", step + 1)));
    text(&lines)
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|it| plain(it) + "\n").collect()
}

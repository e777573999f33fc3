//! One fix for all findings that it mends.

use std::collections::HashSet;

use crate::audit::finding::Finding;

/// A step that takes more commands is shown for as many findings.
const MOST: usize = 4;

/// How some findings of an API are mended.
#[derive(Default)]
pub(super) struct Fix<'f> {
    /// At least one.
    pub(super) findings: Vec<&'f Finding>,
}

/// Findings of the same key are mended by one fix: it says the same, and takes the same steps in the same order.
pub(super) fn fix_key(finding: &Finding) -> (&str, Vec<String>) {
    let steps = finding.remedy.commands.iter().map(|command| {
        let words = command.split(' ').take(3);
        words.collect::<Vec<_>>().join(" ")
    });
    (&finding.remedy.summary, steps.collect())
}

/// The commands of a fix.
pub(super) struct Commands<'f> {
    pub(super) lines: Vec<&'f str>,
    /// How many of the findings they mend. Each of them is mended as if its own commands stood alone: nothing is left
    /// out of their middle.
    pub(super) mend: usize,
}

impl<'f> Fix<'f> {
    /// What to do, in one line.
    pub(super) fn summary(&self) -> &'f str {
        self.findings.first().map_or("", |it| &it.remedy.summary)
    }

    /// The stage of all that it mends. `None`: they are in several, or in none.
    pub(super) fn stage(&self) -> Option<&'f str> {
        let mut stages = self.findings.iter().map(|it| it.place.stage.as_deref());
        let first = stages.next()?;
        stages.all(|it| it == first).then_some(first)?
    }

    /// The commands in the order of their steps: the first step of every finding, then the second one. A deployment
    /// comes once, after all that it deploys. Where a step takes many commands, those of a few findings are given.
    pub(super) fn commands(&self) -> Commands<'f> {
        let all = steps(&self.findings);
        if all.iter().all(|step| step.len() <= MOST) {
            return Commands {
                lines: all.concat(),
                mend: self.findings.len(),
            };
        }
        let few: Vec<&Finding> = self.findings.iter().take(MOST).copied().collect();
        Commands {
            lines: steps(&few).concat(),
            mend: few.len(),
        }
    }
}

/// The commands of each step, each once.
fn steps<'f>(findings: &[&'f Finding]) -> Vec<Vec<&'f str>> {
    let count = findings.first();
    let count = count.map_or(0, |it| it.remedy.commands.len());
    let steps = (0..count).map(|at| {
        let mut seen = HashSet::new();
        let commands = findings.iter();
        let commands = commands.filter_map(|it| it.remedy.commands.get(at));
        let commands = commands.map(|it| &**it);
        commands.filter(|it| seen.insert(*it)).collect()
    });
    steps.collect()
}

//! Holders who can call the same methods, put together.

use std::collections::{BTreeMap, HashMap};

use super::AccessReport;
use crate::audit::access::Holder;
use crate::render::plain;

/// So many holders of the same answers have a name together.
const LEAST: usize = 3;

/// So many columns on a screen have the lines that say who is in a set.
const WIDTH: usize = 100;

/// The number of a method, the verdict, and whether it is conditional.
type Answer<'a> = (usize, &'a str, bool);

/// Sets of holders who have the same answer for each method.
#[derive(Default)]
pub(super) struct Sets<'e> {
    members: Vec<Vec<&'e Holder>>,
    /// The place of a holder's set, by the holder's ARN.
    set_of: HashMap<&'e str, usize>,
}

impl<'e> Sets<'e> {
    /// The sets of those whose answers a report has.
    pub(super) fn of(report: &AccessReport<'e>) -> Self {
        let mut answers: HashMap<&str, Vec<Answer<'_>>> = HashMap::new();
        for (number, row) in report.rows.iter().enumerate() {
            for caller in &row.callers {
                let of_it = answers.entry(&caller.holder.arn).or_default();
                of_it.push((
                    number,
                    caller.cell.verdict.as_str(),
                    caller.cell.conditional,
                ));
            }
        }
        // In the order of the holders.
        let mut by_answers: BTreeMap<(bool, &[Answer<'_>]), Vec<&'e Holder>> = BTreeMap::new();
        for holder in report.holders.iter().copied() {
            if let Some(answers) = answers.get(holder.arn.as_str()) {
                // Of callers of other accounts the answers say less.
                let key = (holder.kind.is_outside(), answers.as_slice());
                by_answers.entry(key).or_default().push(holder);
            }
        }
        let mut sets = Sets::default();
        for members in by_answers.into_values().filter(|it| it.len() >= LEAST) {
            let number = sets.members.len();
            let arns = members.iter().map(|it| (it.arn.as_str(), number));
            sets.set_of.extend(arns);
            sets.members.push(members);
        }
        sets
    }

    /// The name of a holder's set, such as `set 1 (24)`. `None`: it is in none.
    pub(super) fn name_of(&self, holder: &Holder) -> Option<String> {
        let number = *self.set_of.get(holder.arn.as_str())?;
        let count = self.members.get(number)?.len();
        Some(format!("set {} ({count})", number + 1))
    }

    /// Who is in each set, all of them.
    pub(super) fn lines(&self, name: impl Fn(&Holder) -> String) -> Vec<String> {
        let mut lines = Vec::new();
        for (number, members) in self.members.iter().enumerate() {
            let mut line = format!("set {}:", number + 1);
            for (at, member) in members.iter().enumerate() {
                let comma = if at + 1 < members.len() { "," } else { "" };
                let word = format!("{}{comma}", plain(&name(member)));
                if line.chars().count() + 1 + word.chars().count() > WIDTH {
                    lines.push(std::mem::replace(&mut line, "  ".to_owned()));
                }
                line.push(' ');
                line.push_str(&word);
            }
            lines.push(line);
        }
        lines
    }
}

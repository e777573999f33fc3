//! The answers on a terminal: within its columns, and in color.

use super::sets::Sets;
use super::words::{name, verdict};
use super::{AccessReport, MethodRow};
use crate::iam::Verdict;
use crate::render::plain;
use crate::render::report::{Paint, columns, wrapped};

/// How the answers are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessView {
    /// The columns that lines are made for. `None`: as many as they need, such as in a file.
    pub width: Option<usize>,
    /// Whether it is colored.
    pub color: bool,
}

impl AccessView {
    /// A text in lines of its width. It begins at the margin, and what follows stands in by two.
    pub(super) fn lines(self, text: &str) -> Vec<String> {
        match self.width {
            Some(width) => wrapped(text, width, 0, 2),
            None => vec![text.to_owned()],
        }
    }

    fn paint(self) -> Paint {
        Paint(self.color)
    }
}

/// The methods in columns, a holder each. `None`: they do not fit.
pub(super) fn in_columns(report: &AccessReport<'_>, view: AccessView) -> Option<Vec<String>> {
    let heads = ["METHOD", "API", "STAGE", "REGION"].map(str::to_owned);
    let holders = report.holders.iter().map(|it| plain(&name(it)));
    let head: Vec<String> = heads.into_iter().chain(holders).collect();
    let rows = report.rows.iter().map(|row| {
        let answers = report.holders.iter().map(|holder| {
            let mut callers = row.callers.iter();
            let caller = callers.find(|it| it.holder.arn == holder.arn);
            caller.map_or("-".to_owned(), verdict)
        });
        place(row).into_iter().chain(answers).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|it| columns(it)).max().unwrap_or_default();
            widest.max(columns(head))
        })
        .collect();
    // A column has a space before it and one behind it.
    let needed: usize = widths.iter().map(|it| it + 2).sum();
    if view.width.is_some_and(|it| needed > it) {
        return None;
    }
    let line = |cells: &[String], color: bool| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| {
            let pad = " ".repeat(width.saturating_sub(columns(cell)));
            let shown = match color {
                true => painted(cell, view.paint()),
                false => cell.clone(),
            };
            format!(" {shown}{pad} ")
        });
        cells.collect::<String>().trim_end().to_owned()
    };
    let mut lines = vec![line(&head, false)];
    lines.extend(rows.iter().map(|it| line(it, view.color)));
    Some(lines)
}

/// A method with the lines of those who can call it below, as many as they need.
pub(super) fn below_each_other(
    report: &AccessReport<'_>,
    sets: &Sets<'_>,
    view: AccessView,
) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &report.rows {
        let [method, api, stage, region] = place(row);
        let heading = format!("{method}, {api}, stage {stage}, {region}");
        for line in view.lines(&heading) {
            lines.push(view.paint().strong(&line));
        }
        let mut groups: Vec<(String, Verdict, Vec<String>)> = Vec::new();
        for caller in &row.callers {
            let who = plain(
                &sets
                    .name_of(caller.holder)
                    .unwrap_or_else(|| name(caller.holder)),
            );
            let word = verdict(caller);
            match groups.iter_mut().find(|it| it.0 == word) {
                Some((.., names)) if names.contains(&who) => {}
                Some((.., names)) => names.push(who),
                None => groups.push((word, caller.cell.verdict, vec![who])),
            }
        }
        if groups.is_empty() {
            lines.push("  -".to_owned());
        }
        groups.sort_by_key(|it| std::cmp::Reverse(it.1));
        for (word, _, names) in groups {
            lines.extend(answer(&word, &names, view));
        }
    }
    lines
}

fn answer(word: &str, names: &[String], view: AccessView) -> Vec<String> {
    let text = format!("{word}: {}", names.join(", "));
    let mut lines = match view.width {
        Some(width) => wrapped(&text, width, 2, 4),
        None => vec![format!("  {text}")],
    };
    // It stands first, before any name.
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first.trim_start().strip_prefix(word)
    {
        *first = format!("  {}{rest}", painted(word, view.paint()));
    }
    lines
}

fn place(row: &MethodRow<'_>) -> [String; 4] {
    let method = row.method;
    [
        plain(&method.name()),
        plain(&format!("{} ({})", method.api.name, method.api.id)),
        plain(&method.stage.name),
        method.api.region.clone(),
    ]
}

/// An answer in its color. A cell that is none keeps its own.
fn painted(cell: &str, paint: Paint) -> String {
    let word = cell.split(['*', ' ']).next().unwrap_or_default();
    match word {
        "ALL" => paint.all(cell),
        "SOME" => paint.some(cell),
        "UNDECIDED" => paint.undecided(cell),
        _ => cell.to_owned(),
    }
}

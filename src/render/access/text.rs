//! Access for a terminal.

use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::sets::Sets;
use super::words::{marks, name, verdict};
use super::{AccessReport, AccessView, HolderAccess, MethodRow, screen};
use crate::audit::access::Decided;
use crate::iam::Verdict;
use crate::inventory::AuthorizationType;
use crate::render::{plain, plural};

/// As many holders have a column each.
const COLUMNS: usize = 6;

/// The columns on a screen that those who can call a method take at most, in as many lines as they need.
const CALLERS: u16 = 90;

/// Said where a kind of caller was asked for and none is there.
const NOBODY: &str = "nobody of the kinds that were asked for was read";

/// The answers as text.
pub fn access_text(report: &AccessReport<'_>, view: AccessView) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(report, view, &mut text);
    text
}

/// What there is to say where nothing of what was asked for is there.
fn nothing(report: &AccessReport<'_>) -> &'static str {
    match (report.methods, report.holders.len()) {
        (0, _) => "no method that IAM decides about was asked for",
        (_, 0) => NOBODY,
        _ => "no answer is one of those that were asked for",
    }
}

fn write(report: &AccessReport<'_>, view: AccessView, out: &mut String) -> std::fmt::Result {
    if report.rows.is_empty() {
        writeln!(out, "{}", nothing(report))?;
    } else {
        methods(report, view, out)?;
    }
    if !report.rows.is_empty() && report.holders.is_empty() {
        writeln!(out, "{NOBODY}")?;
    }
    let mut notes = String::new();
    write_notes(report, &mut notes)?;
    for line in notes.lines().flat_map(|it| view.lines(it)) {
        writeln!(out, "{line}")?;
    }
    for row in &report.rows {
        for caller in &row.callers {
            if let Some(decided) = &caller.decided {
                proof(row, caller, decided, report.why, out)?;
            }
        }
    }
    Ok(())
}

/// The methods with those who can call them.
fn methods(report: &AccessReport<'_>, view: AccessView, out: &mut String) -> std::fmt::Result {
    let columns = (1..=COLUMNS).contains(&report.holders.len());
    let is_on_screen = view != AccessView::default();
    let lines = columns && is_on_screen;
    let lines = lines.then(|| screen::in_columns(report, view)).flatten();
    let sets = if columns || report.rows.len() < 2 {
        Sets::default()
    } else {
        Sets::of(report)
    };
    match lines {
        Some(lines) => writeln!(out, "{}", lines.join("\n"))?,
        None if is_on_screen => {
            let lines = screen::below_each_other(report, &sets, view);
            writeln!(out, "{}", lines.join("\n"))?;
        }
        None => writeln!(out, "{}", table(report, columns, &sets))?,
    }
    for line in sets.lines(name) {
        for line in view.lines(&line) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// What the marks mean, and what the answers do not say.
fn write_notes(report: &AccessReport<'_>, out: &mut String) -> std::fmt::Result {
    let callers = || report.rows.iter().flat_map(|row| &row.callers);
    if callers().any(|it| it.cell.conditional) {
        writeln!(
            out,
            "* depends on what is not known before the request is made, such as the keys of a condition"
        )?;
    }
    if callers().any(|it| !it.holder.guests.is_empty()) {
        writeln!(
            out,
            "(anyone): by its trust policy, people whom nobody knows can become the role: see `gatewatch check`"
        )?;
    }
    if callers().any(|it| marks(it).ends_with("(admitted)")) {
        writeln!(
            out,
            "(admitted): let in by the API's resource policy; the caller's own account must allow the call, too, and its \
             policies are not read"
        )?;
    }
    let undecided = callers().filter(|it| it.cell.verdict == Verdict::Undecided);
    if undecided.clone().next().is_some() {
        writeln!(
            out,
            "UNDECIDED is not NONE: a policy could not be read, or deciding would take too long"
        )?;
    }
    for (authorization, count) in &report.elsewhere {
        let note = if authorization == AuthorizationType::None.as_str() {
            "no IAM decision: unsigned requests pass (see `gatewatch check`)"
        } else {
            "IAM does not decide"
        };
        let authorization = plain(authorization);
        writeln!(
            out,
            "{} with {authorization}: {note}",
            plural(*count, "method")
        )?;
    }
    for it in &report.not_asked {
        let (api, who) = (plain(&it.api.name), plain(&it.in_words()));
        writeln!(
            out,
            "not asked about: the resource policy of {api} also lets in {who}"
        )?;
    }
    for it in &report.kept_out {
        let (api, what) = (plain(&it.api.name), plain(&it.in_words()));
        writeln!(out, "kept out by the resource policy of {api}: {what}")?;
    }
    Ok(())
}

fn table(report: &AccessReport<'_>, columns: bool, sets: &Sets<'_>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let mut header: Vec<String> = ["METHOD", "API", "STAGE", "REGION"]
        .map(str::to_owned)
        .into();
    if columns {
        header.extend(report.holders.iter().map(|it| plain(&name(it))));
    } else {
        header.push("WHO CAN CALL IT".to_owned());
    }
    table.set_header(header);
    for row in &report.rows {
        let method = row.method;
        let mut cells = vec![
            plain(&method.name()),
            plain(&format!("{} ({})", method.api.name, method.api.id)),
            plain(&method.stage.name),
            method.api.region.clone(),
        ];
        if columns {
            for holder in &report.holders {
                let mut callers = row.callers.iter();
                let caller = callers.find(|it| it.holder.arn == holder.arn);
                cells.push(caller.map_or("-".to_owned(), |it| verdict(it)));
            }
        } else {
            cells.push(plain(&who(row, sets)));
        }
        table.add_row(cells);
    }
    if let (false, Some(column)) = (columns, table.column_mut(4)) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(CALLERS)));
    }
    table
}

/// Those who can call a method, where sets of them have a name by that.
fn who(row: &MethodRow<'_>, sets: &Sets<'_>) -> String {
    let verdicts = [
        Verdict::All,
        Verdict::Some,
        Verdict::Undecided,
        Verdict::None,
    ];
    let lists = verdicts.iter().filter_map(|wanted| {
        let callers = row.callers.iter().filter(|it| it.cell.verdict == *wanted);
        let mut names: Vec<String> = Vec::new();
        for it in callers {
            let mark = marks(it);
            let who = sets.name_of(it.holder);
            let who = format!("{}{mark}", who.unwrap_or_else(|| name(it.holder)));
            // All of a set have the same answers: it is named where its first member would be.
            if sets.name_of(it.holder).is_none() || !names.contains(&who) {
                names.push(who);
            }
        }
        (!names.is_empty()).then(|| format!("{}: {}", wanted.as_str(), names.join(", ")))
    });
    let lists: Vec<String> = lists.collect();
    if lists.is_empty() {
        "-".to_owned()
    } else {
        lists.join("; ")
    }
}

fn proof(
    row: &MethodRow<'_>,
    caller: &HolderAccess<'_>,
    decided: &Decided,
    why: bool,
    out: &mut String,
) -> std::fmt::Result {
    let method = row.method;
    writeln!(
        out,
        "\n{} on {} of {}, stage {}: {}",
        plain(&name(caller.holder)),
        plain(&method.name()),
        plain(&method.api.name),
        plain(&method.stage.name),
        verdict(caller)
    )?;
    if let Some(arn) = &decided.access.allowed {
        writeln!(out, "  allowed: {}", plain(arn))?;
    }
    if let Some(arn) = &decided.access.denied {
        writeln!(out, "  refused: {}", plain(arn))?;
    }
    for unread in &decided.unread {
        writeln!(out, "  not read: {}", plain(unread))?;
    }
    if !why {
        return Ok(());
    }
    if decided.reasons.is_empty() {
        writeln!(out, "  no statement speaks of it")?;
    }
    for reason in &decided.reasons {
        writeln!(out, "  {}", plain(&reason.with_effect()))?;
    }
    for policy in &decided.across_colons {
        writeln!(
            out,
            "  {} would reach it only if a `*` ran across a `:`, which is not counted",
            plain(policy)
        )?;
    }
    for near in &caller.near_misses {
        let (grant, words) = (plain(&near.grant_in_words()), plain(&near.in_words()));
        writeln!(out, "  {grant} misses it: {words}")?;
    }
    Ok(())
}

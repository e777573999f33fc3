//! What the terminal can show, and what its reader wants to see.

use std::collections::BTreeSet;
use std::io::stdout;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use gatewatch::audit::finding::{RuleId, Severity};
use gatewatch::render::{AccessView, Detail, Filter, View};
use terminal_size::{Width, terminal_size_of};

/// The columns of what is no terminal.
const OF_A_PIPE: usize = 120;

/// The least and the most columns that lines are made for.
const COLUMNS: (usize, usize) = (60, 200);

/// The heading of these options.
const SHOWN: &str = "What the table shows";

/// How the table is shown. None of it changes what is counted, the exit status, or the report for programs.
#[derive(Debug, Args)]
pub(super) struct ShownArgs {
    /// One line a finding
    #[arg(long, help_heading = SHOWN)]
    pub(super) brief: bool,
    /// Every finding with all of its evidence and commands
    #[arg(long, help_heading = SHOWN, conflicts_with = "brief")]
    pub(super) verbose: bool,
    /// Only the last line: what it came to, and where to begin
    #[arg(short, long, help_heading = SHOWN, conflicts_with_all = ["brief", "verbose"])]
    pub(super) quiet: bool,
    /// Only findings of this severity or worse; the others count all the same
    #[arg(long, help_heading = SHOWN, value_name = "SEVERITY")]
    pub(super) severity: Option<Severity>,
    /// Only findings of this rule; repeat it for several
    #[arg(long, help_heading = SHOWN, value_name = "NAME")]
    pub(super) rule: Vec<RuleId>,
    /// Only findings of this API, by name or id; repeat it for several
    #[arg(long, help_heading = SHOWN, value_name = "ID_OR_NAME")]
    pub(super) show_api: Vec<String>,
    /// When to color it; `auto` colors what a terminal shows, unless NO_COLOR is set
    #[arg(long, help_heading = SHOWN, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(super) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How the report is shown here. `new`: the ids of the findings that the last report did not have.
pub(super) fn view(args: &ShownArgs, new: BTreeSet<String>) -> View {
    View {
        detail: match (args.quiet, args.brief, args.verbose) {
            (true, ..) => Detail::Quiet,
            (_, true, _) => Detail::Brief,
            (.., true) => Detail::Verbose,
            _ => Detail::Grouped,
        },
        filter: Filter {
            severity: args.severity,
            rules: args.rule.clone(),
            apis: args.show_api.clone(),
        },
        width: width(),
        color: color(args.color),
        new,
    }
}

/// How the answers about access are shown here. What is no terminal, and says nothing of its columns, takes as many as there
/// are.
pub(super) fn access_view(color_asked: ColorArg) -> AccessView {
    AccessView {
        width: columns(),
        color: color(color_asked),
    }
}

fn width() -> usize {
    columns().unwrap_or(OF_A_PIPE)
}

/// `COLUMNS`, where it is a number, or else the terminal's, within bounds. `None`: neither.
#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the environment and passes values in"
)]
fn columns() -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok();
    let asked = asked.and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size_of(stdout()).map(|(Width(columns), _)| columns.into());
    let (least, most) = COLUMNS;
    let columns = asked.filter(|columns| *columns > 0).or_else(terminal);
    columns.map(|it: usize| it.clamp(least, most))
}

/// `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM` and whether it is a terminal decide where nothing was asked for.
pub(super) fn color(asked: ColorArg) -> bool {
    match asked {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => AutoStream::choice(&stdout()) != ColorChoice::Never,
    }
}
